"""What docs/arithmetic.md shows under a command is what the command prints."""

import re
import shlex
from pathlib import Path

import pytest

PAGE = (Path(__file__).parents[3] / "docs" / "arithmetic.md").read_text(encoding="utf-8")
SHOWN = [
    (command, lines.rstrip("\n"))
    for block in re.findall(r"^```console\n(.*?)^```", PAGE, re.M | re.S)
    for command, lines in re.findall(r"^\$ saccade (.*)\n((?:(?!\$ ).*\n)*)", block, re.M)
]


def test_the_page_shows_commands():
    assert len(SHOWN) > 5


@pytest.mark.parametrize(("command", "shown"), SHOWN, ids=[command for command, _ in SHOWN])
def test_a_command_prints_what_the_page_shows(saccade_command, command, shown):
    assert saccade_command(*shlex.split(command)).out.rstrip("\n") == shown
