"""Published weights on the command line: listed, described, fetched, used."""

from __future__ import annotations

import json
from dataclasses import replace

import numpy as np
import pytest
import torch
from PIL import Image

import saccade
from saccade.weights import ledger
from saccade.weights.convert import content_hash
from saccade.weights.files import write_tensors

FILE = "resnet20-12fca82f.safetensors"


@pytest.fixture(autouse=True)
def mirror(tmp_path, monkeypatch):
    """Weights for resnet20/cifar10 in a mirror, and a ledger that knows their hash."""
    torch.manual_seed(0)
    tensors = saccade.create("resnet20").state_dict()
    write_tensors(tmp_path / "mirror" / FILE, tensors, {})
    table = dict(ledger.entries())
    table["resnet20/cifar10"] = replace(table["resnet20/cifar10"], content=content_hash(tensors))
    monkeypatch.setattr(ledger, "_table", lambda: table)
    monkeypatch.setenv("SACCADE_WEIGHTS", str(tmp_path / "mirror"))
    monkeypatch.setenv("SACCADE_CACHE", str(tmp_path / "cache"))
    monkeypatch.delenv("SACCADE_COMMERCIAL_ONLY", raising=False)
    return tmp_path / "mirror"


def test_weights_are_fetched_into_the_cache_and_their_licence_is_said(saccade_command, tmp_path):
    done = saccade_command("fetch", "resnet20")
    assert (done.code, done.err) == (0, "")
    assert done.out.splitlines() == [
        "weights  resnet20/cifar10",
        f"file     {tmp_path / 'cache' / FILE}",
        "licence  BSD, of the repository that publishes them, by Yerlan Idelbayev; not cleared: "
        "no licence of CIFAR-10 is known to us",
    ]
    assert (tmp_path / "cache" / FILE).is_file()
    values = json.loads(saccade_command("fetch", "resnet20/cifar10", "--json").out)
    assert values["path"] == str(tmp_path / "cache" / FILE)


def test_a_mirror_is_made_for_a_machine_without_network(saccade_command, tmp_path, mirror):
    assert saccade_command("fetch", "resnet20", "--mirror", tmp_path / "stick").code == 0
    assert (tmp_path / "stick" / FILE).read_bytes() == (mirror / FILE).read_bytes()
    assert not (tmp_path / "cache").exists()


def test_weights_predict_by_their_name(saccade_command, tmp_path):
    Image.fromarray(np.full((32, 32, 3), 120, np.uint8)).save(tmp_path / "photo.png")
    done = saccade_command("predict", "resnet20/cifar10", tmp_path / "photo.png", "--top", "2")
    assert done.code == 0
    names = ledger.labels_of(ledger.entry_of("resnet20", "cifar10"))
    assert sum(name in done.out for name in names) == 2


def test_weights_are_listed_with_licence_and_hash(saccade_command):
    done = saccade_command("models", "resnet50", "--weights")
    head, first, second = done.out.splitlines()
    assert head.split("  ")[0] == "name"
    assert first.split()[:6] == ["resnet50/imagenet", "76.1", "%", "97.8", "MiB", "0676ba61"]
    assert "none of their own" in first
    assert second.startswith("resnet50/imagenet_v2")
    values = json.loads(saccade_command("models", "resnet50", "--weights", "--json").out)
    assert values["resnet50/imagenet"]["address"] == "https://download.pytorch.org/models/resnet50-0676ba61.pth"


def test_only_what_is_cleared_is_listed_on_demand(saccade_command):
    done = saccade_command("models", "resnet50", "--weights", "--commercial-only")
    assert (done.code, done.out) == (0, "")
    assert done.err == "saccade: left out 2 of 2, which are not known to be free for commercial use\n"


def test_what_is_known_of_weights_is_told_without_fetching_them(saccade_command, tmp_path):
    told = saccade_command("info", "squeezenet1_1/imagenet")
    assert told.code == 0
    assert "sha256                    b8a52dc0\n" in told.out
    assert "training data             ImageNet (ILSVRC 2012)\n" in told.out
    assert "fetched                   no\n" in told.out
    saccade_command("fetch", "resnet20")
    values = json.loads(saccade_command("info", "resnet20/cifar10", "--json").out)
    assert values["fetched"] == str(tmp_path / "cache" / FILE)
    assert values["preprocessing"]["size"] == [32, 32]


@pytest.mark.bad_input
def test_every_unknown_name_is_listed_before_anything_is_fetched(saccade_command, tmp_path):
    done = saccade_command("fetch", "resnet20", "resnt18", "resnet18/imagenette")
    assert done.code == 2
    assert "got published weights 'resnt18'" in done.err
    assert "got weights for resnet18 'imagenette'" in done.err
    assert not (tmp_path / "cache").exists()
    assert saccade_command("models", "nothing", "--weights").code == 2


@pytest.mark.bad_input
def test_what_cannot_be_had_or_is_refused_has_its_exit_code(saccade_command, tmp_path):
    done = saccade_command("fetch", "resnet18")
    assert done.code == 9
    assert "put it there (it is published as https://download.pytorch.org/models/resnet18-f37072fd.pth)" in done.err
    refused = [("fetch", "resnet20"), ("predict", "resnet20/cifar10", tmp_path / "photo.png")]
    for words in refused:
        done = saccade_command(*words, "--commercial-only")
        assert done.code == 8
        assert "not cleared for commercial use: no licence of CIFAR-10 is known to us" in done.err
