"""A published network paints a photograph as it painted it elsewhere: TensorFlow's arithmetic, written out beside."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest
import torch
from PIL import Image
from safetensors.torch import load_file
from torch import Tensor
from torch.nn import functional as F

from saccade.architectures.style_network import style_network, style_network_transposed
from saccade.losses.extractor import Extractor
from saccade.losses.perceptual import grams_of, style_distances
from saccade.weights.importers import engstrom_style


def written_out(tensors: dict[str, Tensor], images: Tensor) -> Tensor:
    """The original program, line by line, on levels from 0 to 255."""
    place = iter(range(48))

    def taken() -> Tensor:
        number = next(place)
        return tensors[f"Variable_{number}" if number else "Variable"]

    def normed(x: Tensor) -> Tensor:
        shift, scale = taken(), taken()
        mean, variance = x.mean((2, 3), keepdim=True), x.var((2, 3), unbiased=False, keepdim=True)
        return scale[:, None, None] * (x - mean) / (variance + 1e-3).sqrt() + shift[:, None, None]

    def convolved(x: Tensor, stride: int = 1) -> Tensor:
        filters = taken()
        total = filters.shape[0] - stride  # SAME, of a side that the stride divides
        before = total // 2
        return normed(F.conv2d(F.pad(x, (before, total - before) * 2), filters.permute(3, 2, 0, 1), stride=stride))

    def doubled(x: Tensor) -> Tensor:
        filters, (height, width) = taken(), x.shape[2:]
        whole = F.conv_transpose2d(x, filters.permute(3, 2, 0, 1), stride=2)
        return normed(whole[:, :, : 2 * height, : 2 * width])

    x = convolved(convolved(convolved(images * 255).relu(), 2).relu(), 2).relu()
    for _ in range(5):
        x = x + convolved(convolved(x).relu())
    x = convolved(doubled(doubled(x).relu()).relu())
    return ((torch.tanh(x) * 150 + 127.5) / 255).clamp(0, 1)


@pytest.fixture(scope="module")
def painted(saccade_data: Path) -> tuple[Tensor, Tensor, Tensor]:
    """A photograph, as our network paints it, and as the original program does."""
    tensors = load_file(saccade_data / "weights" / "fast_style" / "wave_tf.safetensors")
    network = style_network_transposed().eval()
    network.load_state_dict(engstrom_style(tensors))
    with Image.open(saccade_data / "style_images" / "neural_style_inputs" / "tubingen.jpg") as file:
        photograph = np.asarray(file.convert("RGB").resize((256, 192)))
    images = torch.from_numpy(photograph.copy()).permute(2, 0, 1)[None] / 255
    with torch.inference_mode():
        return images, network(images)["picture"], written_out(tensors, images)


def test_it_paints_what_the_original_program_paints(painted):
    _, ours, theirs = painted
    torch.testing.assert_close(ours, theirs, atol=2e-3, rtol=0)


def test_what_it_paints_is_nearer_to_the_wave_than_the_photograph_is(painted, saccade_data):
    photograph, ours, _ = painted
    folder = saccade_data / "weights" / "vgg19_normalised_relu3"
    eyes = Extractor("vgg19_normalised", str(folder / "vgg_normalised_conv3_1.safetensors"))
    with Image.open(saccade_data / "style_images" / "fast_style_images" / "wave.jpg") as file:
        wave = torch.from_numpy(np.asarray(file.convert("RGB").resize((256, 182))).copy()).permute(2, 0, 1)[None] / 255
    with torch.inference_mode():
        wanted = grams_of(eyes(wave))
        before, after = (style_distances(eyes(one), wanted).item() for one in (photograph, ours))
    assert after < 0.6 * before


def test_the_usual_form_has_the_names_and_the_size_of_pytorchs_own_example():
    """`TransformerNet` of pytorch/examples, fast_neural_style, without its dead running statistics."""
    with torch.device("meta"):
        state = style_network().state_dict()
    assert sum(value.numel() for value in state.values()) == 1_679_235
    layers = ["conv1.conv2d", "in1", "conv2.conv2d", "in2", "conv3.conv2d", "in3"]
    layers += [f"res{n}.{part}" for n in range(1, 6) for part in ("conv1.conv2d", "in1", "conv2.conv2d", "in2")]
    layers += ["deconv1.conv2d", "in4", "deconv2.conv2d", "in5", "deconv3.conv2d"]
    assert set(state) == {f"{layer}.{part}" for layer in layers for part in ("weight", "bias")}
    assert state["deconv1.conv2d.weight"].shape == (64, 128, 3, 3)
