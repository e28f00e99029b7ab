"""Where data lie: a folder, a file, or nowhere; nothing is ever written there.

Source: ours.
"""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import Any

from saccade.errors import BadConfig, printable
from saccade.types.sample import DataSet


def lies_in(dataset: DataSet) -> Path | None:
    """Say in which folder data lie.

    Args:
        dataset: The data set.

    Returns:
        The folder; None for a file, for arrays, and for data that are made on demand.

    Source: ours.

    Example:
        >>> from saccade.data.opening import open_data
        >>> lies_in(open_data("digits")) is None
        True
    """
    where = lies_at(dataset.origin or {})
    return where if where is not None and where.is_dir() else None


def lies_at(origin: Mapping[str, Any]) -> Path | None:
    """Say at which path data lie, or lay.

    Args:
        origin: What opened them.

    Returns:
        The path; None for data that have a name instead of a place.

    Source: ours.

    Example:
        >>> lies_at({"data": "class_folders:/photos"}).name
        'photos'
    """
    where = str(origin.get("data", ""))
    texts = (where, where.partition(":")[2])  # "class_folders:/photos" names its format
    return next((Path(text) for text in texts if Path(text).is_absolute()), None)


def refuse_inside(out: Path, dataset: DataSet) -> None:
    """Refuse to write where the data lie: they would be other data then.

    Args:
        out: A folder that is to be written to.
        dataset: The data.

    Raises:
        BadConfig: If it is inside the folder of the data.

    Source: ours.
    """
    folder, data = out.expanduser().resolve(), lies_in(dataset)
    if data is not None and folder.is_relative_to(data.resolve()):
        raise BadConfig(
            f"got {printable(str(folder))} for the run, inside the folder of the data; taken is a place outside it, "
            "since data are never written to; give another --out"
        )
