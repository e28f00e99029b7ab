import numpy as np
import pytest
import torch

from saccade.data.augmentations.mixing import AtFirst, CutMix, MixUp, Mosaic, beta
from saccade.data.augmenting.augmenter import Augmenter
from saccade.data.randomness import Draws
from saccade.errors import BadConfig
from saccade.types.annotations import Annotations
from saccade.types.boxes import Boxes
from saccade.types.sample import Sample
from saccade.types.soft_label import SoftLabel


def flat(count, shape=(8, 8, 1)):
    return [Sample(np.full(shape, 60 * number, np.uint8), number, f"k{number}") for number in range(count)]


def test_mixup_mixes_pixels_and_labels_alike():
    for word in range(20):
        for number, mixed in enumerate(MixUp(1.0).mix(flat(4), Draws(word))):
            expected = sum(60 * class_id * share for class_id, share in mixed.target.shares.items())
            assert np.abs(mixed.image - expected).max() <= 0.51
            assert number in mixed.target.shares
            assert mixed.key == f"k{number}"


def test_cutmix_cuts_a_rectangle():
    for word in range(20):
        for number, mixed in enumerate(CutMix().mix(flat(3), Draws(word))):
            other = mixed.image[..., 0] != 60 * number
            rows, columns = np.flatnonzero(other.any(1)), np.flatnonzero(other.any(0))
            assert other.sum() == len(rows) * len(columns)
            assert mixed.target.shares[number] == pytest.approx(1 - other.mean())


def test_mixed_labels_can_be_mixed_again():
    twice = CutMix().mix(MixUp(1.0).mix(flat(3), Draws(0)), Draws(1))
    assert all(sum(sample.target.shares.values()) == pytest.approx(1) for sample in twice)
    assert max(len(sample.target.shares) for sample in twice) == 3


def test_one_picture_alone_is_left_alone():
    (one,) = flat(1)
    for mixture in (MixUp(), CutMix(), Mosaic()):
        assert mixture.mix([one], Draws(0)) == [one]
        assert mixture.mix([], Draws(0)) == []


def test_at_rate_zero_nothing_is_mixed():
    samples = flat(4)
    for mixture in (MixUp(rate=0.0), CutMix(rate=0.0), Mosaic(rate=0.0)):
        assert all(a is b for a, b in zip(mixture.mix(samples, Draws(0)), samples, strict=True))


@pytest.mark.parametrize("alpha", [0.1, 0.5, 1.0, 3.0])
def test_weights_have_the_moments_of_the_beta_distribution(alpha):
    drawn = np.array([beta(alpha, Draws(7, word)) for word in range(4000)])
    assert drawn.mean() == pytest.approx(0.5, abs=0.03)
    assert drawn.var() == pytest.approx(1 / (4 * (2 * alpha + 1)), rel=0.08)
    assert 0 <= drawn.min() < drawn.max() <= 1


def a_picture(number):
    boxes = Boxes(torch.tensor([[2.0, 2.0, 6.0, 6.0]]), (8, 8))
    return Sample(np.full((8, 8, 1), number, np.uint8), Annotations((8, 8), torch.tensor([number]), boxes))


def test_a_mosaic_cuts_each_picture_around_its_middle():
    mixed = Mosaic(0.5).mix([a_picture(number) for number in range(5)], Draws(3))
    for number, sample in enumerate(mixed):
        quarters = [sample.image[top : top + 4, left : left + 4] for top in (0, 4) for left in (0, 4)]
        assert all((quarter == quarter[0, 0]).all() for quarter in quarters)
        shown = [int(quarter[0, 0, 0]) for quarter in quarters]
        assert number in shown
        assert len(set(shown)) == 4
        assert sorted(sample.target.class_ids.tolist()) == sorted(shown)
        by_class = dict(zip(sample.target.class_ids.tolist(), sample.target.boxes.coordinates.tolist(), strict=True))
        corners = [(0, 0), (4, 0), (0, 4), (4, 4)]
        assert by_class == {one: [x, y, x + 4, y + 4] for one, (x, y) in zip(shown, corners, strict=True)}


def test_a_thing_at_the_edge_of_its_part_is_cut_or_dropped():
    boxes = Boxes(torch.tensor([[0.0, 0.0, 8.0, 8.0], [0.0, 0.0, 2.5, 8.0]]), (8, 8))
    samples = [Sample(np.zeros((8, 8, 1), np.uint8), Annotations((8, 8), torch.tensor([1, 2]), boxes))] * 2
    target = Mosaic(0.5, least_visible=0.15).mix(samples, Draws(0))[0].target
    assert target.class_ids.tolist() == [1, 1, 1, 1]  # of the second 0.5 × 4 of 20 square pixels are left: a tenth
    target = Mosaic(0.5, least_visible=0.05).mix(samples, Draws(0))[0].target
    assert target.class_ids.tolist() == [1, 2] * 4


@pytest.mark.bad_input
@pytest.mark.parametrize("make", [lambda: MixUp(0.0), lambda: CutMix(-1), lambda: Mosaic(0.6), lambda: MixUp(rate=2)])
def test_strengths_out_of_range_are_refused(make):
    with pytest.raises(BadConfig, match="; taken is a number"):
        make()


@pytest.mark.bad_input
def test_what_cannot_be_mixed_is_refused():
    with pytest.raises(BadConfig, match="one class for each picture"):
        MixUp().mix([a_picture(0), a_picture(1)], Draws(0))
    with pytest.raises(BadConfig, match="taken are annotations"):
        Mosaic().mix(flat(2), Draws(0))
    with pytest.raises(BadConfig, match="one shape and type"):
        CutMix().mix([*flat(1), *flat(1, (4, 4, 1))], Draws(0))


def test_a_soft_label_names_its_classes():
    assert SoftLabel({2: 0.5, 0: 0.5}).classes == (0, 2)


def test_a_mixture_may_be_for_the_first_epochs_alone():
    black, white = (Sample(np.full((2, 2, 1), level, np.uint8), label) for label, level in enumerate((0, 255)))
    augmenter = Augmenter([AtFirst(CutMix(), 2)])
    mixed = [augmenter.mixed([black, white], Draws(0), epoch) for epoch in range(3)]
    assert augmenter.mixes
    assert [type(samples[0].target).__name__ for samples in mixed] == ["SoftLabel", "SoftLabel", "int"]
    assert mixed[0][0].target.shares == CutMix().mix([black, white], Draws(0))[0].target.shares
    assert not AtFirst(CutMix(), -1).lasts(0)
