import torch

from saccade.ops.roi_pooling import roi_pool

MAP = torch.arange(16.0).reshape(1, 1, 4, 4)


def pooled(box, size=1, scale=1.0):
    return roi_pool(MAP, [torch.tensor([box])], output_size=size, scale=scale)[0, 0].tolist()


def test_the_last_pixel_belongs_to_the_region():
    assert pooled([0.0, 0, 1, 1]) == [[5]]
    assert pooled([0.0, 0, 0, 0]) == [[0]]


def test_halves_are_rounded_away_from_zero():
    assert pooled([0.0, 0, 0.5, 0.49999997]) == [[1]]
    assert pooled([0.0, 0, 2.5, 0]) == [[3]]
    assert pooled([-2.5, 0, 1.0, 0], size=(1, 5)) == [[0, 0, 0, 0, 1]]  # five pixels from −3 on, of which two are there


def test_neighbouring_bins_share_a_pixel_where_they_do_not_divide():
    assert pooled([0.0, 0, 2, 0], size=(1, 2)) == [[1, 2]]


def test_what_lies_outside_gives_0_and_takes_no_gradient():
    features = (MAP - 20).requires_grad_()
    found = roi_pool(features, [torch.tensor([[50.0, 50, 60, 60], [0, 0, 3, 3]])], output_size=1, scale=1)
    found.sum().backward()
    assert found.flatten().tolist() == [0, -5]
    assert features.grad.flatten().nonzero().tolist() == [[15]]


def test_of_equal_maxima_the_first_takes_the_gradient():
    features = torch.ones(1, 1, 2, 2, requires_grad=True)
    roi_pool(features, [torch.tensor([[0.0, 0, 1, 1]])], output_size=1, scale=1).sum().backward()
    assert features.grad.flatten().tolist() == [1, 0, 0, 0]


def test_images_keep_to_their_own_maps_and_may_have_no_boxes():
    features = torch.tensor([1.0, 2, 3])[:, None, None, None].expand(3, 2, 4, 4)
    boxes = [torch.zeros(1, 4), torch.zeros(0, 4), torch.zeros(2, 4)]
    assert roi_pool(features, boxes, output_size=2, scale=0.5)[:, 1, 1, 1].tolist() == [1, 3, 3]
    assert roi_pool(features, [torch.zeros(0, 4)] * 3, output_size=2, scale=0.5).shape == (0, 2, 2, 2)


def test_bounded_parts_give_what_one_part_gives(monkeypatch):
    boxes = [
        torch.rand(30, 2, generator=torch.Generator().manual_seed(0)).repeat(1, 2) * 3 + torch.tensor([0, 0, 2, 1])
    ]
    whole = roi_pool(MAP, boxes, output_size=2, scale=1)
    monkeypatch.setattr("saccade.ops.roi_pooling.LOOKED_AT", 5)
    assert torch.equal(roi_pool(MAP, boxes, output_size=2, scale=1), whole)
