"""Style transfer against its formulas written out, in tiles and whole, stopped and taken up."""

from __future__ import annotations

import itertools
from pathlib import Path
from typing import Any, Literal

import pytest
import torch
from torch import nn

from saccade.errors import BadCheckpoint, BadConfig, Diverged
from saccade.imagine.making.likeness import Likeness, Wanted
from saccade.imagine.making.subject import Made, State, Subject, imagined
from saccade.imagine.making.tiles import reach, tiles_of
from saccade.imagine.style_transfer import StyleTransfer
from saccade.weights.files import read_tensors, write_tensors
from styling import drawn, small, striped, transcribed, unpadded

STYLE = {"1": 0.3, "3": 0.2, "6": 0.5}
GREY = torch.tensor([0.5, 0.5, 0.5])


def paint(knobs: dict[str, Any], network: nn.Module | None = None, **more: Any) -> Made:
    """Paint small pictures, in single precision as in life."""
    content = more.pop("content", drawn(1, 40, 48, torch.float32))
    style = more.pop("style", striped(40, 48))
    way = StyleTransfer.from_dict({"steps": 5, **knobs})
    return imagined(way, Subject(network or small(), (40, 48), GREY, content, style, **more))


@pytest.mark.parametrize("form", ["mean", "sum"])
@pytest.mark.parametrize("even", [True, False])
def test_cost_and_gradient_are_those_of_the_formulas(form: Literal["mean", "sum"], even: bool) -> None:
    network, weights = small().double(), (2.0, 30.0, 0.5)
    content, style, picture = drawn(1, 20, 24), drawn(2, 17, 30), drawn(3, 20, 24).requires_grad_()
    wanted = Wanted(("3", "6"), STYLE, *weights, form, even)
    terms, gradient = Likeness(network, wanted, content=content, style=style)(picture)
    costs = transcribed(network, (content, style, picture), ("3", "6"), STYLE, weights, form=form, even=even)
    told = dict(zip(("content", "style", "smoothness"), (cost.item() for cost in costs), strict=True))
    assert terms == pytest.approx(told, rel=1e-9)
    (found,) = torch.autograd.grad(torch.stack(costs).sum(), picture)
    torch.testing.assert_close(gradient, found, rtol=1e-9, atol=1e-14)


def test_the_gradient_is_that_of_finite_differences() -> None:
    cost = Likeness(
        small().double(), Wanted(("6",), STYLE, 1.0, 50.0, 0.1), content=drawn(1, 12, 12), style=drawn(2, 12, 12)
    )
    picture, way = drawn(3, 12, 12), drawn(4, 12, 12) - 0.5
    _, gradient = cost(picture)
    ahead, behind = (sum(cost(picture + step * way)[0].values()) for step in (1e-6, -1e-6))
    assert (ahead - behind) / 2e-6 == pytest.approx(float((gradient * way).sum()), rel=1e-5)


def test_the_content_itself_costs_no_content_and_the_style_itself_no_style() -> None:
    content, style = drawn(1, 16, 16), drawn(2, 16, 16)
    cost = Likeness(small().double(), Wanted(("3",), STYLE), content=content, style=style)
    assert cost(content)[0]["content"] == 0
    assert cost(content)[0]["style"] > 0
    assert cost(style)[0]["style"] == 0


def test_a_style_repeated_is_the_same_style() -> None:
    tile = drawn(2, 8, 8)
    pointwise = nn.Sequential(nn.Conv2d(3, 5, 1), nn.ReLU()).double()
    terms = [
        Likeness(pointwise, Wanted(("1",), {"1": 1.0}), content=drawn(1, 8, 8), style=style)(drawn(3, 8, 8))[0]["style"]
        for style in (tile, tile.repeat(1, 1, 3, 2))
    ]
    assert terms[1] == pytest.approx(terms[0], rel=1e-12)


def test_a_layer_that_gives_nothing_for_the_style_is_weighed_plainly() -> None:
    network = nn.Sequential(nn.Conv2d(3, 2, 1, bias=False), nn.ReLU()).double()
    black, picture = torch.zeros(1, 3, 8, 8, dtype=torch.float64), drawn(1, 8, 8)
    costs = [
        Likeness(network, Wanted(("1",), {"1": 1.0}, even=even), content=black, style=black)(picture)[0]
        for even in (True, False)
    ]
    assert costs[0] == costs[1]


@pytest.mark.parametrize("size", [(96, 96), (97, 131), (101, 70)])
@pytest.mark.parametrize("side", [24, 37])
@pytest.mark.parametrize("make", [small, unpadded])
def test_tiles_have_the_cost_and_the_gradient_of_the_whole(make: Any, side: int, size: tuple[int, int]) -> None:
    network = make().double()
    layers = [name for name, part in network.named_children() if isinstance(part, nn.ReLU)]
    wanted = Wanted(tuple(layers[-2:]), dict.fromkeys(layers, 0.4), 1.0, 70.0, 0.1)
    content, style, picture = drawn(1, *size), drawn(2, 50, 60), drawn(3, *size)
    whole = Likeness(network, wanted, content=content, style=style)
    tiled = Likeness(network, wanted, content=content, style=style, side=side)
    assert len(tiled.tiles) > 4
    (terms, gradient), (terms_of_tiles, gradient_of_tiles) = whole(picture), tiled(picture)
    assert terms_of_tiles == pytest.approx(terms, rel=1e-11)
    torch.testing.assert_close(gradient_of_tiles, gradient, rtol=1e-9, atol=1e-15)


def test_margins_reach_as_far_as_a_unit_sees_on_either_side() -> None:
    assert reach(nn.Sequential(nn.Conv2d(3, 2, 5, padding=2)), ("0",), (20, 20)) == (2, {"0": 1})
    # without padding a place sees itself and the six pixels behind it
    assert reach(nn.Sequential(nn.Conv2d(3, 2, 7)), ("0",), (20, 20)) == (6, {"0": 1})
    assert reach(nn.Sequential(nn.Conv2d(3, 2, (1, 9), padding=(0, 4))), ("0",), (20, 20)) == (4, {"0": 1})
    assert reach(nn.Sequential(nn.Conv2d(3, 2, (9, 1), padding=(4, 0))), ("0",), (20, 20)) == (4, {"0": 1})


def test_tiles_count_each_pixel_once_and_begin_at_multiples() -> None:
    for size, side, margin, multiple in itertools.product(((96, 64), (97, 71), (33, 101)), (16, 37), (0, 5), (1, 4, 6)):
        counted = torch.zeros(size)
        for tile in tiles_of(size, side, margin, multiple):
            rows, columns = tile.rows, tile.columns
            counted[rows.first : rows.last, columns.first : columns.last] += 1
            for span, length in ((rows, size[0]), (columns, size[1])):
                assert span.first % multiple == span.seen_first % multiple == 0
                assert span.seen_first in range(max(0, span.first - margin) + 1)
                assert span.seen_last in range(min(length, span.last + margin), length + 1)
                assert span.ends == (span.last == length)
        assert torch.equal(counted, torch.ones(size))


def test_a_rest_too_small_for_a_place_goes_to_the_tile_before_it() -> None:
    assert [(tile.rows.first, tile.rows.last) for tile in tiles_of((33, 4), 16, 0, 8)] == [(0, 16), (16, 33)]


def test_little_memory_makes_tiles_and_the_note_says_how_many() -> None:
    pictures = {"content": drawn(1, 300, 200, torch.float32), "style": striped(64, 64)}
    whole, roomy, tiled, more = (
        paint({"steps": 3, "memory": memory, "optimizer": "adam"}, **pictures) for memory in (0, 500, 5, 3)
    )
    assert whole.notes == roomy.notes
    counts = [int(made.notes[len(whole.notes)].removesuffix(" tiles")) for made in (tiled, more)]
    assert 1 < counts[0] < counts[1]
    assert tiled.values == pytest.approx(whole.values, rel=1e-3)
    torch.testing.assert_close(tiled.image, whole.image, atol=2e-3, rtol=0)


def test_coarse_to_fine_takes_its_steps_at_each_size_and_shows_them_at_one() -> None:
    seen: list[tuple[int, int, tuple[int, ...]]] = []

    def watch(step: int, of: int, value: float, picture: torch.Tensor) -> bool:
        seen.append((step, of, tuple(picture.shape)))
        return False

    content = drawn(1, 32, 65, torch.float32)
    made = paint({"scales": 4, "steps": 2}, content=content, watch=watch)  # 8 × 16 would be too small
    assert seen == [(step, 4, (1, 3, 32, 65)) for step in (1, 2, 3, 4)]
    assert len(made.values) == 4
    assert made.image.shape == content.shape


def test_the_start_is_the_content_or_noise_by_its_seed() -> None:
    first = [
        paint({"start": "noise", "steps": 1, "optimizer": "adam", "step_size": 0.0001}, seed=seed).image
        for seed in (0, 0, 1)
    ]
    assert torch.equal(first[0], first[1])
    assert float((first[0] - first[2]).abs().mean()) > 0.1
    content = drawn(1, 40, 48, torch.float32)
    begun = paint({"steps": 1, "optimizer": "adam", "step_size": 0.0001}, content=content).image
    torch.testing.assert_close(begun, content, atol=2e-4, rtol=0)


def test_average_pooling_averages_while_it_paints_and_not_afterwards() -> None:
    network, content = small(), drawn(1, 40, 48, torch.float32)
    before = network(content)
    averaged = small()
    averaged[4] = nn.AvgPool2d(2)
    knobs = {"content_layers": "6", "steps": 3}
    made = paint({**knobs, "pooling": "average"}, network, content=content)
    assert torch.equal(made.image, paint(knobs, averaged, content=content).image)
    assert not torch.equal(made.image, paint(knobs, network, content=content).image)
    assert not any(part._forward_hooks for part in network.modules())
    assert torch.equal(network(content), before)


@pytest.mark.parametrize("optimizer", ["lbfgs", "adam"])
@pytest.mark.parametrize("stop", [1, 4, 6, 9])
def test_stopped_and_taken_up_is_never_stopped(optimizer: str, stop: int, tmp_path: Path) -> None:
    knobs = {"optimizer": optimizer, "scales": 2, "steps": 6, "start": "noise", "smoothness": 0.1}
    content = drawn(1, 66, 70, torch.float32)
    whole = paint(knobs, content=content)
    stopped = paint(knobs, content=content, watch=lambda step, *_: step == stop)
    assert not stopped.whole
    assert stopped.state is not None
    write_tensors(tmp_path / "state", stopped.state.tensors, stopped.state.described)
    resumed = paint(knobs, content=content, resumed=State(*read_tensors(tmp_path / "state")))
    assert resumed.whole
    assert resumed.values == whole.values
    assert torch.equal(resumed.image, whole.image)


def test_what_is_kept_on_the_way_takes_up_too() -> None:
    kept: list[State] = []
    whole = paint({"steps": 4}, keep=lambda state: kept.append(state()))
    assert [state.described["step"] for state in kept] == [1, 2, 3, 4]
    assert torch.equal(paint({"steps": 4}, resumed=kept[-1]).image, whole.image)


def test_lbfgs_is_as_cheap_as_adam_ever_was_in_half_the_passes() -> None:
    content, style = drawn(1, 64, 64, torch.float32), striped(64, 64)
    adam, lbfgs = (
        paint({"optimizer": optimizer, "steps": 60}, content=content, style=style).values
        for optimizer in ("adam", "lbfgs")
    )
    assert adam[-1] < 0.2 * adam[0]
    assert next(number for number, value in enumerate(lbfgs, 1) if value <= min(adam)) < 30


@pytest.mark.parametrize("start", ["content", "noise"])
@pytest.mark.parametrize("seed", [0, 2, 3])
def test_lbfgs_does_not_leap_far_off(seed: int, start: str) -> None:
    pictures = {"content": drawn(1, 96, 96, torch.float32), "style": striped(64, 64)}
    values = paint({"steps": 20, "start": start}, small(seed), **pictures).values
    assert max(values) == pytest.approx(values[0], rel=0.05)  # whole steps came to as much as 100 000 times that
    assert values[-1] < 0.1 * values[0]


def test_a_step_of_lbfgs_is_a_twentieth_of_the_range_at_most() -> None:
    shown: list[torch.Tensor] = []
    paint({"steps": 6}, small(2), watch=lambda step, of, value, picture: bool(shown.append(picture.clone())))
    steps = [float((later - one).square().mean().sqrt()) for one, later in itertools.pairwise(shown)]
    assert max(steps) == pytest.approx(0.05, rel=1e-3)


def test_the_layers_are_the_first_five_and_the_second_of_the_fourth_resolution() -> None:
    assert paint({"steps": 1}).notes == ("content relu2_1", "style relu1_1, relu2_1", "lbfgs")
    torch.manual_seed(0)
    deep = nn.Sequential(*(
        part for _ in range(6) for part in (
            nn.Conv2d(3, 3, 3, padding=1), nn.ReLU(), nn.Conv2d(3, 3, 3, padding=1), nn.ReLU(), nn.MaxPool2d(2)
        )
    ))  # fmt: skip
    notes = paint({"steps": 1}, deep, content=drawn(1, 64, 64, torch.float32), style=striped(64, 64)).notes
    assert notes[:2] == ("content relu4_2", "style relu1_1, relu2_1, relu3_1, relu4_1, relu5_1")


@pytest.mark.bad_input
def test_what_is_wrong_is_said() -> None:
    for knobs, told in (
        ({"style_layers": "relu1_1:much"}, "'relu1_1:much' as a layer of style"),
        ({"style_layers": "relu1_1:0"}, "a number above 0"),
        ({"style_layers": "relu1_1:nan"}, "a number above 0"),
        ({"style_layers": "relu1_1:-1,relu2_1"}, "a number above 0"),
        ({"content_weight": 0.0, "style_weight": 0.0}, "got neither content nor style"),
        ({"style_layers": "relu1_9"}, "did you mean 'relu1_"),
        ({"content_layers": "conv9_9"}, "got layer 'conv9_9'"),
    ):
        with pytest.raises(BadConfig, match=told):
            paint(knobs)
    with pytest.raises(Diverged, match="lower them"):
        paint({"style_weight": 1e38})
    state = paint({}, watch=lambda step, *_: step == 2).state
    assert state is not None
    with pytest.raises(BadCheckpoint, match="another size"):
        paint({}, content=drawn(1, 44, 48, torch.float32), resumed=state)


@pytest.mark.bad_input
def test_tiles_are_refused_where_each_place_sees_the_whole() -> None:
    class Weighed(nn.Module):
        def forward(self, maps: torch.Tensor) -> torch.Tensor:
            return maps * maps.mean((2, 3), keepdim=True).sigmoid()

    network = nn.Sequential(nn.Conv2d(3, 4, 3, padding=1), Weighed(), nn.ReLU())
    with pytest.raises(BadConfig, match="whose places see the whole picture"):
        Likeness(network, Wanted(("2",), {"2": 1.0}), content=drawn(1, 64, 64), style=drawn(2, 64, 64), side=16)


@pytest.mark.bad_input
def test_tiles_are_refused_where_maps_are_enlarged() -> None:
    network = nn.Sequential(nn.Conv2d(3, 4, 3, stride=2, padding=1), nn.Upsample(scale_factor=2), nn.Conv2d(4, 4, 3))
    with pytest.raises(BadConfig, match="got a network that enlarges maps before these layers"):
        Likeness(network, Wanted(("2",), {"2": 1.0}), content=drawn(1, 64, 64), style=drawn(2, 64, 64), side=16)
    assert reach(network, ("0",), (64, 64)) == (1, {"0": 2})  # what comes afterwards does not matter
