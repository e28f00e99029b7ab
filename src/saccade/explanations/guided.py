"""Guided backpropagation: a gradient that passes a ReLU only where it and what went in are above zero."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from saccade.explanations.asking.method import Answer, Method
from saccade.explanations.asking.question import Question
from saccade.explanations.asking.ruled import ruled

__all__ = ["guided"]

CARDS: dict[str, dict[str, Any]] = {
    "guided": {
        "paper": "Striving for simplicity: the all convolutional net", "year": 2014, "arxiv": "1412.6806",
        "about": "crisp outlines of what the network looks at; they hardly depend on what is asked",
    },
}  # fmt: skip


@dataclass(frozen=True)
class Guided(Method):
    """Let only what is above zero pass each ReLU, on the way there and on the way back.

    Source: Springenberg et al., arXiv 1412.6806, section 3.4.

    Example:
        >>> Guided().to_dict()
        {}
    """

    def look(self, question: Question) -> Answer:
        """Differentiate the score under that rule.

        Args:
            question: With the network borrowed.

        Returns:
            Maps of the size of the images, zero or above; what came back as colours.

        Raises:
            BadConfig: If the network has no ReLU, or the score cannot be differentiated.

        Source: Springenberg et al., arXiv 1412.6806, section 3.4.
        """
        return ruled(question, "guided")


guided = Guided
