"""The search for a learning rate: it grows at every step, and the loss says where it is right and where too large.

Source: Smith, "Cyclical learning rates for training neural networks", arXiv 1506.01186, section 3.3.
"""

from __future__ import annotations

import math
import tempfile
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

import numpy as np
from torch import nn

from saccade.api.building import refuse_unknown
from saccade.api.choosing import read_settings, recipe_model, training_changes
from saccade.api.fitting import make_task
from saccade.api.making import make_network
from saccade.api.plot_files import save_plot
from saccade.api.starting import refuse_start
from saccade.api.transfer.suitability import refuse_changes
from saccade.api.watching.progress import heard
from saccade.data.loading.feeding import Feeding
from saccade.data.loading.loader import Loader
from saccade.data.opening import open_data
from saccade.errors import BadConfig, Diverged, Interrupted
from saccade.training.events import Event, Listener
from saccade.training.execution import resolve
from saccade.training.job import Job
from saccade.training.loop import Trainer
from saccade.training.range_test import Enough, Repeated, Watch, smoothed, steepest, tenth_of_lowest
from saccade.training.settings import TrainingSettings
from saccade.types.plotting import PALE, STRONG, Plot
from saccade.types.preprocessing import Preprocessing
from saccade.types.sample import DataSet

_FEWEST = 20


@dataclass(frozen=True)
class RateCurve:
    """What the loss did while the learning rate grew.

    Args:
        rates: Of each step.
        losses: Of each step, as they were.
        diverged: Whether the loss left for good before the last step.

    Source: Smith 2015, section 3.3.
    """

    rates: tuple[float, ...]
    losses: tuple[float, ...]
    diverged: bool

    @property
    def steepest(self) -> float:
        """The rate at which the smoothed loss fell fastest; NaN when it never fell."""
        return steepest(self.rates, self.losses)

    @property
    def tenth_of_lowest(self) -> float:
        """A tenth of the rate at which the smoothed loss was lowest; NaN when it never fell."""
        return tenth_of_lowest(self.rates, self.losses)

    @property
    def suggestion(self) -> float:
        """The smaller of the two, to two digits; NaN when the loss never fell."""
        if math.isnan(self.steepest):
            return math.nan
        return float(f"{min(self.steepest, self.tenth_of_lowest):.1e}")

    def to_dict(self) -> dict[str, Any]:
        """Give plain values that JSON can hold."""
        return {
            "suggestion": self.suggestion,
            "steepest": self.steepest,
            "tenth_of_lowest": self.tenth_of_lowest,
            "diverged": self.diverged,
            "rates": list(self.rates),
            "losses": list(self.losses),
            "smoothed": smoothed(self.losses).tolist(),
        }

    def plot(self) -> Plot:
        """Draw the loss over the rate, with the suggestion.

        Returns:
            The figure.
        """
        figure = Plot(figsize=(5.2, 3.2), layout="constrained")
        axes, told = figure.subplots(), smoothed(self.losses)
        axes.semilogx(self.rates, self.losses, color=PALE, linewidth=1)
        axes.semilogx(self.rates, told, color=STRONG)
        if not math.isnan(self.suggestion):
            axes.axvline(self.suggestion, color=STRONG, linewidth=0.9, linestyle=(0, (3, 3)))
            axes.set_title(f"suggestion {self.suggestion:g}", fontsize=10)
        low = float(np.min(told))
        axes.set_ylim(low - 0.1 * (told[0] - low) - 0.01, told[0] + 0.5 * (told[0] - low) + 0.1)
        axes.set_xlabel("learning rate", fontsize=9)
        axes.set_ylabel("loss", fontsize=9)
        axes.tick_params(labelsize=8)
        axes.spines[["top", "right"]].set_visible(False)
        return figure

    def save(self, path: str | Path) -> Path:
        """Draw it into a file.

        Args:
            path: Its suffix says the format: .png, .svg or .pdf.

        Returns:
            The path.

        Raises:
            BadConfig: If the suffix is another.
            StorageFull: If the disk is full.
        """
        return save_plot(self.plot(), path)

    def __repr__(self) -> str:
        """Say what was found in a line."""
        return f"RateCurve(suggestion {self.suggestion:g} after {len(self.rates)} steps)"

    def _repr_png_(self) -> bytes:
        return self.plot()._repr_png_()


def find_learning_rate(
    data: Any,
    *,
    model: str | nn.Module | None = None,
    task: str = "auto",
    settings: TrainingSettings | Mapping[str, Any] | str | None = None,
    steps: int = 100,
    highest: float = 10.0,
    listeners: Sequence[Listener] | None = None,
) -> RateCurve:
    """Look for the learning rate that a network, data and settings take, in a hundred steps of the training loop.

    The rate grows by the same factor at each step, from a ten-millionth of the highest on, until the loss has left for
    good. Nothing is kept: no run, and of a module of your own a copy is trained.

    Args:
        data: As `train` takes it.
        model: As `train` takes it; None is the network of the recipe, or resnet18.
        task: As `train` takes it.
        settings: As `train` takes them; their epochs, learning rate and schedule are put aside.
        steps: Of the optimiser, 20 or more.
        highest: The rate of the last step, if the loss is still there.
        listeners: Called with every event; None shows progress on the terminal or in the notebook.

    Returns:
        The curve, with what it suggests.

    Raises:
        BadConfig: If a setting or a name is wrong.
        BadData: If the data cannot be used.
        Interrupted: After a signal.

    Source: Smith 2015, section 3.3.
    """
    if steps < _FEWEST or not 0 < highest < math.inf:
        raise BadConfig(
            f"got steps={steps} and highest={highest}; taken are {_FEWEST} steps or more and a rate above 0; change "
            "them"
        )
    refuse_unknown(model)
    dataset = open_data(data, seed=read_settings(settings, None).seed)
    named = dataset.task if task == "auto" else task
    chosen = read_settings(settings, None, named)
    asked = recipe_model(model, chosen)
    refuse_start(asked, chosen.weights)
    ranged = replace(
        chosen, epochs=1, learning_rate=float(highest), schedule="range", warmup_epochs=0.0, checkpoint_steps=0
    )
    learnt = make_task(named, dataset, ranged)
    network, preprocessing = make_network(asked, dataset, learnt, ranged)
    refuse_changes(ranged, named, preprocessing.channels)
    with heard(listeners) as others, tempfile.TemporaryDirectory() as folder:
        return _searched(
            Job(network, learnt, ranged, resolve(ranged, network), Path(folder, "last.safetensors")),
            dataset,
            preprocessing,
            steps,
            others,
        )


def _searched(
    job: Job, dataset: DataSet, preprocessing: Preprocessing, steps: int, others: Sequence[Listener]
) -> RateCurve:
    settings, watch = job.settings, Watch(steps)
    job = replace(job, network=job.execution.placed(job.network))

    def emit(event: Event) -> None:
        for listener in (*others, watch):
            listener(event)

    feeding = Feeding(settings.workers, settings.worker_kind == "threads", settings.cache, device=job.execution.device)
    with Loader(
        dataset.splits["train"], preprocessing, job.task.targets, batch_size=settings.batch_size, seed=settings.seed,
        augmentations=training_changes(settings), workers=feeding,
    ) as loader:  # fmt: skip
        try:
            Trainer(job, emit=emit).fit(Repeated(loader, steps * settings.accumulate), None)
        except Interrupted as error:
            raise Interrupted(
                f"got signal {error.signal_number} while looking for a rate; nothing of it is kept; begin again",
                error.signal_number,
            ) from error
        except Diverged:
            return RateCurve(tuple(watch.rates), tuple(watch.losses), diverged=True)
        except Enough:
            pass
    return RateCurve(tuple(watch.rates), tuple(watch.losses), diverged=len(watch.rates) < steps)
