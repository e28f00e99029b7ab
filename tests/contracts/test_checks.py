"""What every check keeps to: its codes are explained, it finds nothing in good data."""

from __future__ import annotations

import importlib
import re
from pathlib import Path

import pytest

from faulty_data import boxed, save
from saccade import catalog
from saccade.data.checking.check import Check
from saccade.data.checking.codes import CODES, code_of
from saccade.data.checking.engine import check
from saccade.data.opening import open_data

NAMES = sorted(catalog.offers("data.checks"))
PACKAGE = Path(importlib.import_module("saccade").__file__).parent
SHARED = [
    "box-outside",
    "box-empty",
    "box-not-finite",
    "box-inside-out",
    "wrong-class",
    "wrong-columns",
    "not-a-number",
    "duplicate-id",
    "duplicate-label",
    "missing-image",
    "missing-label",
    "empty-label",
    "area-mismatch",
    "category-gap",
    "empty-segmentation",
    "bad-segmentation",
    "bad-keypoints",
    "mask-size",
    "mask-colours",
    "mask-class",
    "not-utf8",
    "bad-xml",
    "bad-json",
    "unlabelled-image",
    "size-mismatch",
    "orientation",
    "image-twice",
    "leak",
    "near-duplicate",
    "image-broken",
    "image-warning",
    "class-imbalance",
    "class-empty",
    "path-outside",
]


def test_every_file_offers_a_check():
    folder = Path(importlib.import_module("saccade.data.checks").__file__).parent
    files = {path.stem for path in folder.glob("*.py")} - {"__init__"}
    assert files == {module.rsplit(".", 1)[1] for module in catalog.offers("data.checks").values()}


@pytest.mark.parametrize("name", NAMES)
def test_it_looks_or_judges_and_explains_its_codes(name):
    made = catalog.find("data.checks", name)()
    assert isinstance(made, Check)
    assert made.look or made.judge
    codes = catalog.cards("data.checks")[name]["codes"]
    assert codes
    assert set(codes) <= set(CODES)


def test_the_codes_in_the_text_of_a_check_are_those_on_its_card():
    for name, module in catalog.offers("data.checks").items():
        text = (PACKAGE / "data" / "checks" / f"{module.rsplit('.', 1)[1]}.py").read_text(encoding="utf-8")
        said = set(re.findall(r'(?:finding\(row, |Finding\(|look\.finding\()"([a-z0-9-]+)"', text))
        assert said or name == "boxes", name
        assert said <= set(catalog.cards("data.checks")[name]["codes"]), name


def test_every_code_of_the_formats_is_explained():
    assert set(SHARED) <= set(CODES)
    assert all(one.title and one.why and one.cure for one in CODES.values())
    assert code_of("no-such-code").title == "No such code"


def test_good_data_have_no_findings(tmp_path):
    for number in range(6):
        save(tmp_path / "photos" / "ab"[number % 2] / f"{number}.jpg", number)
    assert check(open_data(str(tmp_path / "photos"), shares=(1, 0, 0))).findings == ()
    assert check(boxed(tmp_path / "boxes", [[1, 1, 9, 9]])).findings == ()
