"""Stuff that covers a plane: surfaces of two colours, each from a formula of a few numbers.

Source: ours; pictures made by formulas teach networks what photographs teach them (Kataoka et al., arXiv 2101.08515;
Baradad et al., arXiv 2106.05963).
"""

from __future__ import annotations

import colorsys
import math
from dataclasses import dataclass, replace

import cv2
import numpy as np
from jaxtyping import Float32

from saccade.data.randomness import Draws, noise

_KINDS = ("plain", "stripes", "checks", "dots", "rings", "blotches", "fibres", "grain")
Plane = Float32[np.ndarray, "size size"]


@dataclass(frozen=True)
class Stuff:
    """A surface.

    Args:
        kind: What its pattern is.
        period: From one repetition to the next, where 1 is half a picture.
        angle: By which it is turned, in radians.
        sharp: From 0 (waves) to 1 (edges).
        colours: Two, each red, green, blue in [0, 1].

    Source: ours.
    """

    kind: str
    period: float
    angle: float
    sharp: float
    colours: tuple[tuple[float, float, float], tuple[float, float, float]]


def any_stuff(draws: Draws) -> Stuff:
    """Draw a surface.

    Args:
        draws: A generator.

    Returns:
        The surface.

    Source: ours.
    """
    hue, near = draws.uniform(), draws.uniform() < 0.6
    first = any_colour(draws, hue)
    second = any_colour(draws, hue + draws.uniform(-0.12, 0.12) if near else draws.uniform())
    return Stuff(
        _KINDS[draws.below(len(_KINDS))],
        0.12 * 6 ** draws.uniform(),
        math.pi * draws.uniform(),
        draws.uniform(),
        (first, second),
    )


def any_colour(draws: Draws, hue: float) -> tuple[float, float, float]:
    """Draw a colour of a hue, as often dull as bright.

    Args:
        draws: A generator.
        hue: From 0 to 1, going round.

    Returns:
        Red, green, blue in [0, 1].

    Source: ours.
    """
    return colorsys.hsv_to_rgb(hue % 1, draws.uniform() ** 1.5, 0.08 + 0.92 * draws.uniform())


def varied(stuff: Stuff, draws: Draws, hue: float) -> Stuff:
    """Vary a surface as much as two things of a kind differ.

    Args:
        stuff: Of the kind.
        draws: A generator.
        hue: By which the colours turn, as a share of the circle.

    Returns:
        Of one thing.

    Source: ours.
    """
    light = draws.uniform(0.75, 1.25)
    colours = [_shifted(colour, hue, light) for colour in stuff.colours]
    return replace(
        stuff,
        period=stuff.period * 1.5 ** draws.uniform(-1, 1),
        angle=stuff.angle + draws.uniform(-0.2, 0.2),
        colours=(colours[0], colours[1]),
    )


def painted(stuff: Stuff, u: Plane, v: Plane, words: tuple[int, ...]) -> Float32[np.ndarray, "size size 3"]:
    """Paint a surface.

    Args:
        stuff: Of which kind.
        u: The first coordinate of each pixel, about −1 to 1.
        v: The second.
        words: The name of its chance.

    Returns:
        Levels in [0, 1].

    Source: ours.
    """
    ink = _ink(stuff, u, v, words)
    first, second = np.array(stuff.colours, np.float32)
    return first + ink[..., None] * (second - first)


def cloud(size: int, cells: tuple[int, int], octaves: int, words: tuple[int, ...]) -> Plane:
    """Draw noise that is smooth, the finer the weaker.

    Args:
        size: Height and width.
        cells: Of the coarsest noise, down and across.
        octaves: Each twice as fine as the one before, and 0.6 as strong.
        words: The name of its chance.

    Returns:
        Of mean 0, mostly within −1 and 1.

    Source: value noise (Lewis, 1989).
    """
    levels, strength = np.zeros((size, size), np.float32), 0.6
    for octave in range(octaves):
        shape = (min(size, cells[0] << octave) + 1, min(size, cells[1] << octave) + 1)
        grid = noise(shape, *words, octave)
        levels += np.float32(strength) * cv2.resize(grid, (size, size), interpolation=cv2.INTER_CUBIC)
        strength *= 0.6
    return levels


def _shifted(colour: tuple[float, float, float], hue: float, light: float) -> tuple[float, float, float]:
    h, s, v = colorsys.rgb_to_hsv(*colour)
    return colorsys.hsv_to_rgb((h + hue) % 1, s, min(1.0, v * light))


def _ink(stuff: Stuff, u: Plane, v: Plane, words: tuple[int, ...]) -> Plane:
    """How much of the second colour each pixel has."""
    size, cells = len(u), max(2, round(1 / stuff.period))
    if stuff.kind == "blotches":
        return _edged(cloud(size, (cells, cells), 2, words), stuff.sharp)
    if stuff.kind == "fibres":
        ways = (cells, 8 * cells) if stuff.angle < math.pi / 2 else (8 * cells, cells)
        return _edged(cloud(size, ways, 1, words), stuff.sharp)
    if stuff.kind == "grain":
        return _edged(cloud(size, (4 * cells, 4 * cells), 3, words), 0.5 * stuff.sharp)
    turn, step = np.float32(math.cos(stuff.angle)), np.float32(math.sin(stuff.angle))
    scale = np.float32(2 * math.pi / stuff.period)
    along, across = (turn * u + step * v) * scale, (turn * v - step * u) * scale
    if stuff.kind == "plain":
        return np.clip(0.5 + 0.08 * along * np.float32(stuff.period), 0, 1)
    waves = {
        "stripes": lambda: np.sin(along),
        "checks": lambda: np.sin(along) * np.sin(across),
        "dots": lambda: np.cos(along) + np.cos(across) - np.float32(0.8),
        "rings": lambda: np.sin(np.sqrt(along * along + across * across)),
    }[stuff.kind]()
    return _edged(waves, stuff.sharp)


def _edged(levels: Plane, sharp: float) -> Plane:
    """Bring levels around 0 to [0, 1], with edges where it is sharp."""
    return np.clip(np.float32(0.5) + levels * np.float32(0.5 * 8**sharp), 0, 1)
