"""Pictures strewn so that those lie together which a network takes for alike."""

from __future__ import annotations

import warnings
from dataclasses import dataclass
from typing import Any

import numpy as np
import torch
from sklearn.manifold import TSNE
from torch import Tensor, nn

from saccade.errors import BadConfig
from saccade.explanations.asking.looking import Look, View
from saccade.inspect.layer_maps import layer_named, shown_name
from saccade.training.settings import knob
from saccade.types.sheet import Sheet, Tile

__all__ = ["tsne"]

CARDS: dict[str, dict[str, Any]] = {
    "tsne": {
        "paper": "Visualizing data using t-SNE", "year": 2008, "arxiv": "",
        "about": "images strewn so that those lie together that the network takes for alike",
    },
}  # fmt: skip

_FEWEST, _MOST = 4, 5000


@dataclass(frozen=True)
class Tsne(Look):
    """Place pictures in the plane by what a layer gives for them, by t-SNE.

    Raises:
        BadConfig: If a knob has the wrong type or is out of range.

    Source: van der Maaten & Hinton, 2008, JMLR 9:2579-2605; the algorithm is scikit-learn's.

    Example:
        >>> Tsne(perplexity=10.0).perplexity
        10.0
    """

    layer: str = knob("", "what it gives; none: what the last dense layer takes")
    perplexity: float = knob(30.0, "about how many neighbours count; less where there are few images", 1)
    thumbnail: int = knob(40, "pixels a side of each image", 8)

    def see(self, view: View) -> Sheet:
        """Go through the pictures, and place them.

        Args:
            view: With pictures, at most 5,000.

        Returns:
            The pictures where t-SNE puts them, each with a border of the colour of the class that the network gives it,
            if it gives classes.

        Raises:
            UnknownName: If there is no such layer; the nearest are offered.
            BadConfig: If there are fewer than four pictures or too many, or the network has no dense layer and none is
                named.

        Source: van der Maaten & Hinton, 2008.
        """
        layer, takes = self._layer(view.network)
        kept, tiles, vectors = list[Tensor](), list[Tile](), list[np.ndarray]()

        def keep(_module: nn.Module, inputs: Any, output: Any) -> None:
            kept[:] = [inputs[0] if takes else output]

        handle = view.network.get_submodule(layer).register_forward_hook(keep)
        try:
            for one in view.one_by_one():
                outputs = view.network(one.images)
                found = kept[0][0]
                vectors.append(found.float().cpu().numpy().ravel() if found.dim() < 3 else _pooled(found))
                tiles.append(Tile(one.picture, one.key, _class_of(outputs, view.labels)))
                if len(tiles) > _MOST:
                    raise BadConfig(f"got more than {_MOST} images; taken are as many at most; leave some out")
        finally:
            handle.remove()
        if len(tiles) < _FEWEST:
            raise BadConfig(f"got {len(tiles)} images; taken are {_FEWEST} or more; add some")
        places = self._placed(np.stack(vectors), view.seed)
        what = f"what layer {shown_name(layer)} {'takes' if takes else 'gives'}, {len(vectors[0])} numbers"
        return Sheet("t-SNE", tuple(tiles), side=self.thumbnail, places=places, notes=(what, f"{len(tiles)} images"))

    def _layer(self, network: nn.Module) -> tuple[str, bool]:
        """The layer, and whether what it takes is meant."""
        if self.layer:
            return layer_named(network, self.layer), False
        dense = [name for name, part in network.named_modules() if isinstance(part, nn.Linear)]
        if not dense:
            raise BadConfig("got a network without a dense layer; taken is one with, or a layer by name; name one")
        return dense[-1], True

    def _placed(self, vectors: np.ndarray, seed: int) -> np.ndarray:
        perplexity = min(self.perplexity, (len(vectors) - 1) / 3)
        with warnings.catch_warnings():
            warnings.simplefilter("ignore", RuntimeWarning)  # of vectors that are all the same
            method = TSNE(perplexity=max(1.0, perplexity), init="pca", random_state=seed)
            found = method.fit_transform(vectors.astype(np.float32))
        low, high = found.min(0), found.max(0)
        return (found - low) / np.where(high > low, high - low, 1)


def _pooled(maps: Tensor) -> np.ndarray:
    """The mean of each map."""
    return maps.flatten(1).mean(1).float().cpu().numpy()


def _class_of(outputs: Any, labels: tuple[str, ...]) -> str:
    if not isinstance(outputs, Tensor) or outputs.dim() != 2 or outputs.shape[1] != len(labels):
        return ""
    return labels[int(torch.argmax(outputs[0]))]


tsne = Tsne
