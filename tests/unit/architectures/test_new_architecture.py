"""What `./do new architecture <name>` writes works before the first change."""

from __future__ import annotations

import importlib
import runpy
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
import torch
from torch.utils.flop_counter import FlopCounterMode

import saccade.architectures

REPOSITORY = Path(__file__).parents[3]
main: Callable[..., int] = runpy.run_path(str(REPOSITORY / "scripts" / "new_architecture.py"))["main"]


@pytest.fixture
def module(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Any:
    """The written file, imported as if it lay in the package."""
    assert main(["tiny_net"], tmp_path) == 0
    folder = tmp_path / "src" / "saccade" / "architectures"
    monkeypatch.setattr(saccade.architectures, "__path__", [*saccade.architectures.__path__, str(folder)])
    yield importlib.import_module("saccade.architectures.tiny_net")
    del sys.modules["saccade.architectures.tiny_net"]


def test_the_network_is_what_its_card_says(module: Any) -> None:
    card = module.CARDS["tiny_net"]
    network = module.tiny_net().eval()
    with FlopCounterMode(display=False) as counter:
        assert network(torch.rand(1, card["channels"], *card["native_size"])).shape == (1, card["classes"])
    assert sum(weight.numel() for weight in network.parameters()) == card["parameters"]
    assert counter.get_total_flops() == 2 * card["macs"]
    assert module.__all__ == ["tiny_net"]


def test_its_test_passes(module: Any, tmp_path: Path) -> None:
    path = tmp_path / "tests" / "unit" / "architectures" / "test_tiny_net.py"
    tests = {name: test for name, test in runpy.run_path(str(path)).items() if name.startswith("test_")}
    assert len(tests) == 3
    for test in tests.values():
        test()


def test_lines_stay_short_whatever_the_name(tmp_path: Path) -> None:
    assert main(["abcdefghijklmnopqrstuvwx"], tmp_path) == 0
    written = [path.read_text(encoding="utf-8") for path in tmp_path.rglob("*.py")]
    assert len(written) == 2
    assert max(len(line) for text in written for line in text.splitlines()) <= 120
    assert "@" not in "".join(written)


@pytest.mark.parametrize("name", ["lenet", "lenet5", "resnet50_paper"])
def test_a_name_that_exists_is_refused(name: str, capsys: pytest.CaptureFixture[str]) -> None:
    before = sorted(REPOSITORY.joinpath("src").rglob("*.py"))
    assert main([name]) == 2
    assert f"got the name {name!r}, which " in capsys.readouterr().err
    assert sorted(REPOSITORY.joinpath("src").rglob("*.py")) == before


@pytest.mark.parametrize("name", ["", "Tiny", "9a", "a-b", "a__b", "a_", "print", "class", "nn", "../x", "a" * 25])
def test_a_name_that_cannot_be_is_refused(name: str, tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert main([name], tmp_path) == 2
    assert capsys.readouterr().err.count(";") == 2 + name.count(";")
    assert list(tmp_path.rglob("*.py")) == []


def test_one_name_is_taken(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert main([], tmp_path) == main(["a", "b"], tmp_path) == 2
    assert "got 2 names; taken is one; run: ./do new architecture tiny_net" in capsys.readouterr().err
    assert main(["tiny_net"], tmp_path) == 0
    assert main(["tiny_net"], tmp_path) == 2
