"""One class for each image."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import torch
from jaxtyping import Float, Int
from PIL.Image import Image
from torch import Tensor, nn

from saccade.errors import UnknownName
from saccade.losses.auxiliary import classifier_losses
from saccade.losses.cross_entropy import cross_entropy
from saccade.metrics.classification import ClassificationMetric
from saccade.types.asked import Asked
from saccade.types.batch import Batch
from saccade.types.classes import check_options, class_ids, class_scores, classes_asked, names_of
from saccade.types.classification import ClassPrediction
from saccade.types.drawing import BAD, GOOD, INK, as_picture, caption, enlarge
from saccade.types.sample import Sample
from saccade.types.soft_label import SoftLabel, shares_of

__all__ = ["classification"]


@dataclass(frozen=True)
class ClassificationTask:
    """One class for each image, of those that are named.

    Args:
        labels: The names of the classes, in the order of their ids.
        label_smoothing: Share of the target that is spread over all classes.
        class_weights: How much each class counts in the loss; () when all count the same.

    Raises:
        BadConfig: If the smoothing or a weight is out of range; all that is wrong is listed.

    Source: ours.
    """

    labels: tuple[str, ...] = ()
    label_smoothing: float = 0.0
    class_weights: tuple[float, ...] = ()

    def __post_init__(self) -> None:
        check_options(self.labels, self.label_smoothing, self.class_weights)

    @property
    def name(self) -> str:
        """The name in the catalogue."""
        return "classification"

    @property
    def headline(self) -> tuple[str, bool]:
        """Accuracy decides which epoch is best; higher is better."""
        return "accuracy", True

    def groups(self, network: nn.Module) -> dict[str, list[nn.Parameter]]:
        """Put every parameter into one group."""
        return {"all": list(network.parameters())}

    def targets(self, targets: Sequence[Any]) -> Int[Tensor, " batch"] | Float[Tensor, "batch classes"]:
        """Encode the class of each sample.

        Args:
            targets: An id for each, or a `SoftLabel` where samples were mixed.

        Returns:
            The ids; where any sample was mixed, the share of each class in each sample.

        Raises:
            BadLabel: If one is no whole number or no class; all such are listed. Or if samples were mixed, and the
                task has no names of classes to be counted.

        Source: ours.

        Example:
            >>> ClassificationTask(("cat", "dog")).targets([1, 0]).tolist()
            [1, 0]
        """
        if any(isinstance(target, SoftLabel) for target in targets):
            return shares_of(targets, self.labels)
        return torch.tensor(class_ids(targets, self.labels), dtype=torch.int64)

    def loss(self, network: nn.Module, batch: Batch, group: str = "all") -> dict[str, Float[Tensor, ""]]:
        """Run the network and compare its logits with the labels.

        Args:
            network: Takes images, gives logits.
            batch: With labels as its targets.
            group: Only "all".

        Returns:
            The term "cross_entropy"; and "auxiliary" from a network with auxiliary classifiers, while it trains.

        Raises:
            UnknownName: If there is no such group.
            BadLabel: If a label is no class of the network.

        Source: ours.
        """
        if group != "all":
            raise UnknownName("group", group, ["all"])

        def criterion(logits: Tensor) -> Tensor:
            weights = logits.new_tensor(self.class_weights) if self.class_weights else None
            smoothing = self.label_smoothing
            return cross_entropy(logits, batch.targets, label_smoothing=smoothing, class_weights=weights)

        return classifier_losses(network, batch.images, "cross_entropy", criterion=criterion)

    def weight(self, batch: Batch) -> float:
        """Say how much the mean loss of a batch counts beside those of others in one step.

        Args:
            batch: With labels as its targets, or empty.

        Returns:
            The sum of the weights of its images, by which `loss` divides.

        Source: ours.

        Example:
            >>> task = ClassificationTask(("cat", "dog"), class_weights=(1.0, 3.0))
            >>> task.weight(Batch(torch.zeros(2, 1, 1, 1), torch.ones(2, 2, dtype=torch.int64), torch.tensor([0, 1])))
            4.0
        """
        if not self.class_weights or not len(batch):
            return float(len(batch))
        weights = torch.tensor(self.class_weights, device=batch.targets.device)
        if batch.targets.is_floating_point():
            return float((batch.targets * weights).sum())
        return float(weights[batch.targets].sum())

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
        probabilities = outputs.detach().float().softmax(1).cpu().numpy()
        keys = batch.keys or ("",) * len(batch)
        return [ClassPrediction(key, names, row) for key, row in zip(keys, probabilities, strict=True)]

    def metric(self) -> ClassificationMetric:
        """Start a new metric."""
        return ClassificationMetric(self.labels)

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
        return class_scores(outputs.softmax(1), asked, self.labels)

    def score(self, outputs: Float[Tensor, "batch classes"], about: Any = None) -> Float[Tensor, " batch"]:
        """Give the logit of a class, which is what explanations and attacks differentiate.

        The logit and not the probability: that could rise just as well by every other class falling.

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
        """Draw what was said of an image below it, with its true class if that is known.

        Args:
            sample: The image.
            prediction: What was said of it.

        Returns:
            A picture as wide as the image; a small image is enlarged a whole number of times, so that text fits.

        Source: ours.
        """
        said = f"{prediction.label}  {100 * prediction.confidence:.1f} %"
        picture = enlarge(as_picture(sample.image))
        if sample.target is None:
            return caption(picture, [(said, INK)])
        (true,) = class_ids([sample.target], prediction.names)
        if true == prediction.class_id:
            return caption(picture, [(f"✓ {said}", GOOD)])
        return caption(picture, [(f"✗ {said}", BAD), (f"in truth {prediction.names[true]}", INK)])


def classification(
    labels: Sequence[str] = (), *, label_smoothing: float = 0.0, class_weights: Sequence[float] = ()
) -> ClassificationTask:
    """Make the task of naming one class for each image.

    Args:
        labels: The names of the classes, in the order of their ids; may be left out where only ids matter.
        label_smoothing: Share of the target that is spread over all classes, in [0, 1].
        class_weights: How much each class counts in the loss, 0 or more; () when all count the same
            (`metrics.weighting.balanced_weights` works them out).

    Returns:
        The task.

    Raises:
        BadConfig: If the smoothing or a weight is out of range; all that is wrong is listed.

    Source: ours.

    Example:
        >>> classification(["cat", "dog"]).headline
        ('accuracy', True)
    """
    return ClassificationTask(tuple(labels), label_smoothing, tuple(class_weights))
