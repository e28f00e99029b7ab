"""Judging several models, or several views, together: what they gain over one, and what they cost.

Source: ours; gains by the paired bootstrap over images (see `saccade.metrics.gains`), and McNemar's test beside it
    where one way is compared with one other in accuracy (see `saccade.metrics.comparison`).
"""

from __future__ import annotations

import contextlib
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import replace
from typing import Any, NamedTuple

import numpy as np
from jaxtyping import Bool, Float64, Shaped
from torch import Tensor

from saccade.api.ensembles.ensembling import Ensemble, Pictures
from saccade.api.ensembles.evaluation import EnsembleEvaluation, Gain, Standing
from saccade.api.ensembles.latency import latencies
from saccade.api.ensembles.views import Views
from saccade.api.evaluation import RESAMPLES, data_for, split_of
from saccade.api.origin import opened_again
from saccade.api.relabelling import relabelled
from saccade.data.loading.loader import Loader
from saccade.errors import BadData, BadImage, BadLabel, MissingExtra, printable
from saccade.metrics.comparison import share_effect
from saccade.metrics.gains import DrawnFigures, drawn_figures, figures_of, gain
from saccade.metrics.judgement import Figure
from saccade.types.bad_file import BadFile
from saccade.types.batch import Batch
from saccade.types.sample import DataSet, Source
from saccade.types.task import Metric

_KNOWN = ("counts", "shares", "seed", "fingerprints")


class _Judged(NamedTuple):
    """The figures of one way of answering on all draws; and of one class an image, whether each answer is right."""

    drawn: DrawnFigures
    right: Bool[np.ndarray, " images"] | None


def evaluate_together(
    ensemble: Ensemble, data: Any = None, *, split: str = "test", batch_size: int = 64
) -> EnsembleEvaluation:
    """Judge an ensemble, each of its models alone, and each view alone, on the same images.

    Args:
        ensemble: Several models, several views, or both.
        data: As for `evaluate`; None is the own data of the runs, which must all have held out the same images.
        split: "train", "val" or "test".
        batch_size: Pictures that are read together.

    Returns:
        The evaluation. Nothing is written to the folder of any run.

    Raises:
        BadData: If there is no such split, it has classes that the models do not know, or the models held out
            different images.

    Source: as the file.
    """
    dataset, chosen, note = _data(ensemble, data, split)
    source = relabelled(dataset, chosen, ensemble.labels, ensemble.task.name)
    ways = _ways(ensemble)
    bad: dict[str, BadFile] = {}
    metric, judged = _judged(ensemble, ways, _batches(ways, source, batch_size, bad))
    timed = latencies(list(ways.values()), _picture(source))
    standings = [
        Standing(name, len(way.members), len(way.views), one.drawn.figures, latency)
        for (name, way), one, latency in zip(ways.items(), judged, timed, strict=True)
    ]
    return EnsembleEvaluation(
        metric.judge(RESAMPLES, seed=0),
        chosen,
        len(source) - len(bad),
        note,
        tuple(bad.values()),
        tuple(standings),
        tuple(_gains(ensemble, standings, judged)),
        ensemble.task.headline[0],
    )


def _ways(ensemble: Ensemble) -> dict[str, Ensemble]:
    """Everything that is judged: the models alone, all of them with one view, and the whole, which comes last."""
    several, plain = len(ensemble.members) > 1, ensemble.views == Views()
    ways = {member.name: ensemble.only(member) for member in ensemble.members}
    together = f"{len(ensemble.members)} models" if several else ensemble.members[0].name
    if several and not plain:
        ways[together] = ensemble.only(*ensemble.members)
    return {**ways, (together if plain else f"{together}, {ensemble.views}"): ensemble}


def _data(ensemble: Ensemble, data: Any, split: str) -> tuple[DataSet, str, str]:
    """Open what to judge on; where models know of data that they learnt from, all must have held out the same."""
    if data is None and not ensemble.runs:
        raise BadData("got models and no data; taken are runs, which have data, or data to judge on; name the data")
    if data is None:
        found = {name: (opened_again(run), True) for name, run in ensemble.runs.items()}
    else:
        found = _found(ensemble, data)
    own = {name: one for name, one in found.items() if one[1]}
    first, (dataset, is_own) = next(iter((own or found).items()))
    chosen, note = split_of(dataset, split, is_own)
    held_out = {name: _fingerprint(one, chosen) for name, (one, _) in own.items()}
    if data is None:
        held_out |= _remembered(ensemble, dataset, chosen)
    for other, fingerprint in held_out.items():
        if fingerprint != _fingerprint(dataset, chosen):
            raise BadData(
                f"got {printable(first)} and {printable(other)}, which do not hold out the same images as {chosen!r}; "
                "taken are models none of which learnt from what they are judged on; split the data once, with saccade "
                "data split, and train all on that; or name other data"
            )
    return dataset, chosen, note


def _fingerprint(dataset: DataSet, split: str) -> str:
    return dataset.splits[split].fingerprint() if split in dataset.splits else ""


def _remembered(ensemble: Ensemble, dataset: DataSet, split: str) -> dict[str, str]:
    """What files of models held out, as far as they say that they learnt from data of that name."""
    origins = {member.name: member.predictor.description.origin for member in ensemble.members}
    return {
        name: str(origin["fingerprints"].get(split, ""))
        for name, origin in origins.items()
        if name not in ensemble.runs and origin.get("data") == dataset.name and "fingerprints" in origin
    }


def _found(ensemble: Ensemble, data: Any) -> dict[str, tuple[DataSet, bool]]:
    """Open data as each model knows them; those that know the same of them share what is opened."""
    opened: dict[str, tuple[DataSet, bool]] = {}
    found = {}
    for member in ensemble.members:
        known = repr([member.predictor.description.origin.get(name) for name in _KNOWN])
        if known not in opened:
            opened[known] = data_for(data, member.predictor)
        found[member.name] = opened[known]
    return found


def _batches(
    ways: Mapping[str, Ensemble], source: Source, batch_size: int, bad: dict[str, BadFile]
) -> Iterator[tuple[Batch, Pictures]]:
    """Read every picture once for each way to prepare it; what one of them cannot prepare is left out for all."""
    preparations = list(dict.fromkeys(one for way in ways.values() for one in way.preparations))
    encode = next(iter(ways.values())).task.targets
    with contextlib.ExitStack() as stack:
        loaders = [stack.enter_context(Loader(source, one, encode, batch_size=batch_size)) for one in preparations]
        for batches in zip(*(loader.epoch(0) for loader in loaders), strict=True):
            set_aside = {key: reason for batch in batches for key, reason in batch.set_aside}
            bad.update({key: BadFile(key, reason) for key, reason in set_aside.items()})
            kept = [_without(batch, set_aside) for batch in batches]
            if len(kept[0]):
                yield kept[0], dict(zip(preparations, (batch.images for batch in kept), strict=True))


def _without(batch: Batch, set_aside: Mapping[str, str]) -> Batch:
    rows = [row for row, key in enumerate(batch.keys) if key not in set_aside]
    if len(rows) == len(batch):
        return batch
    targets = None if batch.targets is None else batch.targets[rows]
    return replace(batch, images=batch.images[rows], sizes=batch.sizes[rows], targets=targets,
                   keys=tuple(batch.keys[row] for row in rows))  # fmt: skip


def _judged(
    ensemble: Ensemble, ways: Mapping[str, Ensemble], batches: Iterator[tuple[Batch, Pictures]]
) -> tuple[Metric, list[_Judged]]:
    """Let every way answer every batch; a metric of the whole, and the figures of each on the same draws."""
    metric, targets = ensemble.task.metric(), []
    said: list[list[np.ndarray]] = [[] for _ in ways]
    for batch, pictures in batches:
        answers = _answers(ensemble, ways, pictures)
        metric.update(answers[-1], batch)
        targets.append(batch.targets.numpy())
        for one, answer in zip(said, answers, strict=True):
            one.append(answer.float().numpy())
    if not targets:
        raise BadData("got no images to judge; taken is at least one; check the split, and what was set aside")
    true = np.concatenate(targets)
    true = true if true.ndim == 1 else true > 0.5
    threshold = getattr(ensemble.task, "threshold", 0.5)
    judged = []
    for one in said:
        logits = np.concatenate(one)
        drawn = drawn_figures(figures_of(logits, true, threshold=threshold), len(true), resamples=RESAMPLES)
        judged.append(_Judged(drawn, logits.argmax(axis=1) == true if true.ndim == 1 else None))
    return metric, judged


def _answers(ensemble: Ensemble, ways: Mapping[str, Ensemble], pictures: Pictures) -> list[Float64[Tensor, "_ _"]]:
    """What each way says; what follows from the models alone is not worked out again."""
    singles = [ways[member.name].answer(pictures) for member in ensemble.members]
    answers = list(singles)
    if len(singles) > 1:
        answers.append(ensemble.mean(singles))
    if ensemble.views != Views():
        answers.append(ensemble.answer(pictures))
    return answers


def _gains(ensemble: Ensemble, standings: Sequence[Standing], judged: Sequence[_Judged]) -> Iterator[Gain]:
    """Compare the whole with the mean of the models, with the best of them, and with one view of each picture."""
    count, (headline, higher) = len(ensemble.members), ensemble.task.headline
    singles = range(count)
    compared: list[tuple[str, str, Sequence[int]]] = []
    if count > 1:
        best = max(singles, key=lambda at: standings[at].figures[headline][0] * (1 if higher else -1))
        compared.append(("the mean", "the mean of the models alone", singles))
        compared.append(("the best", f"{standings[best].name}, the best of them on these images", [best]))
    if ensemble.views != Views():
        compared.append(("one view", "one view of each picture", [len(standings) - 2]))
    for over, meaning, others in compared:
        figures = _differences(judged[-1], [judged[at] for at in others])
        ours, theirs = standings[-1].latency, [standings[at].latency for at in others]
        alone = ours.alone / np.mean([one.alone for one in theirs])
        in_batch = ours.in_batch / np.mean([one.in_batch for one in theirs])
        yield Gain(over, meaning, figures, (float(alone), float(in_batch)))


def _differences(ours: _Judged, others: Sequence[_Judged]) -> dict[str, Figure]:
    """Subtract figures; of two single ways, the accuracy also by a test that holds where few images tell them apart."""
    figures = gain(ours.drawn, [one.drawn for one in others])
    if len(others) == 1 and ours.right is not None and others[0].right is not None:
        right = others[0].right[None], ours.right[None]
        found = share_effect(*right, resamples=RESAMPLES, generator=np.random.default_rng(0))
        figures["accuracy"] = found.difference, found.low, found.high
    return figures


def _picture(source: Source) -> Shaped[np.ndarray, "height width channels"]:
    """The first picture that can be read."""
    for index in range(len(source)):
        with contextlib.suppress(BadImage, BadLabel, MissingExtra):
            return source.read(index).image
    raise BadData("got no images to judge; taken is at least one; check the split, and what was set aside")
