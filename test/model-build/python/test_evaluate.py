"""The figures of evaluate: pycocotools' own, intervals that hold, and labels that don't fit refused."""

import json
import re
import shutil

import numpy as np
import pytest
from conftest import colour_graph, write_bundle, write_pictures
from tierwatch_model import evaluate, quantise
from tierwatch_model.coco import Labelled, judged_classes, read_labels
from tierwatch_model.refuse import Refused
from tierwatch_model.report import by_turns, within
from tierwatch_model.score import Judgement, bootstrap, interval, resamplings


def random_scene(seed, pictures=40):
    """Truths and detections of two classes, some right, some shifted, some made up, some crowds."""
    rng = np.random.default_rng(seed)
    labelled, detections = [], []
    for key in range(pictures):
        one, found = Labelled(key, None, 200, 100), []
        for _ in range(rng.integers(0, 4)):
            x, y, side = rng.uniform(0, 150), rng.uniform(0, 60), rng.uniform(8, 40)
            name = rng.choice(["person", "car"])
            one.labels.append((str(name), [x, y, side, side], bool(rng.random() < 0.1)))
            if rng.random() < 0.7:
                dx = rng.normal(0, 4)
                found.append({"className": str(name), "confidence": float(rng.random()), "box": [(x + dx) / 200, y / 100, (x + dx + side) / 200, (y + side) / 100]})
        if rng.random() < 0.4:
            found.append({"className": "person", "confidence": float(rng.random()), "box": [0.1, 0.1, 0.3, 0.6]})
        labelled.append(one)
        detections.append(found)
    return labelled, detections


JUDGED = judged_classes("person,car", [("b", ["person", "car"])], {"person", "car"})


@pytest.mark.parametrize("seed", range(6))
def test_ap50_is_what_pycocotools_accumulates(seed):
    labelled, detections = random_scene(seed)
    judgement = Judgement(labelled, JUDGED, detections)
    for index in range(2):
        precision = judgement.evaluation.eval["precision"][0, :, index, 0, -1]
        assert judgement.matches(index).ap50() == pytest.approx(precision.mean(), abs=1e-12)


def test_counting_every_picture_twice_changes_no_ap50():
    labelled, detections = random_scene(3)
    matches = Judgement(labelled, JUDGED, detections).matches(0)
    assert matches.ap50(np.full(40, 2)) == pytest.approx(matches.ap50(), abs=1e-12)


def test_a_resampling_is_the_ap50_of_the_pictures_drawn():
    labelled, detections = random_scene(4)
    weights = resamplings(len(labelled), 5, seed=1)
    matches = Judgement(labelled, JUDGED, detections).matches(0)
    for row in weights:
        drawn = [index for index, count in enumerate(row) for _ in range(count)]
        again = [Labelled(place, None, 200, 100, labelled[index].labels) for place, index in enumerate(drawn)]
        # Equal confidences of one picture drawn twice keep their order: what is true of one is true of all.
        assert matches.ap50(row) == pytest.approx(Judgement(again, JUDGED, [detections[index] for index in drawn]).matches(0).ap50(), abs=0.02)


def test_intervals_hold_the_value_and_are_the_same_for_the_same_seed():
    labelled, detections = random_scene(5)
    matches = [Judgement(labelled, JUDGED, detections).matches(index) for index in range(2)]
    samples = bootstrap(matches, resamplings(40, 300, seed=1))
    again = bootstrap(matches, resamplings(40, 300, seed=1))
    assert samples.shape == (300, 3)
    assert np.array_equal(samples, again)
    low, high = interval(samples[:, 0])
    assert low < matches[0].ap50() < high


def test_recall_and_false_alarms_count_from_the_confidence_in_use():
    labelled = [Labelled(0, None, 100, 100, [("person", [0, 0, 50, 50], False), ("person", [50, 50, 40, 40], False)]), Labelled(1, None, 100, 100)]
    hit = {"className": "person", "confidence": 0.9, "box": [0, 0, 0.5, 0.5]}
    weak = {"className": "person", "confidence": 0.3, "box": [0.5, 0.5, 0.9, 0.9]}
    false = {"className": "person", "confidence": 0.6, "box": [0.1, 0.6, 0.3, 0.9]}
    judgement = Judgement(labelled, JUDGED[:1], [[hit, weak], [false]])
    assert judgement.matches(0).at(0.4) == {"recall": 0.5, "precision": 0.5, "falseAlarms": 1}
    assert judgement.matches(0).at(0.2) == {"recall": 1.0, "precision": 2 / 3, "falseAlarms": 1}
    assert judgement.alarms_on_empty(labelled, 0.4) == {"pictures": 1, "alarms": 1}
    misses, falses = judgement.errors(0.4)
    assert [one["box"] for one in misses] == [[50, 50, 40, 40]]
    assert [(one["picture"], one["confidence"]) for one in falses] == [(1, 0.6)]


def test_a_bicycle_is_no_vehicle_and_not_held_against_a_model():
    judged = judged_classes("vehicle", [("b", ["car", "bicycle"])], {"car", "bicycle"})
    labelled = [Labelled(0, None, 100, 100, [("bicycle", [0, 0, 50, 50], False), ("car", [50, 50, 40, 40], False)])]
    found = [{"className": "vehicle", "confidence": 0.9, "box": [0, 0, 0.5, 0.5]}, {"className": "vehicle", "confidence": 0.8, "box": [0.5, 0.5, 0.9, 0.9]}]
    assert Judgement(labelled, judged, [found]).matches(0).at(0.4) == {"recall": 1.0, "precision": 1.0, "falseAlarms": 0}


def test_classes_may_be_names_groups_or_sums():
    bundles = [("b", ["person", "car", "bus"])]
    labels = {"person", "car", "bus", "chair"}
    found = {one.name: sorted(one.members) for one in judged_classes("person,vehicle,big=bus", bundles, labels)}
    assert found == {"person": ["person"], "vehicle": ["bus", "car", "motorcycle", "truck", "vehicle"], "big": ["bus"]}
    assert [one.name for one in judged_classes(None, bundles, labels)] == ["person", "car", "bus"]
    with pytest.raises(Refused, match='"b": expected a class for chair'):
        judged_classes("chair", bundles, labels)
    with pytest.raises(Refused, match='"--classes dog": expected labels of dog, found bus'):
        judged_classes("dog", bundles, labels)
    with pytest.raises(Refused, match="expected classes that the bundles and the labels share, found none"):
        judged_classes(None, [("b", ["dog"])], labels)


def test_a_perfect_model_has_ap50_1_in_html_json_and_manifest(bundle, pictures, verb, tmp_path, capsys):
    verb(evaluate, bundle, "--data", pictures, "--classes", "person,vehicle", "--record", "--bootstrap", 50, "--out", tmp_path / "r.html")
    report = json.loads((tmp_path / "r.json").read_text())
    (result,) = report["results"]
    assert {one["className"]: (one["truths"], one["ap50"], one["recall"], one["falseAlarms"]) for one in result["classes"]} == {"person": (20, 1.0, 1.0, 0), "vehicle": (10, 1.0, 1.0, 0)}
    assert result["empty"] == {"pictures": 10, "alarms": 0}
    assert result["msPerFrame"] > 0
    rows = json.loads((bundle / "manifest.json").read_text())["accuracy"]
    assert rows[0] == {"dataSet": "pictures", "variant": "fp32", "heightPx": 96, "widthPx": 96, "className": "person", "ap50": 1.0, "interval": [1.0, 1.0], "pictures": 30}
    assert [row["className"] for row in rows] == ["person", "vehicle", "all"]
    html = (tmp_path / "r.html").read_text()
    assert "<svg" in html and "colours@1 fp32 96x96" in html
    assert re.findall(r'(?:src|href)="(?!data:)', html) == []
    assert "AP50 person 100.0 [100.0, 100.0]" in capsys.readouterr().out


def test_bundles_stand_side_by_side_with_paired_differences(bundle, pictures, verb, tmp_path):
    other = write_bundle(tmp_path / "small", colour_graph(side=48), side=48, name="small")
    verb(evaluate, bundle, other, "--data", pictures, "--bootstrap", 50, "--out", tmp_path / "r.html")
    first, second = json.loads((tmp_path / "r.json").read_text())["results"]
    assert "gainToFirst" not in first
    assert second["all"]["ap50"] < 1
    (gain,) = [one for one in second["gainToFirst"] if one["className"] == "all"]
    assert gain["ap50"] == pytest.approx(second["all"]["ap50"] - 1)
    html = (tmp_path / "r.html").read_text()
    assert "misses, the largest" in html and "data:image/jpeg;base64," in html
    assert json.loads((other / "reports/evaluate-pictures.json").read_text())["results"] == [second]


def test_pictures_that_int8_was_calibrated_with_are_left_out(bundle, pictures, verb, tmp_path):
    verb(quantise, bundle, "--calibration", pictures, "--pictures", 12)
    verb(evaluate, bundle, "--data", pictures, "--bootstrap", 20, "--record", "--out", tmp_path / "r.html")
    report = json.loads((tmp_path / "r.json").read_text())
    assert (report["pictures"], report["leftOut"]) == (18, 12)
    plain, int8 = report["results"]
    assert [row["className"] for row in int8["loss"]] == ["person", "car", "all"]
    rows = [row for row in json.loads((bundle / "manifest.json").read_text())["accuracy"] if row["variant"] == "int8"]
    assert all(abs(row["loss"]["ap50"]) <= 0.05 for row in rows)
    verb(evaluate, bundle, "--data", pictures, "--bootstrap", 20, "--calibrated", "--out", tmp_path / "r.html")
    assert json.loads((tmp_path / "r.json").read_text())["pictures"] == 30


def test_recording_a_data_set_again_replaces_its_rows(bundle, pictures, verb, tmp_path):
    for _ in range(2):
        verb(evaluate, bundle, "--data", pictures, "--bootstrap", 20, "--record", "--out", tmp_path / "r.html")
    verb(evaluate, bundle, "--data", pictures, "--bootstrap", 20, "--record", "--data-set", "yard", "--out", tmp_path / "r.html")
    rows = json.loads((bundle / "manifest.json").read_text())["accuracy"]
    assert [row["dataSet"] for row in rows] == ["pictures"] * 3 + ["yard"] * 3


def spoil(**changes):
    def change(folder):
        file = folder / "annotations.json"
        file.write_text(json.dumps({**json.loads(file.read_text()), **changes}))

    return change


LABEL = {"id": 1, "image_id": 1, "category_id": 1, "bbox": [0, 0, 10, 10], "area": 100, "iscrowd": 0}


@pytest.mark.parametrize(
    ("change", "sentence"),
    [
        (lambda folder: (folder / "annotations.json").unlink(), "expected labels in COCO's format, found none that can be read"),
        (lambda folder: (folder / "annotations.json").write_text("<xml>"), "expected labels in COCO's format .*, found JSONDecodeError"),
        (spoil(images=[]), "expected labelled pictures, found none"),
        (lambda folder: (folder / "images/0003.png").unlink(), 'found 1 of 30 missing, such as "0003.png"; the labels belong to other pictures'),
        (lambda folder: shutil.rmtree(folder / "images"), "expected its pictures beside it or in images/, found none; name them with --images"),
        (spoil(images=[{"id": 1, "file_name": "0001.png", "width": 640, "height": 480}], annotations=[]), "expected 640x480 as \"annotations.json\" says, found 96x96"),
        (spoil(annotations=[{**LABEL, "image_id": 77}]), "annotation 1: expected a picture and a category of the file, found image_id 77"),
        (spoil(annotations=[{**LABEL, "category_id": 9}]), "found category_id 9"),
        (spoil(annotations=[{**LABEL, "bbox": [50, 50, 90, 10]}]), r"expected a box inside 96x96, found \[50, 50, 90, 10\]"),
        (spoil(annotations=[{**LABEL, "bbox": [50, 50]}]), r"expected bbox \[x, y, width, height\] in px"),
    ],
)
def test_refuses_labels_that_do_not_match_their_pictures(bundle, pictures, verb, tmp_path, change, sentence):
    change(pictures)
    with pytest.raises(Refused, match=sentence):
        verb(evaluate, bundle, "--data", pictures, "--out", tmp_path / "r.html")
    assert not (tmp_path / "r.html").exists()


def test_reads_cocos_json_with_pictures_elsewhere(pictures, tmp_path):
    labels = tmp_path / "labels.json"
    labels.write_text((pictures / "annotations.json").read_text())
    assert len(read_labels(labels, pictures / "images")) == 30


def test_refuses_when_no_picture_is_left_that_int8_was_not_calibrated_with(bundle, tmp_path, verb):
    few = write_pictures(tmp_path / "few", 9)
    verb(quantise, bundle, "--calibration", few)
    with pytest.raises(Refused, match="expected pictures that INT8 was not calibrated with, found none among 9"):
        verb(evaluate, bundle, "--data", few, "--out", tmp_path / "r.html")


def test_large_vehicles_do_not_hide_the_misses_of_people():
    errors = [{"className": name, "picture": place} for place, name in enumerate(["vehicle", "vehicle", "vehicle", "person"])]
    assert [one["picture"] for one in by_turns(errors)] == [0, 3, 1, 2]


@pytest.mark.parametrize("start, most, expected", [(-5, 10, 0), (4, 10, 4), (12, 10, 10), (3, -8, -4)])
def test_a_tile_stays_inside_its_picture_or_around_it(start, most, expected):
    assert within(start, most) == expected
