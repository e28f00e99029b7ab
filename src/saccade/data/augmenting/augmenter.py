"""Playing augmentations on a picture and on what lies upon it, so that its pixels are resampled once.

Source: ours.
"""

from __future__ import annotations

import functools
import math
from collections.abc import Sequence
from typing import Any, TypeVar

import numpy as np
from jaxtyping import Float, Shaped

from saccade.data.augmenting.colouring import after, levels_of, mean_colour, recoloured, toned
from saccade.data.augmenting.following import LEAST_VISIBLE, followed, has_place
from saccade.data.augmenting.kinds import (
    Augmentation,
    Bend,
    Mixture,
    Move,
    PixelMove,
    Recolouring,
    Retouching,
    Toning,
    Window,
)
from saccade.data.augmenting.resampling import moved
from saccade.data.preprocess import placement, reduced, spread
from saccade.data.randomness import Draws
from saccade.errors import BadConfig
from saccade.types.preprocessing import Preprocessing
from saccade.types.sample import Sample
from saccade.types.warp import Warp

_Kind = TypeVar("_Kind", bound=Augmentation)
_Image = Shaped[np.ndarray, "height width channels"]
_Moved = Shaped[np.ndarray, "new_height new_width channels"]
_Matrix = Float[np.ndarray, "3 3"]


class Augmenter:
    """Plays augmentations: what moves first, all in one resampling; then colours, tones, retouches; mixtures last.

    Args:
        augmentations: In the order in which they apply within their kind; see `data.augmenting.kinds`.
        least_visible: A thing of which less than this share of its box is left in the picture is dropped.

    Raises:
        BadConfig: If there are two windows or two bends.

    Source: ours.

    Example:
        >>> from saccade.data.augmentations.placing import Mirror
        >>> Augmenter([Mirror(1.0)]).changed(Sample(np.array([[[1], [2]]], np.uint8)), Draws(0)).image.ravel().tolist()
        [2, 1]
    """

    def __init__(self, augmentations: Sequence[Augmentation], least_visible: float = LEAST_VISIBLE) -> None:
        self._windows, self._moves = _of(augmentations, Window), _of(augmentations, Move)
        self._bends = _of(augmentations, Bend)
        self._reflects = any(move.reflects for move in _of(augmentations, PixelMove))
        self._colours, self._tones = _of(augmentations, Recolouring), _of(augmentations, Toning)
        self._retouches, self._mixtures = _of(augmentations, Retouching), _of(augmentations, Mixture)
        self._least_visible = least_visible
        for kind in (self._windows, self._bends):
            if len(kind) > 1:
                told = " and ".join(type(one).__name__ for one in kind)
                raise BadConfig(f"got {told} together; taken is one of the kind; leave one out")

    @property
    def whole_pixels(self) -> bool:
        """Whether pixels only change places, so that a picture kept as preprocessing made it will do."""
        return not self._windows and not self._bends and all(isinstance(move, PixelMove) for move in self._moves)

    @property
    def mixes(self) -> bool:
        """Whether pictures of a batch are mixed with each other."""
        return bool(self._mixtures)

    def at_least(self, preprocessing: Preprocessing) -> tuple[int, int]:
        """Say how large a picture must be decoded, so that no part of it is enlarged that need not be.

        Args:
            preprocessing: What the network takes.

        Returns:
            (height, width).

        Source: ours.
        """
        zoom = math.prod(one.zoom for one in (*self._windows, *self._moves))
        height, width = preprocessing.scaled or preprocessing.size
        return math.ceil(height * zoom), math.ceil(width * zoom)

    def check(self, channels: int) -> None:
        """Refuse changes of colour where a network takes no colours.

        Args:
            channels: What the network takes.

        Raises:
            BadConfig: If colours are to change and the channels are not one or three.

        Source: ours.
        """
        if self._colours and channels not in (1, 3):
            told = ", ".join(type(one).__name__ for one in self._colours)
            raise BadConfig(
                f"got {told} for pictures of {channels} channels; taken are changes of colour for one or three; leave "
                "them out"
            )

    def changed(self, sample: Sample, random: Draws) -> Sample:
        """Change a picture that keeps its size, such as one that preprocessing has made.

        Args:
            sample: The one given, and its array, stay as they are.
            random: The sample's own generator.

        Returns:
            The changed sample.

        Source: ours.
        """
        image, target = self._moved(sample, None, sample.image.shape[:2], random)
        return Sample(self._finished(image, random), target, sample.key)

    def placed(self, sample: Sample, preprocessing: Preprocessing, random: Draws) -> Sample:
        """Change a picture as it was decoded, and bring it to what the network takes.

        Args:
            sample: The one given, and its array, stay as they are.
            preprocessing: What the network takes.
            random: The sample's own generator.

        Returns:
            The changed sample.

        Raises:
            BadImage: If its channels are not those that the network takes.

        Source: ours.
        """
        suited = Sample(reduced(sample.image, preprocessing.channels), sample.target, sample.key)
        image, target = self._moved(suited, preprocessing, preprocessing.size, random)
        return Sample(self._finished(spread(image, preprocessing.channels), random), target, sample.key)

    def mixed(self, samples: Sequence[Sample], random: Draws, epoch: int = 0) -> list[Sample]:
        """Mix the pictures of a batch with each other.

        Args:
            samples: As the rest of the augmentations made them.
            random: The batch's own generator.
            epoch: Counted from 0; some mixtures are only for the first ones.

        Returns:
            As many samples.

        Source: ours.
        """
        result = list(samples)
        for mixture in self._mixtures:
            result = mixture.mix(result, random) if mixture.lasts(epoch) else result
        return result

    def _moved(
        self, sample: Sample, preprocessing: Preprocessing | None, size: tuple[int, int], random: Draws
    ) -> tuple[_Moved, Any]:
        image, source, place = sample.image, sample.image.shape[:2], None
        for window in self._windows:
            part = window.window(source, size, random)
            place = None if part is None else _stretching(part, size)
        if place is None and preprocessing is not None:
            place = placement(source, preprocessing)
        for move in self._moves:
            matrix = move.matrix(size, random)
            if matrix is not None:
                place = matrix if place is None else matrix @ place
        field = None
        for bend in self._bends:
            field = bend.field(size, random)
        if place is None and field is None:
            return image, sample.target
        matrix = np.eye(3) if place is None else place
        way = "bilinear" if preprocessing is None else preprocessing.resampling
        image, target = moved(image, matrix, size, field=field, way=way, reflect=self._reflects), sample.target
        if has_place(target):
            target = followed(target, Warp(matrix, source, size, field), self._least_visible)
        return image, target

    def _finished(self, image: _Image, random: Draws) -> _Image:
        image = self._coloured(image, random) if self._colours else image
        image = self._toned(image, random) if self._tones else image
        for retouch in self._retouches:
            image = retouch.pixels(image, random)
        return image

    def _coloured(self, image: _Image, random: Draws) -> _Image:
        mean, changes = None, None
        for step in self._colours:
            then = step.colours(random)
            if callable(then):
                mean = mean_colour(image) if mean is None else mean
                then = then(mean if changes is None else changes[:, :3] @ mean + changes[:, 3])
            changes = after(changes, then)
        return image if changes is None else recoloured(image, changes)

    def _toned(self, image: _Image, random: Draws) -> _Image:
        table = None
        for step in self._tones:
            then = step.table(random)
            if callable(then):
                image, table = image if table is None else toned(image, table), None
                image = toned(image, then(levels_of(image)))
            elif then is not None:
                table = then if table is None else then[table]
        return image if table is None else toned(image, table)


@functools.lru_cache(maxsize=8)
def _augmenter(augmentations: tuple[Augmentation, ...]) -> Augmenter:
    return Augmenter(augmentations)


def augment(sample: Sample, augmentations: Sequence[Augmentation], random: Draws) -> Sample:
    """Change a picture that keeps its size, and whatever lies on it; mixtures, which need a batch, are left out.

    Args:
        sample: The one given, and its array, stay as they are.
        augmentations: In the order in which they apply within their kind.
        random: The sample's own generator.

    Returns:
        The changed sample.

    Source: ours.

    Example:
        >>> from saccade.data.augmentations.placing import Mirror
        >>> augment(Sample(np.array([[[1], [2]]], np.uint8)), [Mirror(1.0)], Draws(0)).image.ravel().tolist()
        [2, 1]
    """
    return _augmenter(tuple(augmentations)).changed(sample, random)


def _stretching(part: tuple[float, float, float, float], size: tuple[int, int]) -> _Matrix:
    """Take a window to all of the result."""
    x1, y1, x2, y2 = part
    across, down = size[1] / (x2 - x1), size[0] / (y2 - y1)
    return np.array([[across, 0.0, 0.0 - x1 * across], [0.0, down, 0.0 - y1 * down], [0.0, 0.0, 1.0]])


def _of(augmentations: Sequence[Augmentation], kind: type[_Kind]) -> tuple[_Kind, ...]:
    return tuple(one for one in augmentations if isinstance(one, kind))
