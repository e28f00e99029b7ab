"""GBD-Net as a whole: the plain network within it, and images of every kind."""

from __future__ import annotations

import pytest
import torch
from torch import nn

from saccade import catalog
from saccade.architectures.gbd_net import CARDS, GatedSizes, GbdNet, gbd_net, gbd_net_small
from saccade.errors import BadConfig
from saccade.layers.gated_regions import GatedRegionHead, GateSettings
from saccade.layers.region_head import RegionSettings
from saccade.layers.region_proposals import ProposalSettings
from saccade.types.truth import Truth

TINY = GatedSizes(
    8,
    8,
    ProposalSettings(before=(40, 20), after=(30, 15), sampled=16),
    RegionSettings(sampled=8),
    GateSettings((-0.2, 0.0, 0.8), width=4),
)
TERMS = ["objectness", "proposal_boxes", "classes", "boxes"]
NOTHING = Truth(torch.zeros(0, 4), torch.zeros(0, dtype=torch.int64))
THING = Truth(torch.tensor([[4.0, 6.0, 25.0, 30.0]]), torch.tensor([1]))


def tiny(in_channels: int = 3) -> GbdNet:
    torch.manual_seed(0)
    return GbdNet("tiny", num_classes=2, in_channels=in_channels, backbone="resnet8", sizes=TINY)


def plain(name: str, **arguments: int) -> nn.Module:
    return catalog.find("architectures", name)(**arguments)


@pytest.mark.parametrize(
    ("name", "other"), [("gbd_net", "faster_rcnn_resnet50"), ("gbd_net_small", "faster_rcnn_resnet18")]
)
def test_it_is_the_plain_network_and_what_is_around_regions(name: str, other: str) -> None:
    with torch.device("meta"):
        whole, part = plain(name).state_dict(), plain(other).state_dict()
    more = {key for key in whole if key.startswith("roi_heads.around.")}
    assert {key: value.shape for key, value in whole.items() if key not in more} == {
        key: value.shape for key, value in part.items()
    }
    assert CARDS[name]["parameters"] > sum(value.numel() for key, value in part.items() if "running" not in key)


def test_with_closed_gates_it_is_the_plain_network_to_the_last_bit() -> None:
    torch.manual_seed(0)
    gated = gbd_net_small(num_classes=2).eval()
    other = plain("faster_rcnn_resnet18", num_classes=2).eval()
    other.load_state_dict({key: value for key, value in gated.state_dict().items() if ".around." not in key})
    images = torch.rand(2, 3, 64, 96)
    with torch.no_grad():
        opened, wanted = gated(images), other(images)
        gated.roi_heads.around.close_gates()  # pyright: ignore[reportCallIssue, reportAttributeAccessIssue]
        closed = gated(images)
    assert not torch.equal(opened["scores"], wanted["scores"])
    assert all(torch.equal(closed[part], wanted[part]) for part in ("boxes", "scores"))


def test_the_form_is_the_papers_with_the_region_itself() -> None:
    with torch.device("meta"):
        head = gbd_net().roi_heads
    assert isinstance(head, GatedRegionHead)
    assert head.paddings == (-0.2, 0.0, 0.2, 0.8, 1.7)
    assert head.around.share == 0.1
    kernels = {part.kernel_size for part in head.around.modules() if isinstance(part, nn.Conv2d)}
    assert kernels == {(3, 3)}


@pytest.mark.parametrize("size", [(1, 1), (33, 50)])
@pytest.mark.parametrize("channels", [1, 4])
def test_images_of_any_size_and_channels_are_answered_and_learned_from(size: tuple[int, int], channels: int) -> None:
    network = tiny(channels).eval()
    with torch.no_grad():
        found = network(torch.rand(2, channels, *size))
    assert found["boxes"].shape[2:] == (2, 4)
    assert found["boxes"][..., 0::2].max() <= size[1]
    assert found["boxes"][..., 1::2].max() <= size[0]
    terms = network.train()(torch.rand(2, channels, *size), [NOTHING, NOTHING])
    assert list(terms) == TERMS
    assert all(term.isfinite() for term in terms.values())


def test_all_that_learns_gets_a_gradient() -> None:
    network = tiny().train()
    torch.stack(list(network(torch.rand(2, 3, 64, 64), [THING, NOTHING]).values())).sum().backward()
    assert [name for name, weight in network.named_parameters() if weight.grad is None or not weight.grad.any()] == []


@pytest.mark.bad_input
def test_what_cannot_be_made_is_refused_in_its_own_name() -> None:
    with pytest.raises(BadConfig, match="got num_classes=0; gbd_net_small takes"):
        gbd_net_small(num_classes=0)
    with pytest.raises(BadConfig, match="got norm='none'"):
        gbd_net_small(norm="none")  # pyright: ignore[reportArgumentType]
