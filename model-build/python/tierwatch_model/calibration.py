"""Pictures that INT8 is calibrated with: chosen by a seed, refused where they are too few or all alike."""

import hashlib
import random
from dataclasses import dataclass
from pathlib import Path

import numpy as np

from .pictures import list_pictures, open_picture
from .refuse import Refused

LEAST = 8
# Mean absolute difference (0-255) of the median picture to the mean of all, on 16x16 thumbnails.
LEAST_DIFFERENCE = 0.5


@dataclass(frozen=True)
class Sample:
    """One calibration picture: the source as the user named it, the file and its sha256."""

    source: str
    file: Path
    sha256: str

    def open(self):
        return open_picture(self.file)


def gather(folders: list[Path], names: list[str], pictures: int, seed: int) -> list[Sample]:
    """At most `pictures` of each folder, drawn by the seed; frames of a video all of them."""
    samples: list[Sample] = []
    for folder, name in zip(folders, names):
        if not folder.is_dir():
            raise Refused(f'"{folder}": expected a folder of pictures, found none; check the path')
        within = folder / "images" if (folder / "images").is_dir() else folder
        files = list_pictures(within)
        if not files:
            raise Refused(f'"{folder}": expected calibration pictures (.jpg, .png), found none; name a folder that has some, or a video')
        is_video = (folder / "frames.json").is_file()
        chosen = files if is_video or len(files) <= pictures else sorted(random.Random(seed).sample(files, pictures))
        samples += [Sample(name, file, hashlib.sha256(file.read_bytes()).hexdigest()) for file in chosen]
    require_enough(samples)
    return samples


def require_enough(samples: list[Sample]) -> None:
    if len(samples) < LEAST:
        raise Refused(f"calibration: expected at least {LEAST} pictures, found {len(samples)}; name a folder or a video with more")
    require_varied(np.stack([np.asarray(sample.open().resize((16, 16))) for sample in samples]))


def require_varied(pictures: np.ndarray) -> None:
    """Refuses pictures [n,h,w,3] that are all alike: their ranges say nothing about other hours."""
    differences = np.abs(pictures - pictures.mean(0, dtype=np.float32)).mean((1, 2, 3))
    if np.median(differences) < LEAST_DIFFERENCE:
        raise Refused("calibration: expected pictures that differ, found them all alike; take frames from several hours and cameras")
