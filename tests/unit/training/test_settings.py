"""Settings: every wrong one is listed at once, with the nearest right name."""

from __future__ import annotations

import dataclasses

import pytest

from saccade.errors import BadConfig
from saccade.training.settings import Settings, TrainingSettings, choices_of, field_types, knob


def test_settings_survive_a_round_trip():
    settings = TrainingSettings(epochs=3, optimizer="sgd", mirror=False)
    assert TrainingSettings.from_dict(settings.to_dict()) == settings


@pytest.mark.bad_input
def test_every_wrong_setting_is_listed_at_once_with_the_nearest_name():
    with pytest.raises(BadConfig) as caught:
        TrainingSettings.from_dict({"epoch": 3, "batch_size": 0, "optimizer": "adamv", "momentum": 2, "mirror": "yes"})
    lines = str(caught.value).splitlines()
    assert len(lines) == 5
    assert "did you mean 'epochs'" in lines[0]
    assert any("batch_size=0; taken is 1 or more" in line for line in lines)
    assert any("did you mean 'adam' or 'adamw'" in line for line in lines)
    assert any("momentum=2; taken is from 0 to 1" in line for line in lines)
    assert any("mirror='yes'; taken is true or false" in line for line in lines)


@pytest.mark.bad_input
@pytest.mark.parametrize("value", [float("nan"), "0.1", None, True])
def test_a_learning_rate_that_is_no_number_is_refused(value):
    with pytest.raises(BadConfig, match="learning_rate"):
        TrainingSettings(learning_rate=value)


@pytest.mark.bad_input
def test_wrong_values_are_refused_when_the_settings_are_made_by_hand_too():
    with pytest.raises(BadConfig, match=r"epochs=1\.5; taken is a whole number"):
        TrainingSettings(epochs=1.5)  # type: ignore[arg-type]


@pytest.mark.bad_input
@pytest.mark.parametrize("value", [5, None, True, ["imagenet"]])
def test_what_is_no_text_is_no_name_of_weights(value):
    with pytest.raises(BadConfig, match=r"got weights=.*; taken is text; begin with published weights"):
        TrainingSettings(weights=value)


def test_every_setting_says_what_it_is_for_and_can_be_a_flag():
    for one in dataclasses.fields(TrainingSettings):
        assert one.metadata["help"]
        kind = field_types()[one.name]
        assert kind in (int, float, bool, str, tuple[int, ...]) or choices_of(kind)


@pytest.mark.bad_input
def test_values_that_contradict_each_other_are_refused():
    with pytest.raises(BadConfig, match=r"got lookahead=5 and ema_decay=0\.9; taken is one average of the weights"):
        TrainingSettings(lookahead=5, ema_decay=0.9)
    with pytest.raises(BadConfig, match="got schedule='milestones' without any; taken are epochs"):
        TrainingSettings.from_dict({"schedule": "milestones"})


def test_no_numbers_at_all_are_taken_where_none_are_usual():
    assert TrainingSettings(milestones=()).milestones == ()
    assert TrainingSettings.from_dict({"schedule": "milestones", "milestones": [3, 6]}).milestones == (3, 6)


@dataclasses.dataclass(frozen=True)
class Several(Settings):
    """Settings of another kind, with several numbers in one field."""

    depths: tuple[int, ...] = knob((20, 56), "layers", 8)


def test_several_numbers_come_back_from_a_list():
    assert Several(depths=(8, 9)).to_dict() == {"depths": [8, 9]}
    assert Several.from_dict({"depths": [8, 9]}) == Several(depths=(8, 9))
    assert dict(field_types(Several)) == {"depths": tuple[int, ...]}


@pytest.mark.bad_input
@pytest.mark.parametrize("value", [(), (8, 7), (8, 9.5), (8, True), 8, "8,9"])
def test_several_numbers_of_which_one_is_wrong_are_refused(value):
    with pytest.raises(BadConfig, match=r"got depths=.*; taken are numbers, each .*; layers"):
        Several(depths=value)
