import numpy as np

from saccade.data.scenes.letters import LETTERS, draw_letter, letters
from saccade.data.scenes.plan import Plan, in_turn


def written(letter, size=48):
    plan = Plan("letters", size=size, difficulty=0.0)
    index = next(index for index in range(26) if LETTERS[in_turn(plan, index, 26)] == letter)
    return (draw_letter(plan, index) != 30).any(2)


def test_the_easiest_letter_is_in_the_middle():
    for letter in "AHIMOTUVWXY":
        ink = written(letter)
        rows, columns = np.nonzero(ink)
        assert abs(rows.min() + rows.max() - 47) <= 1, letter
        assert abs(columns.min() + columns.max() - 47) <= 2, letter
        assert (ink == ink[:, ::-1]).mean() > 0.93, letter


def test_letters_look_like_letters():
    assert not written("O")[24, 24]
    assert written("I")[24, 24]
    assert written("L")[:, :24].sum() > 2 * written("L")[:, 24:].sum()
    assert written("T")[:20].sum() > written("T")[28:].sum()


def test_some_letters_can_be_chosen():
    plan = Plan("letters", classes=("X", "O"))
    assert letters().labels(plan) == ("X", "O")
    assert {letters().source(plan, range(8)).target(index) for index in range(8)} == {0, 1}
