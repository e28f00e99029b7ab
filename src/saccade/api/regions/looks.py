"""What a network sees in the regions of training images: computed once, kept on disk, found again by any run.

Regions and their features are known by the weights, by how regions are searched and cut, and by the pixels of the
image: a run that was stopped while it looked goes on with the next image.

Source: ours; features cached on disk, Girshick et al., 2014, arXiv 1311.2524, section 2.3.
"""

from __future__ import annotations

import hashlib
import time
from collections.abc import Callable
from dataclasses import dataclass
from typing import Protocol, cast, runtime_checkable

import numpy as np
import torch
from jaxtyping import Float32, Shaped
from torch import Tensor

from saccade.api.regions.machines import Looked
from saccade.data.loading.making import Maker
from saccade.data.preprocess import to_images
from saccade.data.vector_store import VectorStore
from saccade.errors import BadImage, BadLabel, MissingExtra
from saccade.layers.normalised import Normalised
from saccade.tasks.detection import truth_of
from saccade.training.execution import Execution
from saccade.types.preprocessing import Preprocessing
from saccade.types.sample import Source
from saccade.types.truth import Truth
from saccade.weights.convert import content_hash
from saccade.weights.fetching import cache_folder

_IN_MEMORY = 2**29  # bytes; what does not fit is read from the disk again
_ON_DISK = 16 * 2**30
_REVISION = 1  # of what a region becomes before the network; a new one when its pixels change
_SEES = "backbone."
_TRUTH = " things "
Block = Float32[np.ndarray, "regions numbers"]


@runtime_checkable
class LooksAtRegions(Protocol):
    """A detector that has a second step."""

    width: int
    finished: Tensor

    def regions(self, images: Tensor) -> list[Tensor]:
        """Search for regions."""
        ...

    def features(self, images: Tensor, boxes: list[Tensor]) -> Tensor:
        """Compute the features of regions."""
        ...

    def finish(self, svm: tuple[Tensor, Tensor], regressor: tuple[Tensor, Tensor]) -> None:
        """Take what the second step has learnt."""
        ...


@dataclass
class RegionLooks:
    """Looks at the regions of training images, each time in the same way.

    Args:
        network: A detector that has a second step, with its normalisation, on its device and in evaluation mode.
        source: The training images.
        preprocessing: What is made of each.
        execution: How the arithmetic is done.
        keeps: Whether features are kept on disk.
        between: Called with the number of an image that is about to be looked at; it may raise to stop.

    `seconds` says how long the search and the network took, `reused` of how many images the features were on disk,
    `set_aside` which cannot be read.

    Source: ours.
    """

    network: Normalised
    source: Source
    preprocessing: Preprocessing
    execution: Execution
    keeps: bool = True
    between: Callable[[int], None] = lambda _image: None

    def __post_init__(self) -> None:
        self.seconds, self.reused = {"proposals": 0.0, "features": 0.0}, 0
        self.set_aside = dict[str, str]()
        self._maker = Maker(self.source, self.preprocessing, (), batch_size=1, seed=None)
        self._memory, self._taken = dict[int, Looked](), 0
        bare = cast("torch.nn.Module", self.bare)
        told = [str(bare), getattr(bare, "side", 0), self.preprocessing.mean, self.preprocessing.std]
        weights = content_hash({name: value for name, value in bare.state_dict().items() if name.startswith(_SEES)})
        made_by = repr([*told, weights, self.execution.device, self.execution.precision, _REVISION])
        folder = cache_folder() / "regions" if self.keeps else None
        self._store = VectorStore(folder, made_by, 4 + self.bare.width, _ON_DISK)

    @property
    def bare(self) -> LooksAtRegions:
        """The network without its normalisation."""
        return cast("LooksAtRegions", self.network.network)

    def close(self) -> None:
        """Close the file on disk."""
        self._store.close()

    def __call__(self, image: int) -> Looked | None:
        """Look at the regions and the things of an image.

        Args:
            image: Its number in the source.

        Returns:
            What is there; None where the image cannot be read.

        Source: ours.
        """
        self.between(image)
        if image in self._memory:
            return self._memory[image]
        if self.source.key(image) in self.set_aside:
            return None
        try:
            sample = self._maker.sample(image, 0)
        except (BadImage, BadLabel, MissingExtra) as error:
            self.set_aside[self.source.key(image)] = error.reason if isinstance(error, BadImage) else str(error)
            return None
        looked = self._looked(sample.image, truth_of(sample.target))
        self._taken += looked.features.nbytes + looked.boxes.nbytes
        if self._taken <= _IN_MEMORY:
            self._memory[image] = looked
        return looked

    def _looked(self, pixels: Shaped[np.ndarray, "_ _ _"], truth: Truth) -> Looked:
        """Give what is on disk, or else look and keep it there."""
        of_truth = hashlib.blake2b(truth.boxes.numpy().tobytes(), digest_size=20).hexdigest()
        name = f"{_digest(pixels)}{_TRUTH}{of_truth}"
        rows = self._found(name)
        self.reused += rows is not None
        if rows is None:
            rows = self._computed(pixels, truth)
            self._keep(name, rows)
        return Looked(np.ascontiguousarray(rows[:, 4:]), np.ascontiguousarray(rows[:, :4]), truth.class_ids.numpy())

    def _computed(self, pixels: Shaped[np.ndarray, "_ _ _"], truth: Truth) -> Block:
        """Search and look: rows of a box and its features, those of the things last."""
        images = to_images([pixels]).to(self.execution.device, memory_format=self.execution.torch_memory_format)
        with torch.inference_mode(), self.execution.autocast():
            began = time.perf_counter()
            images = self.network.normalise(images)
            boxes = torch.cat([self.bare.regions(images)[0], truth.boxes.to(images)])
            searched = time.perf_counter()
            features = self.bare.features(images, [boxes]).float()
            rows = torch.cat([boxes.float(), features], 1).cpu().numpy()
        self.seconds["proposals"] += searched - began
        self.seconds["features"] += time.perf_counter() - searched
        return rows

    def _found(self, name: str) -> Block | None:
        """What is on disk of an image, if it is whole: how many rows, and each of them."""
        count = self._store.get([name]).get(name)
        if count is None:
            return None
        names = [f"{name} {row}" for row in range(int(count[0]))]
        found = self._store.get(names)
        return np.stack([found[one] for one in names]) if names and len(found) == len(names) else None

    def _keep(self, name: str, rows: Block) -> None:
        count = np.full(rows.shape[1], len(rows), np.float32)
        self._store.put({name: count, **{f"{name} {row}": vector for row, vector in enumerate(rows)}})


def _digest(pixels: Shaped[np.ndarray, "_ _ _"]) -> str:
    told = f"{pixels.dtype} {pixels.shape} ".encode()
    return hashlib.blake2b(told + np.ascontiguousarray(pixels).tobytes(), digest_size=20).hexdigest()
