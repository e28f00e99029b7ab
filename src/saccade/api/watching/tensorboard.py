"""A listener that writes the figures of a run where TensorBoard finds them; it comes with the extra "tensorboard".

Source: ours, on torch.utils.tensorboard.
"""

from __future__ import annotations

from pathlib import Path

from saccade.errors import MissingExtra
from saccade.training.events import EpochDone, Event, RunFinished, RunStopped, StepDone


class TensorBoard:
    """A listener that writes scalars: each step's loss terms, rate and speed, each epoch's validation.

    Look at them with `tensorboard --logdir FOLDER`.

    Args:
        folder: Where to write; made if it is not there.

    Raises:
        MissingExtra: If TensorBoard is not installed.

    Source: ours.
    """

    def __init__(self, folder: str | Path) -> None:
        try:
            from torch.utils.tensorboard.writer import SummaryWriter
        except ImportError as error:
            raise MissingExtra("writing for TensorBoard", "tensorboard") from error
        self._writer = SummaryWriter(str(folder))

    def __enter__(self) -> TensorBoard:
        return self

    def __exit__(self, *_: object) -> None:
        self._writer.close()

    def __call__(self, event: Event) -> None:
        """Write what one event has in figures.

        Args:
            event: The next one of the stream.
        """
        if isinstance(event, StepDone):
            figures = {f"train/{name}": value for name, value in event.losses.items()}
            figures |= {"train/learning_rate": event.learning_rate}
            if event.seconds > 0:
                figures |= {
                    "speed/images_per_second": event.images / event.seconds,
                    "speed/waiting_for_data": event.waited / event.seconds,
                }
            self._write(figures, event.step, event.time)
        elif isinstance(event, EpochDone):
            figures = {f"validation/{name}": value for name, value in event.validation.items()}
            figures |= {f"epoch/{name}": value for name, value in event.losses.items()}
            self._write(figures, event.epoch + 1, event.time)
        elif isinstance(event, RunFinished | RunStopped):
            self._writer.flush()

    def _write(self, figures: dict[str, float], step: int, moment: float) -> None:
        for name, value in figures.items():
            self._writer.add_scalar(name, value, step, walltime=moment)
