import pytest

from saccade.data.labels.split_names import split_of


@pytest.mark.parametrize(
    ("path", "split"),
    [
        ("Train/1.jpg", "train"),
        ("a/valid/b/1.jpg", "val"),
        ("lfpw/testset/1.png", "test"),
        ("test.jpg", None),
        ("a/b", None),
    ],
)
def test_a_folder_on_the_way_says_the_split(path, split):
    assert split_of(path) == split
