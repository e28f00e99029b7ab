"""What holds for every convolution: matrices, flips, adjoints, sums, shifts."""

from __future__ import annotations

import functools
from dataclasses import dataclass
from typing import Any

import torch
import torch.nn.functional as F
from hypothesis import assume, given
from hypothesis import strategies as st
from torch import Tensor

from saccade.ops.adjoints import input_gradient, weight_gradient
from saccade.ops.convolution import convolve, cross_correlate, depthwise, flipped, transposed_convolve
from saccade.ops.operands import result_size
from saccade.ops.padding import PADDING_MODES, resolve_padding

assert_close = functools.partial(torch.testing.assert_close, rtol=0, atol=1e-10)


@dataclass(frozen=True)
class Case:
    """Inputs, a weight, and settings that go together."""

    inputs: Tensor
    weight: Tensor
    settings: dict[str, Any]
    groups: int


def normal(*shape: int, seed: int = 0) -> Tensor:
    return torch.randn(shape, dtype=torch.float64, generator=torch.Generator().manual_seed(seed))


def each_axis(axes: int, numbers: st.SearchStrategy[Any]) -> st.SearchStrategy[tuple[Any, ...]]:
    return st.tuples(*[numbers] * axes)


@st.composite
def cases(draw: st.DrawFn, modes: tuple[str, ...] = PADDING_MODES, axes: tuple[int, ...] = (1, 2, 3)) -> Case:
    count = draw(st.sampled_from(axes))
    size = draw(each_axis(count, st.integers(1, 7)))
    kernel = draw(each_axis(count, st.integers(1, 4)))
    stride, dilation = draw(each_axis(count, st.integers(1, 3))), draw(each_axis(count, st.integers(1, 2)))
    mode, groups = draw(st.sampled_from(modes)), draw(st.integers(1, 3))
    sides = draw(each_axis(count, st.tuples(st.integers(0, 3), st.integers(0, 3))))
    padding = draw(st.sampled_from(["valid", "same", "full", sides]))
    for side, taps, gap, pair in zip(size, kernel, dilation, sides, strict=True):
        reach = gap * (taps - 1)
        words = {"valid": (0, 0), "same": (reach // 2, reach - reach // 2), "full": (reach, reach)}
        before, after = words[padding] if isinstance(padding, str) else pair
        assume(before + side + after > reach)
        assume(max(before, after) <= {"reflect": side - 1, "circular": side}.get(mode, 99))
    batch, channels, filters = draw(st.integers(1, 2)), draw(st.integers(1, 2)), draw(st.integers(1, 2))
    return Case(
        normal(batch, channels * groups, *size),
        normal(filters * groups, channels, *kernel, seed=1),
        {"stride": stride, "padding": padding, "dilation": dilation, "padding_mode": mode},
        groups,
    )


def forward(case: Case, inputs: Tensor | None = None, weight: Tensor | None = None) -> Tensor:
    return cross_correlate(
        case.inputs if inputs is None else inputs,
        case.weight if weight is None else weight,
        groups=case.groups,
        **case.settings,
    )


@given(cases())
def test_the_size_is_the_arithmetics(case: Case) -> None:
    kernel = tuple(case.weight.shape[2:])
    sides = resolve_padding(case.settings["padding"], kernel, dilation=case.settings["dilation"])
    size = result_size(
        tuple(case.inputs.shape[2:]),
        kernel,
        stride=case.settings["stride"],
        sides=sides,
        dilation=case.settings["dilation"],
    )
    assert forward(case).shape == (len(case.inputs), len(case.weight), *size)


@given(cases(modes=("zeros",), axes=(2,)))
def test_a_convolution_is_a_matrix_product_with_unfolded_windows(case: Case) -> None:
    settings = case.settings
    (top, bottom), (left, right) = resolve_padding(
        settings["padding"], tuple(case.weight.shape[2:]), dilation=settings["dilation"]
    )
    windows = F.unfold(
        F.pad(case.inputs, (left, right, top, bottom)),
        tuple(case.weight.shape[2:]),
        stride=settings["stride"],
        dilation=settings["dilation"],
    )
    matrices = case.weight.reshape(case.groups, len(case.weight) // case.groups, -1)
    products = matrices @ windows.unflatten(1, (case.groups, -1))
    assert_close(forward(case).flatten(2), products.flatten(1, 2))


@given(cases())
def test_convolution_is_cross_correlation_with_the_flipped_kernel(case: Case) -> None:
    assert_close(convolve(case.inputs, flipped(case.weight), groups=case.groups, **case.settings), forward(case))


@given(cases())
def test_both_are_equal_for_a_kernel_that_is_its_own_flip(case: Case) -> None:
    weight = case.weight + flipped(case.weight)
    assert_close(convolve(case.inputs, weight, groups=case.groups, **case.settings), forward(case, weight=weight))


@given(cases())
def test_both_adjoints_move_to_the_other_side_of_the_inner_product(case: Case) -> None:
    result = forward(case)
    other = normal(*result.shape, seed=2)
    product = (result * other).sum()
    to_inputs = input_gradient(other, case.weight, shape=tuple(case.inputs.shape), **case.settings)
    to_weight = weight_gradient(other, case.inputs, shape=tuple(case.weight.shape), **case.settings)
    assert_close((case.inputs * to_inputs).sum(), product)
    assert_close((case.weight * to_weight).sum(), product)


@given(cases())
def test_both_adjoints_are_what_automatic_differentiation_gives(case: Case) -> None:
    inputs, weight = case.inputs.requires_grad_(), case.weight.requires_grad_()
    result = forward(case)
    other = normal(*result.shape, seed=2)
    expected = torch.autograd.grad(result, (inputs, weight), other)
    assert_close(input_gradient(other, weight.detach(), shape=tuple(inputs.shape), **case.settings), expected[0])
    assert_close(weight_gradient(other, inputs.detach(), shape=tuple(weight.shape), **case.settings), expected[1])


@given(cases(modes=("zeros",)))
def test_a_transposed_convolution_is_the_adjoint_of_a_convolution(case: Case) -> None:
    settings = {name: value for name, value in case.settings.items() if name != "padding_mode"}
    result = forward(case)
    other = normal(*result.shape, seed=2)
    bare = transposed_convolve(other, case.weight, groups=case.groups, **settings | {"padding": "valid"})
    sides = resolve_padding(settings["padding"], tuple(case.weight.shape[2:]), dilation=settings["dilation"])
    wanted = [n + sum(ends) for n, ends in zip(case.inputs.shape[2:], sides, strict=True)]
    more = tuple(n - given for n, given in zip(wanted, bare.shape[2:], strict=True))
    back = transposed_convolve(other, case.weight, output_padding=more, groups=case.groups, **settings)
    assert_close((back * case.inputs).sum(), (result * other).sum())


@given(cases(), st.floats(-3, 3), st.floats(-3, 3))
def test_a_convolution_is_linear_in_its_inputs_and_in_its_weight(case: Case, a: float, b: float) -> None:
    inputs, weight = normal(*case.inputs.shape, seed=3), normal(*case.weight.shape, seed=4)
    whole = forward(case)
    assert_close(forward(case, inputs=a * case.inputs + b * inputs), a * whole + b * forward(case, inputs=inputs))
    assert_close(forward(case, weight=a * case.weight + b * weight), a * whole + b * forward(case, weight=weight))


@given(st.integers(1, 3), st.integers(1, 4), st.tuples(*[st.integers(-9, 9)] * 3))
def test_a_circular_convolution_follows_a_shift(axes: int, kernel: int, shift: tuple[int, ...]) -> None:
    """A convolution is equivariant: what moves in the image moves in the map. It is not invariant."""
    inputs, weight = normal(1, 2, *(6,) * axes), normal(3, 2, *(kernel,) * axes, seed=1)
    where, places = shift[:axes], tuple(range(2, 2 + axes))
    moved = cross_correlate(inputs.roll(where, places), weight, padding="same", padding_mode="circular")
    still = cross_correlate(inputs, weight, padding="same", padding_mode="circular")
    assert_close(moved, still.roll(where, places))
    assert_close(moved.mean(places), still.mean(places))


@given(cases())
def test_a_depthwise_convolution_has_as_many_groups_as_channels(case: Case) -> None:
    weight = case.weight[:, :1].repeat_interleave(case.inputs.shape[1], 0)
    expected = cross_correlate(case.inputs, weight, groups=case.inputs.shape[1], **case.settings)
    assert_close(depthwise(case.inputs, weight, **case.settings), expected)


@given(cases(axes=(1,)), st.integers(1, 3))
def test_a_full_convolution_is_associative(case: Case, taps: int) -> None:
    one, two = case.inputs[:, :1], case.weight[:1, :1]
    three = normal(1, 1, taps, seed=5)
    first = convolve(convolve(one, two, padding="full"), three, padding="full")
    assert_close(first, convolve(one, convolve(two, three, padding="full"), padding="full"))
