"""Which labels a model doubts: confident learning.

Source: Northcutt, Jiang & Chuang, "Confident Learning: Estimating Uncertainty in Dataset Labels", 2021 (arXiv
1911.00068), section 3: the thresholds of equation 2, ranking by normalised margin.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import Any

import numpy as np
from jaxtyping import Float, Int

from saccade.api.predictor import Predictor
from saccade.api.relabelling import relabelled
from saccade.data.checking.check import Gathered, Sighting
from saccade.errors import BadData, BadImage, BadLabel, printable
from saccade.types.bad_file import BadFile


def doubts(
    probabilities: Float[np.ndarray, "pictures classes"], labels: Int[np.ndarray, " pictures"]
) -> list[tuple[int, int, float]]:
    """Rank the pictures whose label a model doubts.

    The model is held to doubt a label when it gives another class at least the probability that it gives that class on
    average where it is the label.

    Args:
        probabilities: What the model says; rows sum to 1.
        labels: The given class of each picture.

    Returns:
        (picture, the class it more likely is, how much likelier), most doubtful first.

    Source: Northcutt et al., 2021, equations 1 and 2.

    Example:
        >>> said = np.array([[0.9, 0.1], [0.8, 0.2], [0.1, 0.9], [0.95, 0.05]])
        >>> [(picture, meant) for picture, meant, _ in doubts(said, np.array([0, 0, 1, 1]))]
        [(3, 0)]
    """
    count, classes = probabilities.shape
    thresholds = np.full(classes, np.inf)
    for one in np.unique(labels).tolist():
        thresholds[one] = probabilities[labels == one, one].mean()
    rows = np.arange(count)
    confident = np.where(probabilities >= thresholds, probabilities, -1.0)
    meant = confident.argmax(1)
    margin = probabilities[rows, meant] - probabilities[rows, labels]
    doubtful = np.flatnonzero((confident[rows, meant] >= 0) & (meant != labels) & (margin > 0))
    ranked = doubtful[np.argsort(-margin[doubtful], kind="stable")]
    return [(row, int(meant[row]), float(margin[row])) for row in ranked.tolist()]


def label_findings(gathered: Gathered, predictor: Predictor) -> list[Sighting]:
    """Let a model look at every picture, and name the labels that it doubts.

    Args:
        gathered: The data, checked; pictures that cannot be read are left out.
        predictor: A classifier that knows the classes of the data by name.

    Returns:
        A finding for each, the most doubtful first.

    Raises:
        BadData: If the data are not for classification, or of classes that the model does not know.

    Source: Northcutt et al., 2021.
    """
    dataset = gathered.dataset
    if dataset.task != "classification" or predictor.description.task != "classification":
        raise BadData(
            f"got data for {dataset.task} and a model for {predictor.description.task}; taken is classification for "
            "both; leave the model out"
        )
    ids: list[int] = []
    for split in dataset.splits:
        source = relabelled(dataset, split, predictor.labels, "classification")
        ids += [int(source.target(index)) for index in range(len(source))]
    rows = np.flatnonzero(gathered.readable)
    said: list[Any] = list(predictor.stream(_images(gathered, rows.tolist())))
    there = [place for place, one in enumerate(said) if not isinstance(one, BadFile)]
    if not there:
        return []
    probabilities = np.stack([np.asarray(said[place].probabilities, np.float64) for place in there])
    rows, labels = rows[there], np.array(ids)[rows[there]]
    return [
        _finding(gathered, int(rows[place]), (probabilities[place], int(labels[place]), meant), predictor.labels)
        for place, meant, _ in doubts(probabilities, labels)
    ]


def _images(gathered: Gathered, rows: Sequence[int]) -> Iterator[Any]:
    for row in rows:
        try:
            yield gathered.read(row).image
        except (BadImage, BadLabel):  # gone since it was looked at; the stream names it as no picture
            yield np.zeros((0, 0), np.uint8)


def _finding(gathered: Gathered, row: int, said: tuple[np.ndarray, int, int], names: Sequence[str]) -> Sighting:
    probabilities, given, meant = said
    message = (
        f"got {printable(names[given])} ({100 * probabilities[given]:.1f} %); the model says "
        f"{printable(names[meant])} ({100 * probabilities[meant]:.1f} %)"
    )
    return gathered.finding(row, "label-doubtful", message, severity="warning")
