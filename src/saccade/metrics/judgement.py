"""What the judgements of all tasks are made of: figures with intervals, rows for classes, images judged one by one.

Source: ours.
"""

from __future__ import annotations

import html
import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
from jaxtyping import Float, Int

from saccade.errors import printable
from saccade.metrics.bootstrap import interval, wilson

Figure = tuple[float, float, float]


@dataclass(frozen=True)
class ClassRow:
    """How one class fared.

    Args:
        label: Its name.
        support: Images of the class.
        predicted: Images taken for it.
        figures: By name ("precision", "recall", "f1", …) as (value, low, high); NaN where there is none.

    Source: ours.
    """

    label: str
    support: int
    predicted: int
    figures: Mapping[str, Figure]

    def to_dict(self) -> dict[str, Any]:
        """Give plain values that JSON can hold."""
        counts = {"label": self.label, "support": self.support, "predicted": self.predicted}
        return {**counts, **{name: plain_figure(figure) for name, figure in self.figures.items()}}


@dataclass(frozen=True)
class Verdict:
    """One image judged.

    Args:
        index: Its place among the images judged.
        key: Where it comes from.
        true: The classes it has.
        predicted: The classes it was said to have.
        confidence: How sure the network was of what it said; of a wrong set of labels, of its worst part.
        loss: What the answer costs, in nats.

    Source: ours.
    """

    index: int
    key: str
    true: tuple[str, ...]
    predicted: tuple[str, ...]
    confidence: float
    loss: float

    def to_dict(self) -> dict[str, Any]:
        """Give plain values that JSON can hold."""
        told = {"key": self.key, "true": list(self.true), "predicted": list(self.predicted)}
        return {**told, "confidence": plain(self.confidence), "loss": plain(self.loss)}

    def __str__(self) -> str:
        said, true = (" + ".join(names) or "nothing" for names in (self.predicted, self.true))
        return printable(f"{self.key}: {said} ({100 * self.confidence:.1f} %), in truth {true}")


def share_interval(value: float, draws: Float[np.ndarray, " draws"], trials: int) -> Figure:
    """Give the interval of a share; where no draw sees any doubt, Wilson's score does.

    Args:
        value: The share, or NaN.
        draws: The share in each draw.
        trials: On how many images it rests.

    Returns:
        (value, low, high). When value and draws are all 0, or all 1, the percentiles would claim certainty: then the
        interval is that of Wilson's score with as many trials.

    Source: ours; see `bootstrap`.

    Example:
        >>> share_interval(1.0, np.ones(100), 36)[1].__round__(3)
        0.904
    """
    draws = draws[~np.isnan(draws)]
    if value in (0.0, 1.0) and not (draws != value).any():
        return (value, *wilson(value * trials, trials))
    return (value, *interval(value, draws))


def named_figures(
    names: Sequence[str],
    values: Float[np.ndarray, " figures"],
    draws: Float[np.ndarray, "draws figures"],
    *,
    images: int,
    scores: Sequence[str] = (),
) -> dict[str, Figure]:
    """Name the first figures of a row, with their intervals.

    Args:
        names: Of the figures, in order.
        values: The figures of the images as they are.
        draws: The figures of each draw.
        images: On how many images they rest.
        scores: Those of the names that are no shares of images.

    Returns:
        (value, low, high) by name.

    Source: ours.

    Example:
        >>> named_figures(["loss"], np.array([2.0]), np.array([[1.0], [3.0]]), images=2, scores=["loss"])["loss"][0]
        2.0
    """
    return {
        name: (float(values[at]), *interval(float(values[at]), draws[:, at]))
        if name in scores
        else share_interval(float(values[at]), draws[:, at], images)
        for at, name in enumerate(names)
    }


def class_rows(
    labels: Sequence[str],
    columns: Sequence[str],
    values: Float[np.ndarray, " figures"],
    draws: Float[np.ndarray, "draws figures"],
    *,
    support: Int[np.ndarray, " classes"],
    predicted: Int[np.ndarray, " classes"],
) -> tuple[ClassRow, ...]:
    """Name the figures of each class, with their intervals.

    Args:
        labels: The names of the classes.
        columns: The names of the figures.
        values: The figures of the images as they are: one column for all classes, then the next.
        draws: The figures of each draw.
        support: Images of each class.
        predicted: Images taken for each class; precision rests on them.

    Returns:
        A row for each class.

    Source: ours.
    """
    rows = []
    for number, label in enumerate(labels):
        figures = {}
        for place, column in enumerate(columns):
            at, trials = place * len(labels) + number, predicted if column == "precision" else support
            figures[column] = share_interval(float(values[at]), draws[:, at], int(trials[number]))
        rows.append(ClassRow(label, int(support[number]), int(predicted[number]), figures))
    return tuple(rows)


def plain(value: float) -> float | None:
    """Make a number fit for JSON: rounded to six digits after the point, None for NaN.

    Args:
        value: Any number.

    Returns:
        The number, or None.

    Source: ours.

    Example:
        >>> plain(0.123456789), plain(float("nan"))
        (0.123457, None)
    """
    return round(float(value), 6) if math.isfinite(value) else None


def plain_figure(figure: Figure) -> dict[str, float | None]:
    """Make a figure fit for JSON.

    Args:
        figure: (value, low, high).

    Returns:
        The three by name.

    Source: ours.

    Example:
        >>> plain_figure((0.5, 0.25, 0.75))
        {'value': 0.5, 'low': 0.25, 'high': 0.75}
    """
    return dict(zip(("value", "low", "high"), map(plain, figure), strict=True))


def as_text(numbers: Mapping[str, Figure], images: int) -> str:
    """Write figures as a small table for a terminal.

    Args:
        numbers: By name.
        images: How many images were judged.

    Returns:
        Lines.

    Source: ours.

    Example:
        >>> print(as_text({"accuracy": (0.9, 0.8, 0.95)}, 40))
        40 images
        accuracy              0.9000  (0.8000 to 0.9500)
    """
    rows = []
    for name, figure in numbers.items():
        value, low, high = map(_value, figure)
        rows.append(f"{_spoken(name):<20}  {value}  ({low} to {high})")
    return "\n".join([f"{images} images", *rows])


def as_html(numbers: Mapping[str, Figure], rows: Sequence[ClassRow], mistakes: Sequence[Verdict], images: int) -> str:
    """Lay out a judgement for a notebook.

    Args:
        numbers: The figures by name.
        rows: The classes; the first twenty are shown.
        mistakes: Worst first; the first five are shown.
        images: How many images were judged.

    Returns:
        HTML; names and keys are escaped.

    Source: ours.
    """
    whole = "".join(f"<tr>{_cell(_spoken(name))}{_figure_cell(figure)}</tr>" for name, figure in numbers.items())
    names = list(rows[0].figures) if rows else []
    head = "".join(f"<th>{_spoken(name)}</th>" for name in names)
    classes = "".join(
        f"<tr>{_cell(row.label)}<td>{row.support}</td>{''.join(_figure_cell(row.figures[name]) for name in names)}</tr>"
        for row in rows[:20]
    )
    more = f"<p>and {len(rows) - 20} more classes</p>" if len(rows) > 20 else ""
    worst = "".join(f"<li>{html.escape(str(verdict))}</li>" for verdict in mistakes[:5])
    return (
        f"<table><caption>{images} images</caption><tr><th></th><th>value</th></tr>{whole}</table>"
        f"<table><tr><th></th><th>images</th>{head}</tr>{classes}</table>{more}"
        f"<p>{len(mistakes)} images wrong{', worst first:' if worst else ''}</p><ol>{worst}</ol>"
    )


def _cell(text: str) -> str:
    return f'<td style="text-align:left">{html.escape(printable(text))}</td>'


def _figure_cell(figure: Figure) -> str:
    value, low, high = (_value(number) for number in figure)
    return f"<td>{value} <small>{low} – {high}</small></td>"


def _value(number: float) -> str:
    return f"{number:.4f}" if math.isfinite(number) else "–"


def _spoken(name: str) -> str:
    return name.replace("_", " ")
