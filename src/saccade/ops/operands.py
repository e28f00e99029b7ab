"""The door of the convolutions: what cannot be convolved is refused here, in words.

Here and in `padding`, `convolution` and `adjoints`, the axes of a tensor are the batch, the channels, and one to three
axes in space. What goes along those is an int for all of them, or a tuple with one int for each.

Source: ours.
"""

from __future__ import annotations

import math

from jaxtyping import Shaped
from torch import Tensor

from saccade.errors import BadConfig, BadShape
from saccade.ops.arithmetic import output_size

PerAxis = int | tuple[int, ...]
Sides = tuple[tuple[int, int], ...]


def per_axis(value: PerAxis, axes: int, *, name: str, smallest: int = 1) -> tuple[int, ...]:
    """Spell out a setting for each axis.

    Args:
        value: One whole number, or one for each axis.
        axes: How many there are.
        name: What it is, for the message.
        smallest: The least that is taken.

    Returns:
        As many numbers as axes.

    Raises:
        BadConfig: If it is anything else.

    Example:
        >>> per_axis(2, 3, name="stride"), per_axis((1, 2), 2, name="stride")
        ((2, 2, 2), (1, 2))
    """
    numbers = tuple(value) if isinstance(value, tuple | list) else (value,) * axes
    if len(numbers) != axes or any(type(number) is not int or number < smallest for number in numbers):
        many = f", or a tuple of {axes}, one for each axis" if axes > 1 else " for the one axis there is"
        raise BadConfig(f"got {name}={value!r}; taken is a whole number ≥ {smallest}{many}; change the {name}")
    return numbers


def check_floats(inputs: Shaped[Tensor, "*shape"], name: str = "inputs") -> int:
    """Refuse what is no batch of lines, maps or volumes of floats.

    Args:
        inputs: What should be of shape (batch, channels, …).
        name: What it is called, for the message.

    Returns:
        Its axes in space: 1, 2 or 3.

    Raises:
        BadShape: If it is no tensor, has other axes, or is not of floats.

    Example:
        >>> import torch
        >>> check_floats(torch.zeros(1, 3, 8, 8))
        2
    """
    _check_tensor(inputs, name)
    shape = tuple(inputs.shape)
    if not 3 <= len(shape) <= 5:
        cure = "add the batch and the channel: inputs[None, None]" if len(shape) < 3 else "leave out an axis"
        raise BadShape(f"got {name} of shape {shape}; taken are a batch, channels, and 1 to 3 axes in space; {cure}")
    if not inputs.is_floating_point():
        raise BadShape(f"got {name} of {inputs.dtype}; taken are floats; use {name}.float()")
    return len(shape) - 2


def check_pair(
    inputs: Shaped[Tensor, "*shape"],
    weight: Shaped[Tensor, "*kernel"],
    *,
    names: tuple[str, str] = ("inputs", "weight"),
) -> int:
    """Refuse two tensors that no convolution can bring together, whatever its channels.

    Args:
        inputs: The maps.
        weight: The filters.
        names: What the two are called, for the message.

    Returns:
        Their axes in space: 1, 2 or 3.

    Raises:
        BadShape: If their axes, types or devices differ, or a side of the weight is empty.

    Example:
        >>> import torch
        >>> check_pair(torch.zeros(1, 3, 8), torch.zeros(4, 3, 2))
        1
    """
    axes = check_floats(inputs, names[0])
    _check_tensor(weight, names[1])
    if weight.ndim != inputs.ndim:
        shorter = names[inputs.ndim > weight.ndim]
        raise BadShape(
            f"got {names[0]} of shape {tuple(inputs.shape)} and a {names[1]} of shape {tuple(weight.shape)}; "
            f"taken are two with as many axes; add one to the {shorter}: {shorter}[None]"
        )
    if 0 in weight.shape:
        raise BadShape(f"got a {names[1]} of shape {tuple(weight.shape)}; taken are sides ≥ 1; leave none empty")
    if inputs.dtype != weight.dtype or inputs.device != weight.device:
        raise BadShape(
            f"got {names[0]} of {inputs.dtype} on {inputs.device} and a {names[1]} of {weight.dtype} on "
            f"{weight.device}; taken are two of one type on one device; use {names[1]}.to({names[0]})"
        )
    return axes


def check_finite(weight: Shaped[Tensor, "*shape"], name: str) -> None:
    """Refuse numbers that would spoil every pixel they meet. A tensor without numbers (on "meta") passes.

    Args:
        weight: What is looked at.
        name: What it is called, for the message.

    Raises:
        BadConfig: If one is infinite or not a number.

    Example:
        >>> import torch
        >>> check_finite(torch.ones(2, 2), "weight")
    """
    if weight.is_meta or bool(weight.detach().sum().isfinite()):  # the sum is quicker, and may only cry wolf
        return
    wrong = int((~weight.isfinite()).sum())
    if wrong:
        raise BadConfig(
            f"got a {name} in which {wrong} of {weight.numel()} numbers are not finite; "
            "taken are finite numbers; find what made them nan or inf"
        )


def check_groups(channels: int, filters: int, *, groups: int, filter_channels: int) -> None:
    """Refuse groups that do not divide the channels, and filters that see another number of them.

    Args:
        channels: Channels of the inputs.
        filters: Channels of the result.
        groups: Parts that both are split into, each blind to the others.
        filter_channels: Channels that each filter has.

    Raises:
        BadConfig: If the groups are no whole number ≥ 1.
        BadShape: If they do not divide, or the channels of a filter are not those of a group.

    Example:
        >>> check_groups(6, 4, groups=2, filter_channels=3)
    """
    per_axis(groups, 1, name="groups")
    if channels % groups or filters % groups:
        shared = math.gcd(channels, filters)
        divisors = ", ".join(str(number) for number in range(1, shared + 1) if shared % number == 0)
        raise BadShape(
            f"got {channels} channels in, {filters} filters, {groups} groups; "
            f"taken are groups that divide both; use {divisors}"
        )
    if filter_channels * groups != channels:
        fitting = channels // filter_channels
        fits = fitting > 0 and fitting * filter_channels == channels and filters % fitting == 0
        raise BadShape(
            f"got inputs of {channels} channels and filters of {filter_channels} in {groups} group(s); "
            f"taken are filters of {channels // groups}; "
            + (f"use groups={fitting}, or other filters" if fits else "make the filters anew, or give other inputs")
        )


def result_size(
    size: tuple[int, ...],
    kernel_size: tuple[int, ...],
    *,
    stride: tuple[int, ...],
    sides: Sides,
    dilation: tuple[int, ...],
) -> tuple[int, ...]:
    """Compute every side of what a convolution gives, by `output_size`.

    Args:
        size: The inputs, along each axis.
        kernel_size: The kernel.
        stride: The step.
        sides: The padding, (before, after).
        dilation: Distance between the kernel's taps.

    Returns:
        The size along each axis.

    Raises:
        BadShape: If the kernel does not fit into the padded inputs along some axis.

    Example:
        >>> result_size((6, 8), (3, 3), stride=(1, 2), sides=((0, 0), (1, 1)), dilation=(1, 1))
        (4, 4)
    """
    axes = zip(size, kernel_size, stride, sides, dilation, strict=True)
    return tuple(
        output_size(side, kernel, stride=step, padding=ends, dilation=gap) for side, kernel, step, ends, gap in axes
    )


def _check_tensor(value: object, name: str) -> None:
    if not isinstance(value, Tensor):
        raise BadShape(f"got {name} of {type(value).__name__}; taken are tensors; use torch.as_tensor({name})")
