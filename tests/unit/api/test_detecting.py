"""Boxes from data to predictions: the verbs on a detector, as small as it gets."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest
import torch
from PIL import Image

import saccade
from saccade.api.ensembles.views import Views
from saccade.api.relabelling import relabelled
from saccade.data.opening import open_data
from saccade.errors import BadConfig, BadData
from saccade.training.events import EpochDone, FileSetAside
from saccade.types.annotations import Annotations
from saccade.types.detections import Detections

DATA = "synthetic:task=detection,count=24,size=48,shapes=2"
SMALL = {"epochs": 2, "unmixed_epochs": 1, "batch_size": 6, "backbone": "resnet8", "threads": 1}


@pytest.fixture(scope="module")
def run(tmp_path_factory):
    return saccade.train(DATA, settings=SMALL, out=tmp_path_factory.mktemp("run") / "boxes", listeners=[])


def test_boxes_are_known_by_the_labels_and_bring_their_recipe(run):
    told = run.description
    assert (told["task"], told["settings"]["recipe"]) == ("detection", "detection")
    assert told["model"]["architecture"] == "yolo_nano"
    assert told["model"]["arguments"]["backbone"] == "resnet8"
    assert (told["preprocessing"]["fit"], told["preprocessing"]["size"]) == ("pad", [64, 64])


def test_a_stopped_run_goes_on_to_the_same_bits(run, tmp_path):
    """In its second epoch, after the mosaics have ended."""

    class Stop(Exception):
        pass

    def listener(event):
        if isinstance(event, EpochDone):
            raise Stop

    with pytest.raises(Stop):
        saccade.train(DATA, settings=SMALL, out=tmp_path / "again", listeners=[listener])
    again = saccade.Run(tmp_path / "again").resume(listeners=[])
    one, two = (saccade.load(each).network.state_dict() for each in (run, again))
    assert all(torch.equal(one[name], two[name]) for name in one)


def test_it_is_judged_by_the_figures_of_coco(run):
    numbers = run.evaluate().numbers()
    assert list(numbers)[:3] == ["map", "map50", "map75"]
    assert 0 <= numbers["map"][0] <= numbers["map50"][0] <= 1


def test_what_is_found_lies_on_the_picture_as_it_is(run):
    picture = np.random.default_rng(0).integers(0, 255, (100, 220, 3), np.uint8)
    found = saccade.predict(run, picture, confidence=0.0)
    assert isinstance(found, Detections)
    assert found.size == (100, 220)
    assert len(found) > 0
    assert (found.boxes >= 0).all()
    assert (found.boxes <= [220, 100, 220, 100]).all()
    assert found.draw().size == (220, 100)
    assert (np.diff(found.confidence) <= 0).all()


def test_how_sure_a_box_must_be_is_chosen_and_judging_stays_as_it_is(run):
    predictor = saccade.load(run)
    picture = np.zeros((64, 64, 3), np.uint8)
    everything, some = predictor.at(0.0)(picture), predictor.at(0.02)(picture)
    assert len(everything[everything.confidence >= 0.02]) >= len(some)
    assert (some.confidence >= 0.02).all()
    assert predictor.at(0.9).task.confidence == predictor.task.confidence == 0.001
    assert predictor.shown.confidence == 0.25


def test_a_model_is_one_file(run, tmp_path):
    file = saccade.export(run, tmp_path / "boxes.safetensors")
    picture = np.full((64, 64, 3), 120, np.uint8)
    one, two = (saccade.predict(each, picture, confidence=0.0) for each in (run, file))
    assert one.to_dict() == two.to_dict()


def test_classes_of_boxes_are_looked_up_by_name():
    dataset = open_data("synthetic:task=detection,count=6,size=32,classes=star+ring", shares=(1, 0, 0))
    other = relabelled(dataset, "train", ("ring", "heart", "star"), "detection")
    names = [dataset.labels[one] for one in dataset.splits["train"].target(0).class_ids.tolist()]
    for target in (other.target(0), other.read(0).target):
        assert isinstance(target, Annotations)
        assert [("ring", "heart", "star")[one] for one in target.class_ids.tolist()] == names
    assert relabelled(dataset, "train", dataset.labels, "detection") is dataset.splits["train"]
    assert relabelled(dataset, "train", dataset.labels, "localisation") is dataset.splits["train"]


def test_the_one_thing_of_each_picture_is_learnt_by_any_classifier(tmp_path):
    settings = {"epochs": 1, "batch_size": 6, "threads": 1}
    data = DATA.replace("shapes=2", "shapes=1")
    run = saccade.train(
        data, model="resnet8", task="localisation", settings=settings, out=tmp_path / "one", listeners=[]
    )
    assert run.description["settings"]["recipe"] == "localisation"
    assert run.evaluate().numbers()["presence_accuracy"][0] >= 0
    found = saccade.predict(run, np.zeros((40, 50, 3), np.uint8))
    assert len(found) <= 1


@pytest.mark.bad_input
def test_a_picture_that_cannot_be_read_is_set_aside_though_its_label_asks_for_its_size(tmp_path):
    root = tmp_path / "set"
    for folder in ("images", "labels"):
        (root / folder).mkdir(parents=True)
    for number in range(8):
        Image.new("RGB", (32, 32), (9 * number, 90, 90)).save(root / "images" / f"{number}.png")
        (root / "labels" / f"{number}.txt").write_text("0 0.5 0.5 0.4 0.4\n")
    (root / "images" / "3.png").write_bytes((root / "images" / "3.png").read_bytes()[:20])
    (root / "data.yaml").write_text("path: .\ntrain: images\nval: images\ntest: images\nnames: [cat]\n")
    run = saccade.train(root, settings={**SMALL, "epochs": 1}, out=tmp_path / "run", listeners=[])
    aside = {event.key for event in run.events() if isinstance(event, FileSetAside)}
    assert {Path(path).name for path in aside} == {"3.png"}
    evaluation = run.evaluate()
    assert (evaluation.images, [Path(one.key).name for one in evaluation.bad]) == (7, ["3.png"])


@pytest.mark.bad_input
def test_what_does_not_go_together_is_refused(run, tmp_path):
    arrays = (np.zeros((8, 32, 32), np.uint8), [0, 1] * 4)
    with pytest.raises(BadConfig, match=r"got 'resnet8', which names classes"):
        saccade.train(DATA, model="resnet8", out=tmp_path / "no")
    with pytest.raises(BadConfig, match=r"got 'yolo_nano', which finds boxes"):
        saccade.train(arrays, model="yolo_nano", out=tmp_path / "no")
    with pytest.raises(BadConfig, match=r"got mixing='mosaic' for classification; taken is it for images with boxes"):
        saccade.train(arrays, model="resnet8", settings={"mixing": "mosaic"}, out=tmp_path / "no")
    with pytest.raises(BadConfig, match=r"got mixing='cutmix' for detection"):
        saccade.train(DATA, settings={"mixing": "cutmix"}, out=tmp_path / "no")
    with pytest.raises(BadConfig, match=r"got transfer='features' for detection"):
        saccade.train(DATA, settings={"transfer": "features"}, out=tmp_path / "no")
    with pytest.raises(BadData, match=r"got data with classes of whole images for a model for detection"):
        saccade.evaluate(run, arrays)
    with pytest.raises(BadConfig, match=r"whose probabilities can be averaged"):
        saccade.predict([run, run], np.zeros((32, 32, 3), np.uint8))
    with pytest.raises(BadConfig, match=r"taken is it for one detector"):
        saccade.predict(run, np.zeros((32, 32, 3), np.uint8), views=Views(flips=True), confidence=0.5)
    assert not (tmp_path / "no").exists()
