"""From what a caller said to settings, a network, and changes of the images."""

from __future__ import annotations

import pytest

from saccade.api.choosing import read_settings, recipe_model, training_changes
from saccade.data.augmentations.mixing import AtFirst, Mosaic
from saccade.errors import BadConfig
from saccade.training.settings import TrainingSettings

SETTINGS = TrainingSettings()


def test_settings_are_made_of_whatever_is_given():
    assert read_settings(None, None) == TrainingSettings()
    assert read_settings({"epochs": 3}, None).epochs == 3
    assert read_settings(TrainingSettings(epochs=3, seed=5), 4) == TrainingSettings(epochs=4, seed=5)


def test_a_recipe_says_what_the_settings_do_not():
    fast = read_settings("fast", None)
    assert (fast.recipe, fast.batch_size, fast.bias_rate) == ("fast", 1024, 64.0)
    own = read_settings({"recipe": "fast", "batch_size": 32}, 5)
    assert (own.batch_size, own.epochs, own.optimizer) == (32, 5, "nesterov")
    assert read_settings(fast, None) == fast
    assert read_settings(fast.to_dict(), None) == fast


def test_a_recipe_may_name_its_network():
    fast = read_settings("fast", None)
    assert recipe_model(None, fast) == "airbench94"
    assert recipe_model("lenet5", fast) == "lenet5"
    assert recipe_model(None, read_settings("paper:resnet50", None)) == "resnet50"
    assert recipe_model(None, read_settings("accurate", None)) == recipe_model(None, SETTINGS) == "resnet18"


def test_the_settings_say_how_training_images_are_changed():
    fast = [type(one).__name__ for one in training_changes(read_settings("fast", None))]
    assert fast == ["PaddedCrop", "AlternatingMirror"]
    assert training_changes(read_settings("paper:lenet5", None)) == ()


@pytest.mark.bad_input
def test_settings_that_only_name_a_recipe_are_refused():
    with pytest.raises(BadConfig, match=r"got TrainingSettings\(recipe='fast'\), which has none of its values; taken"):
        read_settings(TrainingSettings(recipe="fast", epochs=3), None)
    with pytest.raises(BadConfig, match="got recipe 'fasst'"):
        read_settings("fasst", None)
    with pytest.raises(BadConfig, match="got settings of type int"):
        read_settings(5, None)  # pyright: ignore[reportArgumentType]


def test_where_no_recipe_is_named_a_task_has_its_usual_one():
    boxes = read_settings(None, None, "detection")
    assert (boxes.recipe, boxes.fit, boxes.mixing) == ("detection", "pad", "mosaic")
    assert recipe_model(None, boxes) == "yolo_nano"
    own = read_settings({"fit": "crop", "batch_size": 3}, 7, "detection")
    assert (own.recipe, own.fit, own.batch_size, own.epochs, own.mixing) == ("detection", "crop", 3, 7, "mosaic")
    said = read_settings(TrainingSettings(batch_size=3), None, "detection")
    assert (said.batch_size, said.fit, said.recipe) == (3, "pad", "detection")
    assert read_settings("accurate", None, "detection").recipe == "accurate"
    assert read_settings(None, None, "classification") == SETTINGS
    assert read_settings(boxes.to_dict(), None, "detection") == boxes


def test_the_last_epochs_do_not_mix():
    changes = training_changes(TrainingSettings(epochs=10, mixing="mosaic", unmixed_epochs=3, augment="none"))
    assert changes == (AtFirst(Mosaic(), 7),)
    assert training_changes(TrainingSettings(mixing="mosaic", augment="none")) == (Mosaic(),)
