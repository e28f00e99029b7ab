"""Named kernels: edges, blurs, sharpening; by name at any orientation, or as numbers in a text.

All are cross-correlated: the kernel is laid on the picture as it stands here, not flipped. The response of sobel and
its kin is positive where the picture goes from light to dark, left to right; an angle turns that clockwise, so that at
90° it is positive where light lies above dark.

Source: ours.
"""

from __future__ import annotations

import math
from collections.abc import Callable
from dataclasses import dataclass
from fractions import Fraction

import numpy as np
import torch
from jaxtyping import Float
from torch import Tensor

from saccade.errors import BadConfig, UnknownName, printable
from saccade.ops.steering import LARGEST, checked_kernel, steered

_NEGLIGIBLE = 1e-6


@dataclass(frozen=True)
class NamedKernel:
    """What is known of a kernel that has a name.

    Args:
        about: What it is for, in a few words.
        make: Gives its numbers at 0°, from a size and a sigma, each None where it was not given.
        takes: Which of "size" and "sigma" it can be made with.
        turns: Whether it has a direction, and so an angle.
        lift: How much of the picture itself is added to what it answers.

    Source: ours.
    """

    about: str
    make: Callable[[int | None, float | None], Float[np.ndarray, "height width"]]
    takes: tuple[str, ...] = ()
    turns: bool = False
    lift: float = 0.0


def named_kernel(
    name: str, *, angle: float = 0.0, size: int | None = None, sigma: float | None = None
) -> Float[Tensor, "height width"]:
    """Make a kernel by its name.

    A first derivative at any angle is an exact sum of two: cos(angle) · K + sin(angle) · K turned by 90°.

    Args:
        name: One of `KERNELS`.
        angle: Degrees, clockwise from left to right; only for kernels that have a direction.
        size: Odd, the side of the kernel in pixels; only for those that can be made in several.
        sigma: The standard deviation of the bell, in pixels; only for those made from one. From sigma alone the size
            reaches three of them to each side, from the size alone sigma is 0.3 · ((size − 1) / 2 − 1) + 0.8.

    Returns:
        Its numbers, float32.

    Raises:
        UnknownName: If there is no such kernel; the nearest are offered.
        BadConfig: If angle, size or sigma is not for this kernel, or out of its range.

    Source: Freeman and Adelson, "The design and use of steerable filters" (1991), equation 4; the sigma of a size is
        OpenCV's.

    Example:
        >>> named_kernel("sobel", angle=90).tolist()
        [[1.0, 2.0, 1.0], [0.0, 0.0, 0.0], [-1.0, -2.0, -1.0]]
    """
    word = name.strip().lower().replace("-", "_")
    if word not in KERNELS:
        raise UnknownName("kernel", name, KERNELS)
    known = KERNELS[word]
    for flag, value in (("size", size), ("sigma", sigma)):
        if value is not None and flag not in known.takes:
            sized = ", ".join(other for other, its in KERNELS.items() if flag in its.takes)
            raise BadConfig(f"got {flag}={value} with {word}; taken is a {flag} with {sized}; leave it out")
    if angle and not known.turns:
        raise BadConfig(f"got an angle of {angle:g}° with {word}; {_taken_turning()}; leave it out")
    _check_sizes(size, sigma)
    kernel = torch.from_numpy(known.make(size, sigma))
    if known.turns:
        kernel = steered(kernel, angle)
    if known.lift:
        kernel[kernel.shape[0] // 2, kernel.shape[1] // 2] += known.lift
    return kernel.float()


def parse_kernel(text: str) -> Float[Tensor, "height width"]:
    """Read a kernel from a text: rows end with a semicolon or a new line, numbers with spaces or a comma.

    Args:
        text: Such as "1 0 -1; 2 0 -2; 1 0 -1"; fractions such as 1/9 are numbers too.

    Returns:
        Its numbers, float32.

    Raises:
        BadConfig: If it is empty, its rows have several lengths, or something in it is no finite number.

    Source: ours.

    Example:
        >>> parse_kernel("1/4 1/2 1/4").tolist()
        [[0.25, 0.5, 0.25]]
    """
    lines = text.replace("\n", ";").split(";")
    rows = [[_number(word) for word in line.replace(",", " ").split()] for line in lines if line.strip(" ,\t\r")]
    lengths = [len(row) for row in rows]
    if not rows:
        raise BadConfig(f"got a kernel without numbers, {text!r}; taken are rows such as '1 0 -1; 1 0 -1'; write some")
    if min(lengths) != max(lengths):
        raise BadConfig(
            f"got a kernel with rows of {', '.join(map(str, lengths))} numbers; taken are rows of one length; "
            "write a 0 where nothing is meant"
        )
    return checked_kernel(torch.tensor(rows, dtype=torch.float32))


def read_kernel(
    word: str, *, angle: float = 0.0, size: int | None = None, sigma: float | None = None
) -> Float[Tensor, "height width"]:
    """Make a kernel from its name, or read it from its numbers.

    Args:
        word: A name (see `named_kernel`) or a text (see `parse_kernel`).
        angle: Degrees, clockwise; numbers that have a direction are turned as well.
        size: Only with a name.
        sigma: Only with a name.

    Returns:
        Its numbers, float32.

    Raises:
        UnknownName: If it is one word, and no name.
        BadConfig: If it cannot be read, or has no direction to turn, no size or no sigma.

    Source: ours.

    Example:
        >>> read_kernel("sobel").equal(read_kernel("1 0 -1; 2 0 -2; 1 0 -1"))
        True
    """
    if word.strip()[:1].isalpha() and not set(word.strip()) & set(" ;,\n\t/"):
        return named_kernel(word, angle=angle, size=size, sigma=sigma)
    kernel = parse_kernel(word)
    for flag, value in (("size", size), ("sigma", sigma)):
        if value is not None:
            raise BadConfig(f"got {flag}={value} with a kernel as numbers; taken is it with a name; leave it out")
    return steered(kernel, angle).float() if angle else kernel


def kernel_text(kernel: Float[Tensor, "height width"]) -> str:
    """Write a kernel as a text that `parse_kernel` reads.

    Args:
        kernel: Its numbers.

    Returns:
        Rows with semicolons between them; whole numbers and small fractions are written as such, others with four
        digits.

    Source: ours.

    Example:
        >>> kernel_text(named_kernel("box"))
        '1/9 1/9 1/9; 1/9 1/9 1/9; 1/9 1/9 1/9'
    """
    return "; ".join(" ".join(_written(value) for value in row) for row in kernel.tolist())


def _number(word: str) -> float:
    above, slash, below = word.partition("/")
    try:
        value = float(above) / (float(below) if slash else 1.0)
    except (ValueError, ZeroDivisionError):
        value = math.nan
    if not math.isfinite(value) or "_" in word:
        raise BadConfig(
            f"got {printable(word)!r} in a kernel; taken are finite numbers such as -1, 0.5 and 1/9, or the name of a "
            "kernel; write a number"
        )
    return value


def _written(value: float) -> str:
    fraction = Fraction(value).limit_denominator(100)
    exact = abs(float(fraction) - value) <= _NEGLIGIBLE * abs(value)
    return str(fraction) if exact and abs(fraction.numerator) < 1000 else f"{value:.4g}"


def _taken_turning() -> str:
    return f"taken is one with {', '.join(name for name, known in KERNELS.items() if known.turns)}"


def _check_sizes(size: int | None, sigma: float | None) -> None:
    if size is not None and (size < 1 or size % 2 == 0 or size > LARGEST):
        raise BadConfig(
            f"got size={size}; taken are odd numbers from 1 to {LARGEST}, so that there is a middle; change it"
        )
    most = (LARGEST - 1) // 2 / 3
    if sigma is not None and not 0 < sigma <= most:
        raise BadConfig(f"got sigma={sigma}; taken are numbers above 0, up to {most:.0f} pixels; change it")


def _fixed(rows: list[list[float]]) -> Callable[[int | None, float | None], Float[np.ndarray, "height width"]]:
    return lambda _size, _sigma: np.array(rows, np.float64)


def _bell(
    size: int | None, sigma: float | None
) -> tuple[Float[np.ndarray, " size"], Float[np.ndarray, " size"], float]:
    """The places along one side, a Gaussian there that sums to 1, and its sigma."""
    if sigma is None:
        sigma = 0.3 * ((size - 1) / 2 - 1) + 0.8 if size else 1.0
    half = size // 2 if size else math.ceil(3 * sigma)
    places = np.arange(-half, half + 1, dtype=np.float64)
    heights = np.exp(-(places**2) / (2 * sigma**2))
    return places, heights / heights.sum(), sigma


def _identity(size: int | None, sigma: float | None) -> Float[np.ndarray, "height width"]:
    del sigma
    kernel = np.zeros((size or 3, size or 3))
    kernel[len(kernel) // 2, len(kernel) // 2] = 1.0
    return kernel


def _box(size: int | None, sigma: float | None) -> Float[np.ndarray, "height width"]:
    del sigma
    return np.full((size or 3, size or 3), 1 / (size or 3) ** 2)


def _gaussian(size: int | None, sigma: float | None) -> Float[np.ndarray, "height width"]:
    _, bell, _ = _bell(size, sigma)
    return np.outer(bell, bell)


def _unsharp(size: int | None, sigma: float | None) -> Float[np.ndarray, "height width"]:
    blur = _gaussian(size, sigma)
    return 2 * _identity(len(blur), None) - blur


def _gaussian_derivative(size: int | None, sigma: float | None) -> Float[np.ndarray, "height width"]:
    places, bell, _ = _bell(3 if size == 1 else size, sigma)
    return np.outer(bell, -places * bell / (places**2 * bell).sum())


def _laplacian_of_gaussian(size: int | None, sigma: float | None) -> Float[np.ndarray, "height width"]:
    places, bell, sigma = _bell(3 if size == 1 else size, sigma)
    squares = places[:, None] ** 2 + places**2
    kernel = (squares - 2 * sigma**2) / sigma**4 * np.outer(bell, bell)
    return kernel - kernel.mean()


KERNELS = {
    "vertical_edge": NamedKernel("vertical edges", _fixed([[1, 0, -1]] * 3), turns=True),
    "horizontal_edge": NamedKernel("horizontal edges", _fixed([[1, 1, 1], [0, 0, 0], [-1, -1, -1]]), turns=True),
    "prewitt": NamedKernel("edges; the vertical edge under another name", _fixed([[1, 0, -1]] * 3), turns=True),
    "sobel": NamedKernel("edges, smoothed along them", _fixed([[1, 0, -1], [2, 0, -2], [1, 0, -1]]), turns=True),
    "scharr": NamedKernel(
        "edges, nearly alike in all directions", _fixed([[3, 0, -3], [10, 0, -10], [3, 0, -3]]), turns=True
    ),
    "gaussian_derivative": NamedKernel(
        "edges at the scale of sigma", _gaussian_derivative, takes=("size", "sigma"), turns=True
    ),
    "laplacian": NamedKernel("spots and thin lines; 4 neighbours", _fixed([[0, 1, 0], [1, -4, 1], [0, 1, 0]])),
    "laplacian8": NamedKernel("spots and thin lines; 8 neighbours", _fixed([[1, 1, 1], [1, -8, 1], [1, 1, 1]])),
    "laplacian_of_gaussian": NamedKernel("spots of the size of sigma", _laplacian_of_gaussian, takes=("size", "sigma")),
    "box": NamedKernel("blur: the mean of a square", _box, takes=("size",)),
    "gaussian": NamedKernel("blur: a mean weighted by a bell", _gaussian, takes=("size", "sigma")),
    "sharpen": NamedKernel("sharpen: the picture less its Laplacian", _fixed([[0, -1, 0], [-1, 5, -1], [0, -1, 0]])),
    "unsharp": NamedKernel("sharpen: twice the picture less its blur", _unsharp, takes=("size", "sigma")),
    "emboss": NamedKernel("relief, lit from the left", _fixed([[-1, 0, 1]] * 3), turns=True, lift=1.0),
    "identity": NamedKernel("the picture itself", _identity, takes=("size",)),
}
