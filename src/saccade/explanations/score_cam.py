"""Score-CAM: each map of a layer hides the image but for where it answers; what the score then is, is its weight."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, ClassVar

import torch
from jaxtyping import Float
from torch import Tensor

from saccade.explanations.asking.layers import chosen_layer, seen
from saccade.explanations.asking.method import Answer, Method
from saccade.explanations.asking.question import Question
from saccade.explanations.asking.sealed import enlarged
from saccade.inspect.layer_maps import shown_name
from saccade.training.settings import knob

__all__ = ["score_cam"]

CARDS: dict[str, dict[str, Any]] = {
    "score_cam": {
        "paper": "Score-CAM: score-weighted visual explanations for convolutional neural networks",
        "year": 2020, "arxiv": "1910.01279", "about": "as Grad-CAM, weighted by trying and not by gradients; slow",
    },
}  # fmt: skip


@dataclass(frozen=True)
class ScoreCam(Method):
    """Weight each map of a layer by the score of the image seen through it.

    L = ReLU(Σₖ αₖ Aᵏ), α = softmax over k of score(x · s(Aᵏ)) − score(nothing), with s scaling a map to [0, 1].

    Raises:
        BadConfig: If a knob has the wrong type or is out of range.

    Source: Wang et al., arXiv 1910.01279, equations 6 to 8.

    Example:
        >>> ScoreCam(maps=64).maps
        64
    """

    image_by_image: ClassVar[bool] = True

    layer: str = knob("", "whose maps are taken; none: the last with maps of 4 × 4 or more")
    maps: int = knob(0, "how many maps are tried, those that vary most; 0: all", 0)

    def look(self, question: Question) -> Answer:
        """Look at each image through each map.

        Args:
            question: With the network borrowed.

        Returns:
            Maps of the size of the layer's, zero or above; the note says which layer it is.

        Raises:
            UnknownName: If there is no such layer; the nearest are offered.
            BadConfig: If it gives no maps, or there is none to choose.

        Source: Wang et al., arXiv 1910.01279, algorithm 1.
        """
        layer = chosen_layer(question, self.layer)
        maps = seen(question, layer).maps
        found = torch.stack([self._map(question, image, maps[image]) for image in range(len(question))])
        return Answer(found, notes=(f"layer {shown_name(layer)}",))

    def _map(
        self, question: Question, image: int, maps: Float[Tensor, "channels rows columns"]
    ) -> Float[Tensor, "rows columns"]:
        low, high = maps.amin((1, 2), keepdim=True), maps.amax((1, 2), keepdim=True)
        varying = (high > low)[:, 0, 0]
        if not bool(varying.any()):
            return torch.zeros_like(maps[0])
        chosen = varying.nonzero()[:, 0]
        if 0 < self.maps < len(chosen):
            chosen = chosen[maps[chosen].flatten(1).std(1).topk(self.maps).indices]
        maps, low, high = maps[chosen], low[chosen], high[chosen]
        scores = []
        empty = question.emptied()
        for start in range(0, len(maps), question.batch_size):
            part = slice(start, start + question.batch_size)
            masks = enlarged((maps[part] - low[part]) / (high[part] - low[part]), question.size)[:, None]
            shown = question.images[image] * masks + empty * (1 - masks)
            scores.append(question.scores(shown, [image] * len(shown)))
            question.tell(start + len(shown), len(maps))
        nothing = question.scores(empty.expand(1, *question.images.shape[1:]), [image])
        weights = (torch.cat(scores) - nothing).softmax(0)
        return (weights[:, None, None] * maps).sum(0).relu()


score_cam = ScoreCam
