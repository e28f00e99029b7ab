from __future__ import annotations

import numpy as np
import pytest

from saccade.errors import BadImage
from saccade.reporting.detection.scenes import Marks, draw_scene
from saccade.reporting.thumbnails import Album


def album(height: int, width: int) -> Album:
    return Album(lambda _: np.zeros((height, width, 3), np.uint8), side=320)


def boxes(*rows: tuple[float, float, float, float]) -> np.ndarray:
    return np.array(rows, float).reshape(-1, 4)


def test_boxes_lie_on_the_drawing_as_they_lie_on_the_picture() -> None:
    scene = draw_scene("a", [Marks("wrong", boxes((100, 50, 300, 150)))], "", album(400, 800))
    # the longer side, 800, is drawn as 320
    assert (scene.view, scene.size) == ("0 -26.7 320 213.3", ("160", "320"))
    assert scene.lines == (("wrong", "M40 20H120V60H40Z"),)
    assert scene.part == ""


def test_small_picture_is_drawn_as_large_as_any() -> None:
    scene = draw_scene("a", [Marks("there", boxes((0, 0, 4, 2)))], "", album(8, 8))
    assert (scene.view, scene.lines) == ("0 0 320 320", (("there", "M0 0H160V80H0Z"),))


@pytest.mark.parametrize(
    ("height", "width", "view"),
    [(300, 400, "0 0 320 240"), (640, 320, "-80 0 320 320"), (1, 1000, "0 -106.5 320 213.3")],
)
def test_very_high_or_wide_pictures_get_room_around_them(height: int, width: int, view: str) -> None:
    assert draw_scene("a", [], "", album(height, width)).view == view


def test_part_of_the_picture_is_shown_around_what_is_small() -> None:
    about = boxes((500, 500, 540, 520))
    scene = draw_scene("a", [Marks("wrong", about)], "", album(1000, 1000), about=about)
    # 5 times the longer side of the box, 200 pixels, around its middle (520, 510)
    assert scene.part == "a part of 200\xa0×\xa0200 pixels"
    assert scene.lines == (("wrong", "M128 144H192V176H128Z"),)


def test_part_never_leaves_the_picture() -> None:
    for corner in (boxes((0, 0, 10, 10)), boxes((990, 390, 1000, 400)), boxes((995, 0, 1200, 3))):
        scene = draw_scene("a", [Marks("wrong", corner)], "", album(400, 1000), about=corner)
        assert scene.part in {f"a part of {side}\xa0×\xa0{side} pixels" for side in (48, 50)}
        assert len(scene.lines) == 1


def test_what_is_large_enough_is_shown_with_all_of_its_picture() -> None:
    about = boxes((0, 0, 200, 10))
    assert draw_scene("a", [Marks("wrong", about)], "", album(1000, 1000), about=about).part == ""


def test_boxes_beside_what_is_shown_are_left_out() -> None:
    about = boxes((500, 500, 540, 520))
    far, near = boxes((0, 0, 100, 100)), boxes((450, 450, 900, 900))
    scene = draw_scene("a", [Marks("other", far), Marks("there", near)], "", album(1000, 1000), about=about)
    assert [kind for kind, _ in scene.lines] == ["there"]


def test_a_thousand_boxes_do_not_make_a_page_of_a_thousand() -> None:
    many = np.random.default_rng(0).uniform(0, 50, (1000, 4)) + np.array([0, 0, 50, 50])
    scene = draw_scene("a", [Marks("there", many, ["x"] * 1000)], "", album(100, 100))
    assert scene.lines[0][1].count("M") == 100
    assert scene.names == ()


def test_names_stand_inside_their_boxes_and_inside_the_picture() -> None:
    rows = boxes((10, 20, 100, 100), (280, -10, 400, 40))
    scene = draw_scene("a", [Marks("right", rows, ["cat 0.90", "dog " * 20])], "", album(320, 320))
    assert scene.names[0] == ("right", "13", "36", "cat 0.90")
    kind, x, y, text = scene.names[1]
    assert (kind, float(x), float(y)) == ("right end", 317, 16)
    assert (len(text), text[-1]) == (22, "…")


def test_picture_that_cannot_be_read_leaves_its_words() -> None:
    def gone(key: str) -> np.ndarray:
        raise BadImage("gone", key)

    scene = draw_scene("a", [Marks("wrong", boxes((0, 0, 1, 1)))], "a box", Album(gone), about=boxes((0, 0, 1, 1)))
    assert (scene.picture, scene.words, scene.lines) == ("", "a box", ())
    assert draw_scene("a", [], "a box", Album(None)).picture == ""
