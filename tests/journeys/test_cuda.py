"""On a GPU: what is trained there learns, resumes to the same bits, and predicts the same on a processor."""

from __future__ import annotations

import pytest
import torch

import saccade
from saccade.data.opening import open_data
from saccade.errors import Interrupted
from saccade.ops.nms import nms
from saccade.ops.roi_align import roi_align
from saccade.ops.roi_pooling import roi_pool
from saccade.ops.soft_suppression import soft_suppress
from saccade.ops.suppression import suppress, suppress_by_class
from saccade.weights.files import read_tensors
from two_classes import stop_after

DIGITS = {"epochs": 4, "learning_rate": 5e-3, "mirror": False}


def digits(folder, device="cuda", **settings):
    return saccade.train(
        "digits", model="resnet14_half", settings={**DIGITS, "device": device, **settings}, out=folder, listeners=[]
    )


@pytest.mark.parametrize("precision", ["float32", "bfloat16", "float16"])
def test_every_precision_learns_and_a_processor_predicts_the_same(tmp_path, cuda, precision):
    run = digits(tmp_path / "run", precision=precision)
    assert run.description["execution"]["device"] == "cuda"
    assert run.description["execution"]["precision"] == precision
    assert run.evaluate().numbers()["accuracy"][0] > 0.9
    here, there = (saccade.load(run, device=device) for device in ("cpu", "cuda"))
    pictures = [open_data("digits").splits["test"].read(row).image for row in range(40)]
    for one, two in zip(here(pictures), there(pictures), strict=True):
        assert one.label == two.label
        assert one.confidence == pytest.approx(two.confidence, abs=0.02)


@pytest.mark.parametrize("workers", [0, 2])
def test_a_run_that_was_stopped_ends_with_the_bits_of_one_that_never_was(tmp_path, cuda, workers):
    settings = {"deterministic": True, "epochs": 2, "ema_decay": 0.9, "workers": workers}
    whole, again = digits(tmp_path / "whole", **settings), digits(tmp_path / "again", **settings)
    with pytest.raises(Interrupted):
        saccade.train(
            "digits", model="resnet14_half", settings={**DIGITS, **settings, "device": "cuda"},
            out=tmp_path / "stopped", listeners=[stop_after(30)],
        )  # fmt: skip
    resumed = saccade.Run(tmp_path / "stopped").resume(listeners=[])
    for other in (again, resumed):
        one, two = (read_tensors(run.last)[0] for run in (whole, other))
        assert [name for name in one if not torch.equal(one[name], two[name])] == []


@pytest.mark.parametrize("model", ["yolo_nano", "ssd300", "faster_rcnn_resnet50", "yolo_anchor_small"])
def test_detectors_train_judge_and_predict(tmp_path, cuda, model):
    scenes = "synthetic:task=detection,count=40,size=64"
    settings = {"epochs": 1, "device": "cuda", "height": 64, "backbone": "resnet8"}
    run = saccade.train(scenes, model=model, settings=settings, out=tmp_path / "run", listeners=[])
    assert 0 <= run.evaluate().numbers()["map"][0] <= 1
    saccade.load(run, device="cuda")(open_data(scenes).splits["test"].read(0).image)


def test_features_are_computed_there(tmp_path, cuda, monkeypatch):
    monkeypatch.setenv("SACCADE_CACHE", str(tmp_path / "cache"))
    settings = {"transfer": "features", "weights": "saccade", "device": "cuda"}
    run = saccade.train("digits", settings=settings, out=tmp_path / "run", listeners=[])
    assert run.evaluate().numbers()["accuracy"][0] > 0.85


def test_operations_on_boxes_give_what_the_processor_gives(cuda):
    dice = torch.Generator().manual_seed(0)
    boxes = torch.rand(500, 4, generator=dice) * 60
    boxes[:, 2:] += boxes[:, :2] + 1
    sure, classes = torch.rand(500, generator=dice), torch.randint(3, (500,), generator=dice)
    maps = torch.rand(2, 4, 30, 30, generator=dice, dtype=torch.float64)
    regions = [boxes[:6].double(), boxes[6:9].double()]

    def everything(device):
        box, confidence, ids = (one.to(device) for one in (boxes, sure, classes))
        yield nms(box, confidence)
        yield suppress(box, confidence)
        yield suppress_by_class(box, confidence, ids)
        yield from soft_suppress(box, confidence)
        for pool in (roi_align, roi_pool):
            yield pool(maps.to(device), [rows.to(device) for rows in regions], output_size=3, scale=0.5)

    for one, two in zip(everything("cpu"), everything(cuda), strict=True):
        assert two.device.type == "cuda"
        torch.testing.assert_close(two.cpu(), one)
