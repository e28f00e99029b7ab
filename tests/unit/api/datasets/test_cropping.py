import pytest

import saccade
from labelled_sets import write_coco_set
from saccade.data.opening import open_data
from saccade.errors import BadConfig


def test_crops_are_class_folders_that_train(tmp_path):
    done = saccade.crop_things("synthetic:task=detection,count=20,size=48,classes=circle+star", tmp_path / "crops")
    again = open_data(str(done.path))
    assert again.labels == ("background", "circle", "star")
    assert again.counts() == {split: sum(counts.values()) for split, counts in done.counts.items()}
    assert done.counts["train"]["background"] > 0
    assert done.to_dict()["bad"] == []


def test_a_picture_that_cannot_be_read_is_named_once_and_left_out(tmp_path):
    place = write_coco_set(tmp_path / "in")
    broken = sorted(place.rglob("*.png"))[0]
    broken.write_bytes(broken.read_bytes()[:60])
    done = saccade.crop_things(str(place), tmp_path / "crops", settings=saccade.CropSettings(background=2))
    assert [one.key.rpartition("/")[2] for one in done.bad] == [broken.name]
    assert sum(sum(counts.values()) for counts in done.counts.values()) == len(list(done.path.rglob("*.png"))) > 39


@pytest.mark.bad_input
def test_a_folder_in_use_is_refused(tmp_path):
    (tmp_path / "mine.txt").write_text("mine")
    with pytest.raises(BadConfig, match="not empty"):
        saccade.crop_things("synthetic:task=detection,count=8,size=48", tmp_path)
