"""Any number of classes for each image, each present or not on its own."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import torch
from jaxtyping import Float
from PIL.Image import Image
from torch import Tensor, nn

from saccade.errors import BadConfig, UnknownName
from saccade.losses.auxiliary import classifier_losses
from saccade.losses.binary_cross_entropy import binary_cross_entropy
from saccade.metrics.multi_label import MultiLabelMetric
from saccade.types.asked import Asked
from saccade.types.batch import Batch
from saccade.types.classes import check_options, class_scores, class_sets, classes_asked, names_of
from saccade.types.classification import ClassPrediction
from saccade.types.drawing import BAD, GOOD, INK, as_picture, caption, enlarge
from saccade.types.sample import Sample

__all__ = ["multi_label"]


@dataclass(frozen=True)
class MultiLabelTask:
    """Any number of classes for each image, each present or not on its own.

    Args:
        labels: The names of the classes, in the order of their ids.
        label_smoothing: Share of doubt in each target.
        class_weights: How much the presence of each class counts beside its absence; () when both count the same.
        threshold: From which probability on a class is taken as present.

    Raises:
        BadConfig: If the smoothing, a weight or the threshold is out of range; all that is wrong is listed.

    Source: ours.
    """

    labels: tuple[str, ...] = ()
    label_smoothing: float = 0.0
    class_weights: tuple[float, ...] = ()
    threshold: float = 0.5

    def __post_init__(self) -> None:
        check_options(self.labels, self.label_smoothing, self.class_weights, self.threshold)

    @property
    def name(self) -> str:
        """The name in the catalogue."""
        return "multi_label"

    @property
    def headline(self) -> tuple[str, bool]:
        """Mean average precision, which needs no threshold, decides which epoch is best; higher is better."""
        return "mean_average_precision", True

    def groups(self, network: nn.Module) -> dict[str, list[nn.Parameter]]:
        """Put every parameter into one group."""
        return {"all": list(network.parameters())}

    def targets(self, targets: Sequence[Any]) -> Float[Tensor, "batch classes"]:
        """Encode the classes of each sample as zeros and ones.

        Args:
            targets: A tuple of ids for each; () for an image that has none.

        Returns:
            1 where the image has the class.

        Raises:
            BadConfig: If the task has no labels, so that the number of classes is not known.
            BadLabel: If a target is no tuple of whole numbers, or one of them is no class; all such are listed.

        Source: ours.

        Example:
            >>> MultiLabelTask(("cat", "dog")).targets([(0, 1), ()]).tolist()
            [[1.0, 1.0], [0.0, 0.0]]
        """
        if not self.labels:
            raise BadConfig(
                "got a multi_label task without labels; taken are the names of all classes; call multi_label(labels)"
            )
        encoded = torch.zeros(len(targets), len(self.labels))
        for row, ids in enumerate(class_sets(targets, self.labels)):
            encoded[row, list(ids)] = 1
        return encoded

    def loss(self, network: nn.Module, batch: Batch, group: str = "all") -> dict[str, Float[Tensor, ""]]:
        """Run the network and compare its logits with the zeros and ones.

        Args:
            network: Takes images, gives logits.
            batch: With encoded targets.
            group: Only "all".

        Returns:
            The term "binary_cross_entropy"; and "auxiliary" from a network with auxiliary classifiers, while it trains.

        Raises:
            UnknownName: If there is no such group.

        Source: ours.
        """
        if group != "all":
            raise UnknownName("group", group, ["all"])

        def criterion(logits: Tensor) -> Tensor:
            weights = logits.new_tensor(self.class_weights) if self.class_weights else None
            smoothing = self.label_smoothing
            return binary_cross_entropy(logits, batch.targets, label_smoothing=smoothing, positive_weights=weights)

        return classifier_losses(network, batch.images, "binary_cross_entropy", criterion=criterion)

    def decode(self, outputs: Float[Tensor, "batch classes"], batch: Batch) -> list[ClassPrediction]:
        """Turn logits into a prediction for each image.

        Args:
            outputs: Logits.
            batch: The images they are about.

        Returns:
            As many predictions as images.

        Raises:
            BadData: If a logit is NaN; the image is named.

        Source: ours.
        """
        names = names_of(self.labels, outputs.shape[1])
        probabilities = outputs.detach().float().sigmoid().cpu().numpy()
        keys = batch.keys or ("",) * len(batch)
        return [
            ClassPrediction(key, names, row, multi_label=True, threshold=self.threshold)
            for key, row in zip(keys, probabilities, strict=True)
        ]

    def metric(self) -> MultiLabelMetric:
        """Start a new metric."""
        return MultiLabelMetric(self.labels, threshold=self.threshold)

    def asked(self, outputs: Float[Tensor, "batch classes"], about: Any = None) -> list[Asked]:
        """Say which class of each image is asked about, once and for all.

        Args:
            outputs: Logits for the images as they are.
            about: As for `score`.

        Returns:
            A class for each image.

        Raises:
            UnknownName: If no class has that name; the nearest are offered.
            BadLabel: If there is no class of that number.

        Source: ours.
        """
        return classes_asked(outputs, about, self.labels)

    def confidence_in(self, outputs: Float[Tensor, "batch classes"], asked: Sequence[Asked]) -> Float[Tensor, " batch"]:
        """Give the probability of the class that is asked about, which people read more easily than a logit.

        Args:
            outputs: Logits.
            asked: Of each image.

        Returns:
            In [0, 1], one for each image.

        Source: ours.
        """
        return class_scores(outputs.sigmoid(), asked, self.labels)

    def score(self, outputs: Float[Tensor, "batch classes"], about: Any = None) -> Float[Tensor, " batch"]:
        """Give the logit of a class, which is what explanations and attacks differentiate.

        Args:
            outputs: Logits.
            about: A class, by name or id; one for each image, in a list or tensor; None is each image's likeliest.

        Returns:
            One logit for each image.

        Raises:
            UnknownName: If no class has that name; the nearest are offered.
            BadLabel: If there is no class of that number.

        Source: Simonyan et al., 2014 (arXiv 1312.6034), section 2.
        """
        return class_scores(outputs, about, self.labels)

    def draw(self, sample: Sample, prediction: ClassPrediction) -> Image:
        """Draw what was said of an image below it, a line for each class; right and wrong are marked if known.

        Args:
            sample: The image.
            prediction: What was said of it.

        Returns:
            A picture as wide as the image; a small image is enlarged a whole number of times, so that text fits.

        Source: ours.
        """
        picture = enlarge(as_picture(sample.image))
        said = [(name, chance) for name, chance in prediction.top(len(prediction.names)) if name in prediction.labels]
        if sample.target is None:
            return caption(picture, [(_told(*one), INK) for one in said] or [("nothing", INK)])
        true = {prediction.names[at] for at in class_sets([sample.target], prediction.names)[0]}
        lines = [(f"✓ {_told(*one)}", GOOD) if one[0] in true else (f"✗ {_told(*one)}", BAD) for one in said]
        missed = [(f"missed {name}", BAD) for name in prediction.names if name in true - set(prediction.labels)]
        return caption(picture, lines + missed or [("✓ nothing", GOOD)])


def multi_label(
    labels: Sequence[str] = (),
    *,
    label_smoothing: float = 0.0,
    class_weights: Sequence[float] = (),
    threshold: float = 0.5,
) -> MultiLabelTask:
    """Make the task of naming any number of classes for each image.

    Args:
        labels: The names of the classes, in the order of their ids.
        label_smoothing: Share of doubt in each target, in [0, 1].
        class_weights: How much the presence of each class counts beside its absence, 0 or more; () when both count
            the same (`metrics.weighting.balanced_weights` works them out).
        threshold: From which probability on a class is taken as present.

    Returns:
        The task.

    Raises:
        BadConfig: If the smoothing, a weight or the threshold is out of range; all that is wrong is listed.

    Source: ours.

    Example:
        >>> multi_label(["cat", "dog"]).headline
        ('mean_average_precision', True)
    """
    return MultiLabelTask(tuple(labels), label_smoothing, tuple(class_weights), threshold)


def _told(name: str, probability: float) -> str:
    return f"{name}  {100 * probability:.1f} %"
