"""What a batch is made of, as a function of (epoch, step) alone: which pictures, in which order, changed in which way.

Source: ours.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import Any

import numpy as np
from jaxtyping import Int64

from saccade.data.augmenting.augmenter import Augmenter
from saccade.data.augmenting.following import preprocessed
from saccade.data.augmenting.kinds import Augmentation
from saccade.data.files import read_at, target_at
from saccade.data.loading.decoded import decoded_for
from saccade.data.loading.keeping import InMemory, Kept, Nowhere, OnDisk, kept_for
from saccade.data.preprocess import preprocess
from saccade.data.randomness import Draws, Visit, order
from saccade.data.sampling import in_turn_count, in_turn_order, kinds_of
from saccade.errors import BadImage, BadLabel, MissingExtra
from saccade.types.annotations import Annotations
from saccade.types.preprocessing import Preprocessing
from saccade.types.sample import Sample, Source

_ORDER, _CHANGES, _MIXTURES = 1, 2, 3


@dataclass(frozen=True)
class Made:
    """The samples of one batch.

    Args:
        pictures: As preprocessing and augmentation made them: one array where all have one type, else a list.
        targets: What is known of each.
        keys: Where each comes from.
        set_aside: Files that could not be read, each with the reason.
        sources: (height, width) of each picture as its target knows it, before preprocessing; () where the target
            knows none, or pictures were changed at random.

    Source: ours.
    """

    pictures: np.ndarray | list[np.ndarray]
    targets: list[Any]
    keys: tuple[str, ...]
    set_aside: tuple[tuple[str, str], ...] = ()
    sources: tuple[tuple[int, int], ...] = ()


class Maker:
    """Makes the samples of any batch of any epoch; the same ones in every process.

    Args:
        source: Where pictures come from.
        preprocessing: What is made of each.
        augmentations: Applied to each: where pixels only change places, to what preprocessing made, which is kept;
            otherwise, so that it is resampled once, to the picture as it was decoded, and that is kept.
        batch_size: Pictures in a batch.
        seed: Of the order and the augmentations; None keeps the order of the source and changes nothing.
        in_turn: Whether classes take turns while training, the rarer ones coming again within an epoch.

    Raises:
        BadConfig: If the augmentations do not go together, or not with the channels.

    Source: ours.
    """

    def __init__(
        self,
        source: Source,
        preprocessing: Preprocessing,
        augmentations: Sequence[Augmentation],
        *,
        batch_size: int,
        seed: int | None,
        in_turn: bool = False,
    ) -> None:
        self.source, self.preprocessing, self.augmentations = source, preprocessing, tuple(augmentations)
        self.batch_size, self.seed = batch_size, seed
        self._augmenter = Augmenter(self.augmentations if seed is not None else ())
        self._augmenter.check(preprocessing.channels)
        self._at_least = self._augmenter.at_least(preprocessing)
        self.kept = kept_for(source, preprocessing)
        self._kinds = kinds_of(source) if in_turn and seed is not None else ()
        self._order: tuple[int, Int64[np.ndarray, " samples"]] | None = None

    @property
    def kept(self) -> Kept | InMemory | OnDisk | Nowhere:
        """Where pictures stay once preprocessing has made them."""
        return self._kept

    @kept.setter
    def kept(self, kept: Kept | InMemory | OnDisk | Nowhere) -> None:
        """Keep them there; and in the same way as they were decoded, where the augmentations need them so."""
        self._kept = kept
        self._decoded = Nowhere() if self._augmenter.whole_pixels else decoded_for(self.source, self._at_least, kept)

    @property
    def steps(self) -> int:
        """Batches in an epoch. While training, a single picture left over goes to the batch before it."""
        whole, rest = divmod(in_turn_count(self._kinds) or len(self.source), self.batch_size)
        alone = rest == 1 and whole > 0 and self.seed is not None
        return whole + (rest > 0 and not alone)

    def ready(self) -> bool:
        """Tell whether batches need no more work than to be copied together."""
        return not self.augmentations and self.kept.complete()

    def make(self, epoch: int, step: int, keep: bool) -> Made:
        """Make the samples of one batch.

        Args:
            epoch: Counted from 0.
            step: Counted from 0 in its epoch.
            keep: Whether pictures that are read are kept for later epochs.

        Returns:
            The samples that could be read, and what could not. While training, a picture that is left alone since all
            others of its batch are broken sits this epoch out: batch normalisation cannot learn from one.

        Source: ours.
        """
        rows = self.rows(epoch, step)
        pictures = self.kept.stack(rows) if not self.augmentations else None
        if pictures is not None:
            chosen = rows.tolist()
            known = [self.source.target(row) for row in chosen]
            targets = [preprocessed(target, self.preprocessing) for target in known]
            keys = tuple([self.source.key(row) for row in chosen])
            return Made(pictures, targets, keys, sources=self._sources(known))
        samples, set_aside, known = [], [], []
        for row in rows.tolist():
            try:
                samples.append(self.sample(row, epoch, keep))
                if self.seed is None and isinstance(samples[-1].target, Annotations):
                    known.append(self.source.target(row))
            except (BadImage, BadLabel, MissingExtra) as error:
                reason = error.reason if isinstance(error, BadImage) else str(error)
                set_aside.append((self.source.key(row), reason))
        if self.seed is not None and self._lone(len(samples), len(rows)):
            samples = []
        if self._augmenter.mixes and self.seed is not None:
            samples = self._augmenter.mixed(samples, Draws(self.seed, _MIXTURES, epoch, self._number(step)), epoch)
        return replace(_collected(samples, tuple(set_aside)), sources=self._sources(known))

    def _sources(self, targets: list[Any]) -> tuple[tuple[int, int], ...]:
        """The sizes of pictures before preprocessing, where nothing else moves what lies on them."""
        told = self.seed is None and all(isinstance(target, Annotations) for target in targets)
        return tuple(target.size for target in targets) if told else ()

    def rows(self, epoch: int, step: int) -> Int64[np.ndarray, " rows"]:
        """Say which samples are in a batch.

        Args:
            epoch: Counted from 0.
            step: Counted from 0 in its epoch.

        Returns:
            Their numbers in the source.

        Source: ours.
        """
        if self._order is None or self._order[0] != epoch:
            self._order = (epoch, self._ordered(epoch))
        start = step * self.batch_size
        return self._order[1][start : None if step == self.steps - 1 else start + self.batch_size]

    def _ordered(self, epoch: int) -> Int64[np.ndarray, " samples"]:
        if self.seed is None:
            return np.arange(len(self.source))
        if self._kinds:
            return in_turn_order(self._kinds, self.seed, _ORDER, epoch)
        return order(len(self.source), self.seed, _ORDER, epoch)

    def _lone(self, readable: int, rows: int) -> bool:
        """Whether a picture is left alone in its batch."""
        return readable == 1 < rows

    def _number(self, step: int) -> int:
        """The number of what is made in a step, among all that is made in an epoch."""
        return step

    def sample(self, row: int, epoch: int, keep: bool = False) -> Sample:
        """Make one sample.

        Args:
            row: Its number in the source.
            epoch: Counted from 0.
            keep: Whether what is read is kept for later epochs.

        Returns:
            The sample, before it is mixed with others.

        Raises:
            BadImage: If its picture cannot be read.
            BadLabel: If its label cannot.

        Source: ours.
        """
        draws = None if self.seed is None else Visit(self.seed, _CHANGES, epoch, row)
        if draws is not None and not self._augmenter.whole_pixels:
            return self._augmenter.placed(self._as_decoded(row, keep), self.preprocessing, draws)
        sample = self._preprocessed(row, keep)
        return sample if draws is None else self._augmenter.changed(sample, draws)

    def _as_decoded(self, row: int, keep: bool) -> Sample:
        picture = self._decoded.get(row)
        if picture is not None:
            return Sample(picture, target_at(self.source, row, picture.shape[:2]), self.source.key(row))
        sample = read_at(self.source, row, self._at_least)
        if keep:
            self._decoded.put(row, sample.image)
        return sample

    def _preprocessed(self, row: int, keep: bool) -> Sample:
        picture = self.kept.get(row)
        if picture is not None:
            target = self.source.target(row)
        else:
            sample = self.source.read(row)
            picture, target = preprocess(sample.image, self.preprocessing), sample.target
            if keep:
                self.kept.put(row, picture)
        return Sample(picture, preprocessed(target, self.preprocessing), self.source.key(row))


def _collected(samples: list[Sample], set_aside: tuple[tuple[str, str], ...]) -> Made:
    pictures: np.ndarray | list[np.ndarray] = [sample.image for sample in samples]
    if len({picture.dtype for picture in pictures}) == 1:
        pictures = np.stack(pictures)
    return Made(pictures, [sample.target for sample in samples], tuple([sample.key for sample in samples]), set_aside)
