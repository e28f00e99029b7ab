"""The blocks against the recorded reference library: names and shapes of published weights, and what they compute.

From the images on, the first stages of each network are put together from our blocks and compared with the record.
"""

from __future__ import annotations

from collections import OrderedDict
from collections.abc import Callable
from dataclasses import replace
from functools import partial
from typing import Any

import pytest
import torch
from torch import nn

from saccade.layers.convolution import ConvNorm, conv_norm_activation
from saccade.layers.dense_block import DenseBlock, DenseTransition
from saccade.layers.fire import Fire
from saccade.layers.inception import Inception, InceptionWidths
from saccade.layers.inverted_residual import InvertedResidual, MobileBottleneck
from saccade.layers.residual import BasicBlock, Bottleneck, PaperBottleneck, WideProjectionBottleneck
from saccade.layers.separable import DepthwiseSeparable
from saccade.layers.squeeze_excitation import SqueezeExcitation

Maker = Callable[[], nn.Module]


class LegacyBottleneck(PaperBottleneck):
    attention_name = "se_module"


resnext = partial(Bottleneck, groups=32, width_per_group=4)
senet = partial(WideProjectionBottleneck, groups=64, width_per_group=4, attention=SqueezeExcitation)
BLOCKS: dict[tuple[str, str], Maker] = {
    ("resnet18", "layer2.0"): lambda: BasicBlock(64, 128, stride=2),
    ("resnet50", "layer2.0"): lambda: Bottleneck(256, 128, stride=2),
    ("wide_resnet50_2", "layer2.0"): lambda: Bottleneck(256, 128, stride=2, width_per_group=128),
    ("resnext50_32x4d", "layer1.0"): lambda: resnext(64, 64),
    ("resnext50_32x4d", "layer4.0"): lambda: resnext(1024, 512, stride=2),
    ("resnext101_64x4d", "layer3.0"): lambda: Bottleneck(512, 256, stride=2, groups=64, width_per_group=4),
    ("resnext101_32x8d", "layer3.1"): lambda: Bottleneck(1024, 256, groups=32, width_per_group=8),
    ("timm_seresnet50", "layer3.0"): lambda: Bottleneck(512, 256, stride=2, attention=SqueezeExcitation),
    ("timm_legacy_seresnet50", "layer2.1"): lambda: LegacyBottleneck(512, 128, attention=SqueezeExcitation),
    ("timm_legacy_senet154", "layer1.0"): lambda: senet(128, 64),
    ("timm_legacy_senet154", "layer2.0"): lambda: senet(256, 128, stride=2),
    ("googlenet", "inception4b"): lambda: Inception(512, InceptionWidths(160, 112, 224, 24, 64, 64), largest=3),
    ("densenet121", "features.denseblock2"): lambda: DenseBlock(128, depth=12),
    ("densenet161", "features.denseblock1"): lambda: DenseBlock(96, depth=6, growth_rate=48),
    ("densenet121", "features.transition3"): lambda: DenseTransition(1024),
    ("squeezenet1_0", "features.4"): lambda: Fire(128, 16, expand1x1_channels=64, expand3x3_channels=64),
    ("mobilenet_v2", "features.0"): lambda: conv_norm_activation(3, 32, stride=2, activation=nn.ReLU6),
    ("mobilenet_v2", "features.1"): lambda: InvertedResidual(32, 16, expansion=1),
    ("mobilenet_v2", "features.4"): lambda: InvertedResidual(24, 32, stride=2),
    ("efficientnet_b0", "features.1.0"): lambda: MobileBottleneck(32, 16, expansion=1),
    ("efficientnet_b0", "features.3.0"): lambda: MobileBottleneck(24, 40, kernel_size=5, stride=2),
    ("timm_mobilenetv1_100", "blocks.1.0"): lambda: DepthwiseSeparable(64, 128, stride=2),
}


@pytest.mark.parametrize(("name", "prefix"), BLOCKS)
def test_names_and_shapes_of_a_block_are_the_published_ones(
    name: str, prefix: str, oracle: Callable[[str], Any]
) -> None:
    with torch.device("meta"):
        block = BLOCKS[name, prefix]()
    recorded = [
        (key.removeprefix(f"{prefix}."), tuple(shape))
        for key, shape, _, _ in oracle(name).record["state_dict"]
        if key.startswith(f"{prefix}.")
    ]
    assert [(key, tuple(value.shape)) for key, value in block.state_dict().items()] == recorded


def stem(kernel_size: int = 7) -> nn.Sequential:
    return nn.Sequential(
        nn.Conv2d(3, 64, kernel_size, stride=2, padding=kernel_size // 2, bias=False), nn.BatchNorm2d(64), nn.ReLU()
    )


def senet_stem() -> nn.Sequential:
    return nn.Sequential(
        OrderedDict(
            conv1=nn.Conv2d(3, 64, 3, stride=2, padding=1, bias=False), bn1=nn.BatchNorm2d(64), relu1=nn.ReLU(),
            conv2=nn.Conv2d(64, 64, 3, padding=1, bias=False), bn2=nn.BatchNorm2d(64), relu2=nn.ReLU(),
            conv3=nn.Conv2d(64, 128, 3, padding=1, bias=False), bn3=nn.BatchNorm2d(128), relu3=nn.ReLU(),
        )
    )  # fmt: skip


STARTS: dict[str, list[tuple[str, Maker, dict[str, str]]]] = {
    "googlenet": [
        ("conv1", lambda: ConvNorm(3, 64, kernel_size=7, stride=2, padding=3), {}),
        ("maxpool1", lambda: nn.MaxPool2d(3, 2, ceil_mode=True), {}),
        ("conv2", lambda: ConvNorm(64, 64, kernel_size=1), {}),
        ("conv3", lambda: ConvNorm(64, 192, kernel_size=3, padding=1), {}),
        ("maxpool2", lambda: nn.MaxPool2d(3, 2, ceil_mode=True), {}),
        ("inception3a", lambda: Inception(192, InceptionWidths(64, 96, 128, 16, 32, 32), largest=3), {}),
    ],
    "densenet121": [
        ("", stem, {"0": "features.conv0", "1": "features.norm0"}),
        ("features.pool0", lambda: nn.MaxPool2d(3, 2, padding=1), {}),
        ("features.denseblock1", lambda: DenseBlock(64, depth=6), {}),
        ("features.transition1", lambda: DenseTransition(256), {}),
    ],
    "squeezenet1_0": [
        ("features.0", lambda: nn.Conv2d(3, 96, 7, stride=2), {}),
        ("features.1", nn.ReLU, {}),
        ("features.2", lambda: nn.MaxPool2d(3, 2, ceil_mode=True), {}),
        ("features.3", lambda: Fire(96, 16, expand1x1_channels=64, expand3x3_channels=64), {}),
        ("features.4", lambda: Fire(128, 16, expand1x1_channels=64, expand3x3_channels=64), {}),
    ],
    "mobilenet_v2": [
        ("features.0", lambda: conv_norm_activation(3, 32, stride=2, activation=nn.ReLU6), {}),
        ("features.1", lambda: InvertedResidual(32, 16, expansion=1), {}),
        ("features.2", lambda: InvertedResidual(16, 24, stride=2), {}),
        ("features.3", lambda: InvertedResidual(24, 24), {}),
    ],
    "efficientnet_b0": [
        ("features.0", lambda: conv_norm_activation(3, 32, stride=2, activation=nn.SiLU), {}),
        ("features.1", lambda: nn.Sequential(MobileBottleneck(32, 16, expansion=1)), {}),
        ("features.2", lambda: nn.Sequential(MobileBottleneck(16, 24, stride=2), MobileBottleneck(24, 24)), {}),
    ],
    "resnext50_32x4d": [
        ("", stem, {"0": "conv1", "1": "bn1"}),
        ("maxpool", lambda: nn.MaxPool2d(3, 2, padding=1), {}),
        ("layer1.0", lambda: resnext(64, 64), {}),
    ],
    "timm_seresnet50": [
        ("", stem, {"0": "conv1", "1": "bn1"}),
        ("maxpool", lambda: nn.MaxPool2d(3, 2, padding=1), {}),
        ("layer1.0", lambda: Bottleneck(64, 64, attention=SqueezeExcitation), {}),
    ],
    "timm_legacy_senet154": [
        ("layer0", senet_stem, {}),
        ("", lambda: nn.MaxPool2d(3, 2, ceil_mode=True), {}),
        ("layer1", lambda: nn.Sequential(senet(128, 64), senet(256, 64), senet(256, 64)), {}),
        ("layer2.0", lambda: senet(256, 128, stride=2), {}),
    ],
    "timm_mobilenetv1_100": [
        ("", lambda: conv_norm_activation(3, 32, stride=2, activation=nn.ReLU6), {"0": "conv_stem", "1": "bn1"}),
        ("blocks.0", lambda: nn.Sequential(DepthwiseSeparable(32, 64)), {}),
        ("blocks.1", lambda: nn.Sequential(DepthwiseSeparable(64, 128, stride=2), DepthwiseSeparable(128, 128)), {}),
    ],
}
"""For each network its first parts: the name in the record, the part, and names inside where the record has no part."""


def recorded_names(part: str, module: nn.Module, inside: dict[str, str]) -> dict[str, str]:
    """What the record calls each entry of the module's state dict."""

    def recorded(key: str) -> str:
        first, _, rest = key.partition(".")
        return f"{inside[first]}.{rest}" if inside else f"{part}.{key}"

    return {key: recorded(key) for key in module.state_dict()}


def part_of(reference: Any, names: set[str]) -> Any:
    """The same record with only some of its weights, since filling a hundred million of them takes a while."""
    entries = [entry for entry in reference.record["state_dict"] if entry[0] in names]
    return replace(reference, record=reference.record | {"state_dict": entries})


@pytest.mark.parametrize("name", STARTS)
def test_first_stages_made_of_our_blocks_compute_what_was_recorded(name: str, oracle: Callable[[str], Any]) -> None:
    reference = oracle(name)
    x, features = reference.images().double(), reference.record["features"]
    for part, make, inside in STARTS[name]:
        module = make()
        names = recorded_names(part, module, inside)
        state = part_of(reference, set(names.values())).state
        module.load_state_dict({ours: state[theirs] for ours, theirs in names.items()})
        with torch.no_grad():
            x = module.eval().double()(x)
        if part in features:
            expected = features[part]
            assert list(x.shape) == expected["shape"]
            assert x.norm().item() == pytest.approx(expected["l2"], rel=1e-8)
            assert x.mean().item() == pytest.approx(expected["mean"], rel=1e-6, abs=1e-9)
            assert x.flatten()[:4].tolist() == pytest.approx(expected["first"], rel=1e-7, abs=1e-8)
            assert x.flatten()[-4:].tolist() == pytest.approx(expected["last"], rel=1e-7, abs=1e-8)
    assert STARTS[name][-1][0] in features
