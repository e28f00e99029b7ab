"""Every argument of every architecture: what is of the wrong kind is refused in the house's three clauses."""

from __future__ import annotations

import inspect
from typing import Any

import pytest
import torch

from saccade import catalog
from saccade.errors import BadConfig, BadInput, BadShape

WRONG = ("a", "", [], (1,), (3, "a"), (32.5, 32.5), {}, object, float("nan"), float("inf"), -1)
TAKEN = {"size": (BadShape,)}
CASES = [
    (name, argument)
    for name in catalog.offers("architectures")
    for argument in inspect.signature(catalog.find("architectures", name)).parameters
]


def refused(name: str, argument: str, value: Any) -> BadInput | None:
    """The error that a value leads to; None if it is taken."""
    try:
        with torch.device("meta"):
            catalog.find("architectures", name)(**{argument: value})
    except (BadConfig, BadShape) as error:
        return error
    return None


@pytest.mark.bad_input
@pytest.mark.parametrize(("name", "argument"), CASES)
def test_what_is_of_the_wrong_kind_is_refused_in_three_clauses(name: str, argument: str) -> None:
    for value in WRONG:
        if (argument, value) == ("backbone", ""):  # its own
            continue
        error = refused(name, argument, value)
        assert error is not None, value
        assert all(line.count("; ") == 2 and line.startswith("got ") for line in str(error).splitlines()), str(error)
        assert isinstance(error, TAKEN.get(argument, (BadConfig,))), value


@pytest.mark.bad_input
@pytest.mark.parametrize(("name", "argument"), [case for case in CASES if case[1] in ("num_classes", "in_channels")])
def test_numbers_of_classes_and_channels_are_whole(name: str, argument: str) -> None:
    for value in (True, 2.0, "3", 0):
        assert f"got {argument}={value!r}; " in str(refused(name, argument, value))
