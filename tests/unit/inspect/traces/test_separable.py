import pytest
import torch

from saccade.errors import BadShape
from saccade.inspect.traces.separable import EXAMPLE, KERNELS, MIXING, separable
from saccade.inspect.tracing.panels import Formula, Sum
from saccade.ops.convolution import separable as computed


def test_the_result_is_what_ops_compute():
    inputs = torch.tensor([EXAMPLE], dtype=torch.float64)
    depthwise = torch.tensor(KERNELS, dtype=torch.float64)[:, None]
    pointwise = torch.tensor(MIXING, dtype=torch.float64)[:, :, None, None]
    assert separable().result == computed(inputs, depthwise, pointwise)[0].tolist()


def test_one_kernel_may_serve_all_channels():
    inputs = torch.tensor([EXAMPLE], dtype=torch.float64)
    depthwise = torch.tensor([KERNELS[0]] * 2, dtype=torch.float64)[:, None]
    pointwise = torch.tensor(MIXING, dtype=torch.float64)[:, :, None, None]
    assert separable(kernels="vertical_edge").result == computed(inputs, depthwise, pointwise)[0].tolist()


def test_each_channel_and_each_filter_has_a_step():
    shown = separable()
    assert [step.title.partition(":")[0] for step in shown.steps] == ["depthwise"] * 2 + ["pointwise"] * 3 + [
        "what it costs"
    ]
    total = shown.steps[0].panels[1][0]
    assert isinstance(total, Sum)
    assert total.result == 1 + 0 + 2 - 0 - 3 - 0


def test_the_cost_is_one_over_the_filters_and_one_over_the_kernel():
    formula = separable().steps[-1].panels[0][0]
    assert isinstance(formula, Formula)
    assert formula.lines[0] == "usual = 4 × 9 × 2 × 3 = 216"
    assert formula.lines[-1] == "share = 1 / 3 + 1 / 9 ≈ 0.4444"
    assert round(1 / 512 + 1 / 9, 3) == 0.113


@pytest.mark.bad_input
@pytest.mark.parametrize(
    ("arguments", "words"),
    [
        ({"matrix": [[[1]]] * 5}, "5 channels"),
        ({"mixing": [[1, 1]] * 9}, "9 filters"),
        ({"mixing": "1 2 3"}, "rows of 3 weights"),
        ({"kernels": "1 | 1 | 1"}, "3 kernels"),
        ({"kernels": [[1] * 5] * 5}, "covers 5 pixels"),
    ],
    ids=str,
)
def test_what_does_not_belong_together_is_refused(arguments, words):
    with pytest.raises(BadShape) as caught:
        separable(**arguments)
    assert words in str(caught.value)
    assert str(caught.value).count("; ") >= 2
