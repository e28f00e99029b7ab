"""Cheaper forms of a convolution: what each is made of, and what it costs, in whole numbers.

A form gives maps of the same shape as the convolution did, so that the rest of a network need not change. It is not
the same function: its weights must be learned again.

| form | instead of an f×f convolution from c to n channels | multiply-adds, of those before |
|---|---|---|
| separable | f×f in each channel, 1×1 from c to n | 1/n + 1/f² |
| bottleneck | 1×1 down to m, f×f from m to m, 1×1 up to n | (c·m + f²·m² + m·n) / (f²·c·n) |
| 1x1 first | 1×1 down to m, f×f from m to n | m/(f²·n) + m/c |
| small kernels | (f − 1)/2 convolutions of 3×3; c to n, then n to n | 27/49 for f = 7, 18/25 for f = 5, if c = n |
| two strips | 1×f from c to n, f×1 from n to n | 2/f, if c = n |
| pooled | for a dense layer on flattened maps: each map is averaged first | 1/(height · width) |

Source: Howard et al., arXiv 1704.04861 (separable); He et al., arXiv 1512.03385 (bottleneck); Szegedy et al., arXiv
1409.4842 (1×1 first); Simonyan & Zisserman, arXiv 1409.1556 (small kernels); Szegedy et al., arXiv 1512.00567 (strips);
Lin et al., arXiv 1312.4400 (pooled).
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace

from saccade.errors import BadShape
from saccade.ops.arithmetic import output_size
from saccade.ops.costs import convolution_macs, convolution_parameters

Pair = tuple[int, int]


@dataclass(frozen=True)
class Convolution:
    """The numbers of a convolution in two dimensions; each pair is (height, width).

    Args:
        in_channels: Channels of the input.
        out_channels: Filters.
        kernel_size: The kernel.
        stride: The step.
        padding: Pixels added on each side, or "same" as in PyTorch.
        dilation: Distance between the kernel's taps.
        groups: Each filter sees in_channels / groups channels.
        bias: Whether each filter has one.

    Example:
        >>> convolution = Convolution(192, 32, (5, 5), padding="same")
        >>> convolution.macs((28, 28))
        120422400
        >>> print(convolution)
        5×5, 192 → 32
    """

    in_channels: int
    out_channels: int
    kernel_size: Pair = (1, 1)
    stride: Pair = (1, 1)
    padding: Pair | str = (0, 0)
    dilation: Pair = (1, 1)
    groups: int = 1
    bias: bool = False

    @property
    def parameters(self) -> int:
        """Count its weights and biases."""
        return convolution_parameters(
            self.in_channels, self.out_channels, self.kernel_size, groups=self.groups, bias=self.bias
        )

    def output(self, size: Pair) -> Pair:
        """Compute the (height, width) that it gives for maps of a (height, width)."""
        if self.padding == "same":
            return size
        height, width = (
            output_size(
                size[axis],
                self.kernel_size[axis],
                stride=self.stride[axis],
                padding=0 if isinstance(self.padding, str) else self.padding[axis],
                dilation=self.dilation[axis],
            )
            for axis in (0, 1)
        )
        return height, width

    def macs(self, size: Pair) -> int:
        """Count its multiply-adds for one image whose maps are of a (height, width)."""
        output = self.output(size)
        return convolution_macs(
            self.in_channels, self.out_channels, self.kernel_size, output=output, groups=self.groups
        )

    def __str__(self) -> str:
        text = f"{self.kernel_size[0]}×{self.kernel_size[1]}, "
        text += f"each of {self.in_channels}" if self.alone else f"{self.in_channels} → {self.out_channels}"
        text += f", stride {max(self.stride)}" if max(self.stride) > 1 else ""
        text += f", dilation {max(self.dilation)}" if max(self.dilation) > 1 else ""
        return text + (f", {self.groups} groups" if self.groups > 1 and not self.alone else "")

    @property
    def alone(self) -> bool:
        """Say whether each channel is filtered on its own, into one."""
        return self.groups == self.in_channels == self.out_channels > 1


@dataclass(frozen=True)
class Rewrite:
    """A cheaper form: convolutions one after the other.

    Args:
        name: One of the forms.
        parts: What is there instead.
        averaged: (height, width) of the maps that are averaged before the first part; only for "pooled".

    Example:
        >>> rewrite = first_reduced(Convolution(192, 32, (5, 5), padding=(2, 2)))
        >>> print(rewrite, rewrite.macs((28, 28)))
        1×1, 192 → 16 + 5×5, 16 → 32 12443648
    """

    name: str
    parts: tuple[Convolution, ...]
    averaged: Pair | None = None

    @property
    def parameters(self) -> int:
        """Count its weights and biases."""
        return sum(part.parameters for part in self.parts)

    def macs(self, size: Pair) -> int:
        """Count its multiply-adds for one image whose maps are of a (height, width)."""
        total = 0
        for part in self.parts:
            total += part.macs(size)
            size = part.output(size)
        return total

    def __str__(self) -> str:
        if self.averaged:
            return f"average + dense, {self.parts[0].in_channels} → {self.parts[0].out_channels}"
        return " + ".join(map(str, self.parts))


def rewrites(convolution: Convolution) -> list[Rewrite]:
    """List every form that a convolution can take; none for a 1×1, and few for one in groups.

    Args:
        convolution: Its numbers.

    Returns:
        The forms, whether they are cheaper or not.

    Example:
        >>> [rewrite.name for rewrite in rewrites(Convolution(64, 64, (7, 7), padding=(3, 3)))]
        ['separable', 'bottleneck', '1x1 first', 'small kernels', 'two strips']
    """
    made = (make(convolution) for make in FORMS.values())
    return [rewrite for rewrite in made if rewrite is not None]


def separable(convolution: Convolution) -> Rewrite | None:
    """Filter each channel on its own, then mix the channels in each pixel.

    Args:
        convolution: Its numbers.

    Returns:
        The form; None for a 1×1, for groups, and for one channel.

    Example:
        >>> form = separable(Convolution(256, 512, (3, 3), padding=(1, 1)))
        >>> form.macs((14, 14)) / Convolution(256, 512, (3, 3), padding=(1, 1)).macs((14, 14)) == 1 / 512 + 1 / 9
        True
    """
    channels = convolution.in_channels
    if not _dense_kernel(convolution) or channels == 1:
        return None
    each = replace(convolution, out_channels=channels, groups=channels, bias=False)
    return Rewrite("separable", (each, Convolution(channels, convolution.out_channels, bias=convolution.bias)))


def bottleneck(convolution: Convolution, width: int | None = None) -> Rewrite | None:
    """Go down to a few channels, filter there, and come up again.

    Args:
        convolution: Its numbers.
        width: Channels in the middle; None: a quarter of the smaller of those outside, as in ResNet.

    Returns:
        The form; None for a 1×1, for groups, and where no channel would be left.

    Raises:
        BadShape: If the width is below 1.
    """
    middle = _width(width, min(convolution.in_channels, convolution.out_channels) // 4)
    if not _dense_kernel(convolution) or middle == 0:
        return None
    down = Convolution(convolution.in_channels, middle)
    across = replace(convolution, in_channels=middle, out_channels=middle, bias=False)
    up = Convolution(middle, convolution.out_channels, bias=convolution.bias)
    return Rewrite("bottleneck", (down, across, up))


def first_reduced(convolution: Convolution, width: int | None = None) -> Rewrite | None:
    """Go down to fewer channels before the kernel, as in an inception module.

    Args:
        convolution: Its numbers.
        width: Channels after the 1×1; None: half of the smaller of those outside.

    Returns:
        The form; None for a 1×1, for groups, and where no channel would be left.

    Raises:
        BadShape: If the width is below 1.
    """
    middle = _width(width, min(convolution.in_channels, convolution.out_channels) // 2)
    if not _dense_kernel(convolution) or middle == 0:
        return None
    return Rewrite(
        "1x1 first", (Convolution(convolution.in_channels, middle), replace(convolution, in_channels=middle))
    )


def small_kernels(convolution: Convolution) -> Rewrite | None:
    """Stack 3×3 kernels until they see as much: two for a 5×5, three for a 7×7. A stride goes to the first.

    Args:
        convolution: Its numbers.

    Returns:
        The form; None unless the kernel is square, odd, 5×5 or larger and not dilated, or where the stride needs
        padding that is not there.
    """
    side = convolution.kernel_size[0]
    if convolution.kernel_size[1] != side or side < 5 or side % 2 == 0 or convolution.dilation != (1, 1):
        return None
    count = (side - 1) // 2
    paddings = _spread(convolution, count)
    if paddings is None:
        return None
    first = replace(convolution, kernel_size=(3, 3), padding=paddings[0], bias=False)
    rest = [replace(first, in_channels=first.out_channels, stride=(1, 1), padding=padding) for padding in paddings[1:]]
    return Rewrite("small kernels", (first, *rest[:-1], replace(rest[-1], bias=convolution.bias)))


def two_strips(convolution: Convolution) -> Rewrite | None:
    """Run a row of the kernel along the rows, then a column along the columns.

    Args:
        convolution: Its numbers.

    Returns:
        The form; None for a kernel that is a strip already, and for groups.
    """
    (height, width), (down, right) = convolution.kernel_size, convolution.stride
    if min(height, width) == 1 or convolution.groups > 1:
        return None
    above, left = ("same", "same") if isinstance(convolution.padding, str) else convolution.padding
    row = replace(
        convolution, kernel_size=(1, width), stride=(1, right), dilation=(1, convolution.dilation[1]), bias=False,
        padding=convolution.padding if isinstance(left, str) else (0, left),
    )  # fmt: skip
    column = replace(
        convolution, in_channels=convolution.out_channels, kernel_size=(height, 1), stride=(down, 1),
        dilation=(convolution.dilation[0], 1),
        padding=convolution.padding if isinstance(above, str) else (above, 0),
    )  # fmt: skip
    return Rewrite("two strips", (row, column))


def pooled(in_features: int, units: int, maps: Pair, *, bias: bool = True) -> Rewrite | None:
    """Average each map to one number, then the dense layer.

    Args:
        in_features: Numbers that go into the dense layer.
        units: Of the dense layer.
        maps: (height, width) of the maps that were flattened.
        bias: Whether each unit has one.

    Returns:
        The form, a dense layer being a 1×1 convolution of one pixel; None when the maps are one pixel each.

    Raises:
        BadShape: If so many features are no such maps.

    Example:
        >>> pooled(512 * 7 * 7, 4096, (7, 7)).parameters
        2101248
    """
    pixels = maps[0] * maps[1]
    if pixels < 1 or in_features % pixels:
        raise BadShape(
            f"got {in_features} features and maps of {maps[0]} × {maps[1]}; taken is a multiple of their pixels; "
            "give the size of the maps before they are flattened"
        )
    if pixels == 1:
        return None
    return Rewrite("pooled", (Convolution(in_features // pixels, units, bias=bias),), maps)


FORMS: dict[str, Callable[[Convolution], Rewrite | None]] = {
    "separable": separable,
    "bottleneck": bottleneck,
    "1x1 first": first_reduced,
    "small kernels": small_kernels,
    "two strips": two_strips,
}


def _dense_kernel(convolution: Convolution) -> bool:
    """More than one pixel, and every filter sees every channel."""
    return max(convolution.kernel_size) > 1 and convolution.groups == 1


def _width(given: int | None, usual: int) -> int:
    if given is not None and given < 1:
        raise BadShape(f"got width={given}; taken is a number above 0; leave it out for {max(usual, 1)}")
    return usual if given is None else given


def _spread(convolution: Convolution, count: int) -> Sequence[Pair | str] | None:
    """The padding of each of several 3×3 kernels, so that together they leave as many pixels as the one."""
    if isinstance(convolution.padding, str):
        return [convolution.padding] * count
    if convolution.stride == (1, 1):
        above, left = convolution.padding
        return [(above // count + (n < above % count), left // count + (n < left % count)) for n in range(count)]
    above, left = (padding - (count - 1) for padding in convolution.padding)
    return None if min(above, left) < 0 else [(above, left), *[(1, 1)] * (count - 1)]
