"""What the model went by in its worst mistakes and its best cases: maps over the pictures, and whether to trust them.

Source: ours.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import Any

import numpy as np

from saccade.reporting.detection.scenes import Marks, Scene, draw_scene
from saccade.reporting.phrases import counted, per_cent
from saccade.reporting.pictures import Shown
from saccade.reporting.thumbnails import Album
from saccade.types.drawing import as_picture
from saccade.types.explanation import Explanation
from saccade.types.heat import overlaid

_TITLES = {"grad_cam": "Grad-CAM", "occlusion": "occlusion"}


@dataclass(frozen=True, eq=False)
class Case:
    """A picture that was judged, and what made the model say what it said.

    Args:
        wrong: Whether it is a mistake.
        said: What the model said.
        true: What is there.
        asked: The map of what was said; of a thing that was missed, of that thing.
        truth: Of a mistake, the map of what is there, where both can be asked.
        box: Of a model that finds boxes, the box that it is about, in pixels of the picture.

    Source: ours.
    """

    wrong: bool
    said: str
    true: str
    asked: Explanation
    truth: Explanation | None = None
    box: tuple[float, float, float, float] | None = None

    def to_dict(self) -> dict[str, Any]:
        """Give plain values that JSON can hold."""
        return {
            "key": self.asked.key, "wrong": self.wrong, "said": self.said, "true": self.true,
            "asked": self.asked.to_dict(), "truth": None if self.truth is None else self.truth.to_dict(),
        }  # fmt: skip


@dataclass(frozen=True, eq=False)
class Saliency:
    """The cases that were looked at.

    Args:
        method: By which the maps were made.
        cases: Mistakes first, the worst first; then those that went best.
        note: What a reader must know, such as why another method was taken, or why there are none; a sentence, or "".

    Source: ours.
    """

    method: str
    cases: tuple[Case, ...] = ()
    note: str = ""

    def to_dict(self) -> dict[str, Any]:
        """Give plain values that JSON can hold."""
        return {"method": self.method, "note": self.note, "cases": [case.to_dict() for case in self.cases]}


@dataclass(frozen=True)
class ShownMap:
    """A map as it is shown.

    Args:
        picture: The thumbnail of the map over its picture, with words.
        scene: The same with the box that it is about; None for a model that finds none.
        about: What was asked about.
        sure: How sure the model was of it, in per cent.
        trust: What was measured of it, in words.
        problems: What speaks against it, in sentences.

    Source: ours.
    """

    picture: Shown
    scene: Scene | None
    about: str
    sure: str
    trust: str
    problems: tuple[str, ...]


@dataclass(frozen=True)
class ShownCase:
    """A case as it is shown: the picture beside its maps."""

    plain: Shown
    scene: Scene | None
    said: str
    true: str
    maps: tuple[ShownMap, ...]
    key: str


@dataclass(frozen=True)
class SaliencySection:
    """The section.

    Args:
        mistakes: The worst.
        best: The surest right ones.
        method: How it is called.
        signed: Whether its maps have two signs.
        doubts: How many maps should not be trusted, in a sentence; "" without maps.
        note: What a reader must know, or "".

    Source: ours.
    """

    mistakes: tuple[ShownCase, ...]
    best: tuple[ShownCase, ...]
    method: str
    signed: bool
    doubts: str
    note: str


def saliency_section(saliency: Saliency | None, album: Album) -> SaliencySection | None:
    """Lay out what the model went by.

    Args:
        saliency: The cases.
        album: Gets the pictures and the maps over them.

    Returns:
        The section; None when nobody looked.

    Source: ours.
    """
    if saliency is None:
        return None
    shown = [_shown_case(case, album) for case in saliency.cases]
    wrong = [case.wrong for case in saliency.cases]
    maps = [one for case in shown for one in case.maps]
    doubted = sum(bool(one.problems) for one in maps)
    about = f"{doubted} of the {counted(len(maps), 'map')}" if doubted else "none of them"
    return SaliencySection(
        tuple(case for case, mistake in zip(shown, wrong, strict=True) if mistake),
        tuple(case for case, mistake in zip(shown, wrong, strict=True) if not mistake),
        _TITLES.get(saliency.method, saliency.method.replace("_", " ")),
        any(case.asked.signed for case in saliency.cases),
        f"What speaks against a map is written below it, which is so for {about}." if maps else "",
        saliency.note,
    )


def _shown_case(case: Case, album: Album) -> ShownCase:
    key = case.asked.key
    plain = Shown(album.add(key), key, case.true, case.said, per_cent(case.asked.confidence))
    scene = _scene(case, plain.words, album)
    found = [one for one in (case.asked, case.truth) if one is not None]
    return ShownCase(
        plain, scene, case.said, case.true, tuple(_shown_map(one, case, scene, album) for one in found), key
    )


def _scene(case: Case, words: str, album: Album) -> Scene | None:
    if case.box is None:
        return None
    kind = "right" if not case.wrong else "missed" if case.said == "nothing" else "wrong"
    return draw_scene(case.asked.key, [Marks(kind, np.array([case.box]))], words, album)


def _shown_map(found: Explanation, case: Case, scene: Scene | None, album: Album) -> ShownMap:
    heat = np.asarray(overlaid(as_picture(found.picture), found.heat, signed=found.signed))
    sure, faith = per_cent(found.confidence), found.faithfulness
    picture = album.put(found.key, f"{found.method} {found.asked} {case.wrong}", heat)
    words = f"what speaks for {found.asked} ({sure}), {found.key}"
    drawn = None if scene is None else replace(scene, picture=picture if scene.picture else "", words=words)
    trust = "" if faith is None else (
        f"hidden {faith.deletion:.2f}, moved {faith.deletion_by_chance:.2f}; shown {faith.insertion:.2f}, moved "
        f"{faith.insertion_by_chance:.2f}; drawn anew {faith.randomised:.2f} alike"
    )  # fmt: skip
    about = str(found.asked)
    return ShownMap(
        _Worded(picture, found.key, about, about, sure, words), drawn, about, sure, trust,
        () if faith is None else tuple(one[:1].upper() + one[1:] + "." for one in faith.problems),
    )  # fmt: skip


@dataclass(frozen=True)
class _Worded(Shown):
    """A picture that has words of its own."""

    told: str = ""

    @property
    def words(self) -> str:
        """What can be said of it without seeing it."""
        return self.told
