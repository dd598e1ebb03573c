"""Graphs of YOLOX's sizes, and the table of what INT8 gains on them."""

import numpy as np
import pytest
from tierwatch_model import int8_speed
from tierwatch_model.detector import open_session
from tierwatch_model.refuse import Refused
from tierwatch_model.yolox_graph import YoloxGraph


@pytest.mark.parametrize(("size", "gigaflops"), [("tiny", 6.45), ("s", 26.8), ("m", 73.8)])
def test_the_graphs_cost_what_the_paper_says(size, gigaflops):
    side = 416 if size == "tiny" else 640
    graph = YoloxGraph(size, side, side, "silu")
    graph.build()
    assert 2 * graph.macs / 1e9 == pytest.approx(gigaflops, rel=0.04)


@pytest.mark.parametrize("activation", ["silu", "relu"])
def test_a_graph_answers_by_the_contract(activation):
    session = open_session(YoloxGraph("nano", 64, 96, activation).build().SerializeToString())
    images = np.random.default_rng(1).integers(0, 256, (2, 64, 96, 3), dtype=np.uint8)
    boxes, confidences, classes = session.run(["boxes", "confidences", "classIndexes"], {"images": images})
    assert (boxes.shape, confidences.shape, classes.shape) == ((2, 100, 4), (2, 100), (2, 100))
    assert np.isfinite(boxes).all() and (confidences >= 0).all() and (confidences <= 1).all()


def test_prints_a_row_a_size_and_activation(verb, capsys):
    verb(int8_speed, "--sizes", "nano", "--input", "128x128", "--rounds", 1)
    rows = [line.split("|")[1:4] for line in capsys.readouterr().out.splitlines() if line.startswith("| nano")]
    assert [[cell.strip() for cell in row[:2]] for row in rows] == [["nano", "silu"], ["nano", "relu"]]


@pytest.mark.parametrize(("values", "sentence"), [(["--sizes", "huge"], "expected names of nano, tiny, s, m, l, found huge"), (["--input", "100x100"], "expected HEIGHTxWIDTH in multiples of 32 px")])
def test_refuses_what_it_cannot_build(verb, values, sentence):
    with pytest.raises(Refused, match=sentence):
        verb(int8_speed, *values)
