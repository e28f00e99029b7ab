"""The gallery of the documentation: every file of architectures has a page there, by being there."""

from __future__ import annotations

import re
import runpy
from pathlib import Path

import pytest

from saccade import catalog

REPOSITORY = Path(__file__).parents[2]
GALLERY = runpy.run_path(str(REPOSITORY / "scripts" / "docs_gallery.py"))
FAMILIES = GALLERY["families"]()


def test_every_name_is_in_a_family() -> None:
    assert sorted(name for names in FAMILIES.values() for name in names) == sorted(catalog.offers("architectures"))


@pytest.mark.parametrize("family", FAMILIES)
def test_every_file_says_what_it_taught_and_where_it_comes_from(family: str) -> None:
    assert GALLERY["section"](family, "Taught")
    assert GALLERY["section"](family, "Source")
    assert 2 < len(GALLERY["title"](family)) < 60


@pytest.mark.parametrize("family", ["lenet", "resnet_cifar"])
def test_a_page_has_its_drawing_its_table_and_its_papers(family: str) -> None:
    page = GALLERY["page"](family, FAMILIES[family])
    assert page.count("<svg ") == 1
    assert re.findall(r"^\| `(\w+)` ", page, re.MULTILINE) == FAMILIES[family]
    assert "**What it taught:** " in page
    assert "## Papers" in page
    assert "\n\n\n" not in page
