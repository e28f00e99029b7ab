"""Boxes of things of several classes in each image."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import Any

import torch
from jaxtyping import Float
from PIL.Image import Image
from torch import Tensor, nn

from saccade.errors import BadConfig, BadLabel, UnknownName
from saccade.metrics.detection.detection import DetectionMetric
from saccade.ops.box_formats import clip_boxes
from saccade.ops.suppression import suppress_by_class
from saccade.types.annotations import Annotations
from saccade.types.batch import Batch
from saccade.types.boxed import check_boxed, learnable, on_picture
from saccade.types.classes import check_options, class_id, names_of
from saccade.types.detections import Detections
from saccade.types.sample import Sample
from saccade.types.truth import Truth

__all__ = ["detection"]

_CANDIDATES = 30_000  # of an image and all classes; more are not looked at


@dataclass(frozen=True)
class DetectionTask:
    """Boxes of things of several classes in each image.

    Args:
        labels: The names of the classes, in the order of their ids.
        confidence: From which on a box counts as found; low, since average precision wants the unsure ones too.
        iou_threshold: Of two boxes of a class that overlap by more, the less sure one goes.
        max_boxes: Boxes of an image, at most.

    Raises:
        BadConfig: If a number is out of range; all that is wrong is listed.

    Source: ours; 100 boxes an image is what COCO counts, 0.001 and 0.65 are usual in the field.
    """

    labels: tuple[str, ...] = ()
    confidence: float = 0.001
    iou_threshold: float = 0.65
    max_boxes: int = 300

    def __post_init__(self) -> None:
        check_options(self.labels, 0.0, ())
        wrong = [
            f"got {name}={value!r}; taken are numbers from 0 to 1; change it"
            for name, value in (("confidence", self.confidence), ("iou_threshold", self.iou_threshold))
            if not 0 <= value <= 1
        ]
        if self.max_boxes < 1:
            wrong.append(f"got max_boxes={self.max_boxes}; taken are 1 or more; change it")
        if wrong:
            raise BadConfig("\n".join(wrong))

    @property
    def name(self) -> str:
        """The name in the catalogue."""
        return "detection"

    @property
    def headline(self) -> tuple[str, bool]:
        """Mean average precision decides which epoch is best; higher is better."""
        return "map", True

    def groups(self, network: nn.Module) -> dict[str, list[nn.Parameter]]:
        """Put every parameter into one group."""
        return {"all": list(network.parameters())}

    def targets(self, targets: Sequence[Any]) -> tuple[Annotations, ...]:
        """See that each sample has boxes of known classes.

        Args:
            targets: What is known of each picture; one without things is background.

        Returns:
            The same.

        Raises:
            BadLabel: If one is nothing of the kind, or has a class that is none; all such are listed.

        Source: ours.
        """
        return check_boxed(targets, self.labels)

    def loss(self, network: nn.Module, batch: Batch, group: str = "all") -> dict[str, Float[Tensor, ""]]:
        """Let the network compare what it finds with what there is.

        Args:
            network: Takes images and truths, gives the terms of its loss (see `layers.detector`).
            batch: With annotations as its targets.
            group: Only "all".

        Returns:
            The terms that the network gives. Crowds and boxes without an area are not learnt from.

        Raises:
            UnknownName: If there is no such group.

        Source: ours.
        """
        if group != "all":
            raise UnknownName("group", group, ["all"])
        return network(batch.images, [truth_of(target) for target in batch.targets])

    def decode(self, outputs: dict[str, Tensor], batch: Batch) -> list[Detections]:
        """Turn candidates into what was found in each picture, in pixels of the picture as it was decoded.

        Args:
            outputs: "boxes" and "scores" of every candidate.
            batch: The images they are about; its placements say where each picture lies on its image.

        Returns:
            As many as images, the surest box of each first; cut off at the edges of the picture.

        Raises:
            BadData: If a number is NaN; the image is named.

        Source: ours.
        """
        names = names_of(self.labels, outputs["scores"].shape[2])
        keys = batch.keys or ("",) * len(batch)
        return [self._found(outputs, image, (key, names), batch) for image, key in enumerate(keys)]

    def metric(self) -> DetectionMetric:
        """Start a new metric."""
        return DetectionMetric(self.labels, self.decode)

    def score(self, outputs: dict[str, Tensor], about: Any = None) -> Float[Tensor, " batch"]:
        """Give the score of a candidate, which is what explanations and attacks differentiate.

        Args:
            outputs: "boxes" and "scores" of every candidate.
            about: A class, by name or id, of which the surest candidate of each image is taken; (class, candidate) for
                that one; None is the surest candidate of any class.

        Returns:
            One score for each image.

        Raises:
            UnknownName: If no class has that name; the nearest are offered.
            BadLabel: If there is no class or candidate of that number.

        Source: ours.
        """
        scores = outputs["scores"]
        if about is None:
            return scores.flatten(1).amax(1)
        wanted, candidate = about if isinstance(about, tuple) else (about, None)
        of_class = scores[..., class_id(wanted, self.labels, scores.shape[2])]
        if candidate is None:
            return of_class.amax(1)
        if not 0 <= candidate < of_class.shape[1]:
            raise BadLabel(f"got candidate {candidate}; taken are 0 to {of_class.shape[1] - 1}; choose one of them")
        return of_class[:, candidate]

    def draw(self, sample: Sample, prediction: Detections) -> Image:
        """Draw what was found on its picture.

        Args:
            sample: The picture.
            prediction: What was found in it.

        Returns:
            A picture of the same size.

        Source: ours.
        """
        return prediction.draw(sample.image)

    def _found(
        self, outputs: dict[str, Tensor], image: int, named: tuple[str, tuple[str, ...]], batch: Batch
    ) -> Detections:
        scores, boxes = (outputs[name][image].detach().float().cpu() for name in ("scores", "boxes"))
        candidates, classes = (~(scores < self.confidence)).nonzero(as_tuple=True)  # what is NaN is found, and named
        sure = scores[candidates, classes]
        if len(sure) > _CANDIDATES:
            best = sure.topk(_CANDIDATES).indices
            candidates, classes, sure = candidates[best], classes[best], sure[best]
        corners = boxes[candidates, classes] if boxes.dim() == 3 else boxes[candidates]
        corners, size = on_picture(corners, batch, image)
        if bool(corners.isfinite().all() & sure.isfinite().all()):
            kept = suppress_by_class(corners, sure, classes, self.iou_threshold)[: self.max_boxes]
            corners, sure, classes = clip_boxes(corners[kept], size), sure[kept], classes[kept]
        key, names = named
        return Detections(key, names, size, corners.numpy(), sure.numpy(), classes.numpy())


def truth_of(target: Annotations) -> Truth:
    """Give what a network can learn from: things that are no crowd, whose box has an area.

    Args:
        target: Things with boxes.

    Returns:
        Their boxes and classes.

    Source: ours.

    Example:
        >>> truth_of(Annotations((8, 8))).boxes.shape
        torch.Size([0, 4])
    """
    if target.boxes is None or not len(target):
        return Truth(torch.zeros(0, 4, device=target.class_ids.device), target.class_ids[:0])
    learnt = learnable(target)
    return Truth(target.boxes.coordinates.float()[learnt], target.class_ids[learnt])


def surer(task: DetectionTask, confidence: float) -> DetectionTask:
    """Give the same task with fewer boxes, as people want to see them.

    Args:
        task: As a model is judged.
        confidence: From which on a box counts as found, from 0 to 1.

    Returns:
        The task.

    Raises:
        BadConfig: If the confidence is out of range.

    Source: ours.

    Example:
        >>> surer(detection(["cat"]), 0.5).confidence
        0.5
    """
    return replace(task, confidence=confidence)


def detection(
    labels: Sequence[str] = (), *, confidence: float = 0.001, iou_threshold: float = 0.65, max_boxes: int = 300
) -> DetectionTask:
    """Make the task of finding boxes.

    Args:
        labels: The names of the classes, in the order of their ids; may be left out where only ids matter.
        confidence: From which confidence on a box counts as found.
        iou_threshold: Of two boxes of a class that overlap by more, the less sure one goes.
        max_boxes: Boxes of an image, at most.

    Returns:
        The task.

    Raises:
        BadConfig: If a number is out of range; all that is wrong is listed.

    Source: ours.

    Example:
        >>> detection(["cat", "dog"]).headline
        ('map', True)
    """
    return DetectionTask(tuple(labels), confidence, iou_threshold, max_boxes)
