import threading
import time

import pytest

from saccade.data.loading.threads import Threads
from saccade.errors import BadData


def work(number, seconds=0.0):
    time.sleep(seconds)
    if number == 13:
        raise BadData("got 13; taken are other numbers; choose one")
    return number * 10, threading.get_ident()


@pytest.fixture
def two():
    threads = Threads(2, work)
    yield threads
    threads.close()


def test_results_come_in_order_from_every_thread(two):
    results = list(two.results((number, 0.01 * (number % 3)) for number in range(9)))
    assert [value for value, _ in results] == [number * 10 for number in range(9)]
    assert len({thread for _, thread in results}) == 2


def test_work_given_up_half_way_is_not_mixed_with_the_next(two):
    begun = two.results((number,) for number in range(20))
    assert next(begun)[0] == 0
    begun.close()
    assert [value for value, _ in two.results((number,) for number in (7, 8, 9))] == [70, 80, 90]
    assert list(two.results([])) == []


def test_an_error_of_ours_comes_through_and_the_threads_live(two):
    with pytest.raises(BadData, match="got 13"):
        list(two.results((number,) for number in (1, 13, 2)))
    assert [value for value, _ in two.results([(4,)])] == [40]


def test_no_more_is_begun_than_a_few_ahead(two):
    taken = []

    def tasks():
        for number in range(20):
            taken.append(number)
            yield (number,)

    begun = two.results(tasks())
    next(begun)
    assert len(taken) <= 5
    begun.close()


def test_closing_waits_for_what_is_under_way_alone():
    threads = Threads(2, work)
    begun = threads.results((number, 0.1) for number in range(4))
    next(begun)
    threads.close()
    threads.close()  # twice does no harm
    assert not [one for one in threading.enumerate() if one.name.startswith("saccade")]
