"""Augmentations that go well together, by name.

Source: ours.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping

from saccade.data.augmentations.colours import Brightness, Contrast, Hue, Saturation
from saccade.data.augmentations.cropping import RandomResizedCrop
from saccade.data.augmentations.mixing import CutMix, MixUp, Mosaic
from saccade.data.augmentations.placing import AlternatingMirror, Mirror, PaddedCrop
from saccade.data.augmentations.principal import PCAColour
from saccade.data.augmentations.retouching import Cutout
from saccade.data.augmentations.turning import Rotation, Scale, Translation
from saccade.data.augmenting.kinds import Augmentation
from saccade.errors import UnknownName

RECIPES: Mapping[str, Callable[[], tuple[Augmentation, ...]]] = {
    "none": lambda: (),
    "mirror": lambda: (Mirror(),),
    "standard": lambda: standard(mirror=True, crop_rate=0.125),
    "strong": lambda: (
        RandomResizedCrop(0.25), Mirror(), Rotation(10.0, rate=0.5), Brightness(0.4), Contrast(0.4), Saturation(0.4),
        Hue(18.0), PCAColour(), Cutout(),
    ),
    "boxes": lambda: (
        Scale(0.5, 1.5), Translation(0.1, 0.1), Mirror(), Brightness(0.3), Contrast(0.3), Saturation(0.5), Hue(6.0),
    ),
}  # fmt: skip


def recipe(name: str) -> tuple[Augmentation, ...]:
    """Give the augmentations of a name.

    Args:
        name: "none"; "mirror"; "standard", which mirrors half of the pictures and moves each by up to an eighth;
            "strong", which also zooms, turns, changes colours and cuts rectangles out, for long training; "boxes",
            which changes size, place and colours, and turns nothing, so that boxes stay tight.

    Returns:
        The augmentations.

    Raises:
        UnknownName: If there is no such recipe; the nearest is offered.

    Source: ours.

    Example:
        >>> recipe("mirror")
        (Mirror(rate=0.5),)
    """
    if name not in RECIPES:
        raise UnknownName("augmentation", name, list(RECIPES))
    return RECIPES[name]()


def standard(mirror: bool, crop_rate: float) -> tuple[Augmentation, ...]:
    """Give the usual augmentations for pictures of things.

    Args:
        mirror: Whether to mirror half of the images (not for digits and letters).
        crop_rate: Share of the height by which an image may move; 0 for not at all.

    Returns:
        The augmentations, in the order in which they apply.

    Raises:
        BadConfig: If the rate is out of range.

    Source: ours.

    Example:
        >>> standard(mirror=False, crop_rate=0.0)
        ()
    """
    crop: tuple[Augmentation, ...] = (PaddedCrop(crop_rate),) if crop_rate else ()
    return (*crop, Mirror()) if mirror else crop


def chosen(
    name: str,
    *,
    mirror: bool = True,
    crop_rate: float = 0.125,
    mixing: str = "none",
    alternate: bool = False,
    padding: str = "zeros",
) -> tuple[Augmentation, ...]:
    """Give the augmentations that the settings of training ask for.

    Args:
        name: "none", "standard", "strong" or "boxes".
        mirror: Whether pictures may be mirrored.
        crop_rate: Of "standard": the share of the height by which a picture may move.
        mixing: "mixup" or "cutmix" mixes the pictures of a batch, and their classes, with each other; "mosaic" lays
            four of them together, with their boxes; "none" does not.
        alternate: Whether a picture is mirrored in every other epoch, and not at random.
        padding: Of "standard": what pictures are padded with, "zeros" or "reflect".

    Returns:
        The augmentations.

    Raises:
        UnknownName: If there is no such recipe, no such way to mix, or no such padding.

    Source: ours.

    Example:
        >>> chosen("standard", crop_rate=0.0, mixing="cutmix")
        (Mirror(rate=0.5), CutMix(alpha=1.0, rate=1.0))
    """
    mixtures: dict[str, tuple[Augmentation, ...]] = {
        "none": (), "mixup": (MixUp(),), "cutmix": (CutMix(),), "mosaic": (Mosaic(),),
    }  # fmt: skip
    if mixing not in mixtures:
        raise UnknownName("way to mix", mixing, list(mixtures))
    changes = list(standard(mirror, crop_rate) if name == "standard" else recipe(name))
    for place, one in enumerate(changes):
        if alternate and isinstance(one, Mirror):
            changes[place] = AlternatingMirror()
        elif isinstance(one, PaddedCrop):
            changes[place] = PaddedCrop(crop_rate, padding)
    return (*(one for one in changes if mirror or not isinstance(one, Mirror | AlternatingMirror)), *mixtures[mixing])
