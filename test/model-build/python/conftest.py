"""A bundle that finds red squares (person) and blue ones (car), and pictures with such squares."""

import hashlib
import json
import random
from pathlib import Path

import numpy as np
import onnx
import pytest
from onnx import TensorProto, helper, numpy_helper
from PIL import Image

SIDE = 96
SQUARE = 24
STRIDE = 8


def colour_graph(side: int = SIDE, disturbed: float = 0.0, opset: int = 17) -> onnx.ModelProto:
    """The contract's graph: the logit of a cell is how red or blue the square around it is."""
    cells = side // STRIDE
    constants, nodes = [], []

    def constant(name, values, kind=np.float32):
        constants.append(numpy_helper.from_array(np.asarray(values, kind), name))
        return name

    def node(kind, inputs, output, **attributes):
        nodes.append(helper.make_node(kind, inputs, [output], output, **attributes))
        return output

    planes = node("Cast", [node("Transpose", ["images"], "turned", perm=[0, 3, 1, 2])], "planes", to=TensorProto.FLOAT)
    excess = np.zeros((4, 3, 1, 1), np.float32)
    excess[0, :, 0, 0] = np.array([1, -1, -1]) / 255
    excess[1, :, 0, 0] = np.array([-1, -1, 1]) / 255
    excess[2, :, 0, 0] = disturbed
    colours = node("Relu", [node("Conv", [planes, constant("excess", excess)], "stem")], "colours")
    same = np.zeros((4, 4, 1, 1), np.float32)
    same[[0, 1, 3], [0, 1, 3]] = 1
    body = node("Relu", [node("Conv", [colours, constant("same", same)], "body")], "bodied")
    mean = node("AveragePool", [body], "mean", kernel_shape=[SQUARE, SQUARE], strides=[STRIDE, STRIDE], pads=[STRIDE, STRIDE, STRIDE, STRIDE], count_include_pad=1)
    weights = np.zeros((2, 4, 1, 1), np.float32)
    weights[0, 0] = weights[1, 1] = 20
    logits = node("Conv", [mean, constant("weights", weights), constant("bias", [-12, -12])], "head")
    flat = node("Reshape", [logits, constant("flat", [0, 2, -1], np.int64)], "flat_logits")
    best = node("ReduceMax", [flat], "best", axes=[1], keepdims=0)
    classes = node("ArgMax", [flat], "classes", axis=1, keepdims=0)
    nodes.append(helper.make_node("TopK", [node("Sigmoid", [best], "scores"), constant("k", [20], np.int64)], ["confidences", "cells"], "top"))
    node("GatherElements", [classes, "cells"], "classIndexes", axis=1)
    ys, xs = np.divmod(np.arange(cells * cells), cells)
    centres = np.stack([xs, ys, xs, ys], 1) * STRIDE + STRIDE // 2
    node("Gather", [constant("grid", centres + np.array([-1, -1, 1, 1]) * SQUARE / 2), "cells"], "boxes", axis=0)
    outputs = [("boxes", TensorProto.FLOAT, ["N", 20, 4]), ("confidences", TensorProto.FLOAT, ["N", 20]), ("classIndexes", TensorProto.INT64, ["N", 20])]
    graph = helper.make_graph(
        nodes, "colours", [helper.make_tensor_value_info("images", TensorProto.UINT8, ["N", side, side, 3])],
        [helper.make_tensor_value_info(*one) for one in outputs], constants,
    )
    return helper.make_model(graph, opset_imports=[helper.make_opsetid("", opset)], ir_version=8)


def write_bundle(folder: Path, model: onnx.ModelProto, side: int = SIDE, **changes) -> Path:
    folder.mkdir(parents=True)
    graph = folder / f"fp32-{side}x{side}.onnx"
    onnx.save(model, str(graph))
    digest = hashlib.sha256(graph.read_bytes()).hexdigest()
    manifest = {
        "schemaVersion": 1, "name": "colours", "version": "1", "grade": "production", "family": "colours",
        "classes": ["person", "car"], "licence": "MIT", "source": {"url": "https://example.org", "sha256": "0" * 64},
        "letterbox": {"fill": 114, "align": "top-left"}, "nms": {"iouThreshold": 0.2}, "maxDetections": 20,
        "files": [{"variant": "fp32", "heightPx": side, "widthPx": side, "file": graph.name, "sha256": digest, "bytes": graph.stat().st_size}],
        "benchmarks": [], "choice": [], "accuracy": [], "checks": [], **changes,
    }
    (folder / "manifest.json").write_text(json.dumps(manifest))
    return folder


def draw(squares, seed: int, side: int = SIDE) -> Image.Image:
    """Grey noise with squares `(x, y, "person" | "car")`, x and y in cells."""
    pixels = np.random.default_rng(seed).integers(90, 130, (side, side, 3)).astype(np.uint8)
    for x, y, name in squares:
        pixels[y * STRIDE : y * STRIDE + SQUARE, x * STRIDE : x * STRIDE + SQUARE] = (230, 20, 20) if name == "person" else (20, 20, 230)
    return Image.fromarray(pixels)


def write_pictures(folder: Path, count: int, seed: int = 1) -> Path:
    """images/ and annotations.json: no, one or two squares a picture."""
    (folder / "images").mkdir(parents=True)
    rng = random.Random(seed)
    images, annotations = [], []
    for index in range(count):
        squares = [(rng.choice([0, 1]), rng.choice([0, 4, 8]), "person"), (rng.choice([6, 8]), rng.choice([0, 4, 8]), "car")][: index % 3]
        name = f"{index:04}.png"
        draw(squares, seed * 1000 + index).save(folder / "images" / name)
        images.append({"id": index, "file_name": name, "width": SIDE, "height": SIDE})
        for x, y, kind in squares:
            box = [x * STRIDE, y * STRIDE, SQUARE, SQUARE]
            annotations.append({"id": len(annotations) + 1, "image_id": index, "category_id": 1 if kind == "person" else 3, "bbox": box, "area": SQUARE**2, "iscrowd": 0})
    categories = [{"id": 1, "name": "person"}, {"id": 3, "name": "car"}]
    (folder / "annotations.json").write_text(json.dumps({"images": images, "annotations": annotations, "categories": categories}))
    return folder


@pytest.fixture
def bundle(tmp_path):
    return write_bundle(tmp_path / "bundle", colour_graph())


@pytest.fixture
def pictures(tmp_path):
    return write_pictures(tmp_path / "pictures", 30)


@pytest.fixture
def verb(monkeypatch):
    """Runs a module's main with arguments, as the command line does."""

    def call(module, *values):
        monkeypatch.setattr("sys.argv", ["tierwatch", *map(str, values)])
        module.main()

    return call
