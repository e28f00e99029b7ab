"""Every architecture against the recorded reference library, to the printed digits.

Each record that is a form of ours is walked: its keys are taken unmodified. A small form of each family runs always.
"""

from __future__ import annotations

import hashlib
from collections.abc import Callable
from typing import Any

import pytest
import torch
from torch.utils.flop_counter import FlopCounterMode

from saccade import catalog
from saccade.inspect.taps import activations

SAME_NAME = (
    "alexnet", "vgg11", "vgg11_bn", "vgg13", "vgg13_bn", "vgg16", "vgg16_bn", "vgg19", "vgg19_bn",
    "resnet18", "resnet34", "resnet50", "resnet101", "resnet152",
    "squeezenet1_0", "squeezenet1_1", "mobilenet_v2",
    "efficientnet_b0", "efficientnet_b1", "efficientnet_b2", "efficientnet_b3", "efficientnet_b4", "efficientnet_b5",
    "efficientnet_b6", "efficientnet_b7",
    "densenet121", "densenet161", "densenet169", "densenet201",
    "resnext50_32x4d", "resnext101_32x8d", "resnext101_64x4d", "wide_resnet50_2", "wide_resnet101_2",
    "googlenet", "inception_v3",
)  # fmt: skip
RECORDS: dict[str, tuple[str, dict[str, Any]]] = {name: (name, {}) for name in SAME_NAME} | {
    "googlenet_aux": ("googlenet", {"auxiliary": True}),
    "inception_v3_aux": ("inception_v3", {"auxiliary": True}),
    "timm_mobilenetv1_100": ("mobilenet_v1", {}),
    "timm_resnet50": ("resnet50", {}),
    "timm_seresnet50": ("se_resnet50", {}),
    "timm_legacy_seresnet50": ("se_resnet50_paper", {}),
    "timm_legacy_seresnext50_32x4d": ("se_resnext50_32x4d", {}),
    "timm_legacy_senet154": ("senet154", {}),
}
"""Of each record, the name that the architecture has here, and how it is called."""
ALWAYS = (
    "resnet18",
    "alexnet",
    "vgg11",
    "squeezenet1_1",
    "googlenet",
    "timm_mobilenetv1_100",
    "mobilenet_v2",
    "efficientnet_b0",
    "densenet121",
    "resnext50_32x4d",
    "timm_legacy_seresnet50",
)
ELSEWHERE: dict[str, dict[str, str]] = {
    "timm_mobilenetv1_100": {"bn1": "act1", "conv_head": "blocks.4", "global_pool": "avgpool"},
    "timm_resnet50": {"global_pool": "avgpool"},
    "timm_seresnet50": {"global_pool": "avgpool"},
    "timm_legacy_seresnet50": {"global_pool": "avgpool"},
    "timm_legacy_seresnext50_32x4d": {"global_pool": "avgpool"},
    "timm_legacy_senet154": {"global_pool": "avgpool"},
}
"""Of some records, the layers whose outputs those of other names here are."""
every_one = pytest.mark.parametrize("name", RECORDS)
most_under_full = pytest.mark.parametrize(
    "name", [pytest.param(name, marks=() if name in ALWAYS else pytest.mark.full) for name in RECORDS]
)


def make(name: str) -> torch.nn.Module:
    ours, arguments = RECORDS[name]
    return catalog.find("architectures", ours)(**arguments).eval()


def filled(name: str, oracle: Any) -> torch.nn.Module:
    network = make(name)
    network.load_state_dict(oracle.state)
    return network


@every_one
def test_names_shapes_and_counts_are_the_published_ones(name: str, oracle: Callable[[str], Any]) -> None:
    record = oracle(name).record
    with torch.device("meta"), torch.no_grad(), FlopCounterMode(display=False) as counter:
        network = make(name)
        network(torch.empty(1, 3, record["native_size"], record["native_size"]))
    own = [
        [key, list(value.shape), str(value.dtype).removeprefix("torch.")] for key, value in network.state_dict().items()
    ]
    assert own == [[key, shape, kind] for key, shape, kind, _ in record["state_dict"]]
    assert sum(weight.numel() for weight in network.parameters()) == record["parameters"]
    assert counter.get_total_flops() == 2 * record["macs"]


@most_under_full
def test_logits_and_features_agree_to_the_printed_digits_in_double(name: str, oracle: Callable[[str], Any]) -> None:
    reference = oracle(name)
    digest = hashlib.sha256(b"".join(value.numpy().tobytes() for value in reference.state.values()))
    assert digest.hexdigest() == reference.record["fill_sha256"], "the weights differ, not the model"
    assert hashlib.sha256(reference.images().numpy().tobytes()).hexdigest() == reference.record["input"]["sha256"]
    network = filled(name, reference).double()
    features: dict[str, Any] = reference.record["features"]
    layers = {layer: ELSEWHERE.get(name, {}).get(layer, layer) for layer in features}
    found = activations(network, reference.images().double(), [*layers.values(), ""])
    torch.testing.assert_close(found[""], torch.tensor(reference.record["logits_f64"]).double(), rtol=1e-6, atol=1e-5)
    for layer, expected in features.items():
        values = found[layers[layer]].flatten()
        assert values.numel() == torch.Size(expected["shape"]).numel()
        assert values.norm().item() == pytest.approx(expected["l2"], rel=1e-8)
        assert values.mean().item() == pytest.approx(expected["mean"], rel=1e-6, abs=1e-9)
        assert values[:4].tolist() == pytest.approx(expected["first"], rel=1e-7, abs=1e-8)
        assert values[-4:].tolist() == pytest.approx(expected["last"], rel=1e-7, abs=1e-8)


@most_under_full
def test_logits_of_an_odd_size_agree(name: str, oracle: Callable[[str], Any]) -> None:
    reference, expected = oracle(name), oracle(name).record["blocks"]
    assert hashlib.sha256(reference.blocks().numpy().tobytes()).hexdigest() == expected["sha256"]
    with torch.no_grad():
        logits = filled(name, reference).double()(reference.blocks().double())[0]
    assert logits[:32].tolist() == pytest.approx(expected["first32"], rel=1e-6, abs=1e-6)
    assert logits.norm().item() == pytest.approx(expected["l2"], rel=1e-8)
    assert logits.argmax().item() == expected["argmax"]


@most_under_full
def test_single_precision_stays_within_the_recorded_error(name: str, oracle: Callable[[str], Any]) -> None:
    reference = oracle(name)
    expected = torch.tensor(reference.record["logits_f64"]).double()
    network = filled(name, reference)
    for memory_format in (torch.contiguous_format, torch.channels_last):
        with torch.no_grad():
            logits = network.to(memory_format=memory_format)(reference.images().contiguous(memory_format=memory_format))
        error = (logits.double() - expected).abs().max() / expected.abs().max()
        assert error < 30 * reference.record["stats"]["f32_vs_f64_max_rel"]
