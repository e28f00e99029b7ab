"""Style transfer in the eyes of VGG, on the pictures that everybody uses for it."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
import torch
from torch import Tensor

from saccade.api.imagining.restyling import compare_descents, restyle
from saccade.api.imagining.seeing import Eyes, eyes_of
from saccade.imagine.making.likeness import Likeness, Wanted
from styling import transcribed

STYLE = {"3": 0.5, "10": 0.25, "17": 0.25}  # relu1_1, relu2_1, relu3_1


@pytest.fixture(scope="module")
def eyes(saccade_data: Path) -> Eyes:
    return eyes_of(
        "vgg19_normalised",
        weights=saccade_data / "weights" / "vgg19_normalised_relu3" / "vgg_normalised_conv3_1.safetensors",
        device="cpu",
    )


@pytest.fixture(scope="module")
def folder(saccade_data: Path) -> Path:
    return saccade_data / "style_images" / "neural_style_inputs"


def picture(eyes: Eyes, path: Path, side: int = 64) -> Tensor:
    return eyes.picture(path, side).contiguous()


def measured(eyes: Eyes, pictures: tuple[Tensor, Tensor], **more: Any) -> Likeness:
    """α = β = 1, no layer in units of its own."""
    return Likeness(eyes.network, Wanted(("17",), STYLE, even=False), content=pictures[0], style=pictures[1], **more)


@pytest.mark.parametrize("side", [0, 24])
def test_the_cost_is_that_of_the_formulas(eyes: Eyes, folder: Path, side: int) -> None:
    content, style = picture(eyes, folder / "tubingen.jpg"), picture(eyes, folder / "starry_night.jpg")
    made = torch.rand(content.shape, generator=torch.Generator().manual_seed(0)).requires_grad_()
    terms, gradient = measured(eyes, (content, style), side=side)(made)
    costs = transcribed(eyes.network, (content, style, made), ("17",), STYLE, (1.0, 1.0, 0.0))  # pyright: ignore[reportArgumentType]
    assert terms["content"] == pytest.approx(costs[0].item(), rel=1e-4)
    assert terms["style"] == pytest.approx(costs[1].item(), rel=1e-4)
    (found,) = torch.autograd.grad(costs[0] + costs[1], made)
    torch.testing.assert_close(gradient, found, rtol=1e-3, atol=1e-4 * found.abs().max().item())


def test_lbfgs_needs_fewer_passes_than_adam(eyes: Eyes, folder: Path) -> None:
    both = compare_descents(
        folder / "tubingen.jpg", folder / "starry_night.jpg", model=eyes, settings={"side": 64, "steps": 60}
    )
    assert both.passes is not None
    assert both.passes <= 45
    assert min(both.adam.values) < 0.1 * both.adam.values[0]


def test_the_style_comes_and_the_content_stays(eyes: Eyes, folder: Path) -> None:
    content, style = picture(eyes, folder / "tubingen.jpg"), picture(eyes, folder / "starry_night.jpg")
    unrelated = picture(eyes, folder / "the_scream.jpg", 200)[:, :, : content.shape[2], : content.shape[3]]
    cost = measured(eyes, (content, style))
    before, other = cost(content)[0], cost(unrelated)[0]
    found = restyle(
        folder / "tubingen.jpg", folder / "starry_night.jpg", model=eyes, settings={"side": 64, "steps": 60}
    )
    after = cost(torch.from_numpy(found.pixels).permute(2, 0, 1)[None])[0]
    assert after["style"] < before["style"] / 10
    assert after["content"] < other["content"]


@pytest.mark.full
def test_a_larger_picture_in_tiles_coarse_to_fine_is_that_without_tiles(eyes: Eyes, folder: Path) -> None:
    settings = {"side": 160, "steps": 30, "scales": 2, "optimizer": "adam"}
    whole, tiled = (
        restyle(
            folder / "tubingen.jpg", folder / "starry_night.jpg", model=eyes, settings={**settings, "memory": memory}
        )
        for memory in (0, 20)
    )
    assert any("tiles" in note for note in tiled.notes)
    assert not any("tiles" in note for note in whole.notes)
    assert tiled.values == pytest.approx(whole.values, rel=1e-2)
