"""Letting a network look at some training images before its first step, if it wants to.

An architecture that wants to has a method `prepare(images)`, which gets a few thousand training images as the network
sees them, such as one whose first filters are computed from them. It is called once, on networks that begin fresh; what
it did is part of the first checkpoint.

Source: ours.
"""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np
from jaxtyping import Shaped

from saccade.data.files import read_at
from saccade.data.preprocess import preprocess, to_images
from saccade.data.randomness import order
from saccade.errors import BadImage, BadLabel, MissingExtra
from saccade.layers.backbone import Backbone
from saccade.layers.normalised import Normalised
from saccade.types.preprocessing import Preprocessing
from saccade.types.sample import Source

_LOOKED_AT, _SHOWN = 5000, 4


def prepare(network: Normalised, source: Source, preprocessing: Preprocessing, seed: int) -> None:
    """Show a network up to 5,000 training images, if it is an architecture with a `prepare` to show them to.

    Args:
        network: Fresh, with its normalisation; of a module of the user's own, which may mean something else by the
            word, nothing is called.
        source: The training images.
        preprocessing: What is made of each.
        seed: Of the choice among them.

    Source: ours.
    """
    shown = getattr(network.network, "prepare", None)
    if shown is None or not isinstance(network.network, Backbone):
        return
    images = list(_images(source, preprocessing, seed))
    if images:
        shown(network.normalise(to_images(images)))


def _images(source: Source, preprocessing: Preprocessing, seed: int) -> Iterator[Shaped[np.ndarray, "_ _ _"]]:
    """Read images in the order of a shuffle; one that cannot be read is left out, and named while training."""
    for row in order(len(source), seed, _SHOWN)[:_LOOKED_AT].tolist():
        try:
            image = read_at(source, row, preprocessing.scaled or preprocessing.size).image
            yield preprocess(image, preprocessing)
        except (BadImage, BadLabel, MissingExtra):
            continue
