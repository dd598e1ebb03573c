"""What a graph of a bundle is made of, as far as quantisation asks."""

import copy
from fnmatch import fnmatchcase

import onnx

from .refuse import Refused

# Operators that ONNX Runtime has in INT8; the rest stays as it is.
QUANTISABLE = ("Conv", "Sigmoid", "Mul", "Add", "Concat", "MaxPool", "AveragePool", "GlobalAveragePool", "Resize", "LeakyRelu", "Relu", "Clip")
# The quantiser takes these into the node before them: what lies between is never rounded.
FOLDED = ("Relu", "Clip")
LEAST_OPSET = 13


class GraphMap:
    """Who makes and who takes each tensor, and which nodes lie between the first and the last heavy ones: convolutions, unless others are named."""

    def __init__(self, model: onnx.ModelProto, heavy: tuple[str, ...] = ("Conv",)):
        self.heavy = heavy
        self.nodes = list(model.graph.node)
        self.constants = {one.name for one in model.graph.initializer}
        self.maker = {name: node for node in self.nodes for name in node.output}
        self.takers: dict[str, list] = {}
        for node in self.nodes:
            for name in node.input:
                self.takers.setdefault(name, []).append(node)
        self.after = self._reach(self.nodes, lambda node: [self.maker[name] for name in node.input if name in self.maker])
        backwards = self.nodes[::-1]
        self.before = self._reach(backwards, lambda node: [taker for name in node.output for taker in self.takers.get(name, [])])

    def _reach(self, order, neighbours) -> set[str]:
        """Names of nodes that have a heavy node among their neighbours' neighbours."""
        reached: set[str] = set()
        for node in order:
            if any(one.op_type in self.heavy or one.name in reached for one in neighbours(node)):
                reached.add(node.name)
        return reached

    def head(self) -> list[str]:
        """Convolutions with no other after them: the predictions, which stay in float."""
        return [node.name for node in self.nodes if node.op_type == "Conv" and node.name not in self.before]

    def network(self) -> list:
        """Nodes that can be INT8, in order: from the first convolution to those before the predictions."""
        return [
            node
            for node in self.nodes
            if node.op_type in QUANTISABLE and node.name in self.before and (node.op_type == "Conv" or node.name in self.after)
        ]

    def tensors(self, nodes) -> list[str]:
        """Activations that INT8 nodes take or make, in the order of the graph."""
        found: dict[str, None] = {}
        for node in nodes:
            for name in [*node.input, *node.output]:
                if name and name not in self.constants and not self._is_folded(name):
                    found.setdefault(name)
        return list(found)

    def _is_folded(self, tensor: str) -> bool:
        takers = self.takers.get(tensor, [])
        return len(takers) > 0 and all(one.op_type in FOLDED for one in takers)

    def touching(self, tensors) -> set[str]:
        """Names of the nodes that make or take one of the tensors: what must be float to leave them float."""
        nodes = [one for tensor in tensors for one in [self.maker.get(tensor), *self.takers.get(tensor, [])] if one is not None]
        # A float Relu alone would make the quantiser round what it takes instead.
        nodes += [self.maker[node.input[0]] for node in nodes if node.op_type in FOLDED and node.input[0] in self.maker]
        return {node.name for node in nodes}

    def matching(self, patterns: list[str]) -> set[str]:
        """Names of the nodes that a pattern with * and ? names; refuses one that names none."""
        found: set[str] = set()
        for pattern in patterns:
            names = {node.name for node in self.nodes if fnmatchcase(node.name, pattern)}
            if not names:
                examples = ", ".join(f'"{node.name}"' for node in self.nodes if node.op_type == "Conv")
                raise Refused(f'"--keep-float {pattern}": expected a pattern that names nodes, found none; convolutions are {examples[:300]}')
            found |= names
        return found


def name_nodes(model: onnx.ModelProto) -> None:
    """Gives nodes without a name that of their first output: the quantiser knows nodes by name."""
    taken: set[str] = set()
    for node in model.graph.node:
        if not node.name or node.name in taken:
            node.name = f"{node.op_type}:{node.output[0]}"
        taken.add(node.name)


def require_opset(model: onnx.ModelProto, subject: str) -> None:
    """Below opset 13 the quantiser writes per-channel files that don't load, and reports success."""
    version = next((one.version for one in model.opset_import if one.domain in ("", "ai.onnx")), 0)
    if version < LEAST_OPSET:
        raise Refused(f'"{subject}": expected opset {LEAST_OPSET} or later, found {version}; export the model anew, or import it with "tierwatch model import"')


def constants_of(model: onnx.ModelProto) -> dict[str, onnx.TensorProto]:
    """Weights and the values of Constant nodes, by the tensor's name."""
    values = {node.output[0]: node.attribute[0].t for node in model.graph.node if node.op_type == "Constant" and node.attribute[0].name == "value"}
    return values | {one.name: one for one in model.graph.initializer}


def kinds_of(model: onnx.ModelProto) -> dict[str, int]:
    """Element type of every tensor whose type ONNX can tell."""
    graph = onnx.shape_inference.infer_shapes(model).graph
    kinds = {one.name: one.type.tensor_type.elem_type for one in [*graph.input, *graph.value_info, *graph.output]}
    return kinds | {one.name: one.data_type for one in graph.initializer}


def replace(field, values: list) -> None:
    """Puts messages in a repeated field's place."""
    kept = [copy.deepcopy(one) for one in values]
    del field[:]
    field.extend(kept)
