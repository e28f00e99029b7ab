"""A model and a method, ready to explain pictures given in any form.

Source: ours.
"""

from __future__ import annotations

import itertools
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import Future, ThreadPoolExecutor
from dataclasses import dataclass, replace
from typing import Any

import cv2
import numpy as np
import torch
from jaxtyping import Float, Shaped

from saccade.api.pictures import each_of, image_of, is_one, name_of
from saccade.api.predictor import Predictor
from saccade.data.preprocess import placement, preprocess, to_images
from saccade.errors import BadConfig, BadImage, MissingExtra
from saccade.explanations.asking.faithfulness import checked
from saccade.explanations.asking.method import Answer, Method
from saccade.explanations.asking.question import Question
from saccade.explanations.asking.sealed import answered, prepared
from saccade.tasks.detection import DetectionTask
from saccade.tasks.localisation import LocalisationTask
from saccade.types.asked import Asked, Side
from saccade.types.bad_file import BadFile
from saccade.types.batch import Batch
from saccade.types.classes import class_id
from saccade.types.detections import Detections
from saccade.types.explanation import Explanation, Faithfulness
from saccade.types.warp import Warp

Box = tuple[float, float, float, float]
_READERS = 4
_HALF = np.array([[1.0, 0, 0.5], [0, 1, 0.5], [0, 0, 1]])  # from the middles of pixels to continuous coordinates


@dataclass(frozen=True)
class About:
    """What to ask about each picture.

    Args:
        what: A class, by name or id; None is what the model is surest of.
        box: Of a detector: which of the boxes that it shows, of that class if one is named; 0 is the surest. Or any box
            of a class, shown or not, as (x1, y1, x2, y2) in pixels of the picture.
        side: Of that box: left, top, right or bottom, instead of whether it is there.

    Raises:
        BadConfig: If the number of the box is below 0, or a box is given without its class.

    Source: ours.
    """

    what: Any = None
    box: int | Box = 0
    side: Side = ""

    def __post_init__(self) -> None:
        if isinstance(self.box, tuple):
            if self.what is None or len(self.box) != 4:
                raise BadConfig(f"got box={self.box} of class {self.what}; taken are four numbers, and a class; add it")
        elif self.box < 0:
            raise BadConfig(f"got box={self.box}; taken is 0, the surest, or more; change it")


@dataclass(frozen=True, eq=False)
class _Item:
    """A picture as it was decoded, and as the network takes it."""

    key: str
    image: Shaped[np.ndarray, "height width channels"]
    array: Shaped[np.ndarray, "rows columns channels"]


@dataclass(frozen=True, eq=False)
class Explainer:
    """A model and a method, ready to explain.

    Args:
        predictor: The model.
        name: Of the method.
        method: With its knobs.
        about: What to ask about.
        check: Whether each map is checked.
        seed: Where all randomness comes from.
        told: Told by a slow method how many of how many steps are done; a check asks it four times more.

    Raises:
        BadConfig: If a box or a side is asked of a model that finds none.

    Source: ours.
    """

    predictor: Predictor
    name: str
    method: Method
    about: About = About()
    check: bool = False
    seed: int = 0
    told: Callable[[int, int], None] | None = None

    def __post_init__(self) -> None:
        task = self.predictor.task
        if self.about.box and not isinstance(task, DetectionTask):
            raise BadConfig(f"got a box for a model for {task.name}; taken is it for detectors; leave it out")
        if self.about.side and task.name not in ("detection", "localisation"):
            raise BadConfig(
                f"got side={self.about.side!r} for a model for {task.name}; taken is it for models that find boxes; "
                "leave it out"
            )

    def __call__(self, images: Any, *, batch_size: int = 16) -> Any:
        """Explain one picture, or many.

        Args:
            images: One picture or many, in any form that `predict` takes.
            batch_size: Pictures that go through the network together.

        Returns:
            An `Explanation` for one picture; a list for many, with a `BadFile` for each that cannot be read.

        Raises:
            BadImage: If a single picture cannot be read.
            BadData: If a folder holds no pictures.
            BadConfig: If the method cannot be used on that network, or batch_size is below 1.
            UnknownName: If there is no such class or layer.

        Source: ours.
        """
        if not is_one(images):
            return list(self.stream(images, batch_size=batch_size))
        key = name_of(images, 0)
        (found,) = self._explained([self._item(key, images)], batch_size, self.method)
        return found

    def stream(self, images: Any, *, batch_size: int = 16) -> Iterator[Explanation | BadFile]:
        """Explain many pictures as they come; memory holds one batch.

        Args:
            images: As for a call.
            batch_size: Pictures that go through the network together.

        Returns:
            An explanation for each picture that can be read, a `BadFile` for each other, in order.

        Raises:
            BadData: If a folder holds no pictures.
            BadConfig: If batch_size is below 1.

        Source: ours.
        """
        if batch_size < 1:
            raise BadConfig(f"got batch_size={batch_size}; taken is 1 or more; leave it out for 16")
        things, method = enumerate(each_of(images)), self.method
        together = 1 if self.check or method.image_by_image else batch_size
        pool = ThreadPoolExecutor(max_workers=_READERS)

        def submit() -> list[Future[_Item | BadFile]]:
            return [pool.submit(self._read, *item) for item in itertools.islice(things, together)]

        try:
            waiting = submit()
            while waiting:
                following = submit()  # the next batch is decoded while this one goes through the network
                read = [future.result() for future in waiting]
                good = [one for one in read if not isinstance(one, BadFile)]
                if good and method is self.method and following and method.begins_with_the_images:
                    batch = _batch(self.predictor, good[:1])
                    method = prepared(method, self._question(batch, 1, _Said(self, batch)))
                explained = iter(self._explained(good, batch_size, method) if good else [])
                for one in read:
                    yield one if isinstance(one, BadFile) else next(explained)
                waiting = following
        finally:
            pool.shutdown(cancel_futures=True)

    def _question(self, batch: Batch, batch_size: int, said: _Said) -> Question:
        predictor, task = self.predictor, self.predictor.task
        mean = torch.tensor(predictor.description.preprocessing.mean)
        return Question(
            predictor.network, batch.images, task.score, said.asked, task.confidence_in, mean, self.seed, batch_size,
            said.settle, self.told,
        )  # fmt: skip

    def _item(self, key: str, thing: Any) -> _Item:
        image = image_of(thing, key)
        return _Item(key, image, preprocess(image, self.predictor.description.preprocessing))

    def _read(self, number: int, thing: Any) -> _Item | BadFile:
        key = name_of(thing, number)
        try:
            return self._item(key, thing)
        except (BadImage, MissingExtra) as error:
            return BadFile(key, error.reason if isinstance(error, BadImage) else str(error))

    def _explained(self, items: Sequence[_Item], batch_size: int, method: Method) -> list[Explanation]:
        batch = _batch(self.predictor, items)
        said = _Said(self, batch)
        question = self._question(batch, batch_size, said)
        answer = answered(method, question)
        faith: Sequence[Faithfulness | None] = [None] * len(items)
        if self.check:
            faith = checked(method, question, answer)
        return [
            Explanation(
                item.key, self.name, self.method.to_dict(), said.asked[row], said.scores[row], said.sure[row],
                _on_picture(answer.maps[row].numpy(), place), answer.signed, item.image,
                _box(said.asked[row], place) or said.boxes[row], _colours(answer, row, place),
                _notes(answer, row, len(items)), faith[row],
            )
            for row, (item, place) in enumerate(zip(items, batch.placements, strict=True))
        ]  # fmt: skip

    def asked(self, outputs: Any, batch: Batch) -> list[Asked]:
        """Say what is asked of each image: of a detector a box that it shows, where it shows any.

        Args:
            outputs: What the network gives for the images as they are.
            batch: The images.

        Returns:
            As many as images.

        Raises:
            UnknownName: If there is no such class; the nearest are offered.
            BadLabel: If there is no class of that number.
            BadConfig: If there is no such box.

        Source: ours.
        """
        task, wished = self.predictor.task, self.about
        if isinstance(task, DetectionTask):
            shown = self.predictor.shown.decode(outputs, batch)
            wanted = [self._box_of(found, place) for found, place in zip(shown, batch.placements, strict=True)]
            return [replace(one, side=wished.side) for one in task.asked(outputs, wanted)]
        if wished.side:
            return task.asked(outputs, Asked(None, "the thing", (0.0, 0.0, 0.0, 0.0), wished.side))
        return task.asked(outputs, wished.what)

    def _box_of(self, found: Detections, place: Warp) -> Any:
        """The box that is wished for, on the image that the network gets; or just the class where it shows none."""
        about, box = self.about.what, self.about.box
        if isinstance(box, tuple):
            number = class_id(about, self.predictor.labels, len(found.names))
            return Asked(number, found.names[number], _moved(box, place))
        if about is not None:
            name = about if isinstance(about, str) else found.names[int(about)]
            found = found[np.array([label == name for label in found.labels], bool)] if name in found.names else found
        if box >= max(1, len(found)):
            raise BadConfig(
                f"got box {box} of {found.key!r}, in which {len(found)} are shown; taken are 0 to "
                f"{max(0, len(found) - 1)}; choose one of them"
            )
        if not len(found) or (isinstance(about, str) and about not in found.names):
            return about
        one = found[box]
        x1, y1, x2, y2 = one.boxes[0].tolist()
        return Asked(int(one.class_id[0]), one.labels[0], _moved((x1, y1, x2, y2), place))


class _Said:
    """What a network says of a batch as it is, gathered while a method runs it: what is asked, and its numbers."""

    def __init__(self, explainer: Explainer, batch: Batch) -> None:
        self._explainer, self._batch = explainer, batch
        self.asked: list[Any] = [None] * len(batch)
        self.scores, self.sure = [0.0] * len(batch), [0.0] * len(batch)
        self.boxes: list[Box | None] = [None] * len(batch)

    def settle(self, outputs: Any, rows: Sequence[int]) -> None:
        """Fill in those rows."""
        outputs, start, stop = _detached(outputs), rows[0], rows[-1] + 1
        batch, task = self._batch, self._explainer.predictor.task
        part = Batch(
            batch.images[start:stop], batch.sizes[start:stop], None, batch.keys[start:stop],
            placements=batch.placements[start:stop],
        )  # fmt: skip
        self.asked[start:stop] = asked = self._explainer.asked(outputs, part)
        self.scores[start:stop] = task.score(outputs, asked).tolist()
        self.sure[start:stop] = task.confidence_in(outputs, asked).tolist()
        if isinstance(task, LocalisationTask):
            self.boxes[start:stop] = [_surest(found) for found in task.decode(outputs, part)]


def _surest(found: Detections) -> Box | None:
    if not len(found):
        return None
    x1, y1, x2, y2 = found.boxes[0].tolist()
    return x1, y1, x2, y2


def _detached(outputs: Any) -> Any:
    if isinstance(outputs, torch.Tensor):
        return outputs.detach()
    return {name: _detached(one) for name, one in outputs.items()} if isinstance(outputs, dict) else outputs


def _batch(predictor: Predictor, items: Sequence[_Item]) -> Batch:
    taken, images = predictor.description.preprocessing, to_images([item.array for item in items])
    sources = [item.image.shape[:2] for item in items]
    places = tuple(Warp(placement(source, taken), source, taken.size) for source in sources)
    sizes, keys = torch.tensor([taken.size] * len(items)), tuple(item.key for item in items)
    return Batch(images, sizes, None, keys, placements=places).to(
        torch.device(predictor.device), predictor.execution.torch_memory_format
    )


def _on_picture(heat: Float[np.ndarray, "rows columns *_"], place: Warp) -> Float[np.ndarray, "height width *_"]:
    """Bring a map, or one for each channel, back onto the picture; 0 where the network did not see it."""
    matrix = np.linalg.inv(_HALF) @ place.matrix @ _HALF
    flags = cv2.INTER_LINEAR | cv2.WARP_INVERSE_MAP
    found = cv2.warpPerspective(np.ascontiguousarray(heat, np.float32), matrix, place.source[::-1], flags=flags)
    return found.reshape(*place.source, *heat.shape[2:])  # OpenCV leaves a single channel out


def _moved(box: Box, place: Warp) -> Box:
    """A box of the picture on the image that the network gets."""
    x1, y1, x2, y2 = place.points(np.array(box, np.float64).reshape(2, 2)).reshape(4).tolist()
    return x1, y1, x2, y2


def _box(asked: Asked, place: Warp) -> tuple[float, float, float, float] | None:
    if asked.box is None:
        return None
    height, width = place.size
    corners = np.array(asked.box) * ([width, height] * 2 if asked.class_id is None else 1)
    homogeneous = np.column_stack([corners.reshape(2, 2), np.ones(2)]) @ np.linalg.inv(place.matrix).T
    x1, y1, x2, y2 = (homogeneous[:, :2] / homogeneous[:, 2:]).reshape(4).tolist()
    return x1, y1, x2, y2


def _colours(answer: Answer, row: int, place: Warp) -> Float[np.ndarray, "height width channels"] | None:
    if answer.colours is None:
        return None
    return _on_picture(answer.colours[row].permute(1, 2, 0).numpy(), place)


def _notes(answer: Answer, row: int, count: int) -> tuple[str, ...]:
    """Those of all, or of this image: a method gives one for all or one for each."""
    return (answer.notes[row],) if len(answer.notes) == count and count > 1 else answer.notes
