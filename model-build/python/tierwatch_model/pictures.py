"""Pictures as the runtime sees them: fitted top left, the rest filled."""

from io import BytesIO
from pathlib import Path

import numpy as np
from PIL import Image, UnidentifiedImageError

from .refuse import Refused

CLASSES = ("person", "vehicle")
VEHICLES = {"car", "motorcycle", "bus", "truck", "vehicle"}
SUFFIXES = (".jpg", ".jpeg", ".png")


def open_picture(source) -> Image.Image:
    """An RGB picture from a path or bytes; refuses what is none."""
    try:
        return Image.open(BytesIO(source) if isinstance(source, bytes) else source).convert("RGB")
    except (UnidentifiedImageError, OSError) as error:
        raise Refused(f'"{source if isinstance(source, Path) else "picture"}": expected a picture (.jpg, .png), found {error}; remove or replace it') from error


def list_pictures(folder: Path) -> list[Path]:
    """Every picture of a folder, by name."""
    return sorted(file for file in folder.iterdir() if file.suffix.lower() in SUFFIXES)


def fitted_size(picture: Image.Image, height: int, width: int) -> tuple[int, int]:
    """Width and height (px) of the picture inside the input."""
    ratio = min(width / picture.width, height / picture.height)
    return (max(1, min(width, round(picture.width * ratio))), max(1, min(height, round(picture.height * ratio))))


def fit(picture: Image.Image, height: int, width: int, fill: int = 114) -> np.ndarray:
    """uint8 [height, width, 3]: the picture top left, the rest filled."""
    size = fitted_size(picture, height, width)
    canvas = np.full((height, width, 3), fill, np.uint8)
    canvas[: size[1], : size[0]] = np.asarray(picture.resize(size, Image.BILINEAR))
    return canvas
