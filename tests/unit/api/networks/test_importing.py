"""A network from a file of the user's own: found in the current folder, called, or refused with its cause."""

from __future__ import annotations

import sys

import pytest
from torch import nn

from saccade.api.networks.importing import imported
from saccade.errors import BadConfig, UnknownName

SOURCE = """
from torch import nn
from own_parts import WIDTH

class Small(nn.Sequential):
    def __init__(self, width=WIDTH):
        super().__init__(nn.Conv2d(3, width, 3))

class Needs(nn.Module):
    def __init__(self, width, *, depth, kind=1):
        super().__init__()

class Family:
    @staticmethod
    def make():
        return Small(7)

ready = Small(5)
table = {"width": 5}
figures = lambda: [1, 2]

def broken():
    return {}["depth; or so"]
"""


@pytest.fixture(autouse=True)
def folder(tmp_path, monkeypatch):
    """A current folder with modules of the user's own, forgotten in the end."""
    for name, text in {
        "own_network": SOURCE, "own_parts": "WIDTH = 4", "own_wrong": "WIDTH = 1 / 0", "own_typing": "def (",
        "own_needs": "import no_such_thing", "own_ends": "raise SystemExit(3)",
    }.items():  # fmt: skip
        (tmp_path / f"{name}.py").write_text(text)
    monkeypatch.chdir(tmp_path)
    before = set(sys.modules)
    yield
    for name in set(sys.modules) - before:
        if name.startswith("own_"):
            del sys.modules[name]


@pytest.mark.parametrize(("name", "width"), [("Small", 4), ("ready", 5), ("Family.make", 7)])
def test_classes_functions_and_modules_are_found_in_the_current_folder(name, width):
    assert imported(f"own_network:{name}")[0].out_channels == width


def test_installed_packages_are_found_too():
    assert isinstance(imported("torch.nn:Flatten"), nn.Flatten)


def test_the_path_is_as_before():
    before = list(sys.path)
    imported("own_network:Small")
    assert sys.path == before


@pytest.mark.bad_input
@pytest.mark.parametrize(
    ("word", "told"),
    [
        ("own_netwrok:Small", "there is no module 'own_netwrok'"),
        ("own_network.deep:Small", "there is no module 'own_network.deep'"),
        ("own_network.py:Small", "write it as 'own_network:Small'"),
        ("own_network:", "write it as 'package.module:name'"),
        (":Small", "write it as 'package.module:name'"),
        ("own_network:Small()", "write it as 'package.module:name'"),
        ("own_network:Needs", "which needs width, depth; taken is what can be called without arguments"),
        ("own_network:table", "which gives a dict; taken is a torch.nn.Module"),
        ("own_network:figures", "which gives a list; taken is a torch.nn.Module"),
        ("own_network:broken", "ends in KeyError: 'depth, or so' (own_network.py, line 23) when it is called"),
        ("own_wrong:net", "ends in ZeroDivisionError: division by zero (own_wrong.py, line 1)"),
        ("own_typing:net", "(own_typing.py, line 1)"),
        ("own_needs:net", "ends in ModuleNotFoundError: No module named 'no_such_thing' (own_needs.py, line 1)"),
        ("own_ends:net", "ends in SystemExit: 3 (own_ends.py, line 1)"),
    ],
)
def test_what_cannot_be_had_is_refused_in_three_clauses(word, told):
    with pytest.raises(BadConfig) as caught:
        imported(word)
    assert told in str(caught.value)
    assert str(caught.value).count("; ") == 2


@pytest.mark.bad_input
def test_the_cause_is_kept():
    with pytest.raises(BadConfig) as caught:
        imported("own_wrong:net")
    assert isinstance(caught.value.__cause__, ZeroDivisionError)


@pytest.mark.bad_input
def test_an_unknown_name_is_answered_with_the_nearest():
    with pytest.raises(UnknownName, match="did you mean 'Small'"):
        imported("own_network:Smal")
