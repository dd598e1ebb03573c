"""Pseudo-labels: what holds over time is a label, what flashes or was missed is ignored."""

import json
import re

import pytest
from conftest import SQUARE, STRIDE, draw
from tierwatch_model import label
from tierwatch_model.coco import read_labels
from tierwatch_model.refuse import Refused
from tierwatch_model.tracks import closeness, labels_of, link


def at(x, confidence=0.8, name="person", width=0.1):
    return {"className": name, "confidence": confidence, "box": [x, 0.2, x + width, 0.6]}


def sure(labels):
    return [[one["className"] for one in rows if one["isSure"]] for rows in labels]


def test_a_walk_is_one_track_and_every_picture_has_its_label():
    labels = labels_of([[at(0.05 + 0.06 * step)] for step in range(8)], 0.4)
    assert sure(labels) == [["person"]] * 8
    assert {one["track"] for rows in labels for one in rows} == {1}
    assert [round(rows[0]["box"][0], 2) for rows in labels] == [round(0.05 + 0.06 * step, 2) for step in range(8)]


def test_a_flash_is_no_label_but_not_held_against_a_student_either():
    labels = labels_of([[], [at(0.5, 0.9)], [], [], [], []], 0.4)
    assert sure(labels) == [[]] * 6
    assert [len(rows) for rows in labels] == [0, 1, 0, 0, 0, 0]


def test_what_a_teacher_missed_between_is_ignored_there():
    labels = labels_of([[at(0.3)], [at(0.3)], [], [at(0.3)], [at(0.3)]], 0.4)
    assert sure(labels) == [["person"], ["person"], [], ["person"], ["person"]]
    assert [one["isSure"] for one in labels[2]] == [False]


def test_a_weak_answer_within_a_sure_track_is_a_label_and_a_weak_track_is_none():
    assert sure(labels_of([[at(0.3, confidence)] for confidence in (0.8, 0.2, 0.8)], 0.4)) == [["person"]] * 3
    assert sure(labels_of([[at(0.3, 0.3)]] * 6, 0.4)) == [[]] * 6


def test_a_still_thing_has_one_box_and_one_class():
    jitter = [at(0.3 + 0.004 * (step % 3), name="truck" if step == 2 else "car") for step in range(6)]
    labels = labels_of([[one] for one in jitter], 0.4)
    assert sure(labels) == [["car"]] * 6
    assert len({tuple(one["box"]) for rows in labels for one in rows}) == 1


def test_a_weak_answer_where_the_walker_just_was_does_not_take_over_his_track():
    walk = [[at(0.1 + 0.05 * step, 0.6), at(0.05 + 0.05 * step, 0.15)] for step in range(6)]
    labels = labels_of(walk, 0.4)
    assert sure(labels) == [["person"]] * 6
    assert [[one["confidence"] for one in rows if one["isSure"]] for rows in labels] == [[0.6]] * 6
    assert {one["track"] for rows in labels for one in rows if one["isSure"]} == {1}


def test_two_who_pass_each_other_stay_two():
    frames = [[at(0.1 + 0.05 * step), at(0.7 - 0.05 * step, name="person", width=0.12)] for step in range(4)]
    assert len(link(frames)) == 2


def test_far_apart_or_of_another_size_is_another_thing():
    assert closeness(at(0.1)["box"], at(0.8)["box"]) == 0
    assert closeness(at(0.1)["box"], at(0.15, width=0.3)["box"]) == 0
    assert closeness(at(0.1)["box"], at(0.1)["box"]) == pytest.approx(2)


@pytest.fixture
def frames(tmp_path):
    """A red square that walks, seen in every picture; blue ones flash in the third."""
    folder = tmp_path / "frames"
    folder.mkdir()
    rows = []
    for step in range(6):
        squares = [(step, 4, "person")] + ([(8, 8, "car")] if step == 2 else [])
        name = f"yard-{step:08}.png"
        draw(squares, seed=step).save(folder / name)
        rows.append({"file": name, "video": "yard.mp4", "atSeconds": step * 0.5, "widthPx": 96, "heightPx": 96})
    (folder / "frames.json").write_text(json.dumps(rows[::-1]))
    return folder


def test_writes_cocos_labels_with_the_pictures_beside_them(bundle, frames, verb, tmp_path, capsys):
    out = tmp_path / "labels/annotations.json"
    verb(label, "--frames", frames, "--teacher", bundle, "--out", out)
    assert capsys.readouterr().out == f"{out}: 6 pictures, 6 labels, 1 regions to ignore\n"
    read = read_labels(out.parent)
    assert [one.file.name for one in read] == [f"yard-{step:08}.png" for step in range(6)]
    for step, one in enumerate(read):
        (kept,) = [box for name, box, crowd in one.labels if not crowd]
        assert kept == pytest.approx([step * STRIDE, 4 * STRIDE, SQUARE, SQUARE], abs=1)
    coco = json.loads(out.read_text())
    assert coco["categories"] == [{"id": 1, "name": "person"}, {"id": 3, "name": "car"}]
    assert [one["at_seconds"] for one in coco["images"]] == [0, 0.5, 1, 1.5, 2, 2.5]
    assert sorted(file.name for file in out.parent.iterdir()) == ["annotations.json", "images"]


@pytest.mark.parametrize(
    ("keep", "confidence", "sentence"),
    [
        ((2, 4), 0.4, "2 answers reach --confidence 0.4, but nothing holds it for 3 pictures; take pictures more often (--every), or lower it"),
        ((2, 4), 0.999, r"the surest answer has a confidence of 0\.9\d; lower --confidence 0\.999, or name another teacher"),
        ((), 0.4, "0.1, a quarter of --confidence, was reached by no answer; name footage with something in it, or another teacher"),
    ],
)
def test_says_why_nothing_was_labelled(bundle, frames, verb, tmp_path, capsys, keep, confidence, sentence):
    rows = sorted(json.loads((frames / "frames.json").read_text()), key=lambda one: one["atSeconds"])
    for step, row in enumerate(rows):
        draw([(8, 8, "car")] if step in keep[:1] else [(0, 0, "person")] if step in keep[1:] else [], seed=step).save(frames / row["file"])
    verb(label, "--frames", frames, "--teacher", bundle, "--confidence", confidence, "--out", tmp_path / "labels/annotations.json")
    first, second = capsys.readouterr().out.splitlines()
    assert first.endswith(f": 6 pictures, 0 labels, {len(keep)} regions to ignore")
    assert re.fullmatch(f"nothing was labelled: {sentence if chr(92) in sentence else re.escape(sentence)}", second)


def test_does_not_mix_new_labels_with_pictures_of_others(bundle, frames, verb, tmp_path):
    (tmp_path / "images").mkdir()
    with pytest.raises(Refused, match="expected no pictures where new labels go, found a folder"):
        verb(label, "--frames", frames, "--teacher", bundle, "--out", tmp_path / "annotations.json")


def test_refuses_two_videos_of_one_name(bundle, frames, verb, tmp_path):
    out = tmp_path / "labels/annotations.json"
    with pytest.raises(Refused, match="expected videos of different names"):
        verb(label, "--frames", frames, "--frames", frames, "--teacher", bundle, "--out", out)
    assert not out.parent.exists()
