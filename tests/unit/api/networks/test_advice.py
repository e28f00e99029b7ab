"""The verb advise, from Python: every kind of model, and a network rewritten by its advice."""

from __future__ import annotations

import pytest
from torch import nn

from saccade.api.networks.advice import advise
from saccade.api.networks.subject import subject_of
from saccade.errors import BadConfig, BadShape
from saccade.inspect.layer_table import layer_table
from saccade.layers.rewrites import rewritten

LINE = "conv 16 7, conv 16 5, pool 2, flatten, dense 10"


def test_a_name_has_the_size_of_its_card():
    advice = advise("lenet5")
    assert (advice.network, advice.shape) == ("lenet5", (1, 1, 32, 32))
    assert advise("lenet5", in_channels=3, num_classes=5).shape == (1, 3, 32, 32)


def test_a_line_and_a_module_take_a_size():
    assert advise(LINE, (16, 24)).shape == (1, 3, 16, 24)
    assert advise(nn.Conv2d(5, 8, 3), (9, 9)).shape == (1, 5, 9, 9)


def test_a_run_has_the_size_of_its_images(trained):
    advice = advise(trained.run)
    assert advice.shape[2:] == trained.predictor.description.preprocessing.size


def test_what_is_foretold_of_several_forms_at_once_is_true():
    advice = advise(LINE, (16, 16))
    module = subject_of(LINE, size=(16, 16)).module
    changes = {**advice.changes("small kernels"), **advice.changes("pooled")}
    assert set(changes) == {"stem.conv2", "classifier.dense1"}
    table = layer_table(rewritten(module, changes), (16, 16))
    totals = [advice.totals(name) for name in ("small kernels", "pooled")]
    assert table.macs == sum(total.macs for total in totals) - advice.macs
    assert table.parameters == sum(total.parameters for total in totals) - advice.parameters


@pytest.mark.bad_input
@pytest.mark.parametrize(
    ("model", "arguments", "error", "message"),
    [
        ("conv 8 3, gap, dense 5", {}, BadConfig, "--size 224 224"),
        (nn.Conv2d(3, 8, 3), {}, BadConfig, r"size=\(224, 224\)"),
        ("lenet5", {"top": 0}, BadConfig, "top=0"),
        (nn.Conv2d(3, 8, 7), {"size": (3, 3)}, BadShape, "3, 3"),
    ],
)
def test_wrong_input_is_refused(model, arguments, error, message):
    with pytest.raises(error, match=message) as caught:
        advise(model, **arguments)
    assert str(caught.value).count("; ") >= 2
