"""The contract of detectors, kept by the smallest of them."""

from __future__ import annotations

import pytest
import torch
from torch import Tensor

from saccade.errors import BadConfig, BadShape
from saccade.layers.aligned_head import AlignedHead
from saccade.layers.convolution import ConvBlock
from saccade.layers.detector import Detector
from saccade.layers.normalised import Normalised
from saccade.types.truth import Truth


class Smallest(Detector):
    def __init__(self) -> None:
        super().__init__("smallest", num_classes=2, in_channels=3, smallest_size=(8, 8))
        self.body, self.head = ConvBlock(3, 4, kernel_size=9, stride=8), AlignedHead([4], [8], 2)

    def candidates(self, images: Tensor) -> dict[str, Tensor]:
        return self.head.candidates([self.body(images)])

    def losses(self, images, truths) -> dict[str, Tensor]:
        return self.head.losses([self.body(images)], truths)


def test_images_alone_give_candidates_and_with_their_truth_a_loss():
    network = Normalised(Smallest(), [0.5] * 3, [0.25] * 3)
    images, truth = torch.rand(2, 3, 16, 24), Truth(torch.tensor([[1.0, 1, 9, 9]]), torch.tensor([0]))
    found = network(images)
    assert (found["boxes"].shape, found["scores"].shape) == ((2, 6, 4), (2, 6, 2))
    assert set(network(images, [truth, truth])) == {"classes", "boxes", "distances"}


@pytest.mark.bad_input
def test_images_that_it_does_not_take_are_refused():
    with pytest.raises(BadShape):
        Smallest()(torch.rand(1, 1, 16, 16))
    with pytest.raises(BadShape):
        Smallest()(torch.rand(1, 3, 4, 16))
    with pytest.raises(BadConfig):
        Detector.__init__(Smallest(), "x", num_classes=0, in_channels=3)
