"""A label that is shared between classes: what a picture that was mixed from others shows."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import torch
from jaxtyping import Float
from torch import Tensor

from saccade.errors import BadLabel
from saccade.types.classes import class_ids


@dataclass(frozen=True)
class SoftLabel:
    """How much of each class a picture shows.

    Args:
        shares: The share of each class by its id; they sum to 1.

    Raises:
        BadLabel: If a share is negative, or they do not sum to 1.

    Source: ours.

    Example:
        >>> SoftLabel({3: 0.75, 1: 0.25}).classes
        (1, 3)
    """

    shares: Mapping[int, float]

    def __post_init__(self) -> None:
        values = list(self.shares.values())
        if not all(share >= 0 for share in values) or not math.isclose(sum(values), 1, abs_tol=1e-6):
            raise BadLabel(
                f"got the shares {values}; taken are numbers of at least 0 that sum to 1; divide them by their sum"
            )

    @property
    def classes(self) -> tuple[int, ...]:
        """The classes that it names, sorted."""
        return tuple(sorted(self.shares))


def shares_of(targets: Sequence[Any], labels: Sequence[str]) -> Float[Tensor, "batch classes"]:
    """Encode soft labels, and classes among them, as the share of each class in each image.

    Args:
        targets: A soft label or a class id for each image.
        labels: The names of the classes.

    Returns:
        Rows that sum to 1.

    Raises:
        BadLabel: If a class is none of those named, or none are named.

    Source: ours.

    Example:
        >>> shares_of([SoftLabel({0: 0.75, 1: 0.25}), 1], ["cat", "dog"]).tolist()
        [[0.75, 0.25], [0.0, 1.0]]
    """
    if not labels:
        raise BadLabel(
            "got mixed images and no names of classes; taken is a name for each class, so that they can be counted; "
            "make the task with labels"
        )
    listed = [target.shares if isinstance(target, SoftLabel) else {target: 1.0} for target in targets]
    class_ids([class_id for shares in listed for class_id in shares], labels)
    result = torch.zeros(len(targets), len(labels))
    for row, shares in enumerate(listed):
        for class_id, share in shares.items():
            result[row, class_id] = share
    return result
