"""Named settings: how to train quickly, how to train well, and how each paper trained its own network.

A recipe is a frozen value that anyone can read. What a paper says stands in the card of its architecture, under
"recipe": `settings`, `source` in words, and `deviates`, where our settings cannot say what the paper did. It holds for
every name of the file that has none of its own, as `paper:<architecture>`.

Source: ours.
"""

from __future__ import annotations

import types
from collections.abc import Mapping
from dataclasses import dataclass, field, fields
from typing import Any

from saccade import catalog
from saccade.errors import UnknownName
from saccade.training.settings import TrainingSettings

_PAPER = "paper:"
_OF_PAPERS = "what its paper says of training, as far as settings can say it"
_NAMES = tuple(one.name for one in fields(TrainingSettings))


@dataclass(frozen=True)
class Recipe:
    """Settings that go well together, by name.

    Args:
        name: How to ask for it.
        about: What it is for.
        settings: Names and values; all else is as `TrainingSettings` has it.
        source: Where the values come from.
        model: The network that it is for, or "" for any.
        deviates: What the source does otherwise, or "".

    Raises:
        BadConfig: If a name is no setting, or a value is wrong.

    Source: ours.

    Example:
        >>> Recipe("short", "for a trial", {"epochs": 1}, "ours").training().epochs
        1
    """

    name: str
    about: str
    settings: Mapping[str, Any] = field(hash=False)
    source: str
    model: str = ""
    deviates: str = ""

    def __post_init__(self) -> None:
        TrainingSettings.from_dict(self.settings)
        object.__setattr__(self, "settings", types.MappingProxyType(dict(self.settings)))

    def training(self, changes: Mapping[str, Any] | None = None) -> TrainingSettings:
        """Give the settings, which know the name of the recipe.

        Args:
            changes: Names and values that go before those of the recipe.

        Returns:
            The settings.

        Raises:
            BadConfig: If a name is no setting, or a value is wrong.
        """
        return TrainingSettings.from_dict({**self.settings, "recipe": self.name, **(changes or {})})

    def to_dict(self) -> dict[str, Any]:
        """Give plain values that JSON can hold."""
        settings = {name: list(value) if isinstance(value, tuple) else value for name, value in self.settings.items()}
        told = ("name", "about", "model", "source", "deviates")
        return {**{name: getattr(self, name) for name in told}, "settings": settings}


ACCURATE = Recipe(
    "accurate",
    "as good as some hours make a large network, on thousands of photographs, from scratch or from weights",
    {
        "epochs": 100, "batch_size": 64, "optimizer": "adamw", "learning_rate": 5e-4, "weight_decay": 0.05,
        "schedule": "cosine", "warmup_epochs": 5.0, "clip_norm": 1.0, "label_smoothing": 0.1, "ema_decay": 0.999,
        "augment": "strong", "mixing": "cutmix",
    },
    "cosine, warm-up and smoothed labels: He et al., arXiv 1812.01187, sections 3 and 5; long training with strong "
    "changes and mixed images: Wightman et al., arXiv 2110.00476, and Yun et al., arXiv 1905.04899; adamw, also where "
    "weights are the beginning: Kumar et al., arXiv 2211.09359; the numbers are ours",
    deviates="the rate is half of what is usual from scratch, and twice what is usual from weights",
)  # fmt: skip

DETECTION = Recipe(
    "detection",
    "boxes, on a hundred pictures and more, from scratch; taken by itself where labels are boxes",
    {
        "epochs": 60, "batch_size": 8, "optimizer": "adamw", "learning_rate": 2e-3, "weight_decay": 0.05,
        "schedule": "cosine", "warmup_epochs": 2.0, "clip_norm": 10.0, "ema_decay": 0.998, "fit": "pad",
        "augment": "boxes", "mixing": "mosaic", "unmixed_epochs": 10,
    },
    "mosaic: Bochkovskiy et al., arXiv 2004.10934; the end without it: Ge et al., arXiv 2107.08430, section 2; the "
    "numbers are ours",
    "yolo_nano",
)  # fmt: skip
LOCALISATION = Recipe(
    "localisation",
    "the one object of each picture, by any network that classifies; taken by itself for that task",
    {"epochs": 30, "fit": "pad", "augment": "boxes"},
    "the numbers are ours",
    "resnet18",
)
TRANSLATION = Recipe(
    "translation",
    "two heaps of pictures, each to be made into the other, by a small network for a processor; with a GPU and "
    "photographs --model cycle_gan_128 or cycle_gan; taken by itself for that task",
    {
        "epochs": 200, "batch_size": 2, "optimizer": "adam", "learning_rate": 2e-4, "momentum": 0.5,
        "weight_decay": 0.0, "schedule": "hold", "warmup_epochs": 0.0, "crop_rate": 0.06, "crop_padding": "reflect",
    },
    "Zhu et al., arXiv 1703.10593, sections 4 and 7.1; the network is ours",
    "cycle_gan_small",
    "pictures are reflected at their borders before a crop; the paper enlarges them",
)  # fmt: skip
STYLE = Recipe(
    "style",
    "any pictures, to be painted in one style; taken by itself for that task",
    {
        "epochs": 2, "batch_size": 4, "optimizer": "adam", "learning_rate": 1e-3, "momentum": 0.9, "weight_decay": 0.0,
        "schedule": "constant", "warmup_epochs": 0.0, "crop_rate": 0.0,
    },
    "Johnson et al., arXiv 1603.08155, section 4.1, which has 80,000 pictures; with hundreds, make epochs more",
    "style_network",
)  # fmt: skip
_USUAL = {recipe.name: recipe for recipe in (DETECTION, LOCALISATION, TRANSLATION, STYLE)}


def recipes() -> dict[str, Recipe]:
    """List every recipe.

    Returns:
        Each by name: "fast", "accurate", "detection", "localisation", "translation", "style", and
        "paper:<architecture>" for each whose paper's training is known.

    Source: ours.

    Example:
        >>> [name for name in recipes() if ":lenet" in name]
        ['paper:lenet5', 'paper:lenet5_paper']
    """
    cards, homes = catalog.cards("architectures"), catalog.offers("architectures")
    of_file = {homes[name]: card["recipe"] for name, card in reversed(cards.items()) if "recipe" in card}
    told = {name: card.get("recipe") or of_file.get(homes[name]) for name, card in cards.items()}
    papers = {
        f"{_PAPER}{name}": Recipe(
            f"{_PAPER}{name}", _OF_PAPERS, _tuples(recipe["settings"]), recipe["source"], name, recipe["deviates"]
        )
        for name, recipe in told.items()
        if recipe
    }  # fmt: skip
    usual = {recipe.name: recipe for recipe in _USUAL.values()}
    return {"fast": _fast(papers[f"{_PAPER}airbench94"]), ACCURATE.name: ACCURATE, **usual, **papers}


def find_recipe(name: str) -> Recipe:
    """Find a recipe.

    Args:
        name: One of `recipes()`.

    Returns:
        The recipe.

    Raises:
        UnknownName: If there is none of that name; the nearest are offered.

    Source: ours.

    Example:
        >>> find_recipe("fast").model
        'airbench94'
    """
    known = recipes()
    if name not in known:
        raise UnknownName("recipe", name, known)
    return known[name]


def usual_recipe(task: str) -> str:
    """Name the recipe that is taken for a task where nobody names one.

    Args:
        task: Its name.

    Returns:
        The name of the recipe; "" where the defaults of `TrainingSettings` are meant for the task.

    Source: ours.

    Example:
        >>> usual_recipe("detection"), usual_recipe("classification")
        ('detection', '')
    """
    return _USUAL[task].name if task in _USUAL else ""


def expanded(values: Mapping[str, Any]) -> dict[str, Any]:
    """Put the values of a recipe behind those that are given with its name.

    Args:
        values: Settings by name; "recipe" among them, or not.

    Returns:
        The same and, for what is not among them, the values of the recipe. Where every setting is there, as in the
        description of a run, nothing is added.

    Raises:
        UnknownName: If there is no such recipe; the nearest are offered.

    Source: ours.

    Example:
        >>> expanded({"recipe": "fast", "batch_size": 32})["batch_size"], expanded({"recipe": "fast"})["batch_size"]
        (32, 1024)
    """
    name = values.get("recipe", "")
    if not name or not isinstance(name, str) or set(_NAMES) <= values.keys():
        return dict(values)
    return {**find_recipe(name).settings, **values}


def unread(settings: TrainingSettings) -> bool:
    """Tell whether settings name a recipe whose values they do not have.

    Args:
        settings: Such as `TrainingSettings(recipe="fast")` makes them, which reads no recipe.

    Returns:
        Whether not a single value of the recipe is there.

    Source: ours.

    Example:
        >>> unread(TrainingSettings(recipe="fast")), unread(find_recipe("fast").training())
        (True, False)
    """
    if not settings.recipe:
        return False
    usual, own = TrainingSettings(), find_recipe(settings.recipe).settings
    telling = [name for name, value in own.items() if value != getattr(usual, name)]
    return not any(getattr(settings, name) == own[name] for name in telling)


def _fast(paper: Recipe) -> Recipe:
    return Recipe(
        "fast",
        "good in minutes, on ten thousand small pictures and more; with fewer, make batch_size smaller, learning_rate "
        "by as much, and epochs more",
        {**paper.settings, "epochs": 10},
        f"Jordan, arXiv 2404.00498, {paper.source}",
        paper.model,
        "ten epochs; 9.9 there",
    )


def _tuples(settings: Mapping[str, Any]) -> dict[str, Any]:
    return {name: tuple(value) if isinstance(value, list) else value for name, value in settings.items()}
