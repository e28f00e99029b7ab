"""The very same images for all: found, read, aligned by name, and looked for among what was learnt from."""

from __future__ import annotations

import shutil

import numpy as np
import pytest
from PIL import Image

from saccade.api.comparisons.contestants import Member
from saccade.api.comparisons.shared_images import answers_of, find_data, learnt_warnings, shared_count
from saccade.data.opening import open_data
from saccade.errors import BadData

COLOURS = {"red": (220, 50, 40), "blue": (40, 60, 220), "green": (60, 200, 60)}


def folder(root, count=3, names=COLOURS):
    for name, colour in names.items():
        (root / name).mkdir(parents=True)
        for number in range(count):
            Image.new("RGB", (16, 16), (*colour[:2], colour[2] - number)).save(root / name / f"{number}.png")
    return root


@pytest.fixture
def members(trained):
    return [Member("one", trained.predictor, trained.run), Member("other", trained.predictor)]


def test_the_own_test_images_of_the_runs_are_found(members):
    dataset, split, notes = find_data(members, None, "test")
    assert (split, len(dataset.splits[split]), notes) == ("test", 3, [])


def test_other_data_are_judged_whole_and_that_is_said(members, tmp_path):
    dataset, split, notes = find_data(members, folder(tmp_path / "data"), "test")
    assert len(dataset.splits[split]) == 9
    assert "all images are judged" in notes[0]


def test_without_test_images_those_of_val_are_taken_and_it_is_said(quick, arrays):
    images, ids = arrays
    run = quick({"train": (images[:40], ids[:40]), "val": (images[40:], ids[40:])})
    _, split, notes = find_data([Member("run", run.predictor(), run)], None, "test")
    assert (split, "chose the best epoch" in notes[0]) == ("val", True)


def test_every_network_answers_in_the_order_of_the_first_ones_classes(members, tmp_path, quick):
    """The other model knows the same classes by other numbers."""
    data = folder(tmp_path / "data")
    pictures = np.stack([np.full((16, 16, 3), colour, np.uint8) for colour in COLOURS.values()] * 6)
    np.savez(tmp_path / "a.npz", images=pictures, labels=np.array([0, 1, 2] * 6), names=np.array(list(COLOURS)))
    run = quick(tmp_path / "a.npz", epochs=1)
    if run.labels == members[0].predictor.labels:
        pytest.fail("the classes were meant to be in another order")
    dataset = open_data(data, shares=(0.0, 0.0, 1.0))
    other = Member("other order", run.predictor(), run)
    both, alone = answers_of([members[0], other], dataset, "test"), answers_of([other], dataset, "test")
    assert members[0].predictor.labels == ("blue", "green", "red")
    assert [key.split("/")[0] for key in both.keys] == [members[0].predictor.labels[one] for one in both.targets]
    order = [run.labels.index(name) for name in members[0].predictor.labels]
    np.testing.assert_array_equal(both.logits[1], alone.logits[0][:, order])
    assert (both.logits[0].argmax(axis=1) == both.targets).all()


def test_a_file_that_one_cannot_read_is_left_out_for_all(members, tmp_path):
    data = folder(tmp_path / "data")
    (data / "red" / "1.png").write_bytes(b"not a picture")
    answers = answers_of(members, open_data(data, shares=(0.0, 0.0, 1.0)), "test")
    assert len(answers.keys) == 8
    assert all(len(one) == 8 for one in answers.logits)
    assert [file.key for file in answers.bad] == ["red/1.png"]


def test_pictures_are_found_again_by_their_content_whatever_their_names(tmp_path):
    first, second = folder(tmp_path / "first"), folder(tmp_path / "second", count=2)
    shutil.move(second / "red" / "0.png", second / "red" / "renamed.png")
    one, other = (open_data(path, shares=(0.0, 0.0, 1.0)).splits["test"] for path in (first, second))
    assert shared_count(one, other) == 6
    assert shared_count(other, one) == 6
    pixels = np.stack([np.array(Image.open(first / "red" / f"{number}.png")) for number in range(3)])
    held = open_data((pixels, np.array([0, 0, 0])), shares=(0.0, 0.0, 1.0)).splits["test"]
    assert shared_count(held, one) == 3
    assert shared_count(held, other) == 2


def test_what_was_learnt_from_is_named(trained, members, tmp_path):
    dataset = open_data(trained.photos)
    assert learnt_warnings(members, dataset, "test") == []
    told = learnt_warnings(members, dataset, "train")
    assert told[0] == "one has learnt from these very images, so it looks better than it is"
    assert len(told) == 2
    assert "chose the epoch of one" in learnt_warnings(members, dataset, "val")[0]


def test_single_images_that_were_learnt_from_are_counted(trained, members):
    cut = open_data(trained.photos, seed=5, shares=(0.5, 0.0, 0.5))
    own = open_data(trained.photos).splits["train"]
    learnt = {own.key(row) for row in range(len(own))}
    judged = cut.splits["test"]
    count = sum(judged.key(row) in learnt for row in range(len(judged)))
    assert 0 < count < len(judged)
    told = learnt_warnings(members[:1], cut, "test")
    assert told == [f"one has learnt from {count} of these images, so it looks better than it is"]


def test_images_that_nobody_learnt_from_are_not_spoken_of(trained, tmp_path):
    dataset = open_data(folder(tmp_path / "new"), shares=(0.0, 0.0, 1.0))
    assert learnt_warnings([Member("one", trained.predictor, trained.run)], dataset, "test") == []


def test_where_the_data_are_gone_it_is_said_that_nobody_knows(trained, tmp_path):
    dataset = open_data(folder(tmp_path / "new"), shares=(0.0, 0.0, 1.0))
    told = learnt_warnings([Member("file", trained.predictor)], dataset, "test")
    assert told == ["whether file has learnt from these images is not known: its data are not there"]


@pytest.mark.bad_input
def test_runs_that_hold_out_different_images_are_refused(trained, quick):
    other = quick(trained.photos, seed=1)
    pair = [Member("one", trained.predictor, trained.run), Member("other", other.predictor(), other)]
    with pytest.raises(BadData, match=r"cut by seed 0 and by seed 1.*very same images.*saccade data split"):
        find_data(pair, None, "test")
    with pytest.raises(BadData, match="test images are not the same; taken"):
        find_data([pair[0], Member("file", pair[1].predictor)], None, "test")


@pytest.mark.bad_input
def test_without_data_or_a_split_there_is_nothing_to_judge_on(trained, members):
    with pytest.raises(BadData, match="got model files and no data"):
        find_data(members[1:], None, "test")
    with pytest.raises(BadData, match="did you mean 'test'"):
        find_data(members, None, "tset")


@pytest.mark.bad_input
def test_when_no_file_can_be_read_there_is_nothing_to_judge(members, tmp_path):
    data = folder(tmp_path / "data", count=1)
    for path in data.rglob("*.png"):
        path.write_bytes(b"")
    with pytest.raises(BadData, match="got no images to judge"):
        answers_of(members, open_data(data, shares=(0.0, 0.0, 1.0)), "test")
