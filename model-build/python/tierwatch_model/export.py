"""Turns a checkpoint into a bundle: fp32 graph, INT8 graph, manifest and check pictures."""

import argparse
import hashlib
import json
import os
import shutil
import warnings
from pathlib import Path

import numpy as np
import onnx
import onnxruntime as ort
import torch

from .dataset import CLASSES, Pictures, letterbox
from .network import ContractGraph, TinyDetector
from .quantise import quantise_graph

DETECTIONS = 100


def main() -> None:
    parser = argparse.ArgumentParser(prog="tierwatch model export", description=__doc__)
    parser.add_argument("--checkpoint", required=True)
    parser.add_argument("--data", required=True, help="COCO folder: calibration and check pictures come from it")
    parser.add_argument("--height", type=int, default=192)
    parser.add_argument("--width", type=int, default=320)
    parser.add_argument("--name", default="tierwatch-demo")
    parser.add_argument("--out", required=True)
    args = parser.parse_args()
    export(args)


def export(args) -> None:
    out = Path(args.out)
    aside = out.with_name(f".{out.name}.part")
    shutil.rmtree(aside, ignore_errors=True)
    aside.mkdir(parents=True)
    state = torch.load(args.checkpoint, map_location="cpu", weights_only=True)
    network = TinyDetector(len(CLASSES))
    network.load_state_dict(state["average"])
    height, width = args.height, args.width
    fp32 = aside / f"fp32-{height}x{width}.onnx"
    write_graph(network, fp32, height, width)
    pictures = Pictures(args.data)
    samples = [letterbox(*pictures.read(index), height, width)[0] for index in range(0, min(len(pictures), 128))]
    int8 = aside / f"int8-{height}x{width}.onnx"
    quantise_graph(fp32, int8, samples[:64], keep_float=("class_heads", "box_heads"))
    checks = write_checks(aside, pictures, fp32, height, width)
    manifest = {
        "schemaVersion": 1, "name": args.name, "version": "1", "grade": "demo", "family": "tierwatch-tiny",
        "classes": list(CLASSES), "licence": "MIT",
        "source": {"url": "model-build/training/default.yaml", "sha256": sha256(Path(args.checkpoint))},
        "letterbox": {"fill": 114, "align": "top-left"}, "nms": {"iouThreshold": 0.5}, "maxDetections": DETECTIONS,
        "files": [describe(fp32, "fp32", height, width), describe(int8, "int8", height, width)],
        "benchmarks": [], "choice": [], "accuracy": [], "checks": checks,
    }
    (aside / "manifest.json").write_text(json.dumps(manifest, indent=2) + "\n")
    shutil.rmtree(out, ignore_errors=True)
    os.rename(aside, out)


def write_graph(network: TinyDetector, file: Path, height: int, width: int) -> None:
    graph = ContractGraph(network.eval(), height, width, DETECTIONS).eval()
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        torch.onnx.export(
            graph, torch.zeros(1, height, width, 3, dtype=torch.uint8), str(file), opset_version=17,
            input_names=["images"], output_names=["boxes", "confidences", "classIndexes"],
            dynamic_axes={name: {0: "N"} for name in ("images", "boxes", "confidences", "classIndexes")},
            dynamo=False,
        )
    model = onnx.load(str(file))
    del model.graph.value_info[:]
    model.producer_name, model.producer_version = "tierwatch", "1"
    for node in model.graph.node:
        node.doc_string = ""
    onnx.save(model, str(file))


def write_checks(folder: Path, pictures: Pictures, graph: Path, height: int, width: int) -> list:
    """Three pictures with the answers of the fp32 graph above 0.4, boxes 0-1 of the picture."""
    session = ort.InferenceSession(str(graph), providers=["CPUExecutionProvider"])
    checks = []
    for index in range(len(pictures)):
        picture, _ = pictures.read(index)
        name = pictures.images[index]["file_name"]
        source = pictures.folder / "images" / name
        found = answers(session, picture, height, width)
        if not found:
            continue
        file = f"check-{len(checks) + 1}.jpg"
        shutil.copyfile(source, folder / file)
        checks.append({"image": file, "sha256": sha256(folder / file), "detections": found})
        if len(checks) == 3:
            break
    return checks


def answers(session, picture, height: int, width: int, least: float = 0.4) -> list:
    pixels, _ = letterbox(picture, np.zeros((0, 5), np.float32), height, width)
    boxes, confidences, classes = session.run(None, {"images": pixels[None]})
    ratio = min(width / picture.width, height / picture.height)
    size = np.array([round(picture.width * ratio), round(picture.height * ratio)] * 2)
    kept = []
    for box, confidence, index in zip(boxes[0], confidences[0], classes[0]):
        if confidence < least or any(one["className"] == CLASSES[index] and overlap(one["box"], box / size) > 0.5 for one in kept):
            continue
        scaled = [round(float(side), 4) for side in (box / size).clip(0, 1)]
        kept.append({"className": CLASSES[index], "confidence": round(float(confidence), 4), "box": scaled})
    return kept


def overlap(a, b) -> float:
    w, h = min(a[2], b[2]) - max(a[0], b[0]), min(a[3], b[3]) - max(a[1], b[1])
    if w <= 0 or h <= 0:
        return 0.0
    return w * h / ((a[2] - a[0]) * (a[3] - a[1]) + (b[2] - b[0]) * (b[3] - b[1]) - w * h)


def describe(file: Path, variant: str, height: int, width: int) -> dict:
    return {"variant": variant, "heightPx": height, "widthPx": width, "file": file.name, "sha256": sha256(file), "bytes": file.stat().st_size}


def sha256(file: Path) -> str:
    return hashlib.sha256(file.read_bytes()).hexdigest()


if __name__ == "__main__":
    main()
