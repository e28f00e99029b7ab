"""The facts of the architectures, computed anew: every card is right, and a wrong network or card is caught."""

from __future__ import annotations

from functools import partial
from unittest.mock import MagicMock

import pytest

from saccade import catalog
from saccade.api.networks.facts import facts
from saccade.architectures import alexnet, googlenet, lenet
from saccade.errors import UnknownName


def computed(name):
    return {fact.what: fact.computed for fact in facts(name)[name].facts}


def differences(name):
    return {fact.what: (fact.card, fact.computed) for fact in facts(name)[name].differences}


def test_lenet_is_what_its_card_says():
    found = facts("lenet5")["lenet5"]
    assert found.differences == ()
    assert {fact.what: (fact.card, fact.computed) for fact in found.facts} == {
        "parameters": (61_706, 61_706),
        "multiply-adds": (416_520, 416_520),
        "channels": (1, 1),
        "classes": (10, 10),
        "native size": ([32, 32], [32, 32]),
        "smallest size": ([32, 32], [32, 32]),
        "refused below": ([32, 32], [32, 32]),
        "stages": (3, 3),
        "strides of stages": ([1, 2, 4], [1, 2, 4]),
        "widths of stages": ([6, 16, 120], [6, 16, 120]),
        "receptive field": (None, 32),
    }


@pytest.mark.parametrize(
    ("name", "field"),
    [("alexnet_paper", 195), ("vgg16", 212), ("resnet50_paper", 483), ("mobilenet_v1", 315)],
)
def test_published_receptive_fields_come_out(name, field):
    assert computed(name)["receptive field"] == field == catalog.cards("architectures")[name]["receptive_field"]


def test_todays_resnet50_sees_less_than_the_paper_s_as_its_card_says_in_words():
    card = catalog.cards("architectures")["resnet50"]
    assert computed("resnet50")["receptive field"] == 427
    assert "427 pixels" in card["deviates"]


def test_what_the_paper_reports_is_shown_and_not_compared():
    told = {fact.what: fact for fact in facts("googlenet_paper")["googlenet_paper"].facts}
    assert (told["multiply-adds"].paper, told["multiply-adds"].computed) == (1_500_000_000, 1_582_671_872)
    assert told["multiply-adds"].agrees
    assert told["result"].computed is None
    assert told["with auxiliary classifiers"].computed == 13_378_280


def test_a_3_by_3_kernel_in_place_of_one_5_by_5_is_caught(monkeypatch):
    """In the first module it has 16 · 32 · (25 − 9) weights less, and each is used at 28 · 28 places."""
    genuine = googlenet.Inception

    def planted(in_channels, widths, *, largest, batch_norm):
        return genuine(in_channels, widths, largest=3 if in_channels == 192 else largest, batch_norm=batch_norm)

    monkeypatch.setattr(googlenet, "Inception", planted)
    weights = 16 * 32 * (25 - 9)
    found = differences("googlenet_paper")
    assert found["parameters"] == (6_998_552, 6_998_552 - weights)
    assert found["with auxiliary classifiers"] == (13_378_280, 13_378_280 - weights)
    assert found["multiply-adds"] == (1_582_671_872, 1_582_671_872 - weights * 28 * 28)
    assert len(found) == 3


def test_a_receptive_field_that_is_not_the_published_one_is_caught(monkeypatch):
    """Three poolings whose taps are twice as far apart see 2 · (4 + 8 + 16) pixels more."""
    monkeypatch.setattr(alexnet.nn, "MaxPool2d", partial(alexnet.nn.MaxPool2d, dilation=2))
    assert differences("alexnet")["receptive field"] == (195, 195 + 2 * (4 + 8 + 16))


def test_a_smallest_size_that_is_too_large_or_too_small_is_caught(monkeypatch):
    """Of the card and the door alike: the arithmetic says 63. Of the door alone: what it refuses is not the card's."""
    genuine = alexnet.AlexNet

    def with_door(size):
        def make(*given, **arguments):
            return genuine(*given, **{**arguments, "smallest_size": size})

        return make

    for wrong in ((70, 70), (50, 50)):
        cards = {"alexnet": {**alexnet.CARDS["alexnet"], "smallest_size": wrong}}
        monkeypatch.setattr(alexnet, "AlexNet", with_door(wrong))
        with monkeypatch.context() as patch:
            patch.setattr(catalog, "cards", MagicMock(return_value=cards))
            assert differences("alexnet") == {"smallest size": ([*wrong], [63, 63])}
        assert differences("alexnet")["refused below"] == ([63, 63], [*wrong])


def test_a_network_that_cannot_run_at_its_native_size_is_a_difference(monkeypatch):
    card = {**lenet.CARDS["lenet5"], "native_size": (16, 16)}
    monkeypatch.setattr(catalog, "cards", lambda *_: {"lenet5": card})
    assert "native size" in differences("lenet5")


@pytest.mark.bad_input
def test_an_unknown_name_is_answered_with_the_nearest():
    with pytest.raises(UnknownName, match="did you mean 'lenet5'"):
        facts("lenet")
