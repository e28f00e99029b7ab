import os
import pickle

import numpy as np
import pytest
import torch
from PIL import Image

from saccade.data import files
from saccade.data.augmentations.recipes import chosen
from saccade.data.files import Files
from saccade.data.loading import keeping
from saccade.data.loading.decoded import Decoded
from saccade.data.loading.feeding import Feeding
from saccade.data.loading.keeping import Nowhere
from saccade.data.loading.loader import Loader
from saccade.data.loading.making import Maker
from saccade.data.opening import open_data
from saccade.types.annotations import Annotations
from saccade.types.boxes import Boxes
from saccade.types.preprocessing import Preprocessing

COLOURS = Preprocessing((8, 8), 3, (0.0,) * 3, (1.0,) * 3)
STRONG = chosen("strong")
FEEDINGS = [
    Feeding(workers, threads, cache)
    for workers, threads in ((0, False), (2, False), (2, True))
    for cache in ("auto", "disk", "off")
]
COUNT = 11


class Late:
    """A label that must know how large its picture is."""

    classes = (0,)

    def placed(self, root, size):
        box = torch.tensor([[size[1] / 8, size[0] / 8, size[1] / 1.5, size[0] / 1.25]])
        return Annotations(size, torch.tensor([0]), Boxes(box, size))

    def digest(self, root):
        return ""


@pytest.fixture(scope="module")
def folder(tmp_path_factory):
    """JPEGs that come reduced and whole, lying on their side as well, and a PNG of 16 bits, which is never kept."""
    root = tmp_path_factory.mktemp("photos")
    random = np.random.default_rng(0)
    for number in range(COUNT - 1):
        pixels = random.integers(0, 256, (40 + 9 * number, 97 - 7 * number, 3), np.uint8)
        exif = Image.Exif()
        exif[274] = 1 + number % 8
        Image.fromarray(pixels).save(root / f"{number}.jpg", exif=exif)
    Image.fromarray(random.integers(0, 65536, (40, 50)).astype(np.uint16)).save(root / f"{COUNT - 1}.png")
    return root


def photos(folder, kind):
    paths = tuple(sorted(path.name for path in folder.iterdir()))
    sizes = Files(str(folder), paths, (Late(),) * COUNT)
    targets = {
        "classes": tuple(range(COUNT)),
        "late": (Late(),) * COUNT,
        "ready": tuple(Late().placed("", sizes.size(row)) for row in range(COUNT)),
    }
    return Files(str(folder), paths, targets[kind])


def told(target):
    return target if isinstance(target, int) else (target.size, target.boxes.coordinates.tolist())


def assert_same(first, second):
    for one, other in zip(first, second, strict=True):
        assert one.keys == other.keys
        assert one.set_aside == other.set_aside == ()
        assert torch.equal(one.images, other.images)
        assert [told(target) for target in one.targets] == [told(target) for target in other.targets]


@pytest.mark.parametrize("feeding", FEEDINGS, ids=lambda one: f"{one.workers} {one.threads} {one.cache}")
@pytest.mark.parametrize("kind", ["classes", "late", "ready"])
def test_zoomed_and_turned_pictures_are_the_same_bits_however_they_are_kept(
    folder, kind, feeding, tmp_path, monkeypatch
):
    monkeypatch.setenv("SACCADE_CACHE", str(tmp_path))
    options = {"batch_size": 4, "seed": 3, "augmentations": STRONG}
    plainly = Loader(photos(folder, kind), COLOURS, list, workers=Feeding(cache="off"), **options)
    epochs = [list(plainly.epoch(epoch)) for epoch in range(3)]
    with Loader(photos(folder, kind), COLOURS, list, workers=feeding, **options) as loader:
        for epoch in range(3):
            assert_same(list(loader.epoch(epoch)), epochs[epoch])
        loader.close()  # new workers find what those before have kept
        assert_same(list(loader.epoch(1, start=1)), epochs[1][1:])
    assert not torch.equal(epochs[0][0].images, epochs[1][0].images)


@pytest.mark.parametrize("feeding", [Feeding(), Feeding(cache="disk")])
def test_while_zooming_each_file_is_decoded_once(folder, feeding, tmp_path, monkeypatch):
    monkeypatch.setenv("SACCADE_CACHE", str(tmp_path))
    source, decoded, headers = photos(folder, "late"), [], []
    read, read_size = files.read_at_least, files.read_size
    monkeypatch.setattr(files, "read_at_least", lambda path, least: (decoded.append(path.name), read(path, least))[1])
    monkeypatch.setattr(files, "read_size", lambda path: (headers.append(path.name), read_size(path))[1])
    options = {"batch_size": 4, "seed": 3, "augmentations": STRONG}
    with Loader(source, COLOURS, list, workers=feeding, **options) as loader:
        for epoch in range(4):
            list(loader.epoch(epoch))
    counts = {name: decoded.count(name) for name in set(decoded)}
    assert counts.pop(f"{COUNT - 1}.png") == 4  # 16 bits
    assert set(counts.values()) == {1}
    assert headers == []


def test_a_forked_process_finds_what_another_has_kept(folder):
    maker = Maker(photos(folder, "classes"), COLOURS, STRONG, batch_size=COUNT, seed=0)
    child = os.fork()
    if not child:
        maker.make(0, 0, True)
        os._exit(0)
    os.waitpid(child, 0)
    assert [maker._decoded.get(row) is not None for row in range(COUNT)].count(True) == COUNT - 1


def test_a_second_run_decodes_nothing(folder, tmp_path, monkeypatch):
    monkeypatch.setenv("SACCADE_CACHE", str(tmp_path))
    options = {"batch_size": 4, "seed": 3, "augmentations": STRONG, "workers": Feeding(cache="disk")}
    paths = tuple(f"{number}.jpg" for number in range(COUNT - 1))
    source = Files(str(folder), paths, (Late(),) * len(paths))
    first = list(Loader(source, COLOURS, list, **options).epoch(0))
    monkeypatch.setattr(files, "read_at_least", None)
    again = Files(str(folder), paths, (Late(),) * len(paths))
    assert_same(list(Loader(again, COLOURS, list, **options).epoch(0)), first)


def test_what_finds_no_room_is_decoded_each_time(folder, monkeypatch):
    monkeypatch.setattr(keeping, "MOST_BYTES", 6000)
    source = photos(folder, "late")
    plainly = Loader(source, COLOURS, list, batch_size=4, seed=3, augmentations=STRONG, workers=Feeding(cache="off"))
    loader = Loader(source, COLOURS, list, batch_size=4, seed=3, augmentations=STRONG)
    for epoch in range(2):
        assert_same(list(loader.epoch(epoch)), list(plainly.epoch(epoch)))
    kept = [loader.maker._decoded.get(row) is not None for row in range(COUNT)]
    assert 0 < kept.count(True) < COUNT - 1


def test_of_two_kinds_of_room_only_one_is_used(folder):
    source = photos(folder, "classes")
    zooming = Maker(source, COLOURS, STRONG, batch_size=COUNT, seed=0)
    mirroring = Maker(source, COLOURS, chosen("standard"), batch_size=COUNT, seed=0)
    judging = Maker(source, COLOURS, STRONG, batch_size=COUNT, seed=None)
    for maker in (zooming, mirroring, judging):
        maker.make(0, 0, True)
    assert isinstance(zooming._decoded, Decoded)
    assert isinstance(mirroring._decoded, Nowhere)
    assert isinstance(judging._decoded, Nowhere)
    assert all(zooming.kept.get(row) is None for row in range(COUNT))
    assert mirroring.kept.get(0) is not None
    assert judging.kept.get(0) is not None


def test_a_maker_started_afresh_gives_the_same(folder):
    maker = Maker(photos(folder, "late"), COLOURS, STRONG, batch_size=COUNT, seed=0)
    maker.make(0, 0, True)
    again = pickle.loads(pickle.dumps(maker))
    np.testing.assert_array_equal(np.stack(again.make(1, 0, True).pictures), np.stack(maker.make(1, 0, True).pictures))


def test_masks_in_files_of_their_own_follow_kept_pictures(tmp_path):
    (tmp_path / "classes.txt").write_text("ground\nthing\n")
    random = np.random.default_rng(1)
    for name, channels, levels in (("images", (3,), 256), ("masks", (), 2)):
        (tmp_path / name).mkdir()
        for number in range(4):
            pixels = random.integers(0, levels, (96, 80, *channels), np.uint8)
            Image.fromarray(pixels).save(tmp_path / name / f"{number}.{'jpg' if channels else 'png'}")
    source = open_data(tmp_path, shares=(1.0, 0.0, 0.0)).splits["train"]
    options = {"batch_size": 4, "seed": 0, "augmentations": STRONG}
    fresh = Loader(source, COLOURS, list, workers=Feeding(cache="off"), **options)
    loader = Loader(source, COLOURS, list, **options)
    list(loader.epoch(0))
    (one,), (other,) = loader.epoch(1), fresh.epoch(1)
    assert torch.equal(one.images, other.images)
    assert any(int(target.regions.values.eq(1).sum()) for target in one.targets)
    for first, second in zip(one.targets, other.targets, strict=True):
        assert torch.equal(first.regions.values, second.regions.values)
