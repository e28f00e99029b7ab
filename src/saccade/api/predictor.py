"""The verb predict: a model, loaded, and what it says of pictures given in any form.

Source: ours.
"""

from __future__ import annotations

import copy
import itertools
import os
from collections.abc import Iterator, Sequence
from concurrent.futures import Future, ThreadPoolExecutor
from dataclasses import is_dataclass, replace
from pathlib import Path
from typing import Any

import numpy as np
import torch
from torch import nn

from saccade import catalog
from saccade.api.pictures import each_of, image_of, is_one, name_of
from saccade.api.predictions import SHOWN, Predictions
from saccade.api.published import load_published, name_and_tag
from saccade.api.run import Run
from saccade.data.preprocess import preprocess, to_images
from saccade.errors import BadCheckpoint, BadConfig, BadImage, MissingExtra, printable
from saccade.exports.model_file import ModelDescription, load_model
from saccade.layers.normalised import Normalised
from saccade.training.execution import Execution, choose_device
from saccade.types.bad_file import BadFile
from saccade.types.batch import Batch
from saccade.types.task import Task
from saccade.weights.ledger import entries

_READERS = 4


class Predictor:
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
        memory_format = "contiguous" if self.device == "mps" else "channels_last"
        self.execution = Execution(self.device, memory_format=memory_format)
        self.network = self.execution.placed(network.eval())

    @property
    def labels(self) -> tuple[str, ...]:
        """The names of the classes."""
        return self.description.labels

    def __call__(self, images: Any, *, batch_size: int = 32) -> Any:
        """Predict one picture, or many.

        Args:
            images: One picture (a path, bytes, a PIL image, an array (height, width[, channels]), a tensor (channels,
                height, width)), or many: a folder, an array or tensor of four dimensions, a list, a generator.
            batch_size: Pictures that go through the network together.

        Returns:
            One prediction for one picture; `Predictions` for many, in order, with the unreadable files in `.bad`. A
            single prediction keeps its picture to be plotted, and so do the first 20 of many, at the network's size.

        Raises:
            BadImage: If a single picture cannot be read.
            BadData: If a folder holds no pictures.
            BadConfig: If batch_size is below 1.
            MissingExtra: If a single picture needs a part of saccade that is not installed.

        Source: ours.
        """
        if is_one(images):
            key = name_of(images, 0)
            image = image_of(images, key)
            prepared = preprocess(image, self.description.preprocessing)
            return _pictured(self._batch([(key, prepared)])[0], image)
        predictions, bad = [], []
        for one in self._streamed(images, batch_size, keep=SHOWN):
            (bad if isinstance(one, BadFile) else predictions).append(one)
        return Predictions(predictions, bad)

    def stream(self, images: Any, *, batch_size: int = 32) -> Iterator[Any]:
        """Predict many pictures as they come; memory holds two batches, however many there are.

        Args:
            images: As for a call.
            batch_size: Pictures that go through the network together.

        Returns:
            A prediction for each picture that can be read, a `BadFile` for each other, in order.

        Raises:
            BadData: If a folder holds no pictures.
            BadConfig: If batch_size is below 1.

        Source: ours.
        """
        return self._streamed(images, batch_size, keep=0)

    def _streamed(self, images: Any, batch_size: int, *, keep: int) -> Iterator[Any]:
        if batch_size < 1:
            raise BadConfig(f"got batch_size={batch_size}; taken is 1 or more; leave it out for 32")
        things = enumerate(each_of(images))
        return self._batches(things, batch_size, keep)

    def _batches(self, things: Iterator[tuple[int, Any]], batch_size: int, keep: int) -> Iterator[Any]:
        pool = ThreadPoolExecutor(max_workers=min(_READERS, os.cpu_count() or 1))

        def submit() -> list[Future[tuple[str, Any]]]:
            return [pool.submit(self._read, *item) for item in itertools.islice(things, batch_size)]

        try:
            waiting = submit()
            while waiting:
                following = submit()  # the next batch is decoded while this one goes through the network
                items = [future.result() for future in waiting]
                yield from self._settled(items, keep)
                waiting, keep = following, max(0, keep - len(items))
        finally:
            pool.shutdown(cancel_futures=True)

    def _read(self, number: int, thing: Any) -> tuple[str, Any]:
        key = name_of(thing, number)
        try:
            return key, preprocess(image_of(thing, key), self.description.preprocessing)
        except (BadImage, MissingExtra) as error:
            return key, BadFile(key, error.reason if isinstance(error, BadImage) else str(error))

    def _settled(self, items: list[tuple[str, Any]], keep: int) -> Iterator[Any]:
        """Put predictions and unreadable files back in order; the first ones keep their pictures."""
        readable = [(key, item) for key, item in items if not isinstance(item, BadFile)]
        predictions = iter(self._batch(readable) if readable else [])
        for number, (_, item) in enumerate(items):
            if isinstance(item, BadFile):
                yield item
            else:
                yield _pictured(next(predictions), item) if number < keep else next(predictions)

    def _batch(self, items: Sequence[tuple[str, np.ndarray]]) -> list[Any]:
        images = to_images([array for _, array in items])
        sizes = torch.tensor([self.description.preprocessing.size] * len(items))
        batch = Batch(images, sizes, None, tuple(key for key, _ in items))
        batch = batch.to(torch.device(self.device), self.execution.torch_memory_format)
        with torch.inference_mode():
            return self.task.decode(self.network(batch.images), batch)

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
    return Predictor(network, description, device=device)


def _published_name(model: str, weights: str | Path | None) -> tuple[str, str | Path] | None:
    """Tell which architecture is meant with which weights; None if the word is a path."""
    if weights is not None:
        return model, weights
    if model in catalog.offers("architectures") and not Path(model).exists():
        tags = [entry.name for entry in entries(model).values()]
        cure = f"write {' or '.join(tags)}" if tags else f"train it: saccade train DATA --model {model}"
        raise BadConfig(f"got {model!r}, an architecture without weights; taken are models with weights; {cure}")
    return name_and_tag(model)


def predict(model: str | Path | Run | Predictor, images: Any, *, device: str = "auto", batch_size: int = 32) -> Any:
    """Load a model and predict; see `Predictor`.

    Args:
        model: A model file, the folder of a run, a run, or a predictor.
        images: One picture, or many, in any form.
        device: "auto", "cpu", "cuda" or "mps".
        batch_size: Pictures that go through the network together.

    Returns:
        One prediction for one picture; `Predictions` for many.

    Raises:
        BadImage: If a single picture cannot be read.

    Source: ours.
    """
    return load(model, device=device)(images, batch_size=batch_size)


def _pictured(prediction: Any, image: np.ndarray) -> Any:
    """Let a prediction keep its picture, if it is of a kind that shows one."""
    if is_dataclass(prediction) and not isinstance(prediction, type) and hasattr(prediction, "image"):
        return replace(prediction, image=image)
    return prediction
