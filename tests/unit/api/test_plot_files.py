"""Figures go into files of the format that their name says, and of no other."""

import pytest

from saccade.api.plot_files import save_plot
from saccade.errors import BadConfig
from saccade.types.plotting import Plot


@pytest.mark.parametrize(("name", "begins"), [("a.png", b"\x89PNG"), ("a.SVG", b"<?xml"), ("a.pdf", b"%PDF")])
def test_the_suffix_says_the_format(tmp_path, name, begins):
    path = save_plot(Plot(figsize=(1, 1)), tmp_path / name)
    assert path.read_bytes().startswith(begins)


@pytest.mark.bad_input
def test_another_suffix_is_refused_and_nothing_is_written(tmp_path):
    with pytest.raises(BadConfig, match=r"taken are \.png, \.svg, \.pdf"):
        save_plot(Plot(figsize=(1, 1)), tmp_path / "a.gif")
    assert list(tmp_path.iterdir()) == []
