import numpy as np
import pytest
from PIL import Image

from faulty_data import photograph
from saccade.data.checking.engine import check
from saccade.data.checking.perceptual import likeness, small_luma, thumbnails_of
from saccade.data.opening import open_data


def found(*images):
    dataset = open_data((list(images), [0, 1] * (len(images) // 2)), shares=(1, 0, 0))
    return [(one.code, one.key, one.others[0][1]) for one in check(dataset).findings if one.code.startswith("near")]


def changed(image, how):
    return np.array(how(Image.fromarray(image)))


def test_scaled_and_lighter_pictures_are_found():
    first, second = photograph(1, (150, 200)), photograph(2, (150, 200))
    half = changed(first, lambda image: image.resize((100, 75)))
    light = (second // 4 * 3 + 50).astype(np.uint8)
    assert found(first, second, half, light) == [
        ("near-duplicate", "arrays[2]", "arrays[0]"),
        ("near-duplicate", "arrays[3]", "arrays[1]"),
    ]


def test_small_pictures_are_left_alone():
    first = photograph(1, (150, 200))
    tiny = changed(first, lambda image: image.resize((24, 24)))
    other = changed(first, lambda image: image.resize((26, 26)))
    assert found(first, photograph(2), tiny, other) == []


@pytest.mark.parametrize(
    ("lies", "lay"),
    [
        ("mirrored left to right", np.fliplr),
        ("mirrored top to bottom", np.flipud),
        ("turned by 180°", lambda image: np.rot90(image, 2)),
        ("turned by 90° clockwise", lambda image: np.rot90(image, -1)),
        ("turned by 90° anticlockwise", np.rot90),
        ("mirrored and turned by 90° clockwise", lambda image: np.rot90(np.fliplr(image), -1)),
        ("mirrored and turned by 90° anticlockwise", lambda image: np.rot90(np.fliplr(image))),
    ],
)
def test_a_mirrored_or_turned_copy_is_found_and_told(lies, lay):
    first = photograph(1, (150, 200))
    copy = changed(np.ascontiguousarray(lay(first)), lambda image: image.resize((90, 120)))
    dataset = open_data(([photograph(2), first, copy, photograph(3)], [0, 1, 0, 1]), shares=(1, 0, 0))
    (finding,) = check(dataset).findings
    assert (finding.code, finding.key) == ("near-duplicate", "arrays[2]")
    assert finding.message.startswith(f"got a picture that looks like arrays[1] {lies} (")


def test_a_symmetric_picture_is_not_its_own_copy():
    half = photograph(1, (150, 100))
    assert found(photograph(2), np.concatenate([half, half[:, ::-1]], 1)) == []


def test_a_copy_of_a_nearly_symmetric_picture_lies_the_same_way():
    half = photograph(1, (150, 100)).astype(int)
    whole = (np.concatenate([half, half[:, ::-1]], 1) * 9 + photograph(5, (150, 200))) // 10
    whole = whole.astype(np.uint8)
    thumbnail = thumbnails_of(small_luma(whole)[None])
    assert likeness(thumbnail, thumbnail[:, :, ::-1]) > 0.97
    copy = changed(whole, lambda image: image.resize((120, 90)))
    dataset = open_data(([photograph(2), whole, copy, photograph(3)], [0, 1, 0, 1]), shares=(1, 0, 0))
    (finding,) = check(dataset).findings
    assert finding.message.startswith("got a picture that looks like arrays[1] (")


def test_every_mirrored_copy_of_a_picture_of_val_leaks(tmp_path):
    judged = photograph(1, (150, 200))
    for name, image, quality in [
        ("train/a/0", photograph(2), 90),
        ("train/b/0", photograph(3), 90),
        ("train/a/1", judged[:, ::-1], 95),
        ("train/a/2", judged[:, ::-1], 94),  # nearer to the last one than to the picture of val
        ("train/a/3", judged, 93),
        ("val/a/0", judged, 96),
        ("val/b/0", photograph(4), 90),
    ]:
        path = tmp_path / f"{name}.jpg"
        path.parent.mkdir(parents=True, exist_ok=True)
        Image.fromarray(np.ascontiguousarray(image)).save(path, quality=quality)
    findings = [one for one in check(open_data(tmp_path)).findings if one.code.startswith("near")]
    told = {one.key: (one.code, one.message.partition(" (")[0]) for one in findings}
    mirrored = ("near-leak", "got a picture that looks like val/a/0.jpg mirrored left to right in val")
    assert told == {
        "train/a/1.jpg": mirrored,
        "train/a/2.jpg": mirrored,
        "train/a/3.jpg": ("near-leak", "got a picture that looks like val/a/0.jpg in val"),
    }


def test_pictures_of_one_shade_look_like_no_other():
    shades = [np.full((64, 64, 3), shade, np.uint8) for shade in (0, 80, 160, 255)]
    assert found(*shades) == []
