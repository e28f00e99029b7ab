"""The verb summary: what a network is made of and what it needs, layer by layer.

Source: ours.
"""

from __future__ import annotations

from dataclasses import replace

import torch
from jaxtyping import Float
from torch import Tensor, nn

from saccade.api.networks.subject import Model, Subject, subject_of
from saccade.errors import BadShape
from saccade.inspect.effective_field import EffectiveField, effective_field
from saccade.inspect.layer_rows import LayerTable
from saccade.inspect.layer_table import layer_table
from saccade.inspect.memory_use import TrainingMemory, training_memory


def summary(
    model: Model,
    size: tuple[int, int] | None = None,
    *,
    in_channels: int | None = None,
    num_classes: int | None = None,
    batch_size: int = 1,
) -> LayerTable:
    """Tabulate a network: shapes, parameters, multiply-adds, memory, receptive fields; totals, and peaks of memory.

    Nothing of its activations is allocated, and no weights are needed.

    Args:
        model: A module of yours or ours; a name in the catalogue; a line for the builder; "package.module:name"; a run,
            its folder, or a model file.
        size: (height, width) of the images; None: as in its card or file.
        in_channels: Channels of the images; None: its own.
        num_classes: Of a name or a line; None: its own.
        batch_size: Images in a step of training. Everything else is for one image.

    Returns:
        The table; print it, or see its `to_text`, `to_html` and `to_dict`.

    Raises:
        UnknownName: If the name is in no catalogue; the nearest are offered.
        BadConfig: If the model is nothing of all that.
        BadShape: If no size is known, or the network cannot run at that size.

    Source: ours.

    Example:
        >>> table = summary("lenet5")
        >>> table.parameters, table.macs, table.rows[0].fields[0].height.field
        (61706, 416520, 5)
    """
    if batch_size < 1:
        raise BadShape(f"got batch_size={batch_size}; taken is a number of images above zero; change it")
    subject = subject_of(model, size=size, in_channels=in_channels, num_classes=num_classes)
    known = _size_of(subject)
    table = layer_table(subject.module, known, in_channels=subject.in_channels)
    training, reason = _training(subject.module, known, subject.in_channels, batch_size)
    memory = table.memory and replace(table.memory, training=training, untrained=reason)
    return replace(table, network=subject.name, memory=memory)


def look(
    model: Model,
    layer: str,
    *,
    size: tuple[int, int] | None = None,
    in_channels: int | None = None,
    images: Float[Tensor, "batch channels height width"] | None = None,
    count: int = 16,
    seed: int = 0,
) -> EffectiveField:
    """Measure what the middle of a layer's map really looks at: its effective receptive field, by gradient.

    Args:
        model: As for `summary`; a name or a line gets random weights from a fixed seed.
        layer: A name as in the table, or of a part that holds others.
        size: (height, width) of the images; None: as in its card or file.
        in_channels: Channels of the images; None: its own.
        images: To average over; None: noise.
        count: How many images of noise.
        seed: Of the noise.

    Returns:
        The field; `plot()` draws it over the theoretical one.

    Raises:
        UnknownName: If there is no such layer.
        BadConfig: If the model cannot be found, or the layer gives no map.
        BadShape: If no size is known, or the network cannot run at that size.

    Source: Luo et al. 2016, arXiv 1701.04128.

    Example:
        >>> look("lenet5", "c3", count=1).theoretical
        ((10, 24), (10, 24))
    """
    subject = subject_of(model, size=size, in_channels=in_channels, weights=True)
    return effective_field(
        subject.module,
        _size_of(subject),
        layer=layer,
        in_channels=subject.in_channels,
        images=images,
        count=count,
        seed=seed,
    )


def _size_of(subject: Subject) -> tuple[int, int]:
    if subject.size is None:
        raise BadShape(
            f"got {subject.name} without a size; taken is (height, width) of its images; give it, such as 224 224"
        )
    height, width = subject.size
    return height, width


def _training(
    module: nn.Module, size: tuple[int, int], in_channels: int, batch_size: int
) -> tuple[TrainingMemory | None, str]:
    """Work out the memory of training; what normalises over a batch may need two images in it."""
    reason = ""
    for batch in dict.fromkeys((batch_size, max(2, batch_size))):
        try:
            with torch.random.fork_rng(devices=[]):
                return training_memory(module, size, in_channels=in_channels, batch=batch), ""
        except BadShape as error:
            reason = reason or str(error).split("; ")[0]
    return None, reason
