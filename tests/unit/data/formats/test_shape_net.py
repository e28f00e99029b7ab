import pytest

import format_examples
from pictures import write_picture
from saccade.data.opening import open_data
from saccade.errors import BadData, BadLabel


@pytest.fixture
def root(tmp_path):
    return format_examples.shape_net(tmp_path / "shapes")


def test_a_picture_has_the_mesh_and_the_view_of_what_it_shows(root):
    dataset = open_data(root)
    assert (dataset.task, dataset.labels) == ("mesh", ("airplane", "chair", "99999999"))
    source = dataset.splits["train"]
    sample = source.read(1)
    assert sample.key.endswith("/rendering/01.png")
    assert (len(sample.target), sample.target.view) == (12, (12, 25.1, 0, 0.9, 25))
    assert sample.target.classes == source.classes(1)
    assert dataset.labels[sample.target.class_id] == "airplane"


def test_all_pictures_of_a_thing_are_in_one_split(root):
    dataset = open_data(root, seed=3)
    things = {
        split: {source.key(row).rpartition("/rendering/")[0] for row in range(len(source))}
        for split, source in dataset.splits.items()
    }
    assert sum(map(len, things.values())) == len(set().union(*things.values())) == 15
    assert all(len(source) == 2 * len(things[split]) for split, source in dataset.splits.items())


def test_pictures_and_meshes_may_lie_in_two_trees(root, tmp_path):
    for model in list(root.glob("*/*")):
        category, name = model.parts[-2:]
        mesh = tmp_path / "both" / "ShapeNetCore.v1" / category / name / "model.obj"
        mesh.parent.mkdir(parents=True)
        (model / "models" / "model_normalized.obj").rename(mesh)
        pictures = tmp_path / "both" / "ShapeNetRendering" / category / name
        pictures.mkdir(parents=True)
        (model / "rendering").rename(pictures / "rendering")
    dataset = open_data(tmp_path / "both")
    assert sum(dataset.counts().values()) == 30
    assert len(dataset.splits["train"].target(0)) == 12


def test_folders_above_the_categories_say_splits(root, tmp_path):
    for split, category in (("train", "02691156"), ("val", "03001627"), ("test", "99999999")):
        (tmp_path / "cut" / split).mkdir(parents=True)
        (root / category).rename(tmp_path / "cut" / split / category)
    assert open_data(tmp_path / "cut").counts() == {"train": 10, "val": 10, "test": 10}


def test_what_has_only_one_of_both_is_told_and_left_out(root):
    models = sorted(root.glob("*/*"))
    (models[0] / "models" / "model_normalized.obj").unlink()
    for picture in (models[1] / "rendering").glob("*.png"):
        picture.unlink()
    dataset = open_data(root)
    assert [finding.code for finding in dataset.findings] == ["missing-label", "missing-image"]
    assert sum(dataset.counts().values()) == 26


def test_a_view_that_is_not_stated_is_empty(root):
    for file in root.glob("*/*/rendering/rendering_metadata.txt"):
        file.write_text("1 2 3\n1 2 x 4 5\n")
    assert open_data(root).splits["train"].target(0).view == ()


@pytest.mark.bad_input
def test_a_broken_mesh_is_refused_with_its_line_when_it_is_read(root):
    for file in root.glob("*/*/models/*.obj"):
        file.write_text("v 0 0 0\nf 1 2 3\n")
    with pytest.raises(BadLabel, match=r"model_normalized\.obj: got .* in line 2"):
        open_data(root).splits["train"].read(0)


@pytest.mark.bad_input
def test_pictures_without_any_mesh_are_refused(tmp_path):
    write_picture(tmp_path / "02691156" / "a" / "rendering" / "00.png")
    with pytest.raises(BadData, match="taken are folders rendering"):
        open_data(tmp_path)
