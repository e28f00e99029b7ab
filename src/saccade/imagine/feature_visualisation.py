"""Feature visualisation: the picture that excites a neuron, a channel or a whole layer most, made from nothing."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from jaxtyping import Float
from torch import Tensor

from saccade.errors import BadConfig
from saccade.imagine.making.climbing import Climb
from saccade.imagine.making.subject import Made, Subject
from saccade.inspect.layer_maps import layer_with_maps, shown_name
from saccade.inspect.reading import Reader
from saccade.training.settings import knob

__all__ = ["feature_visualisation"]

CARDS: dict[str, dict[str, Any]] = {
    "feature_visualisation": {
        "paper": "Feature visualization", "year": 2017, "arxiv": "",
        "needs": "",
        "about": "the picture that excites a neuron, some channels or a whole layer most, from nothing",
    },
}  # fmt: skip


@dataclass(frozen=True)
class FeatureVisualisation(Climb):
    """Raise what part of a layer gives: all of it, some channels, or one place of them.

    Raises:
        BadConfig: If a knob has the wrong type or is out of range, or a place is not two numbers.

    Source: Olah et al., "Feature visualization", Distill 2017; Erhan et al., "Visualizing higher-layer features", 2009.

    Example:
        >>> FeatureVisualisation(layer="layer3", channels=(7,)).channels
        (7,)
    """

    layer: str = knob("", "whose answers are raised; none: the last with maps of 4 × 4 or more")
    channels: tuple[int, ...] = knob((), "of that layer; none: all of them, by the mean of their squares", 0)
    place: tuple[int, ...] = knob((), "row and column of one neuron in its map; none: the mean of all places", 0)

    def contradictions(self) -> list[str]:
        """List what is wrong with values together."""
        if len(self.place) in (0, 2):
            return []
        return [f"got place={self.place}; taken are a row and a column; give two numbers"]

    def make(self, subject: Subject) -> Made:
        """Climb to what excites the layer.

        Args:
            subject: With the network borrowed.

        Returns:
            The picture.

        Raises:
            UnknownName: If there is no such layer; the nearest are offered.
            BadConfig: If it gives no maps, or has no such channel or place.

        Source: Olah et al., "Feature visualization", Distill 2017, section "Optimization objectives".
        """
        layer = layer_with_maps(subject.network, subject.nothing(), self.layer)
        reader = Reader(subject.network, [layer])
        chosen, told = self._chosen(reader(subject.nothing())[layer], layer)

        def value(picture: Float[Tensor, "1 channels height width"]) -> Tensor:
            return chosen(reader(picture)[layer])

        return self.climb(value, subject, (told, f"{self.steps} steps from {self.start}"))

    def _chosen(self, maps: Float[Tensor, "1 width rows columns"], layer: str) -> tuple[Any, str]:
        """What is raised, and what it is called."""
        name, (count, rows, columns) = shown_name(layer), maps.shape[1:]
        if bad := [channel for channel in self.channels if channel >= count]:
            raise BadConfig(
                f"got channel {bad[0]} of {name!r}, which has {count}; taken are 0 to {count - 1}; change it"
            )
        if self.place and (self.place[0] >= rows or self.place[1] >= columns):
            raise BadConfig(
                f"got place {self.place[0]},{self.place[1]} of {name!r}, whose maps are {rows} × {columns}; taken are "
                f"0,0 to {rows - 1},{columns - 1}; change it"
            )
        row, column = self.place or (slice(None), slice(None))
        where = f" at {self.place[0]},{self.place[1]}" if self.place else ""
        if not self.channels:
            return lambda maps: maps[:, :, row, column].square().mean(), f"layer {name}{where}"
        wanted = list(self.channels)
        listed = ", ".join(map(str, wanted))
        told = f"channel{'s' if len(wanted) > 1 else ''} {listed} of layer {name}{where}"
        return lambda maps: maps[:, wanted][:, :, row, column].mean(), told


feature_visualisation = FeatureVisualisation
