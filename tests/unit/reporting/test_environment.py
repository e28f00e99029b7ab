"""Versions, machine, command, and what is said where they differ."""

from __future__ import annotations

import re
import sys
import warnings

import pytest

import saccade
from saccade.reporting.environment import ReproducibilityWarning, command, machine, versions, warn_of_differences


def description(**changes):
    return {
        "versions": versions(), "machine": machine(), "execution": {"device": "cpu", "threads": 1},
        "settings": {"deterministic": False}, **changes,
    }  # fmt: skip


def test_versions_and_machine_are_texts():
    assert versions()["saccade"] == saccade.__version__
    assert "not found" not in versions().values()
    assert all(isinstance(value, str) and value for value in {**versions(), **machine()}.values())
    assert int(machine()["cores"]) >= 1


@pytest.mark.parametrize(
    ("argv", "expected"),
    [
        (["/usr/bin/saccade", "train", "my photos", "--model=a, b"], "saccade train 'my photos' '--model=a, b'"),
        (["/x/saccade/__main__.py", "train", "photos"], "saccade train photos"),
        (["-c"], "-c"),
        ([""], ""),
        ([], ""),
    ],
)  # fmt: skip
def test_the_command_can_be_pasted_into_a_shell(monkeypatch, argv, expected):
    monkeypatch.setattr(sys, "argv", argv)
    assert command() == expected


def test_a_notebook_has_no_command(monkeypatch):
    monkeypatch.setitem(sys.modules, "ipykernel", object())
    assert command() == ""


def test_nothing_is_said_where_nothing_is_other():
    with warnings.catch_warnings(record=True) as said:
        warn_of_differences(description())
        warn_of_differences(description(machine={**machine(), "processor": "another", "system": "another"}))
    assert said == []


@pytest.mark.parametrize(
    ("changes", "told"),
    [
        ({"versions": {**versions(), "torch": "0.1"}}, f"got torch {versions()['torch']} instead of 0.1"),
        ({"machine": {**machine(), "instructions": "MMX"}}, "instead of MMX"),
        ({"execution": {"device": "cpu", "threads": 999}}, "got a run of 999 threads on"),
        (
            {"settings": {"deterministic": True}, "machine": {**machine(), "processor": "another"}},
            "instead of another",
        ),
    ],
)
def test_what_decides_about_bits_and_is_other_is_said(changes, told):
    with pytest.warns(ReproducibilityWarning, match=re.escape(told)):
        warn_of_differences(description(**changes))
