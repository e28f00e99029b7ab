from __future__ import annotations

from collections.abc import Callable

import numpy as np

from saccade.metrics.classification import ClassificationJudgement
from saccade.reporting.confusion import LARGEST_MATRIX, confusion_section
from saccade.reporting.thumbnails import Album

Judge = Callable[..., ClassificationJudgement]


def album() -> Album:
    return Album(lambda _: np.zeros((2, 2, 1), np.uint8))


def test_cells_hold_the_counts_of_the_matrix_and_their_images(judge: Judge) -> None:
    section = confusion_section(judge(), album())
    assert [[cell.count for cell in row] for row in section.rows] == [[3, 1, 0], [0, 3, 0], [1, 0, 1]]
    assert [image.key for image in section.rows[0][1].images] == ["photos/cat/2.png"]
    assert section.rows[0][1].share == "25.0\xa0%"
    assert section.wrong == 2


def test_pairs_come_most_confused_first(judge: Judge) -> None:
    section = confusion_section(judge(targets=(0, 0, 0, 1, 1, 2), predicted=(1, 1, 0, 2, 1, 2)), album())
    assert [(pair.true, pair.predicted, pair.count) for pair in section.pairs] == [("cat", "dog", 2), ("dog", "owl", 1)]


def test_cell_shows_the_surest_mistakes_and_the_least_sure_right_answers(judge: Judge) -> None:
    # made-up answers grow surer from image to image
    section = confusion_section(judge(targets=(0,) * 40, predicted=(0,) * 20 + (1,) * 20), album())
    right, wrong = section.rows[0][0], section.rows[0][1]
    assert [image.key for image in right.images] == [f"photos/cat/{number}.png" for number in range(8)]
    assert [image.key for image in wrong.images] == [f"photos/cat/{number}.png" for number in range(39, 27, -1)]


def test_matrix_is_left_out_when_it_would_not_fit(judge: Judge) -> None:
    size = LARGEST_MATRIX + 1
    targets = tuple(range(size))
    section = confusion_section(judge([str(number) for number in targets], targets, (*targets[1:], 0)), album())
    assert section.rows == ()
    assert (len(section.pairs), section.more_pairs) == (20, size - 20)


def test_no_mistake_makes_no_pair(judge: Judge) -> None:
    section = confusion_section(judge(predicted=(0, 0, 0, 0, 1, 1, 1, 2, 2)), album())
    assert (section.pairs, section.more_pairs, section.wrong) == ((), 0, 0)


def test_tint_grows_with_the_share_of_the_row(judge: Judge) -> None:
    section = confusion_section(judge(), album())
    assert [cell.tint for cell in section.rows[0]] == ["right-6", "wrong-5", ""]
    assert section.rows[1][1].tint == "right-8"
