"""Letting a network look at some of the training data before its first step, if it wants to.

A classifier that wants to has a method `prepare(images)`, which gets a few thousand training images as the network sees
them, such as one whose first filters are computed from them. A detector that wants to has a method `suit(sizes)`, which
gets the sizes of the boxes there, such as one whose anchors shall have their shapes. It is called once, on networks
that begin fresh; what it did is part of the first checkpoint.

Source: ours.
"""

from __future__ import annotations

import contextlib
from collections.abc import Iterator

import numpy as np
import torch
from jaxtyping import Float, Shaped
from torch import Tensor

from saccade.data.files import read_at
from saccade.data.preprocess import placement, preprocess, to_images
from saccade.data.randomness import order
from saccade.errors import BadImage, BadLabel, MissingExtra
from saccade.layers.backbone import Backbone
from saccade.layers.detector import Detector
from saccade.layers.normalised import Normalised
from saccade.types.boxed import learnable
from saccade.types.preprocessing import Preprocessing
from saccade.types.sample import Source

_LOOKED_AT, _SHOWN = 5000, 4


def prepare(network: Normalised, source: Source, preprocessing: Preprocessing, seed: int) -> None:
    """Show a network up to 5,000 training images, or the boxes on them, if it is an architecture that asks for them.

    Args:
        network: Fresh, with its normalisation; of a module of the user's own, which may mean something else by the
            word, nothing is called.
        source: The training images.
        preprocessing: What is made of each.
        seed: Of the choice among them.

    Source: ours.
    """
    bare = network.network
    suit = getattr(bare, "suit", None) if isinstance(bare, Detector) else None
    shown = getattr(bare, "prepare", None) if isinstance(bare, Backbone) else None
    if suit is not None:
        suit(_sizes(source, preprocessing, seed))
    if shown is not None and (images := list(_images(source, preprocessing, seed))):
        shown(network.normalise(to_images(images)))


def _sizes(source: Source, preprocessing: Preprocessing, seed: int) -> Float[Tensor, "boxes 2"]:
    """The (width, height) of each box that can be learnt from, in pixels of what the network sees."""
    found = [torch.zeros(0, 2)]
    for row in order(len(source), seed, _SHOWN)[:_LOOKED_AT].tolist():
        with contextlib.suppress(BadImage, BadLabel, MissingExtra):
            target = source.target(row)
            boxes = target.boxes.coordinates[learnable(target)] if target.boxes is not None else torch.zeros(0, 4)
            scale = torch.from_numpy(placement(target.size, preprocessing)).diagonal()[:2]
            found.append(((boxes[:, 2:] - boxes[:, :2]) * scale).float())
    return torch.cat(found)


def _images(source: Source, preprocessing: Preprocessing, seed: int) -> Iterator[Shaped[np.ndarray, "_ _ _"]]:
    """Read images in the order of a shuffle; one that cannot be read is left out, and named while training."""
    for row in order(len(source), seed, _SHOWN)[:_LOOKED_AT].tolist():
        try:
            image = read_at(source, row, preprocessing.scaled or preprocessing.size).image
            yield preprocess(image, preprocessing)
        except (BadImage, BadLabel, MissingExtra):
            continue
