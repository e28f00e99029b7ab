from dataclasses import replace

import numpy as np
import pytest
import torch

from labelled_sets import SIZE, data_set, things, voc_xml, with_crowd, write_voc_set
from pictures import hashes, write_picture
from saccade import catalog
from saccade.data.format import contents
from saccade.data.labels.index_masks import write_indices
from saccade.data.opening import open_data
from saccade.errors import BadInput, BadLabel
from saccade.types.masks import Masks
from saccade.types.pixel_map import PixelMap

WHOLE = (1.0, 0.0, 0.0)
FORM = catalog.find("data.formats", "voc")()


def codes(dataset):
    return [finding.code for finding in dataset.findings]


def target(dataset, row=0):
    return dataset.splits["train"].target(row)


def test_objects_are_read_and_classes_sorted(tmp_path):
    dataset = open_data(write_voc_set(tmp_path, 2), shares=WHOLE)
    assert (dataset.labels, dataset.task, codes(dataset)) == (("cat", "dog"), "detection", [])
    assert target(dataset).boxes.coordinates.tolist() == [[2, 3, 12, 11]]
    assert dataset.splits["train"].key(1) == "JPEGImages/1.png"


@pytest.mark.parametrize("inner", ["", "VOCdevkit/VOC2012", "VOC2012"])
def test_lists_say_which_split(tmp_path, inner):
    place = write_voc_set(tmp_path / inner, 5)
    (place / "ImageSets" / "Main").mkdir(parents=True)
    for name, lines in {
        "train": "0\n1",
        "val": "2  1\n",
        "trainval": "0\n1\n2",
        "cat_train": "0 1\n1 -1",
        "test": "3",
    }.items():
        (place / "ImageSets" / "Main" / f"{name}.txt").write_text(lines)
    dataset = open_data(tmp_path)
    assert dataset.counts() == {"train": 2, "val": 1, "test": 1}
    assert dataset.origin["ignored"] == {"labels in no split": 1}
    assert dataset.splits["val"].key(0).endswith("JPEGImages/2.png")


def test_xml_beside_the_images_is_voc_too(tmp_path):
    for split in ("train", "valid"):
        for number in range(2):
            write_picture(tmp_path / split / f"{number}.png", SIZE)
            (tmp_path / split / f"{number}.xml").write_text(voc_xml("cat"))
    assert open_data(tmp_path).counts() == {"train": 2, "val": 2}
    assert open_data(tmp_path / "train", shares=WHOLE).counts() == {"train": 2}


def test_flags_are_attributes_and_a_pose_is_the_number_of_its_word(tmp_path):
    write_voc_set(tmp_path, 2)
    more = "<pose>Left</pose><difficult>1</difficult>"
    (tmp_path / "Annotations" / "1.xml").write_text(voc_xml("dog", more=more))
    dataset = open_data(tmp_path, shares=WHOLE)
    assert dataset.origin["poses"] == ["Left"]
    assert target(dataset, 1).attributes["pose"].tolist() == [0]
    assert target(dataset, 1).attributes["difficult"].tolist() == [1]
    assert target(dataset, 0).attributes["difficult"].isnan().all()
    FORM.write(dataset, tmp_path / "out")
    assert "<pose>Left</pose>" in (tmp_path / "out" / "Annotations" / "1.xml").read_text()


def test_what_is_wrong_is_told_and_left_out(tmp_path):
    write_voc_set(tmp_path, 4)
    (tmp_path / "Annotations" / "0.xml").write_text('<!DOCTYPE a [<!ENTITY b "c">]><annotation>&b;</annotation>')
    (tmp_path / "Annotations" / "1.xml").write_text(voc_xml("dog", (5, 5, 5, 5)))
    (tmp_path / "Annotations" / "9.xml").write_text(voc_xml("dog"))
    dataset = open_data(tmp_path, shares=WHOLE)
    assert [(one.code, one.file) for one in dataset.findings] == [
        ("bad-xml", "Annotations/0.xml"), ("box-empty", "Annotations/1.xml"), ("missing-image", "Annotations/9.xml")
    ]  # fmt: skip
    assert contents(dataset) == {"images": 4, "things": 2, "boxes": 2}
    with pytest.raises(BadLabel, match="bad-xml"):
        open_data(tmp_path, shares=WHOLE, strict=True)


def _segmented(place):
    write_voc_set(place, 2)
    for folder in ("SegmentationClass", "SegmentationObject"):
        (place / folder).mkdir()
    classes, objects = np.zeros(SIZE, np.uint8), np.zeros(SIZE, np.uint8)
    classes[3:11, 2:12], objects[3:11, 2:12], classes[0], objects[0] = 8, 1, 255, 255
    for number in range(2):
        write_indices(classes, place / "SegmentationClass" / f"{number}.png")
        write_indices(objects, place / "SegmentationObject" / f"{number}.png")
    return place


def test_masks_are_regions_and_instances(tmp_path):
    dataset = open_data(_segmented(tmp_path), shares=WHOLE)
    found = target(dataset)
    assert (dataset.task, dataset.labels[0], dataset.labels[8], len(dataset.labels)) == (
        "instance_segmentation", "background", "cat", 21
    )  # fmt: skip
    assert found.regions.values.unique().tolist() == [0, 8, 255]
    assert (found.regions.classes, found.classes) == ((0, 8), (0, 8))
    assert (found.masks.area().tolist(), found.class_ids.tolist()) == ([80], [8])
    assert found.masks.boxes().coordinates.tolist() == found.boxes.coordinates.tolist()


def test_masks_alone_say_what_the_objects_are(tmp_path):
    place = _segmented(tmp_path)
    for file in (place / "Annotations").iterdir():
        file.unlink()
    found = target(open_data(place, shares=WHOLE))
    assert (found.class_ids.tolist(), found.boxes.coordinates.tolist()) == ([8], [[2, 3, 12, 11]])


def test_the_list_of_segmentation_opens_the_pictures_with_masks(tmp_path):
    place = _segmented(tmp_path / "VOC2012")
    for kind, lines in (("Main", "0\n1"), ("Segmentation", "1")):
        (place / "ImageSets" / kind).mkdir(parents=True)
        (place / "ImageSets" / kind / "train.txt").write_text(lines)
    assert open_data(place, shares=WHOLE).counts() == {"train": 2}
    dataset = open_data(place / "ImageSets" / "Segmentation", shares=WHOLE)
    assert [dataset.splits["train"].key(row) for row in range(len(dataset.splits["train"]))] == ["JPEGImages/1.png"]


@pytest.mark.bad_input
def test_a_mask_of_another_size_or_with_a_strange_class_is_refused(tmp_path):
    place = _segmented(tmp_path)
    write_indices(np.zeros((9, 9), np.uint8), place / "SegmentationClass" / "0.png")
    write_indices(np.full(SIZE, 77, np.uint8), place / "SegmentationClass" / "1.png")
    dataset = open_data(place, shares=WHOLE)
    with pytest.raises(BadLabel, match="of 9 × 9 for a picture of 30 × 40"):
        target(dataset, 0)
    with pytest.raises(BadLabel, match="with class 77; taken are 0 to 20"):
        target(dataset, 1)


def test_what_is_written_is_read_as_it_was(tmp_path):
    one, other = things(3, 1), things(2, 2)
    pixels = torch.zeros(2, *SIZE, dtype=torch.bool)
    pixels[0, :5], pixels[1, 7:9] = True, True
    regions = PixelMap(torch.randint(0, 2, SIZE, generator=torch.Generator().manual_seed(0)).to(torch.uint8))
    other = replace(other, masks=Masks(pixels), regions=regions)
    told = FORM.write(data_set([one, other]), tmp_path / "out")
    again = open_data(tmp_path / "out", shares=WHOLE)
    assert dict(told) == contents(again) == {"images": 2, "things": 5, "boxes": 5, "masks": 2, "regions": 1}
    assert again.labels == ("cat", "dog")
    for row, given in enumerate((one, other)):
        assert (target(again, row).boxes.coordinates - given.boxes.coordinates).abs().max() < 1e-9
    assert target(again, 1).masks.pixels.equal(pixels)
    assert target(again, 1).regions.values.equal(regions.values)


def test_crowds_and_masks_that_overlap_have_no_place(tmp_path):
    crowded = with_crowd(things(3, outlines=True))
    both = replace(things(2, 1), masks=Masks(torch.ones(2, *SIZE, dtype=torch.bool)))
    told = FORM.write(data_set([crowded, both]), tmp_path / "out")
    assert told["things"] == told["boxes"] == 4
    assert "crowds" not in told


def test_real_labels_with_two_boxes_of_no_area(saccade_data):
    before = hashes(saccade_data / "bccd" / "Annotations")
    dataset = open_data(saccade_data / "bccd")
    assert dataset.counts() == {"train": 205, "val": 87, "test": 72}
    assert contents(dataset) == {"images": 364, "things": 4886, "boxes": 4886}
    assert sorted((one.code, one.file) for one in dataset.findings) == [
        ("box-empty", "Annotations/BloodImage_00338.xml"), ("box-empty", "Annotations/BloodImage_00343.xml")
    ]  # fmt: skip
    assert dataset.labels == ("Platelets", "RBC", "WBC")
    assert hashes(saccade_data / "bccd" / "Annotations") == before


@pytest.mark.bad_input
def test_masks_that_are_broken_are_an_error_of_ours(tmp_path):
    place = _segmented(tmp_path)
    (place / "SegmentationClass" / "0.png").write_bytes(b"\x89PNG\r\n\x1a\nbroken")
    with pytest.raises(BadInput):
        target(open_data(place, shares=WHOLE))
