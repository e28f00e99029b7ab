import torch

from saccade.data.augmenting.joining import joined
from saccade.types.annotations import Annotations
from saccade.types.boxes import Boxes
from saccade.types.keypoints import Keypoints
from saccade.types.pixel_map import PixelMap


def test_parts_are_joined_thing_by_thing():
    points = Keypoints(torch.zeros(1, 2, 2), torch.full((1, 2), 2), (4, 4), ((0, 1),))
    maps = [PixelMap(torch.tensor([[1, 255]])), PixelMap(torch.tensor([[255, 2]]))]
    parts = [
        Annotations(
            (1, 2), torch.tensor([number]), crowd=torch.tensor([True]) if number else None, phrases=(f"a {number}",),
            attributes={"difficult": torch.tensor([number])}, regions=regions,
        )
        for number, regions in enumerate(maps)
    ]  # fmt: skip
    both = joined(parts)
    assert both.class_ids.tolist() == [0, 1]
    assert both.crowd.tolist() == [False, True]
    assert both.phrases == ("a 0", "a 1")
    assert both.attributes["difficult"].tolist() == [0, 1]
    assert both.regions.values.tolist() == [[1, 2]]
    two = joined([Annotations((4, 4), torch.tensor([1]), keypoints=points)] * 2)
    assert two.keypoints.points.shape == (2, 2, 2)
    assert two.keypoints.swaps == ((0, 1),)


def test_what_only_some_of_the_parts_have_is_left_out():
    boxes = Boxes(torch.tensor([[0.0, 0.0, 2.0, 2.0]]), (4, 4))
    both = joined([Annotations((4, 4), torch.tensor([1]), boxes), Annotations((4, 4), torch.tensor([2]))])
    assert both.class_ids.tolist() == [1, 2]
    assert both.boxes is None
