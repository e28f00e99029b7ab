"""Looks into a network: what is drawn is what the network has."""

from __future__ import annotations

import json

import numpy as np
import pytest
import torch
from torch import nn

from explaining import Reused, reused
from saccade import catalog
from saccade.cli._knobs import knobs_of
from saccade.errors import BadConfig, UnknownName
from saccade.explanations.asking.looking import Look, Looked, View, looked
from saccade.explanations.looks.activations import Activations
from saccade.explanations.looks.patches import Patches
from saccade.explanations.looks.tsne import Tsne
from saccade.explanations.looks.weights import Weights
from saccade.types.sheet import Sheet

ROOM = "explanations.looks"
DRAWN = torch.Generator().manual_seed(8)


def pictures(count: int, size: int = 24) -> list[Looked]:
    found = []
    for number in range(count):
        images = torch.rand(1, 3, size, size, generator=DRAWN)
        pixels = (images[0].permute(1, 2, 0) * 255).round().to(torch.uint8).numpy()
        found.append(Looked(f"{number}.png", images, pixels))
    return found


def view(network: nn.Module, shown: list[Looked], labels: tuple[str, ...] = ("a", "b", "c", "d")) -> View:
    return View(network, iter(shown), (24, 24), labels)


@pytest.mark.parametrize("name", catalog.offers(ROOM))
def test_every_look_gives_a_sheet_and_the_network_back(name: str) -> None:
    network, shown = reused(), pictures(6)
    before = [(part.training, len(part._forward_hooks)) for part in network.modules()]
    sheet = looked(catalog.find(ROOM, name)(), view(network, shown))
    assert isinstance(sheet, Sheet)
    assert [(part.training, len(part._forward_hooks)) for part in network.modules()] == before
    assert sheet.draw().width >= 200
    assert sheet._repr_png_().startswith(b"\x89PNG")
    assert json.loads(json.dumps(sheet.to_dict())) == sheet.to_dict()
    assert catalog.cards(ROOM)[name]["about"]
    assert knobs_of(ROOM, name)().to_dict() == catalog.find(ROOM, name)().to_dict()


def test_filters_are_drawn_on_one_scale_around_grey() -> None:
    network = nn.Sequential(nn.Conv2d(3, 2, 1))
    with torch.no_grad():
        network[0].weight.copy_(torch.tensor([[1.0, 0, -1], [0.5, 0, 0]])[..., None, None])
    sheet = looked(Weights(), view(network, []))
    assert [one.picture[0, 0].tolist() for one in sheet.tiles] == [[255, 128, 0], [191, 128, 128]]
    assert sheet.notes == ("layer 0", "2 of 2 filters of 1 × 1 × 3")


def test_maps_are_those_of_the_layer_the_highest_first() -> None:
    network, shown = reused().eval(), pictures(1)
    sheet = looked(Activations(layer="first", most=3), view(network, shown))
    with torch.no_grad():
        maps = network.first(network.pool(network.relu(network.norm(network.stem(shown[0].images)))))[0].numpy()
    order = np.argsort(-maps.max((1, 2)))[:3]
    assert [one.label for one in sheet.tiles] == ["image", *map(str, order)]
    low, high = min(0, maps.min()), maps.max()
    expected = (maps[order[0]] - low) / (high - low) * 255
    np.testing.assert_allclose(sheet.tiles[1].picture[..., 0], expected, atol=1)


class Bright(nn.Module):
    """One unit for each of two colours, each the mean of 4 × 4 pixels, 4 apart."""

    def __init__(self) -> None:
        super().__init__()
        self.mean = nn.Conv2d(3, 2, 4, stride=4, bias=False)
        with torch.no_grad():
            self.mean.weight.zero_()
            self.mean.weight[0, 0] = self.mean.weight[1, 2] = 1 / 16

    def forward(self, x: torch.Tensor) -> torch.Tensor:
        return self.mean(x).mean((2, 3))


def test_a_patch_is_what_the_unit_sees_where_it_answers_most() -> None:
    shown = pictures(3)
    for number, (one, (row, column)) in enumerate(zip(shown, ((4, 8), (12, 20), (0, 0)), strict=True)):
        images = torch.zeros(1, 3, 24, 24)
        images[0, 0, row : row + 4, column : column + 4] = (number + 1) / 4
        pixels = (images[0].permute(1, 2, 0) * 255).round().to(torch.uint8).numpy()
        shown[number] = Looked(one.key, images, pixels)
    sheet = looked(Patches(units=(0,), each=2), view(Bright(), shown))
    assert [(one.group, one.label) for one in sheet.tiles] == [("2.png", "0: 0.75"), ("1.png", "0: 0.5")]
    assert sheet.tiles[0].picture.shape == (4, 4, 3)
    assert (sheet.tiles[0].picture[..., 0] == 191).all()
    assert (sheet.tiles[1].picture[..., 0] == 128).all()
    assert sheet.notes[1] == "a unit sees 4 pixels" or "4 × 4" in sheet.notes[1]


def test_groups_that_differ_lie_apart() -> None:
    torch.manual_seed(0)
    shown = pictures(24)
    for number, one in enumerate(shown):
        dark = one.images * 0.1 + (0.8 if number % 2 else 0.0)
        shown[number] = Looked(one.key, dark, one.picture)
    sheet = looked(Tsne(perplexity=5.0), view(reused(), shown))
    assert sheet.places is not None
    assert sheet.places.min() == 0
    assert sheet.places.max() == 1
    even, odd = sheet.places[::2], sheet.places[1::2]
    assert np.linalg.norm(even.mean(0) - odd.mean(0)) > 0.3
    nearest = [np.argsort(np.linalg.norm(sheet.places - one, axis=1))[1] for one in sheet.places]
    assert np.mean([a % 2 == b % 2 for a, b in enumerate(nearest)]) > 0.9


@pytest.mark.bad_input
@pytest.mark.parametrize(
    ("look", "network", "count", "error", "message"),
    [
        (Weights(), nn.Flatten(), 0, BadConfig, "without a convolution"),
        (Weights(layer="head"), Reused(), 0, BadConfig, "a Linear; taken are convolutions, such as 'stem'"),
        (Weights(layer="stm"), Reused(), 0, UnknownName, "did you mean 'stem'"),
        (Activations(), Reused(), 0, BadConfig, "no picture"),
        (Activations(layer="head"), Reused(), 1, BadConfig, "taken are layers with maps"),
        (Activations(), nn.Flatten(), 1, BadConfig, "without maps"),
        (Patches(units=(9,)), Reused(), 2, BadConfig, "got unit 9"),
        (Patches(layer="head"), Reused(), 2, BadConfig, "taken are layers with maps"),
        (Tsne(), Reused(), 3, BadConfig, "got 3 images; taken are 4 or more"),
        (Tsne(), nn.Flatten(), 5, BadConfig, "without a dense layer"),
    ],
)
def test_what_cannot_be_seen_is_refused(look: Look, network: nn.Module, count: int, error: type, message: str) -> None:
    with pytest.raises(error, match=message):
        looked(look, view(network, pictures(count)))
