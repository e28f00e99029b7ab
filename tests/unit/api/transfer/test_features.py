"""What a frozen network sees is computed once: by content, weights and preprocessing, whoever asks and in any order."""

from __future__ import annotations

import shutil
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import torch
from torch import Tensor

from pictures import write_picture
from saccade.api.choosing import training_changes
from saccade.api.transfer import features
from saccade.api.transfer.features import Eye
from saccade.data.arrays import Arrays
from saccade.data.files import Files
from saccade.data.preprocess import preprocess, to_images
from saccade.layers.normalised import Normalised
from saccade.layers.pooled import Pooled
from saccade.training.execution import Execution
from saccade.training.settings import TrainingSettings
from saccade.types.preprocessing import Preprocessing
from small_backbone import Small

SEEN = Preprocessing((8, 8), 3, (0.5,) * 3, (0.25,) * 3)
CHANGES = training_changes(TrainingSettings())  # mirrored, moved


class Counted:
    """An eye that knows how many pictures its network has seen."""

    def __init__(self, *, seed: int = 0, seen: Preprocessing = SEEN, **settings: Any) -> None:
        network = Normalised(Pooled(Small(in_channels=3, seed=seed), num_classes=2), seen.mean, seen.std).eval()
        self.eye = Eye(network, seen, Execution(), TrainingSettings(**settings), CHANGES)
        self.count = 0
        self.eye.pooled.backbone.conv1.register_forward_pre_hook(self._note)

    def _note(self, _module: Any, inputs: tuple[Tensor, ...]) -> None:
        self.count += len(inputs[0])


@pytest.fixture(autouse=True)
def cache(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.setenv("SACCADE_CACHE", str(tmp_path / "cache"))
    return tmp_path / "cache" / "features"


@pytest.fixture
def source(tmp_path: Path) -> Files:
    names = tuple(f"{number}.png" for number in range(10))
    for number, name in enumerate(names):
        write_picture(tmp_path / "photos" / name, (9, 12), shade=20 * number)
    return Files(str(tmp_path / "photos"), names, tuple(number % 2 for number in range(10)))


def test_the_features_are_what_the_network_makes_of_each_picture(source):
    seen = Counted()
    looks = seen.eye.look(source)
    images = to_images([preprocess(source.read(row).image, SEEN) for row in range(10)])
    with torch.no_grad():
        wanted = seen.eye.pooled.features((images - 0.5) / 0.25)
    assert looks.vectors.shape == (10, 1, 4 + 6 + 8)
    np.testing.assert_allclose(looks.vectors[:, 0], wanted, atol=1e-5)
    assert looks.rows.tolist() == list(range(10))
    assert (looks.reused, looks.set_aside) == (0, ())


def test_of_large_pictures_few_are_looked_at_at_once(source, monkeypatch):
    monkeypatch.setattr(features, "_MOST_PIXELS", 3 * 8 * 8 + 5)
    seen, together = Counted(), list[int]()
    seen.eye.pooled.backbone.conv1.register_forward_pre_hook(lambda _, inputs: together.append(len(inputs[0])))
    assert seen.eye.look(source).rows.tolist() == list(range(10))
    assert together == [3, 3, 3, 1]


def test_a_second_run_computes_nothing_and_gets_the_same_bits(source):
    first, second = Counted(), Counted()
    one, other = first.eye.look(source, 2), second.eye.look(source, 2)
    assert (first.count, second.count) == (20, 0)
    assert np.array_equal(one.vectors, other.vectors)
    assert other.reused == 20


def test_a_changed_picture_is_looked_at_anew_alone(source):
    before = Counted().eye.look(source)
    write_picture(Path(source.root) / "3.png", (9, 12), shade=199)
    again = Counted()
    after = again.eye.look(source)
    assert again.count == 1
    assert [row for row in range(10) if not np.array_equal(before.vectors[row], after.vectors[row])] == [3]


def test_a_picture_is_known_under_another_name_and_in_another_folder(source, tmp_path):
    before = Counted().eye.look(source)
    shutil.copytree(source.root, tmp_path / "moved")
    (tmp_path / "moved" / "3.png").rename(tmp_path / "moved" / "z.png")
    again = Counted()
    looks = again.eye.look(Files(str(tmp_path / "moved"), ("z.png", "0.png"), (0, 0)))
    assert again.count == 0
    assert np.array_equal(looks.vectors, before.vectors[[3, 0]])


@pytest.mark.parametrize(
    "other",
    [
        {"seed": 1},
        {"seen": replace(SEEN, size=(8, 9))},
        {"seen": replace(SEEN, mean=(0.4, 0.5, 0.5))},
        {"seen": replace(SEEN, fit="stretch")},
    ],
)
def test_other_weights_or_another_preprocessing_is_another_look(source, other):
    Counted().eye.look(source)
    again = Counted(**other)
    looks = again.eye.look(source)
    assert (again.count, looks.reused) == (10, 0)


def test_equal_weights_in_another_network_are_another_look(source):
    before = Counted().eye.look(source)
    again = Counted()
    again.eye.pooled.backbone.layer2[0].stride = (1, 1)
    looks = again.eye.look(source)
    assert again.count == 10
    assert not np.array_equal(looks.vectors, before.vectors)


def test_another_precision_is_another_look(source):
    Counted().eye.look(source)
    again = Counted()
    looks = replace(again.eye, execution=Execution(precision="bfloat16")).look(source)
    assert again.count == 10
    assert looks.vectors.dtype == np.float32


def test_a_head_that_has_learnt_changes_nothing(source):
    Counted().eye.look(source)
    again = Counted()
    with torch.no_grad():
        again.eye.pooled.classifier[-1].weight.fill_(7)
    again.eye.look(source)
    assert again.count == 0


def test_a_broken_picture_is_set_aside_by_name(source):
    (Path(source.root) / "4.png").write_bytes(b"no picture")
    (Path(source.root) / "6.png").unlink()
    for count in (8, 0):
        seen = Counted()
        looks = seen.eye.look(source)
        assert seen.count == count
        assert looks.rows.tolist() == [0, 1, 2, 3, 5, 7, 8, 9]
        assert [name for name, _ in looks.set_aside] == ["4.png", "6.png"]
        assert all(reason for _, reason in looks.set_aside)
        assert len(looks.vectors) == 8


def test_where_nothing_can_be_read_there_is_nothing(source):
    for name in source.paths:
        (Path(source.root) / name).write_bytes(b"no picture")
    looks = Counted().eye.look(source, 2)
    assert looks.vectors.shape == (0, 2, 18)
    assert len(looks.set_aside) == 10


def test_views_differ_and_the_first_is_the_picture_as_it_is(source):
    plain, several = Counted(cache="off").eye.look(source), Counted(cache="off").eye.look(source, 4)
    np.testing.assert_allclose(several.vectors[:, 0], plain.vectors[:, 0], atol=1e-5)
    distinct = [len({view.tobytes() for view in views}) for views in several.vectors]
    assert sum(distinct) > 30


def test_views_are_the_same_on_repetition_whatever_was_there_before(source):
    whole = Counted(cache="off").eye.look(source, 3).vectors
    Counted().eye.look(source.pick([2, 5]))
    Counted().eye.look(source, 2)
    last = Counted()
    again = last.eye.look(source, 3)
    assert last.count == 10
    np.testing.assert_allclose(again.vectors, whole, atol=1e-5)


def test_another_seed_changes_the_views_and_not_the_first(source):
    Counted().eye.look(source, 3)
    again = Counted()
    eye = replace(again.eye, settings=TrainingSettings(seed=1))
    eye.look(source, 3)
    assert again.count == 20


def test_other_changes_are_other_views(source):
    Counted().eye.look(source, 2)
    again = Counted()
    replace(again.eye, changes=training_changes(TrainingSettings(crop_rate=0.5))).look(source, 2)
    assert again.count == 10


def test_nothing_is_kept_when_that_is_wanted(source, cache):
    for _ in range(2):
        seen = Counted(cache="off")
        seen.eye.look(source)
        assert seen.count == 10
    assert not cache.exists()


def test_pictures_in_memory_are_kept_too():
    images = np.random.default_rng(0).integers(0, 256, (5, 9, 9, 3), np.uint8)
    source = Arrays(images, (0,) * 5, "x", np.arange(5))
    Counted().eye.look(source)
    again = Counted()
    looks = again.eye.look(source.pick([3, 1]))
    assert (again.count, looks.reused) == (0, 2)


def test_what_was_done_before_a_stop_is_kept(source, monkeypatch):
    monkeypatch.setattr(features, "_AT_ONCE", 4)
    told = []

    def stop(done: int, total: int) -> None:
        told.append((done, total))
        if done == 8:
            raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        replace(Counted().eye, between=stop).look(source)
    assert told == [(4, 10), (8, 10)]
    again = Counted()
    again.eye.look(source)
    assert again.count == 2


def test_more_readers_see_the_same(source):
    one, other = Counted(cache="off"), Counted(cache="off", workers=3)
    assert np.array_equal(one.eye.look(source, 2).vectors, other.eye.look(source, 2).vectors)


def test_a_file_that_appears_between_two_looks_at_it_is_not_kept_under_no_name(source, monkeypatch):
    """Its content could not be hashed, then it could be read: the features are good, and nobody else finds them."""
    whole = Counted(cache="off").eye.look(source, 2).vectors
    monkeypatch.setattr(features, "content_of", lambda _source, _index: "")
    for _ in range(2):
        seen = Counted()
        np.testing.assert_allclose(seen.eye.look(source, 2).vectors, whole, atol=1e-5)
        assert seen.count == 20
