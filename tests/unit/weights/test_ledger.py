"""The ledger of published weights: every entry can be fetched, checked, and said what it is."""

from __future__ import annotations

import re
from dataclasses import replace

import pytest

from saccade import catalog
from saccade.errors import BadConfig, Denied, UnknownName
from saccade.weights.ledger import entries, entry_of, labels_of, packaged_file, refuse_uncleared


@pytest.mark.parametrize("name", entries())
def test_an_entry_can_be_checked_and_says_its_terms(name: str) -> None:
    entry = entries()[name]
    assert entry.name == name
    if entry.packaged:
        assert packaged_file(entry).is_file()
        assert entry.made_by.startswith("saccade train ")
    else:
        assert entry.address.startswith("https://")
        assert entry.address.endswith("/" + entry.file)
    assert re.fullmatch(r"[0-9a-f]{8}", entry.sha256) or re.fullmatch(r"[0-9a-f]{64}", entry.content)
    assert entry.sha256 in entry.file
    assert entry.licence
    assert entry.training_data
    assert entry.cleared or entry.reason
    assert entry.top1 is None or 50 < entry.top1 < 100
    assert (entry.map is None) == (entry.tag != "coco")
    assert entry.top5 is None or entry.top1 is None or entry.top5 > entry.top1
    assert len(labels_of(entry)) == len(set(labels_of(entry))) == entry.classes
    assert entry.to_dict()["preprocessing"]["size"] == entry.preprocessing.size


@pytest.mark.parametrize("name", entries())
def test_an_entry_fits_its_architecture(name: str) -> None:
    entry = entries()[name]
    card = catalog.cards("architectures", entry.architecture)[entry.architecture]
    assert card["classes"] == entry.classes
    bytes_each = entry.mebibytes * 2**20 / card["parameters"]
    assert 1.9 < bytes_each < 8.1  # two wide networks came in half precision, googlenet's with heads as large as itself


def test_files_are_listed_once_and_their_names_in_the_cache_differ() -> None:
    stems = [entry.stem for entry in entries().values()]
    assert len(set(stems)) == len(stems) > 40


def test_the_first_and_the_last_label_are_the_published_ones() -> None:
    assert labels_of(entry_of("vgg16", "imagenet"))[0] == "tench"
    assert labels_of(entry_of("vgg16", "imagenet"))[-1] == "toilet tissue"
    assert labels_of(entry_of("resnet20", "cifar10"))[3] == "cat"


def test_a_pattern_picks_by_name_or_by_architecture() -> None:
    assert list(entries("resnet18")) == ["resnet18/imagenet"]
    assert set(entries("*/cifar10")) == {"resnet20/cifar10", "resnet56/cifar10"}
    assert entries("nothing") == {}


def test_what_is_cleared_is_never_refused(monkeypatch: pytest.MonkeyPatch) -> None:
    entry = entry_of("resnet18", "imagenet")
    refuse_uncleared(replace(entry, cleared=True), commercial_only=True)
    monkeypatch.delenv("SACCADE_COMMERCIAL_ONLY", raising=False)
    refuse_uncleared(entry)
    monkeypatch.setenv("SACCADE_COMMERCIAL_ONLY", "yes")
    refuse_uncleared(entry, commercial_only=False)
    with pytest.raises(Denied, match="non-commercial research and education"):
        refuse_uncleared(entry)


@pytest.mark.bad_input
def test_an_unknown_name_gets_the_nearest(monkeypatch: pytest.MonkeyPatch) -> None:
    with pytest.raises(UnknownName, match=r"got published weights 'resnet19/imagenet'; .* 'resnet1"):
        entry_of("resnet19", "imagenet")
    with pytest.raises(UnknownName, match=r"got weights for resnet50 'imagenet_v3'; .* did you mean 'imagenet_v2'"):
        entry_of("resnet50", "imagenet_v3")
    monkeypatch.setenv("SACCADE_COMMERCIAL_ONLY", "perhaps")
    with pytest.raises(BadConfig, match="got SACCADE_COMMERCIAL_ONLY='perhaps'; taken are 1 and 0"):
        refuse_uncleared(entry_of("resnet18", "imagenet"))
