"""Execution: what "auto" becomes, and that the process is left as it was."""

from __future__ import annotations

import pytest
import torch
from torch import nn

from saccade.architectures.ssd import ssd300
from saccade.errors import BadConfig
from saccade.layers.normalised import Normalised
from saccade.training.execution import Execution, choose_device, resolve
from saccade.training.settings import TrainingSettings


def test_nothing_is_left_to_auto():
    execution = resolve(TrainingSettings(), nn.Linear(2, 2))
    assert "auto" not in execution.to_dict().values()
    assert execution.threads >= 1
    assert execution.precision == "float32"


def test_a_network_may_say_how_it_learns_fastest_on_a_processor():
    with torch.device("meta"):
        networks = [ssd300(), ssd300(backbone="resnet8"), Normalised(ssd300(), [0.5] * 3, [0.25] * 3)]
    chosen = [resolve(TrainingSettings(device="cpu"), network).memory_format for network in networks]
    assert chosen == ["contiguous", "channels_last", "contiguous"]
    asked = resolve(TrainingSettings(device="cpu", memory_format="channels_last"), networks[0])
    assert asked.memory_format == "channels_last"


def test_what_is_asked_for_is_kept():
    settings = TrainingSettings(device="cpu", precision="bfloat16", memory_format="contiguous", threads=1)
    assert resolve(settings, nn.Linear(2, 2)) == Execution("cpu", "bfloat16", "contiguous", 1)


@pytest.mark.bad_input
def test_a_device_that_is_not_here_is_refused():
    missing = "cuda" if not torch.cuda.is_available() else "mps"
    with pytest.raises(BadConfig, match="taken on this machine are auto"):
        choose_device(missing)


@pytest.mark.bad_input
def test_float16_is_refused_where_nothing_scales_it():
    with pytest.raises(BadConfig, match="float32, bfloat16"):
        resolve(TrainingSettings(device="cpu", precision="float16"), nn.Linear(2, 2))


def test_threads_and_determinism_are_put_back():
    before = torch.get_num_threads(), torch.are_deterministic_algorithms_enabled()
    with Execution(threads=1, deterministic=True).applied():
        assert torch.are_deterministic_algorithms_enabled()
    assert before == (torch.get_num_threads(), torch.are_deterministic_algorithms_enabled())
