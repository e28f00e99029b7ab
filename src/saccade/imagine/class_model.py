"""The class model: the picture that a network takes for its class more than any other, made from nothing."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, ClassVar

from jaxtyping import Float
from torch import Tensor

from saccade.imagine.making.climbing import Climb
from saccade.imagine.making.subject import Made, Subject

__all__ = ["class_model"]

CARDS: dict[str, dict[str, Any]] = {
    "class_model": {
        "paper": "Deep inside convolutional networks", "year": 2013, "arxiv": "1312.6034",
        "needs": "class",
        "about": "the picture that a network takes for a class more than any other, from nothing",
    },
}  # fmt: skip


@dataclass(frozen=True)
class ClassModel(Climb):
    """Raise the score of a class, before its softmax, from a picture of zeros.

    The score, not the probability: that could also be raised by making the other classes unlikelier.

    Raises:
        BadConfig: If a knob has the wrong type or is out of range.

    Source: Simonyan et al., arXiv 1312.6034, section 2; blur and clipping by Yosinski et al., arXiv 1506.06579.

    Example:
        >>> ClassModel(steps=100, l2=0.001).l2
        0.001
    """

    needs_class: ClassVar[bool] = True

    def make(self, subject: Subject) -> Made:
        """Climb to the class.

        Args:
            subject: With the network borrowed, and the score that is asked about.

        Returns:
            The picture.

        Raises:
            BadConfig: If the score cannot be differentiated.

        Source: Simonyan et al., arXiv 1312.6034, section 2.
        """
        score = subject.score
        assert score is not None

        def value(picture: Float[Tensor, "1 channels height width"]) -> Tensor:
            return score(subject.network(picture)).sum()

        return self.climb(value, subject, (f"{self.steps} steps from {self.start}",))


class_model = ClassModel
