import builtins
import pickle
from pathlib import Path

import numpy as np
import pytest

import format_examples
import saccade.data.labels.parquet_rows as module
from saccade.data.labels.parquet_rows import GroupCache, opened_parquet, picture_of
from saccade.data.opening import open_data
from saccade.errors import BadData, BadImage, MissingExtra


@pytest.fixture
def file(tmp_path):
    return format_examples.parquet(tmp_path / "data")


def test_rows_of_all_groups_are_found(file):
    source = open_data(file, shares=(1, 0, 0)).splits["train"]
    for index in np.random.default_rng(0).permutation(40).tolist():
        row = int(source.key(index).split("[")[1][:-1])
        assert source.read(index).image[0, 1, 0] == 1 + 5 * row
        assert source.target(index) == row % 4


def test_the_cache_is_bounded_and_stays_behind_in_a_copy(file, monkeypatch):
    monkeypatch.setattr(module, "_KEPT_BYTES", 1)
    cache = GroupCache()
    for group in (0, 1, 2, 3, 4, 0):
        cache.column(str(file), group, "image")
    assert list(cache._groups) == [(str(file), 4), (str(file), 0)]
    assert pickle.loads(pickle.dumps(cache))._groups == {}


def test_a_fork_begins_afresh(file, monkeypatch):
    cache = GroupCache()
    cache.column(str(file), 0, "image")
    monkeypatch.setattr(module.os, "getpid", lambda: -1)
    cache.column(str(file), 1, "image")
    assert list(cache._groups) == [(str(file), 1)]


@pytest.mark.parametrize(
    ("cell", "found"),
    [
        (b"x", b"x"),
        ({"bytes": b"x", "path": "a"}, b"x"),
        ({"bytes": None, "path": "a/b"}, Path("d/a/b")),
        ("a", Path("d/a")),
    ],
)
def test_bytes_come_before_paths(cell, found):
    assert picture_of(cell, Path("d")) == found


@pytest.mark.bad_input
@pytest.mark.parametrize("cell", [None, "", b"", 7, {"bytes": None, "path": None}, {}])
def test_a_row_without_a_picture_is_refused(cell):
    with pytest.raises(BadImage, match="without a picture"):
        picture_of(cell, Path("d"))


@pytest.mark.bad_input
@pytest.mark.parametrize("path", ["/etc/passwd", "../a", "a/../../b", "C:\\a", "\\\\host\\a", "a\0b", "a\\..\\b"])
def test_paths_do_not_lead_out_of_the_folder(path):
    with pytest.raises(BadImage, match="taken are paths below"):
        picture_of({"bytes": None, "path": path}, Path("d"))


@pytest.mark.bad_input
def test_without_pyarrow_the_extra_is_named(file, monkeypatch):
    def without(name, *rest):
        if name.startswith("pyarrow"):
            raise ImportError(name)
        return real(name, *rest)

    real = builtins.__import__
    monkeypatch.setattr(builtins, "__import__", without)
    with pytest.raises(MissingExtra, match=r"saccade\[parquet\]"):
        opened_parquet(file)


@pytest.mark.bad_input
def test_another_file_is_refused(tmp_path):
    (tmp_path / "a.parquet").write_bytes(b"PAR1 no PAR1")
    with pytest.raises(BadData, match="taken are whole Parquet files"):
        opened_parquet(tmp_path / "a.parquet")
