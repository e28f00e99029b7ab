"""Recipes: every one is whole, can be read, and gives way to what is said otherwise."""

from __future__ import annotations

import dataclasses
import json

import pytest

from saccade import catalog
from saccade.errors import BadConfig, UnknownName
from saccade.training.recipes import Recipe, expanded, find_recipe, recipes, unread
from saccade.training.settings import TrainingSettings

FAMILIES = {
    "airbench94", "alexnet", "densenet121", "efficientnet_b0", "googlenet", "inception_v3", "lenet5", "mobilenet_v1",
    "mobilenet_v2", "nin", "resnet50", "resnet20", "resnext50_32x4d", "senet154", "squeezenet1_0", "vgg16",
    "wide_resnet50_2",
}  # fmt: skip


@pytest.mark.parametrize("name", recipes())
def test_each_recipe_is_whole(name):
    recipe = find_recipe(name)
    settings = recipe.training()
    assert (recipe.name, settings.recipe) == (name, name)
    assert recipe.about
    assert recipe.source
    assert all(getattr(settings, setting) == value for setting, value in recipe.settings.items())
    assert recipe.model == "" or recipe.model in catalog.offers("architectures")
    assert json.loads(json.dumps(recipe.to_dict()))["name"] == name
    assert not unread(settings)


def test_each_family_has_what_its_paper_says():
    assert {f"paper:{name}" for name in FAMILIES} <= recipes().keys()
    assert "paper:dcnn" not in recipes()


def test_a_recipe_of_a_file_is_for_all_of_its_names():
    one, other = find_recipe("paper:resnet18"), find_recipe("paper:resnet152")
    assert one.settings == other.settings
    assert (one.model, other.model) == ("resnet18", "resnet152")


def test_numbers_of_papers():
    resnet = find_recipe("paper:resnet50").settings
    assert (resnet["batch_size"], resnet["learning_rate"], resnet["weight_decay"]) == (256, 0.1, 1e-4)
    assert resnet["epochs"] == pytest.approx(256 * 600_000 / 1_281_167, abs=0.5)
    small = find_recipe("paper:resnet20").settings
    assert small["epochs"] == pytest.approx(64_000 * 128 / 45_000, abs=0.1)
    squeeze = find_recipe("paper:squeezenet1_0").settings
    assert squeeze["batch_size"] * squeeze["accumulate"] == 512
    assert squeeze["epochs"] == pytest.approx(170_000 * 512 / 1_281_167, abs=0.5)
    vgg = find_recipe("paper:vgg16").settings
    assert vgg["epochs"] == pytest.approx(370_000 * 256 / 1_281_167, abs=0.1)


def test_a_recipe_cannot_be_changed():
    recipe = find_recipe("fast")
    with pytest.raises(dataclasses.FrozenInstanceError):
        recipe.name = "slow"  # pyright: ignore[reportAttributeAccessIssue]
    with pytest.raises(TypeError):
        recipe.settings["epochs"] = 1  # pyright: ignore[reportIndexIssue]


def test_what_is_said_goes_before_what_the_recipe_says():
    assert find_recipe("fast").training({"batch_size": 8}).batch_size == 8
    told = expanded({"recipe": "fast", "epochs": 3, "optimizer": "adamw"})
    assert (told["epochs"], told["optimizer"], told["bias_rate"]) == (3, "adamw", 64.0)
    assert expanded({"epochs": 3}) == {"epochs": 3}


def test_the_description_of_a_run_stays_as_it_is_even_of_a_recipe_that_is_gone():
    recorded = {**TrainingSettings().to_dict(), "recipe": "gone"}
    assert expanded(recorded) == recorded


@pytest.mark.bad_input
def test_an_unknown_recipe_is_answered_with_the_nearest():
    with pytest.raises(UnknownName, match=r"got recipe 'fasst'; taken are .* names; did you mean 'fast'\?"):
        expanded({"recipe": "fasst"})


@pytest.mark.bad_input
def test_a_recipe_with_a_wrong_value_is_refused():
    with pytest.raises(BadConfig, match="got setting 'epoch'"):
        Recipe("mine", "for nothing", {"epoch": 1}, "ours")


def test_settings_with_only_the_name_of_a_recipe_are_known():
    assert unread(TrainingSettings(recipe="fast", batch_size=8))
    assert not unread(TrainingSettings())
    assert not unread(dataclasses.replace(find_recipe("fast").training(), batch_size=64, epochs=10))
