import numpy as np
import pytest

from pictures import write_class_folders
from saccade.data.arrays import Arrays
from saccade.data.mosaic import Sheet, as_rgb, mosaic, said_of
from saccade.data.opening import open_data
from saccade.errors import BadConfig


def source(labels, shape=(8, 8, 1)):
    images = np.full((len(labels), *shape), 200, np.uint8)
    return Arrays(images, tuple(labels), "x", np.arange(len(labels)))


def tiles(picture, sheet, columns, rows):
    """The middle pixel of each tile, row by row."""
    step = sheet.tile + sheet.gap
    heights = [sheet.gap + row * (picture.height - sheet.gap) // rows for row in range(rows)]
    return [
        picture.getpixel((sheet.gap + column * step + sheet.tile // 2, top + sheet.tile // 2))
        for top in heights
        for column in range(columns)
    ]


def test_every_class_is_shown_as_often():
    labels = [0] * 90 + [1] * 5 + [2] * 5
    images = np.zeros((100, 8, 8, 1), np.uint8)
    images[:90], images[90:95], images[95:] = 10, 120, 240
    picture = mosaic(Arrays(images, tuple(labels), "x", np.arange(100)), "abc", count=9, sheet=Sheet(columns=3))
    shades = [pixel[0] for pixel in tiles(picture, Sheet(columns=3), 3, 3)]
    assert shades == [10] * 3 + [120] * 3 + [240] * 3


def test_the_sheet_is_as_large_as_its_tiles():
    sheet = Sheet(columns=4, tile=40)
    picture = mosaic(source([0, 1] * 5), "ab", count=6, sheet=sheet)
    assert picture.width == sheet.gap + 4 * (40 + sheet.gap)
    assert picture.mode == "RGB"
    assert mosaic(source([0, 1]), "ab", count=40, sheet=sheet).width == sheet.gap + 2 * (40 + sheet.gap)


def test_another_seed_shows_other_pictures():
    digits = open_data("digits")
    first, again, other = (
        mosaic(digits.splits["train"], digits.labels, count=10, seed=seed).tobytes() for seed in (0, 0, 1)
    )
    assert first == again != other


@pytest.mark.parametrize("label", ["x" * 300, "<script>alert(1)</script>", "a\nb\x00\x1b[31m", "Räder 猫 🐈", "", " "])
def test_any_label_can_be_written(label):
    assert mosaic(source([0, 0]), [label], count=2, sheet=Sheet(title=label)).height > 96


def test_several_labels_and_none():
    assert mosaic(source([(0, 1), ()]), ["a", "b"], count=2).height > 96


@pytest.mark.parametrize("shape", [(1, 300, 3), (300, 1, 1), (5, 5, 2), (9, 9, 7), (200, 200, 4)])
def test_pictures_of_any_shape_fit(shape):
    assert mosaic(source([0], shape), ["a"], count=1).width > 96


def test_a_small_picture_is_enlarged_without_blur():
    checks = np.indices((4, 4)).sum(0).astype(np.uint8)[None, ..., None] % 2 * 255
    picture = mosaic(Arrays(checks, (0,), "x", np.arange(1)), ["a"], count=1)
    tile = np.asarray(picture)[Sheet().gap : Sheet().gap + 96, Sheet().gap : Sheet().gap + 96, 0]
    assert set(np.unique(tile)) == {0, 255}


def test_a_broken_picture_is_an_empty_tile(tmp_path):
    root = write_class_folders(tmp_path, {"a": 1, "b": 1})
    (root / "a" / "0.png").write_bytes(b"")
    dataset = open_data(root, shares=(1, 0, 0))
    sheet = Sheet(columns=2)
    picture = mosaic(dataset.splits["train"], dataset.labels, count=2, sheet=sheet)
    assert picture.getpixel((sheet.gap + 2, sheet.gap + 2)) == (241, 242, 244)


def test_any_type_of_pixel_can_be_looked_at():
    assert as_rgb(np.array([[[0.5]]], np.float32)).tolist() == [[[128, 128, 128]]]
    assert as_rgb(np.array([[[np.nan]]], np.float32)).tolist() == [[[0, 0, 0]]]
    assert as_rgb(np.array([[[1, 2, 3, 4]]], np.uint8)).tolist() == [[[1, 2, 3]]]
    assert as_rgb(np.array([[[256, 9]]], np.uint16)).tolist() == [[[1, 1, 1]]]


@pytest.mark.bad_input
@pytest.mark.parametrize(
    "make", [lambda: Sheet(columns=0), lambda: Sheet(tile=4), lambda: mosaic(source([0]), "a", count=0)]
)
def test_sizes_out_of_range_are_refused(make):
    with pytest.raises(BadConfig, match="change"):
        make()


@pytest.mark.parametrize(
    "task", ["detection", "segmentation", "keypoints", "captioning", "depth", "mesh", "translation"]
)
def test_every_kind_of_target_can_be_shown(task):
    dataset = open_data(f"synthetic:task={task},count=24,size=32" + (",paired=1" if task == "translation" else ""))
    sheet = Sheet(columns=2, tile=64)
    picture = mosaic(dataset.splits["train"], dataset.labels, count=4, sheet=sheet, skeleton=dataset.skeleton)
    assert picture.width == sheet.gap + 2 * (64 + sheet.gap)
    assert len(set(picture.get_flattened_data())) > 100


def test_a_sentence_is_shown_before_the_names_of_classes():
    dataset = open_data("synthetic:task=captioning,count=24,size=32")
    target = dataset.splits["train"].target(0)
    assert said_of(target, dataset.labels) == target.captions[0]
    assert said_of((1, 0), ("a", "b")) == "b, a"
    assert said_of(None, ()) == "no label"
