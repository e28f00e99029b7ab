"""The verb predict for a great many pictures: the rows of the plain one, once each, however often it was stopped."""

from __future__ import annotations

import json
import shutil
from pathlib import Path

import numpy as np
import pytest

import saccade
from saccade.api.ensembles.views import Views
from saccade.api.many.predicting import predict_many
from saccade.api.many.settings import Cluster, ManySettings
from saccade.cli.main import main
from saccade.errors import BadConfig, BadData, MissingExtra

SMALL = ManySettings(batch_size=4, part_size=8, top=2)


@pytest.fixture
def mixed(trained, tmp_path, monkeypatch):
    """A folder of ours with good, broken and strange pictures."""
    monkeypatch.chdir(tmp_path)
    shutil.copytree(trained.photos, "mixed")
    Path("mixed/blue/3.png").write_bytes(b"no picture")
    Path("mixed/green/empty.jpg").write_bytes(b"")
    Path("mixed/red/\udcff\n.png").write_bytes(Path("mixed/red/1.png").read_bytes())
    Path("mixed/red/lost.png").symlink_to("nowhere.png")
    return Path("mixed")


def files(folder):
    return {path.name: path.read_bytes() for path in Path(folder).iterdir()}


def test_rows_are_those_of_plain_prediction_to_the_byte(trained, mixed, capsys):
    stored = predict_many(trained.run.path, mixed, out="out", settings=SMALL)
    capsys.readouterr()
    assert main(["predict", str(trained.run.path), "mixed", "--json", "--top", "2", "--batch-size", "4"]) == 0
    plain = capsys.readouterr().out
    assert "".join(path.read_text("ascii") for path in stored.files) == plain
    assert plain.count("\n") == len(stored) == 39
    assert [file.key for file in stored.bad] == ["mixed/blue/3.png", "mixed/green/empty.jpg", "mixed/red/lost.png"]
    assert list(stored) == [json.loads(line) for line in plain.splitlines()]


def test_a_job_that_was_stopped_goes_on_to_the_same_files(trained, mixed):
    class Stopped(Exception):
        pass

    def stop(done, number, parts):
        if number == 2:
            raise Stopped

    predict_many(trained.predictor, mixed, out="whole", settings=SMALL)
    with pytest.raises(Stopped):
        predict_many(trained.predictor, mixed, out="out", settings=SMALL, tell=stop)
    begun = files("out")
    assert len(begun) == 3
    first = sorted(begun)[1]
    (Path("out") / first).write_bytes(begun[first][:-30])  # a disk that lost power
    Path("out/.part-00000002-feed.jsonl.12345678.tmp").write_bytes(b"{")
    told = []
    predict_many(trained.predictor, mixed, out="out", settings=SMALL, tell=lambda *words: told.append(words))
    assert [(part.number, number, parts) for part, number, parts in told] == [
        (0, 2, 5), (2, 3, 5), (3, 4, 5), (4, 5, 5)
    ]  # fmt: skip
    assert files("out") == files("whole")


def test_a_job_that_is_done_does_nothing_more(trained, mixed):
    predict_many(trained.predictor, mixed, out="out", settings=SMALL)
    before = {path: path.stat().st_mtime_ns for path in Path("out").iterdir()}
    told = []
    stored = predict_many(trained.predictor, mixed, out="out", settings=SMALL, tell=lambda *words: told.append(words))
    assert told == []
    assert len(list(stored)) == 39
    assert {path: path.stat().st_mtime_ns for path in Path("out").iterdir()} == before


def test_several_models_and_views_answer_together(trained, mixed):
    views, few = Views(crops=5), [mixed / "red/1.png", "mixed/blue/0.png"]
    stored = predict_many([trained.run, trained.run], few, out="out", views=views, settings=SMALL)
    expected = saccade.predict([trained.run, trained.run], few, views=views, batch_size=4)
    assert list(stored) == [one.to_dict(2) for one in expected]


def test_a_picture_that_is_named_twice_has_two_rows(trained, mixed):
    stored = predict_many(trained.predictor, ["mixed/red/1.png"] * 3, out="out")
    assert [row["key"] for row in stored] == ["mixed/red/1.png"] * 3


def test_another_list_in_the_same_folder_is_refused(trained, mixed):
    predict_many(trained.predictor, mixed, out="out", settings=SMALL)
    before = files("out")
    shutil.copy("mixed/red/1.png", "mixed/red/new.png")
    with pytest.raises(BadConfig, match="got 40 pictures; taken are 39"):
        predict_many(trained.predictor, mixed, out="out", settings=SMALL)
    assert files("out") == before


def test_pictures_in_memory_and_empty_lists_are_refused(trained, tmp_path):
    with pytest.raises(BadConfig, match="got a picture of type ndarray"):
        predict_many(trained.predictor, [np.zeros((4, 4, 3), np.uint8)], out=tmp_path / "out")
    with pytest.raises(BadData, match="got no pictures"):
        predict_many(trained.predictor, [], out=tmp_path / "out")
    assert not (tmp_path / "out").exists()


def test_a_cluster_takes_no_model_that_is_only_here(trained, tmp_path, monkeypatch):
    monkeypatch.setattr("importlib.util.find_spec", lambda name: name)
    with pytest.raises(BadConfig, match="got a model that is only in this process"):
        predict_many(trained.predictor, trained.photos, out=tmp_path / "out", cluster=Cluster())


def test_ray_that_is_not_installed_is_named_with_its_extra(trained, tmp_path, monkeypatch):
    monkeypatch.setattr("importlib.util.find_spec", lambda name: None)
    with pytest.raises(MissingExtra, match=r'pip install "saccade\[cluster\]"'):
        predict_many(trained.run.path, trained.photos, out=tmp_path / "out", cluster=Cluster())
