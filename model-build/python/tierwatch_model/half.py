"""Adds an FP16 variant to a bundle, for GPUs: float16 from the input to the last convolution or product, float32 after it.

Input and outputs stay what they are. A GPU takes it once its accuracy is recorded (evaluate --record); a CPU never does.
"""

import argparse
from pathlib import Path

import onnx
import onnxruntime
from onnx import checker

from .bundle import Bundle, read_bundle, sha256_of
from .calibration import Sample
from .detector import open_session, overlap
from .float16 import HEADROOM, HalfNetwork, rounding
from .pictures import fit, list_pictures
from .refuse import Refused, run
from .sensitivity import confidences_of, disturbance, ranges_of
from .variant import add_variant

# A graph that changes confidences by more than this on average is broken, not rounded.
BROKEN = 0.02
# Answers below this confidence are not followed from one graph to the other.
SURE = 0.3


def main() -> None:
    parser = argparse.ArgumentParser(prog="tierwatch model half", description=__doc__)
    parser.add_argument("bundle", type=Path)
    parser.add_argument("--pictures", type=Path, action="append", default=[], help="folder of pictures to compare the answers on; the bundle's check pictures if left out")
    args = parser.parse_args()
    bundle = read_bundle(args.bundle)
    for line in add_half(bundle, pictures_of(bundle, args.pictures)):
        print(line)


def pictures_of(bundle: Bundle, folders: list[Path]) -> list[Sample]:
    """The pictures of folders, or those that the bundle is checked with."""
    for folder in folders:
        if not folder.is_dir():
            raise Refused(f'"{folder}": expected a folder of pictures, found none; check the path')
    files = [(folder.name, file) for folder in folders for file in list_pictures(folder)]
    if not folders:
        files = [("checks", bundle.folder / one["image"]) for one in bundle.manifest["checks"]]
    if not files:
        raise Refused(f'"{folders[0] if folders else bundle.folder}": expected pictures to compare the answers on, found none; name a folder by --pictures')
    return [Sample(source, file, sha256_of(file)) for source, file in files]


def add_half(bundle: Bundle, samples: list[Sample]) -> list[str]:
    """Writes an fp16 graph for every fp32 one, report and manifest; all or nothing."""
    pictures = [sample.open() for sample in samples]

    def make(one: dict, source: Path, target: Path) -> dict:
        return halve_graph(source, target, [fit(picture, one["heightPx"], one["widthPx"], bundle.manifest["letterbox"]["fill"]) for picture in pictures])

    def report(said: list[dict]) -> dict:
        used = [{"source": one.source, "file": one.file.name, "sha256": one.sha256} for one in samples]
        return {"half.json": {"runtime": f"onnxruntime {onnxruntime.__version__}, rounding as a GPU", "headroom": HEADROOM, "sure": SURE, "pictures": used, "graphs": said}}

    return [
        f"fp16 {new['heightPx']}x{new['widthPx']}: {new['bytes'] / 1e6:.2f} MB of {old['bytes'] / 1e6:.2f}, {len(about['half'])} nodes float16, {len(about['float'])} kept float32; "
        f"confidences change by {about['disturbance']:.5f}{sure_answers(about)}"
        for old, new, about in add_variant(bundle, "fp16", make, report)
    ]


def sure_answers(about: dict) -> str:
    if not about["sure"]:
        return f"; no answer above {SURE} to compare"
    return f", those of {about['sure']} sure answers by {about['largestChange']:.4f} at most, their boxes overlap by {about['leastOverlap']:.4f} at least"


def halve_graph(source: Path, target: Path, inputs: list) -> dict:
    """Writes the fp16 graph of a graph. Says what is float16, what float32 and why, and how much the answers change."""
    plain = onnx.load(str(source))
    network = HalfNetwork(plain)
    network.keep_what_overflows(ranges_of(network.model, network.tensors(), inputs))
    made, half = network.convert()
    if not half:
        raise Refused(f'"{source}": expected nodes that can be float16, found none ({"; ".join(sorted(set(network.kept.values()))) or "no convolution or product of matrices"}); leave this model in float32')
    try:
        checker.check_model(made, full_check=True)
    except (checker.ValidationError, onnx.shape_inference.InferenceError) as error:
        raise Refused(f'"{source}": expected a graph whose nodes take float16, found {str(error).splitlines()[0]}; leave this model in float32') from error
    onnx.save(made, str(target))
    changes = {"disturbance": disturbance(confidences_of(plain, inputs), confidences_of(rounding(made), inputs)), **followed(plain, made, inputs)}
    if not changes["disturbance"] <= BROKEN:
        raise Refused(f'"{source}": expected float16 to change confidences by at most {BROKEN}, found {changes["disturbance"]:.2f}; leave this model in float32')
    return {**changes, "half": half, "float": network.kept}


def followed(plain: onnx.ModelProto, made: onnx.ModelProto, inputs: list) -> dict:
    """How many sure answers there are, the largest change of a confidence, and the least overlap (0-1) of a box with what became of it."""
    changes, overlaps = [], []
    sessions = [open_session(one.SerializeToString()) for one in (plain, rounding(made))]
    for pixels in inputs:
        before, after = ([part[0] for part in session.run(["boxes", "confidences", "classIndexes"], {"images": pixels[None]})] for session in sessions)
        for box, confidence, index in zip(*before):
            if confidence < SURE:
                break
            same = [(overlap(box, other), float(sure)) for other, sure, kind in zip(*after) if kind == index]
            nearest, sure = max(same, default=(0.0, 0.0))
            changes.append(abs(float(confidence) - sure))
            overlaps.append(float(nearest))
    return {"sure": len(changes), "largestChange": max(changes, default=None), "leastOverlap": min(overlaps, default=None)}


if __name__ == "__main__":
    run(main)
