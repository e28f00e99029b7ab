"""The figures of a detector and how they would move with other images.

Everything is worked out from matches that are made once. For a draw of the images, which is how often each counts, the
boxes right and wrong before each right box are two sums over images, so many draws are one product of matrices.

With few things, average precision errs upwards, since of each recall it takes the best precision from there on; and its
draws, which hold fewer different things, err upwards again by about as much. So its intervals are reflected at the
figure: as far below it as the draws are above. Percentiles as they are would hold the truth far too seldom; with few
things of a class even these are somewhat too narrow.

Source: ours; see `bootstrap`. Davison and Hinkley, 1997, "Bootstrap methods and their application", section 5.2, for
the reflected ("basic") interval.
"""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
from jaxtyping import Bool, Float

from saccade.metrics.bootstrap import Draws
from saccade.metrics.detection.coco import NAMES
from saccade.metrics.detection.matches import IOUS, RECALLS, SIZES, ClassMatches
from saccade.metrics.judgement import ClassRow, Figure, class_rows, named_figures
from saccade.metrics.per_class import ClassFigures, class_figures, macro

_CHOSEN = ("precision", "recall", "f1")
_COLUMNS = (*_CHOSEN, "average_precision", "average_precision_50")
_LIMITS = (1, 10, 100)
_SIZED = range(1, len(SIZES))
# Nanoseconds on one core, about: of a right box, and of a right box with an image that has wrong ones, in one draw.
_EACH, _WITH_IMAGE, _PATIENCE, _FEWEST = 60.0, 0.1, 20e9, 100


class DetectorFigures:
    """Every figure of a detector, worked out for many draws of its images at once.

    Args:
        matches: Of each class.
        images: How many images there are.
        confidence: From which confidence on boxes count for precision, recall and F1.

    Source: ours; precision as of `class_figures`, the rest as of `coco_figures`.
    """

    def __init__(self, matches: Sequence[ClassMatches], images: int, confidence: float) -> None:
        self._matches, self._images = matches, images
        self._things = np.stack([one.things[0] for one in matches], axis=1).astype(np.float32)
        sure = [one.confidence >= confidence for one in matches]
        self._hits, self._said = (
            np.stack([_per_image(one.image[which], images) for one, which in zip(matches, part, strict=True)], axis=1)
            for part in (
                [which & one.hit[0, 0] for one, which in zip(matches, sure, strict=True)],
                [which & ~one.ignored[0, 0] for one, which in zip(matches, sure, strict=True)],
            )
        )

    def affordable(self, resamples: int) -> int:
        """Say how many draws take no longer than some twenty seconds: at least a hundred, if so many are asked for.

        Args:
            resamples: How many are asked for.

        Returns:
            As many, or fewer; the same on every machine.

        Source: ours.
        """
        cost = sum(
            hits * (_EACH + _WITH_IMAGE * min(self._images, len(one.image)))
            for one in self._matches
            for hits in one.hit.sum(axis=2).ravel().tolist()
        )
        return min(resamples, max(_FEWEST, int(_PATIENCE / max(cost, 1))))

    def __call__(self, counts: Draws) -> Float[np.ndarray, "draws figures"]:
        """Work out all figures of each draw, in the order that `whole` and `rows` take apart."""
        precisions, recalls = (
            np.stack(columns, axis=1)
            for columns in zip(*[_class_figures(one, counts) for one in self._matches], strict=True)
        )
        twelve = macro(np.moveaxis(np.concatenate([precisions, recalls], axis=2), 1, 2))
        table = self._table(counts)
        chosen = _pooled(counts @ self._hits, counts @ self._said, counts @ self._things)
        columns = [table.precision, table.recall, table.f1, precisions[:, :, 0], precisions[:, :, 1]]
        return np.column_stack([twelve, chosen, *columns])

    def whole(
        self, values: Float[np.ndarray, " figures"], draws: Float[np.ndarray, "draws figures"]
    ) -> dict[str, Figure]:
        """Name the figures of all classes together, with their intervals.

        Args:
            values: The figures of the images as they are.
            draws: The figures of each draw.

        Returns:
            (value, low, high) by name.

        Source: ours.
        """
        names = (*NAMES, *_CHOSEN)
        reflected = [at for at, name in enumerate(names) if name.startswith("map")]
        return named_figures(names, values, _reflected(values, draws, reflected), images=self._images)

    def rows(
        self, names: Sequence[str], values: Float[np.ndarray, " figures"], draws: Float[np.ndarray, "draws figures"]
    ) -> tuple[ClassRow, ...]:
        """Name the figures of each class, with their intervals.

        Args:
            names: Of the classes.
            values: The figures of the images as they are.
            draws: The figures of each draw.

        Returns:
            A row for each class; it counts things and boxes.

        Source: ours.
        """
        start = len(NAMES) + len(_CHOSEN)
        support, predicted = (part.sum(axis=0).astype(int) for part in (self._things, self._said))
        values, draws = values[start:], draws[:, start:]
        draws = _reflected(values, draws, range(len(_CHOSEN) * len(names), draws.shape[1]))
        return class_rows(names, _COLUMNS, values, draws, support=support, predicted=predicted)

    def _table(self, counts: Draws) -> ClassFigures:
        return class_figures(counts @ self._hits, counts @ self._said, counts @ self._things)


def _class_figures(
    matches: ClassMatches, counts: Draws
) -> tuple[Float[np.ndarray, "draws 6"], Float[np.ndarray, "draws 6"]]:
    """Work out the parts of one class in COCO's twelve figures, in their order: precisions, recalls."""
    drawn = _DrawnClass(matches, counts)
    by_iou = [drawn.precisions(at, 0) for at in range(len(IOUS))]
    sized = [np.mean([drawn.precisions(at, size) for at in range(len(IOUS))], axis=0) for size in _SIZED]
    precisions = [np.mean(by_iou, axis=0), by_iou[0], by_iou[5], *sized]
    found = [(matches.hit[:, 0] & (matches.rank < limit), 0) for limit in _LIMITS]
    found += [(matches.hit[:, size], size) for size in _SIZED]
    return np.stack(precisions, axis=1), np.stack([drawn.recalls(*one) for one in found], axis=1)


class _DrawnClass:
    """One class in many draws of the images: only those images that have to do with it, a column for each draw."""

    def __init__(self, matches: ClassMatches, counts: Draws) -> None:
        about = matches.things.sum(axis=0) > 0
        about[matches.image] = True
        self._matches, self._image = matches, (about.cumsum() - 1)[matches.image]
        self._counts = np.ascontiguousarray(counts[:, about].T)
        totals = matches.things[:, about].astype(np.float32) @ self._counts
        self._totals = np.where(totals > 0, totals, np.nan).astype(np.float64)

    def recalls(self, hits: Bool[np.ndarray, "10 found"], size: int) -> Float[np.ndarray, " draws"]:
        """Work out which share of the things was found, the mean over IoU."""
        found = np.bincount(self._image, hits.sum(axis=0), minlength=len(self._counts))
        return found.astype(np.float32) @ self._counts / (len(IOUS) * self._totals[size])

    def precisions(self, iou: int, size: int) -> Float[np.ndarray, " draws"]:
        """Work out the average precision at an IoU, at 101 recalls.

        A box that is in a draw twice enters once, with twice the weight. That comes to the same, since precision only
        grows while the same right box enters again. (Where boxes of one image are equally sure, their order is anyone's
        choice; COCO's would alternate them.)
        """
        places, totals = np.flatnonzero(self._matches.hit[iou, size]), self._totals[size]
        if not len(places):
            return 0 * totals
        wrong = ~(self._matches.hit[iou, size] | self._matches.ignored[iou, size])
        right = self._counts[self._image[places]].cumsum(axis=0)
        seen = right + self._wrong_before(np.flatnonzero(wrong[: places[-1]]), places)
        precision = np.divide(right, np.maximum(seen, 1), dtype=np.float64)
        best = np.maximum.accumulate(precision[::-1], axis=0)[::-1]
        gained = np.diff(_recalls_reached(np.divide(right, totals, dtype=np.float64)), axis=0, prepend=0)
        return np.einsum("kd,kd->d", gained, best) / len(RECALLS)

    def _wrong_before(self, wrong: np.ndarray, places: np.ndarray) -> Float[np.ndarray, "hits draws"]:
        """Count the wrong boxes before each right one."""
        images, rows = np.unique(self._image[wrong], return_inverse=True)
        if not len(images):
            return np.zeros((len(places), self._counts.shape[1]), np.float32)
        cells = np.searchsorted(places, wrong) * len(images) + rows
        before = np.bincount(cells, minlength=len(places) * len(images)).reshape(len(places), len(images))
        with np.errstate(invalid="ignore"):  # OpenBLAS sets that flag for lanes of a vector that it does not use
            return before.cumsum(axis=0).astype(np.float32) @ self._counts[images]


def _recalls_reached(recall: Float[np.ndarray, "hits draws"]) -> Float[np.ndarray, "hits draws"]:
    """Count the entries of RECALLS up to each recall, to the last bit: they are multiples of the float 0.01."""
    whole = np.floor(recall * 100 + 1e-6)
    return whole + (recall >= whole * 0.01)


def _reflected(
    values: Float[np.ndarray, " figures"], draws: Float[np.ndarray, "draws figures"], columns: Sequence[int]
) -> Float[np.ndarray, "draws figures"]:
    """Turn the draws of some figures to the other side of the figure."""
    turned, columns = draws.copy(), list(columns)
    turned[:, columns] = (2 * values[columns] - draws[:, columns]).clip(0, 1)
    return turned


def _per_image(image: np.ndarray, images: int) -> Float[np.ndarray, " images"]:
    return np.bincount(image, minlength=images).astype(np.float32)


def _pooled(hits: np.ndarray, said: np.ndarray, things: np.ndarray) -> Float[np.ndarray, "draws 3"]:
    """Precision, recall and F1 of all classes together."""
    table = class_figures(*(part.sum(axis=1, keepdims=True) for part in (hits, said, things)))
    return np.concatenate([table.precision, table.recall, table.f1], axis=1)
