"""The output layer of 1998: how far the last features are from the fixed code of each class.

Source: LeCun et al., "Gradient-based learning applied to document recognition", 1998, equation 7 and figure 3.
"""

from __future__ import annotations

import random

import torch
from jaxtyping import Float
from torch import Tensor, nn

DIGITS = (
    ".#####. ...#... .#####. .#####. ....##. ####### .#####. ####### .#####. .#####.",
    "##...## ..##... ##...## ##...## ...###. ##..... ##...## .....## ##...## ##...##",
    "##...## .###... .....## .....## ..####. ##..... ##..... .....## ##...## ##...##",
    "##...## ...#... .....## .....## .##.##. ##..... ##..... ....##. ##...## ##...##",
    "##...## ...#... ....##. ..####. ##..##. ######. ######. ....##. .#####. .######",
    "##...## ...#... ...##.. .....## ####### .....## ##...## ...##.. ##...## .....##",
    "##...## ...#... ..##... .....## ....##. .....## ##...## ...##.. ##...## .....##",
    "##...## ...#... .##.... ##...## ....##. ##...## ##...## ..##... ##...## ##...##",
    ".#####. .#####. ####### .#####. ....##. .#####. .#####. ..##... .#####. .#####.",
)
"""The digits 0 to 9 on bitmaps 7 wide, in the upper nine of their twelve rows."""


class RadialBasisOutput(nn.Module):
    """Logits that are minus the squared distance between the features and the fixed code of each class.

    The largest logit is the nearest code, and the cross entropy of the logits is the paper's discriminative
    criterion without its constant.

    Args:
        codes: One row of −1 and +1 for each class; kept in the state dict, never trained.

    Source: LeCun et al. 1998, equation 7.

    Example:
        >>> RadialBasisOutput(torch.tensor([[1.0, 1.0], [1.0, -1.0]]))(torch.tensor([[1.0, 0.0]]))
        tensor([[-1., -1.]])
    """

    codes: Tensor

    def __init__(self, codes: Float[Tensor, "classes width"]) -> None:
        super().__init__()
        self.register_buffer("codes", codes)

    def forward(self, x: Float[Tensor, "batch width"]) -> Float[Tensor, "batch classes"]:
        """Compute −‖x − code‖² as 2 x · code − ‖x‖² − ‖code‖²."""
        lengths = x.square().sum(1, keepdim=True) + self.codes.square().sum(1)
        return 2 * x @ self.codes.T - lengths


def digit_codes(classes: int = 10) -> Float[Tensor, "classes 84"]:
    """Give the code of each class: for the first ten the drawing of a digit, 7 × 12 pixels of −1 and +1.

    Classes after the tenth get codes drawn at random, always the same ones; the paper names that as the alternative.

    Args:
        classes: How many.

    Returns:
        One row of 84 numbers for each class.

    Source: LeCun et al. 1998, figure 3 and section II.B.
    Deviates: The drawings are ours, after the paper's description; it prints its own too small to copy.

    Example:
        >>> digit_codes().shape
        torch.Size([10, 84])
    """
    drawn = ["".join(column) for column in zip(*(row.split() for row in DIGITS), strict=True)]
    codes = [[1.0 if pixel == "#" else -1.0 for pixel in digit.ljust(84, ".")] for digit in drawn]
    chance = random.Random(1998)  # noqa: S311
    codes += [[chance.choice((-1.0, 1.0)) for _ in range(84)] for _ in range(classes - len(codes))]
    return torch.tensor(codes[:classes])
