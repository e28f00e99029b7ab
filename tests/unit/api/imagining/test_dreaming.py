"""The verb from Python: models, modules, pictures in any form, what is wrong."""

from __future__ import annotations

import json
from pathlib import Path

import numpy as np
import pytest
import torch
from PIL import Image
from torch import nn

import saccade
from saccade.api.imagining.seeing import eyes_of
from saccade.api.imagining.watching import Onlooker, write_picture
from saccade.errors import BadConfig, BadImage, BadShape, UnknownName
from tiny_predictors import Colour, predictor

QUICK = {"steps": 40, "jitter": 0, "scales": 0.0}


def test_a_class_model_is_classified_as_its_class_and_says_what_it_is() -> None:
    model = predictor(Colour(strength=10), size=(16, 16))
    made = saccade.dream(model, method="class_model", about="green", settings={**QUICK, "basis": "pixels"})
    assert str(made).startswith("class_model of green; a module of your own; 40 steps from zeros")
    assert saccade.predict(model, np.rint(made.pixels * 255).astype(np.uint8)).label == "green"
    assert made.pixels[..., 1].mean() > 0.9
    assert made.pixels[..., 0].mean() < 0.1
    told = json.loads(json.dumps(made.to_dict()))
    assert (told["size"], told["whole"], len(told["values"])) == ([16, 16], True, 40)


def test_real_weights_see_the_class_in_its_model(saccade_data: Path) -> None:
    file = saccade_data / "weights" / "squeezenet1_1_fp16" / "squeezenet1_1_fp16.safetensors"
    model = saccade.load("squeezenet1_1", weights=file)
    made = saccade.dream(model, method="class_model", about="flamingo", settings={"steps": 32})
    found = saccade.predict(model, np.rint(made.pixels * 255).astype(np.uint8))
    assert found.label == "flamingo"
    assert found.confidence > 0.9


def test_any_module_dreams_by_a_function_of_what_it_gives() -> None:
    network = nn.Sequential(nn.Conv2d(1, 1, 1, bias=False), nn.Flatten())
    nn.init.constant_(network[0].weight, -1.0)
    made = saccade.dream(
        network, method="class_model", about=lambda outputs: outputs[:, 0], settings={**QUICK, "side": 8}
    )
    assert made.pixels[0, 0, 0] < 0.1
    assert made.pixels.shape == (8, 8, 1)


def test_a_picture_keeps_its_shape_and_large_ones_are_shrunk() -> None:
    network = nn.Sequential(nn.Conv2d(3, 4, 3, padding=1), nn.ReLU())
    picture = np.random.default_rng(0).integers(0, 255, (40, 60, 3), np.uint8)
    quick = {"octaves": 1, "steps": 1}
    assert saccade.dream(network, picture, settings=quick).pixels.shape == (40, 60, 3)
    assert saccade.dream(network, picture, settings={**quick, "side": 30}).pixels.shape == (20, 30, 3)
    guided = saccade.dream(network, picture, about=picture[::-1], settings=quick)
    assert guided.title == "deep_dream of a guide"


def test_who_looks_on_gets_a_preview_and_frames(tmp_path: Path) -> None:
    network = nn.Sequential(nn.Conv2d(3, 4, 3), nn.ReLU())
    with Onlooker(preview=tmp_path / "now.png", frames=tmp_path / "on the way", every=2) as watch:
        saccade.dream(network, method="feature_visualisation", settings={"steps": 5, "side": 16}, watch=watch)
    assert sorted(path.name for path in (tmp_path / "on the way").iterdir()) == [f"{n:05d}.png" for n in (1, 2, 3)]
    with Image.open(tmp_path / "now.png") as last, Image.open(tmp_path / "on the way" / "00003.png") as frame:
        assert np.array_equal(np.asarray(last), np.asarray(frame))


def test_a_picture_file_says_how_it_was_made(tmp_path: Path) -> None:
    network = nn.Sequential(nn.Conv2d(3, 4, 3), nn.ReLU())
    made = saccade.dream(network, method="feature_visualisation", settings={"steps": 1, "side": 16})
    write_picture(tmp_path / "a.png", made.draw(), made.described())
    with Image.open(tmp_path / "a.png") as file:
        assert file.info["Title"] == "feature_visualisation"
        assert json.loads(file.info["Description"])["settings"]["steps"] == 1
    assert made.captioned().height > made.draw().height


def test_a_network_without_classes_is_opened_by_name_with_weights(saccade_data: Path) -> None:
    file = saccade_data / "weights" / "vgg19_normalised_relu3" / "vgg_normalised_conv3_1.safetensors"
    eyes = eyes_of("vgg19_normalised", weights=file)
    picture = np.random.default_rng(0).integers(0, 255, (32, 32, 3), np.uint8)
    made = saccade.dream(eyes, picture, method="inversion", settings={"layer": "10", "steps": 30})
    assert made.notes[0] == "vgg19_normalised"
    assert made.values[-1] < 0.5 * made.values[0]


@pytest.mark.bad_input
def test_what_is_wrong_is_said(tmp_path: Path) -> None:
    model, network = predictor(Colour(), size=(8, 8)), nn.Sequential(nn.Conv2d(3, 4, 3), nn.ReLU())
    for told, arguments in (
        ("got no picture for deep_dream", {}),
        ("got no class for class_model", {"method": "class_model"}),
        ("which makes one from nothing", {"method": "class_model", "about": 1, "image": np.zeros((9, 9, 3), np.uint8)}),
        ("got something to dream of", {"method": "feature_visualisation", "about": 3}),
        ("got side=4", {"method": "feature_visualisation", "settings": {"side": 4}}),
        ("got setting 'step'", {"method": "class_model", "about": 1, "settings": {"step": 4}}),
    ):
        with pytest.raises(BadConfig, match=told):
            saccade.dream(model, **arguments)
    with pytest.raises(UnknownName, match="purple"):
        saccade.dream(model, method="class_model", about="purple")
    with pytest.raises(UnknownName, match="deep_dream"):
        saccade.dream(model, method="deep_dram")
    with pytest.raises(BadConfig, match="gives no logits"):
        saccade.dream(network, method="class_model", about=1, settings={"side": 8})
    with pytest.raises(BadConfig, match="got vgg19_normalised without weights"):
        saccade.dream("vgg19_normalised", np.zeros((9, 9, 3), np.uint8))
    with pytest.raises(BadImage):
        saccade.dream(network, tmp_path / "none.png")
    with pytest.raises(BadConfig, match="got every=0"):
        Onlooker(every=0)
    with pytest.raises(BadConfig, match="got the preview"):
        Onlooker(preview="a.gif")
    with pytest.raises(BadConfig, match="taken are names that end in"):
        write_picture(tmp_path / "a.bmp", Image.new("RGB", (2, 2)))


@pytest.mark.bad_input
def test_a_picture_smaller_than_the_kernel_is_said() -> None:
    network = nn.Sequential(nn.Conv2d(3, 4, 7), nn.ReLU())
    with pytest.raises(BadShape, match="got a picture of 5 × 5 pixels"):
        saccade.dream(network, np.zeros((5, 5, 3), np.uint8), settings={"steps": 1})


def test_what_gives_no_gradient_is_said_not_guessed() -> None:
    network = nn.Sequential(nn.Conv2d(3, 3, 1), nn.Flatten())

    def hard(outputs: torch.Tensor) -> torch.Tensor:
        return outputs.argmax(1).float()

    with pytest.raises(BadConfig, match="no gradient"):
        saccade.dream(network, method="class_model", about=hard, settings={"side": 8})
