"""Maps of the worst mistakes and of the best cases of a model that was judged, each checked, within some time.

Source: ours.
"""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from itertools import chain, zip_longest
from typing import Any

import numpy as np

from saccade.api.explaining.explainer import About, Box
from saccade.api.explaining.explaining import explainer
from saccade.api.predictor import Predictor
from saccade.errors import BadConfig
from saccade.metrics.classification import ClassificationJudgement
from saccade.metrics.detection.judgement import DetectionJudgement
from saccade.metrics.detection.matches import match_classes
from saccade.metrics.detection.mistakes import RIGHT, Mistake, sort_answers
from saccade.metrics.judgement import Verdict
from saccade.metrics.multi_label import MultiLabelJudgement
from saccade.reporting.phrases import duration
from saccade.reporting.saliency import Case, Saliency
from saccade.tasks.detection import DetectionTask
from saccade.types.explanation import Explanation
from saccade.types.task import Judgement

_EACH = 4  # mistakes, and best cases
_PASSES = 200  # that a map by Grad-CAM and its check take
_NOTHING = "nothing"
Read = Callable[[str], np.ndarray]


@dataclass(frozen=True)
class _Wish:
    """What to ask about a picture."""

    key: str
    wrong: bool
    said: str
    true: str
    about: About
    truth: About | None = None
    box: Box | None = None


def saliency_of(predictor: Predictor, judgement: Judgement, read: Read, *, seconds: float) -> Saliency:
    """Look at what a model went by in its worst mistakes and its best cases.

    By Grad-CAM; of a network whose maps it cannot use, by occlusion, with squares of a quarter of the shorter side.

    Args:
        predictor: The model.
        judgement: What it said.
        read: Gives the picture of a key, or raises BadImage.
        seconds: About how long it may take; a case that would take too long is left out, and so are those after it.

    Returns:
        Up to four of each, and why there are no more where that is so.

    Raises:
        BadImage: If a picture cannot be read any more.

    Source: ours.
    """
    wishes = _interleaved(_wishes(judgement, isinstance(predictor.task, DetectionTask)))
    if not wishes:
        return Saliency("", note="There is no case to look at.")
    begun, needed = time.perf_counter(), _needed(predictor, read(wishes[0].key))
    if needed > seconds:
        told = f"A map and its check take about {duration(needed)} here, so there are none"
        return Saliency("", note=f"{told}; saccade explain grad_cam --check makes them for any picture.")
    ask, note = _asker(predictor, read(wishes[0].key), wishes[0])
    cases, longest = list[Case](), 0.0
    if ask is None:
        return Saliency("", note=note)
    for wish in wishes:
        started = time.perf_counter()
        if started - begun + longest > seconds:
            break
        image = read(wish.key)
        truth = None if wish.truth is None else ask(image, wish.key, wish.truth)
        cases.append(Case(wish.wrong, wish.said, wish.true, ask(image, wish.key, wish.about), truth, wish.box))
        longest = max(longest, time.perf_counter() - started)
    return Saliency(ask.method, tuple(sorted(cases, key=lambda case: not case.wrong)), note)


def _needed(predictor: Predictor, image: np.ndarray) -> float:
    """About how many seconds a map by Grad-CAM and its check take."""
    predictor(image)
    begun = time.perf_counter()
    predictor(image)
    return _PASSES * (time.perf_counter() - begun)


@dataclass(frozen=True, eq=False)
class _Asker:
    """A model and a method, asked about one picture after the other."""

    predictor: Predictor
    method: str
    settings: Mapping[str, Any]

    def __call__(self, image: np.ndarray, key: str, about: About, *, check: bool = True) -> Explanation:
        made = explainer(self.predictor, method=self.method, about=about, settings=self.settings, check=check)
        return replace(made(image), key=key)


def _asker(predictor: Predictor, image: np.ndarray, wish: _Wish) -> tuple[_Asker | None, str]:
    """The first method that works on this network, tried on a picture; and what a reader must know of the choice."""
    side, note = max(1, min(predictor.description.preprocessing.size) // 4), ""
    for method, settings in (("grad_cam", {}), ("occlusion", {"window": side})):
        asker = _Asker(predictor, method, settings)
        try:
            asker(image, wish.key, wish.about, check=False)
        except BadConfig as error:
            told = str(error).partition(";")[0].removeprefix("got ")
            note = f"Neither Grad-CAM nor occlusion can be used: {told}." if note else (
                f"By occlusion, since Grad-CAM cannot use {told}."
            )  # fmt: skip
            continue
        return asker, note
    return None, note


def _interleaved(wishes: tuple[Sequence[_Wish], Sequence[_Wish]]) -> list[_Wish]:
    """A mistake, a best case, the next mistake, and so on."""
    return [one for one in chain.from_iterable(zip_longest(*wishes)) if one is not None]


def _wishes(judgement: Judgement, boxed: bool) -> tuple[Sequence[_Wish], Sequence[_Wish]]:
    if isinstance(judgement, ClassificationJudgement):
        return [_classified(one) for one in judgement.mistakes[:_EACH]], [
            _classified(one) for one in _varied(judgement.surest)
        ]
    if isinstance(judgement, MultiLabelJudgement):
        return [_labelled(one, judgement) for one in judgement.mistakes[:_EACH]], [
            _labelled(one, judgement) for one in _varied(judgement.surest)
        ]
    if isinstance(judgement, DetectionJudgement):
        wrong, missed = list(_one_a_picture(judgement.wrong)), list(_one_a_picture(judgement.missed))
        return [_boxed(one, boxed) for one in [*wrong, *missed][:_EACH]], list(_right_boxes(judgement, boxed))
    return [], []


def _varied(surest: Sequence[Verdict]) -> list[Verdict]:
    """The surest, but others of a class only where there are not enough classes."""
    first = {one.true: one for one in reversed(surest)}
    others = [one for one in surest if first[one.true] is not one]
    return [*sorted(first.values(), key=lambda one: one.loss), *others][:_EACH]


def _classified(one: Verdict) -> _Wish:
    wrong = one.true != one.predicted
    truth = About(one.true[0]) if wrong else None
    return _Wish(one.key, wrong, one.predicted[0], one.true[0], About(one.predicted[0]), truth)


def _labelled(one: Verdict, judgement: MultiLabelJudgement) -> _Wish:
    """Of a wrong set of labels the one that is most wrong; of a right one the surest of those that are there."""
    said, there = judgement.probabilities[one.index], judgement.targets[one.index]
    wrong = one.true != one.predicted
    telling = np.abs(said - there) if wrong else np.where(there, 1 + said, said)
    said_names, true_names = (" + ".join(labels) or _NOTHING for labels in (one.predicted, one.true))
    return _Wish(one.key, wrong, said_names, true_names, About(judgement.labels[int(telling.argmax())]))


def _one_a_picture(mistakes: Sequence[Mistake]) -> Iterator[Mistake]:
    met = set[int]()
    for one in mistakes:
        if one.index not in met:
            yield one
        met.add(one.index)


def _boxed(one: Mistake, boxed: bool) -> _Wish:
    said, true = (_NOTHING, one.label) if one.kind == "missed" else (one.label, one.true or _NOTHING)
    if said == true:
        said = f"{said}, {'twice' if one.kind == 'duplicate' else 'out of place'}"
    return _Wish(one.key, True, said, true, About(one.label, one.box if boxed else 0), box=one.box)


def _right_boxes(judgement: DetectionJudgement, boxed: bool) -> Iterator[_Wish]:
    """The surest right boxes, one a picture."""
    images = judgement.images
    answers = sort_answers(images, match_classes(images, len(judgement.labels)), judgement.confidence)
    met = set[int]()
    for place in np.flatnonzero(answers.kind == RIGHT).tolist():
        index = int(answers.image[place])
        if index in met or len(met) == _EACH:
            continue
        met.add(index)
        label = judgement.labels[int(answers.class_id[place])]
        x1, y1, x2, y2 = images[index].found[int(answers.number[place])].tolist()
        box = (x1, y1, x2, y2)
        yield _Wish(images[index].key, False, label, label, About(label, box if boxed else 0), box=box)
