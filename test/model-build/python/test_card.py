"""The card says what was measured, and what was not."""

import json

import pytest
from tierwatch_model import card, evaluate, quantise
from tierwatch_model.refuse import Refused


def test_says_what_was_not_measured(bundle, verb):
    verb(card, bundle)
    text = (bundle / "MODEL_CARD.md").read_text()
    assert "# colours 1 (production grade)" in text
    assert "Not measured yet: `tierwatch model benchmark`." in text
    assert "Not recorded yet: `tierwatch model evaluate --record`." in text
    assert "INT8" not in text


def test_says_what_was_measured_with_intervals_and_notes(bundle, pictures, verb, tmp_path):
    verb(quantise, bundle, "--calibration", pictures, "--pictures", 12, "--named", "yard")
    verb(evaluate, bundle, "--data", pictures, "--record", "--bootstrap", 20, "--out", tmp_path / "r.html")
    manifest = json.loads((bundle / "manifest.json").read_text())
    row = {"heightPx": 96, "widthPx": 96, "batch": 1, "sessionMs": 20}
    manifest["benchmarks"] = [{"cpuFeatures": ["avx2"], "runtime": "r", "measuredAt": "2026-11-21", "rows": [{"variant": "fp32", "msPerFrame": 2, **row}, {"variant": "int8", "msPerFrame": 1, **row}]}]
    manifest["choice"] = [{"cpuFeatures": ["avx2"], "variant": "int8"}]
    (bundle / "manifest.json").write_text(json.dumps(manifest))
    (bundle / "NOTES.md").write_text("Not for night.\n")
    verb(card, bundle)
    text = (bundle / "MODEL_CARD.md").read_text()
    assert "| avx2 | int8 96x96 | 1 | 1.00 | 20 |" in text
    assert "Variant that a CPU takes, the first rule that fits: avx2: int8." in text
    assert "| pictures | 18 | fp32 96x96 | person | 100.0 [100.0, 100.0] |  |" in text
    assert "calibrated on 12 of yard (seed 1)" in text
    assert "## In use on pictures, confidence 0.4" in text
    assert "18 pictures; 12 more were left out because INT8 was calibrated with them." in text
    assert text.endswith("## Notes\n\nNot for night.\n")


def test_writes_its_own_card_again_with_the_same_bytes_but_not_over_one_by_hand(bundle, verb):
    for _ in range(2):
        verb(card, bundle)
    first = (bundle / "MODEL_CARD.md").read_bytes()
    verb(card, bundle)
    assert (bundle / "MODEL_CARD.md").read_bytes() == first
    (bundle / "MODEL_CARD.md").write_text("# By hand\n")
    with pytest.raises(Refused, match="expected a card that this command wrote, found one by hand"):
        verb(card, bundle)


def test_forgets_reports_of_graphs_that_are_no_longer_the_bundles(bundle, pictures, verb, tmp_path):
    verb(evaluate, bundle, "--data", pictures, "--bootstrap", 20, "--out", tmp_path / "r.html")
    file = bundle / "reports/evaluate-pictures.json"
    report = json.loads(file.read_text())
    report["results"][0]["bytes"] += 1
    file.write_text(json.dumps(report))
    verb(card, bundle)
    assert "In use on" not in (bundle / "MODEL_CARD.md").read_text()


def test_one_point_is_not_decidable_where_its_interval_crosses_it():
    assert card.undecided({"ap50": 0.004, "interval": [-0.01, 0.02]}) == " (1 point: not decidable)"
    assert card.undecided({"ap50": 0.004, "interval": [-0.01, 0.01]}) == ""
    assert card.undecided({"ap50": 0.04, "interval": [0.02, 0.06]}) == ""
