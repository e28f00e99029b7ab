import copy
import io
import pickle

import pytest
import torch

from saccade.errors import BadConfig, BadShape, UnknownName
from saccade.layers import searched_regions
from saccade.layers.searched_regions import SearchedRegions
from saccade.ops.selective_search import selective_search


@pytest.fixture
def images():
    images = torch.zeros(2, 3, 60, 80)
    images[0, :, 20:50, 10:40] = 1
    images[1, 1, 5:25, 30:70] = 0.5
    return images


@pytest.fixture
def searches(monkeypatch):
    """How many images were searched."""
    found = []

    def counted(image, **settings):
        found.append(image)
        return selective_search(image, **settings)

    monkeypatch.setattr(searched_regions, "selective_search", counted)
    return found


def test_each_image_gets_what_the_search_finds(images):
    one, two = SearchedRegions()(images)
    assert [10, 20, 40, 50] in one.tolist()
    assert [30, 5, 70, 25] in two.tolist()
    plain = (images[0] * 255).to(torch.uint8).permute(1, 2, 0).contiguous().numpy()
    assert one.tolist() == selective_search(plain, mode="single").tolist()


def test_a_normalised_image_is_searched_as_the_same_image(images):
    layer = SearchedRegions()
    for one, other in zip(layer(images), layer(images.mul(4).sub(2).double()), strict=True):
        assert torch.equal(one, other)


def test_an_image_that_comes_again_is_not_searched(images, searches):
    layer = SearchedRegions()
    first = layer(images)
    first[0].zero_()
    again = layer(images.flip(0))
    assert len(searches) == 2
    assert torch.equal(again[0], first[1])
    assert again[1].any()
    layer.most = 1
    assert [len(boxes) for boxes in layer(images)] == [1, 1]
    assert len(searches) == 4


def test_one_of_another_shape_with_the_same_bytes_is_another(searches):
    layer = SearchedRegions()
    layer(torch.zeros(1, 3, 20, 30))
    assert layer(torch.zeros(1, 3, 30, 20))[0].tolist() == [[0, 0, 20, 30]]
    assert len(searches) == 2


def test_no_more_are_kept_than_there_is_room_for(images, searches, monkeypatch):
    monkeypatch.setattr(searched_regions, "KEPT", 1)
    layer = SearchedRegions()
    layer(images)
    layer(images[1:])
    assert len(searches) == 2
    layer(images[:1])
    assert len(searches) == 3


def test_copies_share_what_was_found_and_a_file_holds_nothing_of_it(images, searches):
    layer = SearchedRegions(most=7)
    found = layer(images)
    assert torch.equal(copy.deepcopy(layer)(images)[0], found[0])
    assert len(searches) == 2
    assert layer.state_dict() == {}
    assert len(pickle.dumps(layer)) < 5000
    file = io.BytesIO(pickle.dumps(layer))
    assert torch.equal(pickle.load(file)(images)[0], found[0])
    assert len(searches) == 4


def test_what_is_not_finite_gets_the_whole_image(images, searches):
    images[0, 0, 0, 0] = float("nan")
    images[1, 0, 0, 0] = float("inf")
    assert [boxes.tolist() for boxes in SearchedRegions()(images)] == [[[0, 0, 80, 60]]] * 2
    assert searches == []


def test_on_the_meta_device_there_are_as_many_as_there_may_be(searches):
    boxes = SearchedRegions(most=50)(torch.zeros(2, 3, 64, 64, device="meta"))
    assert [(one.shape, one.device.type) for one in boxes] == [((50, 4), "meta")] * 2
    assert searches == []


def test_it_prints_its_settings():
    assert repr(SearchedRegions(most=5)) == "SearchedRegions(most=5, mode='single', smallest=8)"


@pytest.mark.bad_input
def test_what_cannot_be_searched_is_refused():
    with pytest.raises(BadConfig, match="most=0"):
        SearchedRegions(most=0)
    with pytest.raises(UnknownName, match="single"):
        SearchedRegions(mode="singel")
    with pytest.raises(BadShape, match=r"images\[None\]"):
        SearchedRegions()(torch.zeros(3, 9, 9))
    with pytest.raises(BadShape, match="uint8"):
        SearchedRegions()(torch.zeros(1, 3, 9, 9, dtype=torch.uint8))
