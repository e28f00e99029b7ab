"""Where views lie, and how many there are."""

from __future__ import annotations

import pytest
import torch

from saccade.api.ensembles.views import Views, five
from saccade.errors import BadConfig
from saccade.types.preprocessing import Preprocessing

OWN = Preprocessing((224, 224), 3, (0.5,) * 3, (0.25,) * 3)


@pytest.mark.parametrize(
    ("views", "count", "said"),
    [
        (Views(), 1, "one view"),
        (Views(flips=True), 2, "mirrored too"),
        (Views(crops=5), 5, "5 crops"),
        (Views(crops=10), 10, "10 crops"),
        (Views(crops=10, flips=True), 10, "10 crops"),
        (Views(crops=5, flips=True), 10, "5 crops, mirrored too"),
        (Views(scales=(1.15,)), 1, "at 1.15 times the size"),
        (Views(crops=10, scales=(1, 1.15, 1.3)), 30, "10 crops, at 3 sizes"),
    ],
)
def test_views_are_counted_and_told(views, count, said) -> None:
    (first, *_) = looks = views.looks(OWN)
    parts = [part for look in looks for part in look.parts(torch.zeros(1, 3, *look.preprocessing.size))]
    assert (len(views), len(parts), str(views)) == (count, count, said)
    assert parts[0].shape[2:] == first.size


def test_one_view_is_what_the_model_does_alone() -> None:
    own = Preprocessing((224, 224), 3, (0.0,) * 3, (1.0,) * 3, scaled=(256, 256), resampling="bicubic")
    (look,) = Views().looks(own)
    assert (look.preprocessing, look.corners) == (own, ((0, 0),))


def test_crops_come_out_of_256_for_224_whether_or_not_the_model_says_so() -> None:
    for scaled in (None, (256, 256), (224, 224)):
        (look,) = Views(crops=5).looks(Preprocessing((224, 224), 3, (0.0,) * 3, (1.0,) * 3, scaled=scaled))
        assert (look.preprocessing.size, look.preprocessing.scaled, look.size) == ((256, 256), None, (224, 224))
        assert look.corners == ((0, 0), (0, 32), (32, 0), (32, 32), (16, 16))
    (small,) = Views(crops=5).looks(Preprocessing((32, 28), 1, (0.0,), (1.0,)))
    assert small.preprocessing.size == (37, 32)


def test_a_scale_enlarges_what_the_network_gets_and_what_it_is_cut_from() -> None:
    one, larger = Views(crops=5, scales=(1.0, 1.25)).looks(OWN)
    assert (one.preprocessing.size, one.size) == ((256, 256), (224, 224))
    assert (larger.preprocessing.size, larger.size) == ((320, 320), (280, 280))
    (whole,) = Views(scales=(1.25,)).looks(Preprocessing((224, 224), 1, (0.0,), (1.0,), scaled=(256, 256)))
    assert (whole.preprocessing.size, whole.preprocessing.scaled) == ((280, 280), (320, 320))


def test_models_that_differ_in_normalising_alone_share_their_pictures() -> None:
    other = Preprocessing((224, 224), 3, (0.1,) * 3, (0.9,) * 3)
    assert Views(crops=10).looks(OWN) == Views(crops=10).looks(other)


def test_mirrored_parts_follow_the_others_in_the_same_order() -> None:
    images = torch.arange(30.0).reshape(1, 1, 5, 6)
    (look,) = Views(crops=10).looks(Preprocessing((4, 4), 1, (0.0,), (1.0,), scaled=(5, 6)))
    parts = list(look.parts(images))
    assert parts[0][0, 0, 0].tolist() == [0, 1, 2, 3]
    assert parts[3][0, 0, 3].tolist() == [26, 27, 28, 29]
    for plain, mirrored in zip(parts[:5], parts[5:], strict=True):
        assert torch.equal(plain.flip(3), mirrored)


def test_the_centre_of_an_uneven_rest_is_rounded_as_preprocessing_does() -> None:
    assert five((7, 7), (4, 4))[4] == (round(1.5), round(1.5)) == (2, 2)


@pytest.mark.bad_input
def test_every_wrong_number_is_named() -> None:
    with pytest.raises(BadConfig, match=r"got crops=7; taken are 1, 5 and 10.*\n.*got scales=\(0\.1, 1\.0\)"):
        Views(crops=7, scales=(0.1, 1.0))
    for scales in ((), (1.0, 1), ("1",), (float("nan"),), "1.5"):
        with pytest.raises(BadConfig, match=r"different numbers from 0\.25 to 4"):
            Views(scales=scales)
    assert Views(scales=1.5).scales == (1.5,)
