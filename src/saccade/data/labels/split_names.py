"""How people call train, val and test in the names of folders and files.

Source: ours; the names are those found in published data sets.
"""

from __future__ import annotations

from pathlib import PurePosixPath

SPLIT_NAMES = {
    "train": "train", "training": "train", "trainset": "train", "trn": "train",
    "val": "val", "valid": "val", "validation": "val", "valset": "val", "dev": "val",
    "test": "test", "testing": "test", "testset": "test", "tst": "test",
}  # fmt: skip


def split_of(path: str) -> str | None:
    """Say which split a file belongs to, by the first folder on its way that is called like one.

    Args:
        path: Relative, with "/" between folders.

    Returns:
        "train", "val" or "test"; None where no folder says.

    Source: ours.

    Example:
        >>> split_of("helen/trainset/1.jpg"), split_of("train.jpg")
        ('train', None)
    """
    return next(
        (SPLIT_NAMES[part.lower()] for part in PurePosixPath(path).parts[:-1] if part.lower() in SPLIT_NAMES), None
    )
