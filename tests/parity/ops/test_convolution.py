"""Every convolution against the slow, obvious one: loops over every number."""

from __future__ import annotations

import itertools

import numpy as np
import pytest
import torch
from torch import nn

from saccade.ops.adjoints import input_gradient, weight_gradient
from saccade.ops.convolution import convolve, cross_correlate, depthwise, separable, transposed_convolve
from saccade.ops.padding import PADDING_MODES, Padding

Sides = list[tuple[int, int]]
NUMPY_MODES = {"zeros": "constant", "reflect": "reflect", "replicate": "edge", "circular": "wrap"}
SETTINGS = list(itertools.product((1, 2, 3), ("valid", "same", "full", 1, "uneven"), (1, 2), (1, 2)))


def random(*shape: int) -> torch.Tensor:
    return torch.randn(shape, dtype=torch.float64, generator=torch.Generator().manual_seed(sum(shape)))


def sides_of(padding: str | int, kernel: tuple[int, ...], dilation: int) -> Sides:
    totals = [dilation * (side - 1) for side in kernel]
    if padding == "same":
        return [(total // 2, total - total // 2) for total in totals]
    if padding == "uneven":
        return [(axis % 2, 2) for axis in range(len(kernel))]
    number = {"valid": 0}.get(str(padding), padding)
    return [(total, total) if padding == "full" else (int(number), int(number)) for total in totals]


def given_as(padding: str | int, axes: int) -> Padding:
    return tuple((axis % 2, 2) for axis in range(axes)) if padding == "uneven" else padding


def loops(
    inputs: np.ndarray, weight: np.ndarray, stride: int, sides: Sides, dilation: int, groups: int, mode: str = "zeros"
) -> np.ndarray:
    """One product after the other."""
    padded = np.pad(inputs, [(0, 0), (0, 0), *sides], mode=NUMPY_MODES[mode])  # pyright: ignore[reportCallIssue]
    batch, filters, seen = len(inputs), len(weight), weight.shape[1]
    kernel = weight.shape[2:]
    reach = [dilation * (side - 1) for side in kernel]
    size = [(side - span - 1) // stride + 1 for side, span in zip(padded.shape[2:], reach, strict=True)]
    result = np.zeros((batch, filters, *size))
    for image, number, *place in np.ndindex(*result.shape):
        group = number // (filters // groups)
        for channel, *tap in np.ndindex(seen, *kernel):
            pixel = [stride * where + dilation * step for where, step in zip(place, tap, strict=True)]
            value = padded[(image, group * seen + channel, *pixel)]
            result[(image, number, *place)] += value * weight[(number, channel, *tap)]
    return result


def spread(
    inputs: np.ndarray, weight: np.ndarray, stride: int, sides: Sides, dilation: int, groups: int, more: int
) -> np.ndarray:
    """Each number times the kernel, added where it lands; then the padding is cut off."""
    batch, channels, *size = inputs.shape
    group_filters, kernel = weight.shape[1], weight.shape[2:]
    whole = [(n - 1) * stride + dilation * (f - 1) + 1 + more for n, f in zip(size, kernel, strict=True)]
    result = np.zeros((batch, group_filters * groups, *whole))
    for image, channel, *place in np.ndindex(*inputs.shape):
        group = channel // (channels // groups)
        for number, *tap in np.ndindex(group_filters, *kernel):
            pixel = [stride * where + dilation * step for where, step in zip(place, tap, strict=True)]
            value = inputs[(image, channel, *place)] * weight[(channel, number, *tap)]
            result[(image, group * group_filters + number, *pixel)] += value
    cut = [slice(before, n - after) for n, (before, after) in zip(whole, sides, strict=True)]
    return result[(slice(None), slice(None), *cut)]


@pytest.mark.parametrize("kernel", [(3,), (4,), (2, 3), (2, 1, 3)], ids=str)
@pytest.mark.parametrize("groups", [1, 2])
def test_cross_correlation_and_convolution_are_the_loops(kernel: tuple[int, ...], groups: int) -> None:
    axes = len(kernel)
    inputs, weight = random(2, 4, *(7, 6, 5)[:axes]), random(6, 4 // groups, *kernel)
    turned = weight.numpy()[(..., *[slice(None, None, -1)] * axes)]
    for stride, padding, dilation, _ in SETTINGS[::2] if axes < 3 else SETTINGS[::6]:
        sides, words = sides_of(padding, kernel, dilation), given_as(padding, axes)
        expected = loops(inputs.numpy(), weight.numpy(), stride, sides, dilation, groups)
        given = cross_correlate(inputs, weight, stride=stride, padding=words, dilation=dilation, groups=groups)
        np.testing.assert_allclose(given.numpy(), expected, atol=1e-12)
        expected = loops(inputs.numpy(), turned, stride, sides, dilation, groups)
        given = convolve(inputs, weight, stride=stride, padding=words, dilation=dilation, groups=groups)
        np.testing.assert_allclose(given.numpy(), expected, atol=1e-12)


@pytest.mark.parametrize("mode", PADDING_MODES)
@pytest.mark.parametrize("kernel", [(4,), (2, 3), (1, 2, 3)], ids=str)
def test_every_padding_mode_is_the_loops_on_numpys_padding(mode: str, kernel: tuple[int, ...]) -> None:
    axes = len(kernel)
    inputs, weight = random(1, 2, *(7, 6, 5)[:axes]), random(2, 2, *kernel)
    for padding, stride in itertools.product(("same", "full", "uneven", 2), (1, 2)):
        expected = loops(inputs.numpy(), weight.numpy(), stride, sides_of(padding, kernel, 1), 1, 1, mode)
        given = cross_correlate(inputs, weight, stride=stride, padding=given_as(padding, axes), padding_mode=mode)
        np.testing.assert_allclose(given.numpy(), expected, atol=1e-12)


@pytest.mark.parametrize("kernel", [(3,), (2, 3), (2, 1, 3)], ids=str)
@pytest.mark.parametrize("groups", [1, 2])
def test_transposed_convolution_is_the_loops(kernel: tuple[int, ...], groups: int) -> None:
    axes = len(kernel)
    inputs, weight = random(2, 4, *(5, 4, 3)[:axes]), random(4, 3, *kernel)
    for stride, padding, dilation, more in itertools.product((1, 2, 3), ("valid", "same", "uneven"), (1, 2), (0, 1)):
        if more >= max(stride, dilation):
            continue
        sides = sides_of(padding, kernel, dilation)
        expected = spread(inputs.numpy(), weight.numpy(), stride, sides, dilation, groups, more)
        if 0 in expected.shape:
            continue
        given = transposed_convolve(
            inputs,
            weight,
            stride=stride,
            padding=given_as(padding, axes),
            output_padding=more,
            dilation=dilation,
            groups=groups,
        )
        np.testing.assert_allclose(given.numpy(), expected, atol=1e-12)


def test_depthwise_and_separable_are_the_loops() -> None:
    inputs, each, mixing = random(2, 3, 6, 5), random(6, 1, 3, 2), random(4, 6, 1, 1)
    maps = loops(inputs.numpy(), each.numpy(), 2, sides_of("same", (3, 2), 1), 1, 3)
    np.testing.assert_allclose(depthwise(inputs, each, stride=2, padding="same").numpy(), maps, atol=1e-12)
    given = separable(inputs, each, mixing, stride=2, padding="same")
    np.testing.assert_allclose(given.numpy(), loops(maps, mixing.numpy(), 1, [(0, 0)] * 2, 1, 1), atol=1e-12)


@pytest.mark.parametrize("mode", PADDING_MODES)
@pytest.mark.parametrize("kernel", [(3,), (4,), (2, 3), (1, 2, 3)], ids=str)
@pytest.mark.parametrize("groups", [1, 2])
def test_both_adjoints_are_what_automatic_differentiation_gives(
    mode: str, kernel: tuple[int, ...], groups: int
) -> None:
    axes = len(kernel)
    inputs = random(2, 4, *(8, 9, 7)[:axes]).requires_grad_()
    weight = random(6, 4 // groups, *kernel).requires_grad_()
    for stride, padding, dilation, _ in SETTINGS[::2]:
        settings = {"stride": stride, "padding": given_as(padding, axes), "dilation": dilation, "padding_mode": mode}
        result = cross_correlate(inputs, weight, groups=groups, **settings)
        gradient = random(*result.shape)
        to_inputs, to_weight = torch.autograd.grad(result, (inputs, weight), gradient)
        ours = input_gradient(gradient, weight.detach(), shape=tuple(inputs.shape), **settings)
        torch.testing.assert_close(ours, to_inputs, rtol=0, atol=1e-10)
        ours = weight_gradient(gradient, inputs.detach(), shape=tuple(weight.shape), **settings)
        torch.testing.assert_close(ours, to_weight, rtol=0, atol=1e-10)


@pytest.mark.parametrize("mode", PADDING_MODES)
def test_padding_modes_are_those_of_pytorchs_layers(mode: str) -> None:
    for axes, layer in enumerate((nn.Conv1d, nn.Conv2d, nn.Conv3d), start=1):
        theirs = layer(2, 3, 3, padding=2, padding_mode=mode, bias=False, dtype=torch.float64)
        inputs = random(1, 2, *(6,) * axes)
        given = cross_correlate(inputs, theirs.weight, padding=2, padding_mode=mode)
        torch.testing.assert_close(given, theirs(inputs))
