"""Half precision in a graph: which nodes compute in float16, which stay float32, and why."""

import copy

import numpy as np
import onnx
from onnx import TensorProto, helper, numpy_helper

from .graph import GraphMap, constants_of, kinds_of, name_nodes, replace
from .refuse import Refused

HEAVY = ("Conv", "ConvTranspose", "MatMul", "Gemm")
# Squares and sums overflow, small divisors become nothing; CUDA has no GridSample in float16.
FLOAT_ONLY = ("CumSum", "Exp", "GridSample", "Log", "Pow", "Reciprocal", "ReduceL2", "ReduceMean", "ReduceSum", "Sqrt")
# What asks for a tensor's size alone.
SIZES = ("Shape", "Size")
# Inputs that are float32 whatever the node computes in: region of interest and scales.
FLOAT_INPUTS = {"Resize": (1, 2)}
LARGEST, SMALLEST = float(np.finfo(np.float16).max), float(np.finfo(np.float16).smallest_subnormal)
# Activations are known from a few pictures alone: those of others may be so much larger.
HEADROOM = 4


class HalfNetwork:
    """The nodes of a graph from its input to the last heavy one of each path: what may be float16.

    Decoding, confidences, top-K and boxes come after them, and are float32.
    """

    def __init__(self, model: onnx.ModelProto):
        require_flat(model)
        self.model = copy.deepcopy(model)
        name_nodes(self.model)
        graph = self.model.graph
        self.map = GraphMap(self.model, HEAVY)
        self.kinds = kinds_of(self.model)
        self.constants = constants_of(self.model)
        self.kept: dict[str, str] = {}
        answers = {one.name for one in graph.output}
        seen = self._seen()
        self.nodes = [
            node
            for node in graph.node
            if (node.op_type in HEAVY or node.name in self.map.before) and node.name in seen
            and any(self._is_float(name) for name in node.output) and not answers & set(node.output)
        ]
        for node in self.nodes:
            if node.op_type in FLOAT_ONLY:
                self.kept[node.name] = f"{node.op_type} is computed in float32"
            elif any(not fits(numpy_helper.to_array(self.constants[name])) for name in node.input if name in self.constants and self._is_float(name)):
                self.kept[node.name] = "float16 can't hold its weights"

    def _seen(self) -> set[str]:
        """Names of the nodes that depend on the picture itself, not on its size alone."""
        tensors, names = {one.name for one in self.model.graph.input}, set()
        for node in self.map.nodes:
            if node.op_type not in SIZES and tensors & set(node.input):
                names.add(node.name)
                tensors |= set(node.output)
        return names

    def _is_float(self, name: str) -> bool:
        return self.kinds.get(name) == TensorProto.FLOAT

    def tensors(self) -> list[str]:
        """Activations that float16 nodes make, in the order of the graph."""
        return [name for node in self.nodes if node.name not in self.kept for name in node.output if self._is_float(name)]

    def keep_what_overflows(self, ranges: dict[str, tuple[float, float]]) -> None:
        """Leaves in float32 what makes or takes an activation that may go beyond float16."""
        for tensor, (low, high) in ranges.items():
            reach = max(-low, high)
            if not reach * HEADROOM <= LARGEST:
                for name in sorted(self.map.touching([tensor]) & {node.name for node in self.nodes}):
                    self.kept.setdefault(name, f"{tensor} reaches {reach:.0f}")

    def convert(self) -> tuple[onnx.ModelProto, list[str]]:
        """The graph with float16 nodes, casts at their border alone, and the names of those nodes."""
        half = {node.name for node in self.nodes} - set(self.kept)
        made = {name for node in self.nodes if node.name in half for name in node.output if self._is_float(name)}
        graph = self.model.graph
        nodes, added, weights = [], set(), {}

        def cast(name: str, to: int, suffix: str) -> str:
            result = f"{name}:{suffix}"
            if result not in added:
                added.add(result)
                nodes.append(helper.make_node("Cast", [name], [result], f"{result}:cast", to=to))
            return result

        def as_half(name: str) -> str:
            if name in made or not self._is_float(name):
                return name
            if name not in self.constants:
                return cast(name, TensorProto.FLOAT16, "half")
            weights.setdefault(name, numpy_helper.from_array(numpy_helper.to_array(self.constants[name]).astype(np.float16), f"{name}:half"))
            return f"{name}:half"

        for node in graph.node:
            if node.op_type in SIZES:
                nodes.append(node)
                continue
            wide = range(len(node.input)) if node.name not in half else FLOAT_INPUTS.get(node.op_type, ())
            for place, name in enumerate(node.input):
                node.input[place] = (cast(name, TensorProto.FLOAT, "float") if name in made else name) if place in wide else as_half(name)
            if node.name in half and node.op_type == "Cast":
                node.attribute[0].i = TensorProto.FLOAT16
            nodes.append(node)
        used = {name for node in nodes for name in node.input} | {one.name for one in graph.output}
        replace(graph.node, [node for node in nodes if node.op_type != "Constant" or node.output[0] in used])
        replace(graph.initializer, [*(one for one in graph.initializer if one.name in used), *weights.values()])
        del graph.value_info[:]
        return self.model, [node.name for node in self.nodes if node.name in half]


def rounding(model: onnx.ModelProto) -> onnx.ModelProto:
    """The same graph for a CPU that rounds each float16 result, as a GPU does.

    ONNX Runtime's own CPU runs float16 nodes in float32 and rounds nothing between them: what it answers
    proves nothing about a GPU.
    """
    kinds = kinds_of(model)
    wide = copy.deepcopy(model)
    nodes = []
    for tensor in [*wide.graph.initializer, *(one.t for node in wide.graph.node for one in node.attribute if one.HasField("t"))]:
        if tensor.data_type == TensorProto.FLOAT16:
            tensor.CopyFrom(numpy_helper.from_array(numpy_helper.to_array(tensor).astype(np.float32), tensor.name))
    for node in wide.graph.node:
        rounded = [name for name in node.output if kinds.get(name) == TensorProto.FLOAT16 and node.op_type != "Constant"]
        node.output[:] = [f"{name}:wide" if name in rounded else name for name in node.output]
        nodes.append(node)
        for name in rounded:
            nodes.append(helper.make_node("Cast", [f"{name}:wide"], [f"{name}:rounded"], f"{name}:round", to=TensorProto.FLOAT16))
            nodes.append(helper.make_node("Cast", [f"{name}:rounded"], [name], f"{name}:restore", to=TensorProto.FLOAT))
    replace(wide.graph.node, nodes)
    del wide.graph.value_info[:]
    return wide


def require_flat(model: onnx.ModelProto) -> None:
    """Refuses a graph within a node: who computes what there is not asked."""
    nested = next((node for node in model.graph.node for one in node.attribute if one.HasField("g") or one.graphs), None)
    if nested is not None:
        raise Refused(f'"{nested.name or nested.op_type}": expected one flat graph, found one within {nested.op_type}; leave this model in float32')


def fits(values: np.ndarray) -> bool:
    """Whether float16 holds these numbers: none beyond its range, and no single one that becomes nothing."""
    finite = values[np.isfinite(values)]
    vanishes = values.size == 1 and 0 < abs(values.item()) < SMALLEST / 2
    return bool(np.abs(finite).max(initial=0) <= LARGEST) and not vanishes
