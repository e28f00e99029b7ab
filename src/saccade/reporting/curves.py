"""How training went, from the stream of events.

Source: ours.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from saccade.reporting.figures import Curve, draw_curves
from saccade.reporting.phrases import counted, decimal, duration, is_share, named, per_second, written
from saccade.training.events import EpochDone, Event, RunFinished, RunStarted, RunStopped, StepDone

_FEW_EPOCHS, _MOST_POINTS = 3, 200


@dataclass(frozen=True)
class Drawing:
    """A drawing with its title, its lines, and whether the epoch whose weights were kept is marked."""

    title: str
    svg: str
    curves: tuple[Curve, ...]
    marked: bool


@dataclass(frozen=True)
class Training:
    """The section on training.

    Args:
        sentence: What happened.
        drawings: The loss, and the figure that decided which epoch is best.
        columns: Of the table with a row for each epoch.
        rows: Of that table.
        best_epoch: Whose weights were kept, counted from 1.
        stopped: Why training ended early, or "".
        overfitting: What shows it, or "".

    Source: ours.
    """

    sentence: str
    drawings: tuple[Drawing, ...]
    columns: tuple[str, ...]
    rows: tuple[tuple[str, ...], ...]
    best_epoch: int | None
    stopped: str
    overfitting: str


def training_section(events: Sequence[Event]) -> Training | None:
    """Lay out how training went.

    Args:
        events: Of the run, in order.

    Returns:
        The section; None when no epoch was finished.

    Source: ours.
    """
    epochs = [
        done for _, done in sorted({event.epoch: event for event in events if isinstance(event, EpochDone)}.items())
    ]
    if not epochs:
        return None
    best = max((done.epoch + 1 for done in epochs if done.best), default=None)
    ends = [event for event in events if isinstance(event, RunFinished | RunStopped)]
    figures = [name for name in epochs[0].validation if all(name in done.validation for done in epochs)]
    spoken = [f"validation {named(name)[0]}" for name in figures]
    return Training(
        _sentence(epochs, best, events),
        (_loss(epochs, figures, best, events), *_headline(epochs, figures, best)),
        ("epoch", "training loss", *spoken, "learning rate", "time"),
        tuple(_row(done, figures) for done in epochs),
        best,
        ends[-1].reason if ends and isinstance(ends[-1], RunStopped) else "",
        _overfitting(epochs),
    )


def _sentence(epochs: Sequence[EpochDone], best: int | None, events: Sequence[Event]) -> str:
    planned = [event.epochs for event in events if isinstance(event, RunStarted)]
    seconds, images = sum(done.seconds for done in epochs), sum(done.images for done in epochs)
    done = counted(len(epochs), "epoch") + (f" of {planned[-1]:,}" if planned and planned[-1] > len(epochs) else "")
    pace = f", {per_second(images / seconds)} images a second" if seconds > 0 else ""
    waited = sum(done.waited for done in epochs)
    if waited > 0.05 * seconds:
        pace += f", {round(100 * waited / seconds)}\xa0% of it waiting for data"
    if not best:
        kept = ""
    elif epochs[-1].validation:
        kept = f" The weights of epoch {best} were the best on the validation images and were kept."
    else:
        kept = (
            f" There were no validation images; the weights of epoch {best}, with the lowest training loss, were kept."
        )
    return f"Training ran for {done} and took {duration(seconds)}{pace}.{kept}"


def _loss(epochs: Sequence[EpochDone], figures: Sequence[str], best: int | None, events: Sequence[Event]) -> Drawing:
    numbers = [done.epoch + 1 for done in epochs]
    training = Curve("training", numbers, [sum(done.losses.values()) for done in epochs])
    if len(epochs) < _FEW_EPOCHS:
        training = _by_step(events) or training
    curves = [training]
    if "loss" in figures:
        curves.append(Curve("validation", numbers, [done.validation["loss"] for done in epochs], 2))
    ends = (f"the {curve.name} loss from {decimal(curve.values[0])} to {decimal(curve.values[-1])}" for curve in curves)
    svg = draw_curves(curves, "loss", f"Over the epochs: {', '.join(ends)}.", best=best)
    return Drawing("Loss", svg, tuple(curves), bool(best))


def _headline(epochs: Sequence[EpochDone], figures: Sequence[str], best: int | None) -> list[Drawing]:
    """Draw the first figure that is a share: by custom the one that the task goes by."""
    name = next((name for name in figures if is_share(name)), "")
    if not name:
        return []
    values = [done.validation[name] for done in epochs]
    curve = Curve("validation", [done.epoch + 1 for done in epochs], values, 2)
    title = named(name)[0]
    label = f"{title} on the validation images from {written(name, values[0])} to {written(name, values[-1])}."
    return [Drawing(title, draw_curves([curve], "headline", label, best=best, rates=True), (curve,), bool(best))]


def _by_step(events: Sequence[Event]) -> Curve | None:
    """The training loss within the epochs, when there are too few of them to make a curve."""
    per_epoch = max((event.steps_per_epoch for event in events if isinstance(event, RunStarted)), default=0)
    steps = [event for event in events if isinstance(event, StepDone)]
    if not per_epoch or len(steps) < 3:
        return None
    size = -(-len(steps) // _MOST_POINTS)
    groups = [steps[start : start + size] for start in range(0, len(steps), size)]
    places = [group[-1].step / per_epoch for group in groups]
    return Curve(
        "training", places, [sum(sum(step.losses.values()) for step in group) / len(group) for group in groups]
    )


def _row(done: EpochDone, figures: Sequence[str]) -> tuple[str, ...]:
    return (
        str(done.epoch + 1),
        decimal(sum(done.losses.values())),
        *(written(name, done.validation[name]) for name in figures),
        f"{done.learning_rate:.2e}",
        duration(done.seconds),
    )


def _overfitting(epochs: Sequence[EpochDone]) -> str:
    """Say so when the validation loss rose again by a tenth while the training loss went on falling."""
    if not all("loss" in done.validation for done in epochs):
        return ""
    lowest, last = min(epochs, key=lambda done: done.validation["loss"]), epochs[-1]
    fell = sum(last.losses.values()) < sum(lowest.losses.values())
    if not fell or last.validation["loss"] < 1.1 * lowest.validation["loss"]:
        return ""
    return (
        f"the validation loss was lowest in epoch {lowest.epoch + 1} ({decimal(lowest.validation['loss'])}) and rose "
        f"to {decimal(last.validation['loss'])} by the end, while the training loss went on falling"
    )
