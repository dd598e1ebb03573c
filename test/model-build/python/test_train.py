"""The student: its configuration, going on where it stopped, and a bundle that is whole or not there."""

import json
import os
import signal

import numpy
import onnxruntime
import pytest

torch = pytest.importorskip("torch")

from conftest import write_pictures  # noqa: E402
from tierwatch_model import export, train  # noqa: E402
from tierwatch_model.bundle import read_bundle  # noqa: E402
from tierwatch_model.refuse import Refused, run  # noqa: E402

CONFIG = {"data": "pictures", "seed": 1, "batch": 2, "steps": 4, "learningRate": 0.002, "height": 64, "width": 64, "threads": 1}


def config_at(folder, **changes):
    file = folder / "toy.yaml"
    file.write_text(json.dumps({key: value for key, value in {**CONFIG, **changes}.items() if value is not None}))
    return file


def weights(folder):
    return torch.load(folder / "checkpoint.pt", weights_only=True)


@pytest.fixture
def toy(tmp_path):
    write_pictures(tmp_path / "pictures", 12)
    return tmp_path


def test_stopped_and_resumed_is_what_was_never_stopped(toy, verb):
    verb(train, "--config", config_at(toy), "--out", toy / "whole")
    verb(train, "--config", config_at(toy), "--out", toy / "parts", "--minutes", 1e-9)
    assert weights(toy / "parts")["step"] == 0
    verb(train, "--config", config_at(toy), "--out", toy / "parts", "--resume")
    whole, parts = weights(toy / "whole"), weights(toy / "parts")
    assert (whole["step"], parts["step"]) == (4, 4)
    assert all(torch.equal(whole["average"][name], parts["average"][name]) for name in whole["average"])


def test_does_not_train_over_a_checkpoint_without_being_told(toy, verb):
    verb(train, "--config", config_at(toy), "--out", toy / "run")
    with pytest.raises(Refused, match="expected no checkpoint, found one; add --resume to go on"):
        verb(train, "--config", config_at(toy), "--out", toy / "run")


@pytest.mark.parametrize(
    ("changes", "sentence"),
    [
        ({"momentum": 0.9}, "unknown: momentum; missing: none"),
        ({"seed": None}, "unknown: none; missing: seed"),
        ({"steps": 0}, "steps: expected int above 0, found 0"),
        ({"batch": "many"}, "batch: expected int above 0, found 'many'"),
        ({"height": 100}, "expected height and width in multiples of 32 px, found 100x64"),
        ({"data": "nowhere"}, "expected labels in COCO's format, found none; draw some"),
    ],
)
def test_refuses_a_configuration_that_makes_no_sense(toy, verb, changes, sentence):
    with pytest.raises(Refused, match=sentence):
        verb(train, "--config", config_at(toy, **changes), "--out", toy / "run")
    assert not (toy / "run").exists()


@pytest.fixture
def checkpoint(toy, verb):
    verb(train, "--config", config_at(toy), "--out", toy / "run")
    return toy / "run/checkpoint.pt"


def exported(verb, toy, checkpoint, out):
    verb(export, "--checkpoint", checkpoint, "--data", toy / "pictures", "--input", "96x96", "--out", out)


def test_exports_a_bundle_that_is_whole_and_replaces_an_earlier_one(toy, verb, checkpoint):
    for _ in range(2):
        exported(verb, toy, checkpoint, toy / "out")
    assert [one["variant"] for one in read_bundle(toy / "out").manifest["files"]] == ["fp32", "int8"]
    report = json.loads((toy / "out/reports/quantise.json").read_text())
    assert [one["file"] for one in report["calibration"]] == [f"{index:04}.png" for index in range(12)]
    assert sorted(file.name for file in toy.iterdir()) == ["out", "pictures", "run", "toy.yaml"]


def test_what_the_network_is_sure_of_is_told_as_the_confidence_that_fleets_ask_for(toy, verb, checkpoint):
    picture = numpy.full((1, 96, 96, 3), 90, numpy.uint8)

    def logits(*more):
        verb(export, "--checkpoint", checkpoint, "--data", toy / "pictures", "--input", "96x96", "--out", toy / "out", *more)
        session = onnxruntime.InferenceSession(toy / "out/fp32-96x96.onnx")
        told = session.run(["confidences"], {"images": picture})[0].astype(numpy.float64)
        return numpy.log(told / (1 - told))

    shift = numpy.log(0.4 / 0.6) - numpy.log(0.7 / 0.3)
    numpy.testing.assert_allclose(logits("--sure", "0.7"), logits() + shift, atol=1e-3)
    with pytest.raises(Refused, match='"--sure 1.0": expected a confidence between 0 and 1'):
        logits("--sure", "1")


def test_boxes_that_overlap_more_than_asked_are_one_thing(toy, verb, checkpoint):
    def threshold(*more):
        verb(export, "--checkpoint", checkpoint, "--data", toy / "pictures", "--input", "96x96", "--out", toy / "out", *more)
        return read_bundle(toy / "out").manifest["nms"]["iouThreshold"]

    assert (threshold(), threshold("--iou", "0.55")) == (0.4, 0.55)
    with pytest.raises(Refused, match='"--iou 0.0": expected a ratio above 0 and up to 1'):
        threshold("--iou", "0")


def test_says_what_weights_are_and_who_may_use_them(toy, verb, checkpoint):
    about = {"name": "yard", "version": "7", "grade": "production", "licence": "Apache-2.0"}
    options = [part for key, value in about.items() for part in (f"--{key}", value)]
    verb(export, "--checkpoint", checkpoint, "--data", toy / "pictures", "--input", "96x96", "--out", toy / "out", *options, "--source", "https://example.org/yard")
    manifest = read_bundle(toy / "out").manifest
    assert {key: manifest[key] for key in about} == about
    assert manifest["source"]["url"] == "https://example.org/yard"


@pytest.mark.parametrize(
    ("change", "sentence"),
    [
        ({"file_name": "other.png"}, "found 1 of 12 missing, such as \"other.png\"; the labels belong to other pictures"),
        ({"width": 7}, "expected 7x96 as \"annotations.json\" says, found 96x96; the labels belong to other pictures"),
    ],
)
def test_does_not_train_on_labels_of_other_pictures(toy, verb, change, sentence):
    file = toy / "pictures/annotations.json"
    content = json.loads(file.read_text())
    content["images"][3].update(change)
    file.write_text(json.dumps(content))
    with pytest.raises(Refused, match=sentence):
        verb(train, "--config", config_at(toy), "--out", toy / "run")
    assert not (toy / "run").exists()


@pytest.mark.parametrize("content", [b"weights", {"network": {}}, {"average": {"stem": torch.zeros(1)}}, None])
def test_refuses_what_is_no_checkpoint_of_a_training_run(toy, verb, content):
    file = toy / "other.pt"
    if isinstance(content, bytes):
        file.write_bytes(content)
    elif content is not None:
        torch.save(content, file)
    found = "No such file or directory" if content is None else "other bytes"
    with pytest.raises(Refused, match=f'other.pt": expected a checkpoint of "tierwatch model train", found {found}; train one'):
        exported(verb, toy, file, toy / "out")
    assert not (toy / "out").exists()


def test_a_failed_export_leaves_the_old_bundle_and_nothing_else(toy, verb, checkpoint, monkeypatch):
    exported(verb, toy, checkpoint, toy / "out")
    before = (toy / "out/manifest.json").read_bytes()
    monkeypatch.setattr(export, "quantise_graph", lambda *_: (_ for _ in ()).throw(Refused("no")))
    with pytest.raises(Refused):
        exported(verb, toy, checkpoint, toy / "out")
    assert (toy / "out/manifest.json").read_bytes() == before
    assert sorted(file.name for file in toy.iterdir()) == ["out", "pictures", "run", "toy.yaml"]


def test_a_rename_that_fails_brings_the_old_bundle_back(toy, verb, checkpoint, monkeypatch):
    exported(verb, toy, checkpoint, toy / "out")
    before = (toy / "out/manifest.json").read_bytes()
    rename = export.os.rename

    def refuse_the_new(source, target):
        if target == toy / "out" and ".old" not in source.name:
            raise OSError("no space")
        rename(source, target)

    monkeypatch.setattr(export.os, "rename", refuse_the_new)
    with pytest.raises(OSError, match="no space"):
        exported(verb, toy, checkpoint, toy / "out")
    assert (toy / "out/manifest.json").read_bytes() == before
    assert sorted(file.name for file in toy.iterdir()) == ["out", "pictures", "run", "toy.yaml"]


def test_refuses_what_is_no_checkpoint_and_a_folder_that_is_no_bundle(toy, verb, checkpoint):
    (toy / "text.pt").write_text("text")
    with pytest.raises(Refused, match='expected a checkpoint of "tierwatch model train", found'):
        exported(verb, toy, toy / "text.pt", toy / "out")
    with pytest.raises(Refused, match="expected a new folder or a bundle to replace, found something else"):
        exported(verb, toy, checkpoint, toy / "pictures")


def test_an_export_that_is_told_to_end_leaves_the_old_bundle_and_nothing_else(toy, verb, checkpoint, monkeypatch, capsys):
    exported(verb, toy, checkpoint, toy / "out")
    before = (toy / "out/manifest.json").read_bytes()
    monkeypatch.setattr(export, "quantise_graph", lambda *_: os.kill(os.getpid(), signal.SIGTERM))
    usual = signal.getsignal(signal.SIGTERM)
    try:
        with pytest.raises(SystemExit, match="1"):
            run(lambda: exported(verb, toy, checkpoint, toy / "out"))
    finally:
        signal.signal(signal.SIGTERM, usual)
    assert "tierwatch: interrupted; nothing half-written was left" in capsys.readouterr().err
    assert (toy / "out/manifest.json").read_bytes() == before
    assert sorted(file.name for file in toy.iterdir()) == ["out", "pictures", "run", "toy.yaml"]


@pytest.mark.parametrize(
    ("error", "found"),
    [
        (NotADirectoryError(20, "Not a directory", "file/out"), '"file/out": expected to read and write there, found Not a directory; check the path'),
        (OSError("no space"), '"this computer": expected to read and write there, found no space; check the path'),
    ],
)
def test_what_the_computer_refuses_is_one_sentence(capsys, error, found):
    def fail():
        raise error

    usual = signal.getsignal(signal.SIGTERM)
    try:
        with pytest.raises(SystemExit, match="1"):
            run(fail)
    finally:
        signal.signal(signal.SIGTERM, usual)
    told = capsys.readouterr().err
    assert found in told and len(told.strip().splitlines()) == 1
