"""What a model went by, as a section of the card: pictures beside maps, and whether the maps can be trusted."""

from __future__ import annotations

import base64
import io
from dataclasses import replace

import numpy as np
from PIL import Image

from page_words import Page
from saccade.reporting.card import render_card
from saccade.reporting.facts import CardFacts
from saccade.reporting.saliency import Case, Saliency, saliency_section
from saccade.reporting.thumbnails import Album
from saccade.types.asked import Asked
from saccade.types.explanation import Explanation, Faithfulness

HOSTILE = "<img src=x onerror=alert(1)>"
GREY = np.full((8, 8, 3), 128, np.uint8)
GOOD, POOR = Faithfulness(0.1, 0.8, 0.3, 0.6, 0.05), Faithfulness(0.4, 0.5, 0.3, 0.6, 0.7)


def explanation(key: str, name: str, faith: Faithfulness | None = GOOD) -> Explanation:
    """The upper half speaks for it."""
    heat = np.zeros((8, 8))
    heat[:4] = 1
    return Explanation(key, "grad_cam", {}, Asked(0, name), 1.0, 0.75, heat, False, GREY, faithfulness=faith)


MISTAKE = Case(True, "dog", "cat", explanation("a", "dog", POOR), explanation("a", "cat"))
RIGHT = Case(False, "cat", "cat", explanation("b", "cat"))


def test_the_map_lies_over_its_picture() -> None:
    album = Album(lambda _: GREY)
    section = saliency_section(Saliency("grad_cam", (MISTAKE, RIGHT)), album)
    assert section is not None
    (mistake,), (best,) = section.mistakes, section.best
    assert (len(mistake.maps), len(best.maps)) == (2, 1)
    uri = next(one.uri for one in album.pictures if one.id == best.maps[0].picture.picture)
    pixels = np.asarray(Image.open(io.BytesIO(base64.b64decode(uri.partition(",")[2]))).convert("L"), int)
    assert pixels[:4].min() > pixels[4:].max()
    assert len({mistake.plain.picture, *(one.picture.picture for one in mistake.maps)}) == 3


def test_what_was_measured_is_told_and_what_speaks_against_a_map(facts: CardFacts) -> None:
    page = Page(render_card(replace(facts, saliency=Saliency("grad_cam", (MISTAKE, RIGHT)))))
    assert page.open == []
    assert "Maps by Grad-CAM: brighter places had more to do with the answer." in page.text
    assert "hidden 0.10, moved 0.30; shown 0.80, moved 0.60; drawn anew 0.05 alike" in page.text
    assert "What speaks against a map is written below it, which is so for 1 of the 3 maps." in page.text
    assert "Hardly changes when the weights are drawn anew: it does not show what was learnt." in page.text
    assert "No better than the same map elsewhere" in page.text
    assert "cat taken for dog" in page.text
    assert "for dog, 75.0 %" in page.text


def test_what_colours_mean_hangs_on_the_method(facts: CardFacts) -> None:
    signed = replace(RIGHT, asked=replace(RIGHT.asked, signed=True))
    words = Page(render_card(replace(facts, saliency=Saliency("occlusion", (signed,))))).text
    assert "Maps by occlusion: red places speak for the answer, blue ones against it." in words


def test_a_note_is_told_and_may_be_all(facts: CardFacts) -> None:
    words = Page(render_card(replace(facts, saliency=Saliency("", note="It would take long.")))).text
    assert "What it went by It would take long." in words.replace("\n", " ")
    assert "Maps by" not in words
    assert "saliency" not in Page(render_card(facts)).ids


def test_strangers_names_stay_text_and_a_full_album_leaves_pictures_out(facts: CardFacts) -> None:
    case = Case(True, HOSTILE, HOSTILE, explanation(HOSTILE, HOSTILE))
    text = render_card(replace(facts, saliency=Saliency("occlusion", (case,), HOSTILE)))
    assert "<img" not in text
    assert Page(text).text.count(HOSTILE) >= 4
    section = saliency_section(Saliency("grad_cam", (RIGHT,)), Album(lambda _: GREY, limit=1))
    assert section is not None
    assert (section.best[0].plain.picture, section.best[0].maps[0].picture.picture) == ("p1", "")


def test_boxes_are_drawn_on_the_picture_and_on_its_map() -> None:
    album = Album(lambda _: np.zeros((100, 100, 3), np.uint8), side=320)
    boxed = [replace(one, box=(10.0, 20.0, 60.0, 70.0)) for one in (MISTAKE, RIGHT, replace(MISTAKE, said="nothing"))]
    section = saliency_section(Saliency("grad_cam", tuple(boxed)), album)
    assert section is not None
    wrong, missed = section.mistakes
    scenes = [wrong.scene, wrong.maps[0].scene, section.best[0].scene, missed.scene]
    assert [scene.lines[0][0] for scene in scenes if scene] == ["wrong", "wrong", "right", "missed"]
    assert wrong.scene is not None
    assert wrong.maps[0].scene is not None
    assert wrong.scene.lines == wrong.maps[0].scene.lines == (("wrong", "M32 64H192V224H32Z"),)
    assert wrong.scene.picture != wrong.maps[0].scene.picture
