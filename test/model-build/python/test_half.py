"""FP16: what computes in half precision, what stays float, what is written and what never is."""

import json
import re

import numpy as np
import onnx
import pytest
from conftest import SIDE, colour_graph, draw, write_bundle
from onnx import TensorProto, helper, numpy_helper
from tierwatch_model import card, evaluate, half
from tierwatch_model.bundle import read_bundle
from tierwatch_model.detector import GraphDetector, open_session
from tierwatch_model.float16 import HalfNetwork, fits, rounding
from tierwatch_model.graph import kinds_of
from tierwatch_model.refuse import Refused


def manifest_of(folder):
    return json.loads((folder / "manifest.json").read_text())


def files_of(folder):
    return sorted(str(file.relative_to(folder)) for file in folder.rglob("*") if file.is_file())


def report_of(folder):
    (graph,) = json.loads((folder / "reports/half.json").read_text())["graphs"]
    return graph


def transformer_graph(mask=-1e9, eps=1e-5):
    """The contract's graph: patches of the picture attend to each other, a query each gives box and class."""
    rng = np.random.default_rng(3)
    tokens, width = (SIDE // 16) ** 2, 16
    constants, nodes = [], []

    def constant(name, values, kind=np.float32):
        constants.append(numpy_helper.from_array(np.asarray(values, kind), name))
        return name

    def node(kind, inputs, output, **attributes):
        nodes.append(helper.make_node(kind, inputs, [output], output, **attributes))
        return output

    def product(tensor, name, columns):
        return node("MatMul", [tensor, constant(f"{name}:weight", rng.normal(0, 0.3, (width, columns)))], name)

    planes = node("Div", [node("Cast", [node("Transpose", ["images"], "turned", perm=[0, 3, 1, 2])], "planes", to=TensorProto.FLOAT), constant("full", 255)], "scaled")
    patches = node("Conv", [planes, constant("patch", rng.normal(0, 0.05, (width, 3, 16, 16)))], "patches", strides=[16, 16])
    rows = node("Transpose", [node("Reshape", [patches, constant("rows", [0, width, -1], np.int64)], "flat")], "tokens", perm=[0, 2, 1])
    places = node("Sin", [node("Mul", [node("Cast", [constant("counted", np.arange(tokens * width).reshape(1, tokens, width), np.int64)], "counts", to=TensorProto.FLOAT), constant("pace", 0.013)], "paced")], "places")
    placed = node("Add", [rows, places], "placed")
    spread = node("Sub", [placed, node("ReduceMean", [placed], "centre", axes=[-1])], "spread")
    variance = node("ReduceMean", [node("Pow", [spread, constant("two", 2.0)], "squares")], "variance", axes=[-1])
    normal = node("Div", [spread, node("Sqrt", [node("Add", [variance, constant("eps", eps)], "guarded")], "deviation")], "normal")
    scores = node("MatMul", [product(normal, "query", width), node("Transpose", [product(normal, "key", width)], "turned_key", perm=[0, 2, 1])], "scores")
    attention = node("Softmax", [node("Add", [scores, constant("mask", np.triu(np.full((tokens, tokens), mask), 1))], "masked")], "attention", axis=-1)
    mixed = node("Add", [node("MatMul", [attention, product(normal, "value", width)], "heads"), placed], "mixed")
    logits = node("Add", [product(mixed, "classes", 2), constant("bias", [0.0, -8.0])], "logits")
    sides = node("Sigmoid", [product(mixed, "sides", 4)], "sides_0_1")
    best = node("ReduceMax", [logits], "best", axes=[2], keepdims=0)
    kinds = node("ArgMax", [logits], "kinds", axis=2, keepdims=0)
    nodes.append(helper.make_node("TopK", [node("Sigmoid", [best], "sureness"), constant("k", [20], np.int64)], ["confidences", "kept"], "top"))
    node("GatherElements", [kinds, "kept"], "classIndexes", axis=1)
    kept = node("Expand", [node("Unsqueeze", ["kept", constant("last", [-1], np.int64)], "column"), constant("four", [1, 1, 4], np.int64)], "columns")
    corners = node("Mul", [node("GatherElements", [sides, kept], "picked", axis=1), constant("pixels", 0.4 * SIDE)], "corners")
    node("Add", [corners, constant("apart", [0, 0, 0.5 * SIDE, 0.5 * SIDE])], "boxes")
    outputs = [("boxes", TensorProto.FLOAT, ["N", 20, 4]), ("confidences", TensorProto.FLOAT, ["N", 20]), ("classIndexes", TensorProto.INT64, ["N", 20])]
    graph = helper.make_graph(
        nodes, "patches", [helper.make_tensor_value_info("images", TensorProto.UINT8, ["N", SIDE, SIDE, 3])],
        [helper.make_tensor_value_info(*one) for one in outputs], constants,
    )
    return helper.make_model(graph, opset_imports=[helper.make_opsetid("", 17)], ir_version=8)


@pytest.fixture
def yard(tmp_path):
    """Three pictures, each with a person and a car."""
    folder = tmp_path / "yard"
    folder.mkdir()
    for seed in range(3):
        draw([(0, 0, "person"), (8, 4, "car")], seed).save(folder / f"{seed}.png")
    return folder


def test_adds_an_fp16_variant_that_answers_as_fp32_does(bundle, yard, verb, capsys):
    verb(half, bundle, "--pictures", yard)
    assert "fp16 96x96: 0.00 MB of 0.00, 7 nodes float16, 0 kept float32; confidences change by 0.000" in capsys.readouterr().out
    assert files_of(bundle) == ["fp16-96x96.onnx", "fp32-96x96.onnx", "manifest.json", "reports/half.json"]
    made = read_bundle(bundle)
    picture = draw([(0, 0, "person"), (8, 4, "car")], seed=5)
    plain, halved = (GraphDetector(made, file).detect(picture, 0.4) for file in made.manifest["files"])
    assert [one["className"] for one in halved] == [one["className"] for one in plain] == ["person", "car"]
    assert [one["confidence"] for one in halved] == pytest.approx([one["confidence"] for one in plain], abs=0.01)
    assert [one["box"] for one in halved] == [one["box"] for one in plain]


def test_is_float16_from_the_cast_of_the_input_to_the_last_convolution_and_casts_once_behind_it(bundle, yard, verb):
    verb(half, bundle, "--pictures", yard)
    model = onnx.load(str(bundle / "fp16-96x96.onnx"))
    kinds = kinds_of(model)
    named = {node.name: node for node in model.graph.node}
    halved = ["planes", "stem", "colours", "body", "bodied", "mean", "head"]
    assert report_of(bundle)["half"] == halved
    assert {kinds[named[name].output[0]] for name in halved} == {TensorProto.FLOAT16}
    assert {kinds[one.name] for one in model.graph.initializer if one.name in {name for node in halved for name in named[node].input}} == {TensorProto.FLOAT16}
    casts = [(node.input[0], node.output[0]) for node in model.graph.node if node.op_type == "Cast"]
    assert casts == [("turned", "planes"), ("head", "head:float")]
    answers = {one.name: (one.type.tensor_type.elem_type, len(one.type.tensor_type.shape.dim)) for one in [*model.graph.input, *model.graph.output]}
    assert answers == {"images": (TensorProto.UINT8, 4), "boxes": (TensorProto.FLOAT, 3), "confidences": (TensorProto.FLOAT, 2), "classIndexes": (TensorProto.INT64, 2)}


def test_of_a_transformer_what_does_not_fit_float16_stays_float_with_the_reason(tmp_path, yard, verb):
    folder = write_bundle(tmp_path / "attending", transformer_graph(eps=1e-12), nms=None)
    verb(half, folder, "--pictures", yard)
    report = report_of(folder)
    assert report["float"] == {
        "centre": "ReduceMean is computed in float32", "squares": "Pow is computed in float32", "variance": "ReduceMean is computed in float32",
        "guarded": "float16 can't hold its weights", "deviation": "Sqrt is computed in float32", "masked": "float16 can't hold its weights",
    }
    assert report["half"] == ["planes", "scaled", "patches", "flat", "tokens", "placed", "spread", "normal", "query", "key", "turned_key", "scores", "attention", "value", "heads", "mixed", "classes", "sides"]
    assert report["sure"] == 60
    assert report["largestChange"] < 0.01
    assert report["leastOverlap"] > 0.97


def test_what_overflows_on_the_pictures_stays_float(tmp_path, yard, verb):
    folder = write_bundle(tmp_path / "wide", colour_graph(disturbed=200.0))
    verb(half, folder, "--pictures", yard)
    assert report_of(folder)["float"] == {"stem": "stem reaches 77200", "colours": "stem reaches 77200", "body": "colours reaches 77200"}


@pytest.mark.parametrize(
    ("values", "held"),
    [([65504.0, -65504.0], True), ([65520.0], False), ([np.inf, 1.0], True), ([1e-9], False), ([1e-9, 1.0], True), ([0.0], True), ([], True)],
)
def test_holds_numbers_within_its_range_and_no_single_one_that_becomes_nothing(values, held):
    assert fits(np.array(values, np.float32)) is held


def test_the_proof_rounds_between_nodes_which_the_runtime_itself_does_not():
    """60,000 + 60,000 is beyond float16: a GPU answers infinity, ONNX Runtime's CPU a quarter of the sum."""
    nodes = [
        helper.make_node("Cast", ["x"], ["narrow"], to=TensorProto.FLOAT16), helper.make_node("Add", ["narrow", "narrow"], ["sum"]),
        helper.make_node("Mul", ["sum", "quarter"], ["part"]), helper.make_node("Cast", ["part"], ["y"], to=TensorProto.FLOAT),
    ]
    x, y = (helper.make_tensor_value_info(name, TensorProto.FLOAT, [2]) for name in "xy")
    graph = helper.make_graph(nodes, "sum", [x], [y], [numpy_helper.from_array(np.float16(0.25), "quarter")])
    model = helper.make_model(graph, opset_imports=[helper.make_opsetid("", 17)], ir_version=8)
    (found,) = open_session(rounding(model).SerializeToString()).run(None, {"x": np.array([60000, 0.1], np.float32)})
    assert found.tolist() == [np.inf, float(np.float16(0.05))]


def test_evaluate_records_what_it_loses_and_has_no_ms_of_it(bundle, pictures, yard, verb, tmp_path, capsys):
    verb(half, bundle, "--pictures", yard)
    verb(evaluate, bundle, "--data", pictures, "--record", "--out", tmp_path / "r.html")
    assert re.search(r"fp16 96x96: for GPUs; AP50 .*; lost 0\.0 ", capsys.readouterr().out)
    (row,) = [one for one in manifest_of(bundle)["accuracy"] if one["variant"] == "fp16" and one["className"] == "all"]
    assert row["loss"] == {"ap50": 0, "interval": [0, 0]}
    by_variant = {one["variant"]: one["msPerFrame"] for one in json.loads((tmp_path / "r.json").read_text())["results"]}
    assert by_variant["fp16"] is None and by_variant["fp32"] > 0
    verb(card, bundle)
    assert "## How FP16 was made\n\nFor GPUs: float16 from the input" in (bundle / "MODEL_CARD.md").read_text()


def test_compares_on_the_check_pictures_unless_told_otherwise(tmp_path, yard, verb):
    image = draw([(0, 0, "person")], 7)
    folder = write_bundle(tmp_path / "checked", colour_graph(), checks=[{"image": "check-1.png", "sha256": "0" * 64, "detections": []}])
    image.save(folder / "check-1.png")
    verb(half, folder)
    said = json.loads((folder / "reports/half.json").read_text())["pictures"]
    assert [(one["source"], one["file"]) for one in said] == [("checks", "check-1.png")]


def test_a_graph_whose_answers_break_is_refused_and_nothing_is_left(bundle, yard, verb, monkeypatch):
    monkeypatch.setattr(half, "BROKEN", -1.0)
    before = files_of(bundle), manifest_of(bundle)
    with pytest.raises(Refused, match="expected float16 to change confidences by at most -1.0, found 0.00; leave this model in float32"):
        verb(half, bundle, "--pictures", yard)
    assert (files_of(bundle), manifest_of(bundle)) == before


def test_forgets_what_was_measured_of_an_earlier_fp16_and_nothing_else(bundle, yard, verb):
    verb(half, bundle, "--pictures", yard)
    manifest = manifest_of(bundle)
    row = {"dataSet": "yard", "heightPx": 96, "widthPx": 96, "className": "all", "ap50": 1, "interval": [1, 1], "pictures": 3}
    manifest["accuracy"] = [{"variant": variant, **row} for variant in ("fp32", "fp16")]
    (bundle / "manifest.json").write_text(json.dumps(manifest))
    verb(half, bundle, "--pictures", yard)
    again = manifest_of(bundle)
    assert again["files"] == manifest["files"]
    assert [one["variant"] for one in again["accuracy"]] == ["fp32"]
    assert files_of(bundle) == ["fp16-96x96.onnx", "fp32-96x96.onnx", "manifest.json", "reports/half.json"]


def test_the_same_inputs_give_the_same_bytes(tmp_path, yard, verb):
    folders = [write_bundle(tmp_path / name, transformer_graph(), nms=None) for name in ("one", "two")]
    for folder in folders:
        verb(half, folder, "--pictures", yard)
    for file in ("manifest.json", "reports/half.json", "fp16-96x96.onnx"):
        assert (folders[0] / file).read_bytes() == (folders[1] / file).read_bytes()


def test_refuses_what_it_cannot_compare_or_halve(bundle, tmp_path, yard, verb):
    before = files_of(bundle)
    for values, sentence in [
        ([], "expected pictures to compare the answers on, found none; name a folder by --pictures"),
        (["--pictures", tmp_path / "nowhere"], "expected a folder of pictures, found none; check the path"),
    ]:
        with pytest.raises(Refused, match=sentence):
            verb(half, bundle, *values)
    assert files_of(bundle) == before
    alone = write_bundle(tmp_path / "alone", colour_graph())
    manifest = manifest_of(alone)
    manifest["files"][0]["variant"] = "int8"
    (alone / "manifest.json").write_text(json.dumps(manifest))
    with pytest.raises(Refused, match="expected an fp32 graph to make fp16 of, found int8; import the weights again"):
        verb(half, alone, "--pictures", yard)


def test_refuses_a_graph_within_a_graph():
    model = colour_graph()
    body = helper.make_graph([], "body", [], [])
    model.graph.node.append(helper.make_node("If", ["images"], ["unused"], "either", then_branch=body, else_branch=body))
    with pytest.raises(Refused, match='"either": expected one flat graph, found one within If; leave this model in float32'):
        HalfNetwork(model)
