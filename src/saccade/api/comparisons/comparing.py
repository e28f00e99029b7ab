"""The verb compare: whether one model is better than another, told by the very same images; or that it is not shown.

Source: ours; see `saccade.metrics.comparison`.
"""

from __future__ import annotations

import itertools
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
from jaxtyping import Bool

from saccade.api.comparisons.comparison import Comparison, Pair, Standing
from saccade.api.comparisons.contestants import Contestant, Member, Model, contestants
from saccade.api.comparisons.shared_images import Answers, answers_of, find_data, learnt_warnings
from saccade.errors import UnknownName
from saccade.metrics.accuracy import hits
from saccade.metrics.comparison import LEVEL, Effect, detectable, figure_effect, holm, share_effect, swapped
from saccade.metrics.gains import DrawnFigures, drawn_figures, figures_of
from saccade.metrics.judgement import Figure
from saccade.metrics.label_sets import present
from saccade.metrics.seed_spread import Runs

_SHARES = ("accuracy", "top_5", "exact_match")
_RESAMPLES, _FOR_EACH_PAIR = 2000, 100
_OF_SHARES = 5  # times as many draws where they cost little


def compare(
    models: Sequence[Model] | Mapping[str, Any],
    data: Any = None,
    *,
    split: str = "test",
    figure: str | None = None,
    group_seeds: bool = False,
    device: str = "auto",
    batch_size: int = 64,
) -> Comparison:
    """Compare models on the very same images; with several runs of each, beyond the luck of their seeds.

    The verdict is about one figure. It says that a difference is shown only where the spread of images (and seeds) and
    a test for few images agree on it, after Holm's correction for the number of pairs; else that none is shown, and
    which one would have been. Nothing is written to the folder of any run, and none needs to have been evaluated.

    Args:
        models: Two or more runs, their folders, model files or predictors; or a mapping from names to such, or to
            several runs of one model that differ by their seed.
        data: What to judge on; None is the own data of the runs, which must have held out the same images. Classes go
            by name.
        split: "train", "val" or "test"; without a test split the val split is used, and a note says so.
        figure: What the verdict is about, such as "macro_f1" or "calibration_error"; None is the task's own: accuracy,
            or mean average precision.
        group_seeds: Take runs that differ by their seed alone as one model.
        device: "auto", "cpu", "cuda" or "mps".
        batch_size: Pictures that go through a network together.

    Returns:
        The comparison.

    Raises:
        BadConfig: If there are fewer than two models, or they cannot be compared.
        BadData: If there is no such split, or the runs hold out different images.
        BadCheckpoint: If there is no model there, or it cannot be trusted.
        UnknownName: If there is no such figure; the nearest are offered.

    Source: ours.
    """
    groups = contestants(models, group_seeds=group_seeds, device=device)
    members = [member for group in groups for member in group.members]
    dataset, chosen, notes = find_data(members, data, split)
    answers = answers_of(members, dataset, chosen, batch_size=batch_size)
    notes += _unfinished_notes(members) + learnt_warnings(members, dataset, chosen) + _same_notes(members, answers)
    judged = _judged(answers, members, resamples=max(_RESAMPLES, _FOR_EACH_PAIR * _pair_count(groups)))
    wanted = _figure(figure, judged.drawn[0], members[0])
    standings, pairs = _standings(groups, judged, wanted), _pairs(groups, judged, wanted)
    notes += _seed_notes(groups) + _pair_notes(len(pairs))
    return Comparison(standings, pairs, wanted, chosen, len(answers.keys), tuple(notes), answers.bad)


@dataclass(frozen=True, eq=False)
class _Judged:
    """The answers of all networks, and their figures on the same draws."""

    answers: Answers
    threshold: float
    drawn: tuple[DrawnFigures, ...]
    resamples: int

    def right(self, figure: str, place: Sequence[int]) -> Bool[np.ndarray, "runs images"]:
        """Whether some networks are right about each image, in the sense of a figure that is a share of images."""
        targets, logits = self.answers.targets, [self.answers.logits[number] for number in place]
        if figure == "exact_match":
            said = [present(1 / (1 + np.exp(-one.clip(-60, 60))), self.threshold) for one in logits]
            return np.stack([(one == targets).all(axis=1) for one in said])
        return np.stack([hits(one, targets, 5 if figure == "top_5" else 1) for one in logits])

    def runs(self, figure: str, place: Sequence[int]) -> Runs:
        """One figure of some networks, as it is and on the draws."""
        at = list(self.drawn[0].figures).index(figure)
        values = np.array([self.drawn[number].values[at] for number in place])
        return Runs(values, np.stack([self.drawn[number].draws[:, at] for number in place], axis=1))


def _judged(answers: Answers, members: Sequence[Member], *, resamples: int) -> _Judged:
    threshold = float(getattr(members[0].predictor.task, "threshold", 0.5))
    figures = (figures_of(logits, answers.targets, threshold=threshold) for logits in answers.logits)
    drawn = tuple(drawn_figures(one, len(answers.keys), resamples=resamples) for one in figures)
    return _Judged(answers, threshold, drawn, resamples)


def _figure(wanted: str | None, drawn: DrawnFigures, member: Member) -> str:
    if wanted is None:
        return member.predictor.task.headline[0]
    name = wanted.strip().replace(" ", "_").replace("-", "_")
    if name not in drawn.figures:
        raise UnknownName("figure", wanted, drawn.figures)
    return name


def _places(groups: Sequence[Contestant]) -> list[range]:
    """Which of the networks are those of each model."""
    ends = list(itertools.accumulate(len(group.members) for group in groups))
    return [range(end - len(group.members), end) for group, end in zip(groups, ends, strict=True)]


def _pairs(groups: Sequence[Contestant], judged: _Judged, figure: str) -> tuple[Pair, ...]:
    """Put every two models side by side; p is corrected for the number of pairs, and so is what could be shown."""
    names = [group.name for group in groups]
    both = list(zip(itertools.combinations(names, 2), itertools.combinations(_places(groups), 2), strict=True))
    effects = [_effect(judged, places, figure, seed) for seed, (_, places) in enumerate(both)]
    level = LEVEL / len(both)
    return tuple(
        Pair(
            *two,
            figure,
            effect,
            p,
            _detectable(judged, places, figure, effect, level),
            _others(judged, places, figure),
        )
        for (two, places), effect, p in zip(both, effects, holm([one.p for one in effects]), strict=True)
    )


def _effect(judged: _Judged, pair: tuple[range, range], figure: str, seed: int) -> Effect:
    generator = np.random.default_rng([seed, 1])
    if figure in _SHARES:
        right = [judged.right(figure, place) for place in pair]
        return share_effect(*right, resamples=_OF_SHARES * judged.resamples, generator=generator)
    order = [number for place in pair for number in place]
    answers = judged.answers
    stacked = figures_of(
        np.concatenate([answers.logits[number] for number in order]),
        np.concatenate([answers.targets] * len(order)),
        threshold=judged.threshold,
    )
    at = list(judged.drawn[0].figures).index(figure)
    sizes = (len(pair[0]), len(pair[1]))
    p = swapped(stacked, sizes, len(answers.keys), resamples=judged.resamples // 2, generator=generator)[at]
    return figure_effect(*(judged.runs(figure, place) for place in pair), test=float(p))


def _detectable(judged: _Judged, pair: tuple[range, range], figure: str, effect: Effect, level: float) -> float:
    first, second = (judged.runs(figure, place) for place in pair)
    return detectable(first, second, effect, len(judged.answers.keys), level=level)


def _others(judged: _Judged, pair: tuple[range, range], figure: str) -> dict[str, Figure]:
    """The differences of all figures but that of the verdict, by their spread alone."""
    found = {}
    for name in judged.drawn[0].figures:
        if name != figure:
            one = figure_effect(*(judged.runs(name, place) for place in pair), test=0.0)
            found[name] = (one.difference, one.low, one.high)
    return found


def _standings(groups: Sequence[Contestant], judged: _Judged, figure: str) -> tuple[Standing, ...]:
    return tuple(
        Standing(
            group.name,
            tuple(member.name for member in group.members),
            tuple(member.seed for member in group.members),
            tuple(judged.drawn[number].figures[figure][0] for number in place),
            tuple(judged.drawn[number].figures for number in place),
        )
        for group, place in zip(groups, _places(groups), strict=True)
    )


def _unfinished_notes(members: Sequence[Member]) -> list[str]:
    """Runs that may still get better: the verdict is about what they have so far."""
    states = [(member.name, member.run.state) for member in members if member.run is not None]
    return [
        f"the training of {name} is {state}; this is about the best of its epochs so far"
        for name, state in states
        if state != "finished"
    ]


def _same_notes(members: Sequence[Member], answers: Answers) -> list[str]:
    return [
        f"{first.name} and {second.name} give the very same answers to all images"
        for (first, one), (second, other) in itertools.combinations(zip(members, answers.logits, strict=True), 2)
        if np.array_equal(one, other)
    ]


def _seed_notes(groups: Sequence[Contestant]) -> list[str]:
    single = [group.name for group in groups if len(group.members) == 1]
    if len(single) == len(groups):
        return [
            "one run of each model: this is about these networks; how far another seed would move them is not known"
        ]
    if single:
        names, verb = " and ".join(single), "has" if len(single) == 1 else "have"
        return [f"{names} {verb} a single run, whose spread over seeds is not known; that of the other model stands in"]
    return []


def _pair_count(groups: Sequence[Contestant]) -> int:
    return len(groups) * (len(groups) - 1) // 2


def _pair_notes(count: int) -> list[str]:
    if count == 1:
        return []
    return [f"{count} pairs: each p is corrected for them (Holm), so that one false alarm among all stays below 5 %"]
