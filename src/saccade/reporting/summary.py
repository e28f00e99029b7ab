"""The first screen: what the model is, how good it is, where it fails most.

Source: ours.
"""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from saccade.errors import printable
from saccade.metrics.classification import ClassificationJudgement
from saccade.metrics.confusion import most_confused
from saccade.metrics.detection.judgement import DetectionJudgement
from saccade.metrics.judgement import ClassRow, Figure
from saccade.metrics.multi_label import MultiLabelJudgement
from saccade.reporting.facts import CardFacts, Judged
from saccade.reporting.layers import Layers
from saccade.reporting.phrases import counted, duration, named, per_second, written

_MANY_CLASSES = 20


@dataclass(frozen=True)
class Tile:
    """One key figure: its name, its value in large, and a line below."""

    name: str
    value: str
    under: str = ""


def tiles(facts: CardFacts, layers: Layers | None) -> tuple[Tile, ...]:
    """Choose the key figures.

    Args:
        facts: Of the card.
        layers: Of the network.

    Returns:
        At most five.

    Source: ours.
    """
    found = []
    second = "top_5" if len(_labels(facts)) >= _MANY_CLASSES else "macro_f1"
    for name, figure in _figures(facts).items():
        if not math.isnan(figure[0]) and name in (
            "accuracy",
            "mean_average_precision",
            second,
            "calibration_error",
            "localised",
            "map",
            "map50",
            "distance",
            "style_cost",
        ):
            value, low, high = (written(name, number) for number in figure)
            found.append(Tile(named(name)[0], value, f"95\xa0%: {low} to {high}"))
    if layers:
        found.append(Tile("Parameters", _short(layers.parameters), f"{_short(layers.macs)} multiply-adds an image"))
    if facts.speed:
        many = facts.speed.many
        pace = f"{per_second(many.images_per_second)} images a second, {many.batch_size} at once"
        pace += "; measured on a busy machine" if facts.speed.busy else ""
        found.append(Tile("Time for one image", duration(facts.speed.single.median), pace))
    return tuple(found)


def what_it_is(facts: CardFacts, parameters: int) -> str:
    """Say in a sentence what the model is.

    Args:
        facts: Of the card.
        parameters: Of the network, 0 when they are not known.

    Returns:
        "" when nothing is known.

    Source: ours.
    """
    architecture = model_name(facts.description)
    labels = _labels(facts)
    if not architecture and not labels:
        return ""
    size = f" with {counted(parameters, 'parameter')}" if parameters else ""
    job = _job(facts, labels)
    shape = facts.description.get("preprocessing") or {}
    seen = ""
    if "size" in shape and "channels" in shape:
        height, width = shape["size"]
        kind = {1: "grey", 3: "colour"}.get(shape["channels"], f"{shape['channels']}-channel")
        seen = f" in {kind} images of {height}\xa0×\xa0{width} pixels"
    data = (facts.description.get("data") or {}).get("name", "")
    trained = f", trained on {data}" if data else ""
    return f"{_article(architecture or 'network')}{size}{job}{seen}{trained}."


def where_it_fails(judgement: ClassificationJudgement) -> tuple[ClassRow, str, int] | None:
    """Find the class that is found least, and what it is taken for most.

    Args:
        judgement: Of a classifier.

    Returns:
        (the class, what it is taken for, how often); None when nothing was wrong.

    Source: ours.
    """
    wrong = [row for row in judgement.per_class if row.support and row.figures["recall"][0] < 1]
    if not wrong:
        return None
    weakest = min(wrong, key=lambda row: (row.figures["recall"][0], -row.support))
    matrix = judgement.confusion.copy()
    place = judgement.labels.index(weakest.label)
    matrix[[number for number in range(len(matrix)) if number != place]] = 0
    _, taken_for, times = most_confused(matrix, 1)[0]
    return weakest, judgement.labels[taken_for], times


def model_name(description: Mapping[str, Any]) -> str:
    """Read the architecture's name from a run's description.

    Args:
        description: As `run.json` holds it.

    Returns:
        The name, or "" when it is not there.

    Source: ours.

    Example:
        >>> model_name({"model": {"architecture": "lenet5", "arguments": {}}})
        'lenet5'
    """
    model = description.get("model") or ""
    return str(model.get("architecture", "") if isinstance(model, Mapping) else model)


def _job(facts: CardFacts, labels: Sequence[str]) -> str:
    task = facts.description.get("task")
    if task == "style":
        return " that paints in one style"
    if task == "translation" and len(labels) == 2:
        return f" that translates between {' and '.join(map(printable, labels))}"
    return f" that {_verb(facts)} {counted(len(labels), 'class', 'classes')}" if labels else ""


def _verb(facts: CardFacts) -> str:
    if isinstance(facts.judgement, DetectionJudgement) or facts.description.get("task") == "detection":
        return "finds boxes of"
    return "names any of" if isinstance(facts.judgement, MultiLabelJudgement) else "tells apart"


def _labels(facts: CardFacts) -> Sequence[str]:
    if isinstance(facts.judgement, Judged | DetectionJudgement):
        return facts.judgement.labels
    return (facts.description.get("data") or {}).get("labels", ())


def _figures(facts: CardFacts) -> dict[str, Figure]:
    return facts.judgement.numbers() if facts.judgement else {}


def _article(noun: str) -> str:
    return f"{'An' if noun[0].lower() in 'aeiou' else 'A'} {noun}"


def _short(number: int) -> str:
    """61,706 → 61.7 k."""
    for unit, size in (("G", 1e9), ("M", 1e6), ("k", 1e3)):
        if number >= size:
            return f"{number / size:.3g}\xa0{unit}"
    return str(number)
