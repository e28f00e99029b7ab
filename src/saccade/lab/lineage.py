"""The steps by which finding things came to what it is, each with what was new in it, and how the lab trains it.

Each network is a small form that learns on a processor within minutes, on a small backbone where it can stand on one.
How long each learns was chosen so that it comes to something; it is not the least that it needs.

Source: the papers that each step names.
"""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from saccade.errors import UnknownName
from saccade.training.recipes import find_recipe
from saccade.training.settings import TrainingSettings

SLIDING = "sliding-window"
_BACKBONE = "resnet8"


@dataclass(frozen=True)
class Step:
    """One step of the lineage.

    Args:
        name: Of its folder, after its number.
        title: How it is called in tables and drawings.
        model: The architecture.
        looks: At how many images it looks while it learns, each as often as it is looked at.
        about: What was new.
        settings: Of its training, beside those that all steps share.
        task: What its network learns.
        least: Pixels a side that its images have at least, for a detector whose finest map is coarse.

    Source: ours.
    """

    name: str
    title: str
    model: str
    looks: int
    about: str
    settings: Mapping[str, Any] = field(default_factory=dict[str, Any], hash=False)
    task: str = "detection"
    least: int = 0

    @property
    def place(self) -> str:
        """The name of its folder, such as "04-fast-rcnn"; the number stays, whichever steps are run."""
        return f"{list(LINEAGE).index(self.name) + 1:02d}-{self.name}"

    def training(self, shared: Mapping[str, Any], size: int, images: int, effort: float) -> TrainingSettings:
        """Say how it is trained.

        Args:
            shared: Settings that all steps have alike.
            size: Rows and columns of pixels that a detector gets.
            images: To learn from.
            effort: How many times as long as usual it learns.

        Returns:
            The settings; there are as many epochs as it takes to have looked at so many images, one at least.

        Source: ours.

        Example:
            >>> step = Step("a-step", "a step", "yolo_nano", 1000, "nothing")
            >>> step.training({}, 64, 400, 1.0).epochs
            3
        """
        epochs = max(1, math.ceil(effort * self.looks / images))
        values = {**_ALIKE, **self.settings, **shared, "epochs": epochs}
        if self.task != "detection":
            return TrainingSettings.from_dict(values)
        values = {
            **values,
            "height": max(size, self.least),
            "width": max(size, self.least),
            "warmup_epochs": min(1.0, epochs / 4),
        }
        return find_recipe("detection").training({**_OF_DETECTORS, **values})


_ALIKE = {"batch_size": 16, "fit": "pad"}
# images stay as they are: regions that are searched for in them are found once, and a short training needs no changes
_OF_DETECTORS = {
    "augment": "none", "mixing": "none", "unmixed_epochs": 0, "ema_decay": 0.98, "learning_rate": 4e-3,
}  # fmt: skip
_STEPS = (
    Step(
        SLIDING, "sliding window", "resnet8", 14_000, "a classifier that looks at every window of the picture",
        {"batch_size": 64, "learning_rate": 5e-3, "height": 32, "fit": "stretch", "crop_rate": 0.0}, "classification",
    ),
    Step("overfeat", "OverFeat", "overfeat_small", 4_000, "all windows in one pass, and each says where the box is"),
    Step("rcnn", "R-CNN", "rcnn_small", 1_600, "only regions that look like things, each through a network"),
    Step("fast-rcnn", "Fast R-CNN", "fast_rcnn_small", 3_200, "one pass of the network for all regions"),
    Step(
        "faster-rcnn", "Faster R-CNN", "faster_rcnn_resnet18", 2_000, "the network proposes the regions itself",
        {"backbone": _BACKBONE},
    ),
    Step(
        "gbd-net", "GBD-Net", "gbd_net_small", 1_200, "what lies around a region has its say, through gates",
        {"backbone": _BACKBONE, "batch_size": 8},
    ),
    Step(
        "ssd", "SSD", "ssd300", 2_400, "no proposals: boxes of fixed shapes on several maps, each moved and named",
        {"backbone": "resnet14_half", "learning_rate": 3e-3}, least=192,
    ),
    Step(
        "yolo-v1", "YOLO v1", "yolo_v1_small", 8_000, "no proposals: each cell of one grid says what is there",
        {"backbone": _BACKBONE},
    ),
    Step("yolo-anchor", "YOLO with anchors", "yolo_anchor_small", 3_200, "anchors, whose shapes your boxes give"),
    Step(
        "yolo", "YOLO", "yolo_nano", 3_200, "three maps, no anchors, and places given to things by how well they fit",
        {"backbone": _BACKBONE},
    ),
)  # fmt: skip
LINEAGE = {step.name: step for step in _STEPS}


def steps_named(names: str) -> tuple[Step, ...]:
    """Choose steps.

    Args:
        names: With commas between them; "" for all.

    Returns:
        The steps in the order of their lineage, each once.

    Raises:
        UnknownName: If there is no step of a name; the nearest are offered.

    Source: ours.

    Example:
        >>> [step.title for step in steps_named("yolo, rcnn")]
        ['R-CNN', 'YOLO']
    """
    wanted = [name.strip() for name in names.split(",") if name.strip()]
    for name in wanted:
        if name not in LINEAGE:
            raise UnknownName("step", name, LINEAGE)
    return tuple(step for step in _STEPS if step.name in wanted or not wanted)
