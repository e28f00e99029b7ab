"""The arithmetic of random lines against the networks that they make."""

from __future__ import annotations

import torch
from hypothesis import given, settings
from hypothesis import strategies as st
from torch.utils.flop_counter import FlopCounterMode

from saccade.architectures.dcnn import dcnn
from saccade.layers.line_arithmetic import line_table

conv = st.builds(
    "conv {} {}x{} stride {} dilation {}{}".format,
    st.sampled_from([2, 4]),
    st.integers(1, 4),
    st.integers(1, 4),
    st.integers(1, 3),
    st.integers(1, 2),
    st.sampled_from(["", " norm", " tanh", " groups 2", " groups 2 norm silu"]),
)
body = st.lists(st.one_of(conv, st.sampled_from(["pool 1", "norm", "leaky", "dropout 0.5"])), min_size=1, max_size=5)
end = st.sampled_from(["gap, dense 3", "dense 5 norm, dense 3", "flatten, norm, dense 3"])


@settings(max_examples=40)
@given(body, end, st.integers(1, 9), st.integers(1, 9))
def test_a_line_costs_what_its_network_costs(items: list[str], last: str, height: int, width: int) -> None:
    line = ", ".join([*items, last])
    table = line_table(line, (height, width, 2))
    network = dcnn(line, in_channels=2, size=(height, width)).eval()
    with FlopCounterMode(display=False) as counter, torch.no_grad():
        assert network(torch.zeros(1, 2, height, width)).shape[1:] == table.rows[-1].shape
    assert counter.get_total_flops() == table.flops
    assert sum(parameter.numel() for parameter in network.parameters()) == table.parameters
    features = network.forward_features(torch.zeros(1, 2, height, width))
    maps = [row.shape for row in table.rows if len(row.shape) == 3]
    assert list(features.values())[-1].shape[1:] == (maps[-1][2], *maps[-1][:2])
