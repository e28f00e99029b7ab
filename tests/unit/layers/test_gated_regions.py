"""What is around a region: boxes of one middle, messages both ways, and gates that leave the plain head when closed."""

from __future__ import annotations

import math

import pytest
import torch
from torch import Tensor, nn

from saccade.errors import BadConfig
from saccade.layers.gated_regions import GatedDirection, GatedMessages, GatedRegionHead, GateSettings, pad_boxes
from saccade.layers.region_head import RegionHead

THREE = GateSettings((-0.2, 0.0, 0.8), width=3)
BOXES = [torch.tensor([[8.0, 8, 40, 30], [0, 0, 64, 64]]), torch.zeros(0, 4), torch.tensor([[50.0, 2, 62, 20]])]


def crops(count: int = 3, seed: int = 0) -> list[Tensor]:
    draws = torch.Generator().manual_seed(seed)
    return [torch.rand(2, 4, 5, 5, generator=draws) for _ in range(count)]


def messages(settings: GateSettings = THREE) -> GatedMessages:
    torch.manual_seed(0)
    return GatedMessages(4, settings)


def heads() -> tuple[RegionHead, GatedRegionHead]:
    """A plain head, and a gated one with the same weights."""
    torch.manual_seed(0)
    plain = RegionHead(4, (4, 8), num_classes=2, units=6)
    gated = GatedRegionHead(4, (4, 8), num_classes=2, units=6, gates=THREE)
    gated.load_state_dict(plain.state_dict(), strict=False)
    return plain.eval(), gated.eval()


def levels() -> list[Tensor]:
    draws = torch.Generator().manual_seed(1)
    return [torch.rand(3, 4, side, side, generator=draws) for side in (16, 8)]


def one(value: float, channels: int = 1) -> Tensor:
    """A crop of one pixel."""
    return torch.full((1, channels, 1, 1), value)


def set_to(convolution: nn.Module, weight: float, bias: float = 0.0) -> None:
    assert isinstance(convolution, nn.Conv2d)
    assert convolution.bias is not None
    with torch.no_grad():
        convolution.weight.fill_(weight)
        convolution.bias.fill_(bias)


def test_boxes_grow_around_their_middle() -> None:
    box = torch.tensor([[10.0, 10, 20, 30]])
    assert pad_boxes(box, 0.0) is box
    assert pad_boxes(box, -0.2).tolist() == [[11, 12, 19, 28]]
    assert pad_boxes(box, 1.7)[0].tolist() == pytest.approx([1.5, -7, 28.5, 47])


def test_a_message_of_one_pixel_is_that_of_the_equations() -> None:
    """Own: 2 · 3 and 2 · 1; the message of the first: 0.5 · 6, through a gate of 1/4."""
    way = GatedDirection(1, 2, GateSettings((0.0, 1.0), width=1, kernel_size=1, message_size=1))
    for own in way.own:
        set_to(own, 2.0)
    set_to(way.message[0], 0.5)
    set_to(way.gate[0], 0.0, math.log(1 / 3))
    alone, told = way([one(3.0), one(1.0)])
    assert [value.item() for value in alone] == [6, 2]
    assert [value.item() for value in told] == pytest.approx([6, 2 + 0.25 * 3])


def test_both_ways_are_merged_and_a_tenth_of_what_changes_is_added() -> None:
    """Two crops of 3 and 1, all weights 1, gates of a half: each is told half of what the other says."""
    around = GatedMessages(1, GateSettings((0.0, 1.0), width=1, kernel_size=1, message_size=1))
    for way in (around.growing, around.shrinking):
        for part in (*way.own, *way.message):
            set_to(part, 1.0)
        set_to(way.gate[0], 0.0)
    for part in around.merge:
        set_to(part, 1.0)
    assert [value.item() for value in around.changes([one(3.0), one(1.0)])] == pytest.approx([0.1 * 0.5, 0.1 * 1.5])
    assert [value.item() for value in around([one(3.0), one(1.0)])] == pytest.approx([3.05, 1.15])


def test_messages_reach_all_regions_from_all_others() -> None:
    around, given = messages(), [crop.requires_grad_() for crop in crops()]
    reached = [torch.autograd.grad(out.sum(), given, retain_graph=True) for out in around(given)]
    assert all(bool(gradient.any()) for row in reached for gradient in row)


def test_closed_gates_let_nothing_through() -> None:
    around, given = messages(), [crop.requires_grad_() for crop in crops()]
    around.close_gates()
    outs = around(given)
    assert all(torch.equal(out, crop) for out, crop in zip(outs, given, strict=True))
    for number, out in enumerate(outs):
        row = torch.autograd.grad(out.sum(), given, retain_graph=True)
        assert [bool(gradient.any()) for gradient in row] == [other == number for other in range(3)]
        assert torch.equal(row[number], torch.ones_like(row[number]))


def test_one_closed_gate_cuts_one_way_at_one_place() -> None:
    """From large to small nothing passes from the second to the first; from small to large all does."""
    around, given = messages(), [crop.requires_grad_() for crop in crops()]
    set_to(around.shrinking.gate[1], 0.0, -math.inf)
    first, _, last = around(given)
    row = torch.autograd.grad(first.sum(), given, retain_graph=True)
    assert [bool(gradient.any()) for gradient in row] == [True, False, False]
    assert bool(torch.autograd.grad(last.sum(), given)[0].any())


def test_closed_gates_are_the_plain_head_to_the_last_bit() -> None:
    plain, gated = heads()
    assert not torch.equal(gated(levels(), BOXES)[0], plain(levels(), BOXES)[0])
    gated.around.close_gates()
    for found, wanted in zip(gated(levels(), BOXES), plain(levels(), BOXES), strict=True):
        assert torch.equal(found, wanted)
    candidates = gated.candidates(levels(), BOXES, [(64, 64)] * 3), plain.candidates(levels(), BOXES, [(64, 64)] * 3)
    assert all(torch.equal(candidates[0][part], candidates[1][part]) for part in ("boxes", "scores"))


def test_so_it_is_when_nothing_is_added() -> None:
    plain, gated = heads()
    gated.around.share = 0.0
    assert torch.equal(gated(levels(), BOXES)[0], plain(levels(), BOXES)[0])


def test_a_region_hears_of_pixels_beyond_its_box() -> None:
    """A region of 8 pixels, at the stride of 4: two pixels of the map, and a border that is read between them."""
    plain, gated = heads()
    box, maps = [torch.tensor([[24.0, 24, 40, 40]])], [torch.rand(1, 4, 16, 16), torch.rand(1, 4, 8, 8)]
    far = [one_map.clone() for one_map in maps]
    far[0][:, :, 4, 4] += 1  # pixels 16 to 20, within what is larger by 0.8
    assert torch.equal(plain(maps, box)[0], plain(far, box)[0])
    assert not torch.equal(gated(maps, box)[0], gated(far, box)[0])


def test_no_regions_give_nothing() -> None:
    _, gated = heads()
    assert gated(levels(), [torch.zeros(0, 4)] * 3)[0].shape == (0, 3)


@pytest.mark.bad_input
@pytest.mark.parametrize("paddings", [(), (0.0,), (0.2, 0.8), (0.0, -0.2), (0.0, 0.0, 0.8), (-1.0, 0.0)])
def test_what_is_no_row_of_regions_around_one_is_refused(paddings: tuple[float, ...]) -> None:
    with pytest.raises(BadConfig, match=r"got paddings=.*; taken are two or more that grow, above −1, with 0"):
        GateSettings(paddings)
