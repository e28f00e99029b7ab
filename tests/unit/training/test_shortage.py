"""Too little memory is told with what would fit."""

from __future__ import annotations

import pytest
import torch
from torch import nn

from saccade.errors import BadConfig
from saccade.training import shortage
from saccade.training.shortage import is_shortage, memory_of, refuse_too_large, shortage_named

NETWORK = nn.Conv2d(1, 1, 1, bias=False)  # of an image: itself, what comes out, its sum, and that one's gradient
MIB = 2**20


def short_of(room, monkeypatch):
    monkeypatch.setattr(shortage, "memory_of", lambda device: room)


def test_this_machine_says_how_much_it_has_or_that_nobody_knows():
    room = memory_of("cpu")
    assert room is None or room > 100 * MIB
    assert memory_of("mps") is None


def test_a_step_that_fits_is_let_through(monkeypatch):
    steps = [  # 8 images of 1 MiB need about 24; only twice of what is there is too much
        (memory_of("cpu"), (4, 1, 64, 64)), (24 * MIB, (8, 1, 512, 512)), (None, (2**20, 1, 4096, 4096)),
    ]  # fmt: skip
    for room, shape in steps:
        short_of(room, monkeypatch)
        assert refuse_too_large(NETWORK, shape, "cpu") is None


@pytest.mark.bad_input
def test_a_step_that_never_fits_is_refused_with_what_would(monkeypatch):
    short_of(100 * MIB, monkeypatch)
    with pytest.raises(BadConfig) as told:
        refuse_too_large(NETWORK, (512, 1, 512, 512), "cpu")
    fits = int(str(told.value).partition("--batch-size ")[2].split()[0])
    assert 20 <= fits <= 80  # 80 MiB, at one to four for each image
    assert f"--accumulate {-(-512 // fits)}" in str(told.value)
    assert "step on 512 images of 512 × 512 pixels" in str(told.value)


@pytest.mark.bad_input
def test_one_image_that_never_fits_wants_another_size(monkeypatch):
    short_of(MIB, monkeypatch)
    with pytest.raises(BadConfig, match=r"not one such image; use a smaller --height and --width, or a smaller net"):
        refuse_too_large(NETWORK, (1, 1, 100_000, 100_000), "cpu")


@pytest.mark.bad_input
@pytest.mark.parametrize(
    "error", [RuntimeError("DefaultCPUAllocator: can't allocate memory: you tried"), MemoryError()]
)
def test_what_runs_out_halves_the_batch_at_least(error, monkeypatch):
    short_of(10**12, monkeypatch)  # more than it needs by our count, and yet it ran out
    with (
        pytest.raises(BadConfig, match="use --batch-size 4 --accumulate 2"),
        shortage_named(NETWORK, torch.zeros(8, 1, 4, 4)),
    ):
        raise error


@pytest.mark.bad_input
def test_what_cannot_be_worked_out_is_told_without_numbers(monkeypatch):
    short_of(None, monkeypatch)
    with (
        pytest.raises(BadConfig, match="taken is a machine with enough; use a smaller --batch-size"),
        shortage_named(NETWORK, torch.zeros(8, 1, 4, 4)),
    ):
        raise MemoryError


def test_other_errors_pass():
    assert not is_shortage(RuntimeError("shapes do not fit"))
    with pytest.raises(RuntimeError, match="shapes"), shortage_named(NETWORK, torch.zeros(8, 1, 4, 4)):
        raise RuntimeError("shapes do not fit")
