"""Single images as they are shown: what they are, what they were taken for, how sure the model was.

Source: ours.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

import numpy as np

from saccade.metrics.classification import ClassificationJudgement
from saccade.metrics.judgement import Verdict
from saccade.reporting.phrases import per_cent
from saccade.reporting.thumbnails import Album


@dataclass(frozen=True)
class Shown:
    """An image as it is shown.

    Args:
        picture: The id of its thumbnail; "" when there is none.
        key: Where it comes from.
        true: Its class or classes.
        predicted: What it was taken for.
        confidence: How sure the model was, in per cent.

    Source: ours.
    """

    picture: str
    key: str
    true: str
    predicted: str
    confidence: str

    @property
    def words(self) -> str:
        """What can be said of it without seeing it."""
        said = (
            f"right: {self.true}" if self.true == self.predicted else f"true: {self.true}, predicted: {self.predicted}"
        )
        return f"{said} ({self.confidence}), {self.key}"


def show(judgement: ClassificationJudgement, image: int, predicted: int, album: Album) -> Shown:
    """Prepare one image of a classifier.

    Args:
        judgement: What was said of all of them.
        image: Its place among them.
        predicted: The class it was taken for.
        album: Gets its thumbnail.

    Returns:
        The thumbnail and the words.

    Source: ours.
    """
    key, true = judgement.keys[image], judgement.labels[int(judgement.targets[image])]
    confidence = per_cent(float(judgement.probabilities[image, predicted]))
    return Shown(album.add(key), key, true, judgement.labels[predicted], confidence)


def show_verdicts(verdicts: Iterable[Verdict], album: Album) -> tuple[Shown, ...]:
    """Prepare images that were judged, of any task.

    Args:
        verdicts: What was said of them.
        album: Gets their thumbnails.

    Returns:
        The thumbnails and the words, in the same order.

    Source: ours.
    """
    return tuple(
        Shown(
            album.add(verdict.key),
            verdict.key,
            " + ".join(verdict.true) or "nothing",
            " + ".join(verdict.predicted) or "nothing",
            per_cent(verdict.confidence),
        )
        for verdict in verdicts
    )


def one_of_each(judgement: ClassificationJudgement, most: int, album: Album) -> tuple[Shown, ...]:
    """Show a right answer for each class, the surest one.

    Args:
        judgement: Of a classifier.
        most: At most so many classes, evenly chosen when there are more.
        album: Gets the thumbnails.

    Returns:
        In the order of the classes; a class of which nothing was right is left out.

    Source: ours.
    """
    right = np.flatnonzero(judgement.confusion.diagonal())
    chosen = right[np.linspace(0, len(right) - 1, min(most, len(right))).astype(int)].tolist()
    return tuple(show(judgement, int(judgement.images_in(each, each)[0]), each, album) for each in chosen)
