"""A detector that looks through windows: boxes where they are on the whole picture, each thing once."""

from __future__ import annotations

import numpy as np
import pytest
from PIL import Image

import saccade
from bright_things import BrightThings, with_things
from saccade.api.tiles.tiled import Tiled, tiled
from saccade.errors import BadConfig, BadImage
from saccade.types.detections import Detections

DATA = "synthetic:task=detection,count=12,size=48,shapes=2"
SMALL = {"epochs": 1, "unmixed_epochs": 0, "batch_size": 6, "backbone": "resnet8", "threads": 1}


@pytest.fixture(scope="module")
def run(tmp_path_factory):
    return saccade.train(DATA, settings=SMALL, out=tmp_path_factory.mktemp("run") / "boxes", listeners=[])


def rows(found: Detections) -> list[list[float]]:
    return sorted(found.boxes.tolist())


def test_boxes_come_back_to_the_pixel():
    things = [(3, 5, 13, 12), (210, 180, 230, 199), (99, 150, 104, 153)]
    found = Tiled(BrightThings(), 64)(with_things((200, 240), *things))
    assert rows(found) == sorted([float(side) for side in box] for box in things)
    assert found.size == (200, 240)
    assert found.picture.shape == (200, 240, 3)


def test_a_thing_across_a_border_is_found_once_and_whole():
    """Windows of 50 in a picture of 90 begin at 0 and 40: each of these lies across an edge of one of them."""
    for thing in [(41, 10, 60, 20), (35, 10, 49, 20), (10, 44, 20, 60), (42, 42, 48, 48), (36, 36, 49, 49)]:
        found = Tiled(BrightThings(), 50, overlap=0.2)(with_things((90, 90), thing))
        assert rows(found) == [list(map(float, thing))], thing


def test_a_thing_larger_than_what_windows_share_is_found_once_with_the_whole_picture():
    thing = (30, 30, 70, 70)
    image = with_things((90, 90), thing, (2, 2, 6, 6))
    assert rows(Tiled(BrightThings(), 50, whole=True)(image)) == [[2, 2, 6, 6], [30, 30, 70, 70]]
    parts = rows(Tiled(BrightThings(), 50)(image))
    assert [2, 2, 6, 6] in parts
    assert [30, 30, 70, 70] not in parts


def test_classes_do_not_meet():
    image = with_things((90, 90), (35, 10, 47, 20))
    image[:, :, 1] = with_things((90, 90), (37, 10, 49, 20), channel=1)[:, :, 1]
    found = Tiled(BrightThings(), 50)(image)
    assert sorted(found.labels) == ["green", "red"]


def test_windows_come_in_batches_and_are_no_larger_than_asked():
    model = BrightThings()
    Tiled(model, 40, overlap=0.0)(with_things((80, 130)), batch_size=3)
    assert model.batches == [3, 3, 2]
    assert set(model.seen) == {(40, 40)}
    model = BrightThings()
    Tiled(model, 40, overlap=0.0, whole=True)(with_things((80, 80)))
    assert model.seen == [(80, 80)] + [(40, 40)] * 4


def test_a_picture_no_larger_than_a_window_is_seen_as_ever():
    model, image = BrightThings(), with_things((30, 64), (0, 0, 5, 5))
    assert Tiled(model, 64, whole=True)(image).to_dict() == BrightThings()(image).to_dict()
    assert model.seen == [(30, 64)]
    assert rows(Tiled(BrightThings(), 640)(np.full((1, 1, 3), 255, np.uint8))) == [[0, 0, 1, 1]] * 2


def test_a_real_detector_sees_a_small_picture_as_ever(run):
    picture = np.random.default_rng(0).integers(0, 255, (60, 90, 3), np.uint8)
    alone = saccade.load(run).at(0.0)
    assert tiled(run, 90, confidence=0.0)(picture).to_dict() == alone(picture).to_dict()
    found = tiled(run, 48, confidence=0.0)(picture)
    assert found.size == (60, 90)
    assert (found.boxes >= 0).all()
    assert (found.boxes <= [90, 60, 90, 60]).all()
    assert (np.diff(found.confidence) <= 0).all()
    assert len(found) > 0


def test_many_pictures_are_read_one_at_a_time_and_bad_ones_set_aside(tmp_path):
    for number in range(3):
        Image.fromarray(with_things((60, 60), (number, 0, number + 5, 5))).save(tmp_path / f"{number}.png")
    (tmp_path / "3.png").write_bytes(b"no picture")
    many = Tiled(BrightThings(), 40)(tmp_path)
    assert [rows(one)[0][0] for one in many] == [0, 1, 2]
    assert [file.key for file in many.bad] == [str(tmp_path / "3.png")]
    model = BrightThings()
    first = next(Tiled(model, 40, overlap=0.0).stream(tmp_path, batch_size=2))
    assert first.key == str(tmp_path / "0.png")
    assert model.batches == [2, 2]  # the second picture was not looked at


@pytest.mark.bad_input
def test_what_cannot_be_is_refused(run, trained):
    for side, overlap in ((0, 0.2), (640, 1.0)):
        with pytest.raises(BadConfig):
            Tiled(BrightThings(), side, overlap=overlap)
    with pytest.raises(BadConfig, match=r"got tiles for a model for classification; taken are they for detectors"):
        tiled(trained.run, 64)
    with pytest.raises(BadConfig, match=r"got batch_size=0"):
        Tiled(BrightThings(), 8)(with_things((9, 9)), batch_size=0)
    with pytest.raises(BadImage, match=r"got a picture of 5 channels"):
        tiled(run, 20)(np.zeros((60, 60, 5), np.uint8))
    with pytest.raises(BadConfig, match=r"got confidence=2; taken are numbers from 0 to 1"):
        tiled(run, 20, confidence=2)
