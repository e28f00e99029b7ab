"""What a frozen network sees in each picture: computed once, kept on disk, found again by any run.

Features are known by the weights, the preprocessing and the content of the picture: a second run reuses them, and a
picture that has changed is looked at anew, alone.

Source: ours.
"""

from __future__ import annotations

import itertools
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from typing import Any, cast

import numpy as np
import torch
from jaxtyping import Float32, Int64

from saccade.data.augmenting.kinds import Augmentation
from saccade.data.contents import content_of
from saccade.data.loading.making import Maker
from saccade.data.preprocess import to_images
from saccade.data.vector_store import VectorStore
from saccade.errors import BadImage, BadLabel, MissingExtra
from saccade.layers.normalised import Normalised
from saccade.layers.pooled import Pooled
from saccade.training.execution import Execution
from saccade.training.settings import TrainingSettings
from saccade.types.preprocessing import Preprocessing
from saccade.types.sample import Source
from saccade.weights.convert import content_hash
from saccade.weights.fetching import cache_folder

_AT_ONCE, _READERS = 64, 2
_MOST_PIXELS = 64 * 512 * 512  # at once: what a network makes of more would fill the memory of a small machine
_REVISION = 1  # of what a picture becomes before the network; a new one when its pixels change


@dataclass(frozen=True, eq=False)
class Looks:
    """The features of a source.

    Args:
        vectors: Of each picture that can be read, and of each view of it.
        rows: Which pictures of the source those are.
        set_aside: Names and reasons of those that cannot be read.
        reused: How many vectors were on disk already.

    Source: ours.
    """

    vectors: Float32[np.ndarray, "images views width"]
    rows: Int64[np.ndarray, " images"]
    set_aside: tuple[tuple[str, str], ...]
    reused: int


@dataclass(frozen=True)
class Eye:
    """What looks at pictures.

    Args:
        network: Frozen, on its device, in evaluation mode; its own head plays no part.
        preprocessing: How a picture becomes what it takes.
        execution: How the arithmetic is done.
        settings: `views`, `seed`, `cache` ("off": nothing is kept) and `workers` (threads that read).
        changes: Of the pictures, from the second view on.
        between: Called again and again with how many vectors are done, and how many there are; it may raise to stop.

    Source: ours.
    """

    network: Normalised
    preprocessing: Preprocessing
    execution: Execution
    settings: TrainingSettings
    changes: tuple[Augmentation, ...] = ()
    between: Callable[[int, int], None] = lambda _done, _of: None

    @property
    def pooled(self) -> Pooled:
        """The network without its normalisation."""
        return cast("Pooled", self.network.network)

    def look(self, source: Source, views: int = 1) -> Looks:
        """Give the features of every picture of a source.

        Args:
            source: The pictures.
            views: How often each is looked at: first as it is, then changed in a way that its number and the seed say.

        Returns:
            The features.

        Source: ours.
        """
        names, bad = self._names(source, views)
        with self._store() as store:
            found = store.get([name for name in names.values() if name])
            missing = [job for job, name in names.items() if name not in found]
            computed = dict[tuple[int, int], np.ndarray]()
            for jobs, vectors, spoilt in self._computed(source, missing):
                bad.update(spoilt)
                computed.update(zip(jobs, vectors, strict=True))
                store.put({names[job]: vector for job, vector in zip(jobs, vectors, strict=True) if names[job]})
                self.between(len(names) - len(missing) + len(computed), len(names))
        rows = [row for row in range(len(source)) if row not in bad]
        vectors = np.zeros((len(rows), views, self.pooled.width), np.float32)
        for place, view in itertools.product(range(len(rows)), range(views)):
            job = (rows[place], view)
            vectors[place, view] = computed[job] if job in computed else found[names[job]]
        set_aside = tuple((source.key(row), reason) for row, reason in sorted(bad.items()))
        return Looks(vectors, np.array(rows, np.int64), set_aside, len(names) - len(missing))

    def _names(self, source: Source, views: int) -> tuple[dict[tuple[int, int], str], dict[int, str]]:
        """A name for each vector that is wanted, "" where it cannot be known again; and the pictures that are bad."""
        names, bad = dict[tuple[int, int], str](), dict[int, str]()

        def content(row: int) -> str:
            try:
                return content_of(source, row)
            except (BadImage, BadLabel, MissingExtra) as error:
                bad[row] = _reason(error)
                return ""

        with ThreadPoolExecutor(_READERS) as pool:
            contents = list(pool.map(content, range(len(source))))
        for (row, own), view in itertools.product(enumerate(contents), range(views)):
            if row not in bad:  # how a view is changed depends on the number of the picture too
                changed = f" {view} {row} {self.settings.seed} {self.changes}" if own and view else ""
                names[row, view] = own + changed
        return names, bad

    def _store(self) -> VectorStore:
        backbone, told = self.pooled.backbone, self.preprocessing.to_dict()  # equal weights may stand in two networks
        weights = content_hash(backbone.state_dict())
        made_by = [backbone.name, str(backbone), weights, told, self.execution.precision, _REVISION]
        off = self.settings.cache == "off"
        return VectorStore(None if off else cache_folder() / "features", repr(made_by), self.pooled.width)

    def _computed(
        self, source: Source, jobs: Sequence[tuple[int, int]]
    ) -> Iterator[tuple[list[tuple[int, int]], np.ndarray, dict[int, str]]]:
        """Run the network over pictures that are read meanwhile, some at once."""
        plain = Maker(source, self.preprocessing, (), batch_size=1, seed=None)
        changed = Maker(source, self.preprocessing, self.changes, batch_size=1, seed=self.settings.seed)

        def read(job: tuple[int, int]) -> Any:
            try:
                return (changed if job[1] else plain).sample(*job).image
            except (BadImage, BadLabel, MissingExtra) as error:
                return _reason(error)

        height, width = self.preprocessing.size
        at_once = max(1, min(_AT_ONCE, _MOST_PIXELS // (height * width)))
        parts = [jobs[start : start + at_once] for start in range(0, len(jobs), at_once)]
        with ThreadPoolExecutor(self.settings.workers or _READERS) as pool, self.execution.applied():
            ahead = [pool.submit(read, job) for job in parts[0]] if parts else []
            for number, part in enumerate(parts):
                waiting = ahead
                ahead = [pool.submit(read, job) for job in parts[number + 1]] if number + 1 < len(parts) else []
                read_now = list(zip(part, [one.result() for one in waiting], strict=True))
                spoilt = {job[0]: image for job, image in read_now if isinstance(image, str)}
                good = [(job, image) for job, image in read_now if not isinstance(image, str)]
                if good:
                    yield [job for job, _ in good], self._vectors([image for _, image in good]), spoilt
                else:
                    yield [], np.zeros((0, self.pooled.width), np.float32), spoilt

    def _vectors(self, pictures: list[np.ndarray]) -> Float32[np.ndarray, "images width"]:
        images = to_images(pictures).to(self.execution.device, memory_format=self.execution.torch_memory_format)
        with torch.inference_mode(), self.execution.autocast():
            features = self.pooled.features((images - self.network.mean) / self.network.std)
        return features.float().cpu().numpy()


def _reason(error: Exception) -> str:
    return error.reason if isinstance(error, BadImage) else str(error)
