"""Which single activation, rounded to eight bits, disturbs the answers, and by how much."""

import copy
import sys

import numpy as np
import onnx
from onnx import TensorProto, helper

from .detector import open_session
from .graph import GraphMap

BATCH_OF_OUTPUTS = 40


def ranges_of(model: onnx.ModelProto, tensors: list[str], samples: list[np.ndarray]) -> dict[str, tuple[float, float]]:
    """Smallest and largest value of each tensor over the samples, zero included."""
    found = {name: (0.0, 0.0) for name in tensors}
    for start in range(0, len(tensors), BATCH_OF_OUTPUTS):
        part = tensors[start : start + BATCH_OF_OUTPUTS]
        watched = copy.deepcopy(model)
        have = {one.name for one in watched.graph.output}
        watched.graph.output.extend(helper.make_tensor_value_info(name, TensorProto.FLOAT, None) for name in part if name not in have)
        session = open_session(watched.SerializeToString())
        for sample in samples:
            for name, value in zip(part, session.run(part, {"images": sample[None]})):
                low, high = found[name]
                found[name] = (min(low, float(value.min())), max(high, float(value.max())))
    return found


def rounded(model: onnx.ModelProto, ranges: dict[str, tuple[float, float]]) -> onnx.ModelProto:
    """The graph with each of these tensors rounded to 256 steps of its range."""
    changed = copy.deepcopy(model)
    graph = changed.graph
    added = {}
    for name, (low, high) in ranges.items():
        scale = max(high - low, 1e-9) / 255
        zero = int(np.clip(round(-low / scale), 0, 255))
        graph.initializer.append(helper.make_tensor(f"{name}:scale", TensorProto.FLOAT, [], [scale]))
        graph.initializer.append(helper.make_tensor(f"{name}:zero", TensorProto.UINT8, [], [zero]))
        added[name] = [
            helper.make_node("QuantizeLinear", [name, f"{name}:scale", f"{name}:zero"], [f"{name}:steps"], f"{name}:quantise"),
            helper.make_node("DequantizeLinear", [f"{name}:steps", f"{name}:scale", f"{name}:zero"], [f"{name}:rounded"], f"{name}:restore"),
        ]
    nodes = []
    for node in graph.node:
        node.input[:] = [f"{name}:rounded" if name in added else name for name in node.input]
        nodes.append(node)
        for name in node.output:
            nodes += added.get(name, [])
    del graph.node[:]
    graph.node.extend(nodes)
    return changed


def confidences_of(model: onnx.ModelProto, samples: list[np.ndarray]) -> np.ndarray:
    """[samples, K], best first."""
    session = open_session(model.SerializeToString())
    return np.stack([session.run(["confidences"], {"images": sample[None]})[0][0] for sample in samples])


def disturbance(plain: np.ndarray, changed: np.ndarray) -> float:
    """Mean change of confidence, each weighed by the larger of the two: the tail of nothings counts little."""
    weight = np.maximum(plain, changed)
    return float((weight * np.abs(plain - changed)).sum() / max(weight.sum(), 1e-9))


def busiest(model: onnx.ModelProto, samples: list[np.ndarray], count: int) -> list[np.ndarray]:
    """The samples with most to disturb: the highest sums of their five best confidences."""
    sums = confidences_of(model, samples)[:, :5].sum(1)
    return [samples[index] for index in np.argsort(-sums, kind="stable")[:count]]


def measure(model: onnx.ModelProto, tensors: list[str], samples: list[np.ndarray], pictures: int = 6) -> list[dict]:
    """`{tensor, low, high, disturbance}` of every activation, the worst first."""
    ranges = ranges_of(model, tensors, samples)
    probes = busiest(model, samples, pictures)
    plain = confidences_of(model, probes)
    rows = []
    for index, name in enumerate(tensors):
        changed = confidences_of(rounded(model, {name: ranges[name]}), probes)
        low, high = ranges[name]
        rows.append({"tensor": name, "low": low, "high": high, "disturbance": disturbance(plain, changed)})
        if sys.stderr.isatty():
            print(f"\r\x1b[Ksensitivity: {index + 1} of {len(tensors)} activations", end="", file=sys.stderr, flush=True)
    if sys.stderr.isatty():
        print("\r\x1b[K", end="", file=sys.stderr)
    return sorted(rows, key=lambda row: -row["disturbance"])
