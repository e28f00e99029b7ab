"""Painting in a style: what is asked of the network, of the picture and of the eyes that look at both."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np
import pytest
import torch
from PIL import Image
from torch import nn

import saccade
from saccade.api.run import Run
from saccade.api.training import train
from saccade.architectures.lenet import lenet5
from saccade.architectures.style_network import style_network
from saccade.errors import BadConfig, BadImage, BadShape, Interrupted, UnknownName
from saccade.exports.model_file import ModelDescription, save_model
from saccade.layers.normalised import Normalised
from saccade.losses.extractor import Extractor
from saccade.tasks.style import style
from saccade.types.batch import Batch
from saccade.types.preprocessing import Preprocessing
from saccade.weights.files import read_tensors
from two_classes import stop_after

SETTINGS: dict[str, Any] = {
    "epochs": 2,
    "threads": 1,
    "height": 16,
    "width": 16,
    "batch_size": 4,
    "extractor": "resnet8",
}


@pytest.fixture(scope="module")
def place(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Stripes to be painted like, and a folder of pictures, some of them deeper."""
    root, rng = tmp_path_factory.mktemp("style"), np.random.default_rng(0)
    stripes = np.zeros((40, 60, 3), np.uint8)
    stripes[::4] = (250, 180, 20)
    Image.fromarray(stripes).save(root / "stripes.png")
    Image.fromarray(np.full((20, 20, 3), 90, np.uint8)).save(root / "plain.png")
    (root / "broken.jpg").write_text("no picture")
    (root / "photos" / "deep").mkdir(parents=True)
    for number in range(20):
        picture = rng.integers(0, 256, (24, 20, 3), np.uint8)
        Image.fromarray(picture).save(root / "photos" / ("deep" if number % 2 else "") / f"{number}.png")
    return root


def batch(count: int = 2) -> Batch:
    images = torch.rand(count, 3, 16, 16, generator=torch.Generator().manual_seed(0))
    return Batch(images, torch.full((count, 2), 16))


def test_the_terms_are_weighed_and_those_of_no_weight_are_left_out(place):
    painter = style_network(width=2, blocks=1).eval()
    given: dict[str, Any] = {"style_image": str(place / "stripes.png"), "extractor": "resnet8"}
    once = style(**given).loss(painter, batch())
    twice = style(**given, content_weight=2.0, style_weight=15.0, smoothness_weight=0.0).loss(painter, batch())
    assert list(once) == ["content", "style", "smoothness"]
    assert list(twice) == ["content", "style"]
    torch.testing.assert_close(twice["content"], 2 * once["content"])
    torch.testing.assert_close(twice["style"], 3 * once["style"])


def test_the_picture_itself_is_in_its_style_and_has_its_content(place):
    task = style(style_image=str(place / "stripes.png"), extractor="resnet8")
    with Image.open(place / "stripes.png") as file:
        image = torch.from_numpy(np.asarray(file).copy()).permute(2, 0, 1)[None] / 255
    outputs = {"images": image, "picture": image}
    figures = task._judged(outputs)
    assert figures["style_cost"].item() == figures["style_cost_before"].item() == pytest.approx(0, abs=1e-6)
    assert figures["content_cost"].item() == 0
    assert task.score(outputs).item() == pytest.approx(0, abs=1e-6)
    assert task.confidence_in(outputs, task.asked(outputs)).item() == pytest.approx(1)


def test_the_extractor_learns_nothing_and_is_no_part_of_the_network(place):
    task, painter = style(style_image=str(place / "stripes.png"), extractor="resnet8"), style_network(width=2, blocks=1)
    torch.stack(list(task.loss(painter, batch()).values())).sum().backward()
    assert all(parameter.grad is None for parameter in task._eyes.network.parameters())
    assert sum(map(len, task.groups(painter).values())) == len(list(painter.parameters()))


def test_the_maps_of_what_knows_no_classes_are_those_behind_each_relu():
    eyes = Extractor("vgg19_normalised")
    maps = eyes(torch.rand(1, 1, 16, 16))
    assert [tuple(value.shape[1:]) for value in maps.values()] == [
        (64, 16, 16), (64, 16, 16), (128, 8, 8), (128, 8, 8), (256, 4, 4),
    ]  # fmt: skip
    assert eyes.content(maps) is list(maps.values())[3]


def test_a_model_file_of_your_own_can_be_the_extractor(tmp_path):
    network, taken = Normalised(lenet5(), [0.5], [0.25]), Preprocessing((32, 32), 1, (0.5,), (0.25,))
    save_model(tmp_path / "digits.safetensors", network, ModelDescription("lenet5", {}, "classification", (), taken))
    eyes = Extractor(str(tmp_path / "digits.safetensors"))
    assert isinstance(eyes.network, Normalised)
    assert eyes.in_channels == 1


@pytest.mark.bad_input
def test_what_cannot_be_learnt_is_refused_before_anything_is_done(place, tmp_path):
    def refused(kind: type[Exception], told: str, **changes: Any) -> None:
        settings = {**SETTINGS, "style_image": str(place / "stripes.png"), **changes}
        with pytest.raises(kind, match=told):
            train(place / "photos", task="style", settings=settings, out=tmp_path / "run", listeners=[])
        assert not (tmp_path / "run").exists()

    refused(BadConfig, "got no style picture; .*--style-image", style_image="")
    refused(BadConfig, r"got style_image=.*nowhere\.jpg, where no file is", style_image=str(place / "nowhere.jpg"))
    refused(BadConfig, "a picture of one colour; taken are pictures on which", style_image=str(place / "plain.png"))
    refused(BadImage, r"broken\.jpg", style_image=str(place / "broken.jpg"))
    refused(UnknownName, "did you mean 'resnet8'", extractor="resnet9")
    refused(BadConfig, "got weights of an extractor in nothing.safetensors", extractor_weights="nothing.safetensors")
    refused(BadConfig, "takes cycle_weight|taken is it for translation", cycle_weight=3.0)
    refused(BadShape, "8 × 8 or more", height=4, width=4)
    with pytest.raises(BadConfig, match=r"got style_weight=-1"):
        train(place / "photos", task="style", settings={**SETTINGS, "style_weight": -1.0}, listeners=[])
    with pytest.raises(BadConfig) as error:
        style(content_weight=-1, smoothness_weight=float("inf"))
    assert len(str(error.value).splitlines()) == 2
    with pytest.raises(UnknownName, match="got question 'ant'"):
        style().asked({"picture": torch.zeros(1, 3, 8, 8)}, "ant")
    with pytest.raises(BadShape, match="got no picture for images of shape"):
        style(style_image=str(place / "stripes.png"), extractor="resnet8").loss(nn.Identity(), batch())


@pytest.fixture(scope="module")
def runs(place: Path, tmp_path_factory: pytest.TempPathFactory) -> tuple[Run, Run]:
    """One that never stopped, and one that did."""
    out = tmp_path_factory.mktemp("runs")
    settings = {**SETTINGS, "style_image": str(place / "stripes.png")}
    whole = train(place / "photos", task="style", settings=settings, out=out / "whole", listeners=[])
    with pytest.raises(Interrupted):
        train(place / "photos", task="style", settings=settings, out=out / "stopped", listeners=[stop_after(3)])
    return whole, Run(out / "stopped").resume(listeners=[])


def test_a_folder_of_pictures_is_enough_and_a_stopped_run_ends_with_the_same_bits(runs):
    whole, resumed = runs
    assert whole.description["data"]["counts"] == {"train": 16, "val": 2, "test": 2}
    assert whole.description["settings"]["recipe"] == "style"
    one, other = read_tensors(whole.last)[0], read_tensors(resumed.last)[0]
    assert one.keys() == other.keys()
    assert [name for name, value in one.items() if not torch.equal(value, other[name])] == []


def test_it_paints_pictures_of_any_size_and_needs_no_style_picture_for_that(runs):
    painted = saccade.predict(runs[0].best, np.zeros((33, 70, 3), np.uint8), device="cpu")
    assert painted.pixels.shape == (33, 70, 3)
    assert painted.to_dict()["opinion"] is None


def test_a_run_is_judged_by_its_own_picture_and_a_file_says_that_it_has_none(runs):
    numbers = runs[0].evaluate().numbers()
    assert set(numbers) == {"cost", "style_cost", "style_cost_before", "content_cost"}
    assert "that paints in one style" in runs[0].report().read_text()
    with pytest.raises(BadConfig, match="got no style picture"):
        saccade.evaluate(runs[0].best, f"pictures:{Path(runs[0].description['data']['origin']['data'][9:])}")
