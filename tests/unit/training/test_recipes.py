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

MOMENTUM, NESTEROV = (
    {"optimizer": "momentum", "momentum": 0.9, "rate_decay": 0.1},
    {"optimizer": "nesterov", "momentum": 0.9, "rate_decay": 0.1, "decay_all": True},
)
TENSORFLOW = {"optimizer": "rmsprop", "square_decay": 0.9, "momentum": 0.9, "learning_rate": 0.045, "epsilon": 1.0}

TOLD = {
    # arXiv 2404.00498, section 3, and airbench94.py in KellerJordan/cifar10-airbench
    "airbench94": {"batch_size": 1024, "momentum": 0.85, "bias_rate": 64.0, "label_smoothing": 0.2, "lookahead": 5},
    # Krizhevsky et al. 2012, section 5
    "alexnet": {
        "optimizer": "momentum", "momentum": 0.9, "batch_size": 128, "learning_rate": 0.01, "weight_decay": 0.0005,
        "epochs": 90,
    },
    # arXiv 1608.06993, section 4.2
    "densenet121": {
        **NESTEROV, "batch_size": 256, "learning_rate": 0.1, "weight_decay": 0.0001, "epochs": 90,
        "milestones": (30, 60),
    },
    # arXiv 1905.11946, section 5.2; main.py and utils.py, models/official/efficientnet in tensorflow/tpu
    "efficientnet_b0": {
        "optimizer": "rmsprop", "square_decay": 0.9, "momentum": 0.9, "learning_rate": 0.256, "weight_decay": 0.00001,
        "rate_decay": 0.97, "decay_epochs": 2.4, "epochs": 350, "warmup_epochs": 5.0, "label_smoothing": 0.1,
        "ema_decay": 0.9999,
    },
    # arXiv 1409.4842, section 6; models/bvlc_googlenet/solver.prototxt in BVLC/caffe
    "googlenet": {
        "optimizer": "momentum", "momentum": 0.9, "rate_decay": 0.96, "decay_epochs": 8.0, "learning_rate": 0.01,
        "weight_decay": 0.0002,
    },
    # arXiv 1512.00567, sections 7 and 8; research/slim/train_image_classifier.py in tensorflow/models
    "inception_v3": {
        **TENSORFLOW, "batch_size": 32, "epochs": 100, "rate_decay": 0.94, "decay_epochs": 2.0, "clip_norm": 2.0,
        "label_smoothing": 0.1, "weight_decay": 0.00004,
    },
    # LeCun et al. 1998, section III B
    "lenet5": {"optimizer": "sgd", "batch_size": 1, "learning_rate": 0.0005, "epochs": 20, "milestones": (2, 5, 8, 12)},
    # research/slim/nets/mobilenet_v1_train.py in tensorflow/models
    "mobilenet_v1": {**TENSORFLOW, "batch_size": 64, "rate_decay": 0.94, "decay_epochs": 2.5, "weight_decay": 0.00004},
    # arXiv 1801.04381, section 6.1; research/slim/nets/mobilenet/README.md in tensorflow/models
    "mobilenet_v2": {
        **TENSORFLOW, "batch_size": 96, "rate_decay": 0.98, "decay_epochs": 1.0, "weight_decay": 0.00004,
        "label_smoothing": 0.1, "ema_decay": 0.9999,
    },
    # arXiv 1312.4400, section 4; README.md and NIN/cifar-100_params in mavenlin/cuda-convnet
    "nin": {**MOMENTUM, "batch_size": 128, "learning_rate": 0.02, "weight_decay": 0.0005, "augment": "none"},
    # arXiv 1512.03385, section 3.4; train.lua in facebookarchive/fb.resnet.torch
    "resnet50": {
        **MOMENTUM, "batch_size": 256, "learning_rate": 0.1, "weight_decay": 0.0001, "milestones": (30, 60, 90),
    },
    # arXiv 1512.03385, section 4.2
    "resnet20": {
        "optimizer": "momentum", "momentum": 0.9, "batch_size": 128, "learning_rate": 0.1, "weight_decay": 0.0001,
        "schedule": "step", "mirror": True, "crop_rate": 4 / 32,
    },
    # arXiv 1611.05431, section 4; opts.lua and train.lua in facebookresearch/ResNeXt
    "resnext50_32x4d": {
        **NESTEROV, "batch_size": 256, "learning_rate": 0.1, "weight_decay": 0.0001, "epochs": 100,
        "milestones": (30, 60, 90),
    },
    # arXiv 1709.01507, section 5; issue 37 of hujie-frank/SENet
    "senet154": {
        **MOMENTUM, "batch_size": 1024, "learning_rate": 0.6, "weight_decay": 0.0001, "epochs": 100,
        "milestones": (30, 60, 90),
    },
    # arXiv 1602.07360, section 3.3; README.md and train_val.prototxt in forresti/SqueezeNet
    "squeezenet1_0": {
        "optimizer": "momentum", "momentum": 0.9, "learning_rate": 0.04, "schedule": "linear", "weight_decay": 0.0002,
        "decay_all": True, "mirror": False, "height": 227,
    },
    # arXiv 1409.1556, section 3.1
    "vgg16": {**MOMENTUM, "batch_size": 256, "learning_rate": 0.01, "weight_decay": 0.0005},
    # arXiv 1605.07146, section 3; opts.lua and train.lua in facebookarchive/fb.resnet.torch
    "wide_resnet50_2": {
        **NESTEROV, "batch_size": 128, "learning_rate": 0.1, "weight_decay": 0.0005, "epochs": 90,
        "milestones": (30, 60),
    },
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


@pytest.mark.parametrize(("name", "told"), TOLD.items())
def test_each_family_has_the_values_of_its_source(name, told):
    settings = find_recipe(f"paper:{name}").settings
    assert {setting: settings[setting] for setting in told} == told


def test_each_family_is_in_the_table():
    assert TOLD.keys() == FAMILIES


@pytest.mark.parametrize("name", sorted(FAMILIES))
def test_no_paper_takes_a_rate_or_a_decay_that_is_made_for_another_optimiser(name):
    settings = find_recipe(f"paper:{name}").settings
    needed = {"optimizer", "learning_rate", "weight_decay", "schedule", "batch_size"}
    needed |= {"momentum", "square_decay", "epsilon"} if settings["optimizer"] == "rmsprop" else set()
    assert needed <= settings.keys()
    assert "epochs" in settings or "number of passes" in find_recipe(f"paper:{name}").deviates


@pytest.mark.parametrize("name", ["inception_v3", "mobilenet_v1", "mobilenet_v2", "efficientnet_b0"])
def test_what_is_added_to_the_root_is_said_where_it_stands_under_it(name):
    recipe = find_recipe(f"paper:{name}")
    assert "under" in recipe.deviates
    under = {"efficientnet_b0": 0.001}.get(name, 1.0)
    # the first steps of a weight that has had no gradient are as long in both forms
    assert recipe.settings["epsilon"] == pytest.approx(under**0.5, rel=1e-3)


def test_numbers_that_are_computed_from_those_of_a_source():
    mobile = find_recipe("paper:mobilenet_v2").settings
    assert mobile["epochs"] == pytest.approx(5_500_000 * 96 / 1_281_167, abs=0.5)
    efficient = find_recipe("paper:efficientnet_b0").settings
    assert efficient["batch_size"] * efficient["accumulate"] == pytest.approx(256 * 0.256 / 0.016)
    googlenet = find_recipe("paper:googlenet").settings
    assert googlenet["batch_size"] == pytest.approx(8 * 1_281_167 / 320_000, abs=0.1)
    assert googlenet["epochs"] == pytest.approx(10_000_000 * 32 / 1_281_167, abs=0.5)
    nin = find_recipe("paper:nin").settings
    assert (nin["epochs"], nin["milestones"]) == (200 + 30 + 30, (200, 200 + 30))
    assert nin["learning_rate"] * nin["weight_decay"] == pytest.approx(0.01 * 0.001)
    airbench = find_recipe("paper:airbench94").settings
    larger = 1 + 1 / (1 - 0.85)
    assert airbench["learning_rate"] == pytest.approx(11.5 / larger, abs=1e-3)
    assert airbench["weight_decay"] == pytest.approx(0.0153 / 11.5, abs=1e-5)


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
