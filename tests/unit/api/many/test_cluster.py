"""What is around Ray: its workers, the room for them, signals and errors. Ray itself is in the journeys."""

from __future__ import annotations

import json
import os
import signal
import socket
import sys
from contextlib import nullcontext
from dataclasses import replace
from pathlib import Path
from types import SimpleNamespace

import pytest
import torch

from saccade.api.many import cluster as room
from saccade.api.many.cluster import Worker, predict_there
from saccade.api.many.job import Job, begin, hash_of_models, record_of
from saccade.api.many.parts import is_whole, parts_of
from saccade.api.many.settings import Cluster, ManySettings
from saccade.errors import BadConfig, Interrupted, MissingExtra, SaccadeError, StorageFull, Unreachable
from saccade.types.bad_file import BadFile

KEYS = ["red/1.png", "gone.png", "blue/0.png"]


@pytest.fixture(autouse=True)
def threads():
    before = torch.get_num_threads()
    yield
    torch.set_num_threads(before)


@pytest.fixture
def job(trained, tmp_path):
    settings = ManySettings(batch_size=2, part_size=2, device="cpu")
    hashed, witness = hash_of_models(trained.predictor), str(trained.photos / "red/1.png")
    words = (str(trained.run.path),)
    made = Job(words, None, settings, str(tmp_path / "out"), str(trained.photos), hashed, witness)
    begin(tmp_path / "out", record_of(made, KEYS))
    return made


def row_of(part):
    return {"number": part.number, "keys": json.dumps(part.keys), "job": part.job}


class FakeRay(SimpleNamespace):
    """Does the parts in this process, one after the other, as they would come from Ray."""

    def __init__(self, resources=None, spoil=lambda row: row):
        self.exceptions = SimpleNamespace(RayError=type("RayError", (Exception,), {}))
        self.resources, self.spoil = resources or {"CPU": 4.0}, spoil

    def rows(self, ray, job, parts, cluster):
        room._room(self.resources, job, cluster)
        worker = Worker(job, "cpu")
        for part in parts:
            yield self.spoil(worker(row_of(part)))


@pytest.fixture
def there(monkeypatch, job):
    def run(ray, cluster=Cluster()):  # noqa: B008
        monkeypatch.setattr(room, "_imported", lambda *, alone: ray)
        monkeypatch.setattr(room, "_connected", lambda *words: nullcontext())
        monkeypatch.setattr(room, "_rows", ray.rows)
        done = []
        predict_there(job, parts_of(KEYS, 2, "job"), cluster, done.append)
        return done

    return run


def test_a_worker_writes_its_part_and_names_what_is_bad(job):
    first, second = parts_of(KEYS, 2, "job")
    worker = Worker(job, "cpu")
    said = worker(row_of(first))
    assert (said["number"], said["failed"]) == (0, "")
    assert [key for key, _ in json.loads(said["bad"])] == ["gone.png"]
    assert is_whole(Path(job.folder), first)
    assert worker(row_of(second)) == {"number": 1, "bad": "[]", "failed": "", "message": ""}


def test_a_worker_takes_one_thread_or_those_it_is_given(job):
    part = parts_of(KEYS, 2, "job")[0]
    Worker(job, "cpu")(row_of(part))
    assert torch.get_num_threads() == 1
    Worker(replace(job, settings=replace(job.settings, threads=2)), "cpu")(row_of(part))
    assert torch.get_num_threads() == 2


@pytest.mark.parametrize(
    ("change", "told"),
    [
        ({"witness": "/mnt/photos/1.jpg"}, "does not see /mnt/photos/1.jpg"),
        ({"folder": "/mnt/results"}, "does not see /mnt/results/job.json"),
        ({"hashed": "beef"}, "got a machine with another model"),
    ],
)
def test_a_machine_that_sees_other_files_is_refused(job, change, told):
    said = Worker(replace(job, **change), "cpu")(row_of(parts_of(KEYS, 2, "job")[0]))
    assert said["failed"] == "BadConfig"
    assert told in said["message"]
    assert [path.name for path in Path(job.folder).iterdir()] == ["job.json"]


def test_what_comes_back_is_told(there):
    done = there(FakeRay())
    assert [(part.number, part.images) for part in done] == [(0, 2), (1, 1)]
    assert [type(file) for file in done[0].bad] == [BadFile]


@pytest.mark.parametrize(("name", "error"), [("StorageFull", StorageFull), ("PermissionError", SaccadeError)])
def test_an_error_of_a_worker_ends_the_job(there, name, error):
    with pytest.raises(error, match="disk full"):
        there(FakeRay(spoil=lambda row: {**row, "failed": name, "message": "got disk full; a; b"}))


def test_a_file_that_is_not_seen_here_is_an_error(there, job):
    def lose(row):
        for path in Path(job.folder).glob("part-*"):
            path.unlink()
        return row

    with pytest.raises(BadConfig, match="all machines share"):
        there(FakeRay(spoil=lose))


def test_an_error_of_ray_says_what_is_kept(there):
    ray = FakeRay()

    def lost(row):
        if row["number"] == 1:
            raise ray.exceptions.RayError("the node died\nat noon")
        return row

    ray.spoil = lost
    with pytest.raises(SaccadeError, match=r"after 1 of 2 parts \(the node died at noon\); what is done is kept"):
        there(ray)


def test_a_signal_keeps_the_parts_that_are_done(there, job):
    def stop(row):
        if row["number"] == 1:
            signal.raise_signal(signal.SIGTERM)
        return row

    before = signal.getsignal(signal.SIGTERM)
    with pytest.raises(Interrupted, match="got signal 15 after 1 of 2 parts") as caught:
        there(FakeRay(spoil=stop))
    assert caught.value.exit_code == 143
    assert signal.getsignal(signal.SIGTERM) == before
    assert is_whole(Path(job.folder), parts_of(KEYS, 2, "job")[0])


@pytest.mark.parametrize(
    ("resources", "settings", "cluster", "expected"),
    [
        ({"CPU": 8.0}, {}, Cluster(), (8, 1, 0)),
        ({"CPU": 8.0}, {"threads": 3}, Cluster(), (2, 3, 0)),
        ({"CPU": 8.0, "GPU": 2.0}, {}, Cluster(), (2, 1, 1)),
        ({"CPU": 8.0, "GPU": 2.0}, {"device": "cpu"}, Cluster(), (8, 1, 0)),
        ({"CPU": 8.0}, {}, Cluster("auto", 3), (3, 1, 0)),
    ],
)
def test_workers_are_as_many_as_there_is_room_for(job, resources, settings, cluster, expected):
    job = replace(job, settings=ManySettings(**settings))
    assert room._room(resources, job, cluster) == expected


@pytest.mark.parametrize(
    ("settings", "told"), [({"threads": 9}, "9 processors;"), ({"device": "cuda"}, "1 processor and a CUDA device;")]
)
def test_a_cluster_without_room_is_refused_instead_of_waited_for(job, settings, told):
    with pytest.raises(BadConfig, match=told):
        room._room({"CPU": 8.0}, replace(job, settings=ManySettings(**settings)), Cluster())


def test_ray_sends_nothing_home_and_wants_a_secret(monkeypatch):
    monkeypatch.setattr(os, "environ", {})
    for name in [name for name in sys.modules if name.split(".")[0] == "ray"]:
        monkeypatch.delitem(sys.modules, name)
    monkeypatch.setitem(sys.modules, "ray", None)
    with pytest.raises(MissingExtra, match="cluster"):
        room._imported(alone=False)
    assert os.environ["RAY_USAGE_STATS_ENABLED"] == "0"
    assert "RAY_AUTH_TOKEN" not in os.environ
    monkeypatch.delitem(sys.modules, "ray")
    monkeypatch.setattr(sys, "meta_path", [])
    with pytest.raises(MissingExtra):
        room._imported(alone=True)
    assert os.environ["RAY_AUTH_MODE"] == "token"
    assert len(os.environ["RAY_AUTH_TOKEN"]) == 64


def test_a_token_of_the_cluster_is_shown_where_there_is_one(monkeypatch, tmp_path):
    monkeypatch.setattr(room, "_TOKEN", tmp_path / "auth_token")
    for name in [name for name in sys.modules if name.split(".")[0] == "ray"]:
        monkeypatch.delitem(sys.modules, name)
    monkeypatch.setattr(sys, "meta_path", [])
    for there in (False, True):
        monkeypatch.setattr(os, "environ", {})
        if there:
            room._TOKEN.write_text("secret")
        with pytest.raises(MissingExtra):
            room._imported(alone=False)
        assert os.environ.get("RAY_AUTH_MODE") == ("token" if there else None)
        assert "RAY_AUTH_TOKEN" not in os.environ


def test_a_cluster_that_refuses_is_named(job, tmp_path):
    with socket.create_server(("127.0.0.1", 0)) as there:
        address = f"127.0.0.1:{there.getsockname()[1]}"

        def init(**settings):
            assert settings["address"] == address
            raise ConnectionError("could not find\nany running Ray instance")

        with pytest.raises(Unreachable, match=r"no cluster at '127\.0\.0\.1:\d+' \(could not find any running"):
            room._connect(SimpleNamespace(init=init), Cluster(address), job, str(tmp_path))


@pytest.mark.parametrize("auto", ["", "RAY_ADDRESS", "file"])
def test_an_address_at_which_nobody_answers_is_refused_at_once(job, tmp_path, monkeypatch, auto):
    with socket.create_server(("127.0.0.1", 0)) as once:
        address = f"127.0.0.1:{once.getsockname()[1]}"
    monkeypatch.delenv("RAY_ADDRESS", raising=False)
    monkeypatch.setattr(room, "_CURRENT", tmp_path / "current")
    if auto == "RAY_ADDRESS":
        monkeypatch.setenv("RAY_ADDRESS", address)
    elif auto == "file":
        room._CURRENT.write_text(f"{address}\n")
    with pytest.raises(Unreachable, match="got no answer at 127"):
        room._connect(SimpleNamespace(), Cluster("auto" if auto else address), job, str(tmp_path))


def test_a_ray_that_was_there_before_stays(job):
    ended = []
    ray = SimpleNamespace(is_initialized=lambda: True, shutdown=lambda: ended.append(True))
    with room._connected(ray, Cluster(), job):
        assert not ended
    assert not ended
