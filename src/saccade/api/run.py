"""A run: the folder that training leaves, and what can be done with it.

    run.json            what to do to repeat it: model, data and fingerprint, settings, versions, machine
    events.jsonl        what happened, as it happened
    .lock               empty; held by the process that trains, so that no other does
    last.safetensors    the state to resume from
    best.safetensors    the model that was best on the validation images; one file is enough to predict
    evaluation-*.json   how good it is on a split
    robustness-*.json   how good it is on disturbed pictures of a split
    saliency-*.json     what it went by in its worst mistakes and best cases, and whether those maps can be trusted
    card.html           the model card

Source: ours.
"""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any

from saccade.training.events import Event, Listener, RunFinished, RunStopped, read_events
from saccade.training.folder import read_description

if TYPE_CHECKING:
    from torch import nn

    from saccade.api.evaluation import Evaluation
    from saccade.api.predictor import Predictor
    from saccade.types.sample import DataSet


class Run:
    """A run on disk.

    Args:
        path: Its folder.
        module: The bare network, when the run trained a module of the user's own.

    Raises:
        BadCheckpoint: If the folder holds no run, or one that this version of saccade cannot read.

    Source: ours.
    """

    def __init__(self, path: str | Path, *, module: nn.Module | None = None) -> None:
        self.path = Path(path).expanduser()
        self.module = module
        self.dataset: DataSet | None = None
        self.description = read_description(self.path)

    @property
    def last(self) -> Path:
        """The file that holds the state to resume from."""
        return self.path / "last.safetensors"

    @property
    def best(self) -> Path:
        """The one-file model that was best on the validation images."""
        return self.path / "best.safetensors"

    @property
    def card(self) -> Path:
        """Where the model card is, once `report` has written it."""
        return self.path / "card.html"

    @property
    def labels(self) -> tuple[str, ...]:
        """The names of the classes."""
        return tuple(self.description["data"]["labels"])

    @property
    def state(self) -> str:
        """Say how it ended: "finished", "stopped" (a signal, a divergence), or "unfinished" (killed, or at work)."""
        ends = [event for event in self.events() if isinstance(event, RunFinished | RunStopped)]
        if not ends:
            return "unfinished"
        return "finished" if isinstance(ends[-1], RunFinished) else "stopped"

    @property
    def diverged(self) -> bool:
        """Whether it ended in numbers that are not finite, which it would do again."""
        ends = [event for event in self.events() if isinstance(event, RunStopped)]
        return bool(ends) and not ends[-1].reason.startswith("got signal")

    def events(self) -> list[Event]:
        """Read what happened, in order."""
        return list(read_events(self.path / "events.jsonl"))

    def resume(
        self, *, epochs: int | None = None, data: Any = None, listeners: Sequence[Listener] | None = None
    ) -> Run:
        """Go on where the run stopped, to the same bits as if it had not; or extend it.

        Args:
            epochs: A new number of epochs in all, to extend a finished run.
            data: Where the data lie now, if they have moved, or the arrays again; they must be the same.
            listeners: Called with every event; None shows progress on the terminal or in the notebook.

        Returns:
            This run.

        Raises:
            BadData: If the data are not there any more, or have changed.
            BadCheckpoint: If the state cannot be read.
            BadConfig: If epochs is less than are done, or the run trained a module of your own that is not here.
            Busy: If another process trains this run just now.
            Diverged: If the loss stops being finite.
            Interrupted: After a signal; the state is saved.

        Source: ours.
        """
        from saccade.api.training import resume

        return resume(self, epochs=epochs, data=data, listeners=listeners)

    def repeat(
        self, out: str | Path | None = None, *, data: Any = None, listeners: Sequence[Listener] | None = None
    ) -> Run:
        """Train again from the run's description alone; on the same machine and versions, to the same bits.

        Args:
            out: The folder of the new run; by default the next free one in `runs/`.
            data: Where the data lie now, if they have moved, or the arrays again; they must be the same.
            listeners: Called with every event; None shows progress on the terminal or in the notebook.

        Returns:
            The new run.

        Raises:
            BadData: If the data are not there any more, or have changed.
            BadConfig: If the run trained a module of your own, which cannot be made again.

        Source: ours.
        """
        from saccade.api.training import repeat

        return repeat(self, out=out, data=data, listeners=listeners)

    def predictor(self, *, device: str = "auto") -> Predictor:
        """Load the best model, ready to predict."""
        from saccade.api.predictor import load

        return load(self, device=device)

    def evaluate(self, split: str = "test") -> Evaluation:
        """Judge the best model on a split of the run's own data, and keep the figures in the run's folder."""
        from saccade.api.evaluation import evaluate

        return evaluate(self, split=split)

    def report(self, path: str | Path | None = None, *, seconds: float = 20.0) -> Path:
        """Write the model card; gives its path. A closer look takes so many seconds, about; 0 leaves it out."""
        from saccade.api.report import report

        return report(self, path, seconds=seconds)

    def export(self, path: str | Path | None = None) -> Path:
        """Write the best model as one file; gives its path."""
        from saccade.api.export import export

        return export(self, path)

    def __repr__(self) -> str:
        model = self.description["model"]["architecture"] or "a module of your own"
        return f"Run({str(self.path)!r}: {model} on {self.description['data']['name']}, {self.state})"

    def _repr_html_(self) -> str:
        import html

        rows = {
            "run": self.path,
            "model": self.description["model"]["architecture"],
            "data": self.description["data"]["name"],
            "state": self.state,
        }
        cells = "".join(f"<tr><th>{name}</th><td>{html.escape(str(value))}</td></tr>" for name, value in rows.items())
        return f"<table>{cells}</table>"
