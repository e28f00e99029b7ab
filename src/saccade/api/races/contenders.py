"""Who takes part in a comparison of ways to train: a recipe, a network with settings, or the log of a stranger.

Source: ours; the form of the log is that of DAWNBench (Coleman et al. 2017).
"""

from __future__ import annotations

import csv
import itertools
import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from saccade import catalog
from saccade.api.building import refuse_unknown
from saccade.api.choosing import read_settings, recipe_model
from saccade.api.starting import refuse_start
from saccade.errors import BadConfig, BadData, printable
from saccade.training.recipes import recipes
from saccade.training.settings import TrainingSettings

_MOST_LINES, _LARGEST = 100_000, 10_000_000


@dataclass(frozen=True)
class Contender:
    """A way to train, ready to be trained with.

    Args:
        name: What it is called.
        model: A name or a line of layers.
        settings: All else.

    Source: ours.
    """

    name: str
    model: str
    settings: TrainingSettings


@dataclass(frozen=True)
class Mark:
    """The state of a training after an epoch.

    Args:
        epoch: From 1.
        seconds: Of training so far, judging left out.
        operations: Floating-point operations so far; None where nobody counted.
        figure: The figure that decides, of the validation images.

    Source: ours.
    """

    epoch: int
    seconds: float
    operations: float | None
    figure: float


def read_contender(name: str, given: Any) -> Contender:
    """Read who is to take part.

    Args:
        name: What it is called.
        given: The name of a recipe or an architecture; or settings by name, with "model" among them, or "recipe".

    Returns:
        The contender.

    Raises:
        BadConfig: If a name or a value is wrong, or it does not train epoch by epoch.

    Source: ours.

    Example:
        >>> read_contender("quick", "fast").model
        'airbench94'
    """
    if isinstance(given, str):
        given = {"recipe": given} if given in recipes() else {"model": given}
    if not isinstance(given, Mapping):
        raise BadConfig(
            f"got a contender of type {type(given).__name__}; taken are the name of a recipe or an architecture, or "
            'settings by name; write {"model": "resnet18", "optimizer": "momentum"}'
        )
    values = dict(given)
    model = values.pop("model", None)
    settings = read_settings(values, None)
    asked = recipe_model(model, settings)
    if not isinstance(asked, str):
        raise BadConfig(
            f"got a model of type {type(asked).__name__}; taken are a name or a line of layers, which can be made "
            "anew for each seed; name an architecture"
        )
    refuse_unknown(asked)
    refuse_start(asked, settings.weights)
    if settings.budget or settings.transfer != "none":
        raise BadConfig(
            f"got {printable(name)} with a budget or a transfer; taken are contenders that train epoch by epoch; "
            "leave it out, and name weights and freeze instead"
        )
    return Contender(name, asked, settings)


def read_log(path: str | Path) -> tuple[Mark, ...]:
    """Read the log of a training that another program did.

    Args:
        path: A table with tabs or commas between columns: epoch, hours, top1Accuracy in percent; others are not read,
            but for "operations", if it is there.

    Returns:
        A mark for each line, in order.

    Raises:
        BadData: If the file is not there, or is no such table.

    Source: DAWNBench's form of submissions.
    """
    path = Path(path).expanduser()
    named = printable(str(path))
    try:
        if path.stat().st_size > _LARGEST:
            raise BadData(f"got {named} of {path.stat().st_size:,} bytes; taken are up to {_LARGEST:,}; shorten it")
        lines = path.read_text(encoding="utf-8").splitlines()
    except (OSError, UnicodeDecodeError) as error:
        raise BadData(
            f"got {named}, which cannot be read as text ({printable(str(error))}); taken is a table of epoch, hours "
            "and top1Accuracy; look at the path"
        ) from error
    rows = list(csv.DictReader(lines, delimiter="\t" if lines and "\t" in lines[0] else ","))
    marks = [_mark(row, number, named) for number, row in enumerate(rows[:_MOST_LINES], 2)]
    if not marks or any(one.seconds > later.seconds for one, later in itertools.pairwise(marks)):
        raise BadData(
            f"got {named}, {'whose hours go back' if marks else 'which has no lines'}; taken is a line for each epoch, "
            "under the names epoch, hours and top1Accuracy; look at the file"
        )
    return tuple(marks)


def _mark(row: Mapping[str | None, Any], line: int, named: str) -> Mark:
    try:
        counted = row.get("operations")
        epoch, hours, accuracy = (float(row[name]) for name in ("epoch", "hours", "top1Accuracy"))
        operations = float(counted) if counted else None
    except (KeyError, ValueError, TypeError) as error:
        raise BadData(
            f"got line {line} of {named} without a number for epoch, hours or top1Accuracy; taken is a table with "
            "these names in its first line; look at the file"
        ) from error
    if (
        not all(math.isfinite(one) and one >= 0 for one in (epoch, hours, accuracy, operations or 0.0))
        or accuracy > 100
    ):
        raise BadData(
            f"got line {line} of {named} with numbers that cannot be; taken are epochs and hours from 0 on and an "
            "accuracy in percent; look at the file"
        )
    return Mark(int(epoch), 3600 * hours, operations, accuracy / 100)


def refuse_names(contenders: Sequence[str]) -> None:
    """Refuse to compare nobody.

    Args:
        contenders: Their names.

    Raises:
        BadConfig: If there is none.

    Source: ours.
    """
    if not contenders:
        raise BadConfig(
            f"got no contender; taken are names, each with a recipe or settings; take one of "
            f"{', '.join([*list(recipes())[:2], *list(catalog.offers('architectures'))[:2]])}"
        )
