import pytest

from saccade.data.loading.feeding import Feeding, feeding_of
from saccade.errors import BadConfig


def test_workers_are_read_in_every_short_form():
    assert feeding_of(2) == feeding_of("2") == Feeding(2)
    assert feeding_of("threads:3") == Feeding(3, threads=True)
    assert feeding_of(Feeding(1, cache="off")) == Feeding(1, cache="off")


@pytest.mark.bad_input
@pytest.mark.parametrize("text", ["two", "threads", "threads:", "processes:2", "-1", "threads:-1"])
def test_words_that_mean_nothing_are_refused(text):
    with pytest.raises(BadConfig, match="taken are a number, or threads:2"):
        feeding_of(text)


@pytest.mark.bad_input
@pytest.mark.parametrize(
    ("options", "said"),
    [
        ({"workers": -1}, "at least 0"),
        ({"rank": 2, "world": 2}, "ranks from 0 to world"),
        ({"rank": -1}, "ranks from 0"),
        ({"cache": "disc"}, "did you mean 'disk'"),
    ],
)
def test_what_is_out_of_range_is_refused(options, said):
    with pytest.raises(BadConfig, match=said):
        Feeding(**options)
