"""Figures that a notebook shows by itself."""

from __future__ import annotations

import numpy as np

from saccade.types.plotting import Plot, plot_bars


def test_a_plot_is_a_picture_in_a_notebook() -> None:
    assert Plot(figsize=(1, 1))._repr_png_().startswith(b"\x89PNG")


def test_the_first_bar_is_on_top_and_stands_out() -> None:
    (axes,) = plot_bars([("a", 0.75), ("b", 0.25)]).axes
    first, second = axes.patches
    assert first.get_width() == 0.75
    assert first.get_facecolor() != second.get_facecolor()
    bottom, top = axes.get_ylim()
    assert bottom > top


def test_no_bars_at_all_are_drawn_too() -> None:
    assert plot_bars([], title="nothing")._repr_png_()


def test_the_picture_is_beside_the_bars() -> None:
    picture, bars = plot_bars([("a", 1.0)], image=np.zeros((5, 9, 1), np.uint8)).axes
    assert picture.get_images()[0].get_size() == (5, 9)
    assert picture.get_position().x0 < bars.get_position().x0
