"""What every task promises; each is walked with its own small example (see tests/support/task_example.py)."""

from __future__ import annotations

import copy
import dataclasses
import json
import math
import pickle
from collections.abc import Iterator
from typing import Any

import numpy as np
import pytest
import torch

from saccade import catalog
from saccade.errors import BadData, BadLabel, UnknownName
from saccade.types.sample import Sample
from saccade.types.task import Judgement, Metric, Prediction, Task
from task_example import EXAMPLES, TaskExample, example_of

TASKS = sorted(catalog.offers("tasks"))


@pytest.fixture(params=TASKS)
def example(request: pytest.FixtureRequest) -> TaskExample:
    return example_of(request.param)


@pytest.fixture(params=TASKS, scope="module")
def learnt(request: pytest.FixtureRequest) -> TaskExample:
    """An example whose network knows its batch by heart."""
    known = example_of(request.param)
    known.learn()
    known.network.eval()
    return known


def outputs_of(example: TaskExample) -> Any:
    with torch.inference_mode():
        return example.network(example.batch().images)


def tensors_in(value: Any) -> Iterator[torch.Tensor]:
    """Every tensor in targets, however a task nests them."""
    if isinstance(value, torch.Tensor):
        yield value
    elif dataclasses.is_dataclass(value):
        for field in dataclasses.fields(value):
            yield from tensors_in(getattr(value, field.name))
    elif isinstance(value, dict | list | tuple):
        for item in value.values() if isinstance(value, dict) else value:
            yield from tensors_in(item)


def test_every_example_belongs_to_a_task() -> None:
    assert sorted(path.stem for path in EXAMPLES.glob("*.py")) == TASKS


@pytest.mark.parametrize("name", TASKS)
def test_it_is_made_without_arguments_and_knows_its_name(name: str) -> None:
    task = catalog.find("tasks", name)()
    assert isinstance(task, Task)
    assert task.name == name
    assert task.labels == ()
    assert example_of(name).task.name == name


def test_it_is_a_value(example: TaskExample) -> None:
    task: Any = example.task
    assert dataclasses.is_dataclass(task)
    assert pickle.loads(pickle.dumps(task)) == task
    fields = json.loads(json.dumps(dataclasses.asdict(task)))  # pyright: ignore[reportArgumentType]
    restored = {name: tuple(value) if isinstance(value, list) else value for name, value in fields.items()}
    assert type(task)(**restored) == task
    with pytest.raises(dataclasses.FrozenInstanceError):
        task.labels = ()


def test_the_groups_hold_every_parameter_once(example: TaskExample) -> None:
    grouped = [id(one) for group in example.task.groups(example.network).values() for one in group]
    assert sorted(grouped) == sorted(id(one) for one in example.network.parameters())


def test_the_loss_is_finite_named_and_reaches_every_parameter(example: TaskExample) -> None:
    batch = example.batch()
    for group, parameters in example.task.groups(example.network).items():
        terms = example.task.loss(example.network, batch, group)
        assert terms
        assert all(term.shape == () and term.isfinite() and term >= 0 for term in terms.values())
        torch.stack(list(terms.values())).sum().backward()
        assert all(parameter.grad is not None and parameter.grad.any() for parameter in parameters)


def test_the_loss_is_the_mean_over_images(example: TaskExample) -> None:
    """The same images twice cost the same, so that batches can be added up."""
    twice = dataclasses.replace(example, samples=[*example.samples, *example.samples])
    one, two = (
        {name: term.item() for name, term in some.task.loss(some.network, some.batch()).items()}
        for some in (example, twice)
    )
    assert two == pytest.approx(one, rel=1e-4)


def test_one_batch_is_learnt_by_heart(example: TaskExample) -> None:
    before, after = example.learn()
    assert after < 0.02 * before


def test_targets_move_with_their_batch(example: TaskExample) -> None:
    moved = example.batch().to(torch.device("meta"))
    devices = {tensor.device.type for tensor in tensors_in(moved.targets)}
    assert devices == {"meta"}


def test_cuda_gives_the_losses_predictions_and_figures_of_the_processor(
    learnt: TaskExample, cuda: torch.device
) -> None:
    batch, task, metrics = learnt.batch(), learnt.task, [learnt.task.metric(), learnt.task.metric()]
    there, moved = copy.deepcopy(learnt.network).to(cuda), batch.to(cuda)
    wanted = task.loss(learnt.network, batch)
    for name, term in task.loss(there, moved).items():
        torch.testing.assert_close(term.cpu(), wanted[name], rtol=1e-3, atol=1e-3)
    with torch.inference_mode():
        outputs = there(moved.images)
    foretold = [task.decode(outputs_of(learnt), batch), task.decode(outputs, moved)]
    assert [list(one.to_dict()) for one in foretold[1]] == [list(one.to_dict()) for one in foretold[0]]
    metrics[0].update(outputs_of(learnt), batch)
    metrics[1].update(outputs, moved)
    assert metrics[1].compute() == pytest.approx(metrics[0].compute(), abs=1e-2, nan_ok=True)


def test_there_is_a_prediction_for_each_image(learnt: TaskExample) -> None:
    batch = learnt.batch()
    predictions = learnt.task.decode(outputs_of(learnt), batch)
    assert len(predictions) == len(batch)
    for prediction, key in zip(predictions, batch.keys, strict=True):
        assert isinstance(prediction, Prediction)
        told = prediction.to_dict()
        assert json.loads(json.dumps(told, allow_nan=False)) == told
        assert told["key"] == key


def test_predictions_need_no_keys_and_no_targets(learnt: TaskExample) -> None:
    bare = dataclasses.replace(learnt.batch(), keys=(), targets=None)
    assert len(learnt.task.decode(outputs_of(learnt), bare)) == len(bare)


def test_half_precision_outputs_are_decoded_and_judged(learnt: TaskExample) -> None:
    said, metric = outputs_of(learnt), learnt.task.metric()
    halves = {name: part.bfloat16() for name, part in said.items()} if isinstance(said, dict) else said.bfloat16()
    outputs: Any = halves
    metric.update(outputs, learnt.batch())
    assert learnt.task.headline[0] in metric.compute()
    assert len(learnt.task.decode(outputs, learnt.batch())) == len(learnt.samples)


def test_what_was_learnt_is_judged_the_best_there_is(learnt: TaskExample) -> None:
    metric, (headline, higher) = learnt.task.metric(), learnt.task.headline
    assert isinstance(metric, Metric)
    metric.update(outputs_of(learnt), learnt.batch())
    value = metric.compute()[headline]
    assert value == pytest.approx(1.0 if higher else 0.0, abs=0.02)
    judgement = metric.judge(100, seed=0)
    assert isinstance(judgement, Judgement)
    assert judgement.numbers()[headline][0] == pytest.approx(value)
    assert all(low <= one <= high for one, low, high in judgement.numbers().values() if not math.isnan(one))
    told = judgement.to_dict()
    assert json.loads(json.dumps(told, allow_nan=False)) == told


def test_judging_batch_by_batch_is_judging_all_at_once(learnt: TaskExample) -> None:
    whole, parts = learnt.task.metric(), learnt.task.metric()
    whole.update(outputs_of(learnt), learnt.batch())
    for part in (learnt.samples[:2], learnt.samples[2:]):
        one = dataclasses.replace(learnt, samples=part)
        parts.update(outputs_of(one), one.batch())
    assert parts.compute() == pytest.approx(whole.compute(), abs=1e-5, nan_ok=True)
    assert repr(whole.judge(50, seed=1).numbers()) == repr(whole.judge(50, seed=1).numbers())


def test_the_score_is_differentiable_one_for_each_image(learnt: TaskExample) -> None:
    images = learnt.batch().images.requires_grad_()
    for about in (learnt.about, None):
        score = learnt.task.score(learnt.network(images), about)
        assert score.shape == (len(learnt.samples),)
        (gradient,) = torch.autograd.grad(score.sum(), images)
        assert gradient.flatten(1).abs().sum(1).gt(0).all()


def test_what_is_asked_stays_the_same_and_has_a_name_and_a_confidence(learnt: TaskExample) -> None:
    outputs = outputs_of(learnt)
    for about in (learnt.about, None):
        asked = learnt.task.asked(outputs, about)
        assert len(asked) == len(learnt.samples)
        assert all(str(one) for one in asked)
        assert learnt.task.asked(outputs, asked) == asked
        torch.testing.assert_close(learnt.task.score(outputs, asked), learnt.task.score(outputs, about))
        sure = learnt.task.confidence_in(outputs, asked)
        assert sure.shape == (len(asked),)
        assert bool(((sure >= 0) & (sure <= 1)).all())


@pytest.mark.parametrize("known", [True, False])
@pytest.mark.parametrize("size", [(8, 8), (90, 200), (400, 300)])
def test_a_prediction_is_drawn_on_its_image(learnt: TaskExample, size: tuple[int, int], known: bool) -> None:
    prediction = learnt.task.decode(outputs_of(learnt), learnt.batch())[0]
    image = np.zeros((*size, 3), np.uint8)
    drawn = learnt.task.draw(Sample(image, learnt.samples[0].target if known else None, "0.png"), prediction)
    times = drawn.width // size[1]
    assert drawn.width == size[1] * times
    assert times == 1 or drawn.width < 2 * 160
    assert drawn.height >= size[0] * times
    assert drawn.height > size[0] * times or drawn.convert("L").getextrema()[1] > 0


@pytest.mark.bad_input
def test_targets_that_mean_nothing_are_refused_by_name(example: TaskExample) -> None:
    good = example.samples[0].target
    for wrong in example.bad_targets:
        with pytest.raises(BadLabel, match="taken are"):
            example.task.targets([good, wrong])


@pytest.mark.bad_input
def test_a_group_that_is_not_there_is_refused(example: TaskExample) -> None:
    with pytest.raises(UnknownName, match="got group 'generator'"):
        example.task.loss(example.network, example.batch(), "generator")


@pytest.mark.bad_input
def test_nan_is_never_decoded_or_scored(example: TaskExample) -> None:
    batch = example.batch()
    images = batch.images.clone()
    images[1] = float("nan")
    with torch.no_grad():
        outputs = example.network(images)
    with pytest.raises(BadData, match=r"1\.png"):
        example.task.decode(outputs, batch)
    with pytest.raises(BadData, match=r"1\.png"):
        example.task.metric().update(outputs, batch)
