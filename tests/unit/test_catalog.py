"""The folder as the catalogue: read as text, imported one file at a time."""

from __future__ import annotations

import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

from saccade import catalog
from saccade.errors import UnknownName

FILE = '''"""A file that must not be imported by listing it."""
raise RuntimeError("imported")
__all__ = ["net_a", "net_b"]
CARDS: dict[str, dict[str, object]] = {"net_a": {"parameters": 61_706, "native_size": (32, 32)}}
'''


@pytest.fixture
def room(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Path]:
    """A room of two files, one of which would fail if it were imported."""
    folder = tmp_path / "zoo" / "birds"
    folder.mkdir(parents=True)
    (folder / "__init__.py").write_text('"""Birds."""\n__all__ = ["hidden"]\n')
    (folder / "nets.py").write_text(FILE)
    (folder / "plain.py").write_text('"""A file that offers nothing."""\n')
    monkeypatch.setattr(catalog, "ROOT", tmp_path)
    catalog._names.cache_clear()
    catalog._literals.cache_clear()
    yield folder
    catalog._names.cache_clear()
    catalog._literals.cache_clear()


@pytest.mark.usefixtures("room")
def test_a_room_is_listed_without_importing_it() -> None:
    assert catalog.offers("zoo.birds") == {"net_a": "saccade.zoo.birds.nets", "net_b": "saccade.zoo.birds.nets"}


@pytest.mark.usefixtures("room")
def test_a_pattern_chooses_names() -> None:
    assert list(catalog.offers("zoo.birds", "*_b")) == ["net_b"]
    assert catalog.offers("zoo.birds", "x*") == {}


@pytest.mark.usefixtures("room")
def test_cards_are_read_without_importing_and_a_name_without_one_has_none() -> None:
    assert catalog.cards("zoo.birds") == {"net_a": {"parameters": 61706, "native_size": (32, 32)}, "net_b": {}}


@pytest.mark.usefixtures("room")
def test_a_room_that_does_not_exist_offers_nothing() -> None:
    assert catalog.offers("zoo.fish") == {}


def test_finding_a_name_imports_the_one_file_that_holds_it() -> None:
    code = (
        "import sys; from saccade import catalog; catalog.find('architectures', 'lenet5');"
        "print(*sorted(m for m in sys.modules if m.startswith('saccade.architectures.')))"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout.split() == ["saccade.architectures.lenet"]


@pytest.mark.bad_input
def test_a_wrong_name_is_answered_with_the_nearest() -> None:
    with pytest.raises(UnknownName, match=r"got architecture 'lenet'; taken are \d+ names; did you mean .*'lenet5'"):
        catalog.find("architectures", "lenet")


@pytest.mark.bad_input
def test_a_wrong_name_is_also_a_lookup_error_and_a_value_error() -> None:
    for kind in (LookupError, ValueError):
        with pytest.raises(kind):
            catalog.find("tasks", "telepathy")
