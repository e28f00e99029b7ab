"""How long it takes until something is seen, each in a fresh interpreter."""

import os
import statistics
import subprocess
import sys
import time

import pytest

from saccade.cli.main import verbs

HEAVY = ("torch", "numpy", "rich", "matplotlib", "sklearn", "cv2", "PIL", "IPython")
LISTED = f"import sys, contextlib, io\n{{}}\nprint(*[name for name in {HEAVY} if name in sys.modules])"
HELP = """
from saccade.cli.main import main
with contextlib.redirect_stdout(io.StringIO()):
    assert main({words!r}) == 0
"""


def fresh(code):
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    return done.stdout.strip()


def is_done_in(limit, *words):
    """Whether the median wall time of five is below a limit in seconds; a busy machine may try again."""
    return any(statistics.median(seconds(*words) for _ in range(5)) < limit for _ in range(4))


def seconds(*words):
    began = time.perf_counter()
    subprocess.run([sys.executable, *words], stdout=subprocess.DEVNULL, check=True, env={**os.environ, "COLUMNS": "80"})
    return time.perf_counter() - began


@pytest.mark.parametrize(
    "code",
    [
        "import saccade",
        "import saccade; dir(saccade); saccade.__version__; saccade.TrainingSettings()",
        "import saccade.errors, saccade.catalog; saccade.catalog.cards('architectures')",
        "import saccade.cli.main",
    ],
)
def test_importing_is_light(code):
    assert fresh(LISTED.format(code)) == ""


@pytest.mark.parametrize("words", [["--help"], ["--version"], ["models"], *([verb, "--help"] for verb in verbs())])
def test_help_loads_nothing_heavy(words):
    assert fresh(LISTED.format(HELP.format(words=words))) == ""


def test_import_saccade_takes_less_than_a_tenth_of_a_second():
    assert is_done_in(0.1, "-c", "import saccade")


def test_help_takes_less_than_two_tenths_of_a_second():
    assert is_done_in(0.2, "-m", "saccade", "--help")


def test_the_longest_help_takes_less_than_a_second():
    assert is_done_in(1.0, "-m", "saccade", "train", "--help")
