"""Figures in files.

Source: ours.
"""

from __future__ import annotations

from pathlib import Path

from saccade.errors import BadConfig
from saccade.types.plotting import Plot
from saccade.weights.files import storage_checked

DRAWINGS = (".png", ".svg", ".pdf")


def save_plot(figure: Plot, path: str | Path) -> Path:
    """Draw a figure into a file.

    Args:
        figure: The figure.
        path: Its suffix says the format: .png, .svg or .pdf.

    Returns:
        The path.

    Raises:
        BadConfig: If the suffix is another.
        StorageFull: If the disk is full.

    Source: ours.
    """
    path = Path(path)
    if path.suffix.lower() not in DRAWINGS:
        raise BadConfig(f"got {str(path)!r} to draw into; taken are {', '.join(DRAWINGS)}; choose one of them")
    with storage_checked(path):
        figure.savefig(path, dpi=110, format=path.suffix.lower()[1:])
    return path
