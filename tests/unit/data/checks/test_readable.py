from dataclasses import replace

from PIL import Image

from faulty_data import boxed, save
from saccade.data.checking.engine import check
from saccade.data.files import Files
from saccade.data.opening import open_data
from saccade.errors import BadLabel


def test_broken_missing_and_warned_pictures_are_told_apart(tmp_path):
    save(tmp_path / "a" / "0.jpg", 1)
    save(tmp_path / "b" / "0.jpg", 2)
    (tmp_path / "b" / "broken.png").write_bytes(b"no picture")
    frames = [Image.new("L", (40, 40), shade) for shade in (9, 200)]
    for frame in frames:
        frame.putpixel((3, 3), 255)
        frame.paste(90, (0, 0, 20, 40))
    frames[0].save(tmp_path / "b" / "moving.gif", save_all=True, append_images=frames[1:])
    (tmp_path / "list.csv").write_text(
        "path,label\na/0.jpg,a\nb/0.jpg,b\nb/broken.png,b\nb/moving.gif,b\nb/gone.jpg,b\n"
    )
    found = {one.code: one for one in check(open_data(str(tmp_path / "list.csv"), shares=(1, 0, 0))).findings}
    assert {code: (one.key, one.severity) for code, one in found.items()} == {
        "image-broken": ("b/broken.png", "error"),
        "missing-image": ("b/gone.jpg", "error"),
        "image-warning": ("b/moving.gif", "warning"),
    }


class Wrong:
    """A label that cannot be read."""

    classes = ()

    def placed(self, root, size):
        raise BadLabel("got nothing; taken is something; give it")

    def digest(self, root):
        return ""


def test_a_label_that_cannot_be_read_is_an_error(tmp_path):
    dataset = boxed(tmp_path, [])
    dataset = replace(dataset, splits={"train": Files(str(tmp_path), ("a.jpg",), (Wrong(),))}, task="segmentation")
    assert [(one.code, one.key) for one in check(dataset).findings if one.severity == "error"] == [
        ("bad-label", "a.jpg")
    ]
