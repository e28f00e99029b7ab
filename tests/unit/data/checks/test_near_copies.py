import numpy as np
from PIL import Image

from faulty_data import photograph
from saccade.data.checking.engine import check
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


def test_mirrored_and_small_pictures_are_left_alone():
    first = photograph(1, (150, 200))
    tiny = changed(first, lambda image: image.resize((24, 24)))
    other = changed(first, lambda image: image.resize((26, 26)))
    assert found(first, first[:, ::-1].copy(), tiny, other) == []


def test_pictures_of_one_shade_look_like_no_other():
    shades = [np.full((64, 64, 3), shade, np.uint8) for shade in (0, 80, 160, 255)]
    assert found(*shades) == []
