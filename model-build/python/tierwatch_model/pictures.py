"""Pictures as the runtime sees them: fitted top left, the rest filled."""

import json
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


class Pictures:
    """Reads a folder of `images/` and `annotations.json`; boxes are xyxy px, ignored ones of class -1."""

    def __init__(self, folder: str):
        self.folder = Path(folder)
        labels = self.folder / "annotations.json"
        if not labels.is_file():
            raise Refused(f'"{labels}": expected labels in COCO\'s format, found none; draw some with "tierwatch model simulate frames"')
        data = json.loads(labels.read_text())
        names = {category["id"]: category["name"] for category in data["categories"]}
        self.images = sorted(data["images"], key=lambda image: image["id"])
        self.boxes = {image["id"]: [] for image in self.images}
        for one in data["annotations"]:
            name = names[one["category_id"]]
            label = 0 if name == "person" else 1 if name in VEHICLES else -1
            if one.get("iscrowd"):
                label = -1
            x, y, w, h = one["bbox"]
            if w > 1 and h > 1:
                self.boxes[one["image_id"]].append([x, y, x + w, y + h, label])
        self.cache = {}

    def __len__(self):
        return len(self.images)

    def read(self, index: int):
        """The picture and its boxes [n,5]: xyxy px and class."""
        image = self.images[index]
        if index not in self.cache:
            self.cache[index] = (self.folder / "images" / image["file_name"]).read_bytes()
        return open_picture(self.cache[index]), np.array(self.boxes[image["id"]], np.float32).reshape(-1, 5)
