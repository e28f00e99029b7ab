"""Any text is read or refused; any line that is read makes a network that its arithmetic describes."""

from __future__ import annotations

import contextlib

import pytest
import torch
from hypothesis import given, settings
from hypothesis import strategies as st

from saccade.architectures.dcnn import dcnn
from saccade.errors import BadConfig, BadShape
from saccade.layers.line import parse

WORDS = [
    "conv",
    "pool",
    "dense",
    "gap",
    "flatten",
    "norm",
    "relu",
    "dropout",
    "stride",
    "x2",
    "[",
    "]",
    ",",
    "3",
    "3x5",
    "0",
    "same",
]
conv = st.builds(
    "conv {} {}x{} {} stride {} dilation {}{}".format,
    st.sampled_from([2, 4]),
    st.integers(1, 4),
    st.integers(1, 4),
    st.sampled_from(["same", "valid"]),
    st.integers(1, 3),
    st.integers(1, 2),
    st.sampled_from(["", " norm", " tanh", " groups 2"]),
)
pool = st.builds("{} {} stride {}".format, st.sampled_from(["pool", "avgpool"]), st.integers(1, 3), st.integers(1, 3))
body = st.lists(st.one_of(conv, pool, st.sampled_from(["norm", "leaky", "dropout 0.5"])), min_size=1, max_size=5)


@given(st.one_of(st.text(max_size=60), st.lists(st.sampled_from(WORDS), max_size=20).map(" ".join)))
def test_any_text_is_read_or_refused_in_words(text: str) -> None:
    with contextlib.suppress(BadConfig):
        assert parse(text)


@settings(max_examples=60)
@given(body)
def test_the_smallest_size_is_the_smallest_that_works(items: list[str]) -> None:
    network = dcnn(", ".join([*items, "gap", "dense 3"]), in_channels=2).eval()
    height, width = network.smallest_size
    features = network.forward_features(torch.zeros(1, 2, height, width))
    assert {name: x.shape[1] for name, x in features.items()} == {stage.name: stage.width for stage in network.stages}
    assert network(torch.zeros(1, 2, height, width)).shape == (1, 3)
    last = list(features.values())[-1]
    for smaller in ((height - 1, width), (height, width - 1)):
        if min(smaller) and last.shape[2:] == (1, 1):
            with pytest.raises(BadShape):
                dcnn(", ".join([*items, "dense 3"]), in_channels=2, size=smaller)


@settings(max_examples=40)
@given(body, st.integers(0, 9), st.integers(0, 9))
def test_a_network_that_flattens_fits_what_its_maps_leave(items: list[str], taller: int, wider: int) -> None:
    smallest = dcnn(", ".join([*items, "gap", "dense 3"]), in_channels=2).smallest_size
    size = (smallest[0] + taller, smallest[1] + wider)
    network = dcnn(", ".join([*items, "dense 3"]), in_channels=2, size=size).eval()
    assert network(torch.zeros(2, 2, *size)).shape == (2, 3)
