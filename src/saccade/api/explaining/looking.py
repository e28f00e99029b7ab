"""The verb explain, where it looks into a network instead of explaining one answer.

Source: ours.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import torch

from saccade import catalog
from saccade.api.pictures import each_of, image_of, is_one, name_of
from saccade.api.predictor import Predictor, load
from saccade.api.run import Run
from saccade.data.preprocess import preprocess, to_images
from saccade.errors import BadImage, MissingExtra
from saccade.explanations.asking.looking import Looked, View, looked
from saccade.types.drawing import as_picture
from saccade.types.sheet import Sheet

ROOM = "explanations.looks"
_NAMED = 5


def look_into(
    model: str | Path | Run | Predictor,
    images: Any = (),
    *,
    method: str = "weights",
    settings: Mapping[str, Any] | None = None,
    seed: int = 0,
) -> Sheet:
    """Look into a model: its weights, its maps for a picture, what excites its units, what it takes for alike.

    Args:
        model: What `load` takes.
        images: One picture or many, in any form; of a folder with classes all. `weights` needs none, `activations` one.
        method: weights, activations, patches or tsne.
        settings: Knobs of the method.
        seed: Where all randomness comes from.

    Returns:
        A `Sheet` of small pictures; `draw()` makes one of them. Files that cannot be read are left out,
        and named in its notes.

    Raises:
        UnknownName: If there is no such method or layer; the nearest are offered.
        BadConfig: If a knob is wrong, the network has nothing of what is looked for, or there is no picture.
        BadImage: If a single picture cannot be read.

    Source: ours.
    """
    predictor = load(model)
    look = catalog.find(ROOM, method).from_dict(settings or {})
    taken = predictor.description.preprocessing
    bad = list[str]()
    view = View(predictor.network, _looked(predictor, images, bad), taken.size, predictor.labels, seed)
    sheet = looked(look, view)
    if not bad:
        return sheet
    named = ", ".join(bad[:_NAMED]) + (" and others" if len(bad) > _NAMED else "")
    return replace(sheet, notes=(*sheet.notes, f"{len(bad)} left out: {named}"))


def _looked(predictor: Predictor, images: Any, bad: list[str]) -> Iterator[Looked]:
    taken, alone = predictor.description.preprocessing, is_one(images)
    for number, thing in enumerate([images] if alone else each_of(images)):
        key = name_of(thing, number)
        try:
            array = preprocess(image_of(thing, key), taken)
        except (BadImage, MissingExtra):
            if alone:
                raise
            bad.append(Path(key).name)
            continue
        batch = to_images([array]).to(torch.device(predictor.device))
        yield Looked(key, batch, np.asarray(as_picture(array)))
