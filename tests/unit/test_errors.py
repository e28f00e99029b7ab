"""The tree of errors: what each is, says, and survives."""

from __future__ import annotations

import pickle
from typing import Any

import pytest

from saccade import errors
from saccade.errors import SaccadeError, nearest, offer, printable

CLASSES = [getattr(errors, name) for name in errors.__all__ if isinstance(getattr(errors, name), type)]
EXAMPLES: dict[str, tuple[Any, ...]] = {
    "BadImage": ("not a picture; taken are JPEG and PNG; convert it", "a b.jpg"),
    "UnknownName": ("architecture", "lenet", ("lenet5", "vgg16")),
    "MissingExtra": ("reading HEIC", "heif"),
    "Interrupted": ("stopped after saving", 15),
}


def example(kind: type[SaccadeError]) -> SaccadeError:
    return kind(*EXAMPLES.get(kind.__name__, ("got a; taken is b; do c",)))


@pytest.mark.parametrize("kind", CLASSES)
def test_every_error_is_caught_as_one_of_saccade(kind: type[SaccadeError]) -> None:
    with pytest.raises(SaccadeError):
        raise example(kind)


@pytest.mark.parametrize("kind", CLASSES)
def test_an_error_crosses_between_processes_unchanged(kind: type[SaccadeError]) -> None:
    before = example(kind)
    after = pickle.loads(pickle.dumps(before))
    assert type(after) is kind
    assert (str(after), vars(after)) == (str(before), vars(before))


@pytest.mark.parametrize("kind", CLASSES)
def test_every_error_has_an_exit_code_and_a_status(kind: type[SaccadeError]) -> None:
    error = example(kind)
    assert 1 <= error.exit_code <= 255
    assert 400 <= error.http_status <= 599


def test_kinds_of_error_that_differ_have_exit_codes_that_differ() -> None:
    codes = {kind.__name__: kind.exit_code for kind in SaccadeError.__subclasses__() if kind.__name__ != "Interrupted"}
    assert len(set(codes.values())) == len(codes)


def test_a_bad_image_keeps_its_path_and_its_reason_apart() -> None:
    error = errors.BadImage("no pixels; taken are pixels; add some", "a.png")
    assert (error.path, error.reason) == ("a.png", "no pixels; taken are pixels; add some")
    assert str(error) == "a.png: no pixels; taken are pixels; add some"


def test_a_bad_image_without_a_name_says_only_why() -> None:
    assert str(errors.BadImage("no pixels")) == "no pixels"


def test_a_strange_file_name_cannot_write_to_the_terminal() -> None:
    assert str(errors.BadImage("no", "\x1b[2Jevil\n.png")) == "\\x1b[2Jevil\\n.png: no"


@pytest.mark.parametrize(("number", "code"), [(2, 130), (15, 143)])
def test_an_interruption_exits_as_a_shell_expects(number: int, code: int) -> None:
    assert errors.Interrupted("stopped", number).exit_code == code


def test_a_missing_extra_says_what_to_type() -> None:
    assert str(errors.MissingExtra("reading HEIC", "heif")).endswith('run: pip install "saccade[heif]"')


@pytest.mark.parametrize(
    ("word", "expected"),
    [("resnet5O", ["resnet50"]), ("ResNet50", ["resnet50"]), ("VGG", ["vgg16"]), ("zzz", []), ("", [])],
)
def test_the_nearest_words_are_found_whatever_their_case(word: str, expected: list[str]) -> None:
    assert nearest(word, ["resnet50", "lenet5", "vgg16"], limit=1) == expected


def test_no_more_words_are_offered_than_asked_for() -> None:
    assert len(nearest("resnet", [f"resnet{number}" for number in range(9)], limit=2)) == 2


def test_when_nothing_is_near_everything_is_offered_up_to_a_dozen() -> None:
    assert offer("zzz", ["b", "a"]) == "taken are a, b; choose one of them"
    assert offer("zzz", [f"name{number:02}" for number in range(13)]).endswith("name11, …; choose one of them")
    assert offer("zzz", []) == "taken are no names at all; choose one of them"


@pytest.mark.parametrize(
    ("text", "expected"),
    [("Käse 日本 🦊", "Käse 日本 🦊"), ("a\tb", "a\\tb"), ("\udcff", "\\udcff"), ("\u202egnp", "\\u202egnp")],
)
def test_only_characters_that_do_something_are_escaped(text: str, expected: str) -> None:
    assert printable(text) == expected
