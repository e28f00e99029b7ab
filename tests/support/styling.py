"""Style transfer written out slowly, and small networks for its tests."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import torch
from torch import Tensor, nn


def small(seed: int = 0) -> nn.Sequential:
    """A plain network of fixed random weights: relu1_1, relu1_2, relu2_1 are its layers 1, 3 and 6."""
    torch.manual_seed(seed)
    return nn.Sequential(
        nn.Conv2d(3, 8, 3, padding=1), nn.ReLU(), nn.Conv2d(8, 8, 3, padding=1), nn.ReLU(inplace=True),
        nn.MaxPool2d(2), nn.Conv2d(8, 12, 3, padding=1), nn.ReLU(),
    ).eval()  # fmt: skip


def unpadded(seed: int = 0) -> nn.Sequential:
    """A network with strides and without padding, as SqueezeNet begins."""
    torch.manual_seed(seed)
    return nn.Sequential(
        nn.Conv2d(3, 6, 7, stride=2), nn.ReLU(), nn.MaxPool2d(3, 2, ceil_mode=True), nn.Conv2d(6, 8, 5), nn.ReLU()
    ).eval()


def drawn(seed: int, height: int, width: int, dtype: torch.dtype = torch.float64) -> Tensor:
    """A picture of noise."""
    return torch.rand(1, 3, height, width, generator=torch.Generator().manual_seed(seed), dtype=dtype)


def striped(height: int, width: int, dtype: torch.dtype = torch.float32) -> Tensor:
    """A picture of slanted stripes in two colours."""
    rows, columns = torch.arange(height)[:, None], torch.arange(width)
    light = ((rows + 2 * columns) % 12 < 6).to(dtype)
    return torch.stack([light, 0.3 + 0.2 * light, 1 - light])[None].clone()


def maps_of(network: nn.Sequential, picture: Tensor, layers: Sequence[str]) -> dict[str, Tensor]:
    """(channels, rows, columns) of each layer: its parts are run one after another."""
    found, now = {}, picture
    for name, part in network.named_children():
        now = part(now)
        if name in layers:
            found[name] = now[0].clone()
    return found


def gram(maps: Tensor) -> Tensor:
    """G_kk' = Σ_ij a_ijk a_ijk', one number at a time."""
    return torch.stack([torch.stack([(one * other).sum() for other in maps]) for one in maps])


def transcribed(
    network: nn.Sequential,
    pictures: tuple[Tensor, Tensor, Tensor],
    content: Sequence[str],
    style: Mapping[str, float],
    weights: tuple[float, float, float],
    *,
    form: str = "mean",
    even: bool = False,
) -> tuple[Tensor, Tensor, Tensor]:
    """α J_content, β Σ λ J_style and the smoothness of (content, style, picture), as the notes have them.

    J_content = Σ (a_C − a_G)² / (4 n_H n_W n_C), or ½ Σ (a_C − a_G)²; J_style = Σ (G_S − G_G)² / (2 n_H n_W n_C)²,
    where the Gram matrix of a style picture with other n_H n_W counts as if it had as many places. Even: each layer
    over what it costs where it gives zeros.
    """
    layers = [*content, *style]
    kept, wanted, made = (maps_of(network, picture, layers) for picture in pictures)
    total_content, total_style = torch.zeros(()), torch.zeros(())

    def content_cost(here: Tensor, there: Tensor) -> Tensor:
        squares = (here - there).square().sum()
        return squares / 2 if form == "sum" else squares / (4 * here.numel())

    for name in content:
        unit = content_cost(torch.zeros_like(kept[name]), kept[name]) if even else 1.0
        total_content = total_content + content_cost(made[name], kept[name]) / unit
    for name, share in style.items():
        channels, height, width = made[name].shape
        places = wanted[name].shape[1] * wanted[name].shape[2]
        goal = gram(wanted[name]) * (height * width / places)
        price = (2 * height * width * channels) ** 2
        unit = goal.square().sum() / price if even else 1.0
        total_style = total_style + share * (gram(made[name]) - goal).square().sum() / price / unit
    picture = pictures[2]
    right = picture[:, :, :-1, 1:] - picture[:, :, :-1, :-1]
    below = picture[:, :, 1:, :-1] - picture[:, :, :-1, :-1]
    rough = (right**2 + below**2 + 1e-8).sqrt().mean()
    return weights[0] * total_content, weights[1] * total_style, weights[2] * rough
