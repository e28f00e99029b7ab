"""Which places learn which thing, on examples that a hand can follow."""

from __future__ import annotations

import torch

from saccade.ops.task_alignment import align

POINTS = torch.tensor([[4.0, 4.0], [12.0, 4.0], [20.0, 4.0], [28.0, 4.0]])
BOXES = torch.tensor([[0.0, 0, 8, 8], [8.0, 0, 16, 8], [16.0, 0, 24, 8], [24.0, 0, 32, 8]])
SCORES = torch.full((4, 2), 0.5)


def assigned(things, classes, *, boxes=BOXES, scores=SCORES, **options):
    found = align(POINTS, (boxes, scores), (torch.tensor(things), torch.tensor(classes)), **options)
    return found.thing.tolist(), [round(one, 4) for one in found.score.tolist()]


def test_a_thing_takes_the_places_inside_it_and_the_best_scores_its_overlap():
    things, scores = assigned([[0.0, 0.0, 15.0, 8.0]], [1])
    assert things == [0, 0, -1, -1]
    first, second = 64 / 120, 56 / 128
    assert scores == [round(first, 4), round((second / first) ** 6 * first, 4), 0.0, 0.0]


def test_what_scores_the_class_counts_as_well_as_the_overlap():
    scores = SCORES.clone()
    scores[1, 1] = 1.0
    _, found = assigned([[0.0, 0.0, 16.0, 8.0]], [1], scores=scores)
    assert found == [0.25, 0.5, 0.0, 0.0]  # equal boxes, half the score: half of what the best is to score


def test_a_place_of_two_things_goes_to_the_one_that_it_overlaps_most():
    things, _ = assigned([[0.0, 0.0, 8.0, 8.0], [0.0, 0.0, 16.0, 8.0]], [0, 1])
    assert things == [0, 1, -1, -1]


def test_only_so_many_places_are_taken():
    things, _ = assigned([[0.0, 0.0, 32.0, 8.0]], [0], most=2)
    assert sum(thing == 0 for thing in things) == 2


def test_a_thing_without_a_place_takes_the_nearest():
    things, scores = assigned([[14.0, 3.0, 15.0, 4.0]], [0])
    assert things == [-1, 0, -1, -1]
    assert scores[1] == round(1 / 64, 4)


def test_where_nothing_agrees_yet_the_nearest_places_learn():
    far = BOXES + 1000.0
    things, scores = assigned([[0.0, 0.0, 32.0, 8.0]], [0], boxes=far, most=2)
    assert things == [-1, 0, 0, -1]  # its middle is between the second and the third place
    assert scores == [0.0] * 4


def test_nothing_to_find_and_nowhere_to_look():
    none = torch.zeros(0, 4), torch.zeros(0, dtype=torch.int64)
    found = align(POINTS, (BOXES, SCORES), none)
    assert found.thing.tolist() == [-1] * 4
    assert found.score.tolist() == [0.0] * 4
    empty = align(POINTS[:0], (BOXES[:0], SCORES[:0]), (BOXES[:1], torch.tensor([0])))
    assert len(empty.thing) == 0
