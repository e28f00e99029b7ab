"""The second step of a run: what it leaves, what it says, and that it can be stopped anywhere and go on."""

from __future__ import annotations

import os
import shutil
import signal
import sqlite3
import warnings
from pathlib import Path
from typing import Any

import pytest
import torch

import saccade
from saccade.api.regions import finishing
from saccade.api.regions.looks import RegionLooks
from saccade.api.regions.machines import FewThingsWarning
from saccade.data.loading.disk_cache import CacheWarning
from saccade.data.opening import open_data
from saccade.errors import Interrupted
from saccade.exports.model_file import describe_model
from saccade.tasks.detection import truth_of
from saccade.training.events import EpochDone, FeaturesComputed, RunFinished, RunStopped, StageDone
from saccade.weights.files import read_tensors

DATA = "synthetic:task=detection,count=20,size=48,shapes=2,classes=circle+star"
STAGES = ["proposals", "features", "machines", "regressors"]


@pytest.fixture(autouse=True)
def cache(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.setenv("SACCADE_CACHE", str(tmp_path / "cache"))
    return tmp_path / "cache" / "regions"


def trained(out: Path, data: Any = DATA, *, listeners: Any = (), **settings: Any) -> saccade.Run:
    """Train R-CNN as little as possible."""
    settings = {"threads": 1, "batch_size": 8, "backbone": "resnet8", "augment": "none", **settings}
    return saccade.train(data, model="rcnn_small", settings=settings, epochs=1, out=out, listeners=list(listeners))


@pytest.fixture(scope="module")
def whole(tmp_path_factory: pytest.TempPathFactory) -> saccade.Run:
    """A run that nobody stopped, with its features on disk beside it; nobody changes either."""
    folder = tmp_path_factory.mktemp("whole")
    with pytest.MonkeyPatch.context() as patched:
        patched.setenv("SACCADE_CACHE", str(folder / "cache"))
        return trained(folder / "run")


@pytest.fixture
def its_cache(whole: saccade.Run, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A copy of the features of that run."""
    shutil.copytree(whole.path.with_name("cache"), tmp_path / "its")
    monkeypatch.setenv("SACCADE_CACHE", str(tmp_path / "its"))
    return tmp_path / "its" / "regions"


def of(run: saccade.Run, kind: type) -> list[Any]:
    return [event for event in run.events() if isinstance(event, kind)]


def equal(one: saccade.Run, other: saccade.Run) -> bool:
    first, second = read_tensors(one.best)[0], read_tensors(other.best)[0]
    return first.keys() == second.keys() and all(torch.equal(first[name], second[name]) for name in first)


def test_the_best_model_is_finished_and_the_stream_says_how_long_each_stage_took(whole: saccade.Run) -> None:
    run = whole
    tensors = read_tensors(run.best)[0]
    assert tensors["finished"].item() == 1
    assert bool(tensors["svm_weight"].any(1).all())
    assert bool(tensors["regressor_bias"].any())
    kinds = [type(event) for event in run.events()]
    assert kinds[-6:] == [FeaturesComputed, *[StageDone] * 4, RunFinished]
    assert [event.stage for event in of(run, StageDone)] == STAGES
    count = run.description["data"]["counts"]["train"]
    told = of(run, FeaturesComputed)[-1]
    assert (told.split, told.done, told.total, told.reused) == ("train", count, count, 0)
    assert list(describe_model(run.best).origin["stages"]) == STAGES
    assert read_tensors(run.last)[0]["network.network.finished"].item() == 0


def test_the_features_are_those_of_the_network_on_its_own_images(whole: saccade.Run, its_cache: Path) -> None:
    predictor, source = whole.predictor(), open_data(DATA).splits["train"]
    looks = RegionLooks(predictor.network, source, predictor.description.preprocessing, predictor.execution)
    looked = looks(3)
    assert looks.reused == 1  # the run has looked at it
    assert looked is not None
    sample = looks._maker.sample(3, 0)
    truth, images = truth_of(sample.target), torch.from_numpy(sample.image).permute(2, 0, 1)[None] / 255
    network: Any = predictor.network.network
    with torch.no_grad():
        images = predictor.network.normalise(images)
        boxes = torch.cat([network.regions(images)[0], truth.boxes])
        wanted = network.features(images, [boxes])
    torch.testing.assert_close(torch.from_numpy(looked.boxes), boxes)
    torch.testing.assert_close(torch.from_numpy(looked.features), wanted, atol=1e-4, rtol=1e-4)


def test_a_second_run_looks_at_nothing_and_ends_with_the_same_bits(
    whole: saccade.Run, its_cache: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:

    def refused(*_: Any) -> Any:
        raise AssertionError("it is on disk")

    monkeypatch.setattr(RegionLooks, "_computed", refused)
    other = trained(tmp_path / "run")
    told = of(other, FeaturesComputed)[-1]
    assert told.reused == told.total
    assert equal(whole, other)


def test_without_a_cache_nothing_is_kept_and_the_bits_are_the_same(
    whole: saccade.Run, cache: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("saccade.api.regions.looks._IN_MEMORY", 0)  # looked at again in each pass
    other = trained(tmp_path / "run", cache="off")
    assert not cache.exists()
    assert equal(whole, other)


def test_a_signal_in_the_second_step_stops_the_run_which_goes_on_to_the_same_bits(
    whole: saccade.Run, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(finishing, "_TOLD_SECONDS", -1.0)

    def stop(event: Any) -> None:
        if isinstance(event, FeaturesComputed) and event.done == 5:
            os.kill(os.getpid(), signal.SIGINT)

    with pytest.raises(
        Interrupted, match=r"in the second step, after the last epoch; .* saccade train --resume"
    ) as told:
        trained(tmp_path / "run", listeners=[stop])
    assert told.value.exit_code == 130
    run = saccade.Run(tmp_path / "run")
    assert run.state == "stopped"
    assert of(run, RunStopped)[-1].epoch == 1
    assert read_tensors(run.best)[0]["finished"].item() == 0
    again = run.resume(listeners=[])
    assert again.state == "finished"
    assert of(again, FeaturesComputed)[-1].reused == 5
    assert equal(whole, again)


def test_a_run_that_is_killed_in_the_middle_goes_on_to_the_same_bits(
    whole: saccade.Run, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Between two passes of the machines, where all is on disk but nothing is learnt."""

    class Killed(Exception):
        pass

    def killed(*_: Any, **__: Any) -> Any:
        raise Killed

    with monkeypatch.context() as patched:
        patched.setattr(finishing, "fit_regressors", killed)
        with pytest.raises(Killed):
            trained(tmp_path / "run")
    run = saccade.Run(tmp_path / "run")
    assert run.state == "unfinished"
    run.resume(listeners=[])
    told = of(run, FeaturesComputed)[-1]
    assert told.reused == told.total
    assert equal(whole, run)


def test_a_finished_run_is_not_finished_again_but_one_with_more_epochs_is(
    whole: saccade.Run, its_cache: Path, tmp_path: Path
) -> None:
    shutil.copytree(whole.path, tmp_path / "run")
    run = saccade.Run(tmp_path / "run")
    before, stages = run.best.read_bytes(), of(run, StageDone)
    run.resume(listeners=[])
    assert run.best.read_bytes() == before
    assert [event.seconds for event in of(run, StageDone)] == [event.seconds for event in stages]
    run.resume(epochs=2, listeners=[])
    assert run.state == "finished"
    assert [event.stage for event in of(run, StageDone)] == STAGES
    tensors = read_tensors(run.best)[0]
    assert tensors["finished"].item() == 1
    if of(run, EpochDone)[-1].best:
        assert run.best.read_bytes() != before


def test_a_class_that_is_hardly_there_is_named(tmp_path: Path) -> None:
    with pytest.warns(FewThingsWarning, match=r"got [01] things? of class '\w+' to learn from"):
        run = trained(tmp_path / "run", "synthetic:task=detection,count=6,size=48,shapes=1")
    assert run.state == "finished"
    assert (read_tensors(run.best)[0]["svm_bias"] == -12).any()


def test_a_cache_that_cannot_be_written_is_warned_of_once(cache: Path, tmp_path: Path) -> None:
    cache.parent.mkdir()
    cache.write_text("a file where the folder should be", encoding="utf-8")
    with warnings.catch_warnings(record=True) as caught:
        warnings.simplefilter("always", CacheWarning)
        run = trained(tmp_path / "run")
    assert [type(one.message) for one in caught if issubclass(one.category, CacheWarning)] == [CacheWarning]
    assert read_tensors(run.best)[0]["finished"].item() == 1


def test_what_is_half_there_on_disk_is_looked_at_again(whole: saccade.Run, its_cache: Path, tmp_path: Path) -> None:
    (file,) = its_cache.glob("*.sqlite")
    store = sqlite3.connect(file)
    with store:
        store.execute("DELETE FROM vectors WHERE name LIKE '% 1'")
    store.close()
    other = trained(tmp_path / "run")
    assert of(other, FeaturesComputed)[-1].reused == 0
    assert equal(whole, other)


def test_the_verbs_work_on_what_is_finished(whole: saccade.Run, tmp_path: Path) -> None:
    shutil.copytree(whole.path, tmp_path / "run")
    run = saccade.Run(tmp_path / "run")
    assert 0 <= run.evaluate().numbers()["map"][0] <= 1
    found = run.predictor()(open_data(DATA).splits["test"].read(0).image)
    assert found.boxes.shape[1] == 4
    assert run.report(tmp_path / "card.html").exists()
