"""Things cut out of pictures, and places without any."""

from __future__ import annotations

import pickle

import numpy as np
import pytest
import torch

from saccade.data.arrays import Arrays
from saccade.data.crops import Crops, CropSettings, crops_of
from saccade.data.opening import open_data
from saccade.errors import BadConfig, BadData
from saccade.ops.boxes import iou
from saccade.types.annotations import Annotations
from saccade.types.boxes import Boxes
from saccade.types.sample import DataSet

SIZE = (60, 90)
ALONE = CropSettings(background=0, context=0, square=True)


def data(*boxes: tuple[float, ...], labels: tuple[str, ...] = ("cat", "dog"), empty: int = 0) -> DataSet:
    """A picture in which every pixel says where it is, with boxes; then some without."""
    down, right = np.mgrid[: SIZE[0], : SIZE[1]]
    picture = np.stack([right, down, right * 0], 2).astype(np.uint8)
    rows = torch.tensor(boxes)
    one = Annotations(SIZE, torch.arange(len(boxes)) % len(labels), Boxes(rows, SIZE))
    targets = (one, *(Annotations(SIZE) for _ in range(empty)))
    source = Arrays((picture,) * len(targets), targets, "x", np.arange(len(targets)))
    return DataSet("pets", labels, {"train": source}, task="detection")


def corners(dataset: DataSet) -> list[tuple[int, int, int, int]]:
    """Where each crop was cut out, read off its pixels."""
    source = dataset.splits["train"]
    images = [source.read(row).image for row in range(len(source))]
    return [(*one[0, 0, :2].tolist(), *(one[-1, -1, :2] + 1).tolist()) for one in images]  # pyright: ignore[reportReturnType]


def test_a_thing_is_cut_out_square_around_its_middle():
    crops = crops_of(data((20.0, 10, 40, 40), (50, 50, 60, 54)), ALONE)
    assert corners(crops) == [(15, 10, 45, 40), (50, 47, 60, 57)]
    assert [crops.splits["train"].target(row) for row in range(2)] == [0, 1]
    assert (crops.labels, crops.task) == (("cat", "dog"), "classification")


def test_with_context_and_as_it_is():
    assert corners(crops_of(data((20.0, 10, 40, 40)), CropSettings(0, 0.5, square=False))) == [(5, 0, 55, 60)]
    assert corners(crops_of(data((20.0, 10, 40, 40)), CropSettings(0, 0, square=False))) == [(20, 10, 40, 40)]


def test_what_reaches_beyond_the_picture_is_moved_in():
    crops = crops_of(data((0.0, 0, 4, 20), (86, 40, 90, 60), (0, 20, 90, 40)), ALONE)
    assert corners(crops) == [(0, 0, 20, 20), (70, 40, 90, 60), (0, 0, 90, 60)]


def test_crowds_and_boxes_without_an_area_are_left_out():
    dataset = data((20.0, 10, 40, 40), (50, 50, 50, 54), (1, 1, 30, 30))
    target = dataset.splits["train"].target(0)
    crowd = Annotations(SIZE, target.class_ids, target.boxes, crowd=torch.tensor([False, False, True]))
    source = Arrays((np.zeros((*SIZE, 3), np.uint8),), (crowd,), "x", np.arange(1))
    assert len(crops_of(DataSet("x", ("cat",), {"train": source}), ALONE).splits["train"]) == 1


def test_places_without_things_have_the_sizes_of_things_and_touch_none():
    dataset = data((20.0, 10, 40, 40), (50, 40, 62, 52), empty=2)
    crops = crops_of(dataset, CropSettings(background=3, context=0))
    source = crops.splits["train"]
    assert isinstance(source, Crops)
    things = torch.tensor([[15.0, 10, 45, 40], [50, 40, 62, 52]])
    places = [crop for crop in source.crops if crop.class_id == 2]
    assert {(crop.corners[2] - crop.corners[0], crop.corners[3] - crop.corners[1]) for crop in places} == {
        (30, 30), (12, 12),
    }  # fmt: skip
    on_first = torch.tensor([crop.corners for crop in places if crop.row == 0]).float()
    assert len(on_first) == 6
    assert iou(on_first, things).max() < 0.36  # 0.3, and whole pixels
    assert [sum(crop.row == row for crop in places) for row in (1, 2)] == [2, 2]
    assert crops.labels[2] == "background"


def test_the_seed_alone_decides_where_they_are():
    dataset = data((20.0, 10, 40, 40), empty=1)
    one, same, other = (crops_of(dataset, CropSettings(seed=seed)).splits["train"] for seed in (0, 0, 1))
    assert one.fingerprint() == same.fingerprint() != other.fingerprint()


def test_where_there_is_no_room_there_is_no_background():
    crops = crops_of(data((0.0, 0, 90, 60)), CropSettings(background=2))
    assert len(crops.splits["train"]) == 1


def test_splits_stay_apart_and_sources_can_be_sent_and_picked():
    scenes = open_data("synthetic:task=detection,count=12,size=48,classes=circle+star")
    crops = crops_of(scenes)
    assert set(crops.splits) == set(scenes.splits)
    source = crops.splits["train"]
    assert isinstance(source, Crops)
    first = source.read(0)
    again = pickle.loads(pickle.dumps(source))
    assert again.latest.held is None
    assert np.array_equal(again.read(0).image, first.image)
    some = source.pick([3, 0])
    assert [some.key(0), some.key(1)] == [source.key(3), source.key(0)]
    assert first.key.startswith(scenes.splits["train"].key(source.crops[0].row))


@pytest.mark.bad_input
def test_data_without_boxes_and_a_class_called_background_are_refused():
    with pytest.raises(BadData, match="no boxes can be cut out"):
        crops_of(open_data("digits"))
    named = data((20.0, 10, 40, 40), labels=("background",))
    with pytest.raises(BadData, match="'background' among the labels"):
        crops_of(named)
    assert crops_of(named, ALONE).labels == ("background",)
    for wrong in (-1, float("nan"), float("inf")):
        with pytest.raises(BadConfig, match="from 0 on"):
            CropSettings(background=wrong)
        with pytest.raises(BadConfig, match="from 0 on"):
            CropSettings(context=wrong)
