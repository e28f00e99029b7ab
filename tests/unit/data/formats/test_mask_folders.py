import numpy as np
import pytest
from PIL import Image

import format_examples
from format_examples import mask_of, write_mask
from pictures import hashes, write_picture
from saccade import catalog
from saccade.data.format import contents
from saccade.data.opening import open_data
from saccade.errors import BadData, BadInput, BadLabel

COLOURS = np.array([(128, 64, 128), (0, 0, 0), (255, 255, 255)], np.uint8)
TABLE = "name,r,g,b\nroad,128,64,128\nsky,0,0,0\ntree,255,255,255\n"


@pytest.fixture
def root(tmp_path):
    return format_examples.mask_folders(tmp_path / "city")


def regions(dataset, key):
    for source in dataset.splits.values():
        for index in range(len(source)):
            if source.key(index) == key:
                return source.target(index).regions
    raise KeyError(key)


def codes(dataset):
    return {(finding.code, finding.severity) for finding in dataset.findings}


def test_numbers_are_read_from_grey_and_from_palettes(root):
    dataset = open_data(root)
    assert (dataset.task, dataset.labels, dataset.findings) == ("segmentation", ("road", "sky", "tree"), ())
    for index in (0, 1):
        assert np.array_equal(regions(dataset, f"images/{index}.jpg").values.numpy(), mask_of(index))


def test_255_is_no_class_and_never_counts(root):
    assert regions(open_data(root), "images/3.jpg").classes == (0, 1, 2)
    assert open_data(root).splits["train"].classes(0) == ()


@pytest.mark.parametrize(
    ("pictures", "masks"),
    [
        ("images/train", "masks/train"),
        ("train/images", "train/masks"),
        ("Training/imgs", "Training/labels"),
        ("train", "train_labels"),
        ("images/training", "annotations/training"),
    ],
)
def test_the_usual_layouts_are_known(tmp_path, pictures, masks):
    for index in range(4):
        write_picture(tmp_path / pictures / f"{index}.jpg", shade=index)
        write_mask(tmp_path / masks / f"{index}.png", mask_of(index))
        for split in ("val", "test"):
            folder = [split if part.lower().startswith("train") else part for part in pictures.split("/")]
            beside = [part.lower().replace("training", split).replace("train", split) for part in masks.split("/")]
            write_picture(tmp_path.joinpath(*folder) / f"{split}{index}.jpg", shade=index + 50)
            write_mask(tmp_path.joinpath(*beside) / f"{split}{index}.png", mask_of(index))
    dataset = open_data(tmp_path)
    assert dataset.counts() == {"train": 4, "val": 4, "test": 4}
    assert dataset.findings == ()


@pytest.mark.parametrize("ending", ["_L", "_mask", "_gt"])
def test_masks_may_have_an_ending_of_their_own(tmp_path, ending):
    for index in range(12):
        write_picture(tmp_path / "images" / f"{index}.jpg")
        write_mask(tmp_path / "masks" / f"{index}{ending}.png", mask_of(index))
    assert sum(open_data(tmp_path).counts().values()) == 12


def test_without_names_classes_are_numbered_as_far_as_masks_go(root):
    (root / "classes.txt").unlink()
    write_mask(root / "masks" / "7.png", np.full((6, 8), 9))
    assert open_data(root).labels == tuple(map(str, range(10)))


@pytest.mark.parametrize("text", ['["road", "sky", "tree"]', '{"0": "road", "2": "tree", "1": "sky"}',
                                  '{"sky": 1, "road": 0, "tree": 2}'])  # fmt: skip
def test_names_in_json_are_read(root, text):
    (root / "classes.txt").unlink()
    (root / "labels.json").write_text(text)
    assert open_data(root).labels == ("road", "sky", "tree")


@pytest.mark.parametrize("kind", ["RGB", "RGBA", "P"])
def test_colours_with_a_table_are_mapped_exactly(root, kind):
    for index in range(20):
        image = Image.fromarray(COLOURS[mask_of(index) % 3])
        (image.quantize(8) if kind == "P" else image.convert(kind)).save(root / "masks" / f"{index}.png")
    (root / "class_dict.csv").write_text(TABLE)
    dataset = open_data(root)
    assert (dataset.labels, dataset.findings) == (("road", "sky", "tree"), ())
    assert np.array_equal(regions(dataset, "images/4.jpg").values.numpy(), mask_of(4) % 3)


def test_colours_without_a_table_are_a_finding_and_left_out(root):
    Image.fromarray(COLOURS[mask_of(2) % 3]).save(root / "masks" / "2.png")
    dataset = open_data(root)
    (finding,) = dataset.findings
    assert (finding.code, finding.file, finding.key) == ("mask-colours", "masks/2.png", "images/2.jpg")
    assert sum(dataset.counts().values()) == 19


def test_a_grey_mask_that_was_saved_in_colour_is_read(root):
    Image.fromarray(mask_of(2)).convert("RGB").save(root / "masks" / "2.png")
    dataset = open_data(root)
    assert dataset.findings == ()
    assert np.array_equal(regions(dataset, "images/2.jpg").values.numpy(), mask_of(2))


def test_another_size_is_a_finding_and_a_turned_one_is_told(root):
    write_mask(root / "masks" / "2.png", mask_of(2, (5, 8)))
    write_mask(root / "masks" / "3.png", mask_of(3, (8, 6)))
    dataset = open_data(root)
    assert codes(dataset) == {("mask-size", "error"), ("orientation", "error")}
    assert sum(dataset.counts().values()) == 18
    with pytest.raises(BadLabel, match="taken with strict is no wrong label"):
        open_data(root, strict=True)


def test_masks_and_pictures_without_their_other_are_told(root):
    (root / "masks" / "0.png").unlink()
    (root / "images" / "1.jpg").unlink()
    write_picture(root / "masks" / "5.bmp")
    assert codes(open_data(root)) == {
        ("missing-label", "warning"), ("missing-image", "error"), ("duplicate-label", "error"),
    }  # fmt: skip


def test_masks_of_0_and_255_alone_are_told(tmp_path):
    for index in range(12):
        write_picture(tmp_path / "images" / f"{index}.jpg")
        write_mask(tmp_path / "masks" / f"{index}.png", mask_of(index) % 2 * 255)
    assert codes(open_data(tmp_path)) == {("mask-class", "warning")}


def test_a_number_without_a_class_is_refused_when_it_is_read(root):
    write_mask(root / "masks" / "2.png", np.full((6, 8), 7))
    with pytest.raises(BadLabel, match=r"masks/2\.png with 7, which is no class; taken are 0 to 2"):
        regions(open_data(root), "images/2.jpg")


def test_what_is_written_reads_the_same(root, tmp_path):
    before, dataset = hashes(root), open_data(root)
    counts = catalog.find("data.formats", "mask_folders")().write(dataset, tmp_path / "out")
    again = open_data(tmp_path / "out")
    assert counts == contents(dataset) == contents(again)
    assert (again.labels, again.counts()) == (dataset.labels, dataset.counts())
    for index in range(20):
        split = next(name for name, source in dataset.splits.items() for row in range(len(source))
                     if source.key(row) == f"images/{index}.jpg")  # fmt: skip
        found = regions(again, f"images/{split}/{index}.jpg").values.numpy()
        assert np.array_equal(found, mask_of(index))
        copied = (tmp_path / "out" / "images" / split / f"{index}.jpg").read_bytes()
        assert copied == (root / "images" / f"{index}.jpg").read_bytes()
    assert hashes(root) == before


@pytest.mark.bad_input
@pytest.mark.parametrize(
    ("name", "text"),
    [
        ("labels.json", "{"), ("labels.json", "[1, 2]"), ("labels.json", '{"x": "road"}'), ("labels.json", "[" * 5000),
        ("class_dict.csv", "name,r,g\na,1,2\n"), ("class_dict.csv", "name,r,g,b\na,1,2,300\n"),
        ("class_dict.csv", "name,r,g,b\na,1,2,3\nb,1,2,3\n"), ("class_dict.csv", "name,r,g,b\na,1,2,nan\n"),
    ],
)  # fmt: skip
def test_files_of_names_that_mean_nothing_are_refused(root, name, text):
    (root / "classes.txt").unlink()
    (root / name).write_text(text)
    with pytest.raises(BadInput, match="taken"):
        open_data(root)


@pytest.mark.bad_input
def test_names_that_occur_twice_and_no_mask_at_all_are_refused(root):
    (root / "classes.txt").write_text("road\nsky\nroad\n")
    with pytest.raises(BadLabel, match="road twice"):
        open_data(root)
    (root / "classes.txt").write_text("road\nsky\n")
    for index in range(20):
        (root / "masks" / f"{index}.png").write_bytes(b"text")
    with pytest.raises(BadData, match="got 0 masks that can be used"):
        open_data(root)
