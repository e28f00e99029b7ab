"""What of published weights is kept, and what learns: chosen by the size of the data, and said.

Source: ours; the three cases are those of every course on transfer learning, after Yosinski et al., arXiv 1411.1792.
"""

from __future__ import annotations

from dataclasses import replace
from typing import Any, cast

from torch import nn

from saccade.api.building import Plan, is_line
from saccade.api.watching.words import counted
from saccade.errors import BadConfig
from saccade.layers.backbone import Backbone
from saccade.training.settings import TrainingSettings
from saccade.types.sample import DataSet
from saccade.weights.fetching import is_here
from saccade.weights.ledger import entries

OWN_MODEL = "resnet14_half"
_FEW, _SOME = 5_000, 50_000
_HIDDEN = 256
_LAYER_DECAY = 0.7


def refuse_transfer(model: Any, settings: TrainingSettings, task: str) -> None:
    """Refuse settings that only mean something with weights to begin with.

    Args:
        model: A name, a line or a module; None: to be chosen.
        settings: `transfer`, `views` and `top`.
        task: Its name.

    Raises:
        BadConfig: If the model is no architecture by name, or the task is none that features serve.

    Source: ours.
    """
    if settings.transfer == "none":
        if settings.views != 1 or settings.top != "logistic":
            raise BadConfig(
                f"got views={settings.views} and top={settings.top!r} with transfer='none'; taken are they with "
                "transfer='features'; add that, or leave them out"
            )
        return
    if model is not None and (not isinstance(model, str) or is_line(model)):
        told = "a line of layers" if isinstance(model, str) else "a module of your own"
        raise BadConfig(
            f"got transfer={settings.transfer!r} for {told}; taken is it for an architecture by name, for which there "
            "are weights; name one, or leave it out"
        )
    if settings.transfer == "features" and task not in ("classification", "multi_label"):
        raise BadConfig(
            f"got transfer='features' for {task}; taken is it for classification and multi_label; use top or all"
        )


def transferring(
    model: str | None, dataset: DataSet, settings: TrainingSettings
) -> tuple[str | None, TrainingSettings, list[str]]:
    """Choose what the user left open: the network, its weights, and what of them is kept.

    Args:
        model: A name; None: to be chosen.
        dataset: Its size decides.
        settings: `transfer` and `weights`.

    Returns:
        The name, the settings, and a line for each thing that was chosen.

    Raises:
        BadConfig: If there are no weights here for that network.

    Source: ours.
    """
    if settings.transfer == "none":
        return model, settings, []
    told = []
    if model is None:
        model = OWN_MODEL
        told.append(f"network: {model}, of which weights come with saccade")
    if not settings.weights:
        tag = _weights_here(model)
        settings = replace(settings, weights=tag)
        told.append(f"weights: {model}/{tag}, which are on this machine")
    if settings.transfer == "auto":
        count = len(dataset.splits["train"])
        way, reason = _way(count)
        settings = replace(settings, transfer=way)
        told.append(f"transfer: {way}, since there are {count:,} training images: {reason}")
    return model, settings, told


def on_features(planned: Plan, settings: TrainingSettings) -> Plan:
    """Turn the plan of a network into that of a classifier on the pooled maps of its stages.

    Args:
        planned: Of an architecture by name.
        settings: `top`.

    Returns:
        The plan.

    Source: ours.
    """
    hidden = _HIDDEN if settings.top == "network" else 0
    own = {name: planned.arguments[name] for name in ("num_classes", "in_channels")}
    arguments = {**own, "backbone": planned.architecture, "hidden": hidden}
    return replace(planned, architecture="pooled", arguments=arguments)


def staged(settings: TrainingSettings, network: nn.Module) -> tuple[TrainingSettings, list[str]]:
    """Fill in how the stages of a network learn, where it is said that only the top ones do.

    Args:
        settings: With transfer="top" and without `freeze` that is chosen, and `unfreeze_epochs` and `layer_decay` where
            they are not given.
        network: The network without its normalisation.

    Returns:
        The settings, and a line for what was chosen.

    Raises:
        BadConfig: If stages are to learn in some way, and the whole network is frozen.

    Source: ours; staged unfreezing and rates by depth, Howard & Ruder, arXiv 1801.06146.
    """
    if settings.transfer == "features" and (settings.freeze or settings.unfreeze_epochs or settings.layer_decay != 1):
        raise BadConfig(
            f"got freeze={settings.freeze!r}, unfreeze_epochs={settings.unfreeze_epochs} and "
            f"layer_decay={settings.layer_decay:g} with transfer='features'; taken are they where stages learn; leave "
            "them out, or use transfer='top'"
        )
    if settings.transfer != "top" or settings.freeze:
        return settings, []
    names = [stage.name for stage in cast("Backbone", network).stages]
    frozen = names[: max(1, len(names) - 2)]
    every = settings.unfreeze_epochs or max(1, round(settings.epochs / (len(frozen) + 1)))
    decay = settings.layer_decay if settings.layer_decay != 1 else _LAYER_DECAY
    told = f"stages: {frozen[0]} to {frozen[-1]} are frozen, and one more learns after each {counted(every, 'epoch')}"
    return replace(settings, freeze=frozen[-1], unfreeze_epochs=every, layer_decay=decay), [told]


def _way(count: int) -> tuple[Any, str]:
    if count < _FEW:
        return "features", "so few would spoil a network rather than teach it; what stands on top of it learns"
    if count < _SOME:
        return "top", "enough for the upper stages; the lower ones, which see edges and textures, follow later"
    return "all", "enough for the whole network"


def _weights_here(model: str) -> str:
    """The tag of weights that need no network: fetched before, or our own."""
    known = entries(model)
    for entry in known.values():
        if is_here(entry):
            return entry.tag
    listed = ", ".join(entry.tag for entry in known.values())
    cure = f"fetch them with saccade fetch {model}/{next(iter(known.values())).tag}" if known else f"use {OWN_MODEL}"
    raise BadConfig(
        f"got transfer for {model}, of which no weights are on this machine; "
        + (f"there are {listed} to be fetched" if known else "none are published that saccade knows")
        + f"; {cure}, or give --weights FILE"
    )
