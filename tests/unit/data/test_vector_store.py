"""Vectors on disk: found again, whole after a crash, made anew when damaged, bounded."""

from __future__ import annotations

import os
import signal
import sqlite3
import subprocess
import sys
import textwrap
import time
import warnings
from pathlib import Path

import numpy as np
import pytest

from saccade.data.loading.disk_cache import CacheWarning
from saccade.data.vector_store import VectorStore

WIDTH = 3


def vector(number: float, width: int = WIDTH) -> np.ndarray:
    return np.full(width, number, np.float32)


def kept(folder: Path, names: list[str], made_by: str = "made", width: int = WIDTH) -> dict[str, float]:
    """The first number of each vector that is found."""
    with VectorStore(folder, made_by, width) as store:
        return {name: float(found[0]) for name, found in store.get(names).items()}


def put(folder: Path, vectors: dict[str, np.ndarray], made_by: str = "made", width: int = WIDTH) -> Path:
    with VectorStore(folder, made_by, width) as store:
        store.put(vectors)
        return store.path


def test_what_is_put_is_found_by_whoever_comes_later(tmp_path):
    put(tmp_path / "made", {"a": np.array([1, 0.1, -3], np.float32), "b\n'": vector(2)})
    with VectorStore(tmp_path / "made", "made", WIDTH) as store:
        found = store.get(["b\n'", "a", "c"])
    assert found.keys() == {"a", "b\n'"}
    assert np.array_equal(found["a"], np.array([1, 0.1, -3], np.float32))
    assert found["a"].dtype == np.float32


def test_a_vector_is_replaced_by_another_of_its_name(tmp_path):
    put(tmp_path, {"a": vector(1), "b": vector(2)})
    put(tmp_path, {"a": vector(3)})
    assert kept(tmp_path, ["a", "b"]) == {"a": 3, "b": 2}


def test_what_was_made_in_another_way_is_another_vector(tmp_path):
    put(tmp_path, {"a": vector(1)})
    assert kept(tmp_path, ["a"], made_by="otherwise") == {}
    assert kept(tmp_path, ["a"], width=4) == {}


def test_thousands_are_found_at_once(tmp_path):
    put(tmp_path, {str(number): vector(number) for number in range(1203)})
    names = [str(number) for number in range(2000)]
    assert kept(tmp_path, names) == {str(number): number for number in range(1203)}


def test_without_a_folder_nothing_is_kept():
    with VectorStore(None, "made", WIDTH) as store:
        store.put({"a": vector(1)})
        assert store.get(["a"]) == {}


@pytest.mark.parametrize("content", [b"", b"no database", b"SQLite format 3\0" + bytes(100)])
def test_a_file_that_is_no_database_is_made_anew(tmp_path, content):
    path = put(tmp_path, {"a": vector(1)})
    path.write_bytes(content)
    assert kept(tmp_path, ["a"]) == {}
    put(tmp_path, {"a": vector(2)})
    assert kept(tmp_path, ["a"]) == {"a": 2}


def test_a_vector_that_was_damaged_is_not_believed(tmp_path):
    path = put(tmp_path, {"a": vector(1), "b": vector(2)})
    content = path.read_bytes()
    assert content.count(vector(1).tobytes()) == 1
    path.write_bytes(content.replace(vector(1).tobytes(), vector(1.5).tobytes()))
    assert kept(tmp_path, ["a", "b"]) == {"b": 2}


def test_a_file_that_is_damaged_inside_is_said_once_and_made_anew_by_the_next(tmp_path):
    names = [str(number) for number in range(5000)]
    path = put(tmp_path, {name: vector(float(name)) for name in names})
    content = path.read_bytes()
    half = len(content) // 2
    path.write_bytes(content[:half] + b"\xff" * (len(content) - half))
    with VectorStore(tmp_path, "made", WIDTH) as store:
        with pytest.warns(CacheWarning, match="the file was removed; the next run makes it anew"):
            found = store.get(names)
        assert all((own == int(name)).all() for name, own in found.items())
        with warnings.catch_warnings():
            warnings.simplefilter("error")
            store.put({"0": vector(7)})
            assert store.get(["0"]) == {}
    put(tmp_path, {"0": vector(8)})
    assert kept(tmp_path, ["0", "1"]) == {"0": 8}


def test_a_full_disk_ends_the_keeping_with_one_warning(tmp_path):
    store = VectorStore(tmp_path, "made", 1000)
    store.put({"a": vector(1, 1000)})
    store._file.execute("PRAGMA max_page_count = 8")  # SQLite's own way to have no more room
    with pytest.warns(CacheWarning, match="database or disk is full.*computed and not kept .free some space"):
        store.put({str(number): vector(number, 1000) for number in range(50)})
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        store.put({"b": vector(2, 1000)})
        assert store.get(["a"]) == {}
    assert kept(tmp_path, ["a", "0", "1"], width=1000) == {"a": 1}  # all of the others or none


def test_a_place_that_cannot_be_used_is_said_once(tmp_path):
    (tmp_path / "file").write_text("in the way")
    with pytest.warns(CacheWarning, match="set SACCADE_CACHE"):
        store = VectorStore(tmp_path / "file" / "features", "made", WIDTH)
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        store.put({"a": vector(1)})
        assert store.get(["a"]) == {}
        store.close()


def test_the_files_used_longest_ago_make_room(tmp_path):
    paths = [put(tmp_path, {str(n): vector(n, 1000) for n in range(20)}, made_by=name, width=1000) for name in "abc"]
    size = paths[0].stat().st_size
    for age, path in zip((30, 10, 20), paths, strict=True):
        os.utime(path, (time.time() - age, time.time() - age))
    VectorStore(tmp_path, "d", 1000, most_bytes=int(2.5 * size)).close()
    assert [path.exists() for path in paths] == [False, True, True]
    VectorStore(tmp_path, "c", 1000, most_bytes=int(0.5 * size)).close()  # never the own one
    assert [path.exists() for path in paths] == [False, False, True]


def test_opening_a_file_makes_it_young(tmp_path):
    path = put(tmp_path, {"a": vector(1)})
    os.utime(path, (1, 1))
    VectorStore(tmp_path, "made", WIDTH).close()
    assert path.stat().st_mtime > time.time() - 60


def test_a_file_grows_no_more_than_it_may(tmp_path):
    for round_ in range(20):
        with VectorStore(tmp_path, "made", 1000, most_bytes=200_000) as store:
            store.put({f"{round_} {number}": vector(number, 1000) for number in range(10)})
    assert 200_000 <= store.path.stat().st_size < 300_000


def test_two_at_a_time_keep_what_both_put(tmp_path):
    with VectorStore(tmp_path, "made", WIDTH) as one, VectorStore(tmp_path, "made", WIDTH) as other:
        one.put({"a": vector(1)})
        other.put({"b": vector(2)})
        assert one.get(["a", "b"]).keys() == other.get(["a", "b"]).keys() == {"a", "b"}


SCRIPT = textwrap.dedent("""
    import sys
    from pathlib import Path
    import numpy as np
    from saccade.data.vector_store import VectorStore
    store = VectorStore(Path(sys.argv[1]), "made", 500)
    print("ready", flush=True)
    for batch in range(10**6):
        store.put({f"{batch} {number}": np.full(500, batch, np.float32) for number in range(100)})
""")


def test_a_process_that_is_killed_while_it_puts_leaves_whole_batches(tmp_path):
    for delay in (0.0, 0.02, 0.05, 0.11):
        process = subprocess.Popen([sys.executable, "-c", SCRIPT, str(tmp_path)], stdout=subprocess.PIPE)
        assert process.stdout.readline() == b"ready\n"
        time.sleep(delay)
        process.send_signal(signal.SIGKILL)
        process.communicate()
        with VectorStore(tmp_path, "made", 500) as store:
            found = store.get([f"{batch} {number}" for batch in range(200) for number in range(100)])
        counts: dict[int, int] = {}
        for name, own in found.items():
            batch = int(name.split()[0])
            assert (own == batch).all()
            counts[batch] = counts.get(batch, 0) + 1
        assert set(counts.values()) <= {100}
        assert sorted(counts) == list(range(len(counts)))
    assert counts


def test_the_database_is_whole_after_a_kill(tmp_path):
    path = put(tmp_path, {str(number): vector(number) for number in range(50)})
    file = sqlite3.connect(path)
    assert file.execute("PRAGMA integrity_check").fetchall() == [("ok",)]
    file.close()
