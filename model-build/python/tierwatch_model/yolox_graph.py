"""YOLOX graphs of any size with random weights: speed does not depend on the weights.

Shapes as in Ge et al., YOLOX (arXiv 2107.08430), with the stem folded as import folds it.
"""

import numpy as np
import onnx
from onnx import TensorProto, helper, numpy_helper

# Depth, width, depthwise.
SIZES = {"nano": (0.33, 0.25, True), "tiny": (0.33, 0.375, False), "s": (0.33, 0.5, False), "m": (0.67, 0.75, False), "l": (1.0, 1.0, False)}
CLASSES = 6
DETECTIONS = 100


class YoloxGraph:
    """Builds the graph; `macs` counts multiply-adds of a picture."""

    def __init__(self, size: str, height: int, width: int, activation: str, seed: int = 1):
        self.depth, self.width, self.depthwise = SIZES[size]
        self.input = (height, width)
        self.activation = activation
        self.random = np.random.default_rng(seed)
        self.nodes, self.constants, self.macs = [], [], 0
        self.channels: dict[str, int] = {}
        self.cells: dict[str, tuple[int, int]] = {}

    def build(self) -> onnx.ModelProto:
        height, width = self.input
        planes = self._node("Cast", [self._node("Transpose", ["images"], perm=[0, 3, 1, 2])], to=TensorProto.FLOAT)
        x = self._node("Mul", [planes, self._constant(np.array([1 / 255], np.float32))])
        self.channels[x], self.cells[x] = 3, (height, width)
        levels = self._neck(*self._backbone(x))
        self._tail([self._head(level) for level in levels])
        outputs = [("boxes", TensorProto.FLOAT, ["N", DETECTIONS, 4]), ("confidences", TensorProto.FLOAT, ["N", DETECTIONS]), ("classIndexes", TensorProto.INT64, ["N", DETECTIONS])]
        graph = helper.make_graph(
            self.nodes, "yolox", [helper.make_tensor_value_info("images", TensorProto.UINT8, ["N", height, width, 3])],
            [helper.make_tensor_value_info(*one) for one in outputs], self.constants,
        )
        return helper.make_model(graph, opset_imports=[helper.make_opsetid("", 17)], ir_version=8)

    def _backbone(self, x):
        base, deep = int(self.width * 64), max(round(self.depth * 3), 1)
        x = self._conv(x, base, 6, 2)
        x = self._csp(self._dense(x, base * 2, 2), base * 2, deep, True)
        third = self._csp(self._dense(x, base * 4, 2), base * 4, deep * 3, True)
        fourth = self._csp(self._dense(third, base * 8, 2), base * 8, deep * 3, True)
        fifth = self._csp(self._pyramid(self._dense(fourth, base * 16, 2), base * 16), base * 16, deep, False)
        return third, fourth, fifth

    def _neck(self, third, fourth, fifth):
        base, deep = int(self.width * 64), round(self.depth * 3)
        top = self._conv(fifth, base * 8, 1)
        middle = self._csp(self._concat([self._double(top), fourth]), base * 8, deep, False)
        reduced = self._conv(middle, base * 4, 1)
        low = self._csp(self._concat([self._double(reduced), third]), base * 4, deep, False)
        middle = self._csp(self._concat([self._dense(low, base * 4, 2), reduced]), base * 8, deep, False)
        high = self._csp(self._concat([self._dense(middle, base * 8, 2), top]), base * 16, deep, False)
        return low, middle, high

    def _head(self, x):
        hidden = int(256 * self.width)
        x = self._conv(x, hidden, 1)
        classes = self._dense(self._dense(x, hidden), hidden)
        boxes = self._dense(self._dense(x, hidden), hidden)
        plain = lambda source, count: self._conv(source, count, 1, activated=False)  # noqa: E731
        return plain(boxes, 4), self._node("Sigmoid", [plain(boxes, 1)]), self._node("Sigmoid", [plain(classes, CLASSES)])

    def _tail(self, levels):
        rows = []
        for part, count in enumerate((4, 1, CLASSES)):
            shape = self._constant(np.array([0, count, -1]))
            rows.append(self._node("Concat", [self._node("Reshape", [level[part], shape]) for level in levels], axis=2))
        regression, objectness, classes = rows
        best = self._node("Mul", [self._node("ReduceMax", [classes], axes=[1], keepdims=0), self._node("Squeeze", [objectness, self._constant(np.array([1]))])])
        self.nodes.append(helper.make_node("TopK", [best, self._constant(np.array([DETECTIONS]))], ["confidences", "anchors"], "top"))
        self._node("GatherElements", [self._node("ArgMax", [classes], axis=1, keepdims=0), "anchors"], name="classIndexes", axis=1)
        wide = self._node("Tile", [self._node("Unsqueeze", ["anchors", self._constant(np.array([-1]))]), self._constant(np.array([1, 1, 4]))])
        self._node("GatherElements", [self._node("Transpose", [regression], perm=[0, 2, 1]), wide], name="boxes", axis=1)

    def _dense(self, x, outputs, stride=1):
        """3x3; in a depthwise network a depthwise one and a 1x1."""
        if not self.depthwise:
            return self._conv(x, outputs, 3, stride)
        return self._conv(self._conv(x, self.channels[x], 3, stride, groups=self.channels[x]), outputs, 1)

    def _csp(self, x, outputs, count, shortcut):
        hidden = outputs // 2
        left, right = self._conv(x, hidden, 1), self._conv(x, hidden, 1)
        for _ in range(count):
            inner = self._dense(self._conv(left, hidden, 1), hidden)
            left = self._like(self._node("Add", [inner, left]), inner) if shortcut else inner
        return self._conv(self._concat([left, right]), outputs, 1)

    def _pyramid(self, x, outputs):
        x = self._conv(x, outputs // 2, 1)
        pools = [self._like(self._node("MaxPool", [x], kernel_shape=[side, side], pads=[side // 2] * 4, strides=[1, 1]), x) for side in (5, 9, 13)]
        return self._conv(self._concat([x, *pools]), outputs, 1)

    def _conv(self, x, outputs, side, stride=1, groups=1, activated=True):
        inputs = self.channels[x] // groups
        gain = 1.4 / np.sqrt(inputs * side * side)
        weights = self._constant((self.random.standard_normal((outputs, inputs, side, side)) * gain).astype(np.float32))
        bias = self._constant((self.random.standard_normal(outputs) * 0.1).astype(np.float32))
        pad = (side - stride) // 2 if side % 2 == 0 else side // 2
        made = self._node("Conv", [x, weights, bias], kernel_shape=[side, side], strides=[stride, stride], pads=[pad] * 4, group=groups)
        height, width = (cells // stride for cells in self.cells[x])
        self.channels[made], self.cells[made] = outputs, (height, width)
        self.macs += outputs * inputs * side * side * height * width
        if not activated:
            return made
        if self.activation == "relu":
            return self._like(self._node("Relu", [made]), made)
        return self._like(self._node("Mul", [made, self._node("Sigmoid", [made])]), made)

    def _double(self, x):
        scales = self._constant(np.array([1, 1, 2, 2], np.float32))
        made = self._like(self._node("Resize", [x, "", scales], mode="nearest", nearest_mode="floor", coordinate_transformation_mode="asymmetric"), x)
        self.cells[made] = tuple(side * 2 for side in self.cells[x])
        return made

    def _concat(self, parts):
        made = self._node("Concat", parts, axis=1)
        self.channels[made], self.cells[made] = sum(self.channels[part] for part in parts), self.cells[parts[0]]
        return made

    def _like(self, made, x):
        self.channels[made], self.cells[made] = self.channels[x], self.cells[x]
        return made

    def _constant(self, values):
        name = f"constant_{len(self.constants)}"
        self.constants.append(numpy_helper.from_array(values, name))
        return name

    def _node(self, kind, inputs, name=None, **attributes):
        output = name or f"{kind.lower()}_{len(self.nodes)}"
        self.nodes.append(helper.make_node(kind, inputs, [output], output, **attributes))
        return output
