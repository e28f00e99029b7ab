"""Every step from sliding windows to YOLO learns drawn scenes, and later ones are what they were made for."""

from __future__ import annotations

import time

import pytest

from saccade.lab.detectors import detectors
from saccade.lab.lineage import LINEAGE


@pytest.mark.full
@pytest.mark.timeout(3600)
def test_the_whole_lineage_learns_within_half_an_hour(tmp_path):
    began = time.monotonic()
    found = detectors(out=tmp_path)
    seconds = time.monotonic() - began
    known = {one.step: one for one in found.standings}
    map50 = {name: one.figures["map50"][0] for name, one in known.items()}
    assert list(known) == list(LINEAGE)
    assert min(map50.values()) > 0.1, map50
    assert min(map50["faster-rcnn"], map50["yolo"]) > 0.6, map50
    assert known["overfeat"].images_per_second > 4 * known["sliding-window"].images_per_second
    assert known["fast-rcnn"].images_per_second > known["rcnn"].images_per_second
    assert seconds < 1800
