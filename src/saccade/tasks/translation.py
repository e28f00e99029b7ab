"""Translation between two kinds of pictures, of which no two belong together."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
import torch
from jaxtyping import Float, Int
from PIL.Image import Image
from torch import Tensor, nn

from saccade.errors import BadConfig, BadLabel, UnknownName
from saccade.layers.arguments import is_number
from saccade.layers.translator import KINDS, Translator
from saccade.losses.least_squares import least_squares, mean_or_zero
from saccade.metrics.translation import TranslationMetric
from saccade.types.asked import Asked
from saccade.types.batch import Batch
from saccade.types.classes import classes_asked
from saccade.types.drawing import as_picture
from saccade.types.made_picture import MadePicture, as_pixels
from saccade.types.sample import Sample

__all__ = ["translation"]

Outputs = dict[str, Float[Tensor, "batch ..."]]
_GROUPS = ("generators", "critics")


@dataclass(frozen=True)
class TranslationTask:
    """To make of each picture of one kind one of the other kind.

    Args:
        labels: The names of the two kinds; () where they have none.
        cycle: λ: how much a picture counts that comes back as another.
        identity: How much of λ a picture counts that is of the kind already, and is changed all the same.
        to: Into which kind pictures are made that are predicted: 0 or 1.

    Raises:
        BadConfig: If there are not two kinds, or a weight is below 0; all that is wrong is listed.

    Source: Zhu et al., arXiv 1703.10593.
    """

    labels: tuple[str, ...] = ()
    cycle: float = 10.0
    identity: float = 0.5
    to: int = 1

    def __post_init__(self) -> None:
        problems = []
        if len(self.labels) not in (0, 2):
            problems.append(
                f"got {len(self.labels)} kinds of pictures ({', '.join(self.labels[:3])}…); taken for translation are "
                "two; leave the others out"
            )
        for name in ("cycle", "identity"):
            value = getattr(self, name)
            if not is_number(value) or not 0 <= value < float("inf"):
                problems.append(f"got {name}={value!r}; taken is a number, 0 or more; the paper has 10 and 0.5")
        if self.to not in (0, 1):
            problems.append(f"got to={self.to!r}; taken are 0 and 1, the two kinds; choose one")
        if problems:
            raise BadConfig("\n".join(problems))

    in_turn = True
    """Whether samples of both kinds take turns in an epoch, so that a batch has as many of each."""

    makes_pictures = True
    """Whether predictions are pictures, as large as what they were made of."""

    @property
    def name(self) -> str:
        """The name in the catalogue."""
        return "translation"

    @property
    def headline(self) -> tuple[str, bool]:
        """The distance between made and real pictures decides which epoch is best; lower is better."""
        return "distance", False

    def groups(self, network: nn.Module) -> dict[str, list[nn.Parameter]]:
        """Put the parameters of the generators into one group, those of the critics into another.

        Args:
            network: With two generators and two critics.

        Returns:
            Both groups, in the order in which they are stepped.

        Raises:
            BadConfig: If the network is no such network.

        Source: ours.
        """
        bare = translator(network)
        return {
            "generators": [*bare.to_a.parameters(), *bare.to_b.parameters()],
            "critics": [*bare.critic_a.parameters(), *bare.critic_b.parameters()],
        }

    def targets(self, targets: Sequence[Any]) -> Int[Tensor, " batch"]:
        """Encode the kind of each sample.

        Args:
            targets: 0 or 1 for each.

        Returns:
            The same.

        Raises:
            BadLabel: If one is neither.

        Source: ours.

        Example:
            >>> TranslationTask(("horse", "zebra")).targets([1, 0]).tolist()
            [1, 0]
        """
        for target in targets:
            if isinstance(target, bool) or not isinstance(target, int | np.integer) or target not in (0, 1):
                told = repr(target) if isinstance(target, int | float | str) else type(target).__name__
                raise BadLabel(
                    f"got {told} as the kind of a picture; taken are 0 and 1, the folders A and B, without partners; "
                    "give two folders of pictures"
                )
        return torch.tensor([int(target) for target in targets], dtype=torch.int64)

    def loss(self, network: nn.Module, batch: Batch, group: str = "generators") -> dict[str, Float[Tensor, ""]]:
        """Run the network and give the terms of one side.

        Each term is the mean over the pictures of one kind, plus that over those of the other: kinds count the same,
        however many of each there are in the batch.

        Args:
            network: With two generators and two critics.
            batch: With kinds as its targets.
            group: "generators": "fool", what the critics say of what was made; "cycle", what a picture is changed by on
                the way there and back; "identity", what it is changed by where it is of that kind already. "critics":
                "real" and "fake", each halved, with some old pictures among those that were made.

        Returns:
            The terms by name.

        Raises:
            UnknownName: If there is no such group.
            BadConfig: If the network is none with generators and critics.

        Source: Zhu et al. 2017, equations 1 to 3 with least squares (section 4), and section 5.2 for the identity.
            Differences are counted in [−1, 1], as there.
        """
        if group not in _GROUPS:
            raise UnknownName("group", group, _GROUPS)
        bare = translator(network)
        images = {kind: batch.images[batch.targets == number] for number, kind in enumerate(KINDS)}
        return self._critics(bare, images) if group == "critics" else self._generators(bare, images)

    def _generators(self, network: Translator, images: dict[str, Tensor]) -> dict[str, Tensor]:
        zero = mean_or_zero(images["a"].new_zeros(0))
        fool, cycle, identity = zero, zero, zero
        for other, kind in (KINDS, KINDS[::-1]):
            sources, own = images[other], images[kind] if self.identity else images[kind][:0]
            if not len(sources) + len(own):
                continue
            passed = network.translated(torch.cat([sources, own]), kind)
            made, same = passed[: len(sources)], passed[len(sources) :]
            identity = identity + _difference(same, own)
            if len(made):
                fool = fool + least_squares(network.opinions(made, kind), 1.0)
                cycle = cycle + _difference(network.translated(made, other), sources)
        terms = {"fool": fool, "cycle": self.cycle * cycle}
        return {**terms, "identity": self.cycle * self.identity * identity} if self.identity else terms

    def _critics(self, network: Translator, images: dict[str, Tensor]) -> dict[str, Tensor]:
        real = fake = mean_or_zero(images["a"].new_zeros(0))
        for other, kind in (KINDS, KINDS[::-1]):
            if len(images[kind]):
                real = real + 0.5 * least_squares(network.opinions(images[kind], kind), 1.0)
            if len(images[other]):
                with torch.no_grad():
                    made = network.translated(images[other], kind)
                shown = network.get_submodule(f"pool_{kind}")(made)
                fake = fake + 0.5 * least_squares(network.opinions(shown, kind), 0.0)
        return {"real": real, "fake": fake}

    def decode(self, outputs: Outputs, batch: Batch) -> list[MadePicture]:
        """Turn what the network made into pictures of the kind that is wanted.

        Args:
            outputs: Of a translator.
            batch: The images they are about.

        Returns:
            As many pictures as images.

        Raises:
            BadData: If a number is not finite; the image is named.

        Source: ours.
        """
        kind = KINDS[self.to]
        made, said = (outputs[f"{part}_{kind}"].detach().float().cpu().numpy() for part in ("to", "opinion"))
        keys = batch.keys or ("",) * len(batch)
        return [
            MadePicture(key, as_pixels(picture, key), self._called(self.to), float(np.clip(opinion, 0, 1)))
            for key, picture, opinion in zip(keys, made, said, strict=True)
        ]

    def metric(self) -> TranslationMetric:
        """Start a new metric."""
        return TranslationMetric()

    def asked(self, outputs: Outputs, about: Any = None) -> list[Asked]:
        """Say about which kind each image is asked: whether what is made of it passes for one of that kind.

        Args:
            outputs: Of a translator, for the images as they are.
            about: As for `score`.

        Returns:
            A kind for each image.

        Raises:
            UnknownName: If no kind has that name.
            BadLabel: If there is no kind of that number.

        Source: ours.
        """
        opinions = _both(outputs)
        if about is None:
            about = [self.to] * len(opinions)
        return classes_asked(opinions, about, self.labels)

    def score(self, outputs: Outputs, about: Any = None) -> Float[Tensor, " batch"]:
        """Give a critic's opinion of what was made of each image: near 1 real, near 0 made.

        Args:
            outputs: Of a translator.
            about: A kind, by name or id; one for each image, in a list or tensor; None is the kind that is wanted.

        Returns:
            One opinion for each image, as the critic gives it.

        Raises:
            UnknownName: If no kind has that name.
            BadLabel: If there is no kind of that number.

        Source: ours.
        """
        opinions = _both(outputs)
        rows = torch.tensor([one.class_id or 0 for one in self.asked(outputs, about)], device=opinions.device)
        return opinions.gather(1, rows[:, None])[:, 0]

    def confidence_in(self, outputs: Outputs, asked: Sequence[Asked]) -> Float[Tensor, " batch"]:
        """Give the same, cut to [0, 1].

        Args:
            outputs: Of a translator.
            asked: Of each image.

        Returns:
            In [0, 1], one for each image.

        Source: ours.
        """
        return self.score(outputs, asked).clamp(0, 1)

    def draw(self, sample: Sample, prediction: MadePicture) -> Image:
        """Draw what was made, as large as the image it was made of.

        Args:
            sample: The image.
            prediction: What was made of it.

        Returns:
            The picture that was made, without a word on it.

        Source: ours.
        """
        height, width = sample.image.shape[:2]
        made = as_picture(prediction.pixels)
        return made if made.size == (width, height) else made.resize((width, height))

    def _called(self, kind: int) -> str:
        return self.labels[kind] if self.labels else KINDS[kind].upper()


def translator(network: nn.Module) -> Translator:
    """Take a network of two generators and two critics out of its normalisation, which changes nothing for it.

    Args:
        network: With or without one in front.

    Returns:
        The network itself.

    Raises:
        BadConfig: If it is another one.

    Source: ours.
    """
    bare = getattr(network, "network", network)
    if not isinstance(bare, Translator):
        raise BadConfig(
            f"got a {type(bare).__name__} for translation; taken are networks of two generators and two critics; take "
            "cycle_gan, or make a saccade.layers.translator.Translator of yours"
        )
    return bare


def _both(outputs: Outputs) -> Float[Tensor, "batch 2"]:
    return torch.stack([outputs[f"opinion_{kind}"] for kind in KINDS], 1)


def _difference(made: Tensor, wanted: Tensor) -> Float[Tensor, ""]:
    """The mean absolute difference of levels in [−1, 1], which is twice that in [0, 1]."""
    return 2 * mean_or_zero((made.float() - wanted.float()).abs())


def translation(
    labels: Sequence[str] = (), *, cycle_weight: float = 10.0, identity_weight: float = 0.5, to: int = 1
) -> TranslationTask:
    """Make the task of translating between two kinds of pictures.

    Args:
        labels: The names of the two kinds; may be left out.
        cycle_weight: How much a picture counts that comes back as another.
        identity_weight: How much of that a picture counts that is of the kind already, and is changed all the same; 0
            saves the time.
        to: Into which kind pictures are made that are predicted: 0 or 1.

    Returns:
        The task.

    Raises:
        BadConfig: If there are not two kinds, or a weight is below 0; all that is wrong is listed.

    Source: Zhu et al., arXiv 1703.10593.

    Example:
        >>> translation(["horse", "zebra"]).headline
        ('distance', False)
    """
    return TranslationTask(tuple(labels), cycle_weight, identity_weight, to)
