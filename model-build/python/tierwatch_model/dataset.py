"""Labelled pictures as training batches, with the augmentation that carries a drawn world to a real one."""

import random
from pathlib import Path

import numpy as np
import torch
from PIL import Image, ImageFilter

from .coco import Labelled, read_labels
from .pictures import VEHICLES, open_picture
from .refuse import Refused

# Of a box that is neither person nor vehicle, or not counted: an ignored region.
IGNORED = -1


class Pictures:
    """A folder of `images/` and `annotations.json`, whose labels match its pictures."""

    def __init__(self, folder: Path):
        if not (folder / "annotations.json").is_file():
            raise Refused(f'"{folder / "annotations.json"}": expected labels in COCO\'s format, found none; draw some with "tierwatch model simulate frames"')
        self.labelled = read_labels(folder)
        self.cache: dict[int, bytes] = {}

    def __len__(self):
        return len(self.labelled)

    def file(self, index: int) -> Path:
        return self.labelled[index].file

    def read(self, index: int) -> tuple[Image.Image, np.ndarray]:
        """The picture and its boxes [n,5]: xyxy px and class, 0 person, 1 vehicle."""
        if index not in self.cache:
            self.cache[index] = self.file(index).read_bytes()
        return open_picture(self.cache[index]), boxes_of(self.labelled[index])


def boxes_of(labelled: Labelled) -> np.ndarray:
    rows = []
    for name, (x, y, width, height), is_ignored in labelled.labels:
        label = 0 if name == "person" else 1 if name in VEHICLES else IGNORED
        if width > 1 and height > 1:
            rows.append([x, y, x + width, y + height, IGNORED if is_ignored else label])
    return np.array(rows, np.float32).reshape(-1, 5)


def augment(picture: Image.Image, boxes: np.ndarray, height: int, width: int, rng: random.Random):
    """Zoom, shift, flip, colour, grey, blur, noise, contrast and pasted textures."""
    zoom = rng.choice([1.0, rng.uniform(0.55, 2.2)])
    crop_w, crop_h = picture.width / zoom, picture.height / zoom
    left = rng.uniform(min(0, picture.width - crop_w), max(0, picture.width - crop_w))
    top = rng.uniform(min(0, picture.height - crop_h), max(0, picture.height - crop_h))
    area = (left, top, left + crop_w, top + crop_h)
    pixels = np.asarray(picture.transform((width, height), Image.EXTENT, area, Image.BILINEAR)).astype(np.float32)
    boxes = boxes.copy()
    whole = (boxes[:, 2] - boxes[:, 0]) * (boxes[:, 3] - boxes[:, 1])
    boxes[:, [0, 2]] = ((boxes[:, [0, 2]] - left) * width / crop_w).clip(0, width)
    boxes[:, [1, 3]] = ((boxes[:, [1, 3]] - top) * height / crop_h).clip(0, height)
    w, h = boxes[:, 2] - boxes[:, 0], boxes[:, 3] - boxes[:, 1]
    seen = w * h / np.maximum(1e-6, whole * (width / crop_w) * (height / crop_h))
    boxes[(seen < 0.35) | (w < 4) | (h < 5), 4] = IGNORED
    boxes = boxes[(w > 1) & (h > 1)]
    if rng.random() < 0.5:
        pixels = pixels[:, ::-1]
        boxes[:, [0, 2]] = width - boxes[:, [2, 0]]
    pixels = paste_texture(pixels, boxes, rng)
    pixels = pixels * rng.uniform(0.6, 1.5) + rng.uniform(-30, 30)
    pixels = (pixels - pixels.mean()) * rng.uniform(0.6, 1.4) + pixels.mean()
    pixels = pixels * np.array([rng.uniform(0.8, 1.2) for _ in range(3)], np.float32)
    if rng.random() < 0.25:
        pixels = pixels.mean(2, keepdims=True).repeat(3, 2)
    if rng.random() < 0.4:
        pixels = pixels + np.random.default_rng(rng.randrange(2**31)).normal(0, rng.uniform(1, 12), pixels.shape)
    pixels = pixels.clip(0, 255).astype(np.uint8)
    if rng.random() < 0.3:
        blurred = Image.fromarray(pixels).filter(ImageFilter.GaussianBlur(rng.uniform(0.4, 1.4)))
        pixels = np.asarray(blurred)
    return pixels, boxes


def paste_texture(pixels: np.ndarray, boxes: np.ndarray, rng: random.Random) -> np.ndarray:
    """Blocks of stripes, checks and noise that are nothing: what a drawn world lacks and a real one is full of."""
    pixels = pixels.copy()
    height, width = pixels.shape[:2]
    generator = np.random.default_rng(rng.randrange(2**31))
    for _ in range(rng.choice([0, 0, 1, 3, 6])):
        w, h = rng.randint(8, width // 3), rng.randint(8, height // 2)
        x, y = rng.randint(0, width - w), rng.randint(0, height - h)
        covers = any(
            min(x + w, b[2]) - max(x, b[0]) > 0.3 * (b[2] - b[0]) and min(y + h, b[3]) - max(y, b[1]) > 0.3 * (b[3] - b[1])
            for b in boxes
        )
        if covers:
            continue
        grid_y, grid_x = np.mgrid[0:h, 0:w]
        period = rng.randint(3, 24)
        kind = rng.randrange(4)
        if kind == 0:
            wave = ((grid_x + grid_y * rng.uniform(-1, 1)) // period) % 2
        elif kind == 1:
            wave = ((grid_x // period) + (grid_y // period)) % 2
        elif kind == 2:
            small = generator.random((max(1, h // period) + 1, max(1, w // period) + 1))
            wave = np.asarray(Image.fromarray((small * 255).astype(np.uint8)).resize((w, h), Image.BILINEAR)) / 255
        else:
            wave = np.clip(((grid_x - w / 2) / (w / 2)) ** 2 + ((grid_y - h / 2) / (h / 2)) ** 2, 0, 1)
        a, b = generator.uniform(0, 255, 3), generator.uniform(0, 255, 3)
        pixels[y : y + h, x : x + w] = wave[..., None] * a + (1 - wave[..., None]) * b
    return pixels


def batch_of(items, height: int, width: int):
    images = torch.from_numpy(np.stack([pixels for pixels, _ in items])).permute(0, 3, 1, 2).float()
    return images, [torch.from_numpy(boxes) for _, boxes in items]
