import numpy as np
import pytest
import torch

from faulty_data import boxed
from saccade.data.checking.counting import channel_sums, count, look, quantiles, size_classes
from saccade.data.opening import open_data


@pytest.mark.parametrize("workers", [0, 2])
def test_means_and_deviations_are_those_of_all_pixels(workers):
    pictures = np.random.default_rng(0).integers(0, 256, (70, 9, 7, 3), np.uint8)
    counts = count(open_data((pictures, np.arange(70) % 2), shares=(1, 0, 0)), workers=workers)
    flat = pictures.reshape(-1, 3) / 255
    assert counts.means[3] == pytest.approx(flat.mean(0), abs=1e-12)
    assert counts.deviations[3] == pytest.approx(flat.std(0), abs=1e-12)
    assert counts.images == {"train": 70}
    assert counts.per_class == {"train": {0: 35, 1: 35}}
    assert counts.sizes == {(9, 7): 70}


def test_a_single_shade_has_a_deviation_of_exactly_nought():
    pictures = np.full((6, 300, 300, 1), 77, np.uint8)
    counts = count(open_data((pictures, [0, 1] * 3), shares=(1, 0, 0)))
    assert counts.means == {1: [pytest.approx(77 / 255)]}
    assert counts.deviations == {1: [0.0]}


def test_pictures_of_eight_and_sixteen_bits_and_floats_are_put_together():
    pictures = [
        np.full((4, 4, 1), 255, np.uint8), np.full((4, 4, 1), 0, np.uint16), np.full((4, 4, 1), 0.5, np.float32),
        np.full((4, 4, 3), 51, np.uint8),
    ]  # fmt: skip
    counts = count(open_data((pictures, [0, 1, 0, 1]), shares=(1, 0, 0)))
    assert counts.means == {1: [pytest.approx(0.5)], 3: pytest.approx([0.2] * 3)}
    assert counts.deviations[1] == [pytest.approx(np.std([1, 0, 0.5]))]


def test_sums_are_whole_numbers():
    assert channel_sums(np.full((1000, 1000, 1), 65535, np.uint16)) == ((65535 * 10**6,), (65535**2 * 10**6,))


def test_things_and_boxes_are_counted(tmp_path):
    counts = count(boxed(tmp_path, [[0, 0, 10, 20], [0, 0, 50, 50], [0, 0, 128, 96]]))
    assert counts.things == {0: 3}
    assert counts.things_per_image == {3: 1}
    assert counts.boxes == [(10, 20), (50, 50), (128, 96)]
    assert size_classes(counts.boxes) == {"small": 1, "medium": 1, "large": 1}
    assert counts.background == 0


def test_keypoints_and_regions_are_counted(tmp_path):
    from dataclasses import replace

    from saccade.types.annotations import Annotations
    from saccade.types.keypoints import Keypoints
    from saccade.types.pixel_map import PixelMap

    points = Keypoints(torch.rand(2, 3, 2), torch.tensor([[2, 1, 0], [2, 0, 0]]), (96, 128))
    values = torch.full((96, 128), 255, dtype=torch.uint8)
    values[0, :3] = 1
    regions = PixelMap(values)
    target = Annotations((96, 128), torch.zeros(2, dtype=torch.int64), keypoints=points, regions=regions)
    dataset = boxed(tmp_path, [])
    source = replace(dataset.splits["train"], targets=(target,))
    share = look("train", source, 0)
    assert share.points == ((2, 2), (1, 2), (0, 2))
    assert dict(share.regions) == {1: 3, 255: 96 * 128 - 3}


def test_a_picture_that_cannot_be_read_is_counted_apart(tmp_path):
    dataset = boxed(tmp_path, [])
    (tmp_path / "a.jpg").write_bytes(b"no picture")
    assert count(dataset).bad == 1


def test_quantiles_of_one_number():
    assert set(quantiles([4.0]).values()) == {4.0}
