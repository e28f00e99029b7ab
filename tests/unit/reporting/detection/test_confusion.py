from __future__ import annotations

from judged_detectors import judge
from made_detections import picture, pictures
from saccade.reporting.confusion import LARGEST_MATRIX
from saccade.reporting.detection.confusion import box_confusion

HERE, FAR, THIRD = (0.0, 0.0, 100.0, 100.0), (400.0, 400.0, 500.0, 500.0), (200.0, 200.0, 300.0, 300.0)


def test_cells_hold_the_counts_with_the_background_last() -> None:
    images = [
        picture([(HERE, 0), (FAR, 0)], [(HERE, 1, 0.9), (THIRD, 1, 0.9)]),
        *(picture([(HERE, 0), (FAR, 1)], [(HERE, 0, 0.9), (FAR, 1, 0.9)]) for _ in range(3)),
    ]
    section = box_confusion(judge(images))
    assert [[cell.count for cell in row] for row in section.rows] == [[3, 1, 1], [0, 3, 0], [0, 1, 0]]
    assert (section.confused, section.missed, section.invented) == (1, 1, 1)
    assert [cell.tint[:5] for cell in section.rows[0]] == ["right", "wrong", "wrong"]
    assert section.rows[0][1].words == "cat taken for dog: 20.0\xa0% of the class"
    assert section.rows[0][2].words == "cat missed: 20.0\xa0% of the class"
    assert section.rows[2][1].words == "nothing there, taken for dog"
    assert (section.rows[2][2].tint, section.rows[2][2].words) == ("", "")


def test_too_many_classes_are_told_as_lists() -> None:
    size = LARGEST_MATRIX + 1
    things = [picture([(HERE, number)], [(HERE, (number + 1) % size, 0.9)]) for number in range(size)]
    things += [picture([(HERE, 0)], [(HERE, 1, 0.9), (FAR, 7, 0.9)]), picture([(HERE, 3)], [(HERE, 3, 0.9)])]
    section = box_confusion(judge(things, [f"n{number}" for number in range(size)]))
    assert section.rows == ()
    assert (section.pairs[0].true, section.pairs[0].predicted, section.pairs[0].count) == ("n0", "n1", 2)
    assert (len(section.pairs), section.more_pairs) == (12, size - 12)
    # of as many, the larger share of its class comes first; half of n3 was right
    assert "n3" not in [pair.true for pair in section.pairs]
    assert section.most_invented == (("n7", 1, "50.0\xa0%"),)
    assert section.most_missed == ()


def test_lists_are_short_and_the_longest_first() -> None:
    section = box_confusion(judge(pictures(120, 40), [str(number) for number in range(40)]))
    counts = [count for _, count, _ in section.most_missed]
    assert len(counts) == 8
    assert counts == sorted(counts, reverse=True)
