"""Folded is unfolded, for any stack of convolutions, norms and activations."""

from __future__ import annotations

import torch
from hypothesis import given, settings
from hypothesis import strategies as st
from torch import nn

from norms import trained
from saccade.layers.folding import fold

PARTS = {
    "conv": lambda: nn.Conv2d(4, 4, 3, padding=1),
    "grouped": lambda: nn.Conv2d(4, 4, 3, padding=1, groups=2, bias=False),
    "transposed": lambda: nn.ConvTranspose2d(4, 4, 3, padding=1, groups=4),
    "norm": lambda: nn.BatchNorm2d(4),
    "relu": nn.ReLU,
    "identity": nn.Identity,
    "dropout": nn.Dropout,
}
LINEAR = ("conv", "grouped", "transposed")


@settings(max_examples=40)
@given(st.lists(st.sampled_from(sorted(PARTS)), min_size=1, max_size=7), st.integers(0, 99))
def test_a_stack_gives_the_same_and_loses_the_norms_behind_its_convolutions(words: list[str], seed: int) -> None:
    torch.manual_seed(seed)
    stack = trained(nn.Sequential(*(PARTS[word]() for word in words)), seed)
    folded, x = fold(stack), torch.randn(2, 4, 5, 4, dtype=torch.float64)
    torch.testing.assert_close(folded.network(x), stack(x), rtol=1e-10, atol=1e-10)
    runs, linear = 0, False  # a second norm in a row follows the folded layer, and is folded too
    for word in words:
        runs += word == "norm" and linear
        linear = word in LINEAR or (word == "norm" and linear)
    assert len(folded.pairs) == runs
    assert len(folded.kept) == words.count("norm") - runs
