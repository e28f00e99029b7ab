"""Boxes of things of several classes in each image."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import Any

import torch
from jaxtyping import Float
from PIL.Image import Image
from torch import Tensor, nn

from saccade.errors import BadConfig, BadShape, UnknownName
from saccade.metrics.detection.detection import DetectionMetric
from saccade.ops.box_formats import clip_boxes
from saccade.ops.boxes import iou
from saccade.ops.suppression import suppress_by_class
from saccade.types.annotations import Annotations
from saccade.types.asked import SIDES, Asked
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

    def asked(self, outputs: dict[str, Tensor], about: Any = None) -> list[Asked]:
        """Say which box of each image is asked about, once and for all.

        Args:
            outputs: "boxes" and "scores" of every candidate of the images as they are.
            about: A class, by name or id: its surest box; an `Asked` with its box; one for each image, in a list;
                None is the surest box of any class.

        Returns:
            A class and a box for each image.

        Raises:
            UnknownName: If no class has that name; the nearest are offered.
            BadLabel: If there is no class of that number.
            BadShape: If there are more or fewer of them than images.

        Source: ours.
        """
        scores, boxes = outputs["scores"].detach(), outputs["boxes"].detach()
        wanted = list(about) if isinstance(about, list | Tensor) else [about] * len(scores)
        if len(wanted) != len(scores):
            raise BadShape(f"got {len(wanted)} questions about {len(scores)} images; taken is one for each")
        told = names_of(self.labels, scores.shape[2])
        found = []
        for image, one in enumerate(wanted):
            if isinstance(one, Asked) and one.box is not None:
                found.append(one)
                continue
            surest = int(scores[image].amax(0).argmax()) if one is None else class_id(one, self.labels, len(told))
            candidate = int(scores[image, :, surest].argmax())
            corners = boxes[image, candidate, surest] if boxes.dim() == 4 else boxes[image, candidate]
            x1, y1, x2, y2 = corners.tolist()
            found.append(Asked(surest, told[surest], (x1, y1, x2, y2), one.side if isinstance(one, Asked) else ""))
        return found

    def confidence_in(self, outputs: dict[str, Tensor], asked: Sequence[Asked]) -> Float[Tensor, " batch"]:
        """Give a number that people read: how sure the network is of the box, where it still is.

        Args:
            outputs: "boxes" and "scores" of every candidate.
            asked: Of each image. Of a side: how near it is to where it was, as a share of the box, 1 at the same place.

        Returns:
            In [0, 1], one for each image.

        Source: ours.
        """
        values = self.score(outputs, list(asked))
        was = [one.box[SIDES.index(one.side)] if one.side and one.box else 0.0 for one in asked]
        long = [max(one.box[2] - one.box[0], one.box[3] - one.box[1], 1e-6) if one.box else 1.0 for one in asked]
        sides = torch.tensor([bool(one.side) for one in asked], device=values.device)
        moved = (values - values.new_tensor(was)).abs() / values.new_tensor(long)
        return torch.where(sides, (1 - moved).clamp(0, 1), values)

    def score(self, outputs: dict[str, Tensor], about: Any = None) -> Float[Tensor, " batch"]:
        """Give what explanations and attacks differentiate: how sure the network is of a box, or a side of that box.

        A detector may find the same box from another candidate once its image has changed. So it is looked for among
        all: the largest score of the class, each times its overlap with the box that is asked about.

        Args:
            outputs: "boxes" and "scores" of every candidate.
            about: As for `asked`.

        Returns:
            One for each image: score times overlap, in [0, 1]; of a side its coordinate in pixels.

        Raises:
            UnknownName: If no class has that name; the nearest are offered.
            BadLabel: If there is no class of that number.
            BadShape: If there are more or fewer of them than images.

        Source: Petsiuk et al., "Black-box explanation of object detectors via saliency maps", arXiv 2006.03204, section
            3.1, without the likeness of all classes.
        """
        asked = about if _settled(about) else self.asked(outputs, about)
        found = []
        for image, one in enumerate(asked):
            scores = outputs["scores"][image, :, class_id(one, self.labels, outputs["scores"].shape[2])]
            boxes = outputs["boxes"][image]
            corners = boxes[:, one.class_id] if boxes.dim() == 3 else boxes
            box = corners.new_tensor([one.box])
            same = (corners == box).all(1)  # a box without an area overlaps nothing, but it is itself
            alike = scores * torch.where(same, 1.0, iou(corners.detach(), box)[:, 0])
            if one.side:
                found.append(corners[int(alike.argmax()), SIDES.index(one.side)])
            else:
                found.append(alike.amax())
        return torch.stack(found) if found else outputs["scores"].new_zeros(0)

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


def _settled(about: Any) -> bool:
    """Whether it is what `asked` gives."""
    return isinstance(about, list) and all(isinstance(one, Asked) and one.box is not None for one in about)


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
