"""A network drawn into a file."""

from __future__ import annotations

from xml.etree import ElementTree

import pytest
from torch import nn

from saccade.api.networks.drawing import draw
from saccade.architectures.lenet import lenet5
from saccade.errors import BadConfig, BadShape, UnknownName


def test_names_lines_and_backbones_are_drawn(tmp_path):
    for number, (model, size) in enumerate(
        [("lenet5", None), ("conv 8 3, pool 2, gap, dense 2", (16, 20)), (lenet5(), (40, 33))]
    ):
        path = draw(model, tmp_path / f"{number}.svg", size=size)
        assert ElementTree.fromstring(path.read_text(encoding="utf-8")).tag.endswith("svg")


@pytest.mark.bad_input
def test_what_cannot_be_drawn_is_refused(tmp_path):
    with pytest.raises(BadConfig, match=r"taken is a name that ends in \.svg"):
        draw("lenet5", tmp_path / "lenet5.pdf")
    with pytest.raises(UnknownName, match="did you mean 'lenet5'"):
        draw("lenet", tmp_path / "a.svg")
    with pytest.raises(BadConfig, match="Sequential, which has no named stages"):
        draw(nn.Sequential(nn.ReLU()), tmp_path / "a.svg", size=(8, 8))
    with pytest.raises(BadShape, match="without a size"):
        draw(lenet5(), tmp_path / "a.svg")
    with pytest.raises(BadShape, match="32 × 32 or more"):
        draw("lenet5", tmp_path / "a.svg", size=(31, 32))
    assert not any(tmp_path.iterdir())
