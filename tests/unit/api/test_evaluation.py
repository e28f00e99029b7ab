"""The verb evaluate: on a run's own data and on other people's, whose classes need not be numbered as the model's."""

from __future__ import annotations

import json
import shutil

import numpy as np
import pytest
from PIL import Image

import saccade
from saccade.data.opening import open_data
from saccade.errors import BadCheckpoint, BadConfig, BadData

COLOURS = {"blue": (40, 60, 220), "green": (60, 200, 60), "red": (220, 50, 40)}


def folder(root, names, count=4):
    """Class folders under new names, their pictures of the colour that is meant."""
    for name, colour in names.items():
        (root / name).mkdir(parents=True)
        for number in range(count):
            Image.new("RGB", (20, 14), COLOURS[colour]).save(root / name / f"{number}.png")
    return root


def accuracy(evaluation) -> float:
    return evaluation.numbers()["accuracy"][0]


def test_a_run_is_judged_on_its_own_test_split_and_the_figures_are_kept(trained):
    evaluation = trained.run.evaluate()
    assert (evaluation.split, evaluation.images, evaluation.note) == ("test", 3, "")
    kept = json.loads((trained.run.path / "evaluation-test.json").read_text())
    assert kept["split"] == "test"
    value, low, high = evaluation.numbers()["accuracy"]
    assert 0 <= low <= value <= high <= 1
    assert "3 images of the test split" in str(evaluation)
    assert evaluation._repr_html_().startswith("<table>")


def test_another_split_may_be_asked_for(trained):
    assert trained.run.evaluate("train").images == 29
    assert saccade.evaluate(trained.run.path, split="val").split == "val"


def test_without_a_test_split_the_val_split_is_used_and_it_says_so(quick, arrays):
    images, ids = arrays
    run = quick({"train": (images[:40], ids[:40]), "val": (images[40:], ids[40:])})
    evaluation = run.evaluate()
    assert (evaluation.split, evaluation.images) == ("val", 20)
    assert "these images chose the best epoch" in evaluation.note
    assert (run.path / "evaluation-val.json").is_file()


def test_names_come_from_the_model_whatever_the_order_of_the_folders(trained, tmp_path):
    images = np.stack([np.full((16, 16, 3), COLOURS[name], np.uint8) for name in ("red", "blue", "green")] * 4)
    labels = ["red", "blue", "green"] * 4
    dataset = open_data((images, labels))
    reordered = {"train": (images, np.array([0, 1, 2] * 4))}
    assert accuracy(saccade.evaluate(trained.run, dataset)) == 1
    assert accuracy(saccade.evaluate(trained.run, folder(tmp_path / "all", {name: name for name in COLOURS}))) == 1
    npz = tmp_path / "other order.npz"
    np.savez(npz, images=images, labels=np.array([0, 1, 2] * 4), names=np.array(["red", "blue", "green"]))
    opened = open_data(reordered)
    assert opened.labels == ("0", "1", "2")


def test_classes_may_be_missing(trained, tmp_path):
    evaluation = saccade.evaluate(trained.run, folder(tmp_path / "some", {"green": "green", "red": "red"}))
    assert evaluation.images == 8
    assert accuracy(evaluation) == 1
    one = saccade.evaluate(trained.run.best, folder(tmp_path / "one", {"red": "red"}))
    assert (accuracy(one), one.images) == (1, 4)


def test_a_name_means_the_same_class_at_another_place(trained, tmp_path):
    """Renamed so that green comes first: only looking the names up gives the right numbers."""
    wrong = saccade.evaluate(trained.run, folder(tmp_path / "lies", {"blue": "green", "green": "red", "red": "blue"}))
    assert accuracy(wrong) == 0


def test_arrays_without_names_mean_the_models_numbers(trained):
    images = np.stack([np.full((16, 16, 3), COLOURS[name], np.uint8) for name in ("red", "green")] * 3)
    evaluation = saccade.evaluate(trained.run, (images, np.array([2, 1] * 3)))
    assert accuracy(evaluation) == 1


def test_data_without_splits_are_judged_whole_and_the_models_own_only_where_they_were_held_out(trained, tmp_path):
    other = saccade.evaluate(trained.run.best, folder(tmp_path / "other", {name: name for name in COLOURS}))
    assert other.images == 12
    assert "all images are judged" in other.note
    own = saccade.evaluate(trained.run.best, trained.photos)
    assert (own.images, own.note) == (3, "")
    copied = shutil.copytree(trained.photos, tmp_path / "copied")
    assert saccade.evaluate(trained.run.best, copied).images == 3


def test_a_file_that_cannot_be_read_is_named_and_not_counted(trained, tmp_path):
    data = folder(tmp_path / "data", {"green": "green", "red": "red"})
    (data / "red" / "broken.png").write_bytes(b"")
    evaluation = saccade.evaluate(trained.run, data)
    assert evaluation.images == 8
    assert [bad.key for bad in evaluation.bad] == ["red/broken.png"]
    assert json.loads(json.dumps(evaluation.to_dict()))["bad"][0]["key"] == "red/broken.png"


def test_single_labels_suit_a_model_that_knows_several(quick, arrays):
    images, ids = arrays
    run = quick((images, [(int(one), 3) for one in ids]))
    assert saccade.evaluate(run, (images, ids)).images == 60


@pytest.mark.bad_input
def test_classes_that_the_model_does_not_know_are_named(trained, tmp_path):
    data = folder(tmp_path / "data", {"grean": "green", "red": "red"})
    with pytest.raises(BadData, match=r"1 classes that the model does not know \(grean\).*did you mean 'green'"):
        saccade.evaluate(trained.run, data)
    with pytest.raises(BadData, match="does not know"):
        saccade.evaluate(trained.run, "synthetic:count=8,size=16")


@pytest.mark.bad_input
def test_several_labels_are_too_many_for_a_model_of_one(trained, arrays):
    with pytest.raises(BadData, match="several labels"):
        saccade.evaluate(trained.run, (arrays[0], [(0, 1), (2,)] * 30))


@pytest.mark.bad_input
def test_what_cannot_be_judged_is_refused(trained, tmp_path, arrays, quick):
    with pytest.raises(BadData, match="name the data"):
        saccade.evaluate(trained.run.best)
    with pytest.raises(BadData, match="did you mean 'test'"):
        saccade.evaluate(trained.run, split="tset")
    with pytest.raises(BadCheckpoint, match=r"no run\.json"):
        saccade.evaluate(tmp_path)
    with pytest.raises(BadConfig, match="NoneType"):
        saccade.evaluate(None, "digits")
    data = folder(tmp_path / "data", {"red": "red"}, count=1)
    (data / "red" / "0.png").write_bytes(b"")
    with pytest.raises(BadData, match="no images to judge"):
        saccade.evaluate(trained.run, data)


@pytest.mark.bad_input
def test_data_that_changed_are_not_judged_as_the_runs_own(quick, photos, tmp_path):
    data = shutil.copytree(photos, tmp_path / "copied")
    run = quick(data)
    (data / "red" / "new.png").write_bytes((data / "red" / "1.png").read_bytes())
    with pytest.raises(BadData, match="changed since the run began"):
        saccade.evaluate(run.path)
