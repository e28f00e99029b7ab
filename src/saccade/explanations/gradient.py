"""The gradient of the score with respect to the image: which pixels need to change least to change the answer most."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from saccade.explanations.asking.method import Answer, Method
from saccade.explanations.asking.question import Question

__all__ = ["gradient"]

CARDS: dict[str, dict[str, Any]] = {
    "gradient": {
        "paper": "Deep inside convolutional networks: visualising image classification models and saliency maps",
        "year": 2014, "arxiv": "1312.6034", "about": "which pixels the answer hangs on most; fine and noisy",
    },
}  # fmt: skip


@dataclass(frozen=True)
class Gradient(Method):
    """Take the largest of the channels' absolute gradients: Mᵢⱼ = max_c |w_ijc|.

    Source: Simonyan et al., arXiv 1312.6034, section 3.1.

    Example:
        >>> Gradient().to_dict()
        {}
    """

    def look(self, question: Question) -> Answer:
        """Differentiate the score.

        Args:
            question: With the network borrowed.

        Returns:
            Maps of the size of the images, zero or above; the gradient itself as colours.

        Raises:
            BadConfig: If the score cannot be differentiated.

        Source: Simonyan et al., arXiv 1312.6034, section 3.1.
        """
        gradient = question.gradient()
        return Answer(gradient.abs().amax(1), colours=gradient)


gradient = Gradient
