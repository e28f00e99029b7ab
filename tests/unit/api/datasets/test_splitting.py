import csv

import pytest

from faulty_data import photograph, save
from pictures import hashes
from saccade.api.datasets.splitting import CutSettings, split_data
from saccade.data.opening import open_data
from saccade.errors import BadConfig, BadData


@pytest.fixture(scope="module")
def photos(tmp_path_factory):
    """Two classes of twenty, in ten sets of four, two of each class."""
    root = tmp_path_factory.mktemp("data") / "photos"
    for number in range(40):
        save(root / ("ant" if number % 2 else "bee") / f"clip{number // 4}_{number}.jpg", number)
    return root


def rows(path):
    with path.open(encoding="utf-8") as file:
        return list(csv.DictReader(file))


def test_a_table_says_where_each_picture_goes(photos, tmp_path):
    before = hashes(photos)
    cut = split_data(photos, tmp_path / "cut.csv", settings=CutSettings((0.5, 0.25, 0.25), seed=3))
    assert cut.images == {"train": 20, "val": 10, "test": 10}
    assert cut.classes == {label: {"train": 10, "val": 5, "test": 5} for label in ("ant", "bee")}
    assert len(rows(cut.path)) == 40
    opened = open_data(str(cut.path))
    assert opened.counts() == cut.images
    assert opened.splits["test"].read(0).image.shape == photograph(0).shape
    assert hashes(photos) == before


def test_the_cut_without_groups_is_the_one_that_training_makes(photos, tmp_path):
    split_data(photos, tmp_path / "cut.csv", settings=CutSettings(seed=7))
    trained = open_data(str(photos), seed=7)
    for split, source in open_data(str(tmp_path / "cut.csv")).splits.items():
        other = trained.splits[split]
        assert {key.split("photos/")[1] for key in map(source.key, range(len(source)))} == set(
            map(other.key, range(len(other)))
        )


def test_groups_stay_together_and_the_same_seed_gives_the_same_table(photos, tmp_path):
    settings = CutSettings((0.6, 0.2, 0.2), group_by="(clip[0-9]+)_")
    cut = split_data(photos, tmp_path / "a.csv", settings=settings)
    split_data(photos, tmp_path / "b.csv", settings=settings)
    assert (tmp_path / "a.csv").read_bytes() == (tmp_path / "b.csv").read_bytes()
    places = {}
    for row in rows(cut.path):
        places.setdefault(row["path"].split("/")[-1].split("_")[0], set()).add(row["split"])
    assert len(places) == cut.groups == 10
    assert all(len(one) == 1 for one in places.values())
    assert cut.images == {"train": 24, "val": 8, "test": 8}


def test_pictures_that_look_the_same_stay_together(photos, tmp_path):
    import shutil

    shutil.copytree(photos, tmp_path / "photos")
    for number in range(0, 40, 4):
        save(tmp_path / "photos" / "bee" / f"again{number}.jpg", number, quality=40)
    cut = split_data(tmp_path / "photos", tmp_path / "cut.csv", settings=CutSettings(group_by="near"), workers=0)
    where = {row["path"].split("/")[-1]: row["split"] for row in rows(cut.path)}
    assert all(where[f"again{number}.jpg"] == where[f"clip{number // 4}_{number}.jpg"] for number in range(0, 40, 4))
    assert cut.groups == 40


def test_a_column_of_a_table_groups(photos, tmp_path):
    lines = ["path,label,patient"]
    lines += [f"{path},{path.parent.name},p{number % 8}" for number, path in enumerate(sorted(photos.rglob("*.jpg")))]
    (tmp_path / "scans.csv").write_text("\n".join(lines))
    cut = split_data(tmp_path / "scans.csv", tmp_path / "cut.csv", settings=CutSettings(group_by="patient"))
    assert cut.groups == 8


def test_a_folder_gets_a_copy(photos, tmp_path):
    before = hashes(photos)
    cut = split_data(photos, tmp_path / "out", settings=CutSettings())
    assert open_data(str(tmp_path / "out")).counts() == cut.images
    assert sorted(hashes(tmp_path / "out").values()) == sorted(before.values())
    assert hashes(photos) == before


@pytest.mark.bad_input
def test_what_cannot_be_cut_or_written_is_refused(photos, tmp_path):
    (tmp_path / "there.csv").write_text("")
    with pytest.raises(BadData, match="there already"):
        split_data(photos, tmp_path / "there.csv")
    with pytest.raises(BadData, match="do not lie in files"):
        split_data("digits", tmp_path / "new.csv")
    with pytest.raises(BadData, match="name another one"):
        split_data(photos, photos / "inner")
    with pytest.raises(BadConfig, match="shares"):
        split_data(photos, tmp_path / "new.csv", settings=CutSettings((0.5, 0.1, 0.1)))
    save(tmp_path / "odd" / "a;b" / "0.jpg", 1)
    save(tmp_path / "odd" / "c" / "0.jpg", 2)
    with pytest.raises(BadData, match="cannot hold"):
        split_data(tmp_path / "odd", tmp_path / "new.csv", settings=CutSettings((1.0, 0.0, 0.0)))
    assert not (tmp_path / "new.csv").exists()
