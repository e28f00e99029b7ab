"""Recipes by name: what there are, and the settings of one.

Source: ours.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from saccade.training import recipes as known
from saccade.training.recipes import Recipe
from saccade.training.settings import TrainingSettings


def recipe(name: str, *, epochs: int | None = None, settings: Mapping[str, Any] | None = None) -> TrainingSettings:
    """Give the settings of a recipe, to train with or to look at.

    Args:
        name: "fast", "accurate" or "paper:<architecture>"; `recipes` lists them.
        epochs: Instead of the recipe's own, when given.
        settings: Names and values that go before the recipe's.

    Returns:
        The settings. They know the name of the recipe, so that `train` takes its network if it is given none.

    Raises:
        UnknownName: If there is no such recipe; the nearest are offered.
        BadConfig: If a name is no setting, or a value is wrong; all are listed.

    Source: ours.

    Example:
        >>> recipe("fast", epochs=5).epochs, recipe("fast", settings={"batch_size": 32}).batch_size
        (5, 32)
    """
    changes = dict(settings or {}) if epochs is None else {**(settings or {}), "epochs": epochs}
    return known.find_recipe(name).training(changes)


def recipes() -> dict[str, Recipe]:
    """List the recipes.

    Returns:
        Each by name, with its settings, where they come from, and what the source does otherwise.

    Source: ours.

    Example:
        >>> recipes()["paper:resnet20"].settings["learning_rate"]
        0.1
    """
    return known.recipes()
