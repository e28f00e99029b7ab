"""Style transfer: a picture with the content of one and the style of another, descended to pixel by pixel."""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import Any, ClassVar, Literal

import torch
from jaxtyping import Float
from torch import Tensor, nn
from torch.nn import functional as F

from saccade.errors import BadConfig
from saccade.imagine.making.likeness import Likeness, Wanted
from saccade.imagine.making.painting import Painting
from saccade.imagine.making.resizing import resized
from saccade.imagine.making.subject import Imagination, Made, Subject
from saccade.inspect.chain import Link, chain, link_named
from saccade.training.settings import knob

__all__ = ["style_transfer"]

CARDS: dict[str, dict[str, Any]] = {
    "style_transfer": {
        "paper": "A neural algorithm of artistic style", "year": 2015, "arxiv": "1508.06576",
        "needs": "pictures",
        "about": "a picture with the content of one and the style of another; see saccade restyle",
    },
}  # fmt: skip

_STYLED, _CONTENT_GROUP = 5, 3
_LEAST, _PROBED = 16, 256


@dataclass(frozen=True)
class StyleTransfer(Imagination):
    """Descend to a picture whose maps are those of the content, and whose Gram matrices are those of the style.

    Raises:
        BadConfig: If a knob has the wrong type or is out of range, or a layer's weight is no number above 0.

    Source: Gatys, Ecker & Bethge, arXiv 1508.06576; coarse to fine as in Gatys et al., arXiv 1611.07865, section 7.

    Example:
        >>> StyleTransfer(style_layers="relu1_1,relu2_1:0.5").style_weights()
        {'relu1_1': 1.0, 'relu2_1': 0.5}
    """

    needs_image: ClassVar[bool] = True
    needs_guide: ClassVar[bool] = True

    steps: int = knob(200, "passes through the network at each size", 1)
    optimizer: Literal["lbfgs", "adam"] = knob("lbfgs", "what descends")
    step_size: float = knob(0.02, "with adam: the learning rate, of a range of 1", 0.0001, 1)
    content_weight: float = knob(1.0, "what the content costs (alpha)", 0)
    style_weight: float = knob(100.0, "what the style costs (beta)", 0)
    smoothness: float = knob(0.0, "what roughness costs: the total variation", 0)
    content_layers: str = knob("", "layers whose maps are kept, with commas between; none: one in the middle")
    style_layers: str = knob("", "layers whose Gram matrices are matched, such as relu1_1,relu2_1:0.5, with weights")
    content_cost: Literal["mean", "sum"] = knob(
        "mean", "the squared differences over 4 x rows x columns x channels, or half their sum"
    )
    weigh: Literal["even", "plain"] = knob(
        "even", "layers in units of what each costs where it gives nothing, or by the formulas alone"
    )
    pooling: Literal["trained", "average"] = knob(
        "trained", "what pools: as trained, or averages, as the paper prefers"
    )
    start: Literal["content", "noise"] = knob("content", "the picture to begin with")
    scales: int = knob(1, "sizes, each twice the one before, the last as wanted", 1, 8)
    memory: int = knob(0, "MiB that a pass may take, by tiles if need be; 0: as much as it takes", 0)

    def style_weights(self) -> dict[str, float]:
        """Read the layers of style with their weights.

        Returns:
            Each layer with its weight, 1 if none was given; nothing where none is named.

        Raises:
            BadConfig: If a weight is no number above 0.

        Source: ours.
        """
        found: dict[str, float] = {}
        for word in filter(None, (one.strip() for one in self.style_layers.split(","))):
            name, _, weight = word.partition(":")
            try:
                found[name] = float(weight or 1)
            except ValueError:
                found[name] = math.nan
            if not 0 < found[name] < math.inf:
                raise BadConfig(
                    f"got {word!r} as a layer of style; taken are a name, after a colon a number above 0; correct it"
                )
        return found

    def contradictions(self) -> list[str]:
        """List what is wrong with values together."""
        problems = [] if self.content_weight or self.style_weight else ["got neither content nor style; taken is one"]
        try:
            self.style_weights()
        except BadConfig as error:
            problems.append(str(error))
        return problems

    def make(self, subject: Subject) -> Made:
        """Paint.

        Args:
            subject: With the network borrowed, the content as its picture and the style as its guide; perhaps what was
                put away of this very painting.

        Returns:
            The picture, of the size of the content; what is needed to go on, where it was stopped.

        Raises:
            UnknownName: If there is no such layer; the nearest are offered.
            BadConfig: If a layer gives no maps.
            BadCheckpoint: If what was put away is of another painting.
            BadShape: If a picture is too small for the network.
            Diverged: If the cost is no number any more.

        Source: Gatys et al., arXiv 1508.06576, section "Methods".
        """
        if self.pooling == "average":
            _average(subject.network)
        content, resumed = _given(subject.images), subject.resumed
        sizes, values, picture = self._sizes(content), list[float](), self._begun(content, subject)
        first = 0 if resumed is None else int(resumed.described["size"])
        of, notes = len(sizes) * self.steps, ()
        for number in range(first, len(sizes)):
            painting, notes = self._painting(resized(picture, sizes[number]), subject, sizes[number])
            painting.number, painting.values = number, values
            if resumed is not None and number == first:
                painting.restore(resumed)
                values = painting.values
            while painting.done < self.steps:
                painting.step()
                if subject.keep is not None:
                    subject.keep(painting.state)
                at = number * self.steps + painting.done
                shown = resized(painting.picture.detach(), sizes[-1])  # a film has frames of one size
                if subject.watch(at, of, values[-1], shown) and at < of:
                    return Made(shown, tuple(values), notes, whole=False, state=painting.state())
            picture = painting.picture.detach()
        return Made(picture, tuple(values), notes)

    def _painting(
        self, picture: Float[Tensor, "1 channels height width"], subject: Subject, size: tuple[int, int]
    ) -> tuple[Painting, tuple[str, ...]]:
        """A painting of one size, the style shrunk as much as the content is."""
        content, style = _given(subject.images), _given(subject.guide)
        share = max(size) / max(content.shape[2:])
        style = resized(style, (max(_LEAST, round(style.shape[2] * share)), max(_LEAST, round(style.shape[3] * share))))
        content = resized(content, size)
        wanted, notes = self._wanted(subject.network, content)
        cost = Likeness(subject.network, wanted, content=content, style=style, memory=self.memory << 20)
        tiles = (f"{len(cost.tiles)} tiles",) if len(cost.tiles) > 1 else ()
        return Painting(picture, cost, optimizer=self.optimizer, step_size=self.step_size), (*notes, *tiles)

    def _begun(self, content: Float[Tensor, "1 channels height width"], subject: Subject) -> Tensor:
        """The picture to begin with: the content, or noise about its mean colour."""
        if self.start == "content":
            return content
        noise = torch.randn(content.shape, generator=subject.generator()).to(content)
        return (content.mean((2, 3), keepdim=True) + 0.2 * noise).clamp(0, 1)

    def _sizes(self, content: Float[Tensor, "1 channels height width"]) -> list[tuple[int, int]]:
        """(height, width) of each size, the last that of the content; none is smaller than 16 pixels but the last."""
        height, width = content.shape[2], content.shape[3]
        halved = [(round(height / 2**scale), round(width / 2**scale)) for scale in reversed(range(1, self.scales))]
        return [*(size for size in halved if min(size) >= _LEAST), (height, width)]

    def _wanted(
        self, network: nn.Module, content: Float[Tensor, "1 channels height width"]
    ) -> tuple[Wanted, tuple[str, ...]]:
        """Which layers are compared, and what they are called."""
        groups = chain(network, content[:, :, :_PROBED, :_PROBED])
        style = self.style_weights() or {group[0].shown: 1.0 for group in groups[:_STYLED]}
        named = [word.strip() for word in self.content_layers.split(",") if word.strip()] or [_middle(groups).shown]
        wanted = Wanted(
            tuple(link_named(network, groups, word) for word in named),
            {link_named(network, groups, word): weight / sum(style.values()) for word, weight in style.items()},
            self.content_weight, self.style_weight, self.smoothness, self.content_cost, self.weigh == "even",
        )  # fmt: skip
        return wanted, (f"content {', '.join(named)}", f"style {', '.join(style)}", self.optimizer)


def _given(picture: Tensor | None) -> Tensor:
    assert picture is not None  # the sealed call has seen to that
    return picture


def _middle(groups: list[list[Link]]) -> Link:
    """The second link of the fourth resolution, which is VGG's relu4_2, the paper's; else the first of the last."""
    if len(groups) > _CONTENT_GROUP and len(groups[_CONTENT_GROUP]) > 1:
        return groups[_CONTENT_GROUP][1]
    return groups[min(_CONTENT_GROUP, len(groups) - 1)][0]


def _average(network: nn.Module) -> None:
    """Let every max pooling of a borrowed network give averages."""

    def average(module: Any, inputs: tuple[Tensor, ...], _output: Any) -> Tensor:
        return F.avg_pool2d(inputs[0], module.kernel_size, module.stride, module.padding, module.ceil_mode)

    for part in network.modules():
        if isinstance(part, nn.MaxPool2d):
            part.register_forward_hook(average)


style_transfer = StyleTransfer
