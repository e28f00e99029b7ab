"""A network drawn: its stages in a row, and what is inside its blocks.

Source: ours.
"""

from __future__ import annotations

from pathlib import Path

from saccade.api.networks.subject import Model, subject_of
from saccade.errors import BadConfig, BadShape
from saccade.layers.backbone import Backbone
from saccade.reporting.network_drawing import network_drawing
from saccade.weights.files import write_whole


def draw(model: Model, path: str | Path, *, size: tuple[int, int] | None = None) -> Path:
    """Draw a network into a file, for light and dark pages.

    Args:
        model: A name in the catalogue, a line for the builder, a run, its folder, a model file, or a backbone.
        path: The file, whose name ends in .svg.
        size: (height, width) of the images; None: as in its card or file.

    Returns:
        The file.

    Raises:
        UnknownName: If the name is in no catalogue; the nearest are offered.
        BadConfig: If the file is called otherwise, or the network has no stages.
        BadShape: If no size is known, or the network cannot run at that size.
        StorageFull: If the disk is full.

    Source: ours.

    Example:
        >>> import tempfile
        >>> draw("lenet5", Path(tempfile.mkdtemp(), "lenet5.svg")).name
        'lenet5.svg'
    """
    file = Path(path).expanduser()
    if file.suffix.lower() != ".svg":
        raise BadConfig(f"got {str(path)!r} for a drawing; taken is a name that ends in .svg; change it")
    subject = subject_of(model, size=size)
    if not isinstance(subject.module, Backbone):
        raise BadConfig(
            f"got {subject.name}, which has no named stages; taken are names of saccade models, lines of layers, and "
            "what was trained from them; see saccade summary for any other network"
        )
    if subject.size is None:
        raise BadShape(f"got {subject.name} without a size; taken is (height, width) of its images; give it")
    drawing = network_drawing(subject.module, subject.size, name=subject.name, as_file=True).encode("utf-8", "replace")
    write_whole(file, lambda stream: stream.write(drawing))
    return file
