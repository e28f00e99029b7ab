"""Any backbone by name with a classifier on its pooled stages."""

from __future__ import annotations

import pytest
import torch

from saccade.architectures.pooled import pooled
from saccade.errors import BadConfig, UnknownName


@pytest.mark.parametrize(
    ("backbone", "width"), [("resnet20", 16 + 32 + 64), ("resnet18", 64 + 64 + 128 + 256 + 512), ("googlenet", 0)]
)
def test_the_classifier_stands_on_all_stages(backbone, width):
    with torch.device("meta"):
        network = pooled(num_classes=3, backbone=backbone)
    assert network.width == sum(stage.width for stage in network.stages)
    assert width in (0, network.width)
    assert sum(parameter.numel() for parameter in network.classifier.parameters()) == 3 * (network.width + 1)


def test_grey_images_are_taken():
    assert pooled(num_classes=2, in_channels=1, backbone="resnet20").eval()(torch.zeros(1, 1, 32, 32)).shape == (1, 2)


@pytest.mark.bad_input
def test_it_does_not_stand_on_itself_nor_on_what_is_not_there():
    with pytest.raises(BadConfig, match="got backbone='pooled'; taken are architectures that stand alone"):
        pooled(backbone="pooled")
    with pytest.raises(UnknownName, match="resnet18"):
        pooled(backbone="resnet19")
