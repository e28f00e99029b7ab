"""The verb explain: what in an image made a network answer as it did.

Source: ours.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any

import numpy as np
import torch
from jaxtyping import Float
from torch import Tensor, nn

from saccade import catalog
from saccade.api.explaining.explainer import About, Explainer
from saccade.api.predictor import Predictor, load
from saccade.api.run import Run
from saccade.errors import BadConfig, BadShape
from saccade.explanations.asking.faithfulness import checked
from saccade.explanations.asking.question import Question
from saccade.explanations.asking.sealed import answered
from saccade.tasks.classification import classification
from saccade.types.asked import Asked
from saccade.types.explanation import Explanation

Asking = str | int | About | Callable[[Any], Tensor] | None
_AT_ONCE = 16


def explain(
    model: str | Path | Run | Predictor | nn.Module,
    images: Any,
    *,
    method: str = "grad_cam",
    about: Asking = None,
    settings: Mapping[str, Any] | None = None,
    check: bool = False,
    seed: int = 0,
) -> Any:
    """Show what in pictures had to do with what a model says of them.

    Args:
        model: What `load` takes; or any module of torch, which gets the images as they are, where it is.
        images: One picture or many, in any form; for a module a tensor (channels, height, width) or of several.
        method: One of those that `saccade explain` lists.
        about: A class, by name or id; None is what the model is surest of. Of a detector also `About("cat", box=1)`,
            the second surest cat, or `About(side="left")`. Of a module also a function that takes what it gives and
            returns one number for each image.
        settings: Knobs of the method.
        check: Measure whether the map can be trusted; it takes hundreds of passes.
        seed: Where all randomness comes from.

    Returns:
        An `Explanation` for one picture; a list for many, with a `BadFile` for each that cannot be read. The model is
        as it was.

    Raises:
        UnknownName: If there is no such method, class or layer; the nearest are offered.
        BadConfig: If a knob is wrong, the method cannot be used on that network, or what is asked cannot be asked.
        BadImage: If a single picture cannot be read.
        BadShape: If a module gets no images, or what is asked of it is not one number for each.

    Source: ours.
    """
    if isinstance(model, nn.Module):
        return _of_module(model, images, method, about, settings, (check, seed))
    return explainer(model, method=method, about=about, settings=settings, check=check, seed=seed)(images)


def explainer(
    model: str | Path | Run | Predictor,
    *,
    method: str = "grad_cam",
    about: Asking = None,
    settings: Mapping[str, Any] | None = None,
    check: bool = False,
    seed: int = 0,
) -> Explainer:
    """Load a model, ready to explain pictures as they come; arguments as for `explain`.

    Args:
        model: What `load` takes.
        method: One of those that `saccade explain` lists.
        about: What to ask about.
        settings: Knobs of the method.
        check: Whether each map is checked.
        seed: Where all randomness comes from.

    Returns:
        The model and the method.

    Raises:
        UnknownName: If there is no such method; the nearest are offered.
        BadConfig: If a knob is wrong, or what is asked cannot be asked of that model.

    Source: ours.
    """
    if callable(about):
        raise BadConfig("got a function as about for a model with a task; taken is a class; give one, or the module")
    made = catalog.find("explanations", method).from_dict(settings or {})
    wished = about if isinstance(about, About) else About(about)
    return Explainer(load(model), method, made, wished, check, seed)


def _of_module(
    module: nn.Module,
    images: Any,
    name: str,
    about: Asking,
    settings: Mapping[str, Any] | None,
    how: tuple[bool, int],
) -> Any:
    check, seed = how
    if isinstance(about, About):
        raise BadConfig(
            "got a box or a side for a module; taken is a class, or a function of what it gives; give that as about"
        )
    if not isinstance(images, Tensor) or images.dim() not in (3, 4) or not images.is_floating_point():
        told = f"shape {tuple(images.shape)}" if isinstance(images, Tensor) else f"type {type(images).__name__}"
        raise BadShape(
            f"got images of {told} for a module; taken is a tensor of floats (channels, height, width) or (batch, "
            "channels, height, width); read them first, or give a model with its preprocessing"
        )
    several = images[None] if images.dim() == 3 else images
    method = catalog.find("explanations", name).from_dict(settings or {})
    task = classification()
    if callable(about):
        function = about
        asked = [Asked(None, getattr(about, "__name__", "what is asked"))] * len(several)

        def score(outputs: Any, _asked: Any) -> Tensor:
            return function(outputs)

        question = Question(module, several, score, asked, blank=_mean(several), seed=seed, batch_size=_AT_ONCE)
    else:
        asked = task.asked(_logits(module, several), about)
        question = Question(module, several, task.score, asked, task.confidence_in, _mean(several), seed, _AT_ONCE)
    answer = answered(method, question)
    faith = checked(method, question, answer) if check else [None] * len(several)
    rows = range(len(several))
    scores, sure = (question.scores(several, rows, confidence=one).tolist() for one in (False, True))
    found = [
        Explanation(
            str(row), name, method.to_dict(), asked[row], scores[row], sure[row], answer.maps[row].numpy(),
            answer.signed, _shown(several[row]), None,
            None if answer.colours is None else answer.colours[row].permute(1, 2, 0).numpy(),
            (answer.notes[row],) if len(answer.notes) == len(several) > 1 else answer.notes, faith[row],
        )
        for row in rows
    ]  # fmt: skip
    return found[0] if images.dim() == 3 else found


def _logits(module: nn.Module, images: Float[Tensor, "batch channels height width"]) -> Tensor:
    from saccade.inspect.taps import borrowed

    with borrowed(module), torch.no_grad():
        outputs = module(images)
    if not isinstance(outputs, Tensor) or outputs.dim() != 2:
        told = f"shape {tuple(outputs.shape)}" if isinstance(outputs, Tensor) else f"type {type(outputs).__name__}"
        raise BadConfig(
            f"got a module that gives {told}; taken are logits (batch, classes), or a function of what it gives; "
            "give that as about: about=lambda outputs: outputs[...]"
        )
    return outputs


def _mean(images: Float[Tensor, "batch channels height width"]) -> Float[Tensor, " channels"]:
    """What stands for nothing where nobody said: the mean of the images."""
    return images.mean((0, 2, 3))


def _shown(image: Float[Tensor, "channels height width"]) -> Float[np.ndarray, "height width channels"]:
    """An image as it can be drawn: itself if it lies in [0, 1], else stretched to that."""
    low, high = float(image.min()), float(image.max())
    unit = image if low >= 0 and high <= 1 else (image - low) / max(high - low, 1e-12)
    return unit.detach().float().cpu().permute(1, 2, 0).numpy()
