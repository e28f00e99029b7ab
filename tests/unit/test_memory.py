import os
import subprocess
import sys
import types

import pytest

from saccade import memory

LOOP = """
import os, resource, sys
if sys.argv[1] == "tuned":
    import saccade
    assert saccade.tune_memory() is True
    assert "torch" not in sys.modules
    assert os.environ["THP_MEM_ALLOC_ENABLE"] == "1"
import torch
def faults():
    return resource.getrusage(resource.RUSAGE_SELF).ru_minflt
def once():
    return torch.ones(16 * 1024 * 1024)  # 64 MiB
for _ in range(3):
    once()
before = faults()
for _ in range(5):
    once()
print((faults() - before) // 5)
"""

glibc = pytest.mark.skipif(memory._mallopt() is None, reason="no glibc here")


class FakeMallopt:
    """Records what it is asked, and refuses some of it."""

    def __init__(self, refused=()):
        self.asked, self.refused = [], refused

    def __call__(self, parameter, value):
        self.asked.append((parameter, value))
        return 0 if (parameter, value) in self.refused else 1


@pytest.fixture
def fake(monkeypatch):
    def use(refused=(), torch_loaded=False):
        mallopt = FakeMallopt(refused)
        monkeypatch.setattr(memory, "_mallopt", lambda: mallopt)
        monkeypatch.setattr(memory.sys, "modules", {"torch": None} if torch_loaded else {})
        monkeypatch.setattr(memory.os, "environ", {})
        return mallopt

    return use


def page_faults(how):
    environment = {name: value for name, value in os.environ.items() if name != "THP_MEM_ALLOC_ENABLE"}
    done = subprocess.run(
        [sys.executable, "-c", LOOP, how], capture_output=True, text=True, env=environment, check=True
    )
    return int(done.stdout)


@glibc
def test_a_tuned_process_no_longer_faults_its_memory_in_at_every_allocation():
    assert page_faults("as it comes") > 10_000  # 64 MiB are 16,384 pages of 4 KiB
    assert page_faults("tuned") < 2_000


def test_glibc_is_asked_for_a_high_threshold_and_never_to_trim(fake):
    mallopt = fake()
    assert memory.tune_memory() is True
    assert mallopt.asked == [(-3, 1 << 30), (-1, -1)]
    assert memory.os.environ == {"THP_MEM_ALLOC_ENABLE": "1"}


def test_an_old_glibc_that_refuses_the_threshold_is_asked_never_to_map(fake):
    mallopt = fake(refused=[(-3, 1 << 30)])
    assert memory.tune_memory() is True
    assert mallopt.asked == [(-3, 1 << 30), (-4, 0), (-1, -1)]


def test_a_refusal_is_told(fake):
    fake(refused=[(-1, -1)])
    assert memory.tune_memory() is False


def test_it_says_when_torch_was_there_before(fake):
    mallopt = fake(torch_loaded=True)
    assert memory.tune_memory() is False
    assert mallopt.asked


def test_a_choice_made_by_the_user_stays(fake):
    fake()
    memory.os.environ["THP_MEM_ALLOC_ENABLE"] = "0"
    memory.tune_memory()
    assert memory.os.environ["THP_MEM_ALLOC_ENABLE"] == "0"


@pytest.mark.parametrize("platform", ["darwin", "win32"])
def test_elsewhere_nothing_happens(monkeypatch, platform):
    monkeypatch.setattr(memory.sys, "platform", platform)
    before = dict(os.environ)
    assert memory.tune_memory() is False
    assert dict(os.environ) == before


def test_a_c_library_that_is_not_glibc_is_left_alone(monkeypatch):
    import ctypes

    monkeypatch.setattr(memory.sys, "platform", "linux")
    monkeypatch.setattr(ctypes, "CDLL", lambda _: types.SimpleNamespace(mallopt=print))
    assert memory.tune_memory() is False


def test_importing_saccade_tunes_nothing():
    code = "import os, saccade; saccade.TrainingSettings; print('THP_MEM_ALLOC_ENABLE' in os.environ)"
    environment = {name: value for name, value in os.environ.items() if name != "THP_MEM_ALLOC_ENABLE"}
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, env=environment, check=True)
    assert done.stdout.strip() == "False"
