"""Many short-lived `saccade` processes for the price of one import: a server that forks a child for each command.

Each child is a process of its own: it has its own signals, can be killed with -9, and dies alone. What it has in common
with `python -m saccade` is everything from `main` on; only the seconds that torch takes to be imported are spent once.
"""

from __future__ import annotations

import json
import os
import subprocess
import sys
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

SERVER = """
import atexit, json, os, sys
import torch._dynamo, sklearn.metrics, matplotlib, saccade
from importlib import import_module
from pkgutil import walk_packages
for module in walk_packages(saccade.__path__, "saccade."):
    module.name.endswith("__main__") or import_module(module.name)

for line in sys.stdin:
    asked = json.loads(line)
    if "wait" in asked:
        print(os.waitstatus_to_exitcode(os.waitpid(asked["wait"], 0)[1]), flush=True)
        continue
    child = os.fork()
    if child == 0:
        os.setpgid(0, 0)
        os.chdir(asked["folder"])
        sys.stdin.close()
        for number, name in ((1, "out"), (2, "err")):
            os.dup2(os.open(asked[name], os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600), number)
        sys.stdin, sys.stdout, sys.stderr = None, open(1, "w", closefd=False), open(2, "w", closefd=False)
        exec(asked["before"])
        sys.argv = ["saccade", *asked["words"]]
        code = saccade.cli.main.main()
        sys.stdout.flush(), sys.stderr.flush()
        atexit._run_exitfuncs()
        os._exit(code)  # taking torch's modules apart takes longer than most commands
    print(child, flush=True)
"""


@dataclass
class Command:
    """A command that was started.

    Args:
        server: What started it, and waits for it.
        pid: Its number; it is the leader of a process group of its own.
        out: The file of what it prints.
        err: The file of what it complains.
    """

    server: CommandServer
    pid: int
    out: Path
    err: Path

    def signal(self, number: int, *, group: bool = False) -> None:
        """Send a signal to it, or to it and everything that it has started."""
        (os.killpg if group else os.kill)(self.pid, number)

    def wait(self) -> int:
        """Wait for its end; the exit code, negative after a signal."""
        return int(self.server.ask({"wait": self.pid}))

    def complaints(self) -> str:
        """What it printed to stderr."""
        return self.err.read_text(encoding="utf-8", errors="replace")

    def prints(self) -> str:
        """What it printed to stdout."""
        return self.out.read_text(encoding="utf-8", errors="replace")


class CommandServer:
    """Starts commands; a context manager.

    Args:
        place: Where the streams of the commands are kept.
    """

    def __init__(self, place: Path) -> None:
        self._place, self._count = place, 0
        self._process = subprocess.Popen(
            [sys.executable, "-c", SERVER], stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True
        )

    def start(self, folder: Path, *words: str, before: str = "") -> Command:
        """Start `saccade` with some words.

        Args:
            folder: Where it works.
            words: After "saccade".
            before: Python that is run in the new process first, such as a limit of its resources.
        """
        self._count += 1
        out, err = (self._place / f"{self._count}.{name}" for name in ("out", "err"))
        out.touch()
        err.touch()
        asked = {"folder": str(folder), "words": words, "before": before, "out": str(out), "err": str(err)}
        return Command(self, int(self.ask(asked)), out, err)

    def run(self, folder: Path, *words: str, before: str = "") -> tuple[int, str, str]:
        """Run `saccade` to its end: the exit code, what it prints, what it complains."""
        command = self.start(folder, *words, before=before)
        return command.wait(), command.prints(), command.complaints()

    def ask(self, question: Mapping[str, object]) -> str:
        """One line there, one line back."""
        assert self._process.stdin is not None
        assert self._process.stdout is not None
        self._process.stdin.write(json.dumps(question) + "\n")
        self._process.stdin.flush()
        return self._process.stdout.readline()

    def __enter__(self) -> CommandServer:
        return self

    def __exit__(self, *_: object) -> None:
        try:
            self._process.communicate(timeout=10)
        except subprocess.TimeoutExpired:
            self._process.kill()
            self._process.communicate()
