"""What every architecture is given."""

from __future__ import annotations

import subprocess
import sys
from collections.abc import Sequence

import pytest
import torch
from torch import Tensor, nn

from saccade.errors import BadConfig, BadShape
from saccade.layers.backbone import Backbone, Stage, Step


class Halver(Backbone):
    """Two poolings; the logits are the means."""

    def __init__(self) -> None:
        super().__init__("halver", [(2, 3), (4, 3)], num_classes=3, in_channels=3, smallest_size=(4, 4))
        self.pool = nn.AvgPool2d(2)

    def steps(self) -> Sequence[Step]:
        return (self.pool, self.pool)

    def head(self, features: Tensor) -> Tensor:
        return features.mean((2, 3))


def test_stages_are_named_in_order() -> None:
    assert Halver().stages == (Stage("stem", 2, 3), Stage("stage1", 4, 3))


def test_features_are_every_stage_and_logits_the_head_on_the_last() -> None:
    images = torch.arange(48.0).reshape(1, 3, 4, 4)
    assert {name: tuple(x.shape) for name, x in Halver().forward_features(images).items()} == {
        "stem": (1, 3, 2, 2),
        "stage1": (1, 3, 1, 1),
    }
    assert Halver()(images).tolist() == [[7.5, 23.5, 39.5]]


def test_stages_that_do_not_match_the_steps_are_a_mistake_of_ours() -> None:
    network = Halver()
    network.stages = network.stages[:1]
    with pytest.raises(ValueError, match="zip"):
        network.forward_features(torch.zeros(1, 3, 4, 4))


def test_a_backbone_without_steps_cannot_be_made() -> None:
    with pytest.raises(TypeError, match="abstract"):
        Backbone("none", [], num_classes=1, in_channels=1)  # pyright: ignore[reportAbstractUsage]


@pytest.mark.full
def test_its_graph_can_be_captured_whole() -> None:
    """In a process of its own, where no shapes are checked: what checks them cannot be captured."""
    code = (
        "import torch; from saccade.architectures.resnet_cifar import resnet8; from torch.fx import symbolic_trace\n"
        "network, images = resnet8().eval(), torch.rand(2, 3, 16, 16)\n"
        "compiled = torch.compile(network, fullgraph=True, backend='eager')\n"
        "assert torch.equal(compiled(images), network(images))\n"
        "assert torch.equal(symbolic_trace(network)(images), network(images))\n"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr


@pytest.mark.bad_input
def test_images_below_the_smallest_size_are_refused() -> None:
    for run in (Halver(), Halver().forward_features):
        with pytest.raises(BadShape, match="got images of 4 × 3 pixels; halver takes 4 × 4 or more; enlarge them"):
            run(torch.zeros(1, 3, 4, 3))


@pytest.mark.bad_input
def test_a_network_without_classes_is_refused() -> None:
    class Nothing(Halver):
        def __init__(self) -> None:
            Backbone.__init__(self, "nothing", [], num_classes=0, in_channels=3)

    with pytest.raises(BadConfig, match="num_classes=0"):
        Nothing()
