"""What starts quickly: importing saccade, listing a catalogue and asking for help load nothing heavy."""

from __future__ import annotations

import os
import statistics
import subprocess
import sys
from pathlib import Path

import pytest

import saccade
from saccade import catalog

HEAVY = ("torch", "numpy", "PIL", "cv2", "matplotlib", "sklearn", "scipy", "jinja2", "tensorboard", "safetensors")
PACKAGE = Path(saccade.__file__).parent
VERBS = sorted(path.stem for path in (PACKAGE / "cli").glob("[a-z]*.py") if path.stem != "main")
ROOMS = sorted(
    ".".join(path.parent.relative_to(PACKAGE).parts) for path in PACKAGE.rglob("__init__.py") if path.parent != PACKAGE
)


def loaded(code: str) -> set[str]:
    """Run code in a fresh Python and list the heavy packages that it loaded."""
    ending = f"; import sys; print('loaded', *(name for name in {HEAVY!r} if name in sys.modules))"
    done = subprocess.run([sys.executable, "-c", code + ending], capture_output=True, text=True, check=True)
    return set(done.stdout.splitlines()[-1].split()[1:])


@pytest.mark.parametrize(
    "code",
    [
        "import saccade",
        "import saccade.errors, saccade.catalog, saccade.training.settings",
        f"from saccade import catalog; [catalog.cards(room) for room in {ROOMS!r}]",
        "from saccade.cli.main import main; main(['--help'])",
        "from saccade.cli.main import main; main(['models', '--help'])",
    ],
)
def test_nothing_heavy_is_loaded_by(code: str) -> None:
    assert loaded(code) == set()


def test_nothing_heavy_is_loaded_by_the_help_of_any_verb() -> None:
    assert loaded(f"from saccade.cli.main import main; [main([verb, '--help']) for verb in {VERBS!r}]") == set()


def test_every_architecture_is_listed_without_loading_anything() -> None:
    assert "lenet5" in catalog.offers("architectures")
    assert all("parameters" in card for card in catalog.cards("architectures").values())


def seconds(words: list[str]) -> float:
    """The processor time of a command, median of seven: unlike the clock, it does not count what others do."""
    spent = []
    for _ in range(7):
        process = subprocess.Popen([sys.executable, *words], stdout=subprocess.DEVNULL)
        _, status, usage = os.wait4(process.pid, 0)
        process.returncode = os.waitstatus_to_exitcode(status)
        assert process.returncode == 0
        spent.append(usage.ru_utime + usage.ru_stime)
    return statistics.median(spent)


# The promises are 100 and 200 ms on two quiet AVX-512 cores; a busy or older machine of a CI gets twice that.
ALLOWANCE = 2


def test_saccade_is_imported_in_a_tenth_of_a_second() -> None:
    assert seconds(["-c", "import saccade"]) < 0.1 * ALLOWANCE


def test_help_is_there_in_a_fifth_of_a_second() -> None:
    assert seconds(["-m", "saccade", "--help"]) < 0.2 * ALLOWANCE
