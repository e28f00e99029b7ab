"""A model on disturbed pictures: each figure is one that a hand can compute again."""

from __future__ import annotations

import json

import numpy as np
import pytest

import saccade
from saccade.api.evaluation import to_judge
from saccade.api.robustness import measuring
from saccade.api.robustness.measuring import images_within, robustness, robustness_of
from saccade.api.robustness.settings import RobustnessSettings
from saccade.data.disturbing import Disturbance
from saccade.errors import BadConfig, BadData


def test_a_point_is_the_share_of_disturbed_pictures_named_right(trained):
    """Dark pictures, made by hand and predicted one by one."""
    found = robustness(trained.run, split="train", settings={"images": 0})
    source = to_judge(trained.run, None, "train").source
    samples = [source.read(index) for index in range(len(source))]
    dark = Disturbance("brightness", 0.25)
    right = [
        trained.predictor(dark(sample.image)).label == trained.predictor.labels[sample.target] for sample in samples
    ]
    point = found.along("brightness")[0]
    assert (found.images, found.of, point.strength) == (29, 29, 0.25)
    assert point.figure[0] == pytest.approx(np.mean(right))
    assert found.undisturbed[0] == pytest.approx(trained.run.evaluate("train").numbers()["accuracy"][0])
    assert 0.3 < np.mean(right) < 1 == found.undisturbed[0]


def test_it_is_kept_and_the_same_again_whatever_the_batches(trained, tmp_path):
    first = robustness(trained.run, split="train", settings={"images": 12, "seed": 3}, batch_size=5)
    kept = json.loads((trained.run.path / "robustness-train.json").read_text())
    assert kept == {"split": "train", **first.to_dict()}
    assert (first.images, first.of, first.seed) == (12, 29, 3)
    assert robustness(trained.run, split="train", settings=RobustnessSettings(12, 3)) == first
    robustness(trained.run.best, trained.photos, settings={"images": 2})
    assert (
        not (trained.run.path / "robustness-test.json").exists()
        or json.loads((trained.run.path / "robustness-test.json").read_text())["images"] != 2
    )  # other data are not the run's own


def test_every_task_has_its_headline_disturbed(tmp_path):
    run = saccade.train(
        "synthetic:task=detection,count=24,size=48,shapes=2",
        settings={"epochs": 1, "unmixed_epochs": 0, "batch_size": 6, "backbone": "resnet8", "threads": 1},
        out=tmp_path / "boxes",
        listeners=[],
    )
    found = robustness(run, settings={"images": 2})
    assert (found.name, found.images, len(found.points)) == ("map", 2, 20)


def test_as_many_pictures_are_judged_as_there_is_time_for(trained, monkeypatch):
    """One second for each call of the clock: a picture takes 1/3 s, and a half more when it is disturbed."""
    judged, ticks = to_judge(trained.run, None, "test"), iter(range(100))
    monkeypatch.setattr(measuring.time, "perf_counter", lambda: float(next(ticks)))
    assert len(judged.source) == 3
    assert images_within(judged, 21 * 1.5 / 3 * 3 + 0.1) == 3
    assert images_within(judged, 21 * 1.5 / 3 * 3 - 0.1) == 0
    assert images_within(judged, 0.5) == images_within(judged, 0) == 0


def test_a_picture_that_cannot_be_read_does_not_count(trained, tmp_path):
    import shutil

    data = shutil.copytree(trained.photos, tmp_path / "photos")
    (data / "red" / "3.png").write_bytes(b"")
    judged = to_judge(trained.run.best, data, "test")
    assert robustness_of(judged, RobustnessSettings(images=0)).images == len(judged.source) - (
        "red/3.png" in map(judged.source.key, range(len(judged.source)))
    )


@pytest.mark.bad_input
def test_what_cannot_be_measured_is_refused(trained, tmp_path):
    with pytest.raises(BadConfig, match="images=-1"):
        robustness(trained.run, settings={"images": -1})
    with pytest.raises(BadConfig, match="seeds"):
        robustness(trained.run, settings={"seeds": 1})
    for name in ("blue", "green", "red"):
        (tmp_path / "data" / name).mkdir(parents=True)
        (tmp_path / "data" / name / "a.png").write_bytes(b"")
    with pytest.raises(BadData, match="none can be read"):
        robustness(trained.run, tmp_path / "data")
