"""A job and its folder: the same job goes on, another is refused and what differs is listed."""

from __future__ import annotations

import json
from dataclasses import replace
from pathlib import Path

import pytest
import torch
from torch import nn

from saccade.api.ensembles.ensembling import Ensemble, answering_of
from saccade.api.ensembles.views import Views
from saccade.api.many.job import (
    RECORD,
    Job,
    begin,
    hash_of_models,
    name_of_job,
    read_record,
    record_of,
    words_of,
)
from saccade.api.many.settings import ManySettings
from saccade.errors import BadConfig, BadData
from tiny_predictors import Colour, predictor

JOB = Job(("/runs/a",), None, ManySettings(), "/out", "/base", "f00d")
KEYS = ("a.jpg", "b.jpg")


def changed(**names):
    return replace(JOB, settings=replace(JOB.settings, **names))


OTHERS = {
    "another model": (replace(JOB, hashed="beef"), KEYS),
    "views": (replace(JOB, views=Views(flips=True)), KEYS),
    "views of other scales": (replace(JOB, views=Views(scales=(1.0, 1.5))), KEYS),
    "batch_size=16": (changed(batch_size=16, part_size=1024), KEYS),
    "top=1": (changed(top=1), KEYS),
    "part_size=64": (changed(part_size=64), KEYS),
    "another list": (JOB, KEYS[::-1]),
    "3 pictures": (JOB, (*KEYS, "c.jpg")),
}


@pytest.mark.parametrize("told", OTHERS)
def test_another_job_has_another_name_and_is_refused(tmp_path, told):
    job, keys = OTHERS[told]
    assert name_of_job(record_of(job, keys)) != name_of_job(record_of(JOB, KEYS))
    begin(tmp_path, record_of(JOB, KEYS))
    before = (tmp_path / RECORD).read_bytes()
    with pytest.raises(BadConfig, match=told.split(" of ")[0]):
        begin(tmp_path, record_of(job, keys))
    assert (tmp_path / RECORD).read_bytes() == before


def test_the_same_job_on_another_device_from_another_place_goes_on(tmp_path):
    begin(tmp_path, record_of(JOB, KEYS))
    moved = replace(changed(device="cpu", threads=3), base="/elsewhere", models=("/runs/b",))
    begin(tmp_path, record_of(moved, KEYS))
    assert read_record(tmp_path)["models"] == ["/runs/a"]


def test_all_that_differs_is_listed(tmp_path):
    begin(tmp_path, record_of(JOB, KEYS))
    with pytest.raises(BadConfig, match=r"(?s)another model.*top=1; taken is 5.*use another folder"):
        begin(tmp_path, record_of(replace(changed(top=1), hashed="beef"), KEYS))


def test_a_folder_with_other_things_in_it_is_left_alone(tmp_path):
    (tmp_path / "letter.txt").write_text("dear")
    with pytest.raises(BadConfig, match="with other things in it"):
        begin(tmp_path, record_of(JOB, KEYS))
    with pytest.raises(BadConfig, match="a file"):
        begin(tmp_path / "letter.txt", record_of(JOB, KEYS))
    assert [path.name for path in tmp_path.iterdir()] == ["letter.txt"]


@pytest.mark.parametrize("text", ["", "[" * 100_000, "[1]", '{"kind": "run"}', '{"kind": "predictions"}', "\udcff"])
def test_a_record_that_is_not_ours_is_refused(tmp_path, text):
    (tmp_path / RECORD).write_bytes(text.encode("utf-8", "surrogateescape"))
    with pytest.raises(BadData, match=r"job\.json"):
        read_record(tmp_path)


def test_a_record_never_holds_what_json_has_not(tmp_path):
    strange = replace(JOB, models=("/runs/\udcff\n",))
    begin(tmp_path, record_of(strange, ("\udcff.jpg",)))
    assert json.loads((tmp_path / RECORD).read_bytes())["models"] == ["/runs/\\udcff\\n"]


def test_models_are_named_by_whole_paths(tmp_path, monkeypatch, trained):
    monkeypatch.chdir(tmp_path)
    Path("run").mkdir()
    assert words_of("run") == (str(tmp_path / "run"),)
    assert words_of(["run", "squeezenet1_1/imagenet"]) == (str(tmp_path / "run"), "squeezenet1_1/imagenet")
    assert words_of(trained.run) == (str(trained.run.path),)
    assert words_of(trained.predictor) == words_of(["run", trained.predictor]) == ()


def test_one_model_answers_alone_and_several_or_views_together(trained):
    def answering(model, views=None):
        return answering_of(model, views, device="cpu", commercial_only=None)

    assert answering([trained.predictor]) is trained.predictor
    several = answering([trained.predictor, trained.predictor])
    assert isinstance(several, Ensemble)
    assert len(several.members) == 2
    assert answering(several) is several
    assert isinstance(answering(trained.predictor, Views(crops=5)), Ensemble)


def test_the_hash_of_models_follows_weights_classes_and_preparation():
    class Scaled(Colour):
        def __init__(self, by):
            super().__init__()
            self.by = nn.Parameter(torch.tensor(by))

    one = predictor(Scaled(1.0))
    assert hash_of_models(one) == hash_of_models(predictor(Scaled(1.0)))
    others = [
        predictor(Scaled(2.0)),
        predictor(Scaled(1.0), ("a", "b", "c")),
        predictor(Scaled(1.0), size=(8, 8)),
        Ensemble({"a": one, "b": one}),
    ]
    assert len({hash_of_models(other) for other in [one, *others]}) == 5
