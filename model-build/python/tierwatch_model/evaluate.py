"""Accuracy and speed of bundles side by side, on labelled pictures: one HTML report and the same as JSON."""

import argparse
import json
import statistics
import sys
from pathlib import Path

import numpy as np
import onnxruntime

from .bundle import Bundle, cpu_features, read_bundle, sha256_of, write_manifest, write_text
from .coco import JudgedClass, Labelled, judged_classes, names_to_judged, read_labels
from .detector import GraphDetector
from .pictures import open_picture
from .refuse import Refused, run
from .report import render_report
from .score import SIZES, Judgement, bootstrap, interval, resamplings

# Below this nothing is kept: the tail of a precision-recall curve.
LEAST_CONFIDENCE = 0.01


def main() -> None:
    parser = argparse.ArgumentParser(prog="tierwatch model evaluate", description=__doc__)
    parser.add_argument("bundles", nargs="+", type=Path)
    parser.add_argument("--data", type=Path, required=True)
    parser.add_argument("--images", type=Path)
    parser.add_argument("--classes")
    parser.add_argument("--confidence", type=float, default=0.4)
    parser.add_argument("--data-set")
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--bootstrap", type=int, default=1000)
    parser.add_argument("--calibrated", action="store_true", help="also pictures that INT8 was calibrated with")
    parser.add_argument("--record", action="store_true", help="write AP50 into the manifests")
    parser.add_argument("--out", type=Path, default=Path("report.html"))
    args = parser.parse_args()
    if not 0 < args.confidence < 1:
        raise Refused(f'"--confidence {args.confidence}": expected a ratio between 0 and 1')
    if args.out.suffix != ".html":
        raise Refused(f'"--out {args.out}": expected a .html file; the JSON lies beside it')
    bundles = [read_bundle(folder) for folder in args.bundles]
    report, pictures, judgements = evaluate(bundles, args)
    args.out.parent.mkdir(parents=True, exist_ok=True)
    write_text(args.out.with_suffix(".json"), json.dumps(report, indent=2) + "\n")
    write_text(args.out, render_report(report, pictures, judgements))
    for bundle in bundles:
        keep_report(bundle, report)
        if args.record:
            record(bundle, report)
    print_table(report)
    print(f"{args.out}: {report['pictures']} pictures, {report['leftOut']} left out because INT8 was calibrated with them")


def evaluate(bundles: list[Bundle], args) -> tuple[dict, list[Labelled], list[Judgement]]:
    """Runs every graph of every bundle on every picture, in turn on each, and scores them."""
    labelled = read_labels(args.data, args.images)
    names = {name for one in labelled for name, _, _ in one.labels}
    judged = judged_classes(args.classes, [(str(one.folder), one.manifest["classes"]) for one in bundles], names)
    pictures = labelled if args.calibrated else held_out(labelled, bundles)
    owners = [(bundle, GraphDetector(bundle, file), file) for bundle in bundles for file in bundle.graphs()]
    detections = detect_all(pictures, [detector for _, detector, _ in owners], names_to_judged(judged))
    weights = resamplings(len(pictures), args.bootstrap, args.seed)
    judgements = [Judgement(pictures, judged, found) for found in detections]
    samples = [bootstrap([one.matches(index) for index in range(len(judged))], weights) for one in judgements]
    results = [
        {
            "bundle": bundle.name, "folder": bundle.folder.name, "variant": file["variant"], "heightPx": file["heightPx"],
            "widthPx": file["widthPx"], "bytes": file["bytes"], "msPerFrame": ms_of(detector),
            **scores_of(judgement, sample, pictures, args.confidence),
        }
        for (bundle, detector, file), judgement, sample in zip(owners, judgements, samples)
    ]
    for place, (bundle, _, file) in enumerate(owners):
        plain = next((index for index, (owner, _, one) in enumerate(owners) if owner is bundle and one["variant"] == "fp32" and (one["heightPx"], one["widthPx"]) == (file["heightPx"], file["widthPx"])), None)
        if plain is not None and plain != place:
            results[place]["loss"] = differences(results[plain], results[place], samples[plain] - samples[place])
        if place > 0:
            results[place]["gainToFirst"] = differences(results[place], results[0], samples[place] - samples[0])
    return {
        "dataSet": args.data_set or (args.data if args.data.is_dir() else args.data.parent).resolve().name,
        "pictures": len(pictures), "leftOut": len(labelled) - len(pictures), "confidence": args.confidence,
        "classes": [{"className": one.name, "members": sorted(one.members), "notCounted": sorted(one.ignored)} for one in judged],
        "seed": args.seed, "bootstrap": args.bootstrap, "cpuFeatures": cpu_features(),
        "runtime": f"onnxruntime {onnxruntime.__version__}, thread CPU ms, one thread, batch 1", "results": results,
    }, pictures, judgements


def held_out(labelled: list[Labelled], bundles: list[Bundle]) -> list[Labelled]:
    """The pictures that no bundle was calibrated with, by their bytes."""
    used = set()
    for bundle in bundles:
        file = bundle.folder / "reports" / "quantise.json"
        if file.is_file():
            used |= {one["sha256"] for one in json.loads(file.read_text())["calibration"]}
    kept = [one for one in labelled if not used or sha256_of(one.file) not in used]
    if kept:
        return kept
    raise Refused(f"expected pictures that INT8 was not calibrated with, found none among {len(labelled)}; name other labels, or --calibrated")


def detect_all(pictures: list[Labelled], detectors: list[GraphDetector], names: dict[str, str]) -> list[list[list[dict]]]:
    """Detections [graph][picture]; the graphs take turns, so that a busy machine is unfair to none."""
    found: list[list[list[dict]]] = [[] for _ in detectors]
    for index, one in enumerate(pictures):
        picture = open_picture(one.file)
        for place, detector in enumerate(detectors):
            found[place].append(detector.detect(picture, LEAST_CONFIDENCE, names))
        if sys.stderr.isatty():
            print(f"\r\x1b[K{index + 1} of {len(pictures)} pictures", end="", file=sys.stderr, flush=True)
    if sys.stderr.isatty():
        print("\r\x1b[K", end="", file=sys.stderr)
    return found


def scores_of(judgement: Judgement, sample: np.ndarray, pictures: list[Labelled], confidence: float) -> dict:
    classes = []
    for index, one in enumerate(judgement.judged):
        matches = {size: judgement.matches(index, size) for size in SIZES}
        sizes = {
            size: {"truths": int(part.truths.sum()), "ap50": number(part.ap50()), "ap": judgement.ap(index, size), "recall": part.at(confidence)["recall"]}
            for size, part in matches.items()
        }
        whole = sizes.pop("all")
        classes.append({
            "className": one.name, "truths": whole["truths"], "ap50": whole["ap50"], "interval": interval(sample[:, index]),
            "ap": whole["ap"], **matches["all"].at(confidence), "sizes": sizes,
        })
    known = [one["ap50"] for one in classes if one["ap50"] is not None]
    aps = [one["ap"] for one in classes if one["ap"] is not None]
    mean = {"className": "all", "ap50": sum(known) / len(known) if known else None, "interval": interval(sample[:, -1]), "ap": sum(aps) / len(aps) if aps else None}
    return {"classes": classes, "all": mean, "empty": judgement.alarms_on_empty(pictures, confidence)}


def ms_of(detector: GraphDetector) -> float | None:
    """Median CPU ms; none of fp16, which here is float32 that rounds as a GPU does."""
    return None if detector.variant == "fp16" else statistics.median(detector.ms)


def differences(minuend: dict, subtrahend: dict, samples: np.ndarray) -> list[dict]:
    """AP50 of one less that of another, by class and for all, with paired intervals."""
    rows = []
    for index, (a, b) in enumerate(zip([*minuend["classes"], minuend["all"]], [*subtrahend["classes"], subtrahend["all"]])):
        if a["ap50"] is not None and b["ap50"] is not None:
            rows.append({"className": a["className"], "ap50": a["ap50"] - b["ap50"], "interval": interval(samples[:, index])})
    return rows


def number(value: float) -> float | None:
    return None if np.isnan(value) else value


def keep_report(bundle: Bundle, report: dict) -> None:
    """Leaves the bundle's own figures in its reports/, where the card finds them."""
    folder = bundle.folder / "reports"
    folder.mkdir(exist_ok=True)
    own = [one for one in report["results"] if one["bundle"] == bundle.name and one["folder"] == bundle.folder.name]
    stem = "".join(letter if letter.isalnum() else "-" for letter in report["dataSet"])
    write_text(folder / f"evaluate-{stem}.json", json.dumps({**report, "results": own}, indent=2) + "\n")


def record(bundle: Bundle, report: dict) -> None:
    """AP50 into the manifest; rows of the same data set are replaced."""
    rows = []
    for one in report["results"]:
        if one["bundle"] != bundle.name or one["folder"] != bundle.folder.name:
            continue
        losses = {loss["className"]: {"ap50": rounded(loss["ap50"]), "interval": [rounded(side) for side in loss["interval"]]} for loss in one.get("loss", [])}
        for scored in [*one["classes"], one["all"]]:
            if scored["ap50"] is None:
                continue
            row = {
                "dataSet": report["dataSet"], "variant": one["variant"], "heightPx": one["heightPx"], "widthPx": one["widthPx"],
                "className": scored["className"], "ap50": rounded(scored["ap50"]),
                "interval": [rounded(side) for side in scored["interval"]], "pictures": report["pictures"],
            }
            rows.append({**row, "loss": losses[scored["className"]]} if scored["className"] in losses else row)
    others = [one for one in bundle.manifest["accuracy"] if one["dataSet"] != report["dataSet"]]
    write_manifest(bundle.folder, {**bundle.manifest, "accuracy": others + rows})


def rounded(ratio: float) -> float:
    return round(ratio, 4)


def print_table(report: dict) -> None:
    for one in report["results"]:
        parts = [f"{scored['className']} {percent(scored['ap50'])} [{percent(scored['interval'][0])}, {percent(scored['interval'][1])}]" for scored in [*one["classes"], one["all"]] if scored["ap50"] is not None]
        loss = next((f"; lost {percent(row['ap50'])} [{percent(row['interval'][0])}, {percent(row['interval'][1])}]" for row in one.get("loss", []) if row["className"] == "all"), "")
        cost = "for GPUs" if one["msPerFrame"] is None else f"{one['msPerFrame']:.2f} ms"
        print(f"{one['bundle']} {one['variant']} {one['heightPx']}x{one['widthPx']}: {cost}; AP50 {', '.join(parts)}{loss}")


def percent(ratio: float) -> str:
    return f"{100 * ratio:z.1f}"


if __name__ == "__main__":
    run(main)
