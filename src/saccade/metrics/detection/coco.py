"""COCO's figures, by the library of record: what pycocotools gives, faster."""

from __future__ import annotations

import warnings
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
from jaxtyping import Float

from saccade.metrics.detection.judged import Judged
from saccade.metrics.per_class import macro

NAMES = (
    "map", "map50", "map75", "map_small", "map_medium", "map_large",
    "mar1", "mar10", "mar100", "mar_small", "mar_medium", "mar_large",
)  # fmt: skip
_DIGITS = 12  # the library's perfect precision is 0.9999999999999998


@dataclass(frozen=True, eq=False)
class CocoFigures:
    """COCO's figures of a detector.

    The axes are: IoU from 0.5 to 0.95 in steps of 0.05; recall from 0 to 1 in steps of 0.01; classes; things of all
    sizes, small (below 32² square pixels), medium (32² to 96²) and large ones; the surest 1, 10 and 100 boxes of a
    class in an image. NaN stands where there are no such things, and averages leave it out; pycocotools says −1.

    Args:
        numbers: The twelve by name: "map", "map50", "map75", "map_small" …, "mar1", "mar10", "mar100", "mar_small" …
        precision: The best precision at that recall or above.
        recall: The recall of all boxes together.

    Source: Lin et al., 2014, "Microsoft COCO: common objects in context" (arXiv 1405.0312), and its evaluation.
    """

    numbers: dict[str, float]
    precision: Float[np.ndarray, "10 101 classes 4 3"]
    recall: Float[np.ndarray, "10 classes 4 3"]

    def average_precision(self, size: int = 0) -> Float[np.ndarray, " classes"]:
        """Average the precision of each class over recall and IoU.

        Args:
            size: 0 for things of all sizes, 1 small, 2 medium, 3 large.

        Returns:
            A share for each class; NaN for one without such things.

        Source: as the class.
        """
        return self.precision[:, :, :, size, -1].mean(axis=(0, 1))

    def average_precision_50(self, size: int = 0) -> Float[np.ndarray, " classes"]:
        """Average the precision of each class over recall, at an IoU of 0.5.

        Args:
            size: 0 for things of all sizes, 1 small, 2 medium, 3 large.

        Returns:
            A share for each class; NaN for one without such things.

        Source: as the class.
        """
        return self.precision[0, :, :, size, -1].mean(axis=0)

    def by_size(self) -> dict[str, tuple[float, float, float]]:
        """Give map, map50 and mar100 of things of each size."""
        return {
            name: (
                float(macro(self.average_precision(size))),
                float(macro(self.average_precision_50(size))),
                float(macro(self.recall[:, :, size, -1].mean(axis=0))),
            )
            for size, name in enumerate(("all", "small", "medium", "large"))
        }


def coco_figures(images: Sequence[Judged], num_classes: int, *, class_agnostic: bool = False) -> CocoFigures:
    """Work out COCO's figures.

    Args:
        images: What was found beside what is there; see `judged`.
        num_classes: How many classes the detector has.
        class_agnostic: Whether to take all classes for one.

    Returns:
        The figures: 0 where there are things and none was found, NaN where there are no such things.

    Source: as `CocoFigures`; worked out by faster-coco-eval, equal to pycocotools; rounded to twelve digits.

    Example:
        >>> box, one = np.array([[0.0, 0.0, 8.0, 8.0]]), np.array([0])
        >>> no = np.array([False])
        >>> image = Judged("a.jpg", box, one, no, no, np.array([64.0]), box, np.array([0.9]), one)
        >>> figures = coco_figures([image], 2).numbers
        >>> figures["map"], figures["map_large"]
        (1.0, nan)
    """
    from faster_coco_eval.core.coco import COCO
    from faster_coco_eval.core.faster_eval_api import COCOeval_faster

    there, found = (
        {**_head(len(images), num_classes), "annotations": rows} for rows in (_things(images), _boxes(images))
    )
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        both = [COCO(part, print_function=_silent) for part in (there, found)]
        evaluation = COCOeval_faster(*both, iouType="bbox", print_function=_silent)
        evaluation.params.useCats = int(not class_agnostic)
        evaluation.run()
    precision, recall, twelve = (
        np.where(values > -1, values, np.nan).round(_DIGITS)
        for values in map(np.asarray, (evaluation.eval["precision"], evaluation.eval["recall"], evaluation.stats))
    )
    return CocoFigures(dict(zip(NAMES, twelve.tolist(), strict=True)), precision, recall)


def _silent(*_: Any) -> None:
    """The library tells how far it is; nobody asked."""


def _head(images: int, num_classes: int) -> dict[str, Any]:
    return {
        "images": [{"id": number} for number in range(1, images + 1)],
        "categories": [{"id": number, "name": str(number)} for number in range(1, num_classes + 1)],
    }


def _things(images: Sequence[Judged]) -> list[dict[str, Any]]:
    rows = []
    for number, image in enumerate(images, 1):
        columns = (_xywh(image.boxes), image.class_ids.tolist(), image.crowd.tolist(), image.area.tolist())
        rows += [
            {"image_id": number, "bbox": box, "category_id": class_id + 1, "iscrowd": int(crowd), "area": area}
            for box, class_id, crowd, area in zip(*columns, strict=True)
        ]
    return _numbered(rows)


def _boxes(images: Sequence[Judged]) -> list[dict[str, Any]]:
    rows = []
    for number, image in enumerate(images, 1):
        columns = (_xywh(image.found), image.found_ids.tolist(), image.confidence.tolist())
        rows += [
            {"image_id": number, "bbox": box, "category_id": class_id + 1, "score": sure, "iscrowd": 0,
             "area": box[2] * box[3]}
            for box, class_id, sure in zip(*columns, strict=True)
        ]  # fmt: skip
    return _numbered(rows)


def _numbered(rows: list[dict[str, Any]]) -> list[dict[str, Any]]:
    """Number from 1: there, 0 means that nothing matches."""
    return [{**row, "id": number} for number, row in enumerate(rows, 1)]


def _xywh(boxes: Float[np.ndarray, "boxes 4"]) -> list[list[float]]:
    return np.concatenate([boxes[:, :2], boxes[:, 2:] - boxes[:, :2]], axis=1).tolist()
