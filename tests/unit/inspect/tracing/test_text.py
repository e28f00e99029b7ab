import re

from saccade.inspect.tracing.panels import Box, Formula, Grid, Scene, Table
from saccade.inspect.tracing.trace import Step, Trace

GRID = Grid(
    ((10, 0, 3), (1, -2, None)),
    "input",
    "×",
    marks={"window": ((0, 0), (0, 1)), "fresh": ((1, 1),), "chosen": ((0, 1),)},
)
TABLE = Table(("box", "IoU", "so"), (("A", 0.5, "stays"), ("B\n", 0.123456, "goes")), "why", ("plain", "dropped"))
SCENE = Scene((9, 9), (Box((0, 1, 2, 3), "A", "kept"), Box((0, 0, 1, 1), state="shade")), "boxes")


def text_of(*panels, width=100, colour=False):
    step = Step("one", (panels,), "What happens.")
    return Trace("t", "Title", "About it.", (step,), None, "ours").to_text(width, colour=colour)


def test_a_grid_brackets_what_is_looked_at_what_is_new_and_what_decided():
    assert text_of(GRID).splitlines()[6:9] == ["  × input", "   [10]< 0>  3", "     1 (−2)  ·"]


def test_neighbours_in_a_window_share_a_bracket():
    grid = Grid(((1, 2, 3, 4),), marks={"window": ((0, 1), (0, 2))})
    assert "1 [2  3] 4" in text_of(grid)


def test_a_table_aligns_and_marks_its_rows():
    lines = text_of(TABLE).splitlines()[6:]
    assert lines[:4] == ["  why", "    box     IoU  so", "    A       0.5  stays", "  - B\\n  0.1235  goes"]


def test_a_scene_is_a_table_of_its_labelled_boxes():
    assert text_of(SCENE).splitlines()[6:9] == ["  boxes", "    box  x1  y1  x2  y2", "  + A     0   1   2   3"]


def test_a_scene_without_labels_is_only_drawn():
    assert text_of(Scene((9, 9), (Box((0, 1, 2, 3)),), "boxes")).splitlines()[6:8] == ["  boxes", "  (a drawing)"]


def test_panels_go_below_each_other_in_a_narrow_terminal():
    wide, narrow = text_of(GRID, TABLE, width=100), text_of(GRID, TABLE, width=30)
    assert "× input          why" in re.sub(r" +why", "          why", wide)
    assert "× input\n" in narrow
    assert max(map(len, narrow.splitlines())) <= 30


def test_colours_are_used_only_when_wanted_and_take_no_room():
    plain, coloured = text_of(GRID, Formula(("1 = 1",))), text_of(GRID, Formula(("1 = 1",)), colour=True)
    assert "\x1b" not in plain
    assert "\x1b[36m10\x1b[0m" in coloured
    assert re.sub(r"\x1b\[[\d;]*m", "", coloured) == plain


def test_control_characters_of_strangers_are_written_out():
    assert "\x1b" not in text_of(Table(("a\x1b[31m",), (("b\x07",),), "c\x1b"))


def test_an_empty_table_is_its_head():
    assert "    box  IoU" in text_of(Table(("box", "IoU"), (), "none"))
