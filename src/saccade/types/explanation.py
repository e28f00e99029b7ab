"""What in a picture had to do with an answer: a map, what it is of, and whether it can be trusted."""

from __future__ import annotations

import io
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

import cv2
import numpy as np
from jaxtyping import Bool, Float, Shaped
from PIL import Image, ImageDraw

from saccade.errors import BadData
from saccade.types.asked import Asked
from saccade.types.drawing import BAD, INK, as_picture, caption, enlarge
from saccade.types.heat import coloured, overlaid

_ALIKE, _LARGEST = 0.5, 1200
_SURELY, _SURELY_NOT = 0.95, 0.3


@dataclass(frozen=True)
class Faithfulness:
    """Whether a map shows what the network goes by, and whether it hangs on what the network has learnt.

    Args:
        deletion: The mean confidence while places are blanked, the most important first; low is good.
        insertion: The mean confidence while they are shown on a blurred image, the most important first; high is good.
        deletion_by_chance: The same, of the map moved elsewhere, which keeps how coarse it is.
        insertion_by_chance: The same.
        randomised: How alike the map is when the weights of the network are drawn anew: the mean rank correlation, from
            0 to 1; low is good.
        curves: "deletion" and "insertion": the confidence after each step, from none to all places.

    Source: Petsiuk et al., arXiv 1806.07421, section 4.1; Adebayo et al., arXiv 1810.03292.
    """

    deletion: float
    insertion: float
    deletion_by_chance: float
    insertion_by_chance: float
    randomised: float
    curves: Mapping[str, tuple[float, ...]] = field(default_factory=dict)

    @property
    def problems(self) -> list[str]:
        """Say what speaks against the map; nothing when all is well."""
        found = []
        if self.randomised > _ALIKE:
            found.append("hardly changes when the weights are drawn anew: it does not show what was learnt")
        if self.deletion >= self.deletion_by_chance and self.insertion <= self.insertion_by_chance:
            found.append("no better than the same map elsewhere: it does not show what the answer hangs on")
        return found

    def __str__(self) -> str:
        return (
            f"deletion {self.deletion:.2f} (by chance {self.deletion_by_chance:.2f}), "
            f"insertion {self.insertion:.2f} ({self.insertion_by_chance:.2f}), "
            f"weights drawn anew {self.randomised:.2f} alike"
        )

    def to_dict(self) -> dict[str, Any]:
        """Give everything as plain values that JSON can hold."""
        names = ("deletion", "insertion", "deletion_by_chance", "insertion_by_chance", "randomised")
        values = {name: round(getattr(self, name), 6) for name in names}
        curves = {name: [round(value, 6) for value in curve] for name, curve in self.curves.items()}
        return {**values, "problems": self.problems, "curves": curves}


@dataclass(frozen=True, eq=False, repr=False)
class Explanation:
    """How much each pixel of a picture had to do with a number that a network gave.

    Args:
        key: Which picture.
        method: By which it was found.
        settings: Its knobs.
        asked: What was asked about.
        score: The number itself: a logit, a detector's confidence, a coordinate.
        confidence: The number that people read.
        heat: Of each pixel of the picture; 0 is nothing to do with it, and what the network did not see.
        signed: Whether values below zero speak against it.
        picture: As it was decoded.
        box: Of a detector, the box that was asked about, in pixels of the picture; of a model that finds one thing, the
            box that it found.
        colours: What a method gives for each channel of each pixel of the picture.
        notes: What a reader must know, such as which layer it is of.
        faithfulness: If it was checked.

    Source: ours.
    """

    key: str
    method: str
    settings: Mapping[str, Any]
    asked: Asked
    score: float
    confidence: float
    heat: Float[np.ndarray, "height width"]
    signed: bool
    picture: Shaped[np.ndarray, "height width channels"]
    box: tuple[float, float, float, float] | None = None
    colours: Float[np.ndarray, "height width _"] | None = None
    notes: tuple[str, ...] = ()
    faithfulness: Faithfulness | None = None

    def __str__(self) -> str:
        told = f"{self.method} of {self.asked}, {self.confidence:.2f}"
        return "; ".join([told, *self.notes])

    def draw(self) -> Image.Image:
        """Draw the picture, the map over it, and what it is.

        Returns:
            The picture and the map side by side, or one below the other where they are wide; small ones are enlarged a
            whole number of times, large ones made smaller.
        """
        plain, heat = as_picture(self.picture), self.heat
        share = min(1.0, _LARGEST / max(plain.size))
        if share < 1:
            plain = plain.resize((max(1, round(plain.width * share)), max(1, round(plain.height * share))))
            heat = cv2.resize(np.ascontiguousarray(heat, np.float32), plain.size, interpolation=cv2.INTER_AREA)
        shown = [plain, overlaid(plain, heat, signed=self.signed)]
        if self.colours is not None:
            shown.append(coloured(self.colours).resize(plain.size))
        shown = [enlarge(one) for one in shown]
        if self.box is not None:
            times = shown[0].width / self.picture.shape[1]
            for one in shown[:2]:
                corners = [side * times for side in self.box]
                ImageDraw.Draw(one).rectangle(corners, outline=BAD, width=max(2, one.width // 150))
        canvas = _in_a_row(shown)
        lines = [(str(self), INK)]
        if self.faithfulness is not None:
            lines.append((str(self.faithfulness), INK))
            lines += [(problem, BAD) for problem in self.faithfulness.problems]
        return caption(canvas, lines, wrap=True)

    def segment(self) -> Bool[np.ndarray, "height width"]:
        """Cut the thing out: GrabCut, begun with the places where the map is highest and where it is lowest.

        Returns:
            True for the thing. The 5 % of highest heat surely belong to it, the 30 % of lowest surely do not.

        Raises:
            BadData: If the map is the same everywhere, so that there is nothing to begin with.

        Source: Simonyan et al., arXiv 1312.6034, section 3.2; Rother et al., 2004, GrabCut.
        """
        heat = self.heat.clip(min=0)
        high, low = np.quantile(heat, _SURELY), np.quantile(heat, _SURELY_NOT)
        if not high > low:
            raise BadData(
                f"got a map of {self.key!r} that is the same nearly everywhere; taken is one with high and low places; "
                "use another method"
            )
        mask = np.full(heat.shape, cv2.GC_PR_BGD, np.uint8)
        mask[heat > np.median(heat)] = cv2.GC_PR_FGD
        mask[heat <= low] = cv2.GC_BGD
        mask[heat >= high] = cv2.GC_FGD
        pixels = np.ascontiguousarray(np.asarray(as_picture(self.picture))[..., ::-1])
        models = np.zeros((1, 65)), np.zeros((1, 65))
        cv2.setRNGSeed(0)
        cv2.grabCut(pixels, mask, (0, 0, 1, 1), *models, 5, cv2.GC_INIT_WITH_MASK)
        return (mask == cv2.GC_FGD) | (mask == cv2.GC_PR_FGD)

    def to_dict(self) -> dict[str, Any]:
        """Give everything but the pictures as plain values that JSON can hold."""
        return {
            "key": self.key,
            "method": self.method,
            "settings": dict(self.settings),
            "asked": str(self.asked),
            "class_id": self.asked.class_id,
            "box": None if self.box is None else [round(side, 3) for side in self.box],
            "score": round(self.score, 6),
            "confidence": round(self.confidence, 6),
            "notes": list(self.notes),
            "faithfulness": None if self.faithfulness is None else self.faithfulness.to_dict(),
        }

    def _repr_png_(self) -> bytes:
        buffer = io.BytesIO()
        self.draw().save(buffer, "PNG")
        return buffer.getvalue()


def _in_a_row(pictures: Sequence[Image.Image]) -> Image.Image:
    """Put pictures of one size beside each other; below each other if they are wide."""
    width, height = pictures[0].size
    gap, below = max(4, min(width, height) // 60), width > 2 * height
    across, down = (0, height + gap) if below else (width + gap, 0)
    rest = len(pictures) - 1
    canvas = Image.new("RGB", (width + rest * across, height + rest * down), "white")
    for number, picture in enumerate(pictures):
        canvas.paste(picture, (number * across, number * down))
    return canvas
