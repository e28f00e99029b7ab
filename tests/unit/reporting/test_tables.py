from __future__ import annotations

from dataclasses import replace

from saccade.reporting.facts import CardFacts
from saccade.reporting.tables import data_section, environment_section, flat_rows, plain_text, settings_section
from saccade.training.events import FileSetAside
from saccade.training.settings import TrainingSettings


def test_changed_settings_stand_apart_from_those_at_their_defaults() -> None:
    section = settings_section(TrainingSettings(epochs=3, mirror=False).to_dict())
    assert section is not None
    assert [row[:3] for row in section.changed] == [("epochs", "3", "10"), ("mirror", "no", "yes")]
    assert len(section.kept) == len(TrainingSettings().to_dict()) - 2
    assert settings_section({}) is None


def test_setting_of_another_version_counts_as_changed() -> None:
    section = settings_section({"forgotten": 1})
    assert section is not None
    assert section.changed == (("forgotten", "1", "–", ""),)


def test_files_set_aside_are_listed_once_and_the_rest_is_counted(facts: CardFacts) -> None:
    aside = [FileSetAside(f"{number}.png", "cut short") for number in range(60)]
    section = data_section(replace(facts, events=[*aside, *aside], set_aside=[("0.png", "cut short")]))
    assert section is not None
    assert (len(section.set_aside), section.more_set_aside) == (50, 10)


def test_splits_are_named_with_their_counts_and_fingerprints(facts: CardFacts) -> None:
    section = data_section(facts)
    assert section is not None
    assert section.splits[1] == ("validation", "9", "bb" * 32)
    assert section.origin == (("path", "photos"), ("seed", "0"))


def test_nothing_known_of_the_data_makes_no_section(facts: CardFacts) -> None:
    assert data_section(replace(facts, description={}, set_aside=())) is None


def test_values_inside_values_are_laid_out_flat() -> None:
    assert flat_rows({"a_b": {"c": {"d": 1}}, "e": None}) == (("a b: c: d".replace("a b", "a_b"), "1"), ("e", "–"))


def test_long_lists_are_cut_and_control_characters_escaped() -> None:
    assert plain_text(list(range(30))).endswith("19, … (30\xa0values)")
    assert plain_text("a\nb") == "a\\nb"


def test_environment_shows_the_parts_that_are_known() -> None:
    assert environment_section({"machine": {}, "versions": {"torch": "2.6"}}) == (("Versions", (("torch", "2.6"),)),)
