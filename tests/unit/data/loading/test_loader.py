import os
import subprocess
import sys
import textwrap
import time
import warnings
from pathlib import Path

import numpy as np
import pytest
import torch
from PIL import Image

from pictures import hashes, write_class_folders
from saccade.data import files
from saccade.data.arrays import Arrays, open_arrays
from saccade.data.augmentations.recipes import chosen, standard
from saccade.data.loading.feeding import Feeding
from saccade.data.loading.loader import Loader
from saccade.data.opening import open_data
from saccade.data.splitting import Splitting
from saccade.errors import BadConfig
from saccade.tasks.classification import classification
from saccade.types.preprocessing import Preprocessing
from saccade.types.sample import Sample

AUGMENTATIONS = standard(mirror=True, crop_rate=0.125)


def plain(size=8, channels=1):
    return Preprocessing((size, size), channels, (0.0,) * channels, (1.0,) * channels)


def numbers(count, shape=(8, 8, 1), dtype=np.uint8):
    images = np.random.default_rng(0).integers(0, 256, (count, *shape)).astype(dtype)
    return Arrays(images, tuple(range(count)), "x", np.arange(count))


def loader(source, preprocessing=None, **options):
    return Loader(source, preprocessing or plain(), torch.tensor, **options)


def assert_same(first, second):
    assert len(first) == len(second)
    for one, other in zip(first, second, strict=True):
        assert one.keys == other.keys
        assert torch.equal(one.images, other.images)
        assert torch.equal(one.targets, other.targets)
        assert one.set_aside == other.set_aside


def test_a_batch_is_what_its_keys_name():
    source = numbers(10)
    first, *_, last = loader(source, batch_size=4).epoch(0)
    assert first.keys == ("x[0]", "x[1]", "x[2]", "x[3]")
    assert first.images.dtype == torch.float32
    assert torch.equal(first.images[2, 0], torch.from_numpy(source.images[2, ..., 0]) / 255)
    assert first.targets.tolist() == [0, 1, 2, 3]
    assert first.sizes.tolist() == [[8, 8]] * 4
    assert len(last) == 2


def test_each_epoch_has_every_image_once_in_an_order_of_its_own():
    batches = loader(numbers(50), batch_size=8, seed=0)
    epochs = [[key for batch in batches.epoch(epoch) for key in batch.keys] for epoch in range(3)]
    assert all(sorted(keys) == sorted(f"x[{index}]" for index in range(50)) for keys in epochs)
    assert len({tuple(keys) for keys in epochs}) == 3
    assert [key for batch in batches.epoch(1) for key in batch.keys] == epochs[1]


def test_without_a_seed_nothing_is_random():
    batches = loader(numbers(50), batch_size=8)
    assert_same(list(batches.epoch(0)), list(batches.epoch(1)))


@pytest.mark.parametrize(
    ("count", "size", "seed", "sizes"),
    [
        (9, 4, None, [4, 4, 1]),
        (9, 4, 0, [4, 5]),
        (8, 4, 0, [4, 4]),
        (10, 4, 0, [4, 4, 2]),
        (1, 4, 0, [1]),
        (3, 1, 0, [1, 1, 1]),
        (3, 64, 0, [3]),
        (5, 4, 0, [5]),
    ],
)
def test_while_training_a_single_image_left_over_joins_the_batch_before(count, size, seed, sizes):
    batches = loader(numbers(count), batch_size=size, seed=seed)
    assert [len(batch) for batch in batches.epoch(0)] == sizes
    assert batches.steps == len(sizes)


@pytest.fixture(scope="module")
def photos(tmp_path_factory):
    root = write_class_folders(tmp_path_factory.mktemp("data") / "photos", {"a": 20, "b": 20})
    (root / "a" / "0.png").write_bytes(b"")
    (root / "b" / "1.png").write_bytes(b"no picture")
    return open_data(root, shares=(1, 0, 0)).splits["train"]


SOURCES = {
    "ready arrays": lambda _: (numbers(37), plain()),
    "arrays to resize": lambda _: (numbers(37, (6, 9, 3)), plain(8, 3)),
    "floats": lambda _: (
        open_arrays((np.random.default_rng(0).random((37, 9, 9)), range(37)), SPLIT).splits["train"],
        plain(),
    ),
    "files": lambda photos: (photos, plain(8, 3)),
}
SPLIT = Splitting(shares=(1, 0, 0))


@pytest.mark.parametrize("workers", [0, 1, 2])
@pytest.mark.parametrize("augmentations", [(), AUGMENTATIONS], ids=["plain", "augmented"])
@pytest.mark.parametrize("kind", SOURCES)
def test_an_epoch_from_any_batch_is_the_uninterrupted_one(photos, kind, augmentations, workers):
    source, preprocessing = SOURCES[kind](photos)
    options = {"batch_size": 8, "seed": 5, "augmentations": augmentations}
    whole = {epoch: list(loader(source, preprocessing, **options).epoch(epoch)) for epoch in (0, 1)}
    with loader(source, preprocessing, workers=workers, **options) as again:
        assert_same(list(again.epoch(1, start=3)), whole[1][3:])
        begun = again.epoch(0)
        assert_same([next(begun), next(begun)], whole[0][:2])
        begun.close()
        assert_same(list(again.epoch(0)), whole[0])  # some pictures are kept by now
        assert_same(list(again.epoch(1)), whole[1])  # all of them
        assert list(again.epoch(1, start=again.steps)) == []


@pytest.mark.parametrize(
    "feeding", [Feeding(2), Feeding(2, threads=True), Feeding(cache="off"), Feeding(2, cache="disk")]
)
def test_strong_changes_and_mixtures_are_the_same_bits_however_they_are_fed(tmp_path, monkeypatch, feeding):
    """Zooms, turns, colours and mixtures too are functions of seed, epoch, sample and step."""
    monkeypatch.setenv("SACCADE_CACHE", str(tmp_path / "cache"))
    source = open_data(write_class_folders(tmp_path / "photos", {"a": 9, "b": 8}), shares=(1, 0, 0)).splits["train"]
    task = classification(["a", "b"])
    changes = chosen("strong", mixing="cutmix")
    options = {"batch_size": 5, "seed": 7, "augmentations": changes}
    with Loader(source, plain(12, 3), task.targets, **options) as one:
        whole = [list(one.epoch(epoch)) for epoch in range(2)]
    with Loader(source, plain(12, 3), task.targets, **options, workers=feeding) as other:
        assert_same(list(other.epoch(0)), whole[0])
        assert_same(list(other.epoch(1, start=2)), whole[1][2:])
    assert not torch.equal(whole[0][0].images, whole[1][0].images)
    assert any(0 < share < 1 for share in whole[0][0].targets.flatten().tolist())


def test_augmentation_differs_from_epoch_to_epoch():
    batches = loader(numbers(16), batch_size=16, seed=0, augmentations=AUGMENTATIONS)
    by_key = [dict(zip(batch.keys, batch.images, strict=True)) for epoch in range(2) for batch in batches.epoch(epoch)]
    assert sum(torch.equal(by_key[0][key], by_key[1][key]) for key in by_key[0]) < 8


@pytest.mark.bad_input
@pytest.mark.parametrize("workers", [0, 2])
def test_a_mask_with_a_class_that_has_no_name_sets_its_picture_aside(tmp_path, workers):
    (tmp_path / "classes.txt").write_text("ground\nthing\n")
    for folder, shade in (("images", 200), ("masks", 1)):
        (tmp_path / folder).mkdir()
        for number in range(4):
            level = 9 if (folder, number) == ("masks", 2) else shade
            Image.fromarray(np.full((8, 8), level, np.uint8)).save(tmp_path / folder / f"{number}.png")
    source = open_data(tmp_path, shares=(1.0, 0.0, 0.0)).splits["train"]
    with Loader(source, Preprocessing((8, 8), 1, (0.0,), (1.0,)), list, batch_size=4, workers=workers) as loader:
        (batch,) = loader.epoch(0)
    assert [Path(key).name for key in batch.keys] == ["0.png", "1.png", "3.png"]
    (aside,) = batch.set_aside
    assert Path(aside[0]).name == "2.png"
    assert "taken" in aside[1]


@pytest.mark.parametrize("workers", [0, 2])
def test_bad_files_are_set_aside_with_a_reason_in_every_epoch(photos, workers):
    with loader(photos, plain(8, 3), batch_size=8, seed=0, workers=workers) as batches:
        for epoch in range(2):
            done = list(batches.epoch(epoch))
            aside = sorted(entry for batch in done for entry in batch.set_aside)
            assert [key for key, _ in aside] == ["a/0.png", "b/1.png"]
            assert all(reason.startswith("got ") for _, reason in aside)
            assert sum(len(batch) for batch in done) == 38


@pytest.mark.parametrize("workers", [0, 2])
def test_a_batch_of_which_nothing_is_left_still_comes(tmp_path, workers):
    root = write_class_folders(tmp_path, {"a": 4, "b": 4})
    for index in range(4):
        (root / "b" / f"{index}.png").write_bytes(b"")
    source = open_data(root, shares=(1, 0, 0)).splits["train"]
    with loader(source, plain(8, 3), batch_size=4, workers=workers) as batches:
        first, second = batches.epoch(0)
    assert (len(first), len(second)) == (4, 0)
    assert second.images.shape == (0, 3, 8, 8)
    assert len(second.set_aside) == 4
    assert second.targets is None


def test_while_training_one_left_alone_by_broken_ones_sits_out(tmp_path):
    root = write_class_folders(tmp_path, {"a": 1, "b": 1})
    (root / "b" / "0.png").write_bytes(b"")
    source = open_data(root, shares=(1, 0, 0)).splits["train"]
    assert [len(batch) for batch in loader(source, plain(8, 3), batch_size=2, seed=0).epoch(0)] == [0]
    assert [len(batch) for batch in loader(source, plain(8, 3), batch_size=2).epoch(0)] == [1]


def test_a_picture_has_the_same_bits_whoever_is_beside_it():
    images = tuple(
        np.random.default_rng(0).integers(0, 256, (6, 6, 1)).astype(kind) for kind in (np.uint8, np.uint16) * 4
    )
    source = Arrays(images, tuple(range(8)), "x", np.arange(8))
    alone = torch.cat([batch.images for batch in loader(source, batch_size=1).epoch(0)])
    together = torch.cat([batch.images for batch in loader(source, batch_size=8).epoch(0)])
    assert torch.equal(alone, together)


class Slow:
    """A source that counts how often it is read."""

    def __init__(self):
        self.reads = 0

    def __len__(self):
        return 6

    def read(self, index):
        self.reads += 1
        return Sample(np.full((4, 4, 1), index, np.uint8), index, str(index))

    def key(self, index):
        return str(index)

    def target(self, index):
        return index

    def fingerprint(self):
        return ""


def test_while_training_a_picture_is_read_once():
    source = Slow()
    batches = loader(source, batch_size=4, seed=0, augmentations=AUGMENTATIONS)
    for epoch in range(3):
        list(batches.epoch(epoch))
    assert source.reads == 6


def test_otherwise_pictures_are_kept_from_the_second_epoch_on():
    source = Slow()
    batches = loader(source, batch_size=4)
    for reads in (6, 12, 12):
        list(batches.epoch(0))
        assert source.reads == reads


def test_nothing_of_torch_or_numpy_is_drawn():
    torch.manual_seed(3)
    np.random.seed(3)
    before = torch.get_rng_state(), np.random.get_state()[1].copy()
    with loader(numbers(20), batch_size=4, seed=0, augmentations=AUGMENTATIONS, workers=1) as batches:
        list(batches.epoch(0))
    assert torch.equal(torch.get_rng_state(), before[0])
    assert np.array_equal(np.random.get_state()[1], before[1])


def test_closing_is_quiet_and_an_epoch_starts_anew():
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        batches = loader(numbers(20), batch_size=4, seed=0, augmentations=AUGMENTATIONS, workers=2)
        first = list(batches.epoch(0))
        started = time.monotonic()
        batches.close()
        batches.close()
        assert time.monotonic() - started < 10
        assert_same(list(batches.epoch(0)), first)
        batches.close()


def test_data_on_disk_stay_as_they_are(tmp_path):
    root = write_class_folders(tmp_path, {"a": 4, "b": 4}, ".jpg")
    cut = root / "a" / "0.jpg"
    cut.write_bytes(cut.read_bytes()[:-2])  # a JPEG without its end, which some tools "repair" in place
    before = hashes(root)
    dataset = open_data(root)
    for source in dataset.splits.values():
        source.fingerprint()
        with loader(source, plain(8, 3), batch_size=4, seed=0, workers=1, augmentations=AUGMENTATIONS) as batches:
            for epoch in range(2):
                list(batches.epoch(epoch))
    assert hashes(root) == before


@pytest.mark.parametrize(
    "workers", ["threads:2", Feeding(2, cache="off"), Feeding(cache="disk"), Feeding(2, cache="disk")]
)
def test_batches_are_the_same_bits_however_they_are_fed(photos, workers, tmp_path, monkeypatch):
    monkeypatch.setenv("SACCADE_CACHE", str(tmp_path))
    options = {"batch_size": 8, "seed": 5, "augmentations": AUGMENTATIONS}
    plainly = loader(photos, plain(8, 3), **options)
    with loader(photos, plain(8, 3), workers=workers, **options) as batches:
        for epoch in (0, 1):
            assert_same(list(batches.epoch(epoch)), list(plainly.epoch(epoch)))
        assert_same(list(batches.epoch(1, start=2)), list(plainly.epoch(1))[2:])


def test_a_second_run_reads_pictures_from_the_disk_cache(tmp_path, monkeypatch):
    monkeypatch.setenv("SACCADE_CACHE", str(tmp_path / "cache"))
    root = write_class_folders(tmp_path / "photos", {"a": 4, "b": 4})
    source = open_data(root, shares=(1, 0, 0)).splits["train"]
    first = list(loader(source, plain(8, 3), batch_size=4, seed=0, workers=Feeding(cache="disk")).epoch(0))
    reads = []
    monkeypatch.setattr(files, "read_at_least", lambda *given: reads.append(given))
    again = list(loader(source, plain(8, 3), batch_size=4, seed=0, workers=Feeding(cache="disk")).epoch(0))
    assert_same(again, first)
    assert reads == []


@pytest.mark.parametrize(("count", "size", "world"), [(23, 4, 2), (7, 4, 3), (2, 4, 3), (16, 4, 2), (1, 1, 2)])
@pytest.mark.parametrize("seed", [None, 3])
def test_ranks_share_every_batch(count, size, world, seed):
    parts = [
        loader(numbers(count), batch_size=size, seed=seed, workers=Feeding(rank=rank, world=world))
        for rank in range(world)
    ]
    alone = list(loader(numbers(count), batch_size=size, seed=seed).epoch(1))
    taken = [list(part.epoch(1)) for part in parts]
    assert len({len(batches) for batches in taken}) == 1
    assert sorted(key for batches in taken for batch in batches for key in batch.keys) == sorted(
        f"x[{index}]" for index in range(count)
    )
    for step, together in enumerate(zip(*taken, strict=True)):
        assert tuple(key for batch in together for key in batch.keys) == alone[step].keys


@pytest.mark.parametrize("workers", [1, 2, 5, "threads:5"])
def test_more_workers_than_pictures_do_no_harm(workers):
    with loader(numbers(2, (6, 9, 3)), plain(8, 3), batch_size=1, seed=0, workers=workers) as batches:
        assert [len(batch) for epoch in range(2) for batch in batches.epoch(epoch)] == [1] * 4


SCRIPT = textwrap.dedent("""
    import hashlib, multiprocessing, sys
    import torch
    from saccade.data.augmentations.recipes import chosen, standard
    from saccade.data.loading.feeding import Feeding
    from saccade.data.loading.loader import Loader
    from saccade.data.opening import open_data
    from saccade.types.preprocessing import Preprocessing

    if __name__ == "__main__":
        multiprocessing.set_start_method(sys.argv[2])
        source = open_data(sys.argv[1], shares=(1, 0, 0)).splits["train"]
        taken = Preprocessing((8, 8), 3, (0.0,) * 3, (1.0,) * 3)
        feeding = Feeding(int(sys.argv[3]), cache=sys.argv[4])
        options = {"batch_size": 4, "seed": 2, "augmentations": standard(True, 0.125), "workers": feeding}
        with Loader(source, taken, torch.tensor, **options) as loader:
            found = hashlib.sha256()
            for epoch in range(2):
                for batch in loader.epoch(epoch):
                    found.update(batch.images.contiguous().numpy().tobytes() + repr(batch.keys).encode())
        print(found.hexdigest())
""")


def test_forked_spawned_and_no_workers_give_the_same_bits(tmp_path):
    root = write_class_folders(tmp_path / "photos", {"a": 7, "b": 6})
    (tmp_path / "script.py").write_text(SCRIPT)
    ways = [("fork", "0", "auto"), ("fork", "2", "auto"), ("spawn", "2", "auto"), ("spawn", "1", "disk")]
    found = set()
    for way in ways:
        done = subprocess.run(
            [sys.executable, "-W", "error", str(tmp_path / "script.py"), str(root), *way],
            capture_output=True, timeout=200, check=False, env={**os.environ, "SACCADE_CACHE": str(tmp_path / "c")},
        )  # fmt: skip
        assert done.stderr == b""
        found.add(done.stdout)
    assert len(found) == 1


@pytest.mark.bad_input
@pytest.mark.parametrize("options", [{"batch_size": 0}, {"workers": -1}, {"augmentations": AUGMENTATIONS}])
def test_wrong_options_are_refused(options):
    with pytest.raises(BadConfig, match=r"taken are at least 1|taken is at least 0|taken is a seed"):
        loader(numbers(4), **options)
