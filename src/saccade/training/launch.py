"""What a launcher such as torchrun says of this process, in the variables that it sets.

    RANK          the number of this process among all          MASTER_ADDR   the machine of process 0
    WORLD_SIZE    how many processes there are                  MASTER_PORT   where it listens
    LOCAL_RANK    its number on this machine                    TORCHELASTIC_RUN_ID, …_RESTART_COUNT   of torchrun

Source: ours; the names are those of torchrun, docs.pytorch.org/docs/stable/elastic/run.html.
"""

from __future__ import annotations

import os
import platform
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from saccade.errors import BadConfig, printable

NAMES = ("RANK", "WORLD_SIZE", "LOCAL_RANK", "MASTER_ADDR", "MASTER_PORT")
_PATIENCE = 1800.0


@dataclass(frozen=True)
class Launch:
    """One process of a launch.

    Args:
        rank: Its number among all.
        world: How many there are.
        local_rank: Its number on its machine.
        local_world: How many are on its machine.
        patience: Seconds that processes wait for each other.
        attempt: How often the launcher has begun again.
        name: What the launcher calls the launch; "" without a launcher that begins again.
        agent: The launcher's process on this machine; "" as above.

    Source: ours.
    """

    rank: int = 0
    world: int = 1
    local_rank: int = 0
    local_world: int = 1
    patience: float = _PATIENCE
    attempt: int = 0
    name: str = ""
    agent: str = ""

    def described(self, call: int) -> dict[str, Any]:
        """Say which launch a run belongs to, for its description.

        Args:
            call: Which of the runs that one process begins, from 0.

        Returns:
            Plain values; nothing without a launcher that begins again.

        Source: ours.

        Example:
            >>> Launch().described(0)
            {}
        """
        if not self.agent:
            return {}
        return {"launch": {"name": self.name, "agent": self.agent, "call": call, "processes": self.world}}

    def began(self, description: Mapping[str, Any], call: int, *, placed: bool = False) -> bool:
        """Say whether this very launch, before it was begun again, began a run.

        Args:
            description: Of the run.
            call: Which of the runs that one process begins, from 0.
            placed: Whether the user said that the run is to be in that folder.

        Returns:
            True if it did: the launcher's process is the same; or the name that the user gave to the launch is, and
            the launcher says that it begins again, or the folder is the user's choice too.

        Source: ours.
        """
        told = description.get("launch")
        if not self.agent or not isinstance(told, dict) or told.get("call") != call:
            return False
        named = (self.attempt > 0 or placed) and self.name not in ("", "none") and told.get("name") == self.name
        return told.get("agent") == self.agent or named


def read_launch(variables: Mapping[str, str] | None = None) -> Launch:
    """Read what the launcher said.

    Args:
        variables: By name; those of this process when left out.

    Returns:
        The launch; that of one process alone where no launcher has set RANK or WORLD_SIZE.

    Raises:
        BadConfig: If variables are missing or mean nothing; all of them are listed.

    Source: ours.

    Example:
        >>> read_launch({}).world
        1
    """
    given = os.environ if variables is None else variables
    patience, problems = _patience(given)
    if "RANK" not in given and "WORLD_SIZE" not in given:
        if problems:
            raise BadConfig("\n".join(problems))
        return Launch(patience=patience)
    numbers = {name: _whole(given.get(name, "")) for name in (*NAMES[:3], "MASTER_PORT")}
    problems = [told for name in NAMES if (told := _wrong(name, given, numbers))] + problems
    if problems:
        raise BadConfig("\n".join(problems))
    local_world = _whole(given.get("LOCAL_WORLD_SIZE", "")) or 1
    return Launch(
        rank=numbers["RANK"], world=numbers["WORLD_SIZE"], local_rank=numbers["LOCAL_RANK"],
        local_world=max(local_world, 1), patience=patience,
        attempt=max(0, _whole(given.get("TORCHELASTIC_RESTART_COUNT", ""))),
        name=given.get("TORCHELASTIC_RUN_ID", ""),
        agent=_agent() if "TORCHELASTIC_RUN_ID" in given else "",
    )  # fmt: skip


def refuse_several(what: str) -> None:
    """Refuse, in one of several processes, what only one process can do.

    Args:
        what: Such as "--transfer features".

    Raises:
        BadConfig: If there are several.

    Source: ours.

    Example:
        >>> refuse_several("--transfer features")
    """
    world = read_launch().world
    if world > 1:
        raise BadConfig(f"got {what} in {world} processes; taken is one process; start it without torchrun")


def _wrong(name: str, given: Mapping[str, str], numbers: Mapping[str, int]) -> str:
    """Say what is wrong with a variable, or ""."""
    text, world = given.get(name), max(1, numbers["WORLD_SIZE"])
    cure = (
        "start with torchrun, which sets it" if world > 1 or text is None else "start without a launcher, or unset it"
    )
    if text is None:
        there = next(one for one in ("RANK", "WORLD_SIZE") if one in given)
        return f"got {there} without {name}; taken are {', '.join(NAMES)} together; {cure}, or unset {there}"
    got = f"got {name}={printable(text)!r}"
    if name == "MASTER_ADDR":
        return "" if text.strip() else f"{got}; taken is the name or address of a machine; {cure}"
    if name == "WORLD_SIZE":
        return "" if numbers[name] >= 1 else f"{got}; taken is a whole number from 1; {cure}"
    if name == "MASTER_PORT":
        return "" if 1 <= numbers[name] <= 65535 else f"{got}; taken is a port from 1 to 65535; {cure}"
    return "" if 0 <= numbers[name] < world else f"{got}; taken is a whole number from 0 to {world - 1}; {cure}"


def _whole(text: str) -> int:
    """Read a number that is not negative; -1 where there is none."""
    return int(text) if text.isascii() and text.isdecimal() and len(text) < 10 else -1


def _patience(given: Mapping[str, str]) -> tuple[float, list[str]]:
    text = given.get("SACCADE_PATIENCE", "")
    try:
        seconds = float(text or _PATIENCE)
    except ValueError:
        seconds = 0.0
    if 0 < seconds < 1e7:
        return seconds, []
    return _PATIENCE, [
        f"got SACCADE_PATIENCE={printable(text)!r}; taken are seconds above 0; set it to some, or unset it"
    ]


def _agent() -> str:
    """Name the process that started this one: machine, number, and when it began, since numbers come again."""
    parent = os.getppid()
    try:
        began = (
            Path(f"/proc/{parent}/stat").read_text(encoding="ascii", errors="replace").rpartition(")")[2].split()[19]
        )
    except (OSError, IndexError):
        began = ""
    return f"{platform.node()}:{parent}:{began}"
