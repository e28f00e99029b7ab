"""What holds for all windows: every pixel is in one, neighbours share what was asked, and whole things stay."""

from __future__ import annotations

import numpy as np
from hypothesis import given
from hypothesis import strategies as st

from bright_things import BrightThings, with_things
from saccade.api.tiles.tiled import Tiled
from saccade.api.tiles.windows import cut_sides, starts, whole_ones, windows

lengths, sides = st.integers(1, 60), st.integers(1, 40)
overlaps = st.sampled_from([0.0, 0.1, 0.2, 0.5, 0.75, 0.99])


@given(lengths, sides, overlaps)
def test_neighbours_share_what_was_asked_and_none_is_in_vain(length, side, overlap):
    found = starts(length, side, overlap)
    assert found[0] == 0
    assert found[-1] == max(0, length - side)
    steps = np.diff(found)
    assert (steps >= 1).all()
    assert (steps <= max(1, np.floor(side * (1 - overlap)))).all()
    if len(found) > 2:  # with one fewer they would lie too far apart
        assert (length - side) / (len(found) - 2) > max(1, np.floor(side * (1 - overlap)))


@given(st.tuples(lengths, lengths), sides, overlaps)
def test_windows_cover_every_pixel_and_nothing_else(size, side, overlap):
    covered = np.zeros(size, np.int64)
    for one in windows(size, side, overlap):
        part = covered[one.top : one.top + one.height, one.left : one.left + one.width]
        assert part.shape == (one.height, one.width) == tuple(min(side, length) for length in size)
        part += 1
    assert (covered > 0).all()


@given(st.tuples(lengths, lengths), st.integers(4, 40), overlaps, st.randoms(use_true_random=False))
def test_a_box_that_is_not_cut_stays_whatever_else_is_found(size, side, overlap, random):
    found_in, rows, cut = [], [], []
    for number, one in enumerate(windows(size, side, overlap)):
        for _ in range(2):
            x1, x2 = sorted(random.randint(one.left, one.left + one.width) for _ in range(2))
            y1, y2 = sorted(random.randint(one.top, one.top + one.height) for _ in range(2))
            box = np.array([[x1, y1, x2, y2]], np.float64)
            rows.append(box[0])
            cut.append(cut_sides(box, one, size)[0])
            found_in.append(number)
    classes = np.array([random.randint(0, 1) for _ in rows])
    stays = whole_ones(np.array(rows), classes, np.array(cut), np.array(found_in))
    assert stays[np.array(cut) == 0].all()


@given(st.integers(8, 40), st.tuples(lengths, lengths), st.data())
def test_a_thing_no_larger_than_what_windows_share_is_found_once_and_whole(side, size, data):
    height, width = (min(length, side // 2 - 2) for length in size)
    top, left = data.draw(st.integers(0, size[0] - height)), data.draw(st.integers(0, size[1] - width))
    thing = (left, top, left + width, top + height)
    found = Tiled(BrightThings(), side, overlap=0.5)(with_things(size, thing))
    assert found.boxes.tolist() == [list(thing)]
