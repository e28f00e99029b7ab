import pytest

from pictures import write_picture
from saccade.data.labels.domains import PairedFile, are_pairs, domain_folders
from saccade.errors import BadLabel


def put(root, *paths):
    for number, path in enumerate(paths):
        write_picture(root / path, shade=number)
    return root


@pytest.mark.parametrize(
    "paths", [("trainA/1.png", "trainB/1.png"), ("Train_A/1.png", "Train_B/1.png"), ("A/train/1.png", "B/train/1.png")]
)
def test_the_usual_layouts_are_known(tmp_path, paths):
    folders = domain_folders(put(tmp_path, *paths))
    assert set(folders) == {"train"}
    assert are_pairs(tmp_path, folders)


@pytest.mark.parametrize(
    "paths", [("trainA/1.png",), ("a/1.png", "b/1.png"), ("trainA/1.png", "trainB/1.txt.png", "testA/1.png")]
)
def test_what_does_not_come_in_twos_is_none(tmp_path, paths):
    assert domain_folders(put(tmp_path, *paths)) == {}


def test_plain_folders_count_where_they_are_asked_for(tmp_path):
    assert set(domain_folders(put(tmp_path, "A/1.png", "B/1.png"), outright=True)) == {"train"}


@pytest.mark.parametrize("paths", [("trainA/1.png", "trainB/2.png"), ("trainA/1.png", "trainB/1.png", "trainB/2.png"),
                                   ("trainA/1.png", "trainA/1.jpg", "trainB/1.png")])  # fmt: skip
def test_one_picture_without_a_partner_makes_no_pairs(tmp_path, paths):
    put(tmp_path, *paths)
    assert not are_pairs(tmp_path, domain_folders(tmp_path))


@pytest.mark.bad_input
def test_a_partner_that_is_broken_or_of_another_size_is_refused(tmp_path):
    write_picture(tmp_path / "a.png", (6, 8))
    partner = PairedFile("a.png")
    assert partner.placed(str(tmp_path), (6, 8)).size == (6, 8)
    with pytest.raises(BadLabel, match="of 6 × 8 pixels for a picture of 6 × 9"):
        partner.placed(str(tmp_path), (6, 9))
    (tmp_path / "a.png").write_bytes(b"text")
    with pytest.raises(BadLabel, match=r"a\.png: got"):
        partner.placed(str(tmp_path), (6, 8))
