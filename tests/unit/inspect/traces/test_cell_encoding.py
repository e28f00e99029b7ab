import math

import pytest
import torch

from saccade.errors import BadConfig, BadLabel, BadShape
from saccade.inspect.traces.cell_encoding import ANCHORS, THINGS, cell_encoding
from saccade.inspect.tracing.panels import Picture, Scene, Table
from saccade.ops.anchor_assignment import assign_anchors
from saccade.ops.grid_cells import cells_of, encode_beside_anchors


def test_the_example_is_what_the_operations_give():
    boxes, anchors, size, grid = torch.tensor(THINGS), torch.tensor(ANCHORS), (144, 144), (3, 3)
    cells = cells_of(boxes, size, grid)
    chosen = assign_anchors(boxes[:, 2:] - boxes[:, :2], cells, anchors)
    codes = encode_beside_anchors(boxes, anchors[chosen] * 3 / 144, size, grid)
    shown = torch.tensor(cell_encoding().result)
    assert torch.equal(shown[:, :2].long(), cells)
    assert torch.equal(shown[:, 2].long(), chosen)
    torch.testing.assert_close(shown[:, 3:], codes)


def test_two_things_of_a_cell_are_told_apart_by_their_anchors():
    steps = cell_encoding().steps
    assert [step.title for step in steps] == [
        "grid", "the cell of thing 1", "the cell of thing 2", "the cell of thing 3",
        "the anchors of row 0, column 2", "the anchors of row 1, column 1", "what is learned",
    ]  # fmt: skip
    assert steps[2].text.endswith("Thing 1 is there already: without anchors, a cell learns only one of them.")
    assert steps[5].text.endswith("thing 1 gets A, thing 2 gets B.")
    assert steps[6].text == "With anchors 3 of 3 are learned; one for each cell would be 2."


def test_where_no_anchor_is_left_nothing_is_learned():
    shown = cell_encoding(anchors="32 56")
    assert [row[2] for row in shown.result] == [0, -1, 0]
    assert shown.steps[5].text.endswith("No anchor is left for thing 2: it is not learned.")
    (table,) = (panel for panel in shown.steps[-1].panels[0] if isinstance(panel, Table))
    assert table.states == ("kept", "dropped", "kept")
    assert table.rows[1][3:] == ("none", *shown.result[1][3:5], None, None)


def test_sides_are_told_as_roots_of_shares_and_beside_the_anchor():
    shown = cell_encoding("0 0 36 36", anchors="18 72", grid=2)
    lines = shown.steps[1].panels[0][1].lines
    assert lines[4] == "width = 36 / 144 = 0.25"
    assert lines[6] == "root of the width = sqrt(36 / 144) = 0.5"
    assert shown.result == [[0, 0, 0, 0.25, 0.25, pytest.approx(math.log(2)), pytest.approx(-math.log(2))]]


def test_it_is_drawn_over_a_picture():
    picture = Picture(b"png", (100, 200))
    scene = cell_encoding("0 0 50 50", grid=2, picture=picture).steps[0].panels[0][0]
    assert isinstance(scene, Scene)
    assert (scene.size, scene.picture) == ((100, 200), b"png")
    assert scene.boxes[3].corners == (100, 50, 200, 100)


@pytest.mark.bad_input
def test_what_cannot_be_shown_is_refused():
    with pytest.raises(BadConfig, match="without an area"):
        cell_encoding("4 4 4 9")
    with pytest.raises(BadConfig, match="grid=0"):
        cell_encoding(grid=0)
    with pytest.raises(BadShape, match="anchors of 3 numbers"):
        cell_encoding(anchors="1 2 3")
    with pytest.raises(BadShape, match="19 × 19 cells"):
        cell_encoding(grid=19)
    with pytest.raises(BadLabel, match="box 1"):
        cell_encoding("9 4 4 9")
