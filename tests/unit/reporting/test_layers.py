from __future__ import annotations

from collections import OrderedDict

from torch import nn

from saccade.inspect.layer_table import layer_table
from saccade.layers.normalised import Normalised
from saccade.reporting.layers import layers_section


def test_layers_are_named_without_the_wrapper_around_all_of_them() -> None:
    network = nn.Sequential(OrderedDict(conv=nn.Conv2d(1, 2, 3), relu=nn.ReLU(), flat=nn.Flatten(), fc=nn.Linear(8, 5)))
    section = layers_section(layer_table(Normalised(network, (0.5,), (0.5,)), (4, 4), in_channels=1))
    assert section is not None
    lines = [line for line in section.shown if line.kind != "Normalised"]
    assert [(line.name, line.output, line.parameters, line.field) for line in lines] == [
        ("conv", "2 × 2 × 2", "20", "3"), ("relu", "2 × 2 × 2", "–", "3"), ("flat", "8", "–", "3"),
        ("fc", "5", "45", "all"),
    ]  # fmt: skip
    assert section.parameters == 65
    assert [round(line.share, 2) for line in section.shown][-4:] == [30.77, 0, 0, 69.23]
    assert section.memory.startswith("Its weights take 260 B of memory")
    assert section.macs == 2 * 9 * 4 + 8 * 5


def test_layers_without_a_wrapper_keep_their_names() -> None:
    section = layers_section(layer_table(nn.Sequential(nn.Conv2d(1, 2, 3), nn.ReLU()), (4, 4), in_channels=1))
    assert section is not None
    assert [line.name for line in section.shown] == ["0", "1"]


def test_deep_network_is_folded_after_its_first_layers() -> None:
    network = nn.Sequential(*[nn.Conv2d(1, 1, 1) for _ in range(30)])
    section = layers_section(layer_table(network, (2, 2), in_channels=1))
    assert section is not None
    assert (len(section.shown), len(section.folded)) == (16, 14)


def test_no_table_makes_no_section() -> None:
    assert layers_section(None) is None
