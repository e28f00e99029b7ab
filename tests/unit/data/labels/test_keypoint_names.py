import pytest

from saccade.data.labels.keypoint_names import swaps_of

COCO = [
    "nose", "left_eye", "right_eye", "left_ear", "right_ear", "left_shoulder", "right_shoulder", "left_elbow",
    "right_elbow", "left_wrist", "right_wrist", "left_hip", "right_hip", "left_knee", "right_knee", "left_ankle",
    "right_ankle",
]  # fmt: skip


def test_the_pairs_of_coco_are_found():
    assert swaps_of(COCO) == tuple((left, left + 1) for left in range(1, 17, 2))


@pytest.mark.parametrize(
    ("names", "pairs"),
    [
        (["LEye", "REye"], ((0, 1),)),
        (["RightEye", "Nose", "LeftEye"], ((2, 0),)),
        (["eye-left", "eye-right"], ((0, 1),)),
        (["l_ear", "r_ear"], ((0, 1),)),
        (["left_eye", "nose"], ()),
        (["left_eye", "left_eye", "right_eye"], ((0, 2),)),
        (["k0", "k1"], ()),
        ([], ()),
    ],
)
def test_other_ways_to_write_a_side(names, pairs):
    assert swaps_of(names) == pairs
