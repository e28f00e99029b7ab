"""The verb report: gather what is known of a run, and write its model card.

Source: ours.
"""

from __future__ import annotations

import shlex
from datetime import datetime
from pathlib import Path

import torch
from jaxtyping import Shaped
from numpy import ndarray

from saccade.api.evaluation import evaluate
from saccade.api.origin import opened_again
from saccade.api.predictor import load
from saccade.api.run import Run
from saccade.inspect.layer_table import layer_table
from saccade.reporting.card import write_card
from saccade.reporting.facts import CardFacts
from saccade.reporting.speed import measure_speed
from saccade.types.sample import Source


def report(run: Run | str | Path, path: str | Path | None = None, *, split: str = "test", device: str = "auto") -> Path:
    """Judge a run's best model and write its model card: one HTML file that opens offline.

    Args:
        run: A run, or its folder.
        path: The file; by default `card.html` in the run's folder.
        split: What to judge on; without a test split the val split, and the card says so.
        device: "auto", "cpu", "cuda" or "mps".

    Returns:
        The file.

    Raises:
        BadData: If the run's data have changed or cannot be found again.
        BadCheckpoint: If the run has no model yet.

    Source: ours.
    """
    run = run if isinstance(run, Run) else Run(run)
    evaluation = evaluate(run, split=split, device=device)
    predictor = load(run, device=device)
    preprocessing = predictor.description.preprocessing
    model = run.description["model"]["architecture"] or "a module of your own"
    facts = CardFacts(
        title=f"{model} on {run.description['data']['name']}",
        when=datetime.now().astimezone(),
        description=run.description,
        events=run.events(),
        judgement=evaluation.judgement,
        split=evaluation.split,
        thumbnail=_Thumbnails(opened_again(run).splits[evaluation.split]),
        layers=layer_table(predictor.network, preprocessing.size, in_channels=preprocessing.channels),
        speed=measure_speed(
            predictor.network, preprocessing.size, preprocessing.channels, torch.device(predictor.device)
        ),
        commands=_commands(run),
        set_aside=[(file.key, file.reason) for file in evaluation.bad],
    )
    return write_card(facts, run.card if path is None else Path(path).expanduser())


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
