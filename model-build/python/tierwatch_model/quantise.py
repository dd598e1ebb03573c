"""Adds an INT8 variant to a bundle: static QDQ, uint8 activations, int8 weights per channel, MinMax on real frames.

Per-tensor weights and dynamic quantisation score 0 without any error on folded networks, so neither is
offered. `reduce_range` keeps AVX2 kernels without VNNI from saturating and costs nothing elsewhere.
"""

import argparse
import logging
import tempfile
from pathlib import Path

import numpy as np
import onnx
import onnxruntime
from onnxruntime.quantization import CalibrationDataReader, CalibrationMethod, QuantFormat, QuantType, quantize_static
from onnxruntime.quantization.shape_inference import quant_pre_process

from .bundle import Bundle, read_bundle
from .calibration import Sample, gather
from .graph import GraphMap, name_nodes, require_opset
from .input_bytes import take_bytes
from .pictures import fit
from .refuse import Refused, run
from .sensitivity import busiest, confidences_of, disturbance, measure
from .variant import add_variant

# An activation that alone changes confidences by more than this stays in float,
LIMIT = 0.0035
# the worst ones at most: each island of float between INT8 costs two conversions.
MOST_FLOAT = 0.05
# A whole graph that changes them by more than this is broken, not quantised.
BROKEN = 0.3


def main() -> None:
    parser = argparse.ArgumentParser(prog="tierwatch model quantise", description=__doc__)
    parser.add_argument("bundle", type=Path)
    parser.add_argument("--calibration", type=Path, action="append", required=True, help="folder of pictures; may be repeated")
    parser.add_argument("--named", action="append", default=[], help="what the report calls each --calibration")
    parser.add_argument("--pictures", type=int, default=64, help="of each folder, at most")
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--keep-float", action="append", default=[], help="pattern of node names")
    parser.add_argument("--sensitivity", choices=("auto", "off"), default="auto")
    parser.add_argument("--no-reduce-range", dest="reduce_range", action="store_false")
    args = parser.parse_args()
    bundle = read_bundle(args.bundle)
    names = args.named if len(args.named) == len(args.calibration) else [folder.name for folder in args.calibration]
    samples = gather(args.calibration, names, args.pictures, args.seed)
    settings = {"pictures": args.pictures, "seed": args.seed, "keepFloat": args.keep_float, "sensitivity": args.sensitivity, "reduceRange": args.reduce_range}
    for line in add_int8(bundle, samples, settings):
        print(line)


def add_int8(bundle: Bundle, samples: list[Sample], settings: dict) -> list[str]:
    """Quantises every fp32 graph of a bundle and writes graphs, report and manifest; all or nothing."""
    pictures = [sample.open() for sample in samples]

    def make(one: dict, source: Path, target: Path) -> dict:
        inputs = [fit(picture, one["heightPx"], one["widthPx"], bundle.manifest["letterbox"]["fill"]) for picture in pictures]
        return quantise_graph(source, target, inputs, settings)

    return [
        f"int8 {new['heightPx']}x{new['widthPx']}: {new['bytes'] / 1e6:.2f} MB of {old['bytes'] / 1e6:.2f}, {len(about['int8'])} nodes INT8, {len(about['float'])} kept float, confidences change by {about['disturbance']:.3f}"
        for old, new, about in add_variant(bundle, "int8", make, lambda said: {"quantise.json": report_of(samples, settings, said)})
    ]


def quantise_graph(source: Path, target: Path, inputs: list[np.ndarray], settings: dict) -> dict:
    """Writes the INT8 graph of a graph. Says what is INT8, what float, and how much the answers change."""
    logging.getLogger().setLevel(logging.ERROR)
    require_opset(onnx.load(str(source), load_external_data=False), str(source))
    with tempfile.TemporaryDirectory() as folder:
        prepared = Path(folder) / "prepared.onnx"
        quant_pre_process(str(source), str(prepared), skip_symbolic_shape=True)
        model = onnx.load(str(prepared))
        name_nodes(model)
        onnx.save(model, str(prepared))
        graph = GraphMap(model)
        network = graph.network()
        by_hand = graph.matching(settings["keepFloat"])
        rows = measure(model, graph.tensors(network), inputs) if settings["sensitivity"] == "auto" else []
        worst = rows[: max(4, round(MOST_FLOAT * len(rows)))]
        sensitive = [row["tensor"] for row in worst if row["disturbance"] > LIMIT]
        kept = graph.touching(sensitive) | by_hand
        int8 = [node.name for node in network if node.name not in kept]
        if not int8:
            raise Refused(f'"{source}": expected nodes that can be INT8, found none; leave out --keep-float, or leave this model in float')
        write_int8(prepared, target, inputs, int8, settings["reduceRange"])
        probes = busiest(model, inputs, 12)
        change = disturbance(confidences_of(model, probes), confidences_of(onnx.load(str(target)), probes))
    if change > BROKEN:
        raise Refused(f'"{source}": expected INT8 to change confidences by at most {BROKEN}, found {change:.2f}; use --sensitivity auto, or --keep-float for what disturbs')
    order = [node.name for node in graph.nodes]
    return {
        "disturbance": change,
        "int8": int8,
        "float": sorted({node.name for node in network} - set(int8) | set(graph.head()), key=order.index),
        "sensitivity": rows[:40],
    }


def write_int8(source: Path, target: Path, inputs: list[np.ndarray], nodes: list[str], reduce_range: bool) -> None:
    """QDQ around these nodes alone, ranges by MinMax over the inputs; the picture's bytes are taken as they are where that is the same."""
    quantize_static(
        str(source), str(target), Frames(inputs), quant_format=QuantFormat.QDQ, per_channel=True, reduce_range=reduce_range,
        activation_type=QuantType.QUInt8, weight_type=QuantType.QInt8, calibrate_method=CalibrationMethod.MinMax,
        nodes_to_quantize=nodes, extra_options={"ActivationSymmetric": False},
    )
    model = onnx.load(str(target))
    take_bytes(model)
    onnx.save(model, str(target))


class Frames(CalibrationDataReader):
    """Hands the calibrator one picture at a time."""

    def __init__(self, inputs: list[np.ndarray]):
        self.rest = iter(inputs)

    def get_next(self):
        one = next(self.rest, None)
        return None if one is None else {"images": one[None]}


def report_of(samples: list[Sample], settings: dict, graphs: list[dict]) -> dict:
    pictures = [{"source": one.source, "file": one.file.name, "sha256": one.sha256} for one in samples]
    return {"settings": settings, "limit": LIMIT, "mostFloat": MOST_FLOAT, "runtime": f"onnxruntime {onnxruntime.__version__}", "calibration": pictures, "graphs": graphs}


if __name__ == "__main__":
    run(main)
