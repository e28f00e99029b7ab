"""The verb predict: a model, loaded, and what it says of pictures given in any form.

Source: ours.
"""

from __future__ import annotations

import copy
import os
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import numpy as np
import torch
from jaxtyping import Shaped
from torch import nn

from saccade import catalog
from saccade.api.ensembles.answering import Answering, Prepared
from saccade.api.ensembles.views import Views
from saccade.api.published import load_published, name_and_tag
from saccade.api.run import Run
from saccade.data.preprocess import placement, preprocess, to_images
from saccade.errors import BadCheckpoint, BadConfig, printable
from saccade.exports.model_file import ModelDescription, load_model
from saccade.layers.normalised import Normalised
from saccade.layers.picture_network import TASKS as PICTURE_TASKS
from saccade.tasks.detection import DetectionTask, surer
from saccade.training.execution import Execution, choose_device
from saccade.types.batch import Batch
from saccade.types.task import Task
from saccade.types.warp import Warp
from saccade.weights.ledger import entries

_SHOWN = 0.25  # boxes less sure than that are only counted where a model is judged


class Predictor(Answering):
    """A model that is ready to predict.

    Args:
        network: Takes images in [0, 1].
        description: What its file says of it.
        device: "auto", "cpu", "cuda" or "mps".

    Source: ours.
    """

    def __init__(self, network: Normalised, description: ModelDescription, *, device: str = "auto") -> None:
        self.device = choose_device(device)
        self.description = description
        self.task: Task = catalog.find("tasks", description.task)(description.labels)
        self.shown = surer(self.task, _SHOWN) if isinstance(self.task, DetectionTask) else self.task
        memory_format = "contiguous" if self.device == "mps" else "channels_last"
        self.execution = Execution(self.device, memory_format=memory_format)
        self.network = self.execution.placed(network.eval())

    @property
    def labels(self) -> tuple[str, ...]:
        """The names of the classes."""
        return self.description.labels

    def prepared(self, image: Shaped[np.ndarray, "height width channels"]) -> Prepared:
        """Make of a picture what the network takes; raises BadImage if its channels are not those."""
        return Prepared((preprocess(image, self.description.preprocessing),), image.shape[:2])

    def answers(self, items: Sequence[tuple[str, Prepared]]) -> list[Any]:
        """Give a prediction for each of several pictures, at least one, that come with their names and prepared."""
        images, taken = to_images([one.arrays[0] for _, one in items]), self.description.preprocessing
        places = tuple(Warp(placement(one.source, taken), one.source, taken.size) for _, one in items)
        sizes = torch.tensor([taken.size] * len(items))
        batch = Batch(images, sizes, None, tuple(key for key, _ in items), placements=places)
        batch = batch.to(torch.device(self.device), self.execution.torch_memory_format)
        with torch.inference_mode():
            return self.shown.decode(self.network(batch.images), batch)

    def to(self, kind: str) -> Predictor:
        """Give the same model, as it makes pictures of another kind.

        Args:
            kind: The name of one of the kinds that it translates between.

        Returns:
            A predictor with the same network.

        Raises:
            BadConfig: If the model does not translate.
        """
        raise BadConfig(
            f"got to={kind!r} for a model for {self.task.name}; taken is it for translation between two kinds of "
            "pictures; leave it out"
        )

    def at(self, confidence: float) -> Predictor:
        """Give the same model, as it shows what it is at least so sure of.

        Args:
            confidence: From 0 to 1; 0.25 for a model that was not asked.

        Returns:
            A predictor with the same network; how the model is judged stays as it is.

        Raises:
            BadConfig: If it is out of range, or the model finds no boxes.

        Source: ours.
        """
        if not isinstance(self.task, DetectionTask):
            raise BadConfig(
                f"got confidence={confidence} for a model for {self.task.name}; taken is it for detectors, whose boxes "
                "it chooses; leave it out"
            )
        other = copy.copy(self)
        other.shown = surer(self.task, confidence)
        return other

    def __repr__(self) -> str:
        size = "×".join(str(side) for side in self.description.preprocessing.size)
        name = self.description.architecture or "a module of your own"
        return f"Predictor({name}, {len(self.labels)} classes, {size}, on {self.device})"


def load(
    model: str | Path | Run | Predictor,
    *,
    device: str = "auto",
    module: nn.Module | None = None,
    weights: str | Path | None = None,
    commercial_only: bool | None = None,
) -> Predictor:
    """Load a model, ready to predict.

    Args:
        model: A model file, the folder of a run, or a run; or an architecture with published weights, such as
            "squeezenet1_1/imagenet". A predictor is given back as it is.
        device: "auto", "cpu", "cuda" or "mps".
        module: The bare network, for a model whose architecture is a module of your own; its weights are replaced.
        weights: For the name of an architecture: a tag such as "imagenet", or a .safetensors file with weights for the
            classes and the images that the published ones are for.
        commercial_only: Refuse published weights that are not known to be free for commercial use; None: as the
            variable SACCADE_COMMERCIAL_ONLY says.

    Returns:
        The predictor.

    Raises:
        BadCheckpoint: If there is no model there, or it cannot be trusted.
        BadConfig: If what is given is no model, or the device is not here.
        UnknownName: If no architecture, or no weights, have that name.
        Denied: If the licence of the weights is refused.
        Unreachable: If the weights cannot be fetched.

    Source: ours.
    """
    if isinstance(model, Predictor):
        return model
    if not isinstance(model, str | os.PathLike | Run):
        raise BadConfig(
            f"got a model of type {type(model).__name__}; taken are a run, its folder, or a .safetensors file; "
            "give one of them"
        )
    device = choose_device(device)
    named = _published_name(model, weights) if isinstance(model, str) else None
    if named is not None:
        network, description = load_published(named[0], named[1], commercial_only=commercial_only)
        return Predictor(network, description, device=device)
    path = model.path if isinstance(model, Run) else Path(model).expanduser()
    if isinstance(model, Run) or path.is_dir():
        run = model if isinstance(model, Run) else Run(path)
        path = run.best
        if not path.is_file():
            raise BadCheckpoint(
                f"got {printable(str(run.path))}, a run in which no epoch is done; taken is one with a model; "
                f"go on with it: saccade train --resume {printable(str(run.path))}"
            )
        # the run's own module stays as training left it, so that the run can go on
        module = module if module is not None else copy.deepcopy(run.module)
    network, description = load_model(path, module)
    return ready(network, description, device=device)


def ready(network: Normalised, description: ModelDescription, *, device: str = "auto") -> Predictor:
    """Make the predictor that suits a model.

    Args:
        network: Takes images in [0, 1].
        description: What its file says of it.
        device: "auto", "cpu", "cuda" or "mps".

    Returns:
        One that makes pictures as large as they come in, for a task that makes pictures; else the usual one.

    Raises:
        BadConfig: If the device is not here.

    Source: ours.
    """
    if description.task in PICTURE_TASKS:
        from saccade.api.picture_making import PictureMaker

        return PictureMaker(network, description, device=device)
    return Predictor(network, description, device=device)


def making(answering: Answering, kind: str) -> Predictor:
    """Give a model, as it makes pictures of a kind.

    Args:
        answering: What answers.
        kind: The name of one of the kinds that it translates between.

    Returns:
        A predictor with the same network.

    Raises:
        BadConfig: If it is not one model, or does not translate.
        UnknownName: If there is no such kind; the nearest are offered.

    Source: ours.
    """
    if not isinstance(answering, Predictor):
        raise BadConfig(f"got to={kind!r} for several models or views; taken is it for one translation; leave it out")
    return answering.to(kind)


def as_run(model: Any) -> Run | None:
    """Tell whether a model is given as a run, and open that.

    Args:
        model: What `load` takes.

    Returns:
        The run; None for anything else.

    Raises:
        BadCheckpoint: If it is a folder that holds no run.

    Source: ours.
    """
    if isinstance(model, Run):
        return model
    folder = isinstance(model, str | Path) and Path(model).expanduser().is_dir()
    return Run(str(model)) if folder else None


def _published_name(model: str, weights: str | Path | None) -> tuple[str, str | Path] | None:
    """Tell which architecture is meant with which weights; None if the word is a path."""
    if weights is not None:
        return model, weights
    if model in catalog.offers("architectures") and not Path(model).exists():
        tags = [entry.name for entry in entries(model).values()]
        cure = f"write {' or '.join(tags)}" if tags else f"train it: saccade train DATA --model {model}"
        raise BadConfig(f"got {model!r}, an architecture without weights; taken are models with weights; {cure}")
    return name_and_tag(model)


def predict(
    model: str | Path | Run | Answering | Sequence[str | Path | Run | Predictor],
    images: Any,
    *,
    views: Views | None = None,
    confidence: float | None = None,
    to: str = "",
    device: str = "auto",
    batch_size: int = 32,
) -> Any:
    """Load a model and predict; see `Predictor`.

    Args:
        model: A model file, the folder of a run, a run, or a predictor; an ensemble; or several models, whose
            probabilities are averaged.
        images: One picture, or many, in any form.
        views: How often each picture is looked at, such as `Views(crops=10)`; None: once.
        confidence: Of a detector: from which confidence on boxes are shown, from 0 to 1; None: 0.25.
        to: Of a translation: the kind of pictures that are made; "": the second one.
        device: "auto", "cpu", "cuda" or "mps".
        batch_size: Pictures that go through the network together.

    Returns:
        One prediction for one picture; `Predictions` for many.

    Raises:
        BadImage: If a single picture cannot be read.
        BadConfig: If the models do not go together, or cannot be shown such views, or find no boxes to choose from, or
            do not translate.
        UnknownName: If there is no such kind of pictures.

    Source: ours.
    """
    from saccade.api.ensembles.ensembling import answering_of

    answering = answering_of(model, views, confidence=confidence, device=device)
    return (making(answering, to) if to else answering)(images, batch_size=batch_size)
