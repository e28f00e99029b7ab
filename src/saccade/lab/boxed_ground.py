"""The pictures that the steps of a lineage share: whether they will do, and some of them to be measured with.

Source: ours.
"""

from __future__ import annotations

import numpy as np
from jaxtyping import Shaped

from saccade.errors import BadData, BadImage, BadLabel, MissingExtra, printable
from saccade.types.boxed import check_boxed
from saccade.types.sample import DataSet, Source, targets_of


def refuse_unfit(dataset: DataSet) -> None:
    """Refuse data that the steps cannot learn from, or be judged by.

    Args:
        dataset: The data.

    Raises:
        BadData: If things have no boxes, or there are no images to learn from or to be judged by.

    Source: ours.
    """
    named = printable(dataset.name)
    for needed, told in (("train", "to learn from"), ("test", "to be judged by")):
        if not len(dataset.splits.get(needed, ())):
            raise BadData(
                f"got {named} with the splits {', '.join(dataset.splits)}, and so without images {told}; taken are "
                "data with train and test; let saccade data split cut them"
            )
    for source in dataset.splits.values():
        try:
            check_boxed(targets_of(source), dataset.labels)
        except BadLabel as error:
            raise BadData(
                f"got {named}, whose labels suit {dataset.task.replace('_', ' ')}; taken are data with a box for each "
                "thing; give others, or see saccade data info"
            ) from error


def some_pictures(source: Source, count: int) -> list[Shaped[np.ndarray, "_ _ _"]]:
    """Read the first few pictures that can be read.

    Args:
        source: The pictures.
        count: How many, at most.

    Returns:
        Their pixels.

    Raises:
        BadData: If none can be read.

    Source: ours.
    """
    found = list[np.ndarray]()
    for row in range(len(source)):
        if len(found) == count:
            break
        try:
            found.append(source.read(row).image)
        except (BadImage, MissingExtra):
            continue
    if not found:
        raise BadData("got no readable picture to be judged by; taken is at least one; check the test images")
    return found
