"""The verb report: gather what is known of a run, and write its model card.

Source: ours.
"""

from __future__ import annotations

import shlex
from dataclasses import replace
from datetime import datetime
from pathlib import Path

import torch
from jaxtyping import Shaped
from numpy import ndarray

from saccade.api.evaluation import ToJudge, evaluate, to_judge
from saccade.api.robustness.measuring import images_within, robustness_of
from saccade.api.robustness.settings import RobustnessSettings
from saccade.api.run import Run
from saccade.api.saliency import saliency_of
from saccade.errors import BadConfig
from saccade.inspect.layer_table import layer_table
from saccade.reporting.card import write_card
from saccade.reporting.facts import CardFacts
from saccade.reporting.speed import measure_speed
from saccade.types.sample import Source
from saccade.weights.files import json_bytes, write_whole

_SLOW = "Not measured here, since it would take long; saccade evaluate RUN --disturbed does it."


def report(
    run: Run | str | Path,
    path: str | Path | None = None,
    *,
    split: str = "test",
    device: str = "auto",
    seconds: float = 20.0,
) -> Path:
    """Judge a run's best model and write its model card: one HTML file that opens offline.

    Args:
        run: A run, or its folder.
        path: The file; by default `card.html` in the run's folder.
        split: What to judge on; without a test split the val split, and the card says so.
        device: "auto", "cpu", "cuda" or "mps".
        seconds: About how long it may take to look closer: at what the model went by in its worst mistakes and best
            cases, and at how good it is on disturbed pictures. As much of both is done as fits; 0 leaves them out.
            Of a model that makes pictures neither is looked at.

    Returns:
        The file. What the closer look found is kept in the run's folder too, as `saliency-<split>.json` and
        `robustness-<split>.json`.

    Raises:
        BadData: If the run's data have changed or cannot be found again.
        BadCheckpoint: If the run has no model yet.
        BadConfig: If seconds is below 0.

    Source: ours.
    """
    if not seconds >= 0:
        raise BadConfig(f"got seconds={seconds!r}; taken is 0, for no closer look, or more; change it")
    run = run if isinstance(run, Run) else Run(run)
    evaluation = evaluate(run, split=split, device=device)
    judged = to_judge(run, None, split, device=device)
    predictor, pictures = judged.predictor, _Thumbnails(judged.source)
    preprocessing = predictor.description.preprocessing
    model = run.description["model"]["architecture"] or "a module of your own"
    facts = CardFacts(
        title=f"{model} on {run.description['data']['name']}",
        when=datetime.now().astimezone(),
        description=run.description,
        events=run.events(),
        judgement=evaluation.judgement,
        split=evaluation.split,
        thumbnail=pictures,
        layers=layer_table(predictor.network, preprocessing.size, in_channels=preprocessing.channels),
        speed=measure_speed(
            predictor.network, preprocessing.size, preprocessing.channels, torch.device(predictor.device)
        ),
        commands=_commands(run),
        set_aside=[(file.key, file.reason) for file in evaluation.bad],
    )
    if seconds and not getattr(judged.predictor.task, "makes_pictures", False):  # those are nobody's answers
        facts = _looked_closer(facts, judged, pictures, seconds)
    return write_card(facts, run.card if path is None else Path(path).expanduser())


def _looked_closer(facts: CardFacts, judged: ToJudge, pictures: _Thumbnails, seconds: float) -> CardFacts:
    """Add maps and disturbed pictures, each in half of the time."""
    judgement, run = facts.judgement, judged.run
    if judgement is None or run is None:
        return facts
    seen = saliency_of(judged.predictor, judgement, pictures, seconds=seconds / 2)
    kept = json_bytes({"split": judged.split, **seen.to_dict()}, indent=1)
    write_whole(run.path / f"saliency-{judged.split}.json", lambda file: file.write(kept))
    images = images_within(judged, seconds / 2)
    found = robustness_of(judged, RobustnessSettings(images=images)) if images else _SLOW
    return replace(facts, saliency=seen, robustness=found)


class _Thumbnails:
    """The pictures of a source by their keys."""

    def __init__(self, source: Source) -> None:
        self._source = source
        self._index = {source.key(index): index for index in range(len(source))}

    def __call__(self, key: str) -> Shaped[ndarray, "height width channels"]:
        return self._source.read(self._index[key]).image


def _commands(run: Run) -> list[tuple[str, str]]:
    folder = shlex.quote(str(run.path))
    return [
        ("train it again, to the same bits", f"saccade train --repeat {folder}"),
        ("judge it again", f"saccade evaluate {folder}"),
        ("use it", f"saccade predict {folder} IMAGE…"),
        ("take it elsewhere, as one file", f"saccade export {folder}"),
    ]
