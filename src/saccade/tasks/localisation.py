"""One object in each image, or none: whether it is there, where, and what it is."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import Any, get_args

import torch
from jaxtyping import Float
from PIL.Image import Image
from torch import Tensor, nn
from torch.nn import functional as F

from saccade.errors import BadConfig, BadShape, UnknownName, offer
from saccade.losses.localisation import BEFORE_CLASSES, Form, localisation_losses
from saccade.metrics.detection.localisation import LocalisationMetric
from saccade.metrics.inputs import check_finite
from saccade.ops.box_formats import boxes_in_pixels, clip_boxes, cxcywh_to_xyxy, normalise_boxes, xyxy_to_cxcywh
from saccade.types.annotations import Annotations
from saccade.types.asked import SIDES, Asked
from saccade.types.batch import Batch
from saccade.types.boxed import check_boxed, learnable, on_picture
from saccade.types.classes import check_options, class_scores, classes_asked, names_of
from saccade.types.detections import Detections
from saccade.types.sample import Sample

__all__ = ["localisation"]

_HEIGHT_FIRST = [0, 1, 3, 2]  # y has the height before the width; boxes have it behind


@dataclass(frozen=True)
class LocalisationTask:
    """One object in each image, or none: y = (p_c, b_x, b_y, b_h, b_w, c_1 … c_n).

    Any network that classifies learns it, with 5 + n outputs instead of n. Of several things in an image only the one
    with the largest box counts, in learning and in judging.

    Args:
        labels: The names of the classes, in the order of their ids.
        confidence: From which p_c on there is an object.
        form: Of the loss: "mixed" or "squared"; see `losses.localisation`.

    Raises:
        BadConfig: If `confidence` is out of range or there is no such form; all that is wrong is listed.

    Source: the notes.
    """

    labels: tuple[str, ...] = ()
    confidence: float = 0.5
    form: Form = "mixed"

    def __post_init__(self) -> None:
        check_options(self.labels, 0.0, ())
        wrong = []
        if not 0 <= self.confidence <= 1:
            wrong.append(f"got confidence={self.confidence!r}; taken is a number from 0 to 1; 0.5 is usual")
        if self.form not in get_args(Form):
            wrong.append(f"got form={self.form!r}; {offer(str(self.form), get_args(Form))}")
        if wrong:
            raise BadConfig("\n".join(wrong))

    @property
    def name(self) -> str:
        """The name in the catalogue."""
        return "localisation"

    @property
    def headline(self) -> tuple[str, bool]:
        """The share of images that are right in everything decides which epoch is best; higher is better."""
        return "localised", True

    @property
    def outputs(self) -> int:
        """How many outputs a network for it has."""
        return BEFORE_CLASSES + len(self.labels)

    def groups(self, network: nn.Module) -> dict[str, list[nn.Parameter]]:
        """Put every parameter into one group."""
        return {"all": list(network.parameters())}

    def targets(self, targets: Sequence[Any]) -> tuple[Annotations, ...]:
        """Keep of each sample the thing with the largest box on the image.

        Args:
            targets: What is known of each picture; one without things is background. Crowds and boxes without an area
                do not count.

        Returns:
            Annotations with one thing or none.

        Raises:
            BadLabel: If one is nothing of the kind, or has a class that is none; all such are listed.

        Source: ours.
        """
        return tuple(_largest(target) for target in check_boxed(targets, self.labels))

    def loss(self, network: nn.Module, batch: Batch, group: str = "all") -> dict[str, Float[Tensor, ""]]:
        """Run the network and compare what it says with what is there.

        Args:
            network: Takes images, gives 5 + n numbers for each.
            batch: With annotations of one thing or none as its targets.
            group: Only "all".

        Returns:
            The terms "presence", "box" and "class"; and "auxiliary" from a network with auxiliary classifiers, while
            it trains.

        Raises:
            UnknownName: If there is no such group.
            BadShape: If the network has not 5 + n outputs.

        Source: the notes; see `losses.localisation`.
        """
        if group != "all":
            raise UnknownName("group", group, ["all"])
        weight = getattr(network, "auxiliary_weight", 0.0) if network.training else 0.0
        if not weight:
            return self._terms(network(batch.images), batch)
        outputs, others = network.forward_with_auxiliaries(batch.images)  # pyright: ignore[reportCallIssue]
        beside = [torch.stack(list(self._terms(other, batch).values())).sum() for other in others]
        return {**self._terms(outputs, batch), "auxiliary": weight * torch.stack(beside).sum()}

    def decode(self, outputs: Float[Tensor, "batch numbers"], batch: Batch) -> list[Detections]:
        """Turn what the network says into one box for each picture or none, in pixels of the picture as it was decoded.

        Args:
            outputs: 5 + n numbers for each image.
            batch: The images they are about; its placements say where each picture lies on its image.

        Returns:
            As many as images. The confidence is p_c times the probability of the class; there is a box if p_c is not
            below `confidence`. It is cut off at the edges of the picture.

        Raises:
            BadData: If a number is NaN; the image is named.
            BadShape: If there are not 5 + n numbers.

        Source: ours.
        """
        classes = outputs.shape[1] - BEFORE_CLASSES
        self._check(outputs)
        names, said = names_of(self.labels, classes), outputs.detach().float().cpu()
        keys = batch.keys or ("",) * len(batch)
        check_finite(said.numpy(), keys if any(keys) else ())
        sure, class_ids = said[:, BEFORE_CLASSES:].softmax(1).max(1)
        presence, found = said[:, 0].sigmoid(), []
        for image, key in enumerate(keys):
            height, width = batch.sizes[image].tolist()
            boxes, size = on_picture(_corners(said[image : image + 1], (height, width)), batch, image)
            there = presence[image : image + 1] >= self.confidence
            confidence = (presence * sure)[image : image + 1][there]
            ids = class_ids[image : image + 1][there]
            corners = clip_boxes(boxes, size)[there]
            found.append(Detections(key, names, size, corners.numpy(), confidence.numpy(), ids.numpy()))
        return found

    def metric(self) -> LocalisationMetric:
        """Start a new metric."""
        return LocalisationMetric(self.labels, replace(self, confidence=0.0).decode, self.decode)

    def asked(self, outputs: Float[Tensor, "batch numbers"], about: Any = None) -> list[Asked]:
        """Say what of each image is asked about, once and for all.

        Args:
            outputs: 5 + n numbers for each image as it is.
            about: As for `score`; or an `Asked` for a side of the box.

        Returns:
            What is asked of each image.

        Raises:
            UnknownName: If no class has that name; the nearest are offered.
            BadLabel: If there is no class of that number.
            BadShape: If there are not 5 + n numbers.

        Source: ours.
        """
        self._check(outputs)
        if about is None or _nothing_named(about):
            return [Asked(None, "something")] * len(outputs)
        if isinstance(about, list) and about and isinstance(about[0], Asked):
            return about
        if isinstance(about, Asked):
            boxes = _corners(outputs.detach(), (1, 1)).tolist()
            return [replace(about, box=(box[0], box[1], box[2], box[3])) for box in boxes]
        return classes_asked(outputs[:, BEFORE_CLASSES:], about, self.labels)

    def confidence_in(self, outputs: Float[Tensor, "batch numbers"], asked: Sequence[Asked]) -> Float[Tensor, " batch"]:
        """Give a number that people read: the probability that there is something, or times that of its class.

        Args:
            outputs: 5 + n numbers for each image.
            asked: Of each image. Of a side: how near it is to where it was, 1 at the same place.

        Returns:
            In [0, 1], one for each image.

        Source: ours.
        """
        presence, classes = outputs[:, 0].sigmoid(), outputs[:, BEFORE_CLASSES:].softmax(1)
        if asked[0].side:
            was = outputs.new_tensor([one.box[SIDES.index(one.side)] for one in asked if one.box is not None])
            return (1 - (self.score(outputs, asked) - was).abs()).clamp(0, 1)
        if asked[0].class_id is None:
            return presence
        return presence * class_scores(classes, asked, self.labels)

    def score(self, outputs: Float[Tensor, "batch numbers"], about: Any = None) -> Float[Tensor, " batch"]:
        """Give a logit, which is what explanations and attacks differentiate.

        Args:
            outputs: 5 + n numbers for each image.
            about: A class, by name or id; one for each image, in a list or tensor; None is p_c, whether there is an
                object; or what `asked` gives: of a side of the box the coordinate, as a share of the image.

        Returns:
            One logit for each image.

        Raises:
            UnknownName: If no class has that name; the nearest are offered.
            BadLabel: If there is no class of that number.
            BadShape: If there are not 5 + n numbers.

        Source: ours.
        """
        self._check(outputs)
        first = about[0] if isinstance(about, list) and about else about
        if isinstance(first, Asked) and first.side:
            return _corners(outputs, (1, 1))[:, SIDES.index(first.side)]
        if about is None or _nothing_named(about):
            return outputs[:, 0]
        return class_scores(outputs[:, BEFORE_CLASSES:], about, self.labels)

    def draw(self, sample: Sample, prediction: Detections) -> Image:
        """Draw the box on its picture.

        Args:
            sample: The picture.
            prediction: What was found in it.

        Returns:
            A picture of the same size.

        Source: ours.
        """
        return prediction.draw(sample.image)

    def _terms(self, outputs: Tensor, batch: Batch) -> dict[str, Tensor]:
        self._check(outputs)
        classes = outputs.shape[1] - BEFORE_CLASSES
        wanted = torch.stack([encode(target, classes) for target in batch.targets]).to(outputs.device)
        return localisation_losses(outputs, wanted, form=self.form)

    def _check(self, outputs: Tensor) -> None:
        least = BEFORE_CLASSES + 1
        if outputs.ndim != 2 or outputs.shape[1] < least or (self.labels and outputs.shape[1] != self.outputs):
            wanted = f"{self.outputs} for {len(self.labels)} labels" if self.labels else f"{least} or more"
            raise BadShape(
                f"got outputs of shape {tuple(outputs.shape)}; taken is a row for each image of p_c, four numbers of "
                f"the box and one for each class: {wanted}; make the network with num_classes=5 + len(labels)"
            )


def _nothing_named(about: Any) -> bool:
    """Whether it is asked, in the words of `asked`, whether there is anything at all."""
    first = about[0] if isinstance(about, list) and about else about
    return isinstance(first, Asked) and first.class_id is None and not first.side


def encode(target: Annotations, classes: int) -> Float[Tensor, " numbers"]:
    """Write what is in an image as y.

    Args:
        target: One thing, or none.
        classes: How many there are.

    Returns:
        (1, b_x, b_y, b_h, b_w, c_1 … c_n): the centre, height and width of the box as shares of the image, and 1 for
        its class; all 0 where there is nothing.

    Source: the notes.

    Example:
        >>> from saccade.types.boxes import Boxes
        >>> one = Annotations((10, 20), torch.tensor([1]), Boxes(torch.tensor([[4.0, 1, 8, 9]]), (10, 20)))
        >>> [round(number, 4) for number in encode(one, 2).tolist()]
        [1.0, 0.3, 0.5, 0.8, 0.2, 0.0, 1.0]
    """
    numbers = target.class_ids.new_zeros(BEFORE_CLASSES + classes, dtype=torch.float32)
    if target.boxes is None or not len(target):
        return numbers
    shares = xyxy_to_cxcywh(normalise_boxes(target.boxes.coordinates[0].float(), target.size))
    numbers[0] = 1
    numbers[1:BEFORE_CLASSES] = shares[_HEIGHT_FIRST]
    numbers[BEFORE_CLASSES:] = F.one_hot(target.class_ids[0].long(), classes)
    return numbers


def _largest(target: Annotations) -> Annotations:
    """The thing with the largest box on the image, the first of equals; nothing else that is known."""
    if target.boxes is None or not len(target):
        return Annotations(target.size, target.class_ids[:0])
    boxes = target.boxes.clip()
    area = boxes.area() * learnable(replace(target, boxes=boxes))
    best = area.argmax().reshape(1)[: int(area.max() > 0)]
    return Annotations(target.size, target.class_ids[best], boxes.select(best))


def _corners(said: Float[Tensor, "images numbers"], size: tuple[int, int]) -> Float[Tensor, "images 4"]:
    """The boxes of some images in their pixels; a side below 0 counts as 0."""
    shares = said[:, 1:BEFORE_CLASSES][:, _HEIGHT_FIRST]
    return boxes_in_pixels(cxcywh_to_xyxy(torch.cat([shares[:, :2], shares[:, 2:].clamp(min=0)], 1)), size)


def localisation(labels: Sequence[str] = (), *, confidence: float = 0.5, form: Form = "mixed") -> LocalisationTask:
    """Make the task of finding one object in each image, or none.

    Args:
        labels: The names of the classes, in the order of their ids; may be left out where only ids matter.
        confidence: From which p_c on there is an object.
        form: Of the loss: "mixed" (logistic, squared, cross-entropy) or "squared" (as the notes have it).

    Returns:
        The task.

    Raises:
        BadConfig: If `confidence` is out of range or there is no such form; all that is wrong is listed.

    Source: the notes.

    Example:
        >>> localisation(["cat", "dog"]).outputs
        7
    """
    return LocalisationTask(tuple(labels), confidence, form)
