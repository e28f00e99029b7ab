"""The data of a run: describing them, and finding the same ones again.

Source: ours.
"""

from __future__ import annotations

from typing import Any

from saccade.api.run import Run
from saccade.data.files import as_text
from saccade.data.opening import open_data, reopen
from saccade.data.place import lies_at
from saccade.errors import BadData, printable
from saccade.types.sample import DataSet


def described(dataset: DataSet) -> dict[str, Any]:
    """Describe data so that they can be opened again and known for the same.

    Args:
        dataset: The data set.

    Returns:
        Plain values: name, labels, counts and fingerprint of each split, and what opened it (None for arrays).

    Source: ours.
    """
    return {
        "name": as_text(dataset.name),
        "labels": list(dataset.labels),
        "counts": dataset.counts(),
        "fingerprints": {split: source.fingerprint() for split, source in dataset.splits.items()},
        "origin": None if dataset.origin is None else dict(dataset.origin),
    }


def opened_again(run: Run, data: Any = None) -> DataSet:
    """Open the data of a run again, and check that they are the same.

    Args:
        run: The run.
        data: Where they lie now, if they have moved, or the arrays again.

    Returns:
        The data set.

    Raises:
        BadData: If the data were arrays that are gone, or have changed.

    Source: ours.
    """
    origin = run.description["data"]["origin"]
    if data is not None:
        dataset = _opened(run, data)
    elif run.dataset is not None:
        dataset = run.dataset
    elif origin is None:
        raise BadData(
            "got a run on arrays that were in memory; taken are runs on data that can be opened again; give the arrays "
            "once more as data=(images, labels), or keep them in a .npz file and train on that"
        )
    else:
        where = lies_at(origin)
        if where is not None and not where.exists():
            raise BadData(
                f"got a run whose data were at {printable(str(where))}, where nothing is now; taken are the same data; "
                "say where they are: saccade train DATA --resume RUN, or data= in Python"
            )
        dataset = reopen(origin)
    changed = changed_splits(run.description["data"]["fingerprints"], dataset)
    if changed:
        raise BadData(
            f"got data that changed since the run began ({', '.join(changed)}); taken are the same files and labels; "
            "restore them, or start a new run"
        )
    if data is not None and dataset.origin is not None:
        run.description["data"]["origin"] = dict(dataset.origin)
    run.dataset = dataset
    return dataset


def changed_splits(fingerprints: dict[str, str], dataset: DataSet) -> list[str]:
    """List the splits of data that are not what they were.

    Args:
        fingerprints: Of each split, as they were.
        dataset: The data now.

    Returns:
        The names of the splits that are gone or different.

    Source: ours.
    """
    return [
        split
        for split, fingerprint in fingerprints.items()
        if split not in dataset.splits or dataset.splits[split].fingerprint() != fingerprint
    ]


def _opened(run: Run, data: Any) -> DataSet:
    """Open data the way the run's own were opened: cut with the same seed and the same shares."""
    origin = run.description["data"]["origin"]
    if origin is None:
        return open_data(data, seed=int(run.description["settings"]["seed"]))
    train, val, test = origin["shares"]
    return open_data(data, seed=int(origin["seed"]), shares=(train, val, test))
