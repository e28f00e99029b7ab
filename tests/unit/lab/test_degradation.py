"""The experiment: its settings, its networks, and that nothing is done twice."""

from __future__ import annotations

import json

import pytest
import torch

from saccade import catalog
from saccade.errors import BadConfig
from saccade.lab.degradation import FULL, WITHOUT_DATA, DegradationSettings, arms, degradation, usual_data
from saccade.lab.ground import ground_of
from saccade.types.sample import DataSet


def test_the_catalogue_has_it():
    assert catalog.offers("lab", "degradation") == {"degradation": "saccade.lab.degradation"}
    assert catalog.find("lab", "degradation") is degradation


def test_the_full_form_takes_the_steps_of_the_paper():
    """45,000 images are left when a tenth of CIFAR-10's 50,000 is cut off to validate."""
    steps = FULL.epochs * -(-45_000 // FULL.batch_size)
    assert 64_000 <= steps < 64_500
    assert (FULL.learning_rate, FULL.weight_decay, FULL.width, FULL.size) == (0.1, 1e-4, 16, 32)
    assert FULL.crop_rate * 32 == 4


def test_settings_come_back_from_json():
    assert DegradationSettings.from_dict(json.loads(json.dumps(FULL.to_dict()))) == FULL


def test_plain_and_residual_networks_begin_with_the_same_weights(tiny):
    from saccade.data.opening import open_data

    ground = ground_of(open_data(tiny[0]), size=8, images=0, judged=0)
    plain, residual = (arm.make(ground).state_dict() for arm in arms(DegradationSettings(depths=(8,), width=2)))
    assert plain.keys() == residual.keys()
    assert all(torch.equal(plain[name], residual[name]) for name in plain)


def test_seeds_differ_in_weights_and_order():
    first, second = (arm for arm in arms(DegradationSettings(depths=(8,), seeds=2)) if "plain" in arm.name)
    assert (first.settings.seed, second.settings.seed) == (0, 1)


def test_what_is_done_is_not_done_again(compared, tiny):
    seen = []
    again = degradation(tiny[0], settings=tiny[1], out=compared.folder, watch=lambda name: seen.append)
    assert seen == []
    assert again.to_dict() == compared.to_dict()


def test_each_network_is_announced_and_watched(tiny, tmp_path):
    events = {}

    def watch(name):
        events[name] = []
        return events[name].append

    degradation(tiny[0], settings={**tiny[1], "depths": (8,), "epochs": 1}, out=tmp_path, watch=watch)
    assert list(events) == ["plain8-0", "residual8-0"]
    assert all(events.values())


def test_the_usual_data_are_cifar_where_they_are_and_shapes_elsewhere(tmp_path, monkeypatch):
    monkeypatch.delenv("SACCADE_DATA", raising=False)
    assert usual_data() == WITHOUT_DATA
    monkeypatch.setenv("SACCADE_DATA", str(tmp_path))
    assert usual_data() == WITHOUT_DATA
    (tmp_path / "cifar10").mkdir()
    assert usual_data() == str(tmp_path / "cifar10")


def test_data_that_are_open_already_are_taken(tiny, tmp_path):
    from saccade.data.opening import open_data

    opened = open_data(tiny[0])
    assert isinstance(opened, DataSet)
    found = degradation(opened, settings={**tiny[1], "depths": (8,), "epochs": 1}, out=tmp_path)
    assert found.data["name"] == "synthetic"


@pytest.mark.bad_input
@pytest.mark.parametrize(
    ("settings", "wanted"),
    [
        ({"depths": (20, 21)}, r"got depths=\(20, 21\); taken are 8, 20, 32, 44, 56, 110"),
        ({"depths": ()}, r"got depths=\(\); taken are numbers, each a whole number"),
        ({"depths": (20, 1000)}, "taken are numbers, each from 8 to 110"),
        ({"depth": 20}, "did you mean 'depths'"),
        ({"epochs": 0}, "got epochs=0; taken is 1 or more"),
    ],
)
def test_settings_that_mean_nothing_are_refused(settings, wanted):
    with pytest.raises(BadConfig, match=wanted):
        DegradationSettings.from_dict(settings)
