"""Labelled pictures in COCO's format: read, checked against the pictures, and brought to the classes judged."""

import json
from dataclasses import dataclass, field
from math import isfinite
from pathlib import Path

from PIL import Image

from .pictures import VEHICLES, list_pictures
from .refuse import Refused

# Names that stand for several; what looks alike but is neither is not held against a model.
GROUPS = {"vehicle": VEHICLES}
NOT_COUNTED = {"vehicle": {"bicycle", "train", "boat", "airplane"}}
# Labels are drawn by hand: a box may leave the picture by so much (px).
EDGE_PX = 3


@dataclass
class Labelled:
    """One picture and its labels: `(class name, xywh px, is not counted)`."""

    id: int
    file: Path
    width: int
    height: int
    labels: list[tuple[str, list[float], bool]] = field(default_factory=list)


@dataclass(frozen=True)
class JudgedClass:
    """A class of the report: the names that mean it, and those that are ignored regions of it."""

    name: str
    members: frozenset[str]
    ignored: frozenset[str]


def read_labels(data: Path, images: Path | None = None) -> list[Labelled]:
    """Reads COCO's JSON, or a folder with annotations.json; refuses labels that don't match their pictures."""
    file = data / "annotations.json" if data.is_dir() else data
    folder = images or next((one for one in (file.parent / "images", file.parent) if one.is_dir() and list_pictures(one)), None)
    try:
        content = json.loads(file.read_text())
        names = {one["id"]: one["name"] for one in content["categories"]}
        rows, annotations = content["images"], content["annotations"]
    except OSError as error:
        raise Refused(f'"{file}": expected labels in COCO\'s format, found none that can be read; name COCO\'s JSON, or a folder with annotations.json') from error
    except (ValueError, KeyError, TypeError) as error:
        raise Refused(f'"{file}": expected labels in COCO\'s format (images, annotations, categories), found {type(error).__name__}: {error}') from error
    if folder is None:
        raise Refused(f'"{file}": expected its pictures beside it or in images/, found none; name them with --images')
    pictures = {}
    for row in rows:
        one = Labelled(row["id"], folder / row["file_name"], row["width"], row["height"])
        if one.id in pictures:
            raise Refused(f'"{file}": expected one entry a picture, found two of id {one.id}')
        pictures[one.id] = one
    require_pictures(file, folder, list(pictures.values()))
    for one in annotations:
        add_label(file, pictures, names, one)
    return [pictures[key] for key in sorted(pictures)]


def require_pictures(file: Path, folder: Path, pictures: list[Labelled]) -> None:
    if not pictures:
        raise Refused(f'"{file}": expected labelled pictures, found none')
    missing = [one.file.name for one in pictures if not one.file.is_file()]
    if missing:
        raise Refused(f'"{file}": expected the pictures that it names in "{folder}", found {len(missing)} of {len(pictures)} missing, such as "{missing[0]}"; the labels belong to other pictures, or --images is needed')
    for one in pictures:
        with Image.open(one.file) as picture:
            size = picture.size
        if size != (one.width, one.height):
            raise Refused(f'"{one.file}": expected {one.width}x{one.height} as "{file.name}" says, found {size[0]}x{size[1]}; the labels belong to other pictures')


def add_label(file: Path, pictures: dict[int, Labelled], names: dict[int, str], one: dict) -> None:
    about = f'"{file}": annotation {one.get("id")}'
    picture, name = pictures.get(one.get("image_id")), names.get(one.get("category_id"))
    if picture is None or name is None:
        found = f"image_id {one.get('image_id')}" if picture is None else f"category_id {one.get('category_id')}"
        raise Refused(f"{about}: expected a picture and a category of the file, found {found}")
    box = one.get("bbox")
    if not (isinstance(box, list) and len(box) == 4 and all(isinstance(side, (int, float)) and isfinite(side) for side in box)):
        raise Refused(f"{about}: expected bbox [x, y, width, height] in px, found {box}")
    x, y, width, height = box
    if x < -EDGE_PX or y < -EDGE_PX or x + width > picture.width + EDGE_PX or y + height > picture.height + EDGE_PX:
        raise Refused(f"{about}: expected a box inside {picture.width}x{picture.height}, found {box}; the labels belong to other pictures")
    if width > 0 and height > 0:
        picture.labels.append((name, [float(side) for side in box], bool(one.get("iscrowd"))))


def judged_classes(text: str | None, bundles: list[tuple[str, list[str]]], labelled: set[str]) -> list[JudgedClass]:
    """The classes of `--classes`: NAME, a group such as vehicle, or NAME=a+b; all that everybody shares if left out."""
    if text is None:
        shared = [name for name in bundles[0][1] if name in labelled and all(name in classes for _, classes in bundles)]
        if not shared:
            raise Refused(f'expected classes that the bundles and the labels share, found none; name them, such as --classes person,vehicle (labels: {", ".join(sorted(labelled))})')
        return [JudgedClass(name, frozenset({name}), frozenset()) for name in shared]
    judged = []
    for part in text.split(","):
        name, _, members = part.strip().partition("=")
        chosen = frozenset(members.split("+")) if members else frozenset(GROUPS.get(name, {name}))
        judged.append(JudgedClass(name, chosen, frozenset() if members else frozenset(NOT_COUNTED.get(name, ()))))
    for one in judged:
        if not one.members & labelled:
            raise Refused(f'"--classes {one.name}": expected labels of {", ".join(sorted(one.members))}, found {", ".join(sorted(labelled)) or "none"}')
        for bundle, classes in bundles:
            if not one.members & set(classes):
                raise Refused(f'"{bundle}": expected a class for {one.name} ({", ".join(sorted(one.members))}), found {", ".join(classes)}; leave it out of --classes')
    return judged


def names_to_judged(judged: list[JudgedClass]) -> dict[str, str]:
    """From a bundle's class names to the report's."""
    return {member: one.name for one in judged for member in one.members}
