"""A classifier that is a convolution: every window of a picture at once, with all work shared that windows share.

Its dense layers are written as convolutions (see `saccade.layers.convolutional_head`), and the picture is brought to
the size at which a window is as large as what the classifier takes. Windows then lie as far apart as the strides of the
network multiply to, in pixels of what it sees.

Source: Sermanet et al., "OverFeat", arXiv 1312.6229, section 3.5.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import replace
from functools import partial

import numpy as np
import torch
from jaxtyping import Float, Shaped
from torch import Tensor, nn

from saccade.api.ensembles.answering import Answering, Prepared
from saccade.api.predictor import Predictor
from saccade.api.tiles.sliding import Side, Sliding
from saccade.data.preprocess import preprocess, to_images
from saccade.errors import BadConfig, BadImage
from saccade.layers.convolutional_head import convolutional

_MOST_PIXELS = 40_000_000
_FARTHEST = 512  # pixels from one window to the next, at most


class Convolved(Sliding):
    """A classifier that looks at every window of a picture in one pass for each size of windows.

    Where a window is as large as what the classifier takes, and no layer of it pads, it says of each window what it
    says of that window alone; then `exact` is true. Padding makes a difference: in the middle of a picture a layer sees
    the neighbours, on a window alone it sees zeros. The smaller the windows and the deeper the network, the more of
    what it has learned is of no use then.

    Args:
        model: A classifier of one label that is ready to predict, with dense layers at its end.
        windows: The sides of windows in pixels of the picture, or (height, width). Those larger than a picture are
            left out there.
        scales: Pictures are looked at as if they were so many times as large.
        confidence: From which probability on a window counts, from 0 to 1.

    Raises:
        BadConfig: If the model is no such classifier, or a number is out of range.

    Source: Sermanet et al. 2013, section 3.5.
    """

    def __init__(
        self, model: Predictor, windows: Sequence[Side], *, scales: Sequence[float] = (1.0,), confidence: float = 0.5
    ) -> None:
        super().__init__(model, windows, scales=scales, confidence=confidence)
        self._preprocessing = model.description.preprocessing
        size = self._preprocessing.size
        self._network = model.execution.placed(
            convolutional(model.network, size, in_channels=self._preprocessing.channels)
        )
        self._strides = _strides(self._network, (self._preprocessing.channels, *size))
        self.exact = _is_exact(self._network, (self._preprocessing.channels, *size), self._strides)
        self._device, self._format = torch.device(model.device), model.execution.torch_memory_format

    def windows(self, size: tuple[int, int]) -> Float[np.ndarray, "windows 4"]:
        """Lay the windows over a picture. Arguments as for `Sliding.windows`.

        Source: Sermanet et al. 2013, section 3.5.
        """
        return np.concatenate([self._places(size, side, self._counted(size, side)) for side in self.fitting(size)])

    def prepared(self, image: Shaped[np.ndarray, "height width channels"]) -> Prepared:
        """Keep the picture as it is.

        Args:
            image: Its pixels.

        Returns:
            The picture.

        Raises:
            BadImage: If no window fits into it, or it would have to be made far too large.

        Source: ours.
        """
        size = (image.shape[0], image.shape[1])
        for side in self.fitting(size):
            seen = self._seen(size, side)
            if seen[0] * seen[1] > _MOST_PIXELS:
                raise BadImage(
                    f"got a picture of {size[0]} × {size[1]} pixels and windows of {side[0]} × {side[1]}, for which it "
                    f"would be made {seen[0]:,} × {seen[1]:,}; taken are {_MOST_PIXELS:,} pixels; take larger windows, "
                    "or let them slide one by one"
                )
        return super().prepared(image)

    def named(
        self, key: str, image: Shaped[np.ndarray, "height width channels"]
    ) -> tuple[Float[np.ndarray, "windows 4"], Float[np.ndarray, "windows classes"]]:
        """Say what each window of a picture shows. Arguments as for `Sliding.named`.

        Source: Sermanet et al. 2013, section 3.5.
        """
        del key
        size, boxes, found = (image.shape[0], image.shape[1]), [], []
        for side in self.fitting(size):
            seen = preprocess(
                image, replace(self._preprocessing, size=self._seen(size, side), fit="stretch", scaled=None)
            )
            images = to_images([seen]).to(self._device, memory_format=self._format)
            with torch.inference_mode():
                probabilities = self._network(images)[0].softmax(0).float().cpu()
            down, across = self._counted(size, side)  # the network may give more, of windows that end beyond the edge
            probabilities = probabilities[:, :down, :across]
            boxes.append(self._places(size, side, (down, across)))
            found.append(probabilities.flatten(1).T.numpy())
        return np.concatenate(boxes), np.concatenate(found)

    def _seen(self, size: tuple[int, int], side: tuple[int, int]) -> tuple[int, int]:
        """(height, width) at which a window is as large as what the classifier takes."""
        height, width = (
            max(taken, round(length * taken / own))
            for length, own, taken in zip(size, side, self._preprocessing.size, strict=True)
        )
        return height, width

    def _counted(self, size: tuple[int, int], side: tuple[int, int]) -> tuple[int, int]:
        """How many windows there are, below and beside each other."""
        down, across = (
            (seen - taken) // step + 1
            for seen, taken, step in zip(self._seen(size, side), self._preprocessing.size, self._strides, strict=True)
        )
        return down, across

    def _places(
        self, size: tuple[int, int], side: tuple[int, int], count: tuple[int, int]
    ) -> Float[np.ndarray, "windows 4"]:
        seen, taken = np.array(self._seen(size, side)), np.array(self._preprocessing.size)
        scale = np.array(size) / seen
        tops, lefts = (
            np.arange(many) * step * part for many, step, part in zip(count, self._strides, scale, strict=True)
        )
        top, left = (one.reshape(-1) for one in np.meshgrid(tops, lefts, indexing="ij"))
        height, width = taken * scale
        return np.stack([left, top, left + width, top + height], 1).astype(np.float32)


def convolved(
    model: Answering, windows: Sequence[Side], *, scales: Sequence[float] = (1.0,), confidence: float = 0.5
) -> Convolved:
    """Make of a classifier one that is a convolution. Arguments as for `Convolved`.

    Raises:
        BadConfig: If it is no single model, or none with dense layers at its end.

    Source: ours.
    """
    if not isinstance(model, Predictor):
        raise BadConfig(
            "got several models or views to be made a convolution; taken is one classifier; let them slide without, or "
            "give one"
        )
    return Convolved(model, windows, scales=scales, confidence=confidence)


def _strides(network: nn.Module, shape: tuple[int, int, int]) -> tuple[int, int]:
    """Pixels from one window to the next, down and across: from what a second window takes to what a third takes."""
    parameter, (channels, height, width) = next(network.parameters()), shape

    def enough(more: int, axis: int, windows: int) -> bool:
        sides = (height + more, width) if axis == 0 else (height, width + more)
        images = torch.zeros(1, channels, *sides, dtype=parameter.dtype, device=parameter.device)
        with torch.inference_mode():
            given: Tensor = network(images)
        return given.shape[2 + axis] >= windows

    found = []
    for axis in (0, 1):
        least = [_least(partial(enough, axis=axis, windows=windows)) for windows in (2, 3)]
        found.append(least[1] - least[0])
    return found[0], found[1]


def _is_exact(network: nn.Module, shape: tuple[int, int, int], strides: tuple[int, int]) -> bool:
    """Whether a window in the middle of a picture is named as it is alone."""
    parameter, (channels, height, width), (down, across) = next(network.parameters()), shape, strides
    generator = torch.Generator().manual_seed(0)
    image = torch.rand(1, channels, height + 2 * down, width + 2 * across, generator=generator).to(parameter)
    with torch.inference_mode():
        within = network(image)[:, :, 1, 1]
        alone = network(image[:, :, down : down + height, across : across + width])[:, :, 0, 0]
    tolerance = torch.finfo(alone.dtype).eps ** 0.5
    return bool(torch.allclose(within, alone, rtol=tolerance, atol=tolerance * float(alone.abs().max())))


def _least(enough: Callable[[int], bool]) -> int:
    """The least number that is enough; all larger ones are."""
    low, high = 0, 1
    while not enough(high):
        low, high = high, 2 * high
        if high > _FARTHEST:
            raise BadConfig(
                f"got a network whose windows lie hundreds of pixels apart; taken are up to {_FARTHEST // 2}; let it "
                "slide without being a convolution"
            )
    while high - low > 1:
        middle = (low + high) // 2
        low, high = (low, middle) if enough(middle) else (middle, high)
    return high
