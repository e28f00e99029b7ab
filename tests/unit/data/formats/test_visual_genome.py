import json

import pytest

import format_examples
from saccade import catalog
from saccade.data.format import contents
from saccade.data.opening import open_data
from saccade.errors import BadData


@pytest.fixture
def root(tmp_path):
    return format_examples.visual_genome(tmp_path / "genome")


def rewritten(root, items):
    (root / "region_descriptions.json").write_text(json.dumps(items))
    return open_data(root, shares=(1, 0, 0))


def region(**changes):
    return {"region_id": 7, "image_id": 1, "x": 1, "y": 2, "width": 3, "height": 4, "phrase": "a clock", **changes}


def test_regions_have_boxes_and_phrases(root):
    dataset = open_data(root, shares=(1, 0, 0))
    assert (dataset.task, dataset.labels) == ("captioning", ("region",))
    source = dataset.splits["train"]
    row = [source.key(row) for row in range(12)].index("VG_100K_2/2.jpg")
    target = source.target(row)
    assert target.boxes.coordinates.tolist() == [[0, 0, 10, 8], [1, 2, 11, 10]]
    assert target.phrases == ("the clock is green 0 – Uhr", "the clock is green 1 – Uhr")
    assert target.attributes["region_id"].tolist() == [200, 201]


def test_a_file_of_splits_says_splits(root):
    (root / "densecap_splits.json").write_text(json.dumps({"train": [1, 2, 3], "val": [4], "test": [5, 6]}))
    dataset = open_data(root)
    assert dataset.counts() == {"train": 3, "val": 1, "test": 2}
    assert {(finding.code, finding.severity) for finding in dataset.findings} == {("unlabelled-image", "warning")}


def test_wrong_regions_are_told_and_the_others_kept(root):
    wrong = [
        region(width=0), region(height=-1), region(x="1"), region(phrase=None), 5, region(x=10**400), region(x=100),
        region(width=100),
    ]  # fmt: skip
    dataset = rewritten(root, [{"id": 1, "regions": [region(), *wrong]}])
    assert [finding.code for finding in dataset.findings] == [
        "box-empty", "box-inside-out", "bad-json", "bad-json", "bad-json", "box-not-finite", "box-outside",
        "box-outside",
    ]  # fmt: skip
    assert dataset.splits["train"].target(0).boxes.coordinates.tolist() == [[1, 2, 4, 6], [1, 2, 101, 6]]


def test_wrong_items_are_told(root):
    good = {"id": 1, "regions": [region()]}
    dataset = rewritten(root, [good, good, {"id": 99, "regions": []}, {"regions": []}, 7, {"id": 2, "regions": {}}])
    assert [finding.code for finding in dataset.findings] == [
        "duplicate-id", "missing-image", "bad-json", "bad-json", "bad-json",
    ]  # fmt: skip


def test_what_is_written_reads_the_same(root, tmp_path):
    dataset = open_data(root)
    counts = catalog.find("data.formats", "visual_genome")().write(dataset, tmp_path / "out")
    again = open_data(tmp_path / "out")
    assert counts == contents(dataset) == contents(again)
    for split, source in dataset.splits.items():
        first = sorted(source.target(row).digest() for row in range(len(source)))
        assert first == sorted(again.splits[split].target(row).digest() for row in range(len(source)))


@pytest.mark.bad_input
@pytest.mark.parametrize("text", ["", "{}", "[", '[{"id": 1}', "[]"])
def test_a_file_without_regions_is_refused(root, text):
    (root / "region_descriptions.json").write_text(text)
    with pytest.raises(BadData, match="taken are"):
        open_data(root)


@pytest.mark.bad_input
@pytest.mark.parametrize("text", ["{", "[]", '{"train": 7}', '{"train": ["x"]}'])
def test_a_file_of_splits_that_means_nothing_is_told(root, text):
    (root / "densecap_splits.json").write_text(text)
    assert [finding.code for finding in open_data(root).findings] == ["bad-json"]
