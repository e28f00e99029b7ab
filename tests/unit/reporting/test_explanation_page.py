"""Explanations and looks as pages: what they tell, what opens large, and that no name is more than text."""

from __future__ import annotations

import base64
import hashlib
import re

import numpy as np

from page_words import Page
from saccade.reporting.explanation_page import render_explanation_page, render_sheet_page
from saccade.types.asked import Asked
from saccade.types.explanation import Explanation, Faithfulness
from saccade.types.sheet import Sheet, Tile

HOSTILE = "<img src=x onerror=alert(1)>"


def explained(key: str = "a.png", *, checked: bool = False, signed: bool = False) -> Explanation:
    picture, heat = np.full((6, 8, 3), 128, np.uint8), np.linspace(0, 1, 48).reshape(6, 8)
    faith = Faithfulness(0.4, 0.5, 0.3, 0.6, 0.1) if checked else None
    return Explanation(
        key, "gradient", {}, Asked(1, "dog"), 2.5, 0.75, heat, signed, picture, (1.0, 2.0, 5.0, 6.0),
        heat[..., None].repeat(3, 2), ("layer x",), faith,
    )  # fmt: skip


def read(text: str) -> Page:
    """See that the page is whole, that its references hold, and that its policy allows what is in it alone."""
    page = Page(text)
    assert page.open == []
    assert len(page.ids) == len(set(page.ids))
    wanted = {value[1:] for _, name, value in page.attributes if name == "href" and value.startswith("#")}
    assert wanted <= set(page.ids)
    assert not [name for _, name, _ in page.attributes if name == "style" or name.startswith("on")]
    assert "http:" not in text
    assert "https:" not in text
    for tag in ("style", "script"):
        (inside,) = re.findall(f"<{tag}>(.*?)</{tag}>", text, re.DOTALL)
        digest = base64.b64encode(hashlib.sha256(inside.encode()).digest()).decode()
        assert f"{tag}-src 'sha256-{digest}'" in text
    return page


def test_each_picture_has_its_map_its_box_and_what_was_measured() -> None:
    page = read(render_explanation_page([explained(), explained("b.png", checked=True)]))
    assert "gradient of 2 images" in page.text
    assert page.text.count("gradient of dog, 0.75") == 2
    assert "score 2.50; layer x" in page.text
    assert "deletion 0.40 (by chance 0.30), insertion 0.50 (0.60), weights drawn anew 0.10 alike" in page.text
    assert page.text.count("no better than the same map elsewhere") == 1
    boxes = [(name, value) for tag, name, value in page.attributes if tag == "rect"]
    assert boxes[:4] == [("x", "1.0"), ("y", "2.0"), ("width", "4.0"), ("height", "4.0")]
    assert len([value for tag, name, value in page.attributes if (tag, name) == ("use", "href")]) == 6
    assert "Brighter places" in page.text
    assert "Red places speak for" in read(render_explanation_page([explained(signed=True)])).text


def test_every_tile_of_a_sheet_opens_large() -> None:
    tiles = tuple(Tile(np.full((3, 3, 3), 60 * number, np.uint8), f"unit {number}") for number in range(4))
    page = read(render_sheet_page(Sheet("filters", tiles, columns=3, notes=("layer conv1",))))
    assert "layer conv1" in page.text
    assert page.text.count("unit 2") == 2
    links = [value for tag, name, value in page.attributes if (tag, name) == ("a", "href")]
    assert links == [*(f"#large-{n}" for n in range(4)), *(f"#tile-{n}" for n in range(4))]
    assert ("ol", "class", "tiles-in-rows rows-of-3") in page.attributes


def test_strewn_tiles_lie_where_numbers_put_them() -> None:
    tiles = tuple(Tile(np.zeros((3, 3, 3), np.uint8), str(n), "cat" if n else "dog") for n in range(2))
    text = render_sheet_page(Sheet("t-SNE", tiles, side=40, places=np.array([[0.0, 0.0], [1.0, 0.5]])))
    page = read(text)
    assert [value for tag, name, value in page.attributes if tag == "use" and name in "xy"] == [
        "30.0", "30.0", "1130.0", "580.0",
    ]  # fmt: skip
    assert {"cat", "dog"} <= set(page.text.split())


def test_names_are_text_and_what_does_not_fit_is_said(monkeypatch) -> None:
    text = render_explanation_page([explained(HOSTILE)]) + render_sheet_page(
        Sheet(HOSTILE, (Tile(np.zeros((3, 3, 3), np.uint8), HOSTILE, HOSTILE),), notes=(HOSTILE,))
    )
    assert "<img" not in text
    assert text.count("&lt;img src=x") >= 6
    monkeypatch.setattr("saccade.reporting.explanation_page._MOST", 3)
    assert "the page is full" in read(render_explanation_page([explained(), explained("b.png")])).text
    tiles = tuple(Tile(np.zeros((3, 3, 3), np.uint8), str(n)) for n in range(5))
    assert read(render_sheet_page(Sheet("many", tiles))).text.count("the page is full") == 2
