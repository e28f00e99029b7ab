"""Ablation-CAM: the maps of a layer are taken away one by one; what the score falls by is the weight of each."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, ClassVar

import torch
from jaxtyping import Float
from torch import Tensor

from saccade.explanations.asking.layers import chosen_layer, put_in_place, seen
from saccade.explanations.asking.method import Answer, Method
from saccade.explanations.asking.question import Question
from saccade.inspect.layer_maps import shown_name
from saccade.training.settings import knob

__all__ = ["ablation_cam"]

CARDS: dict[str, dict[str, Any]] = {
    "ablation_cam": {
        "paper": "Ablation-CAM: visual explanations for deep convolutional network via gradient-free localization",
        "year": 2020, "arxiv": "", "about": "as Grad-CAM, weighted by what the score loses without each map; slow",
    },
}  # fmt: skip


@dataclass(frozen=True)
class AblationCam(Method):
    """Weight each map of a layer by the share of the score that is lost without it.

    L = ReLU(Σₖ wₖ Aᵏ), wₖ = (score − score without Aᵏ) / score.

    Raises:
        BadConfig: If a knob has the wrong type.

    Source: Desai & Ramaswamy, 2020, Ablation-CAM, WACV, equations 4 and 5.
    Deviates: Divided by the absolute score, so that a score below zero does not turn the map over.

    Example:
        >>> AblationCam(layer="layer4").layer
        'layer4'
    """

    image_by_image: ClassVar[bool] = True

    layer: str = knob("", "whose maps are taken; none: the last with maps of 4 × 4 or more")

    def look(self, question: Question) -> Answer:
        """Take each map away.

        Args:
            question: With the network borrowed.

        Returns:
            Maps of the size of the layer's, zero or above; the note says which layer it is.

        Raises:
            UnknownName: If there is no such layer; the nearest are offered.
            BadConfig: If it gives no maps, or there is none to choose.

        Source: Desai & Ramaswamy, 2020, section 3.
        """
        layer = chosen_layer(question, self.layer)
        found = seen(question, layer)
        whole = question.scores(question.images, range(len(question)))
        maps = [
            self._map(question.only(image), (layer, found.runs), found.maps[image], whole[image])
            for image in range(len(question))
        ]
        return Answer(torch.stack(maps), notes=(f"layer {shown_name(layer)}",))

    def _map(
        self,
        question: Question,
        layer: tuple[str, int],
        maps: Float[Tensor, "channels rows columns"],
        whole: Float[Tensor, ""],
    ) -> Float[Tensor, "rows columns"]:
        scores = []
        for start in range(0, len(maps), question.batch_size):
            gone = range(start, min(start + question.batch_size, len(maps)))
            without = maps.repeat(len(gone), 1, 1, 1)
            without[range(len(gone)), list(gone)] = 0.0
            with put_in_place(question.network, layer[0], without, run=layer[1]):
                images = question.images.expand(len(gone), -1, -1, -1)
                scores.append(question.scores(images, [0] * len(gone)))
            question.tell(gone.stop, len(maps))
        weights = (whole - torch.cat(scores)) / whole.abs().clamp(min=1e-12)
        return (weights[:, None, None] * maps).sum(0).relu()


ablation_cam = AblationCam
