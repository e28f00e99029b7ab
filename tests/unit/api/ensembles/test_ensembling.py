"""Several models, or several views, as one: numbers that a hand can check."""

from __future__ import annotations

import math

import numpy as np
import pytest
import torch

import saccade
from saccade.api.ensembles.ensembling import Ensemble
from saccade.api.ensembles.views import Views
from saccade.errors import BadConfig, BadImage
from saccade.types.bad_file import BadFile
from tiny_predictors import Always, Colour, Corner, predictor

CATS = ("cat", "dog")
RED, GREEN, BLACK = (255, 0, 0), (0, 255, 0), (0, 0, 0)


@pytest.fixture
def quadrants() -> np.ndarray:
    """Red at the top left and at the bottom left, green at the top right, black at the bottom right."""
    image = np.zeros((8, 8, 3), np.uint8)
    image[:, :4], image[:4, 4:] = RED, GREEN
    return image


def softmax(*logits: float) -> np.ndarray:
    powers = np.exp(np.array(logits))
    return powers / powers.sum()


def test_two_models_that_disagree_are_met_halfway() -> None:
    both = Ensemble({"a": predictor(Always(0.9, 0.1), CATS), "b": predictor(Always(0.4, 0.6), CATS)})
    prediction = both(np.zeros((4, 4, 3), np.uint8))
    assert prediction.label == "cat"
    np.testing.assert_allclose(prediction.probabilities, [0.65, 0.35], atol=1e-6)


def test_classes_go_by_name_whatever_their_order() -> None:
    a, b = predictor(Always(0.9, 0.1), CATS), predictor(Always(0.6, 0.4), CATS[::-1])
    one, other = saccade.ensemble([a, b]), saccade.ensemble([b, a])
    image = np.zeros((4, 4, 3), np.uint8)
    assert (one.labels, other.labels) == (CATS, CATS[::-1])
    np.testing.assert_allclose(one(image).probabilities, [0.65, 0.35], atol=1e-6)
    np.testing.assert_array_equal(other(image).probabilities, one(image).probabilities[::-1])


def test_several_classes_at_once_are_averaged_each_on_its_own() -> None:
    class Logits(torch.nn.Module):
        def forward(self, images):
            return torch.tensor([[0.0, math.log(3)]]).expand(len(images), 2)

    sure = predictor(Logits(), CATS, task="multi_label")
    unsure = predictor(Always(1.0, 1.0), CATS, task="multi_label")  # logits of 0: a half each
    prediction = saccade.ensemble([sure, unsure])(np.zeros((4, 4, 3), np.uint8))
    np.testing.assert_allclose(prediction.probabilities, [0.5, (0.75 + 0.5) / 2], atol=1e-6)
    assert prediction.multi_label


def test_ten_crops_are_averaged_as_by_hand(quadrants) -> None:
    """Each corner crop is one quadrant; the centre holds a quarter of each; mirroring changes no mean colour."""
    model = predictor(Colour(), scaled=(8, 8))
    views = [softmax(1, 0, 0), softmax(0, 1, 0), softmax(1, 0, 0), softmax(0, 0, 0), softmax(0.5, 0.25, 0)]
    for crops in (5, 10):
        prediction = saccade.predict(model, quadrants, views=Views(crops=crops))
        np.testing.assert_allclose(prediction.probabilities, np.mean(views, axis=0), atol=1e-6)


def test_a_picture_and_its_mirror_image_are_averaged_as_by_hand(quadrants) -> None:
    model = predictor(Corner(), size=(8, 8))
    prediction = saccade.predict(model, quadrants, views=Views(flips=True))
    np.testing.assert_allclose(prediction.probabilities, (softmax(1, 0, 0) + softmax(0, 1, 0)) / 2, atol=1e-6)


def test_mirroring_a_symmetrical_picture_changes_nothing(quadrants) -> None:
    symmetrical = np.concatenate([quadrants, quadrants[:, ::-1]], axis=1)
    model = predictor(Corner(), size=(8, 16))
    np.testing.assert_allclose(
        saccade.predict(model, symmetrical, views=Views(flips=True)).probabilities,
        model(symmetrical).probabilities,
        atol=1e-7,
    )


def test_each_model_prepares_pictures_in_its_own_way(quadrants) -> None:
    whole, middle = predictor(Colour(), size=(8, 8)), predictor(Colour(), size=(4, 4), scaled=(8, 8))
    both = saccade.ensemble([whole, middle])
    assert len(both.preparations) == 2
    by_hand = (softmax(0.5, 0.25, 0) + softmax(0.5, 0.25, 0)) / 2
    np.testing.assert_allclose(both(quadrants).probabilities, by_hand, atol=2e-3)
    assert len(saccade.ensemble([whole, whole]).preparations) == 1


def test_a_larger_size_reaches_the_network() -> None:
    class Size(torch.nn.Module):
        def forward(self, images):
            return torch.tensor([[float(images.shape[2]), float(images.shape[3]), 0.0]]).expand(len(images), 3).log1p()

    model = predictor(Size(), size=(4, 8))
    one = saccade.predict(model, np.zeros((8, 8, 3), np.uint8), views=Views(scales=(1.5,)))
    np.testing.assert_allclose(one.probabilities, np.array([7, 13, 1]) / 21, atol=1e-6)  # 1 + 6, 1 + 12, 1 + 0


def test_the_same_model_twice_is_the_model(trained) -> None:
    twice = saccade.ensemble([trained.run, trained.run])
    assert [member.name for member in twice.members] == ["colours", "colours (2)"]
    for mine, alone in zip(twice(trained.photos), trained.predictor(trained.photos), strict=True):
        np.testing.assert_allclose(mine.probabilities, alone.probabilities, atol=1e-6)
        assert mine.key == alone.key


def test_the_order_of_models_does_not_matter(trained) -> None:
    models = [trained.predictor, predictor(Colour(), ("red", "green", "blue")), predictor(Always(0.2, 0.3, 0.5))]
    first, last = (Ensemble(dict(enumerate_names(some)), labels=trained.run.labels) for some in (models, models[::-1]))
    for one, other in zip(first(trained.photos), last(trained.photos), strict=True):
        np.testing.assert_array_equal(one.probabilities, other.probabilities)


def enumerate_names(models):
    return [(str(number), model) for number, model in enumerate(models)]


def test_many_go_through_together_as_one_by_one(trained) -> None:
    views = Views(crops=5, scales=(1.0, 1.5))
    ensemble = saccade.ensemble(trained.predictor, views=views)
    together = ensemble(trained.photos, batch_size=36)
    for one, single in zip(ensemble.stream(trained.photos, batch_size=1), together, strict=True):
        np.testing.assert_allclose(one.probabilities, single.probabilities, atol=1e-6)


def test_what_cannot_be_read_is_named_and_the_rest_done(trained, tmp_path) -> None:
    (tmp_path / "broken.png").write_bytes(b"")
    things = [trained.photos / "red" / "0.png", tmp_path / "broken.png"]
    done = saccade.ensemble([trained.run, trained.run.best])(things)
    assert ([one.label for one in done], [bad.key for bad in done.bad]) == (["red"], [str(things[1])])
    assert isinstance(list(saccade.ensemble([trained.run] * 2).stream(things))[1], BadFile)
    with pytest.raises(BadImage):
        saccade.predict([trained.run, trained.run], tmp_path / "broken.png")


def test_models_are_called_after_their_runs_and_files(trained, tmp_path) -> None:
    exported = trained.run.export(tmp_path / "mine.safetensors")
    ensemble = saccade.ensemble([trained.run.path, trained.run.best, exported, trained.predictor])
    assert [member.name for member in ensemble.members] == ["colours", "colours (2)", "mine", "dcnn"]
    assert list(ensemble.runs) == ["colours"]
    assert "colours, colours (2), mine, dcnn; 3 classes, one view" in repr(ensemble)


def test_an_ensemble_is_given_back_as_it_is() -> None:
    ensemble = saccade.ensemble([predictor(Colour()), predictor(Colour(2))])
    assert saccade.ensemble(ensemble) is ensemble


@pytest.mark.bad_input
def test_what_is_no_model_is_refused() -> None:
    with pytest.raises(BadConfig, match="at least one"):
        saccade.ensemble([])
    with pytest.raises(BadConfig, match="NoneType"):
        saccade.predict([None, None], "a.jpg")
    ensemble = saccade.ensemble([predictor(Colour()), predictor(Colour(2))])
    with pytest.raises(BadConfig, match="type Ensemble"):
        saccade.ensemble(ensemble, views=Views(crops=5))
