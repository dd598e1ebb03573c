"""A teacher bundle's answers over footage as COCO labels, consistent over time."""

import argparse
import json
import os
import shutil
import sys
from pathlib import Path

from .bundle import read_bundle, write_text
from .detector import GraphDetector
from .pictures import open_picture
from .refuse import Refused, run
from .tracks import LEAST_PICTURES, labels_of

# COCO's own numbers, so that others' tools know the classes; further ones follow.
COCO_IDS = {"person": 1, "bicycle": 2, "car": 3, "motorcycle": 4, "airplane": 5, "bus": 6, "train": 7, "truck": 8, "boat": 9}
# Weaker answers than this share of --confidence are nothing at all.
LEAST_SHARE = 0.25


def main() -> None:
    parser = argparse.ArgumentParser(prog="tierwatch model label", description=__doc__)
    parser.add_argument("--frames", type=Path, action="append", required=True, help="folder of a video's frames with frames.json")
    parser.add_argument("--teacher", type=Path, required=True)
    parser.add_argument("--out", type=Path, required=True)
    parser.add_argument("--confidence", type=float, default=0.4)
    args = parser.parse_args()
    if not 0 < args.confidence < 1:
        raise Refused(f'"--confidence {args.confidence}": expected a ratio between 0 and 1')
    images = args.out.parent / "images"
    if images.exists() and not args.out.exists():
        raise Refused(f'"{images}": expected no pictures where new labels go, found a folder; choose another --out')
    coco, files = label(read_bundle(args.teacher), args.frames, args.confidence)
    write_labels(args.out, coco, files)
    sure = sum(not one["iscrowd"] for one in coco["annotations"])
    print(f"{args.out}: {len(coco['images'])} pictures, {sure} labels, {len(coco['annotations']) - sure} regions to ignore")
    if sure == 0:
        print(f"nothing was labelled: {why_nothing(coco['annotations'], args.confidence)}")


def why_nothing(regions: list[dict], confidence: float) -> str:
    """Why answers that are all mere regions to ignore made no label, and what to do."""
    scores = [one["score"] for one in regions]
    strong = sum(score >= confidence for score in scores)
    if not scores:
        return f"{confidence * LEAST_SHARE:g}, a quarter of --confidence, was reached by no answer; name footage with something in it, or another teacher"
    if strong == 0:
        return f"the surest answer has a confidence of {max(scores):.2f}; lower --confidence {confidence:g}, or name another teacher"
    return f"{strong} answers reach --confidence {confidence:g}, but nothing holds it for {LEAST_PICTURES} pictures; take pictures more often (--every), or lower it"


def label(teacher, folders: list[Path], confidence: float) -> tuple[dict, list[Path]]:
    """COCO's labels of all videos, and the pictures' files."""
    plain = teacher.graphs("fp32") or teacher.graphs()
    detectors = [GraphDetector(teacher, file) for file in plain]
    ids = {}
    for name in teacher.manifest["classes"]:
        ids[name] = COCO_IDS.get(name) or 100 + len(ids)
    images, annotations, files, tracks = [], [], [], 0
    for folder in folders:
        frames = sorted(json.loads((folder / "frames.json").read_text()), key=lambda one: one["atSeconds"])
        found = detect_frames(folder, frames, detectors, confidence * LEAST_SHARE)
        labels = labels_of(found, confidence)
        for frame, rows in zip(frames, labels):
            key = len(images) + 1
            images.append({"id": key, "file_name": frame["file"], "width": frame["widthPx"], "height": frame["heightPx"], "video": frame["video"], "at_seconds": frame["atSeconds"]})
            files.append(folder / frame["file"])
            annotations += [annotation(len(annotations) + 1 + place, key, one, frame, ids, tracks) for place, one in enumerate(rows)]
        tracks += max((one["track"] for rows in labels for one in rows), default=0)
    categories = [{"id": key, "name": name} for name, key in ids.items()]
    info = {"description": f"Answers of {teacher.name}, linked over time; no person looked at them", "teacher": teacher.name, "confidence": confidence}
    return {"info": info, "images": images, "annotations": annotations, "categories": categories}, files


def detect_frames(folder: Path, frames: list[dict], detectors: list[GraphDetector], least: float) -> list[list[dict]]:
    """Of each picture the answers at the shape that shows it largest."""
    found = []
    for index, frame in enumerate(frames):
        picture = open_picture(folder / frame["file"])
        best = max(detectors, key=lambda one: filled(one, picture))
        found.append(best.detect(picture, least))
        if sys.stderr.isatty():
            print(f"\r\x1b[K{frame['video']}: {index + 1} of {len(frames)} pictures", end="", file=sys.stderr, flush=True)
    if sys.stderr.isatty():
        print("\r\x1b[K", end="", file=sys.stderr)
    return found


def filled(detector: GraphDetector, picture) -> float:
    """Share of the input that the picture fills."""
    ratio = min(detector.width / picture.width, detector.height / picture.height)
    return ratio * picture.width * ratio * picture.height / (detector.width * detector.height)


def annotation(key: int, image: int, one: dict, frame: dict, ids: dict[str, int], tracks: int) -> dict:
    x1, y1, x2, y2 = (side * size for side, size in zip(one["box"], [frame["widthPx"], frame["heightPx"]] * 2))
    box = [round(side, 1) for side in (x1, y1, x2 - x1, y2 - y1)]
    return {
        "id": key, "image_id": image, "category_id": ids[one["className"]], "bbox": box, "area": round(box[2] * box[3], 1),
        "iscrowd": 0 if one["isSure"] else 1, "score": round(one["confidence"], 4), "track_id": tracks + one["track"],
    }


def write_labels(out: Path, coco: dict, files: list[Path]) -> None:
    """The pictures into images/ beside the labels, whole; the labels last."""
    if len({file.name for file in files}) < len(files):
        raise Refused("expected videos of different names, found two of one; rename one of them")
    images = out.parent / "images"
    aside = out.parent / f".images.{os.getpid()}.part"
    aside.mkdir(parents=True)
    try:
        for file in files:
            shutil.copyfile(file, aside / file.name)
        shutil.rmtree(images, ignore_errors=True)
        os.rename(aside, images)
    finally:
        shutil.rmtree(aside, ignore_errors=True)
    write_text(out, json.dumps(coco) + "\n")


if __name__ == "__main__":
    run(main)
