"""Pooling by hand, PyTorch as the judge where it has the same, and what is refused."""

from __future__ import annotations

import pytest
import torch
import torch.nn.functional as F

from saccade.errors import BadConfig, BadShape, UnknownName
from saccade.ops.pooling import (
    average_pool,
    global_pool,
    max_pool,
    max_pool_with_indices,
    max_unpool,
    min_pool,
    min_pool_with_indices,
)

MAP = torch.tensor([[[[1.0, 3, 2, 1], [2, 9, 1, 1], [1, 3, 2, 3], [5, 6, 1, 2]]]])


def test_a_window_of_2_halves_a_map_as_in_the_notes() -> None:
    assert max_pool(MAP, 2)[0, 0].tolist() == [[9, 2], [6, 3]]
    assert average_pool(MAP, 2)[0, 0].tolist() == [[3.75, 1.25], [3.75, 2]]
    assert min_pool(MAP, 2)[0, 0].tolist() == [[1, 1], [1, 1]]


def test_the_stride_is_the_window_unless_it_is_given() -> None:
    maps = torch.zeros(1, 2, 6, 9)
    assert max_pool(maps, 3).shape == average_pool(maps, 3).shape == (1, 2, 2, 3)
    assert max_pool(maps, (2, 3), stride=1).shape == min_pool(maps, (2, 3), stride=1).shape == (1, 2, 5, 7)
    assert max_pool(maps, 2, stride=(1, 3)).shape == (1, 2, 5, 3)


@pytest.mark.parametrize("window", [1, 2, 3, 4, 5])
def test_same_padding_keeps_the_size_at_stride_1_for_odd_and_even_windows(window: int) -> None:
    maps = torch.rand(2, 3, 7, 8)
    for pool in (max_pool, min_pool, average_pool):
        assert pool(maps, window, stride=1, padding="same").shape == maps.shape
    assert max_pool(maps, window, stride=2, padding="same").shape == (2, 3, 4, 4)


def test_padding_never_wins() -> None:
    below, above = torch.full((1, 1, 2, 2), -5.0), torch.full((1, 1, 2, 2), 5.0)
    for padding in (1, "same", "full", ((1, 0), (0, 1))):
        assert (max_pool(below, 2, stride=1, padding=padding) == -5).all()
        assert (min_pool(above, 2, stride=1, padding=padding) == 5).all()
        assert (average_pool(above, 2, stride=1, padding=padding) == 5).all()


def test_infinite_maps_keep_their_places() -> None:
    """An infinite number is as small as what libraries pad with, and yet no padding."""
    maps = torch.full((1, 1, 3, 3), -torch.inf)
    for padding in (1, "full", ((1, 0), (0, 1))):
        values, indices = max_pool_with_indices(maps, 2, stride=1, padding=padding)
        assert torch.isneginf(values).all()
        assert int(indices.min()) == 0
        assert int(indices.max()) < 9


def test_nothing_divides_what_is_not_counted() -> None:
    line = torch.tensor([[[6.0, 2, 4]]])
    assert average_pool(line, 2, padding=1).tolist() == [[[6, 3]]]
    assert average_pool(line, 2, padding=1, count_padding=True).tolist() == [[[3, 3]]]
    assert average_pool(line, 2, padding=((0, 1),), count_padding=True).tolist() == [[[4, 2]]]
    assert average_pool(line, 2, ceil_mode=True, count_padding=True).tolist() == [[[4, 4]]]  # it hangs over the end


def test_pooling_in_three_dimensions_sees_the_third() -> None:
    volume = torch.arange(8.0).reshape(1, 1, 2, 2, 2)
    assert max_pool(volume, 2).item() == 7
    assert average_pool(volume, 2).item() == 3.5
    assert min_pool_with_indices(volume, 2)[1].item() == 0
    assert max_pool_with_indices(volume, (1, 2, 2))[1].flatten().tolist() == [3, 7]


@pytest.mark.parametrize("ceil_mode", [False, True])
@pytest.mark.parametrize(("window", "stride", "padding", "dilation"), [(2, 2, 0, 1), (3, 2, 1, 1), (3, 1, 1, 2)])
def test_where_pytorch_has_it_the_bits_are_the_same(
    window: int, stride: int, padding: int, dilation: int, ceil_mode: bool
) -> None:
    torch.manual_seed(0)
    maps = torch.rand(2, 3, 9, 8)
    theirs = F.max_pool2d(maps, window, stride, padding, dilation, ceil_mode, return_indices=True)
    ours = max_pool_with_indices(maps, window, stride=stride, padding=padding, dilation=dilation, ceil_mode=ceil_mode)
    assert torch.equal(ours[0], theirs[0])
    assert torch.equal(ours[1], theirs[1])
    for count in (False, True):
        average = F.avg_pool2d(maps, window, stride, padding, ceil_mode, count)
        given = average_pool(maps, window, stride=stride, padding=padding, ceil_mode=ceil_mode, count_padding=count)
        assert torch.equal(given, average)


@pytest.mark.parametrize("padding", ["valid", "same", ((1, 0), (0, 1))])
def test_unpooling_agrees_with_pytorch_and_uneven_padding_is_no_matter(padding: str) -> None:
    torch.manual_seed(0)
    maps = torch.rand(2, 3, 6, 8)
    values, indices = max_pool_with_indices(maps, 2, padding=padding)
    back = max_unpool(values, indices, (6, 8))
    assert torch.equal(back[back != 0], maps[back != 0])
    assert torch.equal(max_pool(back, 2, padding=padding), values)
    if padding == "valid":
        assert torch.equal(back, F.max_unpool2d(values, indices, 2))


def test_pooling_has_no_weights_and_passes_a_gradient_to_its_maxima_alone() -> None:
    for padding in (0, ((1, 0), (0, 1))):
        maps = torch.arange(16.0).reshape(1, 1, 4, 4).requires_grad_()
        values, indices = max_pool_with_indices(maps, 2, padding=padding)
        values.sum().backward()
        assert maps.grad is not None
        assert set(maps.grad.flatten().nonzero().flatten().tolist()) == set(indices.flatten().tolist())


def test_global_pooling_leaves_one_number_of_each_map() -> None:
    assert [global_pool(MAP, kind).item() for kind in ("max", "average", "min")] == [9, 43 / 16, 1]
    assert global_pool(torch.ones(1, 1000, 7, 7)).shape == (1, 1000)
    assert global_pool(torch.ones(2, 3, 4, 5, 6), "max").shape == global_pool(torch.ones(2, 3, 9), "min").shape


@pytest.mark.bad_input
@pytest.mark.parametrize(
    ("settings", "error", "words"),
    [
        ({"window": 5}, BadShape, "got a kernel that covers 5 pixels on 4 .* of padding; taken is a kernel that"),
        ({"window": 2, "stride": 0}, BadConfig, "got stride=0; taken is a whole number ≥ 1"),
        ({"window": 0}, BadConfig, "got window=0; taken is a whole number ≥ 1"),
        ({"window": (2, 2, 2)}, BadConfig, "got window=\\(2, 2, 2\\); .* one for each axis"),
        ({"window": 2, "dilation": 0}, BadConfig, "got dilation=0"),
        ({"window": 2, "padding": -1}, BadConfig, "got padding=-1; taken are valid, same, full, a whole number ≥ 0"),
        ({"window": 2, "padding": "some"}, UnknownName, "got padding 'some'; .* 'same'"),
        ({"window": 2, "padding": 2}, BadShape, "got a padding of 2 . 2 around 4 pixels .* would see padding alone"),
    ],
)  # fmt: skip
def test_windows_that_cannot_be_laid_are_refused(
    settings: dict[str, object], error: type[Exception], words: str
) -> None:
    for pool in (max_pool, min_pool, max_pool_with_indices):
        with pytest.raises(error, match=words):
            pool(MAP, **settings)  # type: ignore[arg-type]


@pytest.mark.bad_input
def test_what_is_no_batch_of_maps_is_refused() -> None:
    with pytest.raises(BadShape, match=r"got inputs of shape \(4, 4\); taken are a batch, channels"):
        max_pool(MAP[0, 0], 2)
    with pytest.raises(BadShape, match=r"got inputs of torch.int64; taken are floats; use inputs.float()"):
        average_pool(MAP.long(), 2)
    with pytest.raises(BadShape, match=r"got inputs of shape \(1, 2, 0, 3\); taken are sides ≥ 1"):
        global_pool(torch.zeros(1, 2, 0, 3))
    with pytest.raises(UnknownName, match=r"got kind of pooling 'avarage'; .* 'average'"):
        global_pool(MAP, "avarage")


@pytest.mark.bad_input
def test_indices_of_another_pooling_are_refused() -> None:
    values, indices = max_pool_with_indices(MAP, 2)
    with pytest.raises(BadShape, match="got indices from 2 to 13 for maps of 3 × 3; taken are 0 to 8; give the size"):
        max_unpool(values, indices, (3, 3))
    with pytest.raises(BadShape, match=r"got values of shape \(1, 1, 1, 2\) and indices of shape \(1, 1, 2, 2\)"):
        max_unpool(values[:, :, :1], indices, (4, 4))
    with pytest.raises(BadShape, match=r"got size=\(4,\) for 2 axes; taken is a side ≥ 1 for each"):
        max_unpool(values, indices, (4,))
