"""INT8: what is calibrated, what stays float, what is written and what never is."""

import json
import shutil

import numpy as np
import onnx
import pytest
from conftest import SIDE, colour_graph, draw, write_bundle, write_pictures
from PIL import Image
from tierwatch_model import quantise
from tierwatch_model.bundle import read_bundle
from tierwatch_model.calibration import gather
from tierwatch_model.detector import GraphDetector, open_session
from tierwatch_model.graph import GraphMap, name_nodes
from tierwatch_model.refuse import Refused
from tierwatch_model.sensitivity import disturbance, measure


def manifest_of(folder):
    return json.loads((folder / "manifest.json").read_text())


def files_of(folder):
    return sorted(str(file.relative_to(folder)) for file in folder.rglob("*") if file.is_file())


def test_adds_an_int8_variant_that_answers_as_fp32_does(bundle, pictures, verb, capsys):
    verb(quantise, bundle, "--calibration", pictures, "--pictures", 16)
    assert "int8 96x96" in capsys.readouterr().out
    assert files_of(bundle) == ["fp32-96x96.onnx", "int8-96x96.onnx", "manifest.json", "reports/quantise.json"]
    made = read_bundle(bundle)
    picture = draw([(0, 0, "person"), (8, 4, "car")], seed=5)
    plain, int8 = (GraphDetector(made, file).detect(picture, 0.4) for file in made.manifest["files"])
    assert [one["className"] for one in int8] == [one["className"] for one in plain] == ["person", "car"]
    assert [one["confidence"] for one in int8] == pytest.approx([one["confidence"] for one in plain], abs=0.05)


def test_the_stored_graph_is_qdq_u8s8_per_channel_with_a_float_head(bundle, pictures, verb):
    verb(quantise, bundle, "--calibration", pictures)
    graph = onnx.load(str(bundle / "int8-96x96.onnx")).graph
    constants = {one.name: one for one in graph.initializer}
    restored = {node.output[0]: node for node in graph.node if node.op_type == "DequantizeLinear"}
    convolutions = {node.name: node for node in graph.node if node.op_type == "Conv"}
    kinds = {name: constants[restored[node.input[1]].input[0]].data_type for name, node in convolutions.items() if node.input[1] in restored}
    assert kinds == {"stem": onnx.TensorProto.INT8, "body": onnx.TensorProto.INT8}
    assert list(constants[restored[convolutions["stem"].input[1]].input[1]].dims) == [4]
    assert convolutions["head"].input[1] == "weights"


def test_reduce_range_uses_seven_bits_of_the_weights(bundle, pictures, verb):
    def largest():
        graph = onnx.load(str(bundle / next(one["file"] for one in manifest_of(bundle)["files"] if one["variant"] == "int8"))).graph
        return max(int(np.abs(onnx.numpy_helper.to_array(one).astype(int)).max()) for one in graph.initializer if one.data_type == onnx.TensorProto.INT8 and one.dims)

    verb(quantise, bundle, "--calibration", pictures)
    assert largest() == 64
    verb(quantise, bundle, "--calibration", pictures, "--no-reduce-range")
    assert largest() == 127


def test_hands_the_pictures_bytes_on_where_quantising_would_give_them_back(tmp_path, verb, monkeypatch):
    """Pictures with black and white have all 256 steps: each byte is its own step."""
    whole = tmp_path / "whole"
    whole.mkdir()
    for seed in range(9):
        picture = draw([(0, 0, "person")], seed)
        picture.paste((255, 255, 255), (90, 90, 96, 93))
        picture.paste((0, 0, 0), (90, 93, 96, 96))
        picture.save(whole / f"{seed}.png")
    folders = [write_bundle(tmp_path / name, colour_graph()) for name in ("taken", "rounded")]
    verb(quantise, folders[0], "--calibration", whole)
    monkeypatch.setattr(quantise, "take_bytes", lambda model: None)
    verb(quantise, folders[1], "--calibration", whole)
    taken, rounded = (onnx.load(str(folder / "int8-96x96.onnx")) for folder in folders)
    left_out = {node.name for node in rounded.graph.node} - {node.name for node in taken.graph.node}
    assert left_out == {"planes", "planes_QuantizeLinear"}
    pixels = np.random.default_rng(4).integers(0, 256, (2, SIDE, SIDE, 3), dtype=np.uint8)
    answers = [open_session(model.SerializeToString()).run(None, {"images": pixels}) for model in (taken, rounded)]
    assert all(np.array_equal(a, b) for a, b in zip(*answers))


def test_rounds_bytes_where_steps_are_others(bundle, pictures, verb):
    verb(quantise, bundle, "--calibration", pictures)
    names = [node.name for node in onnx.load(str(bundle / "int8-96x96.onnx")).graph.node]
    assert {"planes", "planes_QuantizeLinear"} <= set(names)


def test_keep_float_leaves_what_the_pattern_names(bundle, pictures, verb):
    verb(quantise, bundle, "--calibration", pictures, "--keep-float", "st*")
    (graph,) = json.loads((bundle / "reports/quantise.json").read_text())["graphs"]
    assert graph["float"] == ["stem", "head"]
    assert "body" in graph["int8"]


def test_the_sensitivity_pass_finds_the_activation_that_disturbs(tmp_path, pictures):
    model = colour_graph(disturbed=60.0)
    name_nodes(model)
    inputs = [np.asarray(sample.open()) for sample in gather([pictures], ["p"], 16, 1)]
    graph = GraphMap(model)
    rows = measure(model, graph.tensors(graph.network()), inputs)
    assert rows[0]["tensor"] == "colours"
    assert rows[0]["disturbance"] > 0.05 > rows[-1]["disturbance"]


def test_what_the_sensitivity_pass_finds_stays_float(tmp_path, pictures, verb):
    folder = write_bundle(tmp_path / "wide", colour_graph(disturbed=60.0))
    verb(quantise, folder, "--calibration", pictures)
    (graph,) = json.loads((folder / "reports/quantise.json").read_text())["graphs"]
    assert {"stem", "body"} <= set(graph["float"])
    assert graph["disturbance"] < 0.05


def test_a_graph_whose_answers_break_is_refused_and_nothing_is_left(tmp_path, pictures, verb):
    folder = write_bundle(tmp_path / "wide", colour_graph(disturbed=5000.0))
    before = files_of(folder), manifest_of(folder)
    with pytest.raises(Refused, match="expected INT8 to change confidences by at most"):
        verb(quantise, folder, "--calibration", pictures, "--sensitivity", "off")
    assert (files_of(folder), manifest_of(folder)) == before


def test_forgets_what_was_measured_of_an_earlier_int8(bundle, pictures, verb):
    verb(quantise, bundle, "--calibration", pictures)
    manifest = manifest_of(bundle)
    row = {"heightPx": 96, "widthPx": 96, "batch": 1, "msPerFrame": 1, "sessionMs": 1}
    manifest["benchmarks"] = [{"cpuFeatures": ["avx2"], "runtime": "x", "measuredAt": "2026-11-21", "rows": [{"variant": "fp32", **row}, {"variant": "int8", **row}]}]
    manifest["choice"] = [{"cpuFeatures": ["avx2"], "variant": "int8"}]
    (bundle / "manifest.json").write_text(json.dumps(manifest))
    verb(quantise, bundle, "--calibration", pictures, "--seed", 2, "--pictures", 9)
    again = manifest_of(bundle)
    assert [row["variant"] for row in again["benchmarks"][0]["rows"]] == ["fp32"]
    assert again["choice"] == []
    assert files_of(bundle) == sorted([one["file"] for one in again["files"]] + ["manifest.json", "reports/quantise.json"])


def test_the_same_inputs_give_the_same_bytes(tmp_path, pictures, verb):
    folders = [write_bundle(tmp_path / name, colour_graph()) for name in ("one", "two")]
    for folder in folders:
        verb(quantise, folder, "--calibration", pictures, "--named", "yard")
    assert (folders[0] / "manifest.json").read_bytes() == (folders[1] / "manifest.json").read_bytes()
    assert (folders[0] / "reports/quantise.json").read_bytes() == (folders[1] / "reports/quantise.json").read_bytes()


def test_draws_the_same_pictures_by_the_same_seed(pictures):
    first, again, other = (gather([pictures], ["p"], 8, seed) for seed in (1, 1, 2))
    assert len(first) == 8
    assert first == again != other


@pytest.mark.parametrize(
    ("make", "sentence"),
    [
        (lambda folder: folder.mkdir(), r'"[^"]*": expected calibration pictures \(\.jpg, \.png\), found none; name a folder'),
        (lambda folder: write_pictures(folder, 5), "calibration: expected at least 8 pictures, found 5"),
        (lambda folder: [folder.mkdir(), *(draw([], seed=1).save(folder / f"{index}.png") for index in range(9))], "calibration: expected pictures that differ, found them all alike"),
        (lambda folder: [folder.mkdir(), *((folder / f"{index}.jpg").write_text("text") for index in range(9))], r"expected a picture \(\.jpg, \.png\), found"),
        (lambda folder: None, "expected a folder of pictures, found none; check the path"),
    ],
)
def test_refuses_calibration_that_says_nothing(bundle, tmp_path, verb, make, sentence):
    make(tmp_path / "calibration")
    before = files_of(bundle)
    with pytest.raises(Refused, match=sentence):
        verb(quantise, bundle, "--calibration", tmp_path / "calibration")
    assert files_of(bundle) == before


def test_refuses_a_pattern_that_names_nothing(bundle, pictures, verb):
    with pytest.raises(Refused, match='"--keep-float nose": expected a pattern that names nodes, found none; convolutions are "stem", "body", "head"'):
        verb(quantise, bundle, "--calibration", pictures, "--keep-float", "nose")


def test_refuses_an_opset_of_which_per_channel_files_do_not_load(tmp_path, pictures, verb):
    folder = write_bundle(tmp_path / "old", colour_graph(opset=11))
    with pytest.raises(Refused, match="expected opset 13 or later, found 11"):
        verb(quantise, folder, "--calibration", pictures)


def test_refuses_a_tampered_and_a_newer_bundle(bundle, pictures, verb, tmp_path):
    newer = tmp_path / "newer"
    shutil.copytree(bundle, newer)
    (newer / "manifest.json").write_text(json.dumps({**manifest_of(bundle), "schemaVersion": 2}))
    with pytest.raises(Refused, match="expected schemaVersion 1, found 2: made by a newer Tierwatch"):
        verb(quantise, newer, "--calibration", pictures)
    with (bundle / "fp32-96x96.onnx").open("ab") as graph:
        graph.write(b"x")
    with pytest.raises(Refused, match="expected sha256"):
        verb(quantise, bundle, "--calibration", pictures)


def test_disturbance_weighs_sure_answers_more_than_the_tail():
    plain = np.array([[0.9, 0.01, 0.01]])
    assert disturbance(plain, plain) == 0
    assert disturbance(plain, np.array([[0.8, 0.01, 0.01]])) == pytest.approx(0.09 / 0.92)
    assert disturbance(plain, np.array([[0.9, 0.02, 0.01]])) == pytest.approx(0.0002 / 0.93)


def test_a_picture_is_fitted_top_left_and_boxes_come_back_0_to_1(bundle):
    wide = Image.new("RGB", (SIDE * 2, SIDE), (110, 110, 110))
    wide.paste((230, 20, 20), (0, 0, 48, 48))
    loaded = read_bundle(bundle)
    (found,) = GraphDetector(loaded, loaded.manifest["files"][0]).detect(wide, 0.4)
    assert found["className"] == "person"
    assert found["box"] == pytest.approx([0, 0, 0.25, 0.5], abs=1e-6)
