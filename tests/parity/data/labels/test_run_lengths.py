"""Run lengths against those that COCO's own mask API has recorded."""

import json

import numpy as np

from saccade.data.labels.run_lengths import RunLengths, packed, run_lengths, unpacked


def _slow_letters(counts: list[int]) -> str:
    """The compressed form, bit by bit."""
    text = ""
    for at, count in enumerate(counts):
        value = count - counts[at - 2] if at > 2 else count
        more = True
        while more:
            five, value = value % 32, value // 32
            more = value != -1 if five >= 16 else value != 0
            text += chr(48 + five + 32 * more)
    return text


def test_letters_are_those_of_the_slow_way():
    random = np.random.default_rng(0)
    for size in (1, 2, 3, 7, 40):
        counts = random.integers(0, 2 ** random.integers(1, 30), size).tolist()
        assert packed(counts).decode() == _slow_letters(counts)
        assert unpacked(packed(counts)).tolist() == counts


def test_masks_areas_and_boxes_are_the_reference_s(saccade_oracle):
    values = json.loads((saccade_oracle / "coco" / "gt_instances.json").read_text())
    known = json.loads((saccade_oracle / "coco" / "expected.json").read_text())["mask_api"]
    recorded = dict(zip(known["gt_annotation_ids"], zip(known["area"], known["toBbox"], strict=True), strict=True))
    masks = {entry["id"]: entry for entry in values["annotations"] if isinstance(entry["segmentation"], dict)}
    compared = 0
    for number, entry in masks.items():
        mask, counts = run_lengths(entry["segmentation"]), entry["segmentation"]["counts"]
        assert (mask.packed.decode() if isinstance(counts, str) else mask.counts().tolist()) == counts
        assert RunLengths.of(mask.pixels()) == mask
        assert mask.area() == entry["area"]
        if number in recorded:
            x1, y1, x2, y2 = mask.box()
            assert (mask.area(), [x1, y1, x2 - x1, y2 - y1]) == (recorded[number][0], recorded[number][1])
            compared += 1
    assert (len(masks), compared) == (18, 4)
