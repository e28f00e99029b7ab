"""What holds of the metrics of detection, whatever is found and whatever is there."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from made_detections import picture
from saccade.metrics.detection.coco import NAMES, coco_figures
from saccade.metrics.detection.confusion import detection_confusion
from saccade.metrics.detection.curves import curve
from saccade.metrics.detection.figures import DetectorFigures
from saccade.metrics.detection.judged import Judged
from saccade.metrics.detection.matches import match_classes
from saccade.metrics.detection.mending import gains
from saccade.metrics.detection.mistakes import sort_answers
from saccade.metrics.detection.voc import voc_figures

corner, side = st.integers(0, 12).map(lambda at: at * 8), st.integers(0, 14).map(lambda at: at * 8)
boxes = st.tuples(corner, corner, side, side).map(lambda one: (one[0], one[1], one[0] + one[2], one[1] + one[3]))
things = st.tuples(boxes, st.integers(0, 1), st.booleans())
answers = st.tuples(boxes, st.integers(0, 1), st.integers(0, 4).map(lambda sure: sure / 4))


@st.composite
def scenes(draw: st.DrawFn) -> list[Judged]:
    """Boxes on a coarse grid, so that equal overlaps, equal confidence and boxes without area are common."""
    images = []
    for number in range(draw(st.integers(1, 3))):
        there = draw(st.lists(things, max_size=4))
        crowd = [one[2] and draw(st.booleans()) for one in there]
        images.append(
            picture([one[:2] for one in there], draw(st.lists(answers, max_size=6)), crowd=crowd, key=f"{number}")
        )
    return images


@settings(max_examples=60)
@given(scenes())
def test_our_matches_always_give_the_figures_of_the_library(images: list[Judged]) -> None:
    record = coco_figures(images, 2)
    row = DetectorFigures(match_classes(images, 2), len(images), 0.5)(np.ones((1, len(images)), np.float32))[0]
    assert row[:12] == pytest.approx([record.numbers[name] for name in NAMES], abs=1e-12, nan_ok=True)


@settings(max_examples=60)
@given(scenes())
def test_every_figure_is_a_share_or_nan_and_every_box_has_one_fate(images: list[Judged]) -> None:
    matches = match_classes(images, 2)
    told = sort_answers(images, matches)
    assert (told.kind == -1).sum() == told.hit.sum()
    assert (told.kind >= -1).all()
    shares = [*voc_figures(images, 2).numbers().values(), *curve(matches).best]
    assert all(np.isnan(share) or 0 <= share <= 1 + 1e-12 for share in shares)
    assert all(np.isnan(gain) or -1 <= gain <= 1 for gain in gains(told, 2).values())


@settings(max_examples=60)
@given(scenes(), st.sampled_from([0.0, 0.25, 0.5]))
def test_confusion_counts_every_thing_once_and_no_box_twice(images: list[Judged], confidence: float) -> None:
    cells = detection_confusion(images, 2, confidence=confidence)
    there = sum(int((~image.crowd).sum()) for image in images)
    found = sum(int((image.confidence >= confidence).sum()) for image in images)
    assert cells[:2].sum() == there
    assert cells[:, :2].sum() <= found
    assert cells[:, :2].sum() == found or any(image.crowd.any() for image in images)
