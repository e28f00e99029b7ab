"""Batches on their way to a device, with a lane that only writes down what happens."""

from dataclasses import dataclass

import numpy as np
import pytest
import torch

from saccade.data.arrays import Arrays
from saccade.data.loading.ahead import Parcel, carried_ahead, floats, lane_to, mapped
from saccade.data.loading.feeding import Feeding
from saccade.data.loading.loader import Loader
from saccade.types.annotations import Annotations
from saccade.types.boxes import Boxes
from saccade.types.preprocessing import Preprocessing


class Diary:
    """A lane that copies at once and notes the order of things."""

    def __init__(self):
        self.lines, self.kinds = [], []

    def send(self, parcel):
        self.lines.append(f"send {int(parcel.targets[0])}")
        self.kinds.append(parcel.pictures.dtype)
        return Parcel(floats(parcel.pictures.clone()), parcel.targets, parcel.rest)

    def receive(self, sent):
        self.lines.append(f"receive {int(sent.targets[0])}")
        return sent


def parcels(count):
    return [
        Parcel(torch.full((1, 1, 1, 1), number, dtype=torch.uint8), torch.tensor([number])) for number in range(count)
    ]


def test_each_parcel_is_sent_one_step_before_it_is_wanted():
    diary = Diary()
    for parcel in carried_ahead(parcels(3), diary):
        diary.lines.append(f"use {int(parcel.targets[0])}")
    assert diary.lines == [
        "send 0", "send 1", "receive 0", "use 0", "send 2", "receive 1", "use 1", "receive 2", "use 2",
    ]  # fmt: skip


@pytest.mark.parametrize("count", [0, 1, 2])
def test_few_parcels_all_arrive(count):
    assert [int(one.targets[0]) for one in carried_ahead(parcels(count), Diary())] == list(range(count))


def test_the_processor_needs_no_lane():
    assert lane_to("cpu") is None


def test_every_level_becomes_the_same_float_wherever_it_is_divided():
    levels = torch.arange(256, dtype=torch.uint8).reshape(1, 1, 16, 16)
    assert torch.equal(floats(levels).flatten(), torch.arange(256, dtype=torch.float32) / 255)
    already = torch.rand(1, 1, 2, 2)
    assert floats(already) is already


@dataclass(frozen=True)
class Held:
    inner: torch.Tensor
    name: str


def test_every_tensor_is_changed_wherever_it_lies():
    boxes = Boxes(torch.tensor([[1.0, 2.0, 3.0, 4.0]]), (8, 8))
    value = {"a": [torch.tensor(1), (torch.tensor(2), "text")], "b": Held(torch.tensor(3), "name"),
             "c": Annotations((8, 8), torch.tensor([5]), boxes)}  # fmt: skip
    changed = mapped(value, lambda tensor: tensor + 1)
    assert changed["a"][0] == 2
    assert changed["a"][1] == (3, "text")
    assert changed["b"] == Held(torch.tensor(4), "name")
    assert changed["c"].boxes.coordinates.tolist() == [[2.0, 3.0, 4.0, 5.0]]
    assert boxes.coordinates.tolist() == [[1.0, 2.0, 3.0, 4.0]]


@pytest.mark.parametrize("workers", [0, 2])
def test_a_loader_sends_levels_and_gives_the_same_batches(monkeypatch, workers):
    images = np.random.default_rng(0).integers(0, 256, (11, 6, 9, 3)).astype(np.uint8)
    source = Arrays(images, tuple(range(11)), "x", np.arange(11))
    taken = Preprocessing((8, 8), 3, (0.0,) * 3, (1.0,) * 3)
    plain = list(Loader(source, taken, torch.tensor, batch_size=4, seed=1).epoch(0))
    diary = Diary()
    monkeypatch.setattr("saccade.data.loading.loader.lane_to", lambda device: diary)
    with Loader(source, taken, torch.tensor, batch_size=4, seed=1, workers=Feeding(workers, device="cuda")) as loader:
        sent = list(loader.epoch(0))
    assert set(diary.kinds) == {torch.uint8}
    assert [batch.keys for batch in sent] == [batch.keys for batch in plain]
    assert all(torch.equal(one.images, other.images) for one, other in zip(sent, plain, strict=True))
    assert all(torch.equal(one.targets, other.targets) for one, other in zip(sent, plain, strict=True))


@pytest.mark.skipif(not torch.cuda.is_available(), reason="no CUDA device")
def test_a_cuda_device_gets_the_same_batches():
    lane = lane_to("cuda")
    taken = list(carried_ahead(parcels(5), lane))
    assert [one.pictures.item() for one in taken] == [torch.tensor(number / 255).item() for number in range(5)]
    assert all(one.targets.is_cuda for one in taken)
