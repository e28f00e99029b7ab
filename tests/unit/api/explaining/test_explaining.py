"""The verb explain: what is asked, where the map lies on the picture, models of every kind."""

from __future__ import annotations

import json

import numpy as np
import pytest
import torch
from PIL import Image
from torch import Tensor, nn

import saccade
from explaining import reused
from saccade.api.explaining.explainer import About
from saccade.api.explaining.explaining import explainer
from saccade.api.explaining.files import ExplanationFiles
from saccade.errors import BadConfig, BadData, BadImage, BadLabel, BadShape, UnknownName
from saccade.tasks.detection import DetectionTask
from saccade.types.bad_file import BadFile
from saccade.types.explanation import Explanation
from tiny_predictors import Colour, Corner, predictor

GREY = np.full((12, 8, 3), 128, np.uint8)


class Spot(nn.Module):
    """A detector of two candidates: the first is as sure as the pixel in the middle of its box is bright."""

    def forward(self, images: Tensor) -> dict[str, Tensor]:
        batch, sure = len(images), images[:, 0, 2, 2]
        boxes = torch.tensor([[1.0, 1, 4, 4], [0.0, 0, 1, 1]]).repeat(batch, 1, 1)
        boxes[:, 0, 0] += images[:, 1, 3, 3]
        scores = torch.stack([torch.stack([sure, 0 * sure], 1), torch.full((batch, 2), 0.3)], 1)
        return {"boxes": boxes, "scores": scores}


def spot(size: tuple[int, int] = (6, 6)) -> saccade.Predictor:
    found = predictor(Spot(), ("cat", "dog"), size=size, task="detection")
    assert isinstance(found.task, DetectionTask)
    return found


def test_the_likeliest_class_is_asked_about_unless_one_is_named():
    red = np.full((4, 4, 3), (200, 100, 0), np.uint8)
    found = saccade.explain(predictor(Colour()), red, method="gradient")
    assert isinstance(found, Explanation)
    assert (str(found.asked), found.score) == ("red", pytest.approx(200 / 255))
    assert found.confidence == pytest.approx(1 / (1 + np.exp(-100 / 255) + np.exp(-200 / 255)))
    np.testing.assert_allclose(found.heat, 1 / 16)
    assert str(saccade.explain(predictor(Colour()), red, method="gradient", about="blue").asked) == "blue"
    assert str(saccade.explain(predictor(Colour()), red, method="gradient", about=1).asked) == "green"


def test_the_map_lies_where_the_picture_lay():
    """A picture of 12 × 8 whose middle is cut: the network's first pixel is the picture's at row 2, column 0."""
    found = saccade.explain(predictor(Corner(), size=(8, 8)), GREY, method="gradient", about="red")
    assert found.heat.shape == (12, 8)
    assert [tuple(one) for one in np.argwhere(found.heat > 0)] == [(2, 0)]
    larger = saccade.explain(predictor(Corner(), size=(4, 4)), GREY, method="gradient", about="red")
    assert larger.heat[2:4, 0:2].min() > 0.5  # the middle of a pixel of the network lies between four of the picture
    assert larger.heat[6:].max() == larger.heat[:1].max() == 0


def test_many_pictures_come_in_order_and_bad_ones_are_named(tmp_path):
    Image.fromarray(GREY).save(tmp_path / "a.png")
    (tmp_path / "b.png").write_bytes(b"no picture")
    Image.fromarray(GREY).save(tmp_path / "c.png")
    found = saccade.explain(predictor(Colour()), tmp_path, method="occlusion")
    assert [type(one) for one in found] == [Explanation, BadFile, Explanation]
    assert [one.key.rsplit("/", 1)[-1] for one in found] == ["a.png", "b.png", "c.png"]


def test_a_box_of_a_detector_is_asked_about_and_one_side_of_it():
    picture = np.full((6, 6, 3), 200, np.uint8)
    sure = saccade.explain(spot(), picture, method="gradient")
    assert (str(sure.asked), sure.confidence) == ("cat", pytest.approx(200 / 255))
    assert sure.box == pytest.approx((1 + 200 / 255, 1, 4, 4))
    assert [tuple(one) for one in np.argwhere(sure.heat > 0)] == [(2, 2)]
    left = saccade.explain(spot(), picture, method="gradient", about=About(side="left"))
    assert str(left.asked) == "left side of cat"
    assert left.score == pytest.approx(1 + 200 / 255)
    assert [tuple(one) for one in np.argwhere(left.heat > 0)] == [(3, 3)]
    second = saccade.explain(spot(), picture, method="occlusion", about=About(box=1), settings={"window": 1})
    assert second.box == pytest.approx((0, 0, 1, 1))
    assert not second.heat.any()


def test_any_box_of_a_class_may_be_asked_about_in_pixels_of_the_picture():
    """Of half of its candidate's area, on a picture twice as large as the network's."""
    picture = np.full((12, 12, 3), 200, np.uint8)
    found = saccade.explain(spot(), picture, method="gradient", about=About("cat", (2, 2, 4, 4)))
    whole = (4 - 1 - 200 / 255) * 3
    assert found.box == pytest.approx((2, 2, 4, 4))
    overlap = (2 - 1 - 200 / 255) * 1
    assert found.confidence == pytest.approx(200 / 255 * overlap / (whole + 1 - overlap))


class Found(nn.Module):
    """A model that finds one thing: surely there, in the middle, half as large as the image, and a dog."""

    def forward(self, images: Tensor) -> Tensor:
        return images.mean((1, 2, 3))[:, None] * 0 + torch.tensor([9.0, 0.5, 0.5, 0.5, 0.5, 0, 9])


def test_a_model_that_finds_one_thing_shows_its_box():
    model = predictor(Found(), ("cat", "dog"), size=(8, 8), task="localisation")
    found = saccade.explain(model, np.full((16, 16, 3), 9, np.uint8), method="occlusion")
    assert found.box == pytest.approx((4, 4, 12, 12), abs=0.1)


def test_a_class_that_a_detector_does_not_show_is_asked_about_all_the_same():
    found = saccade.explain(spot(), np.zeros((6, 6, 3), np.uint8), method="occlusion", about="dog")
    assert (str(found.asked), found.confidence) == ("dog", pytest.approx(0.3))


def test_any_module_is_explained_and_is_as_it_was():
    network = reused()
    images = torch.rand(2, 3, 12, 12)
    first, second = saccade.explain(network, images, method="grad_cam", about=2, check=True)
    assert network.training
    assert (str(first.asked), first.heat.shape) == ("2", (12, 12))
    assert first.faithfulness is not None
    assert second.notes == ("layer relu",)
    one = saccade.explain(network, images[0], method="rise", about=lambda logits: logits[:, 0] - logits[:, 1])
    assert isinstance(one, Explanation)


def test_it_can_be_drawn_written_and_cut_out(tmp_path):
    bright = np.zeros((40, 40, 3), np.uint8)
    bright[10:30, 10:30] = (220, 40, 40)
    bright += np.random.default_rng(0).integers(0, 20, bright.shape, dtype=np.uint8)
    found = saccade.explain(predictor(Colour(), size=(40, 40)), bright, method="occlusion", about="red", check=True)
    drawn = found.draw()
    assert drawn.width > 2 * 160
    assert found._repr_png_().startswith(b"\x89PNG")
    cut = found.segment()
    assert cut[12:28, 12:28].mean() > 0.9
    assert cut[:6].mean() < 0.3
    files = ExplanationFiles(tmp_path / "out", several=True)
    assert [files.write(found).name for _ in range(2)] == ["image 0-occlusion.png", "image 0-occlusion-2.png"]
    told = json.loads(ExplanationFiles(tmp_path / "a.json", several=False).write(found).read_text())
    assert told["faithfulness"]["problems"] == found.faithfulness.problems
    assert np.load(ExplanationFiles(tmp_path / "a.npy", several=False).write(found)).shape == (40, 40)
    with Image.open(files.cut_out(found, tmp_path / "cut.png")) as picture:
        assert picture.mode == "RGBA"


def test_wide_pictures_stand_below_each_other_and_large_ones_are_made_smaller():
    wide = saccade.explain(predictor(Colour()), np.zeros((100, 400, 3), np.uint8), method="occlusion").draw()
    assert wide.width == 400
    assert wide.height > 200
    large = saccade.explain(predictor(Colour()), np.zeros((2400, 2400, 3), np.uint8), method="gradient").draw()
    assert large.width < 3 * 1200 + 100


def test_the_same_is_said_again_under_a_seed():
    wished = explainer(predictor(Colour()), method="rise", about="red", seed=4)
    picture = np.random.default_rng(1).integers(0, 255, (4, 4, 3), dtype=np.uint8)
    np.testing.assert_array_equal(wished(picture).heat, wished(picture).heat)


@pytest.mark.bad_input
@pytest.mark.parametrize(
    ("given", "error", "message"),
    [
        ({"method": "gradcam"}, UnknownName, "did you mean 'grad_cam'"),
        ({"about": "rde"}, UnknownName, "did you mean 'red'"),
        ({"about": 7}, BadLabel, "taken are 0 to 2"),
        ({"settings": {"layr": "x"}}, BadConfig, "did you mean 'layer'"),
        ({"about": About(box=1)}, BadConfig, "for detectors"),
        ({"about": About(side="left")}, BadConfig, "models that find boxes"),
        ({"about": len}, BadConfig, "got a function"),
        ({"images": "nothere.png"}, BadImage, "nothere"),
        ({"method": "grad_cam"}, BadConfig, "use gradient, occlusion or rise"),
    ],
    ids=str,
)
def test_what_cannot_be_asked_is_refused(given, error, message):
    with pytest.raises(error, match=message):
        saccade.explain(predictor(Colour()), **{"images": GREY, **given})


@pytest.mark.bad_input
def test_what_a_detector_and_a_module_do_not_take_is_refused(tmp_path):
    with pytest.raises(BadConfig, match=r"got box 5 of .*, in which 3 are shown; taken are 0 to 2"):
        saccade.explain(spot(), np.full((6, 6, 3), 200, np.uint8), method="gradient", about=About(box=5))
    with pytest.raises(BadConfig, match="got box=-1"):
        About(box=-1)
    with pytest.raises(BadConfig, match="of class None; taken are four numbers, and a class"):
        About(box=(0.0, 0.0, 1.0, 1.0))
    with pytest.raises(BadConfig, match="batch_size=0"):
        list(explainer(predictor(Colour()), method="gradient").stream([GREY], batch_size=0))
    with pytest.raises(BadConfig, match="got side 'lft'"):
        saccade.explain(spot(), GREY, method="gradient", about=About(side="lft"))
    with pytest.raises(UnknownName, match="cat"):
        saccade.explain(spot(), GREY, method="gradient", about="cta")
    with pytest.raises(BadShape, match="type str for a module"):
        saccade.explain(reused(), "photo.jpg")
    with pytest.raises(BadConfig, match=r"give that as about: about=lambda"):
        saccade.explain(nn.Identity(), torch.rand(1, 3, 4, 4))
    with pytest.raises(BadConfig, match="a function of what it gives"):
        saccade.explain(reused(), torch.rand(1, 3, 12, 12), about=About(box=1))
    with pytest.raises(BadShape, match="got a score of shape"):
        saccade.explain(reused(), torch.rand(1, 3, 12, 12), method="gradient", about=lambda logits: logits)
    with pytest.raises(BadConfig, match="for several images"):
        ExplanationFiles("a.png", several=True)
    with pytest.raises(BadConfig, match=r"\.png, \.npy, \.json"):
        ExplanationFiles("a.gif", several=False)
    flat = saccade.explain(predictor(Colour()), GREY, method="gradient")
    flat.heat[:] = 0
    with pytest.raises(BadData, match="same nearly everywhere"):
        flat.segment()
