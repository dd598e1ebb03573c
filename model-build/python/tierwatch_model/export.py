"""Turns a checkpoint into a bundle: fp32 graph, INT8 graph, manifest and check pictures."""

import argparse
import json
import os
import re
import shutil
import warnings
from pathlib import Path

import onnx
import torch

from .bundle import Bundle, require_valid, sha256_of
from .calibration import Sample, require_enough
from .dataset import Pictures
from .detector import GraphDetector
from .network import DEFAULT_CONFIDENCE, ContractGraph, TinyDetector
from .pictures import CLASSES, fit
from .quantise import quantise_graph, report_of
from .refuse import Refused, run

DETECTIONS = 100
CALIBRATION_PICTURES = 64
# Boxes of a class that overlap more are one thing. At 0.5 one walker is now and then two, a box within a box: docs/simulator.md.
MOST_OVERLAP = 0.4
# Smaller inputs have fewer cells than detections (px).
LEAST_AREA = 96 * 64
SETTINGS = {"pictures": CALIBRATION_PICTURES, "keepFloat": [], "sensitivity": "auto", "reduceRange": True}


def main() -> None:
    parser = argparse.ArgumentParser(prog="tierwatch model export", description=__doc__)
    parser.add_argument("--checkpoint", required=True, type=Path)
    parser.add_argument("--data", required=True, type=Path, help="COCO folder: calibration and check pictures come from it")
    parser.add_argument("--input", default="192x320", help="HEIGHTxWIDTH in px, multiples of 32")
    parser.add_argument("--name", default="tierwatch-demo")
    parser.add_argument("--sure", type=float, default=DEFAULT_CONFIDENCE, help=f"the network's confidence (0-1) that the bundle tells as {DEFAULT_CONFIDENCE}, which fleets ask for by default")
    parser.add_argument("--iou", type=float, default=MOST_OVERLAP, help="boxes of a class that overlap more (intersection over union, 0-1) are one thing")
    parser.add_argument("--version", default="3")
    parser.add_argument("--grade", choices=("demo", "production"), default="demo", help="demo: trained on drawn scenes, not for cameras")
    parser.add_argument("--licence", default="MIT", help="of the weights; those of a teacher or of pictures may bind them")
    parser.add_argument("--source", default="model-build/training/default.yaml", help="how they were made")
    parser.add_argument("--out", required=True, type=Path)
    args = parser.parse_args()
    size = re.fullmatch(r"(\d+)x(\d+)", args.input)
    if not size or int(size[1]) % 32 or int(size[2]) % 32 or int(size[1]) * int(size[2]) < LEAST_AREA:
        raise Refused(f'"--input {args.input}": expected HEIGHTxWIDTH in multiples of 32 px, from 96x64 on, such as 192x320')
    if not 0 < args.sure < 1:
        raise Refused(f'"--sure {args.sure}": expected a confidence between 0 and 1, such as 0.5')
    if not 0 < args.iou <= 1:
        raise Refused(f'"--iou {args.iou}": expected a ratio above 0 and up to 1, such as {MOST_OVERLAP}')
    about = {key: value for key, value in vars(args).items() if key in ("name", "version", "grade", "licence", "source", "sure", "iou")}
    export(args.checkpoint, Pictures(args.data), (int(size[1]), int(size[2])), args.out, {**about, "data": args.data.resolve().name})
    print(f"{args.out}: {args.name}, {', '.join(CLASSES)}; {args.input}")


def export(checkpoint: Path, pictures: Pictures, size: tuple[int, int], out: Path, about: dict) -> None:
    """Writes a bundle beside its place and puts it there whole; an existing bundle is replaced."""
    if out.exists() and not (out / "manifest.json").is_file():
        raise Refused(f'"{out}": expected a new folder or a bundle to replace, found something else; choose another --out')
    network = read_network(checkpoint)
    aside = out.with_name(f".{out.name}.{os.getpid()}.part")
    aside.mkdir(parents=True)
    try:
        write_bundle(aside, network, pictures, size, {**about, "sha256": sha256_of(checkpoint)})
        replace_folder(aside, out)
    finally:
        shutil.rmtree(aside, ignore_errors=True)


def read_network(checkpoint: Path) -> TinyDetector:
    """The averaged weights of a training run."""
    network = TinyDetector(len(CLASSES))
    try:
        network.load_state_dict(torch.load(checkpoint, map_location="cpu", weights_only=True)["average"])
    except Exception as error:
        found = error.strerror if isinstance(error, OSError) else "other bytes"
        raise Refused(f'"{checkpoint}": expected a checkpoint of "tierwatch model train", found {found}; train one, or name its checkpoint.pt') from error
    return network


def replace_folder(made: Path, target: Path) -> None:
    """Puts a folder in another's place; the old one is back if that fails."""
    old = target.with_name(f".{target.name}.{os.getpid()}.old.part")
    had = target.exists()
    if had:
        os.rename(target, old)
    try:
        os.rename(made, target)
    except OSError:
        if had:
            os.rename(old, target)
        raise
    shutil.rmtree(old, ignore_errors=True)


def write_bundle(folder: Path, network: TinyDetector, pictures: Pictures, size: tuple[int, int], about: dict) -> None:
    height, width = size
    fp32, int8 = folder / f"fp32-{height}x{width}.onnx", folder / f"int8-{height}x{width}.onnx"
    write_graph(network, fp32, height, width, about["sure"])
    files = [pictures.file(index) for index in range(min(CALIBRATION_PICTURES, len(pictures)))]
    samples = [Sample(about["data"], file, sha256_of(file)) for file in files]
    require_enough(samples)
    about_int8 = quantise_graph(fp32, int8, [fit(one.open(), height, width) for one in samples], SETTINGS)
    (folder / "reports").mkdir()
    report = report_of(samples, {**SETTINGS, "seed": 0}, [{"heightPx": height, "widthPx": width, **about_int8}])
    (folder / "reports/quantise.json").write_text(json.dumps(report, indent=2) + "\n")
    manifest = {
        "schemaVersion": 1, "name": about["name"], "version": about["version"], "grade": about["grade"], "family": "tierwatch-tiny",
        "classes": list(CLASSES), "licence": about["licence"],
        "source": {"url": about["source"], "sha256": about["sha256"]},
        "letterbox": {"fill": 114, "align": "top-left"}, "nms": {"iouThreshold": about["iou"]}, "maxDetections": DETECTIONS,
        "files": [describe(fp32, "fp32", height, width), describe(int8, "int8", height, width)],
        "benchmarks": [], "choice": [], "accuracy": [], "checks": [],
    }
    manifest["checks"] = write_checks(folder, pictures, GraphDetector(Bundle(folder, manifest), manifest["files"][0]))
    require_valid(manifest, str(folder / "manifest.json"))
    (folder / "manifest.json").write_text(json.dumps(manifest, indent=2) + "\n")


def write_graph(network: TinyDetector, file: Path, height: int, width: int, sure: float) -> None:
    graph = ContractGraph(network.eval(), height, width, DETECTIONS, sure).eval()
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


def write_checks(folder: Path, pictures: Pictures, detector: GraphDetector) -> list:
    """The three pictures in which it is surest of something, with the answers of the fp32 graph above 0.4, boxes 0-1 of the picture."""
    answers = [(detector.detect(pictures.read(index)[0], 0.4), index) for index in range(len(pictures))]
    surest = sorted(answers, key=lambda one: (-max((found["confidence"] for found in one[0]), default=0), one[1]))
    checks = []
    for found, index in surest[:3]:
        file = f"check-{len(checks) + 1}.jpg"
        shutil.copyfile(pictures.file(index), folder / file)
        rounded = [{**one, "confidence": round(one["confidence"], 4), "box": [round(side, 4) for side in one["box"]]} for one in found]
        checks.append({"image": file, "sha256": sha256_of(folder / file), "detections": rounded})
    return checks


def describe(file: Path, variant: str, height: int, width: int) -> dict:
    return {"variant": variant, "heightPx": height, "widthPx": width, "file": file.name, "sha256": sha256_of(file), "bytes": file.stat().st_size}


if __name__ == "__main__":
    run(main)
