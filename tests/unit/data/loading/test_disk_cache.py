import os
import pickle
import signal
import struct
import subprocess
import sys
import textwrap
import time
import warnings

import numpy as np
import pytest

from saccade.data.loading import disk_cache
from saccade.data.loading.disk_cache import CacheWarning, DiskCache

SHAPE = (4, 5, 3)


def picture(shade):
    return np.full(SHAPE, shade, np.uint8)


def stored(folder):
    return [path for path in folder.rglob("*") if path.is_file()]


def test_what_is_put_can_be_got_by_any_process(tmp_path):
    cache = DiskCache(tmp_path / "made")
    cache.put("a\nb", picture(3))
    np.testing.assert_array_equal(cache.get("a\nb", SHAPE), picture(3))
    np.testing.assert_array_equal(pickle.loads(pickle.dumps(cache)).get("a\nb", SHAPE), picture(3))
    assert cache.get("a", SHAPE) is None
    assert DiskCache(tmp_path / "made").taken == cache.taken == 20 + 60


def test_another_shape_is_another_picture(tmp_path):
    cache = DiskCache(tmp_path)
    cache.put("a", picture(3))
    assert cache.get("a", (5, 4, 3)) is None


def test_a_picture_says_its_shape_itself(tmp_path):
    cache = DiskCache(tmp_path)
    for number, shape in enumerate(((1, 1, 1), (4, 5, 3), (30, 2, 4))):
        cache.put(str(number), np.full(shape, number, np.uint8))
        np.testing.assert_array_equal(cache.get(str(number)), np.full(shape, number))


@pytest.mark.parametrize(
    "head", [b"", b"SACC", struct.pack("<4sIIII", b"SACC", 0, 2**32 - 1, 2**32 - 1, 2**32 - 1), b"SACC" + bytes(16)]
)
def test_a_head_that_claims_what_is_not_there_is_not_believed(tmp_path, head):
    cache = DiskCache(tmp_path)
    cache.put("a", picture(3))
    [path] = stored(tmp_path)
    for content in (head, head + bytes(60)):
        path.write_bytes(content)
        assert cache.get("a") is None
        assert not path.exists()


@pytest.mark.parametrize("shape", [SHAPE, None])
@pytest.mark.parametrize("harm", ["cut", "longer", "changed", "empty"])
def test_a_damaged_file_is_as_good_as_none(tmp_path, harm, shape):
    cache = DiskCache(tmp_path)
    cache.put("a", picture(3))
    [path] = stored(tmp_path)
    content = path.read_bytes()
    path.write_bytes({
        "cut": content[:-1], "longer": content + b"x", "changed": content[:-1] + b"x", "empty": b"",
    }[harm])  # fmt: skip
    assert cache.get("a", shape) is None
    assert not path.exists()
    cache.put("a", picture(4))
    np.testing.assert_array_equal(cache.get("a", SHAPE), picture(4))


def test_room_is_limited(tmp_path):
    cache = DiskCache(tmp_path, most_bytes=2 * 80 + 40)
    for number in range(5):
        cache.put(str(number), picture(number))
    assert [cache.get(str(number), SHAPE) is not None for number in range(5)] == [True, True, False, False, False]
    assert sum(path.stat().st_size for path in stored(tmp_path)) == 160


def test_what_was_unused_for_a_week_makes_room(tmp_path):
    cache = DiskCache(tmp_path, most_bytes=320)
    for number in range(4):
        cache.put(str(number), picture(number))
    old = time.time() - 8 * 86_400
    for path in stored(tmp_path)[:2]:
        os.utime(path, (old, old))
    again = DiskCache(tmp_path, most_bytes=320)
    assert again.taken == 240  # three quarters: the second old one may stay
    assert DiskCache(tmp_path, most_bytes=1 << 20).taken == 240


def test_reading_an_old_picture_makes_it_young(tmp_path):
    cache = DiskCache(tmp_path)
    cache.put("a", picture(3))
    [path] = stored(tmp_path)
    old = time.time() - 8 * 86_400
    os.utime(path, (old, old))
    assert cache.get("a", SHAPE) is not None
    assert path.stat().st_mtime > time.time() - 60


def test_a_full_disk_ends_the_keeping_with_one_warning(tmp_path, monkeypatch):
    cache = DiskCache(tmp_path)
    cache.put("a", picture(1))

    def full(path, content):
        with path.open("wb") as file:
            file.write(content[:7])
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(disk_cache.Path, "write_bytes", full)
    with pytest.warns(CacheWarning, match=r"no space left on device.*the run goes on"):
        cache.put("b", picture(2))
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        cache.put("c", picture(2))
    assert len(stored(tmp_path)) == 1  # no half of a file is left
    np.testing.assert_array_equal(cache.get("a", SHAPE), picture(1))


def test_a_place_that_cannot_be_written_is_said_once(tmp_path):
    (tmp_path / "file").write_text("in the way")
    cache = DiskCache(tmp_path / "file" / "decoded")
    with pytest.warns(CacheWarning):
        cache.put("a", picture(1))
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        cache.put("a", picture(1))
    assert cache.get("a", SHAPE) is None


def test_what_a_forked_process_adds_is_counted(tmp_path):
    cache = DiskCache(tmp_path, most_bytes=80)
    child = os.fork()
    if not child:
        cache.put("a", picture(1))
        os._exit(0)
    os.waitpid(child, 0)
    assert cache.taken == 80
    cache.put("b", picture(2))
    assert cache.get("b", SHAPE) is None


SCRIPT = textwrap.dedent("""
    import sys
    from pathlib import Path
    import numpy as np
    from saccade.data.loading.disk_cache import DiskCache
    cache = DiskCache(Path(sys.argv[1]))
    print("ready", flush=True)
    for number in range(10**6):
        cache.put(str(number), np.full((200, 200, 3), number % 256, np.uint8))
""")


def test_a_process_that_is_killed_spoils_nothing(tmp_path):
    for delay in (0.0, 0.03, 0.07, 0.15):
        process = subprocess.Popen([sys.executable, "-c", SCRIPT, str(tmp_path)], stdout=subprocess.PIPE)
        assert process.stdout.readline() == b"ready\n"
        time.sleep(delay)
        process.send_signal(signal.SIGKILL)
        process.communicate()
        cache = DiskCache(tmp_path)
        kept = [cache.get(str(number), (200, 200, 3)) for number in range(3000)]
        for number, pixels in enumerate(kept):
            assert pixels is None or (pixels == number % 256).all()
    assert any(pixels is not None for pixels in kept)
