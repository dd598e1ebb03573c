"""Static INT8: QDQ, uint8 activations, int8 weights per channel, calibrated by MinMax on real frames.

Per-tensor weights and dynamic quantisation score 0 without any error on folded networks, so neither is
offered. `reduce_range` keeps AVX2 kernels without VNNI from saturating and costs nothing elsewhere.
"""

import tempfile
from pathlib import Path

import numpy as np
from onnxruntime.quantization import CalibrationDataReader, CalibrationMethod, QuantFormat, QuantType, quantize_static
from onnxruntime.quantization.shape_inference import quant_pre_process
import onnx
from PIL import Image

from .dataset import letterbox


class Frames(CalibrationDataReader):
    def __init__(self, samples):
        self.rest = iter(samples)

    def get_next(self):
        sample = next(self.rest, None)
        return None if sample is None else {"images": sample[None]}


def quantise_graph(source: Path, target: Path, samples, keep_float=()) -> None:
    require_varied(samples)
    with tempfile.TemporaryDirectory() as folder:
        prepared = Path(folder) / "prepared.onnx"
        quant_pre_process(str(source), str(prepared), skip_symbolic_shape=True)
        graph = onnx.load(str(prepared)).graph
        quantised = [node.name for node in graph.node if node.op_type == "Conv" and not any(part in node.name for part in keep_float)]
        followers = [node.name for node in graph.node if node.op_type in ("Add", "Concat", "Resize", "MaxPool") and in_network(node, graph)]
        quantize_static(
            str(prepared), str(target), Frames(samples), quant_format=QuantFormat.QDQ, per_channel=True, reduce_range=True,
            activation_type=QuantType.QUInt8, weight_type=QuantType.QInt8, calibrate_method=CalibrationMethod.MinMax,
            nodes_to_quantize=quantised + followers, extra_options={"ActivationSymmetric": False},
        )


def in_network(node, graph) -> bool:
    """Whether a node joins feature maps, and is not part of the decoding at the end."""
    makers = {output: one for one in graph.node for output in one.output}
    return all(makers.get(name) is not None and makers[name].op_type in ("Relu", "Conv", "Add", "Resize", "Concat", "MaxPool") for name in node.input if name in makers) and any(name in makers for name in node.input)


def require_varied(samples) -> None:
    if len(samples) < 8:
        raise SystemExit(f"calibration: expected at least 8 pictures, found {len(samples)}; name a folder or a video with more")
    means = np.array([sample.mean() for sample in samples])
    if means.std() < 0.5:
        raise SystemExit("calibration: expected pictures that differ, found them all alike; take frames from several hours and cameras")


def read_samples(folder: Path, height: int, width: int, count: int = 64):
    files = sorted(file for file in folder.iterdir() if file.suffix.lower() in (".jpg", ".jpeg", ".png"))
    if not files:
        raise SystemExit(f'"{folder}": expected calibration pictures (.jpg, .png), found none')
    step = max(1, len(files) // count)
    nothing = np.zeros((0, 5), np.float32)
    return [letterbox(Image.open(file).convert("RGB"), nothing, height, width)[0] for file in files[::step][:count]]
