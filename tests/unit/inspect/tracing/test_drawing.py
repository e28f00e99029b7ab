import re
import xml.etree.ElementTree as ET

import pytest

from saccade.inspect.tracing.drawing import CELL, cell_width, draw, escaped, picture_symbols, written
from saccade.inspect.tracing.panels import Box, Formula, Grid, Scene, Sum, Table

JPEG = b"\xff\xd8 not really"


def classes(panel):
    drawing = draw(panel)
    tree = ET.fromstring(f"<g>{drawing.body}{drawing.marks}</g>")
    return [item.get("class") for item in tree.iter() if item.get("class")]


def test_a_grid_is_as_large_as_its_cells():
    drawing = draw(Grid(((1, 2, 3), (4, 5, 6))))
    assert (drawing.width, drawing.height) == (3 * CELL, 2 * CELL)
    assert re.findall(r">(\d)<", drawing.body) == list("123456")


def test_a_long_number_widens_every_cell_and_so_does_one_that_may_come():
    assert cell_width(Grid(((1.0, -123456.0),))) == cell_width(Grid(((1.0, 2.0),), span=(-123456.0, 0.0))) > CELL


def test_signed_cells_are_coloured_by_sign_and_size():
    assert classes(Grid(((6, -3, 0, None),), colour="signed"))[:4] == ["p6", "m3", "cell", "none"]


def test_grey_cells_are_a_picture_and_their_numbers_can_be_read():
    assert classes(Grid(((0, 255),), colour="grey")) == ["g0", "g8", "middle ondark", "middle onlight"]
    assert classes(Grid(((7, 7),), colour="grey"))[0] == "g4"


def test_a_window_has_a_frame_and_a_scattered_one_its_taps():
    assert "frame window" in classes(Grid(((1, 2),), marks={"window": ((0, 0), (0, 1))}))
    scattered = classes(Grid(((1, 2, 3),), marks={"window": ((0, 0), (0, 2))}))
    assert scattered.count("tap window") == 2
    assert "frame window loose" in scattered


def test_labels_of_a_scene_do_not_lie_on_each_other_where_there_is_room():
    same = tuple(Box((10, 10, 90, 90), f"{n}") for n in range(4))
    tags = re.findall(r'class="tag plain" x="([\d.]+)" y="([\d.]+)"', draw(Scene((100, 100), same)).body)
    assert len(set(tags)) == 4


def test_a_picture_is_held_once_and_referred_to():
    scenes = [Scene((4, 6), (), picture=JPEG)] * 3
    symbols = picture_symbols(scenes)
    name = re.findall(r'<symbol id="([\w-]+)"', symbols)
    assert len(name) == 1
    assert "data:image/jpeg;base64," in symbols
    assert f'<use href="#{name[0]}"' in draw(scenes[0]).body
    assert picture_symbols([Grid(((1,),))]) == ""


@pytest.mark.parametrize(
    "panel",
    [Table(("<a>",), (("<b>",),), states=('"><script>',)), Formula(("<i>&",)), Sum((((1, 2),),), 2),
     Scene((5, 5), (Box((0, 0, 1, 1), "<b>\x1b", '"x'),))],
)  # fmt: skip
def test_strangers_text_is_escaped(panel):
    tree = ET.fromstring(f"<g>{draw(panel).body}</g>")
    assert {item.tag for item in tree.iter()} <= {"g", "text", "rect"}


def test_words_and_numbers_of_cells():
    assert [written(cell) for cell in (None, "a", 1 / 3, 2)] == ["", "a", "0.3333", "2"]
    assert escaped("a\n'\"") == "a\\n&#x27;&quot;"
