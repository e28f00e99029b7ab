"""Receptive fields that a hand or a paper can check, and what cannot be told."""

from __future__ import annotations

import pytest
import torch
import torch.nn.functional as F
from torch import Tensor, nn

from saccade.architectures.resnet import resnet18, resnet50, resnet50_paper
from saccade.inspect.layer_table import layer_table
from saccade.inspect.receptive_field import ReceptiveField
from saccade.ops.receptive_field import Window, receptive_fields

CONV = nn.Conv2d


def last(network: nn.Module, size: tuple[int, int] = (32, 32), **more: int) -> ReceptiveField:
    return layer_table(network, size, **more).rows[-1].fields[0]


def words(network: nn.Module, size: tuple[int, int] = (32, 32), **more: int) -> tuple[str, str, str]:
    return last(network, size, **more).words()


class Does(nn.Module):
    """A functional step behind a 3×3 convolution."""

    def __init__(self, step) -> None:
        super().__init__()
        self.conv, self.step = CONV(3, 4, 3, stride=2, padding=1), step
        self.own = nn.Parameter(torch.zeros(1))  # so that it always has a row

    def forward(self, images: Tensor) -> object:
        return self.step(self.conv(images))


def after(step, size: tuple[int, int] = (32, 32)) -> list[tuple[str, str, str]]:
    return [field.words() for field in layer_table(Does(step), size).rows[0].fields]


@pytest.mark.parametrize(("network", "field"), [(resnet18, 435), (resnet50, 427), (resnet50_paper, 483)])
def test_the_fields_of_residual_networks_are_those_published(network, field) -> None:
    with torch.device("meta"):
        rows = layer_table(network(), (224, 224)).rows
    found = next(row.fields[0] for row in reversed(rows) if row.name.startswith("layer4"))
    assert (found.height.field, found.width.field, found.height.jump, found.height.start) == (field, field, 32, 0.5)
    assert rows[-1].fields[0].words() == ("all", "–", "–")


def alexnet() -> tuple[nn.Module, list[Window]]:
    windows = [Window(11, 4, 2), Window(3, 2), Window(5, 1, 2), Window(3, 2), *[Window(3, 1, 1)] * 3, Window(3, 2)]
    return sequence(windows, pools={1, 3, 7}), windows


def vgg16() -> tuple[nn.Module, list[Window]]:
    windows = [window for count in (2, 2, 3, 3, 3) for window in [*[Window(3, 1, 1)] * count, Window(2, 2)]]
    return sequence(windows, pools={2, 5, 9, 13, 17}), windows


def sequence(windows: list[Window], *, pools: set[int]) -> nn.Module:
    return nn.Sequential(*[
        nn.MaxPool2d(size, stride, padding) if place in pools else CONV(3, 3, size, stride, padding)
        for place, (size, stride, padding, _) in enumerate(windows)
    ])  # fmt: skip


@pytest.mark.parametrize(("make", "field"), [(alexnet, 195), (vgg16, 212)])
def test_a_line_of_layers_is_as_the_arithmetic_says(make, field) -> None:
    network, windows = make()
    rows = layer_table(network, (224, 224)).rows
    assert rows[-1].fields[0].height.field == field
    for row, wanted in zip(rows, receptive_fields(windows, size=224), strict=True):
        found = row.fields[0].width
        assert (found.field, found.jump, found.start) == (wanted.field, wanted.jump, wanted.start)


def test_height_and_width_are_told_apart() -> None:
    assert words(CONV(3, 4, (3, 5), stride=(1, 2), padding=(0, 2))) == ("3×5", "1×2", "1.5×0.5")


def test_a_transposed_convolution_sees_what_its_kernel_reaches() -> None:
    # one output of two by two lies on one or two of the inputs that are 2 pixels apart and see 3
    assert words(nn.Sequential(CONV(3, 4, 3, 2), nn.ConvTranspose2d(4, 4, 3, 2))) == ("5", "1", "0.5")


def test_enlargement_divides_the_jump() -> None:
    assert after(lambda x: F.interpolate(x, scale_factor=2.0)) == [("3", "1", "0.5")]
    assert after(lambda x: F.interpolate(x, scale_factor=2.0, mode="bilinear")) == [("5", "1", "-0.5")]
    assert after(lambda x: F.pixel_shuffle(x, 2)) == [("3", "1", "0.5")]


def test_what_mixes_the_whole_map_sees_the_whole_image() -> None:
    assert after(lambda x: x.mean((2, 3))) == [("all", "–", "–")]
    assert after(lambda x: x * torch.sigmoid(F.adaptive_avg_pool2d(x, 1))) == [("all", "2", "0.5")]
    assert after(lambda x: F.group_norm(x, 2)) == [("all", "2", "0.5")]
    assert after(lambda x: F.linear(x.flatten(1), torch.ones(3, 4 * 16 * 16))) == [("all", "–", "–")]
    assert after(lambda x: F.softmax(x.flatten(2), -1) @ x.flatten(2).mT) == [("all", "–", "–")]


def test_what_a_valid_convolution_leaves_out_is_not_seen() -> None:
    assert words(nn.Sequential(CONV(3, 1, 4, 4), nn.Flatten(), nn.Linear(64, 2)), (34, 32)) == ("32×all", "–", "16×–")


def test_moving_elements_about_changes_no_field() -> None:
    assert after(lambda x: x.permute(0, 2, 3, 1).contiguous()) == [("3", "2", "0.5")]
    assert after(lambda x: x.flatten(2).transpose(1, 2).unflatten(1, (16, 16))) == [("3", "2", "0.5")]
    assert after(lambda x: x[:, [0, 2, 1]].chunk(3, 1)) == [("3", "2", "0.5")] * 3
    assert after(lambda x: [x[..., 1::2, 3:], x.flip(3)]) == [("3", "4×2", "2.5×6.5"), ("3", "2×-2", "0.5×30.5")]
    assert after(lambda x: torch.cat([x, x.relu()], 1)) == [("3", "2", "0.5")]


def test_writing_into_a_part_is_seen_in_the_whole() -> None:
    def written(x: Tensor) -> Tensor:
        whole = torch.zeros(1, 8, 16, 16)
        whole[:, 2:6] = x
        return whole

    assert after(written) == [("3", "2", "0.5")]


def test_all_kinds_of_padding_are_the_same() -> None:
    for kind in ("zeros", "reflect", "replicate", "circular"):
        assert words(CONV(3, 4, 5, padding=2, padding_mode=kind)) == ("5", "1", "0.5")


def test_constants_see_nothing() -> None:
    assert after(lambda x: [torch.ones(3), torch.arange(2) + 1]) == [("–", "–", "–")] * 2


def test_what_cannot_be_followed_is_unknown_and_all_behind_it() -> None:
    assert after(lambda x: torch.roll(x, 3, 2)) == [("?×3", "–×2", "–×0.5")]
    assert after(lambda x: F.grid_sample(x, torch.zeros(1, 5, 5, 2), align_corners=False)) == [("?", "–", "–")]
    assert after(lambda x: F.conv2d(torch.fft.fft2(x).real, torch.ones(1, 4, 3, 3))) == [("?", "–", "–")]
    assert after(lambda x: x.reshape(1, 4, 4, 4, 4, 4)) == [("?", "–", "–")]


class Tokens(nn.Module):
    def __init__(self) -> None:
        super().__init__()
        self.patches, self.attention = CONV(3, 8, 4, 4), nn.MultiheadAttention(8, 2, batch_first=True)

    def forward(self, images: Tensor) -> tuple[Tensor, Tensor]:
        tokens = self.patches(images).flatten(2).transpose(1, 2)
        return tokens, self.attention(tokens, tokens, tokens)[0]


def test_tokens_see_their_patch_and_after_attention_everything() -> None:
    rows = layer_table(Tokens(), (32, 32)).rows
    assert [(row.name, row.fields[0].words()) for row in rows[:2]] == [
        ("patches", ("4", "4", "2")), ("attention", ("all", "4", "2")),
    ]  # fmt: skip
