"""A network made for a data set, as training makes it, without a run.

Source: ours.
"""

from __future__ import annotations

import copy

from torch import nn

from saccade.api.building import plan, refuse_small
from saccade.api.kinds import refuse_other_kind
from saccade.api.preparing import prepare
from saccade.api.starting import begin, find_start
from saccade.api.transfer.suitability import refuse_lone_pictures, refuse_unfit
from saccade.layers.normalised import Normalised
from saccade.training.settings import TrainingSettings
from saccade.types.preprocessing import Preprocessing
from saccade.types.sample import DataSet
from saccade.types.task import Task, outputs_of


def make_network(
    model: str | nn.Module, dataset: DataSet, task: Task, settings: TrainingSettings
) -> tuple[Normalised, Preprocessing]:
    """Make the network as training would; of a module of the user's own, a copy.

    Args:
        model: A name, a line of layers, or a module.
        dataset: What it is to learn from.
        task: What it is to learn.
        settings: With which.

    Returns:
        The network, with the weights that it begins with, and how it takes pictures.

    Raises:
        BadConfig: If the settings do not suit the network.
        BadData: If no picture can be read.
        BadShape: If a module of the user's own does not suit the data.

    Source: ours.
    """
    refuse_other_kind(model, task.name)
    found = find_start(model, settings) if isinstance(model, str) else None
    seen = found.preprocessing if found is not None else None
    source = dataset.splits["train"]
    planned = plan(model, source, classes=outputs_of(task), settings=settings, published=seen)
    network = planned.make(settings.seed, None if isinstance(model, str) else copy.deepcopy(model))
    refuse_small(network, planned.preprocessing.size)
    if found is not None:
        begin(network.network, planned.architecture, found, dataset.labels)
    else:
        prepare(network, source, planned.preprocessing, settings.seed)
    if not isinstance(model, str):
        refuse_unfit(network, planned.preprocessing, task)
    refuse_lone_pictures(network, planned.preprocessing, settings.batch_size)
    return network, planned.preprocessing
