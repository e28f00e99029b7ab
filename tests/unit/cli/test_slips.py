"""docs/slips.md tells all thirty slips, with the figures that are computed here, and names only what exists."""

from __future__ import annotations

import importlib
import re
import shlex
from pathlib import Path

import pytest

from saccade.layers.line_arithmetic import line_table
from saccade.ops.arithmetic import output_size
from saccade.ops.costs import convolution_parameters, dense_parameters
from saccade.ops.savings import separable_ratio

REPOSITORY = Path(__file__).parents[3]
PAGE = (REPOSITORY / "docs" / "slips.md").read_text(encoding="utf-8")
SLIPS = {cells[0]: cells[1:] for cells in re.findall(r"^\| (E\d+) \| (.+) \| (.+) \| (.+) \|$", PAGE, re.M)}
ALEXNET = line_table(
    "conv 96 11 stride 4 valid, pool 3 stride 2, conv 256 5 groups 2, pool 3 stride 2, conv 384 3, "
    "conv 384 3 groups 2, conv 256 3 groups 2, pool 3 stride 2, dense 4096, dense 4096, dense 1000",
    (227, 227, 3),
)
VGG16 = line_table(
    "[conv 64 3] x2, pool 2, [conv 128 3] x2, pool 2, [conv 256 3] x3, pool 2, [[conv 512 3] x3, pool 2] x2, "
    "[dense 4096] x2, dense 1000",
    (224, 224, 3),
)
GOOGLENET, SQUEEZENET = 6_998_552, 1_248_424


def weights(*layers: tuple[int, int, int]) -> int:
    return sum(convolution_parameters(*layer, bias=False) for layer in layers)


def units() -> int:
    """The outputs of everything in AlexNet that learns."""
    return sum(row.activations for row in ALEXNET.rows if row.parameters)


INCEPTION_3A = [
    (192, 64, 1), (192, 96, 1), (96, 128, 3), (192, 16, 1), (16, 32, 5), (192, 32, 1),
]  # fmt: skip
COMPUTED = {
    "E1": [f"{dense_parameters(side**2 * 3, 1000, bias=False):,}" for side in (3000, 1000)],
    "E2": [f"{ALEXNET.parameters:,}"],
    "E4": [f"{GOOGLENET:,}", f"{VGG16.parameters:,}", f"{100 * GOOGLENET / VGG16.parameters:.2f} %"],
    "E5": [f"{ALEXNET.parameters / SQUEEZENET:.1f} times"],
    "E6": [
        *(f"{separable_ratio(filters, 3):.4f}" for filters in (512, 256)),
        *(f"{1 / separable_ratio(filters, 3):.1f}" for filters in (512, 256)),
    ],
    "E19": [f"{weights(*INCEPTION_3A):,}", f"28 × 28 × {64 + 128 + 32 + 32}"],
    "E23": [
        f"{output_size(227, 11, stride=4)} × 55",
        f"give {output_size(224, 11, stride=4)}",
        f"{55 * 55 * 96:,}",
        f"{units():,}",
    ],
    "E3": [f"{156 + 12 + (6 * 3 + 9 * 4 + 6) * 25 + 16 + 32 + 48_120 + 10_164:,}"],
}
REPORTED = {"E23": ["253,440", "650,000"], "E26": ["0.662751"]}  # by papers and organisers, not computed


def test_all_thirty_are_told() -> None:
    assert sorted(SLIPS, key=lambda name: int(name[1:])) == [f"E{number}" for number in range(1, 31)]


@pytest.mark.parametrize("slip", COMPUTED)
def test_the_figures_are_those_that_are_computed(slip: str) -> None:
    right = SLIPS[slip][1]
    assert [figure for figure in COMPUTED[slip] if figure not in right] == []


def test_no_large_figure_is_told_that_is_neither_computed_nor_reported() -> None:
    for slip, cells in SLIPS.items():
        known = " ".join([*COMPUTED.get(slip, []), *REPORTED.get(slip, [])])
        large = re.findall(r"\d[\d,]*,\d{3}|\d\.\d{4,}", cells[1])
        assert [figure for figure in large if figure not in known and figure != "1.7159"] == [], slip


@pytest.mark.parametrize("slip", SLIPS)
def test_where_saccade_shows_it_exists(slip: str, saccade_command) -> None:
    names = re.findall(r"`([^`]+)`", SLIPS[slip][2])
    assert names or SLIPS[slip][2] == "not yet"
    for name in names:
        if name.startswith("saccade "):
            assert saccade_command(*shlex.split(name)[1:]).code == 0
        elif name.startswith("saccade."):
            module, _, thing = name.rpartition(".")
            assert hasattr(importlib.import_module(module), thing), name
        else:
            assert (REPOSITORY / name).is_file(), name
