"""What an experiment records: checked on a network whose gradients and errors a hand can work out."""

from __future__ import annotations

import pytest
import torch
from torch import nn

from saccade.lab.watching import ErrorMetric, GradientNorms, WatchedClassification, read_gradients, spread_steps
from saccade.training.events import RunStarted, StepDone
from saccade.types.batch import Batch


def batch(targets, keys):
    count = len(targets)
    return Batch(torch.zeros(count, 1, 1, 1), torch.ones(count, 2, dtype=torch.int64), torch.tensor(targets), keys)


def done(step):
    return StepDone(0, step, {}, 0.1, 1, 0.0, 0.0)


class Constant(nn.Module):
    """Says class 1 of everything."""

    def __init__(self):
        super().__init__()
        self.logits = nn.Parameter(torch.tensor([0.0, 1.0, 0.0]))

    def forward(self, images):
        return self.logits.expand(len(images), 3)


def test_the_share_that_was_wrong_is_told_with_the_loss_and_has_no_gradient():
    task, network = WatchedClassification(("a", "b", "c"), ()), Constant()
    terms = task.loss(network, batch([1, 1, 1, 0], ("a", "b", "c", "d")))
    assert terms["running_error"].item() == 0.25
    assert not terms["running_error"].requires_grad
    sum(terms.values()).backward()
    assert network.logits.grad is not None
    assert network._forward_hooks == {}


def test_errors_are_told_apart_by_what_was_learned_from():
    metric = ErrorMetric(("a", "b"), {"seen 1", "seen 2"})
    logits = torch.tensor([[1.0, 0.0], [1.0, 0.0], [1.0, 0.0]])
    metric.update(logits, batch([0, 1, 1], ("seen 1", "seen 2", "new")))
    assert metric.compute() == {"training_error": 0.5, "test_error": 1.0}


def test_errors_of_which_there_are_no_images_are_left_out():
    metric = ErrorMetric(("a", "b"), {"seen"})
    metric.update(torch.tensor([[1.0, 0.0]]), batch([0], ("seen",)))
    assert metric.compute() == {"training_error": 0.0}


def test_the_norm_of_a_gradient_is_that_of_the_step_that_was_asked_for(tmp_path):
    """The loss w · (3, 4) has the gradient (3, 4), of norm 5, times the factor of each step."""
    network, path = nn.Linear(2, 1), tmp_path / "gradients.jsonl"
    with GradientNorms(network, {1, 3}, path) as norms:
        norms(RunStarted(1, 3))
        for step in (1, 2, 3):
            network.weight.grad = None
            (step * network(torch.tensor([[3.0, 4.0]]))).sum().backward()
            norms(done(step))
    assert read_gradients(path) == [{"step": 1, "norms": {"weight": 5.0}}, {"step": 3, "norms": {"weight": 15.0}}]


def test_the_network_is_let_go_of(tmp_path):
    network, path = nn.Linear(2, 1), tmp_path / "gradients.jsonl"
    with GradientNorms(network, {1, 2}, path) as norms:
        norms(RunStarted(1, 2))
    network(torch.ones(1, 2)).sum().backward()
    norms(done(1))
    assert read_gradients(path) == [{"step": 1, "norms": {}}]


def test_a_resumed_run_takes_again_what_it_does_again(tmp_path):
    path = tmp_path / "gradients.jsonl"
    path.write_bytes(b'{"step": 1, "norms": {}}\n{"step": 5, "norms": {}}\n{"step": 9, "no')
    assert [line["step"] for line in read_gradients(path)] == [1, 5]
    GradientNorms(nn.Linear(1, 1), (), path)(RunStarted(1, 9, step=4))
    assert path.read_bytes().count(b"\n") == 1


@pytest.mark.parametrize(
    ("total", "count", "steps"), [(9, 3, (1, 5, 9)), (9, 1, (1,)), (9, 0, ()), (3, 9, (1, 2, 3)), (0, 4, ())]
)
def test_steps_are_spread_from_the_first_to_the_last(total, count, steps):
    assert spread_steps(total, count) == steps
