"""What a model card is made of.

Source: ours.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

import numpy as np

from saccade.inspect.layer_table import LayerTable
from saccade.metrics.classification import ClassificationJudgement
from saccade.metrics.multi_label import MultiLabelJudgement
from saccade.metrics.robustness import Robustness
from saccade.reporting.saliency import Saliency
from saccade.reporting.speed import Speed
from saccade.training.events import Event
from saccade.types.task import Judgement

Judged = ClassificationJudgement | MultiLabelJudgement
SPLITS = {"test": "test", "val": "validation", "train": "training"}


@dataclass(frozen=True)
class CardFacts:
    """Everything that a model card tells; a section whose facts are missing is left out.

    Args:
        title: What to call the model, such as "lenet5 on digits".
        when: When the card was made, with its time zone.
        description: The run's `run.json`: of its entries, `model`, `preprocessing`, `task`, `data`, `settings`,
            `execution`, `versions`, `machine`, `command` and `created` are shown where they exist.
        events: What happened in the run, in order.
        judgement: How good the model is, with intervals; of one that is neither for single nor for several labels, the
            figures alone are shown.
        split: What was judged: "test", "val" or "train".
        thumbnail: Gives the picture of a key, (height, width, channels), or raises BadImage.
        layers: Of the network, as `inspect.layer_table` gives them.
        speed: How fast the network is on this machine.
        commands: (what for, command line) to repeat and to use the run.
        set_aside: (key, reason) of each file that could not be read; those in the events are added.
        saliency: What the model went by in its worst mistakes and its best cases.
        robustness: How good it is on disturbed pictures; or a sentence that says why nobody measured that.

    Source: ours.

    Example:
        >>> from datetime import UTC
        >>> CardFacts("lenet5 on digits", datetime(2026, 1, 1, tzinfo=UTC)).split
        'test'
    """

    title: str
    when: datetime
    description: Mapping[str, Any] = field(default_factory=dict)
    events: Sequence[Event] = ()
    judgement: Judgement | None = None
    split: str = "test"
    thumbnail: Callable[[str], np.ndarray] | None = None
    layers: LayerTable | None = None
    speed: Speed | None = None
    commands: Sequence[tuple[str, str]] = ()
    set_aside: Sequence[tuple[str, str]] = ()
    saliency: Saliency | None = None
    robustness: Robustness | str | None = None
