"""Things from formulas: each species has its own, its pictures vary, and they resemble each other."""

from __future__ import annotations

import numpy as np
import pytest

from saccade.data.opening import open_data
from saccade.data.scenes.plan import Plan, kind_of

EIGHT = tuple(f"species{number:03d}" for number in range(8))


def drawn(
    count: int, difficulty: float = 0.5, classes: tuple[str, ...] = EIGHT, **more
) -> tuple[np.ndarray, np.ndarray]:
    """Pictures and their species."""
    plan = Plan("species", count=count, difficulty=difficulty, classes=classes, **{"size": 32, **more})
    source = kind_of("species").source(plan, range(count))
    return np.stack([source.read(row).image for row in range(count)]), np.array(
        [source.target(row) for row in range(count)]
    )


def thumbnails(pictures: np.ndarray) -> np.ndarray:
    count = len(pictures)
    return pictures.reshape(count, 8, 4, 8, 4, 3).mean((2, 4)).reshape(count, -1)


@pytest.mark.parametrize(
    ("count", "classes"), [(1, 2), (35, 2), (36, 3), (11_999, 999), (12_000, 1000), (120_000, 1000)]
)
def test_each_has_a_dozen_pictures_and_there_are_a_thousand_at_most(count, classes):
    labels = kind_of("species").labels(Plan("species", count=count))
    assert (len(labels), labels[0], labels[-1]) == (classes, "species000", f"species{classes - 1:03d}")


def test_each_of_a_thousand_comes_once_in_a_thousand():
    source = kind_of("species").source(Plan("species", count=12_000), range(2000))
    targets = [source.target(row) for row in range(2000)]
    assert sorted(targets[:1000]) == sorted(targets[1000:]) == list(range(1000))
    assert targets[:1000] != targets[1000:]


def test_the_classes_asked_for_are_balanced():
    source = kind_of("species").source(Plan("species", count=80, classes=EIGHT), range(80))
    assert np.bincount([source.target(row) for row in range(80)]).tolist() == [10] * 8


def test_every_picture_is_another_and_has_colours():
    pictures, _ = drawn(40)
    assert len({picture.tobytes() for picture in pictures}) == 40
    spread = pictures.astype(float).std((1, 2))
    assert np.median(spread) > 20
    grey = np.abs(pictures.astype(int) - pictures.mean(-1, keepdims=True)).mean((1, 2, 3))
    assert np.median(grey) > 5


@pytest.mark.parametrize(("difficulty", "least"), [(0.2, 0.4), (0.5, 0.25)])
def test_a_picture_resembles_those_of_its_species(difficulty, least):
    """The nearest thumbnail of eight by eight pixels is more often of the same species than chance, 1 in 8, has it."""
    pictures, species = drawn(160, difficulty)
    small = thumbnails(pictures)
    distances = np.square(small[:, None] - small[None]).sum(-1)
    np.fill_diagonal(distances, np.inf)
    assert (species[distances.argmin(1)] == species).mean() > least


def test_a_species_is_the_same_in_every_data_set():
    """The pictures of a species in one data set resemble its own in another more than those of the other species."""
    means = []
    for seed in (0, 1):
        pictures, species = drawn(160, 0.2, seed=seed)
        small = thumbnails(pictures)
        means.append(np.stack([small[species == number].mean(0) for number in range(8)]))
    distances = np.square(means[0][:, None] - means[1][None]).sum(-1)
    assert (distances.argmin(1) == np.arange(8)).sum() >= 6


def test_a_species_does_not_depend_on_which_others_there_are():
    alone, _ = drawn(1, 0.0, classes=("species007",))
    among = [picture for picture, species in zip(*drawn(8, 0.0), strict=True) if species == 7]
    small, other = thumbnails(alone), thumbnails(np.stack(among))
    assert np.sqrt(np.square(small - other).mean()) < 90  # the same thing, in another light


def test_nothing_hides_it_and_the_ground_is_plain_at_no_difficulty():
    pictures, _ = drawn(16, 0.0, size=48)
    corners = pictures[:, :3, :3].reshape(16, 9, 3).astype(int)
    assert np.median(np.ptp(corners, axis=1)) <= 1
    assert (pictures[:, 16:32, 16:32].astype(float).std((1, 2)).max(1) > 1).mean() > 0.8


def test_it_opens_by_name_with_labels_and_splits():
    dataset = open_data("synthetic:task=species,count=60,size=24,classes=species003+species500")
    assert dataset.labels == ("species003", "species500")
    assert dataset.task == "classification"
    assert dataset.splits["train"].read(0).image.shape == (24, 24, 3)
