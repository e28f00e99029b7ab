"""To paint any picture in one style, at once."""

from __future__ import annotations

import functools
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
import torch
from jaxtyping import Float, Int, Shaped
from PIL.Image import Image
from torch import Tensor, nn

from saccade.data.preprocess import preprocess, reduced, spread, to_images
from saccade.data.reading import read_image
from saccade.errors import BadConfig, BadShape, UnknownName, printable
from saccade.layers.arguments import is_number
from saccade.losses.extractor import Extractor
from saccade.losses.perceptual import Grams, content_distances, grams_of, roughness, style_distances
from saccade.metrics.style import StyleMetric
from saccade.types.asked import Asked
from saccade.types.batch import Batch
from saccade.types.drawing import as_picture
from saccade.types.made_picture import MadePicture, as_pixels
from saccade.types.preprocessing import Preprocessing
from saccade.types.sample import Sample

__all__ = ["style"]

Outputs = Mapping[str, Float[Tensor, "batch ..."]]
_LONGEST = 256  # pixels of the longer side at which a style picture is looked at, as in the paper
_FLAT = 1e-3  # of a style picture whose levels deviate by less there is nothing to learn


@dataclass(frozen=True)
class StyleTask:
    """To paint any picture in the style of one.

    Args:
        labels: None; there are no classes.
        style_image: The file of the picture whose style is learnt; "" where nothing is learnt or judged.
        extractor: The network that style and content are read from: an architecture, or a model file.
        extractor_weights: A .safetensors file with its weights; "" for a model file.
        content: How much the content counts.
        style: How much the style counts.
        smoothness: How much it counts that neighbouring pixels are alike.

    Raises:
        BadConfig: If a number is out of range; all that is wrong is listed.

    Source: Johnson et al., arXiv 1603.08155.
    """

    labels: tuple[str, ...] = ()
    style_image: str = ""
    extractor: str = "vgg19_normalised"
    extractor_weights: str = ""
    content: float = 1.0
    style: float = 5.0
    smoothness: float = 0.1

    def __post_init__(self) -> None:
        problems = [
            f"got {name}={value!r}; taken is a number, 0 or more; leave it out for the usual one"
            for name in ("content", "style", "smoothness")
            if not is_number(value := getattr(self, name)) or not 0 <= value < float("inf")
        ]
        if problems:
            raise BadConfig("\n".join(problems))

    makes_pictures = True
    """Whether predictions are pictures, as large as what they were made of."""

    @property
    def name(self) -> str:
        """The name in the catalogue."""
        return "style"

    @property
    def headline(self) -> tuple[str, bool]:
        """The weighted sum of the costs decides which epoch is best; lower is better."""
        return "cost", False

    def check(self) -> None:
        """Refuse what cannot be learnt, before anything else is done.

        Raises:
            BadConfig: If there is no style picture, or it has one colour; or no such file for the extractor.
            BadImage: If the style picture cannot be read.
            UnknownName: If there is no such extractor.
            BadCheckpoint: If its weights cannot be used.
        """
        self._wanted(torch.device("cpu"))

    def groups(self, network: nn.Module) -> dict[str, list[nn.Parameter]]:
        """Put every parameter into one group; the extractor is no part of the network."""
        return {"all": list(network.parameters())}

    def targets(self, targets: Sequence[Any]) -> Int[Tensor, " batch"]:
        """Give a 0 for each sample: a picture is a picture, whatever is known of it."""
        return torch.zeros(len(targets), dtype=torch.int64)

    def loss(self, network: nn.Module, batch: Batch, group: str = "all") -> dict[str, Float[Tensor, ""]]:
        """Run the network, then the extractor on what went in and what came out.

        Args:
            network: Paints.
            batch: Pictures.
            group: Only "all".

        Returns:
            "content", "style" and "smoothness", weighted, each on the mean over the pictures; those of weight 0 are
            left out.

        Raises:
            UnknownName: If there is no such group.
            BadConfig: If there is no style picture.
            BadShape: If the network gives no pictures of that size.

        Source: Johnson et al. 2016, equation 5.
        """
        if group != "all":
            raise UnknownName("group", group, ["all"])
        outputs = network(batch.images)
        _check_outputs(outputs, batch)
        measured = self._costs(outputs)
        weights = {"content": self.content, "style": self.style, "smoothness": self.smoothness}
        return {name: weight * measured[name].mean() for name, weight in weights.items() if weight}

    def decode(self, outputs: Outputs, batch: Batch) -> list[MadePicture]:
        """Give the pictures that were painted.

        Args:
            outputs: Of a network that paints.
            batch: The images they are about.

        Returns:
            As many as images.

        Raises:
            BadData: If a number is not finite; the image is named.
            BadShape: If the network gives no pictures of that size.

        Source: ours.
        """
        _check_outputs(outputs, batch)
        keys = batch.keys or ("",) * len(batch)
        painted, style = outputs["picture"].detach().float().cpu().numpy(), Path(self.style_image).stem
        kind = f"in the style of {style}" if style else "painted"
        return [MadePicture(key, as_pixels(one, key), kind) for key, one in zip(keys, painted, strict=True)]

    def metric(self) -> StyleMetric:
        """Start a new metric; raises what `check` does."""
        self.check()
        return StyleMetric(self._judged)

    def asked(self, outputs: Outputs, about: Any = None) -> list[Asked]:
        """Say about what each image is asked: the style, since there is nothing else.

        Args:
            outputs: Of a network that paints.
            about: None, "style", or what this gave.

        Returns:
            The same for each image.

        Raises:
            UnknownName: If anything else is asked about.

        Source: ours.
        """
        if isinstance(about, str) and about != "style":
            raise UnknownName("question", about, ["style"])
        return [Asked(None, "style")] * len(outputs["picture"])

    def score(self, outputs: Outputs, about: Any = None) -> Float[Tensor, " batch"]:
        """Say how near each picture is to the style: minus its distance.

        Args:
            outputs: Of a network that paints.
            about: As for `asked`.

        Returns:
            One number for each image, 0 the highest.

        Raises:
            UnknownName: If anything but the style is asked about.
            BadConfig: If there is no style picture.

        Source: ours.
        """
        self.asked(outputs, about)
        return -self._costs(outputs)["style"]

    def confidence_in(self, outputs: Outputs, asked: Sequence[Asked]) -> Float[Tensor, " batch"]:
        """Give the same as a number from 0, far from the style, to 1, the style itself.

        Args:
            outputs: Of a network that paints.
            asked: Of each image.

        Returns:
            1 / (1 + distance), one for each image.

        Source: ours.
        """
        return 1 / (1 - self.score(outputs, asked))

    def draw(self, sample: Sample, prediction: MadePicture) -> Image:
        """Draw what was painted, as large as the image it is of.

        Args:
            sample: The image.
            prediction: What was painted.

        Returns:
            The picture, without a word on it.

        Source: ours.
        """
        height, width = sample.image.shape[:2]
        painted = as_picture(prediction.pixels)
        return painted if painted.size == (width, height) else painted.resize((width, height))

    def _costs(self, outputs: Outputs) -> dict[str, Float[Tensor, " batch"]]:
        """Each distance of each picture, not weighted."""
        images, painted = outputs["images"].float(), outputs["picture"].float()
        wanted = self._wanted(painted.device)
        maps = self._eyes(painted)
        with torch.no_grad():
            content = self._eyes.content(self._eyes(images))
        return {
            "content": content_distances(self._eyes.content(maps), content.detach()),
            "style": style_distances(maps, wanted),
            "smoothness": roughness(painted),
        }

    def _judged(self, outputs: Outputs) -> dict[str, Float[Tensor, " batch"]]:
        """The figures of each picture; the one that decides first."""
        costs = self._costs(outputs)
        before = style_distances(self._eyes(outputs["images"].float()), self._wanted(outputs["images"].device))
        whole = self.content * costs["content"] + self.style * costs["style"] + self.smoothness * costs["smoothness"]
        return {
            "cost": whole,
            "style_cost": costs["style"],
            "style_cost_before": before,
            "content_cost": costs["content"],
        }

    @functools.cached_property
    def _eyes(self) -> Extractor:
        return Extractor(self.extractor, self.extractor_weights)

    def _wanted(self, device: torch.device) -> Grams:
        return {layer: gram.to(device) for layer, gram in self._grams.items()}

    @functools.cached_property
    def _grams(self) -> Grams:
        picture = _looked_at(self.style_image, self._eyes.in_channels)
        with torch.no_grad():
            return {layer: gram.clone() for layer, gram in grams_of(self._eyes(picture)).items()}


def _looked_at(path: str, channels: int) -> Float[Tensor, "1 channels height width"]:
    """Read the style picture, its longer side 256 pixels, or as many as it has."""
    if not path:
        raise BadConfig(
            "got no style picture; taken for style is one, and the run that learnt it knows which; give --style-image "
            "FILE, or the folder of the run"
        )
    if not Path(path).expanduser().is_file():
        raise BadConfig(f"got style_image={printable(path)}, where no file is; taken is a picture; check the path")
    image: Shaped[np.ndarray, "height width channels"] = read_image(Path(path).expanduser())
    longer = max(image.shape[:2])
    if longer > _LONGEST:
        smaller = tuple(max(1, round(side * _LONGEST / longer)) for side in image.shape[:2])
        flat = Preprocessing((smaller[0], smaller[1]), channels, (0.0,) * channels, (1.0,) * channels, "stretch")
        image = preprocess(image, flat)
    picture = to_images([spread(reduced(image, channels), channels)])
    if float(picture.std((2, 3)).max()) < _FLAT:
        raise BadConfig(
            f"got style_image={printable(path)}, a picture of one colour; taken are pictures on which something is "
            "painted; choose another"
        )
    return picture


def _check_outputs(outputs: Any, batch: Batch) -> None:
    painted = outputs.get("picture") if isinstance(outputs, Mapping) else None
    if not isinstance(painted, Tensor) or painted.shape != batch.images.shape:
        told = f"a picture of shape {tuple(painted.shape)}" if isinstance(painted, Tensor) else "no picture"
        raise BadShape(
            f"got {told} for images of shape {tuple(batch.images.shape)}; taken is a picture as large as each image; "
            "take style_network"
        )


def style(
    labels: Sequence[str] = (),
    *,
    style_image: str = "",
    extractor: str = "vgg19_normalised",
    extractor_weights: str = "",
    content_weight: float = 1.0,
    style_weight: float = 5.0,
    smoothness_weight: float = 0.1,
) -> StyleTask:
    """Make the task of painting in the style of a picture.

    Args:
        labels: Of no use; there are no classes.
        style_image: The file of the picture, whose longer side is looked at as 256 pixels; its strokes become as large.
        extractor: The network that style and content are read from: an architecture, or a model file.
        extractor_weights: A .safetensors file with its weights; "" for a model file.
        content_weight: How much the content counts.
        style_weight: How much the style counts.
        smoothness_weight: How much it counts that neighbouring pixels are alike.

    Returns:
        The task.

    Raises:
        BadConfig: If a number is out of range; all that is wrong is listed.

    Source: Johnson et al., arXiv 1603.08155.

    Example:
        >>> style().headline
        ('cost', False)
    """
    del labels
    return StyleTask((), style_image, extractor, extractor_weights, content_weight, style_weight, smoothness_weight)
