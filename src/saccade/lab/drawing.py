"""The drawing of a comparison: errors over the epochs, and the gradient of each layer.

Source: after He et al. 2015, arXiv 1512.03385, figure 6.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from matplotlib import colormaps
from matplotlib.axes import Axes
from matplotlib.lines import Line2D
from matplotlib.ticker import MaxNLocator

from saccade.lab.arm import Record
from saccade.lab.watching import TEST, TRAINING
from saccade.types.plotting import Plot

_GREY = "#64748b"
_TEST: dict[str, Any] = {"linestyle": (0, (4, 2)), "alpha": 0.45}
_MIDDLE: dict[str, Any] = {"linestyle": ":"}


def draw_comparison(networks: Mapping[tuple[str, int], Sequence[Record]]) -> Plot:
    """Draw each kind of network in a column: its errors above, its gradients below; both columns on one scale.

    Args:
        networks: The records of each seed, by kind and depth.

    Returns:
        The figure.

    Source: ours.
    """
    kinds, depths = (list(dict.fromkeys(sorted(part))) for part in zip(*networks, strict=True))
    colours = {depth: colormaps["plasma"](0.75 * (1 - (row + 1) / len(depths))) for row, depth in enumerate(depths)}
    figure = Plot(figsize=(4.6 * len(kinds), 6.4), layout="constrained")
    grid = figure.subplots(2, len(kinds), sharey="row", squeeze=False)
    for column, kind in enumerate(kinds):
        errors, gradients = grid[0][column], grid[1][column]
        for depth in (depth for one, depth in networks if one == kind):
            _draw_errors(errors, networks[kind, depth], colours[depth])
            _draw_gradients(gradients, networks[kind, depth], colours[depth])
        errors.set_title(f"{kind} networks", fontsize=11)
        errors.set_xlabel("epoch", fontsize=9)
        errors.xaxis.set_major_locator(MaxNLocator(integer=True))
        errors.set_ylim(-2, 100)
        gradients.set_xlabel("layer, from the image on", fontsize=9)
        gradients.set_yscale("log")
        for axes in (errors, gradients):
            axes.tick_params(labelsize=8)
            axes.grid(alpha=0.2, linewidth=0.6)
            axes.spines[["top", "right"]].set_visible(False)
    grid[0][0].set_ylabel("error, %", fontsize=9)
    grid[1][0].set_ylabel("norm of the gradient", fontsize=9)
    depth_keys = [(f"{depth} layers", {"color": colours[depth]}) for depth in depths]
    _explain(
        grid[0][-1], [*depth_keys, ("training images", {"color": _GREY}), ("test images", {**_TEST, "color": _GREY})]
    )
    _explain(grid[1][-1], [("at the first step", {"color": _GREY}), ("in mid-training", {**_MIDDLE, "color": _GREY})])
    return figure


def _draw_errors(axes: Axes, records: Sequence[Record], colour: Any) -> None:
    for number, record in enumerate(records):
        epochs = [row["epoch"] for row in record.epochs]
        shown = {"color": colour, "linewidth": 0.9 if number else 1.8}
        training, test = ([100 * row[name] for row in record.epochs] for name in (TRAINING, TEST))
        axes.plot(epochs, training, **shown)
        axes.plot(epochs, test, **shown, **_TEST)


def _draw_gradients(axes: Axes, records: Sequence[Record], colour: Any) -> None:
    """Draw those of the first seed, at the first step that was looked at and at the middle one."""
    probes = records[0].gradients
    middle = [(probes[len(probes) // 2], _MIDDLE)] if len(probes) > 2 else []
    for probe, style in [*((one, {}) for one in probes[:1]), *middle]:
        norms = list(probe["norms"].values())
        axes.plot(range(1, len(norms) + 1), norms, color=colour, linewidth=1.5, **style)


def _explain(axes: Axes, keys: Sequence[tuple[str, dict[str, Any]]]) -> None:
    lines = [Line2D([], [], label=name, **style) for name, style in keys]
    axes.legend(handles=lines, fontsize=8, frameon=False, loc="best")
