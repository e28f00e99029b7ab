"""What an architecture is made for, and with what it is called.

Source: ours.
"""

from __future__ import annotations

from typing import Any

from torch import nn

from saccade import catalog
from saccade.api.building import is_line, network_kind
from saccade.errors import BadConfig
from saccade.layers.picture_network import TASKS as PICTURE_TASKS
from saccade.layers.picture_network import PictureNetwork


def arguments_of(name: str, *, num_classes: int | None = None, in_channels: int | None = None) -> dict[str, Any]:
    """Say with what an architecture is called where it stands alone.

    Args:
        name: In the catalogue.
        num_classes: None: as many as in its card; a network that makes pictures or features knows none.
        in_channels: None: as many as in its card.

    Returns:
        The arguments by name.

    Raises:
        BadConfig: If classes are asked of a network that knows none.

    Source: ours.

    Example:
        >>> arguments_of("lenet5"), arguments_of("cycle_gan")
        ({'in_channels': 1, 'num_classes': 10}, {'in_channels': 3})
    """
    card = catalog.cards("architectures")[name]
    arguments = {"in_channels": card.get("channels", 3) if in_channels is None else in_channels}
    if network_kind(name) not in (*PICTURE_TASKS, "features"):
        return {**arguments, "num_classes": card.get("classes", 1000) if num_classes is None else num_classes}
    if num_classes is not None:
        raise BadConfig(
            f"got num_classes={num_classes} for {name!r}, which knows no classes; taken is it for networks that "
            "tell them apart; leave it out"
        )
    return arguments


def refuse_other_kind(model: Any, task: str) -> None:
    """Refuse an architecture that is made for another task.

    Args:
        model: A name, a line or a module, of which only names are known.
        task: What is to be learnt.

    Raises:
        BadConfig: If a classifier is to find boxes, or a detector to name classes, or either to make pictures.

    Source: ours.
    """
    if isinstance(model, nn.Module):
        _refuse_module(model, task)
    if not isinstance(model, str):
        return
    made_for = "classification" if is_line(model) else network_kind(model)
    wanted = task if task in ("detection", *PICTURE_TASKS) else "classification"
    if made_for == wanted:
        return
    if wanted in PICTURE_TASKS or made_for not in ("classification", "detection"):
        raise BadConfig(_other_kind(model, made_for, wanted))
    if wanted == "detection":
        under = "" if is_line(model) else f", or yolo_nano with --backbone {model}"
        raise BadConfig(
            f"got {model!r}, which names classes, for data with boxes; taken are detectors; take yolo_nano{under}"
        )
    raise BadConfig(
        f"got {model!r}, which finds boxes, for data with classes of whole images; taken are networks that classify; "
        "take resnet18, or data with boxes"
    )


_DOES = {
    "detection": "finds boxes",
    "translation": "translates between two kinds of pictures",
    "style": "paints in a style",
    "features": "gives maps and no answer",
}
_TAKES = {"translation": "cycle_gan", "style": "style_network", "detection": "yolo_nano"}


def _other_kind(model: str, made_for: str, wanted: str) -> str:
    does, takes = _DOES.get(made_for, "names classes"), _TAKES.get(wanted, "resnet18")
    return f"got {model!r}, which {does}, for {wanted}; taken are networks made for that; take {takes}, or other data"


def _refuse_module(module: nn.Module, task: str) -> None:
    made_for = module.task if isinstance(module, PictureNetwork) else "no pictures"
    if made_for != (task if task in PICTURE_TASKS else "no pictures"):
        raise BadConfig(
            f"got a {type(module).__name__}, made for {made_for}, for {task}; taken are modules made for it; give one, "
            "or name an architecture"
        )
