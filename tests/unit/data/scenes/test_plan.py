import pytest

from saccade.data.randomness import Draws
from saccade.data.scenes.plan import Plan, in_turn, kind_of, shuffled
from saccade.errors import BadConfig


def test_a_shuffle_keeps_every_number():
    assert sorted(shuffled(20, Draws(3))) == list(range(20))
    assert shuffled(20, Draws(3)) == shuffled(20, Draws(3)) != shuffled(20, Draws(4))


def test_classes_come_in_turn_in_an_order_that_changes():
    plan = Plan("letters")
    blocks = [[in_turn(plan, 10 * block + place, 10) for place in range(10)] for block in range(3)]
    assert all(sorted(block) == list(range(10)) for block in blocks)
    assert blocks[0] != blocks[1] != blocks[2]


@pytest.mark.bad_input
def test_values_out_of_range_are_all_listed():
    with pytest.raises(BadConfig, match=r"count=0; taken is 1 .*difficulty=2; taken is 0 to 1.*people=1"):
        Plan("faces", count=0, difficulty=2, people=1)


@pytest.mark.bad_input
def test_an_unknown_task_is_answered_with_the_nearest():
    with pytest.raises(BadConfig, match="did you mean 'detection'"):
        kind_of("detecton")
