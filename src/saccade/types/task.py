"""What a task is: the one thing that the training loop, the explanations and the attacks know of a problem."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, Protocol, runtime_checkable

from PIL.Image import Image
from torch import Tensor, nn

from saccade.types.asked import Asked
from saccade.types.batch import Batch
from saccade.types.sample import Sample


@runtime_checkable
class Prediction(Protocol):
    """What a network said of one image."""

    def to_dict(self) -> dict[str, Any]:
        """Give everything as plain values that JSON can hold."""
        ...


@runtime_checkable
class Judgement(Protocol):
    """How good the predictions of a network were, with the uncertainty of each number."""

    def numbers(self) -> dict[str, tuple[float, float, float]]:
        """Give each figure as (value, low, high), the interval at 95 %."""
        ...

    def to_dict(self) -> dict[str, Any]:
        """Give everything as plain values that JSON can hold."""
        ...


@runtime_checkable
class Metric(Protocol):
    """A figure that accumulates over batches."""

    def update(self, outputs: Any, batch: Batch) -> None:
        """Take in the outputs for one batch."""
        ...

    def compute(self) -> dict[str, float]:
        """Give the figures so far, by name."""
        ...

    def judge(self, resamples: int, seed: int) -> Judgement:
        """Look closely at everything taken in: intervals, classes, calibration, mistakes."""
        ...


@runtime_checkable
class Task(Protocol):
    """A problem as a value: its functions, and the names that go with them.

    `loss` gets the network itself, since a task may need the targets while the network runs (two-stage detectors),
    several passes (triplets), or several groups of parameters stepped in turn (generator and discriminator).
    A task that has one group, as most do, leaves `groups` at {"all": every parameter}. A task whose loss is no plain
    mean over images may have `weight(batch)`: how much a batch counts beside others of the same step.
    """

    @property
    def name(self) -> str:
        """The name in the catalogue."""
        ...

    @property
    def labels(self) -> tuple[str, ...]:
        """The names of the classes, in the order of their ids."""
        ...

    @property
    def headline(self) -> tuple[str, bool]:
        """The figure of the metric that decides which epoch is best, and whether higher is better."""
        ...

    def groups(self, network: nn.Module) -> dict[str, list[nn.Parameter]]:
        """Name the groups of parameters, each stepped with its own loss, in this order."""
        ...

    def targets(self, targets: Sequence[Any]) -> Any:
        """Encode the targets of several samples for the loss; raises BadLabel for one that means nothing."""
        ...

    def loss(self, network: nn.Module, batch: Batch, group: str = "all") -> dict[str, Tensor]:
        """Run the network and give the named terms of its loss, each a scalar; the loop sums them."""
        ...

    def decode(self, outputs: Any, batch: Batch) -> list[Any]:
        """Turn outputs into one prediction for each image."""
        ...

    def metric(self) -> Metric:
        """Start a new metric."""
        ...

    def asked(self, outputs: Any, about: Any) -> list[Asked]:
        """Say what of each image is asked about, so that the same is asked of it however it is changed."""
        ...

    def score(self, outputs: Any, about: Any) -> Tensor:
        """Give the scalar that an explanation or an attack differentiates, one for each image."""
        ...

    def confidence_in(self, outputs: Any, asked: Sequence[Asked]) -> Tensor:
        """Give the same as a number in [0, 1] that people read, one for each image."""
        ...

    def draw(self, sample: Sample, prediction: Any) -> Image:
        """Draw a prediction on its image."""
        ...


def outputs_of(task: Task) -> int:
    """Count what a network gives for an image, or for a candidate, to serve a task.

    Args:
        task: With labels.

    Returns:
        As many as there are classes, unless the task says otherwise.

    Source: ours.
    """
    return getattr(task, "outputs", len(task.labels))
