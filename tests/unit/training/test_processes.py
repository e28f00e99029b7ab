import pytest
import torch
from torch import nn

from rank_threads import in_threads
from saccade.errors import BadConfig, BadImage, Busy, SaccadeError
from saccade.training.processes import Processes, add_up_gradients, named, together


def test_one_process_alone_hears_itself():
    alone = Processes()
    assert (alone.rank, alone.world, alone.first, alone.several) == (0, 1, True, False)
    assert alone.told((1, "a")) == [(1, "a")]
    assert alone.collected({"a": 1}) == [{"a": 1}]
    assert alone.from_first(lambda: 7) == 7


@pytest.mark.parametrize("length", [0, 100, 502, 503, 504, 505, 5000])
def test_everyone_hears_words_of_any_length(length):
    heard = in_threads(3, lambda processes: processes.told(["ü" * 0 + "a" * (length * processes.rank), 0.1]))
    assert heard == [[["a" * (length * rank), 0.1] for rank in range(3)]] * 3


def test_numbers_arrive_with_every_bit():
    values = [0.1, 1e-300, float("inf"), -0.0]
    assert in_threads(2, lambda processes: processes.told(values)) == [[values, values]] * 2


def test_tensors_come_to_the_first():
    def work(processes):
        return processes.collected({"outputs": (torch.full((processes.rank,), 2.0), ["key"]), "none": None})

    first, second = in_threads(2, work)
    assert second == []
    assert [one["outputs"][0].tolist() for one in first] == [[], [2.0]]
    assert first[1]["outputs"][1] == ["key"]


def test_the_first_does_it_for_all():
    done = []

    def work(processes):
        return processes.from_first(lambda: done.append(processes.rank) or {"folder": "runs/a"})

    assert in_threads(3, work) == [{"folder": "runs/a"}] * 3
    assert done == [0]


@pytest.mark.parametrize("error", [BadConfig("got a; taken is b; do c"), Busy("full"), BadImage("torn", "x.png")])
def test_what_the_first_raises_all_raise(error):
    def fail():
        raise error

    def work(processes):
        with pytest.raises(SaccadeError) as caught:
            processes.from_first(fail)
        return type(caught.value), str(caught.value), caught.value.exit_code

    first, second = in_threads(2, work)
    assert first == (type(error), str(error), error.exit_code)
    assert second[1:] == first[1:]
    if not isinstance(error, BadImage):  # which cannot be made from its message
        assert second == first


def test_what_is_not_the_same_everywhere_is_refused_with_the_processes_named():
    def work(processes):
        processes.agree("same", [1, 2])
        with pytest.raises(BadConfig, match="got other data in processes 1, 2 than in process 0"):
            processes.agree("data", min(processes.rank, 1))
        return True

    assert in_threads(3, work) == [True] * 3


def test_gradients_are_added_up_and_missing_ones_count_as_zero():
    def work(processes):
        weights = [nn.Parameter(torch.zeros(2, 3)) for _ in range(4)]
        weights[3].requires_grad_(False)
        weights[0].grad = torch.full((2, 3), 1.0 + processes.rank)
        if processes.rank == 1:
            weights[1].grad = torch.full((2, 3), 5.0).t().contiguous().t()
        add_up_gradients(weights, processes)
        return [None if weight.grad is None else weight.grad.unique().tolist() for weight in weights]

    assert in_threads(3, work) == [[[6.0], [5.0], None, None]] * 3


def test_many_gradients_travel_together_by_type(monkeypatch):
    monkeypatch.setattr("saccade.training.processes._BUCKET", 10)

    def work(processes):
        weights = [nn.Parameter(torch.zeros(4, dtype=dtype)) for dtype in [torch.float32] * 5 + [torch.float64] * 2]
        for number, weight in enumerate(weights):
            weight.grad = torch.full_like(weight, number)
        before = processes.rounds
        add_up_gradients(weights, processes)
        return [weight.grad[0].item() for weight in weights], processes.rounds - before

    assert in_threads(2, work) == [([0.0, 2.0, 4.0, 6.0, 8.0, 10.0, 12.0], 1 + 4)] * 2


def test_joining_twice_is_joining_once():
    with together() as outer, together() as inner:
        assert inner is outer
        assert not outer.several
    with together() as later:
        assert later.call == outer.call + 1


def test_processes_are_named():
    assert named([2]) == "process 2"
    assert named(range(12)) == "processes 0, 1, 2, 3, 4, 5, 6, 7, …"
