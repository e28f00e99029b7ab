"""The receptive field of random chains, against following every pixel through PyTorch."""

from __future__ import annotations

import torch
import torch.nn.functional as F
from hypothesis import assume, given, settings
from hypothesis import strategies as st
from torch import Tensor

from saccade.ops.receptive_field import Field, Window, receptive_fields

PIXELS = 48
windows = st.builds(
    Window, st.integers(1, 4), st.integers(1, 3), st.tuples(st.integers(0, 2), st.integers(0, 2)), st.integers(1, 2)
)
chains = st.lists(windows, min_size=1, max_size=4)


def through(chain: list[Window], pixels: Tensor, fill: float = 0.0) -> Tensor:
    """Sum up what each unit sees."""
    x = pixels[None, None]
    for window in chain:
        assert isinstance(window.padding, tuple)
        ones = torch.ones(1, 1, window.kernel_size, dtype=x.dtype)
        x = F.conv1d(F.pad(x, window.padding, value=fill), ones, stride=window.stride, dilation=window.dilation)
    return x[0, 0]


def last_field(chain: list[Window]) -> Field:
    room = receptive_fields(chain)[-1].field
    assume(room < PIXELS)
    return receptive_fields(chain, size=PIXELS)[-1]


@settings(max_examples=60)
@given(chains)
def test_each_unit_outside_the_rim_sees_from_one_end_of_its_field_to_the_other(chain: list[Window]) -> None:
    field = last_field(chain)
    pixels = torch.ones(PIXELS, dtype=torch.float64, requires_grad=True)
    units = through(chain, pixels)
    assert len(units) == field.size
    assert field.rim[1] is not None
    for number in range(field.rim[0], len(units) - field.rim[1]):
        (gradient,) = torch.autograd.grad(units[number], pixels, retain_graph=True)
        seen = gradient.nonzero().flatten()
        middle = field.start + number * field.jump
        assert (int(seen[0]), int(seen[-1]) + 1) == (middle - field.field / 2, middle + field.field / 2)


@settings(max_examples=60)
@given(chains)
def test_the_rim_is_the_units_that_see_padding(chain: list[Window]) -> None:
    field = last_field(chain)
    sees = through(chain, torch.zeros(PIXELS, dtype=torch.float64), fill=1.0) > 0
    front, back = field.rim
    assert back is not None
    places = torch.arange(len(sees))
    assert torch.equal(sees, (places < front) | (places >= len(sees) - back))
