from __future__ import annotations

import itertools
import json

import pytest

import saccade
from saccade.api.comparisons.comparison import Comparison, Pair, Standing
from saccade.metrics.comparison import Effect
from saccade.metrics.mcnemar import McNemar
from saccade.types.bad_file import BadFile

FIGURES = {"top_5": (0.9, 0.85, 0.95), "loss": (0.3, 0.2, 0.4)}


def standing(name: str, value: float) -> Standing:
    return Standing(name, (name,), (0,), (value,), ({**FIGURES, "accuracy": (value, value - 0.1, value + 0.05)},))


def pair(first: str, second: str, p: float) -> Pair:
    low = 0.01 if p <= 0.05 else -0.01
    effect = Effect(0.05, low, 0.09, p, McNemar(1, 12, 0.0034, 0.0018))
    return Pair(first, second, "accuracy", effect, p, 0.0312, {"top_5": (0.0, -0.01, 0.01)})


@pytest.fixture
def asked(monkeypatch):
    calls = []

    def compare(models, data=None, **arguments):
        calls.append((models, data, arguments))
        names = [str(one) for one in models]
        two = list(itertools.combinations(names, 2))
        pairs = [pair(*both, 0.4 if number % 2 else 0.002) for number, both in enumerate(two)]
        standings = tuple(standing(name, 0.8 + 0.05 * number) for number, name in enumerate(names))
        return Comparison(
            standings, tuple(pairs), "accuracy", "val", 1234, ("mind this",), (BadFile("a.jpg", "got 3"),)
        )

    monkeypatch.setitem(vars(saccade), "compare", compare)
    return calls


def test_two_models_are_laid_side_by_side(saccade_command, asked):
    done = saccade_command("compare", "a", "b")
    assert done == (
        0,
        "1,234 images of the val split, the same for all\n"
        "model  accuracy  interval at 95 %\n"
        "a        0.8000  0.7000 to 0.8500\n"
        "b        0.8500  0.7500 to 0.9000\n"
        "\n"
        "b less a\n"
        "figure    difference (interval at 95 %)\n"
        "accuracy  +0.0500 (+0.0100 to +0.0900)\n"
        "top 5     +0.0000 (-0.0100 to +0.0100)\n"
        "\n"
        "only a is right about 1 image, only b about 12\n"
        "McNemar's test: exact p 0.003, mid-p 0.002\n"
        "b is better in accuracy, by 0.0500 (0.0100 to 0.0900), p 0.002\n",
        "saccade: left out for all a.jpg: got 3\nsaccade: mind this\n",
    )
    defaults = {"split": "test", "figure": None, "group_seeds": False, "device": "auto", "batch_size": 64}
    assert asked == [(["a", "b"], None, defaults)]


def test_several_models_become_a_table_of_pairs_and_a_sentence_each(saccade_command, asked):
    lines = saccade_command("compare", "a", "b", "c").out.splitlines()
    assert "first  second  second less first in accuracy  p      verdict" in lines
    assert "a      c       +0.0500 (-0.0100 to +0.0900)   0.400  no difference shown" in lines
    place = lines.index("a and c: no difference shown in accuracy: c less a is +0.0500 (-0.0100 to +0.0900), p 0.400;")
    assert lines[place + 1] == "  1,234 images would most likely show a difference of 0.0312 or more"


def test_the_words_become_arguments(saccade_command, asked):
    words = ["--data", "photos", "--split", "val", "--figure", "macro_f1", "--group-seeds", "--device", "cpu"]
    done = saccade_command("compare", "a", "b", *words, "--batch-size", "8", "--json")
    assert json.loads(done.out)["pairs"][0]["better"] == "b"
    assert done.err == "saccade: left out for all a.jpg: got 3\n"
    told = {"split": "val", "figure": "macro_f1", "group_seeds": True, "device": "cpu", "batch_size": 8}
    assert asked == [(["a", "b"], "photos", told)]


@pytest.mark.bad_input
def test_one_model_is_too_few(saccade_command, asked):
    done = saccade_command("compare", "a")
    assert (done.code, asked) == (2, [])
    assert done.err.startswith("saccade: got one model to compare;\n  taken are two or more")


@pytest.mark.bad_input
def test_an_unknown_split_is_answered_with_the_nearest(saccade_command, asked):
    assert "did you mean 'test'?" in saccade_command("compare", "a", "b", "--split", "tset").err
