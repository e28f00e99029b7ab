import argparse

import pytest

from saccade.cli._parser import Parser, offering, unknown_flags, whole_number
from saccade.errors import BadConfig, UnknownName


@pytest.fixture
def parser():
    parser = Parser("saccade shoot", "Shoot.")
    parser.add_argument("camera", metavar="CAMERA")
    parser.add_argument("pictures", metavar="PICTURE", nargs="+")
    parser.add_argument("--colour", metavar="WORD", choices=("grey", "full"))
    parser.add_argument("--count", type=whole_number)
    parser.add_argument("--loud", action="store_true")
    return parser


def refusal(parser, *words):
    with pytest.raises(BadConfig) as caught:
        parser.parse_known_intermixed_args(list(words))
    return str(caught.value)


def test_words_and_flags_mix_in_any_order(parser):
    options, extras = parser.parse_known_intermixed_args(["box", "a", "--loud", "b", "--count", "3", "--", "--c"])
    assert (options.camera, options.pictures, options.loud, options.count) == ("box", ["a", "b", "--c"], True, 3)
    assert extras == []


@pytest.mark.bad_input
@pytest.mark.parametrize(
    ("words", "wanted"),
    [
        ([], "got no CAMERA, PICTURE; taken is saccade shoot CAMERA PICTURE; see saccade shoot --help"),
        (["box"], "got no PICTURE; taken is saccade shoot CAMERA PICTURE; see saccade shoot --help"),
        (["box", "a", "--count"], "got --count without a value; taken is one after it; see saccade shoot --help"),
        (
            ["box", "a", "--count", "0"],
            "got --count '0'; taken is a whole number above 0; see saccade shoot --help",
        ),
        (
            ["box", "a", "--loud=3"],
            "got --loud: ignored explicit argument '3'; taken is what the help lists; see saccade shoot --help",
        ),
        (["box", "a", "--colour", "gray"], "got --colour 'gray'; taken are 2 names; did you mean 'grey'?"),
    ],
)
def test_a_wrong_word_is_told_in_three_clauses(parser, words, wanted):
    assert refusal(parser, *words) == wanted


@pytest.mark.bad_input
def test_a_word_that_is_no_choice_is_an_unknown_name(parser):
    with pytest.raises(UnknownName):
        parser.parse_args(["box", "a", "--colour", "red"])


@pytest.mark.bad_input
def test_a_flag_cut_short_is_not_guessed(parser):
    _, extras = parser.parse_known_intermixed_args(["box", "a", "--col", "grey"])
    (told,) = unknown_flags(parser, extras)
    assert told == "got flag '--col'; taken are the flags of saccade shoot; did you mean '--colour'?"


@pytest.mark.bad_input
def test_every_unknown_flag_is_told(parser):
    told = unknown_flags(parser, ["--cuont=3", "x", "--lod", "--zzz"])
    assert [line.split("; ")[-1] for line in told] == [
        "did you mean '--count'?",
        "did you mean '--loud'?",
        "see saccade shoot --help",
    ]


@pytest.mark.bad_input
def test_words_that_are_too_many_are_told():
    assert unknown_flags(Parser("saccade sit"), ["a", "b"]) == [
        "got 2 words too many (a b); taken is less; see saccade sit --help"
    ]


def test_nothing_left_over_is_nothing_wrong(parser):
    assert unknown_flags(parser, []) == []


@pytest.mark.bad_input
@pytest.mark.parametrize("text", ["0", "-1", "1.5", "three", "", "１e"])
def test_a_whole_number_is_above_zero(text):
    with pytest.raises(argparse.ArgumentTypeError):
        whole_number(text)


def test_a_shell_is_offered_the_words_that_begin_right(parser):
    action = parser.add_argument("--lens")
    offering(action, lambda: ["wide", "long", "wild"])
    completer = vars(action)["completer"]
    assert completer(prefix="wi", action=action, parser=parser, parsed_args=None) == ["wide", "wild"]


@pytest.mark.parametrize("columns", ["20", "30", "80", "300"])
def test_help_fits_the_terminal(parser, monkeypatch, columns):
    monkeypatch.setenv("COLUMNS", columns)
    longest = max(len(line) for line in parser.format_help().splitlines())
    assert longest <= max(36, min(int(columns), 100))  # argparse breaks no word
