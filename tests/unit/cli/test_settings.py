import argparse
from dataclasses import dataclass
from typing import Literal

import pytest

from saccade.cli._settings import add_settings, given_settings
from saccade.errors import BadConfig
from saccade.training.settings import Settings, knob


@dataclass(frozen=True)
class Camera(Settings):
    """Settings with a field of each kind."""

    shots: int = knob(3, "pictures, up to 100 % of the film", 1)
    speed: float = knob(0.5, "seconds", 0)
    film: Literal["grey", "full"] = knob("full", "what is in it")
    flash: bool = knob(True, "light")
    lenses: tuple[int, ...] = knob((35, 50), "millimetres", 1)
    owner: str = knob("", "whose it is")


def parsed(*words, without=()):
    parser = argparse.ArgumentParser()
    names = add_settings(parser, Camera, without=without)
    return names, parser.parse_args(words), parser


def test_every_field_is_a_flag_that_is_read_as_its_kind():
    words = ("--shots", "5", "--speed", "1e-2", "--film", "grey", "--no-flash", "--lenses", "28,35", "--owner", "7")
    names, options, _ = parsed(*words)
    assert names == {"shots", "speed", "film", "flash", "lenses", "owner"}
    given = given_settings(options, Camera)
    assert given == {"shots": 5, "speed": 0.01, "film": "grey", "flash": False, "lenses": (28, 35), "owner": "7"}
    assert Camera.from_dict(given) == Camera(**given)


def test_what_is_not_said_is_not_given():
    assert given_settings(parsed()[1], Camera) == {}


def test_a_flag_that_is_there_already_is_not_added_again():
    names, options, _ = parsed("--shots", "5", without={"film", "lenses"})
    assert names == {"shots", "speed", "flash", "owner"}
    assert given_settings(options, Camera) == {"shots": 5}


def test_the_help_tells_words_and_defaults():
    told = " ".join(parsed()[2].format_help().split())
    assert "pictures, up to 100 % of the film (default 3)" in told
    assert "what is in it: grey, full (default full)" in told
    assert "millimetres (default 35,50)" in told
    assert "light (default on)" in told
    assert "--owner TEXT whose it is (default none)" in told


@pytest.mark.bad_input
def test_a_text_that_is_no_number_stays_one_and_is_refused_with_the_others():
    options = parsed("--shots", "many", "--lenses", "28,wide", "--film", "gray")[1]
    given = given_settings(options, Camera)
    assert given == {"shots": "many", "film": "gray", "lenses": "28,wide"}
    with pytest.raises(BadConfig) as caught:
        Camera.from_dict(given)
    assert len(str(caught.value).splitlines()) == 3
