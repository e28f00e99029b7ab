"""What is said of a receptive field is what the gradient shows, for random stacks of layers, to the pixel."""

from __future__ import annotations

from contextlib import ExitStack

import pytest
import torch
from hypothesis import assume, given, settings
from hypothesis import strategies as st
from torch import Tensor, nn

from saccade.inspect.fields.circular import CircularPadding
from saccade.inspect.receptive_field import FieldTracker, seen_by
from saccade.inspect.without_content import Watching, without_content

SIDES = (71, 90)
WIDTH = 4


class Both(nn.Module):
    def __init__(self, one: nn.Module, other: nn.Module, *, joined: bool) -> None:
        super().__init__()
        self.one, self.other, self.joined = one, other, joined
        self.mix = nn.Conv2d(WIDTH, WIDTH, 1)  # what is said of a map is what its channels see together

    def forward(self, x: Tensor) -> Tensor:
        one, other = self.one(x), self.other(x)
        height, width = (min(a, b) for a, b in zip(one.shape[2:], other.shape[2:], strict=True))
        one, other = one[:, :, :height, :width], other[:, :, :height, :width]
        return self.mix(torch.cat([one[:, :2], other[:, :2]], 1)) if self.joined else one + other


class Every(nn.Module):
    def __init__(self, first: int, step: int) -> None:
        super().__init__()
        self.first, self.step = first, step

    def forward(self, x: Tensor) -> Tensor:
        return x[:, :, self.first :: self.step, self.first :]


@st.composite
def convolutions(draw: st.DrawFn, *, stride: int = 3) -> nn.Module:
    pair = st.tuples(st.integers(1, 4), st.integers(1, 4))
    padding_mode = draw(st.sampled_from(["zeros", "reflect", "replicate", "circular"]))
    padding = draw(st.tuples(st.integers(0, 2), st.integers(0, 2)))
    return nn.Conv2d(
        WIDTH, WIDTH, draw(pair), stride=draw(st.integers(1, stride)), padding=padding,
        dilation=draw(st.integers(1, 2)), groups=draw(st.sampled_from([1, 2])), padding_mode=padding_mode,
    )  # fmt: skip


@st.composite
def transposed(draw: st.DrawFn) -> nn.Module:
    size, stride = draw(st.integers(1, 4)), draw(st.integers(1, 3))
    return nn.ConvTranspose2d(WIDTH, WIDTH, size, stride, padding=draw(st.integers(0, size - 1)))


POOLS = st.builds(nn.AvgPool2d, st.integers(1, 3), stride=st.integers(1, 3), ceil_mode=st.booleans())
LARGER = st.one_of(
    st.builds(nn.Upsample, scale_factor=st.sampled_from([2, 3, 1.5]), mode=st.sampled_from(["nearest", "bilinear"])),
    st.builds(nn.Upsample, size=st.just((77, 101)), mode=st.just("nearest-exact")),
    st.just(nn.PixelShuffle(2)).map(lambda shuffle: nn.Sequential(shuffle, nn.Conv2d(1, WIDTH, 1))),
)
PADS = st.builds(nn.ZeroPad2d, st.tuples(*[st.integers(0, 2)] * 4))
SLICES = st.builds(Every, st.integers(0, 2), st.integers(1, 2))
STEPS = st.one_of(convolutions(), transposed(), POOLS, LARGER, PADS, SLICES, st.builds(nn.ReLU))
BRANCHES = st.builds(Both, convolutions(stride=1), convolutions(stride=1), joined=st.booleans())
STACKS = st.lists(st.one_of(STEPS, STEPS, BRANCHES), min_size=1, max_size=5).map(lambda parts: nn.Sequential(*parts))


def positive(network: nn.Module) -> nn.Module:
    """Let every path count: no weight is zero, and nothing is ever below zero."""
    generator = torch.Generator().manual_seed(0)
    for weight in network.double().parameters():
        nn.init.uniform_(weight, 0.5, 1.5, generator=generator)
    return network.eval()


def follow(network: nn.Module) -> Tensor:
    tracker = FieldTracker()
    with ExitStack() as stack:
        for mode in (without_content(), torch.no_grad(), Watching(tracker.note), CircularPadding(tracker.padded)):
            stack.enter_context(mode)
        images = torch.empty(1, WIDTH, *SIDES, dtype=torch.float64)
        tracker.begin(images)
        return network(images)


@settings(max_examples=20)
@given(STACKS)
def test_the_field_is_where_the_gradient_is(network: nn.Module) -> None:
    check(network)


@pytest.mark.full
@settings(max_examples=250)
@given(STACKS)
def test_the_field_is_where_the_gradient_is_for_many_networks(network: nn.Module) -> None:
    check(network)


def check(network: nn.Module) -> None:
    try:
        output = follow(positive(network))
    except RuntimeError:  # a kernel has become larger than its map
        assume(False)
        raise
    assume(max(output.shape[2:]) < 300)
    place = (output.shape[2] // 2, output.shape[3] // 2)
    seen = seen_by(output, place)
    assume(
        all(
            span is None or (span[0] > side / 4 and span[1] < 3 * side / 4)
            for span, side in zip(seen, SIDES, strict=True)
        )
    )
    images = torch.rand(1, WIDTH, *SIDES, dtype=torch.float64, requires_grad=True)
    network(images)[0, :, place[0], place[1]].sum().backward()
    assert images.grad is not None
    support = images.grad[0].sum(0)
    for side, span in enumerate(seen):
        pixels = support.sum(1 - side).nonzero()[:, 0].tolist()
        found = (pixels[0], pixels[-1] + 1) if pixels else None
        if resampled_with_gaps(network):
            assert found is None or (span is not None and span[0] <= found[0] < found[1] <= span[1])
        else:
            assert found == (span if all(seen) else None)


def resampled_with_gaps(network: nn.Module) -> bool:
    """Whether a map with gaps is brought to another size by no whole number: what is read there is only bounded."""
    parts = list(network.modules())
    gaps = any(isinstance(part, nn.ConvTranspose2d) and part.stride[0] > part.kernel_size[0] for part in parts)
    return gaps and any(isinstance(part, nn.Upsample) for part in parts)


GAPS = nn.Sequential(
    nn.ConvTranspose2d(WIDTH, WIDTH, 1, 2),
    nn.Upsample(size=(77, 101), mode="nearest-exact"),
    Both(nn.Conv2d(WIDTH, WIDTH, 2, dilation=2), nn.Conv2d(WIDTH, WIDTH, 1, padding=(0, 2)), joined=False),
)


@settings(max_examples=1)
@given(st.just(GAPS))
def test_what_reads_a_map_with_gaps_at_another_size_is_bounded(network: nn.Module) -> None:
    check(network)
