"""What is particular to OverFeat: table 1, and windows that say the same alone; the contract tests walk it too."""

from __future__ import annotations

from typing import Any

import pytest
import torch
from torch import Tensor
from torch.nn import functional as F

from saccade.architectures import overfeat as file
from saccade.architectures.overfeat import Overfeat, overfeat, overfeat_small
from saccade.errors import BadConfig
from saccade.ops.boxes import iou
from saccade.types.truth import Truth


def count(*modules: torch.nn.Module) -> int:
    return sum(weight.numel() for module in modules for weight in module.parameters())


def truth(*boxes: tuple[float, float, float, float]) -> Truth:
    return Truth(torch.tensor(boxes, dtype=torch.float32).reshape(-1, 4), torch.arange(len(boxes)) % 3)


def small(**arguments: Any) -> Overfeat:
    torch.manual_seed(0)
    return overfeat_small(num_classes=3, **arguments)


def test_parameters_are_those_of_table_1() -> None:
    trunk = [3 * 96 * 121 + 96, 96 * 256 * 25 + 256, 256 * 512 * 9 + 512, 512 * 1024 * 9 + 1024, 1024 * 1024 * 9 + 1024]
    dense = [1024 * 36 * 3072 + 3072, 3072 * 4096 + 4096]
    edges = [1024 * 36 * 4096 + 4096, 4096 * 1024 + 1024, 1025 * 4 * 20]
    with torch.device("meta"):
        network, at_1000 = overfeat(), overfeat(num_classes=999)  # and the background
    assert count(network.backbone) == sum(trunk) == 15_987_584
    assert count(at_1000.backbone, at_1000.classifier) == sum(trunk) + sum(dense) + 4097 * 1000 == 145_920_872
    assert count(network.classifier) == sum(dense) + 4097 * 21
    assert count(network.regressor) == sum(edges)
    assert count(network) == file.CARDS["overfeat"]["parameters"]


def test_maps_are_those_of_table_1() -> None:
    with torch.device("meta"):
        network, maps = overfeat(), torch.empty(1, 3, 231, 231)
        sides = []
        for layer in network.backbone:
            maps = layer(maps)
            sides.append(maps.shape[2])
        assert sides == [56, 28, 24, 12, 12, 12, 12]
        assert network.classifier(maps).shape == (1, 21, 1, 1)
        assert network.regressor(maps).shape == (1, 80, 1, 1)
        wider = network.backbone(torch.empty(1, 3, 231 + 32, 231 + 16))
        assert network.classifier(wider).shape == (1, 21, 3, 2)  # 16 pixels apart, where one pooling more would be 32


def test_scales_are_spaced_as_the_paper_s_and_windows_reach_every_edge() -> None:
    with torch.device("meta"):
        assert [side for side, _ in overfeat().sizes((461, 461))] == [471, 407, 359, 327, 279, 247, 231]
        network = small()
    assert network.sizes((1, 1)) == [(43, 43)]
    for size in ((1, 1), (43, 43), (64, 64), (50, 131), (7, 300)):
        for seen in network.sizes(size):
            assert all((side - network.window) % network.step == 0 for side in seen)
        assert network.sizes(size)[-1] == (43, 43)


@pytest.mark.parametrize("size", [(43, 43), (60, 45), (30, 101)])
def test_windows_cover_the_image_to_its_edges(size: tuple[int, int]) -> None:
    looks = small().eval().looks(torch.rand(1, 3, *size))
    for maps, windows in looks:
        assert len(windows) == (maps.shape[2] - 5) * (maps.shape[3] - 5)
        torch.testing.assert_close(windows.amin(0)[:2], torch.zeros(2))
        torch.testing.assert_close(windows.amax(0)[2:], torch.tensor([float(size[1]), float(size[0])]))
    torch.testing.assert_close(looks[-1][1], torch.tensor([[0.0, 0, size[1], size[0]]]))


def test_every_window_says_what_it_says_alone() -> None:
    network = small().eval()
    images = torch.rand(2, 3, 67, 59)
    with torch.no_grad():
        maps = network.backbone(images)
        logits, codes = network.classifier(maps), network.regressor(maps)
        assert logits.shape == (2, 4, 7, 5)
        for row in range(7):
            for column in range(5):
                alone = network.backbone(images[:, :, 4 * row : 4 * row + 43, 4 * column : 4 * column + 43])
                for head, found in ((network.classifier, logits), (network.regressor, codes)):
                    said = head(alone)
                    assert said.shape[2:] == (1, 1)
                    torch.testing.assert_close(found[:, :, row, column], said[:, :, 0, 0], rtol=1e-5, atol=1e-5)


def test_candidates_are_the_windows_moved_by_their_codes() -> None:
    network, images = small().eval(), torch.rand(1, 3, 50, 70)
    with torch.no_grad():
        found, looks = network(images), network.looks(images)
        maps, windows = looks[1]
        first = len(looks[0][1])
        codes = network.regressor(maps)[0].flatten(1).T.unflatten(1, (3, 4))
        probabilities = network.classifier(maps)[0].flatten(1).T.softmax(1)
    sides = (windows[:, 2:] - windows[:, :2]).repeat(1, 2)
    part = slice(first, first + len(windows))
    torch.testing.assert_close(found["boxes"][0, part], windows[:, None] + codes * sides[:, None])
    torch.testing.assert_close(found["scores"][0, part], probabilities[:, :3])
    assert found["scores"].shape[1] == sum(len(own) for _, own in looks)


def test_an_image_at_its_own_size_is_not_resampled(monkeypatch: pytest.MonkeyPatch) -> None:
    sizes = list[tuple[int, int]]()
    whole = F.interpolate

    def seen(images: Tensor, size: tuple[int, int], **more: Any) -> Tensor:
        sizes.append(size)
        return whole(images, size, **more)

    monkeypatch.setattr(file.F, "interpolate", seen)
    small().eval()(torch.rand(1, 3, 67, 67))
    assert (67, 67) not in sizes
    assert sizes


def test_things_of_every_size_find_a_window() -> None:
    network = small()
    _, _, windows = network._numbers(torch.rand(1, 3, 96, 96))
    things = truth((0, 0, 2, 2), (90, 93, 95, 96), (10, 20, 32, 41), (0, 0, 96, 96), (5, 40, 90, 50), (40, 30, 70, 66))
    matches = network._matches(things, windows)
    assert set(matches[matches >= 0].tolist()) == set(range(6))
    overlaps = iou(things.boxes, windows)
    shown = overlaps.amax(0) >= 0.5
    assert bool((matches[shown] == overlaps.argmax(0)[shown]).all())
    assert bool((overlaps.amax(0)[matches == -1] < 0.3).all())


def test_losses_are_those_of_the_heads_on_chosen_windows() -> None:
    """With logits and codes of 0: log of the number of classes, and the squared errors of the windows themselves."""
    network, goal = small(), (4.0, 6.0, 40.0, 44.0)
    for head in (network.classifier.head, network.regressor.head):
        torch.nn.init.zeros_(head[-1].weight)
    terms = network(torch.rand(1, 3, 64, 64), [truth(goal)])
    assert terms["classes"].item() == pytest.approx(torch.tensor(4.0).log().item())
    _, _, windows = network._numbers(torch.rand(1, 3, 64, 64))
    shown = windows[iou(torch.tensor([goal]), windows)[0] >= 0.5]
    errors = (torch.tensor(goal) - shown) / (shown[:, 2:] - shown[:, :2]).repeat(1, 2)
    assert terms["boxes"].item() == pytest.approx(10 * errors.square().sum(1).mean().item(), rel=1e-5)


@pytest.mark.parametrize(
    "truths",
    [
        [truth((4, 4, 30, 28)), truth()],
        [truth(), truth()],
        [truth((47, 0, 48, 1)), truth(*[(n % 40, n // 40, n % 40 + 5, n // 40 + 7) for n in range(1000)])],
    ],
    ids=["one image empty", "all empty", "in the corner, and a thousand"],
)
def test_losses_are_finite_and_the_trunk_learns(truths: list[Truth]) -> None:
    network = small()
    terms = network(torch.rand(2, 3, 48, 48), truths)
    assert terms["classes"].item() > 0
    sum(terms.values()).backward()
    assert all(bool(weight.grad.isfinite().all()) for weight in network.parameters() if weight.grad is not None)
    assert network.backbone[0].conv.weight.grad.any()
    if len(truths[0]):
        assert all(bool(weight.grad.any()) for weight in network.regressor.parameters())


def test_merging_gives_boxes_of_one_class_each() -> None:
    plain, merging = small().eval(), small(merging=True).eval()
    images = torch.rand(2, 3, 48, 48)
    with torch.no_grad():
        before, after = plain(images), merging(images)
    assert after["boxes"].shape[1] < before["boxes"].shape[1]
    assert bool(((after["scores"] > 0).sum(2) <= 1).all())
    assert bool(((after["scores"] >= 0) & (after["scores"] < 1)).all())
    assert set(merging(images, [truth((4, 4, 30, 28)), truth()])) == {"classes", "boxes"}


@pytest.mark.parametrize(("backbone", "stride", "cells"), [("resnet8", 8, 5), ("resnet14_half", 32, 3)])
def test_behind_a_backbone_each_pixel_of_its_map_is_the_middle_of_a_window(
    backbone: str, stride: int, cells: int
) -> None:
    network = small(backbone=backbone).eval()
    assert (network.step, network.window, network.scales[0]) == (stride, stride * cells, 1.0)
    side = network.window + 2 * stride
    with torch.no_grad():
        maps, windows = network.looks(torch.rand(1, 3, side, side))[0]
        assert network.classifier(maps).shape[2:].numel() == len(windows)
    middles = (windows[:, :2] + windows[:, 2:]) / 2
    assert middles[0].tolist() == [stride / 2, stride / 2]
    assert middles[-1].tolist() == [side - stride / 2, side - stride / 2]


@pytest.mark.bad_input
@pytest.mark.parametrize("wrong", [0, 1, "yes", None, ()])
def test_merging_is_true_or_false(wrong: Any) -> None:
    with torch.device("meta"), pytest.raises(BadConfig, match=r"got merging=.*; taken are True and False; choose"):
        overfeat_small(merging=wrong)
