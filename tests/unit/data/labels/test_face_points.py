from saccade.data.labels.face_points import FACE_68_LINES, FACE_68_NAMES, FACE_68_SWAPS


def test_there_are_68_names_and_29_pairs():
    assert len(FACE_68_NAMES) == len(set(FACE_68_NAMES)) == 68
    paired = [point for pair in FACE_68_SWAPS for point in pair]
    assert len(paired) == len(set(paired)) == 58
    assert set(range(68)) - set(paired) == {8, 27, 28, 29, 30, 33, 51, 57, 62, 66}  # those in the middle of a face


def test_pairs_have_opposite_sides_or_no_side():
    for one, other in FACE_68_SWAPS:
        sides = {FACE_68_NAMES[point].split()[0] for point in (one, other)} & {"left", "right"}
        assert sides in (set(), {"left", "right"})


def test_parts_begin_where_the_figure_says():
    starts = {"jaw": 0, "right brow": 17, "nose bridge": 27, "right eye": 36, "inner lip": 60}
    assert {part: FACE_68_NAMES.index(f"{part} 1") for part in starts} == starts


def test_a_mirror_takes_lines_to_lines():
    order = dict([*FACE_68_SWAPS, *((other, one) for one, other in FACE_68_SWAPS)])
    lines = {frozenset(line) for line in FACE_68_LINES}
    assert {frozenset(order.get(point, point) for point in line) for line in lines} == lines
