from __future__ import annotations

import re
from xml.etree import ElementTree

import pytest

from saccade.reporting.svg import FAINT, FIRST, as_inline_svg, blank_axes


@pytest.fixture
def drawing() -> str:
    figure, axes = blank_axes()
    axes.plot([1, 2, 3], [0.1, 0.5, 0.2], color=FIRST, marker="o")
    axes.axvline(2, color=FAINT)
    axes.set_xlabel("epoch")
    return as_inline_svg(figure, "loss", 'falls from "1" to <0.5> & stays')


def test_drawing_is_well_formed(drawing: str) -> None:
    assert ElementTree.fromstring(drawing).tag == "svg"


def test_text_stays_text_in_the_font_of_the_page(drawing: str) -> None:
    assert ">epoch</text>" in drawing
    assert "font-family" not in drawing
    assert 'font-size="9"' in drawing


def test_colours_are_the_page_s_own(drawing: str) -> None:
    assert "var(--curve-1)" in drawing
    assert "var(--faint)" in drawing
    assert not re.search(r'(fill|stroke)="#', drawing)


def test_no_style_is_left_that_the_content_policy_would_refuse(drawing: str) -> None:
    assert "style" not in drawing


def test_ids_carry_the_name_and_every_reference_has_its_target(drawing: str) -> None:
    ids = set(re.findall(r' id="([^"]+)"', drawing))
    assert ids
    assert all(name.startswith("loss-") for name in ids)
    assert set(re.findall(r'(?:href="#|url\(#)([^")]+)', drawing)) == ids


def test_label_is_escaped(drawing: str) -> None:
    assert 'aria-label="falls from &quot;1&quot; to &lt;0.5> &amp; stays"' in drawing
