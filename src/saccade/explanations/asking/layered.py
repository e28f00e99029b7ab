"""What the maps of a layer and their gradients are made into: the family of Grad-CAM has one formula each.

Source: Selvaraju et al., arXiv 1610.02391.
"""

from __future__ import annotations

from abc import abstractmethod
from dataclasses import dataclass, replace

from jaxtyping import Float
from torch import Tensor

from saccade.explanations.asking.layers import Seen, chosen_layer, seen
from saccade.explanations.asking.method import Answer, Method
from saccade.explanations.asking.question import Question
from saccade.inspect.layer_maps import shown_name
from saccade.training.settings import knob


@dataclass(frozen=True)
class LayerMethod(Method):
    """A method that looks at the maps of one layer and at the gradients of the score with respect to them.

    Source: ours.
    """

    layer: str = knob("", "whose maps are taken; none: the last with maps of 4 × 4 or more")

    @property
    def begins_with_the_images(self) -> bool:
        """It does, and needs no pass of its own to know what is asked."""
        return True

    def prepared(self, question: Question) -> Method:
        """Choose the layer, of a network without a part called backbone: there it may hang on the image.

        Args:
            question: About images like those that follow, with the network borrowed.

        Returns:
            The method with its layer.

        Raises:
            UnknownName: If there is no such layer; the nearest are offered.
            BadConfig: If there is none to choose.

        Source: ours.
        """
        layer = chosen_layer(question, self.layer)
        return self if "backbone" in layer.split(".") else replace(self, layer=layer)

    def look(self, question: Question) -> Answer:
        """Look at the maps of the layer.

        Args:
            question: With the network borrowed.

        Returns:
            Maps of the size of the layer's; the note says which layer it is.

        Raises:
            UnknownName: If there is no such layer; the nearest are offered.
            BadConfig: If it gives no maps, or there is none to choose.

        Source: of each method.
        """
        layer = chosen_layer(question, self.layer)
        maps = self.weighed(seen(question, layer))
        told = f"layer {shown_name(layer)}"
        if not self.signed and not bool(maps.any()):
            told += ", in which nothing speaks for it"
        return Answer(maps, self.signed, notes=(told,))

    @property
    def signed(self) -> bool:
        """Whether values below zero speak against it."""
        return False

    @abstractmethod
    def weighed(self, found: Seen) -> Float[Tensor, "batch rows columns"]:
        """Make one map of all.

        Args:
            found: Maps and gradients.

        Returns:
            A map for each image.

        Source: of each method.
        """
