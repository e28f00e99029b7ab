"""Some pictures of many: the same for the same seed, decoded once."""

from __future__ import annotations

from saccade.data.opening import open_data
from saccade.data.sampled import Sampled


class Counted:
    """A source that counts how often a picture is decoded."""

    def __init__(self) -> None:
        self._source, self.reads = open_data("digits").splits["test"], 0

    def __len__(self) -> int:
        return len(self._source)

    def read(self, index: int):
        self.reads += 1
        return self._source.read(index)

    def key(self, index: int) -> str:
        return self._source.key(index)

    def target(self, index: int):
        return self._source.target(index)

    def fingerprint(self) -> str:
        return self._source.fingerprint()


def keys(source: Sampled) -> list[str]:
    return [source.key(index) for index in range(len(source))]


def test_the_seed_chooses_and_fewer_are_the_first_of_more() -> None:
    source = Counted()
    ten = Sampled(source, 10)
    assert len(set(keys(ten))) == len(ten) == 10
    assert keys(ten) == keys(Sampled(source, 10)) != keys(Sampled(source, 10, seed=1))
    assert set(keys(Sampled(source, 6))) < set(keys(ten))
    assert len(Sampled(source, 10**6)) == len(source)
    assert ten.fingerprint() == source.fingerprint()


def test_a_sample_is_itself_and_decoded_once() -> None:
    source = Counted()
    chosen = Sampled(source, 5)
    for _ in range(3):
        assert [chosen.read(index).key for index in range(5)] == keys(chosen)
        assert [chosen.read(index).target for index in range(5)] == [chosen.target(index) for index in range(5)]
    assert source.reads == 5


def test_what_does_not_fit_is_decoded_again(monkeypatch) -> None:
    monkeypatch.setattr("saccade.data.sampled._KEPT", 3 * 64)
    source = Counted()
    chosen = Sampled(source, 5)
    for _ in range(2):
        for index in range(5):
            chosen.read(index)
    assert source.reads == 5 + 2
