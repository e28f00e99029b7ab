"""From what a caller said of training to settings, a network, and random changes of the images.

Source: ours.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from pathlib import Path
from typing import Any

from torch import nn

from saccade.data.augmentations.mixing import AtFirst
from saccade.data.augmentations.recipes import chosen
from saccade.data.augmenting.kinds import Augmentation, Mixture
from saccade.errors import BadConfig
from saccade.training.recipes import expanded, find_recipe, unread, usual_recipe
from saccade.training.settings import TrainingSettings

_USUAL_MODEL, _USUAL_SETTINGS = "resnet18", TrainingSettings().to_dict()


def read_settings(
    settings: TrainingSettings | Mapping[str, Any] | str | None, epochs: int | None, task: str = ""
) -> TrainingSettings:
    """Make settings from whatever the caller gave.

    Args:
        settings: Settings, some of their fields by name, the name of a recipe, or None for the defaults. A recipe named
            among the fields says what they do not say.
        epochs: Instead of the settings' own, when given.
        task: What they are for; where no recipe is named, the usual one of the task says what they do not say. Of
            `TrainingSettings`, what is as by default counts as not said.

    Returns:
        The settings.

    Raises:
        BadConfig: If a field is unknown or wrong; all are listed. Or if `TrainingSettings` were made with the name of a
            recipe, and without its values.
        UnknownName: If there is no such recipe; the nearest are offered.

    Source: ours.

    Example:
        >>> read_settings({"recipe": "fast", "batch_size": 32}, None).optimizer
        'nesterov'
    """
    if not isinstance(settings, TrainingSettings | Mapping | str | None):
        raise BadConfig(
            f"got settings of type {type(settings).__name__}; taken are TrainingSettings, a mapping or the name of a "
            "recipe; write settings=saccade.TrainingSettings(...)"
        )
    if isinstance(settings, TrainingSettings):
        if unread(settings):
            raise BadConfig(
                f"got TrainingSettings(recipe={settings.recipe!r}), which has none of its values; taken are settings "
                f"that have; write saccade.recipe({settings.recipe!r}, settings={{...}})"
            )
        given = settings.to_dict()
        if not settings.recipe and usual_recipe(task):
            given = {name: value for name, value in given.items() if value != _USUAL_SETTINGS[name]}
    else:
        given = {"recipe": settings} if isinstance(settings, str) else dict(settings or {})
    if not given.get("recipe") and (usual := usual_recipe(task)):
        given["recipe"] = usual
    given = expanded(given)
    return TrainingSettings.from_dict(given if epochs is None else {**given, "epochs": epochs})


def with_whole_paths(settings: TrainingSettings) -> TrainingSettings:
    """Write the paths of files in full, so that a run finds them from any folder.

    Args:
        settings: `style_image`, `extractor` and `extractor_weights`, of which the extractor may be a name.

    Returns:
        The same settings; a path where no file is stays as it was given.

    Source: ours.

    Example:
        >>> with_whole_paths(TrainingSettings(style_image="no-such.jpg")).style_image
        'no-such.jpg'
    """
    given = {name: getattr(settings, name) for name in ("style_image", "extractor", "extractor_weights")}
    found = {name: Path(path).expanduser() for name, path in given.items() if path}
    return replace(settings, **{name: str(path.resolve()) for name, path in found.items() if path.is_file()})


def recipe_model(model: str | nn.Module | None, settings: TrainingSettings) -> str | nn.Module:
    """Choose the network, when the caller may have left it to the recipe.

    Args:
        model: What was asked for, or None.
        settings: `recipe`, which may name its network.

    Returns:
        What was asked for; else the network of the recipe; else "resnet18".

    Source: ours.

    Example:
        >>> recipe_model(None, read_settings("fast", None)), recipe_model("nin", read_settings("fast", None))
        ('airbench94', 'nin')
    """
    if model is not None:
        return model
    return (settings.recipe and find_recipe(settings.recipe).model) or _USUAL_MODEL


def training_changes(settings: TrainingSettings) -> tuple[Augmentation, ...]:
    """Give the random changes of training images that the settings ask for.

    Args:
        settings: `augment`, `mirror`, `alternate_mirror`, `crop_rate`, `crop_padding`, `mixing`; and `unmixed_epochs`,
            counted from the end of `epochs`.

    Returns:
        The augmentations.

    Source: ours.

    Example:
        >>> training_changes(TrainingSettings(crop_rate=0.0))
        (Mirror(rate=0.5),)
    """
    changes = chosen(
        settings.augment,
        mirror=settings.mirror,
        crop_rate=settings.crop_rate,
        mixing=settings.mixing,
        alternate=settings.alternate_mirror,
        padding=settings.crop_padding,
    )
    if not settings.unmixed_epochs:
        return changes
    last = settings.epochs - settings.unmixed_epochs
    return tuple(AtFirst(one, last) if isinstance(one, Mixture) else one for one in changes)
