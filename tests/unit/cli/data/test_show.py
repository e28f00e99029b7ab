import pytest
from PIL import Image


def test_a_sheet_of_augmentations_is_drawn(saccade_command, tmp_path):
    out = tmp_path / "sheet.png"
    done = saccade_command("data", "show", "digits", "--augment", "strong", "--count", "2", "--out", out)
    assert (done.code, done.err) == (0, "")
    assert done.out.strip() == str(out)
    with Image.open(out) as picture:
        assert picture.size == (1198, 436)


@pytest.mark.parametrize(
    ("words", "wanted"),
    [(["--augment", "standart"], "did you mean 'standard'?"), (["--augment", "mirror", "--split", "tset"], "'test'?")],
)
def test_a_mistake_is_told(saccade_command, tmp_path, words, wanted):
    done = saccade_command("data", "show", "digits", "--out", tmp_path / "m.png", *words)
    assert done.code == 2
    assert wanted in done.err
    assert not (tmp_path / "m.png").exists()
