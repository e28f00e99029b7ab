"""The lineage of detectors: its steps, that nothing is done twice, and that its table has what its runs say."""

from __future__ import annotations

import json
import os
import signal

import numpy as np
import pytest
import torch

from saccade import catalog
from saccade.api.building import network_kind
from saccade.api.run import Run
from saccade.data.opening import open_data
from saccade.errors import BadConfig, BadData, Diverged, Interrupted
from saccade.lab import stepping
from saccade.lab.boxed_ground import refuse_unfit
from saccade.lab.detectors import FULL, WITHOUT_DATA, DetectorsSettings, detectors
from saccade.lab.lineage import LINEAGE, SLIDING, steps_named
from saccade.lab.using import Use, use_of
from saccade.lab.windows import judged_sliding, sliding_over, window_sides
from saccade.training.events import EpochDone, RunFinished, StageDone
from saccade.types.annotations import Annotations
from saccade.types.boxes import Boxes
from saccade.types.sample import Sample

DATA = "synthetic:task=detection,count=40,size=32,shapes=1,classes=circle+star,difficulty=0.3"
TINY = {"steps": "yolo-v1,sliding-window", "effort": 0.004, "image_size": 32, "threads": 1}


@pytest.fixture(scope="module")
def found(tmp_path_factory):
    """Two steps; nobody writes to their folder."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(stepping, "use_of", lambda *_, windows, **__: Use(0.5 if windows else 0.1, 2_000_000))
        return detectors(DATA, settings=TINY, out=tmp_path_factory.mktemp("lab") / "tiny")


def test_the_catalogue_has_it():
    assert catalog.find("lab", "detectors") is detectors


def test_every_step_is_an_architecture_of_its_kind():
    assert [step.name for step in LINEAGE.values()] == [
        "sliding-window", "overfeat", "rcnn", "fast-rcnn", "faster-rcnn", "gbd-net", "ssd", "yolo-v1", "yolo-anchor",
        "yolo",
    ]  # fmt: skip
    assert all(step.model in catalog.offers("architectures") for step in LINEAGE.values())
    assert {step.name for step in LINEAGE.values() if network_kind(step.model) != "detection"} == {SLIDING}


def test_steps_are_taken_in_the_order_of_their_lineage():
    assert [step.place for step in steps_named("yolo,rcnn, yolo")] == ["03-rcnn", "10-yolo"]
    assert len(steps_named("")) == len(LINEAGE)


def test_a_step_looks_at_as_many_images_however_many_there_are():
    step = LINEAGE["ssd"]
    for images in (100, 400, 10**6):
        settings = step.training({"seed": 3}, 64, images, 0.5)
        assert (settings.epochs - 1) * images < step.looks / 2 <= settings.epochs * images
        assert (settings.seed, settings.height, settings.width) == (3, 192, 192)


def test_settings_come_back_from_json():
    assert DetectorsSettings.from_dict(json.loads(json.dumps(FULL.to_dict()))) == FULL


def test_the_usual_data_have_boxes():
    refuse_unfit(open_data(WITHOUT_DATA.replace("count=500", "count=20")))


def test_the_figures_are_those_of_the_verb_evaluate(found):
    window, yolo = found.standings
    numbers = Run(found.folder / "08-yolo-v1").evaluate().numbers()
    assert yolo.figures == {name: pytest.approx(numbers[name], abs=1e-6, nan_ok=True) for name in ("map50", "map")}
    assert found.rows()[1][:2] == ["YOLO v1", "{:.2f} ({:.2f} to {:.2f})".format(*numbers["map50"])]
    dataset = open_data(DATA)
    slides = sliding_over(found.folder / "01-sliding-window", window_sides(dataset.splits["train"]))
    again = judged_sliding(slides, dataset.splits["test"], dataset.labels)
    assert window.figures["map50"] == pytest.approx(again.numbers()["map50"])


def test_each_step_is_an_ordinary_run(found):
    for place, task in (("01-sliding-window", "classification"), ("08-yolo-v1", "detection")):
        run = Run(found.folder / place)
        assert (run.state, run.description["task"]) == ("finished", task)
    labels = Run(found.folder / "01-sliding-window").labels
    assert set(labels) == {"circle", "star", "background"}


def test_stages_have_the_seconds_that_their_run_recorded(found):
    window, yolo = found.standings
    assert list(window.stages) == ["crops", "training", "evaluation"]
    epochs = [event for event in Run(found.folder / "08-yolo-v1").events() if isinstance(event, EpochDone)]
    assert yolo.stages["training"] == pytest.approx(sum(event.seconds for event in epochs))
    assert min(yolo.stages.values()) > 0


def test_stages_beside_the_epochs_are_added_up(monkeypatch, found):
    run = Run(found.folder / "08-yolo-v1")
    events = [StageDone("features", 2.0), StageDone("machines", 1.0), StageDone("features", 0.5)]
    monkeypatch.setattr(run, "events", lambda: events)
    assert stepping.stages_of(run) == {"features": 2.5, "machines": 1.0}


def test_what_is_kept_is_what_was_found(found):
    kept = json.loads(found.numbers.read_text())
    assert kept["steps"] == json.loads(json.dumps(found.to_dict()["steps"]))
    window, yolo = kept["steps"]
    assert (window["images_per_second"], yolo["images_per_second"]) == (2, 10)
    files = [path for path in (found.folder / "08-yolo-v1").rglob("*") if path.is_file()]
    assert yolo["disk"] == sum(path.stat().st_size for path in files if path.name != "measured.json")
    assert found.drawing.read_bytes().startswith(b"\x89PNG")
    assert "fastest: YOLO v1, 10.0 images a second" in found.finding()


def test_what_is_done_is_not_done_again(found, monkeypatch):
    begun = []
    monkeypatch.setattr(stepping, "attempt", None)
    monkeypatch.setattr(stepping, "use_of", None)
    again = detectors(DATA, settings=TINY, out=found.folder, watch=begun.append)
    assert (begun, again.to_dict()) == ([], found.to_dict())


def test_an_interrupt_says_how_to_go_on_and_what_was_learned_is_kept(tmp_path, monkeypatch):
    tiny = {**TINY, "steps": "yolo-v1"}
    names = []

    def watch(name):
        names.append(name)
        return lambda event: os.kill(os.getpid(), signal.SIGINT) if isinstance(event, EpochDone) else None

    with pytest.raises(Interrupted, match=r"got signal 2 in step yolo-v1; .* 0 of 1 steps; .* to go on"):
        detectors(DATA, settings={**tiny, "effort": 0.02}, out=tmp_path, watch=watch)
    done = Run(tmp_path / "08-yolo-v1").events()
    assert not any(isinstance(event, RunFinished) for event in done)
    monkeypatch.setattr(stepping, "use_of", lambda *_, **__: Use(1.0, 0))
    after = detectors(DATA, settings={**tiny, "effort": 0.02}, out=tmp_path)
    epochs = [event.epoch for event in Run(tmp_path / "08-yolo-v1").events() if isinstance(event, EpochDone)]
    assert epochs == list(range(after.standings[0].epochs))


def test_an_interrupt_while_a_step_is_measured_says_the_same(tmp_path, monkeypatch):
    def stopped(*_, **__):
        raise KeyboardInterrupt

    monkeypatch.setattr(stepping, "use_of", stopped)
    with pytest.raises(Interrupted, match="got signal 2 in step yolo-v1"):
        detectors(DATA, settings={**TINY, "steps": "yolo-v1"}, out=tmp_path)


def test_a_step_that_diverges_is_named(tmp_path, monkeypatch):
    monkeypatch.setattr(stepping, "attempt", lambda *_, **__: None)
    with pytest.raises(Diverged, match="got a loss of YOLO v1 that is not finite"):
        detectors(DATA, settings={**TINY, "steps": "yolo-v1"}, out=tmp_path)


def test_use_is_measured_in_a_process_of_its_own(found):
    pictures = [np.zeros((32, 32, 3), np.uint8), np.full((40, 48, 3), 99, np.uint8)]
    use = use_of(found.folder / "01-sliding-window", pictures, windows=(16,), device="cpu", threads=1)
    assert use.images_per_second == 1 / use.seconds > 0
    assert 0 < use.memory < 2e9


class Boxed:
    """Pictures of 120 pixels, each with one thing of so many pixels."""

    def __init__(self, *sides):
        self.sides = sides

    def __len__(self):
        return len(self.sides)

    def read(self, index):
        return Sample(np.zeros((120, 120, 3), np.uint8), self.target(index), self.key(index))

    def key(self, index):
        return str(index)

    def fingerprint(self):
        return str(self.sides)

    def target(self, index):
        box = torch.tensor([[5.0, 6.0, 5.0 + self.sides[index], 8.0]])
        return Annotations((120, 120), torch.tensor([0]), Boxes(box, (120, 120)))


def test_windows_are_as_large_as_things_and_none_is_tiny():
    assert window_sides(Boxed(*range(20, 121))) == (30, 55, 85, 110)
    assert window_sides(Boxed(2, 3, 4, 60)) == (10, 43)


@pytest.mark.bad_input
def test_pictures_without_a_single_box_are_refused():
    with pytest.raises(BadData, match="without a single box"):
        window_sides(Boxed())


def test_a_picture_smaller_than_every_window_has_nothing_found_and_is_told(found):
    source = open_data(DATA).splits["test"]
    judged = judged_sliding(
        sliding_over(found.folder / "01-sliding-window", (64,)), source, ("circle", "star")
    )  # fmt: skip
    assert judged.note == f"{len(source)} of them smaller than every window (64 pixels), where nothing is found"
    assert judged.numbers()["map50"][0] == 0


@pytest.mark.bad_input
@pytest.mark.parametrize(
    ("data", "settings", "kind", "wanted"),
    [
        ("digits", {}, BadData, "whose labels suit classification; taken are data with a box for each thing"),
        (DATA, {"steps": "yolo-v2"}, BadConfig, "got step 'yolo-v2'; .*did you mean"),
        (DATA, {"effort": -1.0}, BadConfig, "got effort=-1.0; taken is 0 or more"),
        (DATA, {"image_size": 4}, BadConfig, "got image_size=4; taken is 32 or more"),
        (DATA, {"epochs": 4}, BadConfig, "got setting 'epochs'"),
    ],
)
def test_what_cannot_be_used_is_refused(tmp_path, data, settings, kind, wanted):
    with pytest.raises(kind, match=wanted):
        detectors(data, settings=settings, out=tmp_path / "out")
    assert not (tmp_path / "out").exists()


@pytest.mark.bad_input
def test_data_without_test_images_are_refused(tmp_path):
    opened = open_data(DATA, shares=(0.9, 0.1, 0.0))
    with pytest.raises(BadData, match="with the splits train, val, and so without images to be judged by"):
        detectors(opened, out=tmp_path / "out")


@pytest.mark.bad_input
def test_the_folder_of_other_steps_is_refused(found):
    with pytest.raises(BadConfig, match="which holds a lineage with another set of settings"):
        detectors(DATA, settings={**TINY, "effort": 1.0}, out=found.folder)


@pytest.mark.bad_input
def test_a_model_that_cannot_be_measured_is_told(tmp_path):
    with pytest.raises(Exception, match=r"whose measuring ended with code 1 \(.*which holds no run.json"):
        use_of(tmp_path, [np.zeros((8, 8, 3), np.uint8)])
