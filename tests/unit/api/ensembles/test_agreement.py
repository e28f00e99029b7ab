"""Models that do not go together, and views that a model cannot be shown, are refused by name."""

from __future__ import annotations

from types import SimpleNamespace

import pytest

import saccade
from saccade.api.ensembles.agreement import ViewsWarning, check_mirrors, check_sizes, check_together, columns_of
from saccade.api.ensembles.views import Views
from saccade.errors import BadConfig
from tiny_predictors import Always, Colour, Fixed, predictor


def test_outputs_are_found_by_the_names_of_their_classes() -> None:
    assert columns_of(predictor(Colour()), ("blue", "red", "green")) == (2, 0, 1)


def test_a_size_that_the_network_takes_is_taken() -> None:
    check_sizes("a", predictor(Colour()), [(4, 4), (7, 9)])
    check_sizes("a", predictor(Fixed(16)), [(4, 4)])


def test_mirror_images_are_odd_for_a_model_that_never_saw_one() -> None:
    with pytest.warns(ViewsWarning, match="got mirror images for a, which was trained without augmentation"):
        check_mirrors("a", {"mirror": True, "augment": "none"})
    check_mirrors("a", {"mirror": True, "augment": "standard"})
    check_mirrors("a", {})


@pytest.mark.bad_input
def test_mirror_images_are_refused_where_training_left_them_out(trained) -> None:
    for views in (Views(flips=True), Views(crops=10)):
        with pytest.raises(BadConfig, match=r"colours, which was trained without them.*take 5 crops instead of 10"):
            saccade.evaluate(trained.run, views=views)
    with pytest.raises(BadConfig, match="trained without them"):
        saccade.ensemble(predictor(Colour(), origin={"mirror": False}), views=Views(flips=True))


@pytest.mark.bad_input
def test_a_size_that_the_network_does_not_take_is_refused() -> None:
    with pytest.raises(BadConfig, match=r"is shown images of 5 × 5 pixels; its network takes 4 × 4, and said: .*mat1"):
        saccade.ensemble(predictor(Fixed(16)), views=Views(scales=(1.0, 1.3)))


@pytest.mark.bad_input
def test_models_of_other_classes_or_tasks_are_refused() -> None:
    colours, cats = predictor(Colour()), predictor(Always(0.5, 0.5), ("cat", "red"))
    with pytest.raises(BadConfig, match="got a and b, of which only one knows blue, cat, green; taken are models of"):
        check_together({"a": colours, "b": cats})
    with pytest.raises(BadConfig, match="got a for classification and b for multi_label"):
        check_together({"a": colours, "b": predictor(Colour(), task="multi_label")})
    boxes = SimpleNamespace(task=SimpleNamespace(name="detection"))
    with pytest.raises(BadConfig, match="a model for detection; taken are those for classification and multi_label"):
        check_together({"a": colours, "b": boxes})
