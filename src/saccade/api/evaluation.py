"""The verb evaluate: how good a model is on a split, with the uncertainty of each figure.

Source: ours.
"""

from __future__ import annotations

import copy
import math
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from saccade.api.ensembles.answering import Answering
from saccade.api.ensembles.views import Views
from saccade.api.fitting import make_task
from saccade.api.origin import changed_splits, opened_again
from saccade.api.predictor import Predictor, as_run, load
from saccade.api.relabelling import relabelled
from saccade.api.run import Run
from saccade.data.loading.loader import Loader
from saccade.data.opening import open_data
from saccade.errors import BadData, offer
from saccade.metrics.detection.judgement import DetectionJudgement
from saccade.tasks.style import StyleTask
from saccade.training.settings import TrainingSettings
from saccade.training.validation import run_metric
from saccade.types.bad_file import BadFile
from saccade.types.batch import Batch
from saccade.types.sample import DataSet, Source
from saccade.types.task import Judgement, Metric
from saccade.weights.files import json_bytes, write_whole

RESAMPLES = 1000


@dataclass(frozen=True)
class Evaluation:
    """How good a model is on a split.

    Args:
        judgement: The figures with their intervals, the classes, the calibration, the mistakes.
        split: What it was judged on.
        images: How many pictures.
        note: What a reader must know, such as that there was no test split; "" when there is nothing.
        bad: Files that could not be read and are not counted.

    Source: ours.
    """

    judgement: Judgement
    split: str
    images: int
    note: str = ""
    bad: tuple[BadFile, ...] = ()

    def numbers(self) -> dict[str, tuple[float, float, float]]:
        """Give each figure as (value, low, high), the interval at 95 %."""
        return self.judgement.numbers()

    def to_dict(self) -> dict[str, Any]:
        """Give plain values that JSON can hold."""
        bad = [one.to_dict() for one in self.bad]
        return {
            "split": self.split, "images": self.images, "note": self.note, "bad": bad, **self.judgement.to_dict(),
        }  # fmt: skip

    def __str__(self) -> str:
        lines = [f"{self.images} images of the {self.split} split" + (f" ({self.note})" if self.note else "")]
        for name, (value, low, high) in self.numbers().items():
            lines.append(f"  {name.replace('_', ' '):<26} {_told(value)}  ({_told(low)} to {_told(high)})")
        if isinstance(self.judgement, DetectionJudgement):
            lines.append(f"  precision, recall and f1 from confidence {self.judgement.confidence:.3f} on")
        return "\n".join(lines)

    def _repr_html_(self) -> str:
        rows = "".join(
            f"<tr><th>{name.replace('_', ' ')}</th><td>{_told(value)}</td><td>{_told(low)} – {_told(high)}</td></tr>"
            for name, (value, low, high) in self.numbers().items()
        )
        return f"<table><caption>{self.images} images of the {self.split} split {self.note}</caption>{rows}</table>"


def evaluate(
    model: str | Path | Run | Answering | Sequence[str | Path | Run | Predictor],
    data: Any = None,
    *,
    split: str = "test",
    views: Views | None = None,
    device: str = "auto",
    batch_size: int = 64,
) -> Evaluation:
    """Judge a model, or several together, on a split of a data set.

    Args:
        model: A run, its folder, a model file, or a predictor; an ensemble; or several models, whose probabilities are
            averaged.
        data: What to judge it on; None is the run's own data, checked to be unchanged. Classes are the model's own, by
            name: they may be in another order, and some may be missing. Data without splits are all "test", unless they
            are what the model learnt from: then they are cut as they were.
        split: "train", "val" or "test"; without a test split the val split is used, and the result says so.
        views: How often each picture is looked at, such as `Views(crops=10)`; None: once.
        device: "auto", "cpu", "cuda" or "mps".
        batch_size: Pictures that go through the network together.

    Returns:
        The evaluation; for a run on its own data, with one view, it is kept as `evaluation-<split>.json` too. For
        several models or views it is an `EnsembleEvaluation`, which also says what they gain and what they cost.

    Raises:
        BadCheckpoint: If there is no model there, or it cannot be trusted.
        BadData: If there is no such split, or it has classes that the model does not know.
        BadConfig: If the models do not go together, or cannot be shown such views; or a style is to be judged without
            the run that learnt it.

    Source: ours.
    """
    if isinstance(model, list | tuple) and len(model) == 1:
        model = model[0]
    if not isinstance(model, str | Path | Run | Predictor) or (views is not None and views != Views()):
        from saccade.api.ensembles.ensembling import ensemble
        from saccade.api.ensembles.together import evaluate_together

        return evaluate_together(ensemble(model, views=views, device=device), data, split=split, batch_size=batch_size)
    return _alone(model, data, split, device=device, batch_size=batch_size)


def _alone(model: str | Path | Run | Predictor, data: Any, split: str, *, device: str, batch_size: int) -> Evaluation:
    judged = to_judge(model, data, split, device=device)
    metric, bad = metric_on(judged.predictor, judged.source, batch_size)
    judgement = metric.judge(RESAMPLES, seed=0)
    evaluation = Evaluation(judgement, judged.split, len(judged.source) - len(bad), judged.note, bad)
    if judged.run is not None:
        kept = json_bytes(evaluation.to_dict(), indent=1)
        write_whole(judged.run.path / f"evaluation-{judged.split}.json", lambda file: file.write(kept))
    return evaluation


@dataclass(frozen=True, eq=False)
class ToJudge:
    """A model and the pictures that it is judged on.

    Args:
        predictor: The model.
        source: The pictures, in the numbers of the model's classes.
        split: Which they are.
        note: What a reader must know of them; "" when there is nothing.
        run: The run whose own data they are; None for other data.

    Source: ours.
    """

    predictor: Predictor
    source: Source
    split: str
    note: str = ""
    run: Run | None = None


def to_judge(model: str | Path | Run | Predictor, data: Any, split: str, *, device: str = "auto") -> ToJudge:
    """Open a model and what it is judged on; arguments as for `evaluate`.

    Args:
        model: One model.
        data: None for the run's own data.
        split: Which is asked for.
        device: "auto", "cpu", "cuda" or "mps".

    Returns:
        Both, ready.

    Raises:
        BadCheckpoint: If there is no model there, or it cannot be trusted.
        BadData: If there is no such split, or it has classes that the model does not know.
        BadConfig: If the style picture of a run is gone.

    Source: ours.
    """
    run = as_run(model)
    predictor = load(run or model, device=device)
    if run is not None and data is None:
        dataset, own = opened_again(run), True
    else:
        dataset, own = data_for(data, predictor)
    if run is not None and isinstance(predictor.task, StyleTask):  # a model's file has no style picture
        predictor = copy.copy(predictor)
        predictor.task = make_task("style", dataset, TrainingSettings.from_dict(run.description["settings"]))
    chosen, note = split_of(dataset, split, own)
    source = relabelled(dataset, chosen, predictor.labels, predictor.task.name)
    return ToJudge(predictor, source, chosen, note, run if data is None else None)


def metric_on(predictor: Predictor, source: Source, batch_size: int) -> tuple[Metric, tuple[BadFile, ...]]:
    """Run a model over pictures.

    Args:
        predictor: The model.
        source: The pictures.
        batch_size: Pictures that go through the network together.

    Returns:
        The task's metric, with all of them in it; and the files that could not be read.

    Source: ours.
    """
    bad: dict[str, BadFile] = {}

    def note_bad(batch: Batch) -> None:
        bad.update({key: BadFile(key, reason) for key, reason in batch.set_aside})

    preprocessing, task = predictor.description.preprocessing, predictor.task
    with Loader(source, preprocessing, task.targets, batch_size=batch_size) as loader:
        metric = run_metric(predictor.network, task, loader, predictor.execution, between=note_bad)
    return metric, tuple(bad.values())


def _told(value: float) -> str:
    return f"{value:.4f}" if math.isfinite(value) else "–"


def data_for(data: Any, predictor: Predictor) -> tuple[DataSet, bool]:
    """Open data that are not known to be a model's own; and say whether they are, after all.

    Args:
        data: What `open_data` takes.
        predictor: The model.

    Returns:
        The data; and whether they are what the model learnt from, cut as they were then.

    Raises:
        BadData: If there are none.

    Source: ours.
    """
    if data is None:
        raise BadData("got a model file and no data; taken is a model with data to judge it on; name the data")
    opened = open_data(data, shares=(0.0, 0.0, 1.0))
    origin = predictor.description.origin
    counts, shares = origin.get("counts", {}), origin.get("shares")
    if shares and set(opened.splits) == {"test"} and len(opened.splits["test"]) == sum(counts.values()):
        cut = open_data(data, seed=int(origin["seed"]), shares=(shares[0], shares[1], shares[2]))
        if not changed_splits(origin["fingerprints"], cut):
            return cut, True
    return opened, False


def split_of(dataset: DataSet, wanted: str, own: bool) -> tuple[str, str]:
    """Choose the split, and say what a reader must know about it.

    Args:
        dataset: The data.
        wanted: The split that is asked for.
        own: Whether the model learnt from these data.

    Returns:
        The split; and a remark, "" where there is none to make.

    Raises:
        BadData: If there is no such split.

    Source: ours.
    """
    if wanted in dataset.splits:
        uncut = not own and set(dataset.splits) == {"test"}
        return wanted, "data without splits of their own: all images are judged" if uncut else ""
    if wanted == "test" and "val" in dataset.splits:
        return "val", "there is no test split; these images chose the best epoch, so the figures run high" if own else (
            "there is no test split"
        )  # fmt: skip
    raise BadData(f"got split {wanted!r}; {offer(wanted, dataset.splits)}")
