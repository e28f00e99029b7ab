"""Machines find the background that looks like a thing, and regressions the way from a region to its thing."""

from __future__ import annotations

import warnings

import numpy as np
import pytest
import torch

from saccade.api.regions.machines import (
    FewThingsWarning,
    Gathered,
    Looked,
    fit_machines,
    fit_regressors,
    gather,
)
from saccade.ops.box_coding import decode_boxes

WIDTH, IMAGES, REGIONS = 16, 40, 100
THING = np.array([10, 10, 30, 30], np.float32)
FAR = np.array([60, 60, 80, 80], np.float32)


def made_up(image: int) -> Looked:
    """A thing on each image, and 100 regions of background, of which one in a hundred looks nearly like it.

    Things point along the first axis and the second; plain background along the third; hard background along the first
    alone.
    """
    draws = np.random.default_rng(image)
    features = draws.normal(0, 0.3, (REGIONS + 1, WIDTH)).astype(np.float32)
    features[:, 2] += 4
    features[0, :3] += np.array([4, 0, -4], np.float32)
    features[-1, :3] += np.array([4, 1.5, -4], np.float32)
    boxes = np.tile(FAR, (REGIONS + 1, 1)) + draws.uniform(0, 3, (REGIONS + 1, 1)).astype(np.float32)
    boxes[-1] = THING
    return Looked(features, boxes, np.array([0]))


def kinds() -> tuple[np.ndarray, np.ndarray]:
    """The features of all things, and of all hard background."""
    every = [made_up(image).features for image in range(IMAGES)]
    return np.stack([one[-1] for one in every]), np.stack([one[0] for one in every])


def machine(passes: int) -> tuple[np.ndarray, np.ndarray]:
    """What it says of things, and of hard background."""
    gathered = gather(made_up, IMAGES, 1, width=WIDTH)
    weight, bias = fit_machines(gathered, made_up, IMAGES, ["ring"], passes=passes)
    things, hard = kinds()
    return things @ weight[0] + bias[0], hard @ weight[0] + bias[0]


def test_hard_background_is_found_and_told_apart() -> None:
    things, hard = machine(2)
    assert (things > 0).mean() > 0.9
    assert (hard < 0).mean() > 0.9


def test_without_looking_for_it_much_hard_background_is_taken_for_a_thing() -> None:
    """An error of the code: what was drawn by chance has to do."""
    assert (machine(0)[1] > 0).mean() > 0.5


def test_the_second_pass_looks_only_for_what_the_first_has_missed() -> None:
    looked = list[int]()

    def look(image: int) -> Looked:
        looked.append(image)
        return made_up(image)

    gathered = gather(look, IMAGES, 1, width=WIDTH)
    fit_machines(gathered, look, IMAGES, ["ring"], passes=9)
    assert IMAGES <= len(looked) < 8 * IMAGES  # it ends where nothing new is hard


def test_the_same_bits_come_out_each_time() -> None:
    one, two = ([fit_machines(gather(made_up, IMAGES, 1, width=WIDTH), made_up, IMAGES, ["ring"])] for _ in range(2))
    assert all(np.array_equal(a, b) for a, b in zip(one[0], two[0], strict=True))


def test_what_overlaps_a_thing_is_not_its_background() -> None:
    boxes = np.array([[10, 10, 30, 30], [10, 10, 30, 20], [10, 10, 30, 15], [60, 60, 80, 80], THING], np.float32)
    looked = Looked(np.zeros((5, 2), np.float32), boxes, np.array([1]))
    assert looked.free(2)[:, 1].tolist() == [False, False, True, True, False]  # overlaps of 1, a half, a quarter
    assert looked.free(2)[:, 0].all()


@pytest.mark.parametrize(("count", "told"), [(0, "0 things"), (1, "1 thing")])
def test_a_class_of_fewer_than_two_things_never_fires_and_is_named(count: int, told: str) -> None:
    plain = np.random.default_rng(0).normal(0, 1, (50, WIDTH)).astype(np.float32)
    none = (plain[:0], np.zeros((0, 4), np.float32))
    gathered = Gathered([plain[:9] + 3, plain[:count]], [none] * 2, plain, np.ones((50, 2), bool), frozenset(), 1.0)
    with pytest.warns(FewThingsWarning, match=f"got {told} of class 'gear' to learn from; taken are two or more"):
        weight, bias = fit_machines(gathered, lambda _: None, 3, ["ring", "gear"])
    assert (weight[1] == 0).all()
    assert bias[1] == -12
    assert (weight[0] != 0).any()


def test_images_that_cannot_be_read_are_left_out() -> None:
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", FewThingsWarning)
        gathered = gather(lambda image: made_up(image) if image % 2 else None, IMAGES, 1, width=WIDTH)
    assert len(gathered.things[0]) == IMAGES // 2
    assert {image % 2 for image, _ in gathered.known} == {1}


def test_features_are_brought_to_a_mean_norm_of_20() -> None:
    gathered = gather(made_up, IMAGES, 1, width=WIDTH)
    every = np.concatenate([made_up(image).features for image in range(IMAGES)])
    assert gathered.scale * np.linalg.norm(every, axis=1).mean() == pytest.approx(20, rel=1e-4)


def shifted(image: int) -> Looked:
    """Regions that lie off their thing by a tenth of their width, times what their first feature says."""
    draws = np.random.default_rng(image)
    off = draws.choice([-1.0, 1.0], 30).astype(np.float32)
    features = np.concatenate([draws.normal(0, 0.1, (31, 3)).astype(np.float32)], 0)
    features[:30, 0] = off
    boxes = np.tile(np.array([20, 20, 40, 40], np.float32), (31, 1))
    boxes[:30, [0, 2]] -= 2 * off[:, None]
    return Looked(features, boxes, np.array([0]))


def test_a_regression_finds_a_known_shift() -> None:
    weight, bias = fit_regressors(gather(shifted, 200, 2, width=3))
    looked = shifted(999)
    codes = torch.from_numpy(looked.features[:30] @ weight[0].T + bias[0])
    moved = decode_boxes(codes, torch.from_numpy(looked.boxes[:30]))
    torch.testing.assert_close(moved, torch.tensor([[20.0, 20, 40, 40]]).expand(30, 4), atol=0.1, rtol=0)
    assert not weight[1].any()  # no region is near a thing of the other class: nothing moves
    assert not bias[1].any()


def test_only_regions_near_a_thing_are_learnt_from() -> None:
    """Of what overlaps by 0.6 or more; here the way from the others would be another."""
    boxes = np.array([[12, 10, 32, 30], [25, 10, 45, 30], THING], np.float32)
    looked = Looked(np.ones((3, 2), np.float32), boxes, np.array([0]))
    ((features, codes),) = gather(lambda _: looked, 1, 1, width=2).moves
    assert len(features) == 1
    assert codes.tolist() == [[pytest.approx(-0.1), 0.0, 0.0, 0.0]]
