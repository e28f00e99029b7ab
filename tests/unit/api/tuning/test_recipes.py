"""Recipes as functions of the package."""

import pytest

import saccade
from saccade.errors import BadConfig


def test_a_recipe_is_settings_that_know_its_name():
    settings = saccade.recipe("fast", epochs=5, settings={"batch_size": 32, "epochs": 9})
    assert (settings.recipe, settings.epochs, settings.batch_size, settings.bias_rate) == ("fast", 5, 32, 64.0)
    assert list(saccade.recipes())[:2] == ["fast", "accurate"]


@pytest.mark.bad_input
def test_a_wrong_change_is_refused():
    with pytest.raises(BadConfig, match=r"got setting 'epoch'; .*did you mean 'epochs'"):
        saccade.recipe("fast", settings={"epoch": 5})


def test_a_run_keeps_the_name_of_its_recipe(quick, arrays):
    run = quick(arrays, recipe="accurate", batch_size=30, warmup_epochs=0.0)
    assert run.description["settings"]["recipe"] == "accurate"
    assert run.description["settings"]["label_smoothing"] == 0.1
    assert run.resume(epochs=2, data=arrays, listeners=[]).description["settings"]["ema_decay"] == 0.999
