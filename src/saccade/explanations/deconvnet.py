"""The deconvolutional network: what is above zero goes back through every ReLU, wherever its input was."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from saccade.explanations.asking.method import Answer, Method
from saccade.explanations.asking.question import Question
from saccade.explanations.asking.ruled import ruled

__all__ = ["deconvnet"]

CARDS: dict[str, dict[str, Any]] = {
    "deconvnet": {
        "paper": "Visualizing and understanding convolutional networks", "year": 2013, "arxiv": "1311.2901",
        "about": "what of the image brought it about, by the network run backwards; hardly depends on what is asked",
    },
}  # fmt: skip


@dataclass(frozen=True)
class Deconvnet(Method):
    """Run the network backwards: transposed filters, ReLU of what comes back, maxima to where they were.

    The gradient of a convolution is its transposed form, and that of max pooling puts each value where the maximum was,
    as switches do; so the gradient is this, but for the rule at each ReLU.

    Source: Zeiler & Fergus, arXiv 1311.2901, section 2.1.

    Example:
        >>> Deconvnet().to_dict()
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

        Source: Zeiler & Fergus, arXiv 1311.2901, section 2.1.
        """
        return ruled(question, "deconvnet")


deconvnet = Deconvnet
