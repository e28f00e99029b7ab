"""The verb predict where the answer is a picture: as large as it came, of the kind that is wanted."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np
import pytest
import torch
from PIL import Image

import saccade
from saccade.api.building import as_they_are
from saccade.api.kinds import arguments_of, refuse_other_kind
from saccade.api.picture_making import PictureMaker
from saccade.api.predictor import Predictor
from saccade.architectures.cycle_gan import cycle_gan_small
from saccade.errors import BadConfig, BadImage, UnknownName
from saccade.exports.model_file import ModelDescription, save_model
from saccade.layers.normalised import Normalised

THIN = {"in_channels": 3, "generator_width": 2, "blocks": 1, "critic_width": 2}


@pytest.fixture(scope="module")
def model(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A translator between horses and zebras that knows neither."""
    torch.manual_seed(0)
    network = Normalised(cycle_gan_small(**THIN), [0.0] * 3, [1.0] * 3)
    path = tmp_path_factory.mktemp("model") / "horses.safetensors"
    taken = as_they_are((32, 32), 3, "crop")
    save_model(path, network, ModelDescription("cycle_gan_small", THIN, "translation", ("horse", "zebra"), taken))
    return path


@pytest.fixture
def predictor(model: Path) -> Predictor:
    return saccade.load(model, device="cpu")


def picture(height: int, width: int, seed: int = 0) -> np.ndarray:
    return np.random.default_rng(seed).integers(0, 256, (height, width, 3), np.uint8)


def test_a_picture_keeps_its_size(predictor):
    assert isinstance(predictor, PictureMaker)
    for size in ((40, 61), (32, 32), (99, 24)):
        made = predictor(picture(*size))
        assert made.pixels.shape == (*size, 3)
        assert made.image.shape == (*size, 3)


def test_many_pictures_of_many_sizes_come_in_their_order_and_as_if_alone(predictor):
    several = [picture(40, 40, 1), picture(30, 50, 2), picture(40, 40, 3), picture(24, 24, 4)]
    together = predictor(several)
    for one, given in zip(together, several, strict=True):
        assert one.pixels.shape == given.shape
        assert np.abs(one.pixels.astype(int) - predictor(given).pixels.astype(int)).max() <= 1


def test_the_kind_that_is_wanted_is_made(predictor, model):
    given = picture(30, 30)
    zebra, horse = predictor(given), predictor.to("horse")(given)
    assert (zebra.kind, horse.kind) == ("zebra", "horse")
    assert not np.array_equal(zebra.pixels, horse.pixels)
    assert np.array_equal(saccade.predict(model, given, to="horse", device="cpu").pixels, horse.pixels)
    with torch.inference_mode():
        images = torch.from_numpy(given).permute(2, 0, 1)[None] / 255
        wanted = predictor.network.network.translated(images, "b")[0].permute(1, 2, 0) * 255  # pyright: ignore
    assert np.abs(zebra.pixels - wanted.numpy()).max() <= 0.51


def test_the_other_direction_is_not_computed(predictor, monkeypatch):
    asked = []
    bare: Any = predictor.network.network
    monkeypatch.setattr(bare, "translated", lambda images, kind: (asked.append(kind), images)[1])
    predictor(picture(30, 30))
    predictor.to("horse")(picture(30, 30))
    assert asked == ["b", "a"]


def test_grey_pictures_and_those_with_opacity_are_taken(predictor):
    assert predictor(picture(30, 30)[..., :1]).pixels.shape == (30, 30, 3)
    assert predictor(np.dstack([picture(30, 30), np.full((30, 30), 255, np.uint8)])).pixels.shape == (30, 30, 3)


def test_drawings_are_the_pictures_themselves(predictor, tmp_path):
    from saccade.api.drawings import Drawings

    Image.fromarray(picture(50, 70)).save(tmp_path / "a.png")
    path = Drawings(tmp_path / "out", predictor.shown).add(predictor(tmp_path / "a.png"))
    with Image.open(path) as drawn:
        assert drawn.size == (70, 50)


@pytest.mark.bad_input
def test_what_cannot_be_made_is_refused_in_words(predictor, model):
    with pytest.raises(BadImage, match=r"20 × 40 pixels; cycle_gan_small takes 24 × 24 or more"):
        predictor(picture(20, 40))
    with pytest.raises(UnknownName, match=r"got kind of pictures 'zebr'; .*zebra"):
        predictor.to("zebr")
    with pytest.raises(BadConfig, match=r"got confidence=0\.5 for a model for translation"):
        saccade.predict(model, picture(30, 30), confidence=0.5)
    with pytest.raises(BadConfig, match=r"got horses, a model for translation; .*; use it alone"):
        saccade.predict([model, model], picture(30, 30), to="horse")


def test_an_architecture_that_makes_pictures_knows_no_classes():
    assert arguments_of("cycle_gan", in_channels=1) == {"in_channels": 1}
    assert saccade.create("cycle_gan_small").in_channels == 3
    refuse_other_kind("cycle_gan", "translation")
    refuse_other_kind(cycle_gan_small(**THIN), "translation")


@pytest.mark.bad_input
def test_networks_and_tasks_that_do_not_go_together_are_refused():
    for model, task, told in (
        ("resnet18", "translation", "names classes, for translation; .*; take cycle_gan"),
        ("yolo_nano", "translation", "finds boxes, for translation"),
        ("cycle_gan", "classification", "translates between two kinds of pictures, for classification"),
        ("cycle_gan", "detection", "for detection; .*; take yolo_nano"),
        ("conv 4 3, gap", "translation", "names classes, for translation"),
        (torch.nn.Identity(), "translation", "got a Identity, made for no pictures, for translation"),
        (cycle_gan_small(**THIN), "classification", "got a Translator, made for translation, for classification"),
    ):
        with pytest.raises(BadConfig, match=told):
            refuse_other_kind(model, task)
    with pytest.raises(BadConfig, match=r"got num_classes=3 for 'cycle_gan', which knows no classes"):
        saccade.create("cycle_gan", num_classes=3)
