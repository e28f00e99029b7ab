import json

import pytest

from saccade.inspect.tracing.panels import Box, Formula, Grid, Picture, Scene, Sum, Table, describe, kind_of, plain

GRID = Grid(
    ((1.0, None), (0.0, -2.5)), "output", "→", "signed", (-3, 3), {"window": ((0, 0), (1, 0)), "fresh": ((1, 1),)}
)
SCENE = Scene((10, 20), (Box((0, 1, 5, 6), "A", "kept"),), "boxes", picture=b"\x89PNG")
PANELS = [
    GRID,
    SCENE,
    Table(("box", "IoU"), (("A", 0.5), ("B", None)), "table", ("kept", "dropped")),
    Sum((((2.0, 3.0), (1.0, -1.0)),), 5.0),
    Formula(("2 + 2 = 4",)),
]


@pytest.mark.parametrize("panel", PANELS, ids=kind_of)
def test_a_panel_is_plain_values_that_json_can_hold(panel):
    values = plain(panel)
    assert values["kind"] == kind_of(panel)
    assert json.loads(json.dumps(values, allow_nan=False)) == values


def test_a_picture_is_base64():
    assert plain(SCENE)["picture"] == "iVBORw=="
    assert plain(Picture(b"", (1, 2))) == {"data": "", "size": [1, 2]}


def test_a_grid_knows_its_marks_and_its_span():
    assert GRID.marked("window") == {(0, 0), (1, 0)}
    assert GRID.marked("chosen") == frozenset()
    assert GRID.span_of() == (-3, 3)
    assert Grid(((4.0, None, -1.0),)).span_of() == (-1.0, 4.0)
    assert Grid(((None,),)).span_of() == (0.0, 0.0)


def test_a_panel_is_described_in_words():
    assert describe(GRID) == "output, 2 by 2: 1 not yet; 0 −2.5. Looked at: rows 1 to 2, columns 1"
    assert describe(SCENE) == "boxes, 10 by 20: A kept at 0 1 5 6"
    assert describe(PANELS[3]) == "2·3 + 1·(−1) = 5"
    assert [describe(panel) for panel in (PANELS[2], PANELS[4])] == ["table", "2 + 2 = 4"]


def test_a_sum_is_written_a_row_a_line_with_its_terms_aligned():
    many = Sum((((10.0, 1.0), (0.0, -1.0)), ((2.0, 1 / 3), (100.0, 1.0))), 110 + 2 / 3)
    assert many.lines() == ["      10·1 + 0·(−1)", "+ 2·0.3333 +  100·1", "≈ 110.7"]
