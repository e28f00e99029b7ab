"""LeNet-5: the network that read cheques, as people write it today and as it was in 1998.

Taught: shared weights, local fields and subsampling, all trained by the gradient, read better than features made by
hand.

Source: LeCun, Bottou, Bengio & Haffner, "Gradient-based learning applied to document recognition",
Proceedings of the IEEE 86(11), 1998.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from jaxtyping import Float
from torch import Tensor, nn

from saccade.layers.activations import ScaledTanh
from saccade.layers.backbone import Backbone, Step
from saccade.layers.pooling import GlobalAveragePool, TrainableSubsampling
from saccade.layers.radial_basis import RadialBasisOutput, digit_codes
from saccade.layers.sparse import SparseConvolution

__all__ = ["lenet5", "lenet5_paper"]

# fmt: off
CARDS: dict[str, dict[str, Any]] = {
    "lenet5": {
        "paper": "Gradient-based learning applied to document recognition", "year": 1998, "arxiv": "",
        "parameters": 61_706, "macs": 416_520, "classes": 10, "channels": 1,
        "native_size": (32, 32), "smallest_size": (32, 32),
        "deviates": "ReLU, max pooling, C3 sees every map, the output is dense: as people write it today; "
        "what is left of larger images after C5 is averaged",
        "recipe": {
            "settings": {
                "epochs": 20, "batch_size": 1, "optimizer": "sgd", "learning_rate": 0.0005, "weight_decay": 0.0,
                "schedule": "milestones", "milestones": (2, 5, 8, 12), "rate_decay": 0.5, "warmup_epochs": 0.0,
                "height": 32, "augment": "none",
            },
            "source": "LeCun et al. 1998, section III B, as others report it: 20 passes, rates of 0.0005, 0.0002, "
            "0.0001, 0.00005 and 0.00001 for 2, 3, 3, 4 and the other passes, one image at a time",
            "deviates": "the paper divides the rate of each weight by 0.02 and an estimate of its second derivative, "
            "which our optimisers do not; its rate falls to 0.4, 0.5, 0.5 and 0.2, here always to a half; it speaks "
            "of no decay of weights, so there is none",
        },
    },
    "lenet5_paper": {
        "paper": "Gradient-based learning applied to document recognition", "year": 1998, "arxiv": "",
        "parameters": 60_000, "macs": 326_520, "connections": 340_908, "classes": 10, "channels": 1,
        "native_size": (32, 32), "smallest_size": (32, 32),
        "paper_parameters": 60_000, "paper_result": "an error of 0.95 % on MNIST, and of 0.8 % with distorted digits",
        "deviates": "the ten codes are drawn anew, and classes after the tenth get random ones; weights start between "
        "±1/√fan-in, since from the paper's ±2.4/fan-in a first-order method finds no gradient; "
        "what is left of larger images after C5 is averaged",
    },
}
# fmt: on

C3_TABLE = (
    (0, 1, 2), (1, 2, 3), (2, 3, 4), (3, 4, 5), (0, 4, 5), (0, 1, 5),
    (0, 1, 2, 3), (1, 2, 3, 4), (2, 3, 4, 5), (0, 3, 4, 5), (0, 1, 4, 5), (0, 1, 2, 5),
    (0, 1, 3, 4), (1, 2, 4, 5), (0, 2, 3, 5),
    (0, 1, 2, 3, 4, 5),
)  # fmt: skip
"""Table I of the paper: the maps of S2 that each map of C3 sees."""


class LeNet5(Backbone):
    """Two convolutions with a pooling after each, a third that sees all that is left, two dense layers.

    The layers have the paper's names. The stages are C1, then S2 and C3, then S4 and C5.

    Args:
        name: What it is called in messages.
        num_classes: Logits.
        in_channels: Channels of the images.

    Raises:
        BadConfig: If there are no classes or no channels.

    Source: LeCun et al. 1998, figure 2.
    """

    def __init__(self, name: str, *, num_classes: int, in_channels: int) -> None:
        stages = [(1, 6), (2, 16), (4, 120)]
        super().__init__(name, stages, num_classes=num_classes, in_channels=in_channels, smallest_size=(32, 32))
        self.c1 = nn.Conv2d(in_channels, 6, 5)
        self.act1 = nn.ReLU()
        self.s2 = nn.MaxPool2d(2)
        self.c3 = nn.Conv2d(6, 16, 5)
        self.act3 = nn.ReLU()
        self.s4 = nn.MaxPool2d(2)
        self.c5 = nn.Conv2d(16, 120, 5)
        self.act5 = nn.ReLU()
        self.average = GlobalAveragePool()
        self.f6 = nn.Linear(120, 84)
        self.act6 = nn.ReLU()
        self.output = nn.Linear(84, num_classes)

    def steps(self) -> Sequence[Step]:
        """Give C1; S2 and C3; S4 and C5, each with its activation."""
        return (
            lambda images: self.act1(self.c1(images)),
            lambda x: self.act3(self.c3(self.s2(x))),
            lambda x: self.act5(self.c5(self.s4(x))),
        )

    def head(self, features: Float[Tensor, "batch width rows columns"]) -> Float[Tensor, "batch classes"]:
        """Average C5 (one pixel, for images of 32 × 32), then F6 and the output."""
        return self.output(self.act6(self.f6(self.average(features))))


class LeNet5Paper(LeNet5):
    """The form of 1998: trainable subsampling, a sparse C3, scaled tanh, radial basis functions as output.

    Args:
        name: What it is called in messages.
        num_classes: Logits.
        in_channels: Channels of the images.

    Raises:
        BadConfig: If there are no classes or no channels.

    Source: LeCun et al. 1998, section II.B and appendix A.
    """

    def __init__(self, name: str, *, num_classes: int, in_channels: int) -> None:
        super().__init__(name, num_classes=num_classes, in_channels=in_channels)
        self.s2, self.s4 = TrainableSubsampling(6), TrainableSubsampling(16)
        self.c3 = SparseConvolution(C3_TABLE, kernel_size=5)
        self.act1, self.act3, self.act5, self.act6 = ScaledTanh(), ScaledTanh(), ScaledTanh(), ScaledTanh()
        self.output = RadialBasisOutput(digit_codes(num_classes))


def lenet5(*, num_classes: int = 10, in_channels: int = 1) -> LeNet5:
    """Make LeNet-5 as people write it today: ReLU, max pooling, dense C3, dense output.

    Args:
        num_classes: Logits.
        in_channels: Channels of the images, which are 32 × 32 or larger.

    Returns:
        A network of 61,706 parameters at ten classes and one channel.

    Raises:
        BadConfig: If there are no classes or no channels.

    Source: LeCun et al. 1998, with the deviations on the card.

    Example:
        >>> import torch
        >>> lenet5()(torch.zeros(1, 1, 32, 32)).shape
        torch.Size([1, 10])
    """
    return LeNet5("lenet5", num_classes=num_classes, in_channels=in_channels)


def lenet5_paper(*, num_classes: int = 10, in_channels: int = 1) -> LeNet5Paper:
    """Make LeNet-5 as in 1998. Its logits are minus the squared distances to fixed codes.

    The paper feeds it a background of −0.1 and ink of 1.175, which makes the mean about 0 and the deviation about 1.

    Args:
        num_classes: Logits.
        in_channels: Channels of the images, which are 32 × 32 or larger.

    Returns:
        A network of 60,000 trainable parameters at one channel, whatever the number of classes.

    Raises:
        BadConfig: If there are no classes or no channels.

    Source: LeCun et al. 1998, section II.B.

    Example:
        >>> sum(parameter.numel() for parameter in lenet5_paper().parameters())
        60000
    """
    return LeNet5Paper("lenet5_paper", num_classes=num_classes, in_channels=in_channels)
