"""What an experiment records of a run besides its loss: how often it is wrong, and how large its gradients are.

Source: ours.
"""

from __future__ import annotations

import json
from collections.abc import Collection, Sequence
from pathlib import Path
from typing import Any

import torch
from jaxtyping import Float
from torch import Tensor, nn
from torch.utils.hooks import RemovableHandle

from saccade.metrics.classification import ClassificationMetric
from saccade.tasks.classification import ClassificationTask
from saccade.training.events import Event, RunStarted, StepDone
from saccade.types.batch import Batch
from saccade.weights.files import json_bytes, storage_checked, write_whole

TRAINING, RUNNING, TEST = "training_error", "running_error", "test_error"


class WatchedClassification(ClassificationTask):
    """Classification whose steps tell how often they were wrong, judged on two sets of images at once.

    Args:
        labels: The names of the classes, in the order of their ids.
        learned: The keys of the training images among those that judge.

    Source: ours.
    """

    def __init__(self, labels: Sequence[str], learned: Collection[str]) -> None:
        super().__init__(tuple(labels))
        object.__setattr__(self, "learned", frozenset(learned))

    @property
    def headline(self) -> tuple[str, bool]:
        """The error on images that were learned from; the comparison is about optimisation."""
        return TRAINING, False

    def loss(self, network: nn.Module, batch: Batch, group: str = "all") -> dict[str, Float[Tensor, ""]]:
        """Give the loss, and beside it the share that was wrong in this very pass, which has no gradient.

        Args:
            network: Takes images, gives logits.
            batch: With labels as its targets.
            group: Only "all".

        Returns:
            The terms of classification, and "running_error".

        Source: ours.
        """
        passes: list[Tensor] = []
        handle = network.register_forward_hook(lambda _module, _inputs, logits: passes.append(logits.detach()))
        try:
            terms = super().loss(network, batch, group)
        finally:
            handle.remove()
        return {**terms, RUNNING: (passes[0].argmax(1) != batch.targets).float().mean()}

    def metric(self) -> ErrorMetric:
        """Start a new metric."""
        return ErrorMetric(self.labels, vars(self)["learned"])


class ErrorMetric(ClassificationMetric):
    """The errors on images that were learned from and on images that were not, in one pass over both.

    Args:
        labels: The names of the classes.
        learned: The keys of the images that were learned from.

    Source: ours.
    """

    def __init__(self, labels: Sequence[str], learned: Collection[str]) -> None:
        super().__init__(labels)
        self._learned = learned

    def compute(self) -> dict[str, float]:
        """Give the errors so far.

        Returns:
            "training_error" and "test_error", each a share; one without images is left out.

        Raises:
            BadData: If nothing was taken in.

        Source: ours.
        """
        log_probabilities, labels = self._answers()
        wrong = log_probabilities.argmax(axis=1) != labels
        parts: dict[str, list[bool]] = {TRAINING: [], TEST: []}
        for key, one in zip(self._keys, wrong.tolist(), strict=True):
            parts[TRAINING if key in self._learned else TEST].append(one)
        return {name: sum(part) / len(part) for name, part in parts.items() if part}


class GradientNorms:
    """A listener that keeps the norm of the gradient of each kernel and matrix at some steps, as JSON lines.

    It is to be used as a context: it hangs on the network's parameters, and lets go of them at the end.

    Args:
        network: Its parameters of two dimensions and more are looked at, in their order.
        steps: Counted from 1.
        path: The file; lines of steps that a resumed run takes again are dropped from it.

    Source: ours.
    """

    def __init__(self, network: nn.Module, steps: Collection[int], path: Path) -> None:
        self._layers = {name: value for name, value in network.named_parameters() if value.ndim > 1}
        self._steps, self._path, self._next = frozenset(steps), path, 0
        self._norms: dict[str, Tensor] = {}
        self._handles: list[RemovableHandle] = []

    def __enter__(self) -> GradientNorms:
        for name, parameter in self._layers.items():
            self._handles.append(parameter.register_post_accumulate_grad_hook(self._taker(name)))
        return self

    def __exit__(self, *_: object) -> None:
        while self._handles:
            self._handles.pop().remove()

    def __call__(self, event: Event) -> None:
        """Follow the run from step to step.

        Args:
            event: The next one of the stream.
        """
        if isinstance(event, RunStarted):
            self._next = event.step + 1
            kept = [line for line in read_gradients(self._path) if line["step"] <= event.step]
            write_whole(self._path, lambda file: file.write(b"".join(json_bytes(line) + b"\n" for line in kept)))
        elif isinstance(event, StepDone):
            if event.step in self._steps:
                norms = {name: float(self._norms[name]) for name in self._layers if name in self._norms}
                with storage_checked(self._path), self._path.open("ab") as file:
                    file.write(json_bytes({"step": event.step, "norms": norms}) + b"\n")
            self._next = event.step + 1

    def _taker(self, name: str) -> Any:
        def take(parameter: Tensor) -> None:
            if self._next in self._steps and parameter.grad is not None:
                self._norms[name] = torch.linalg.vector_norm(parameter.grad)

        return take


def read_gradients(path: Path) -> list[dict[str, Any]]:
    """Read what `GradientNorms` kept; a last line torn by a crash is left out.

    Args:
        path: Its file, which need not be there.

    Returns:
        For each step its number, and the norm of each layer by name.

    Source: ours.
    """
    lines = path.read_bytes().split(b"\n")[:-1] if path.exists() else []
    return [json.loads(line) for line in lines]


def spread_steps(total: int, count: int) -> tuple[int, ...]:
    """Spread a few steps over a run, the first and the last among them.

    Args:
        total: Steps of the run.
        count: How many to choose.

    Returns:
        Their numbers, counted from 1.

    Source: ours.

    Example:
        >>> spread_steps(100, 3), spread_steps(2, 5), spread_steps(0, 5)
        ((1, 50, 100), (1, 2), ())
    """
    if count < 2 or total < 1:
        return (1,)[: min(count, total)]
    return tuple(sorted({1 + (total - 1) * part // (count - 1) for part in range(count)}))
