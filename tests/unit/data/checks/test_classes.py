from dataclasses import replace

import numpy as np
import pytest

from saccade.data.checking.engine import check
from saccade.data.checks.classes import mended
from saccade.data.opening import open_data


@pytest.mark.parametrize(
    ("name", "meant"),
    [("MÃ¼cke", "Mücke"), ("cafÃ©", "café"), ("naïve", "naïve"), ("Ærø", "Ærø"), ("cat", "cat"), ("b\ufffdr", "")],
)
def test_names_in_the_wrong_letters_are_mended(name, meant):
    assert mended(name) == meant


def data(labels, counts):
    targets = [number for number, count in enumerate(counts) for _ in range(count)]
    images = np.random.default_rng(0).integers(0, 256, (len(targets), 8, 8, 3), np.uint8)
    return replace(open_data((images, targets), shares=(1, 0, 0)), labels=tuple(labels))


def test_empty_and_rare_classes_and_odd_names_are_found():
    found = {one.code: one for one in check(data(["Cat", "cat ", "dÃ¶g", "fly"], [20, 2, 2])).findings}
    assert set(found) == {"class-empty", "class-imbalance", "not-utf8", "class-names-alike"}
    assert found["class-empty"].message.startswith("got class 3 (fly)")
    assert found["class-imbalance"].message == "got 20 pictures with Cat and 2 with cat , and 1 more classes as rare"
    assert found["class-names-alike"].message == "got classes 'Cat', 'cat '; taken is one name for a class"
    assert "döɡ".replace("ɡ", "g") in found["not-utf8"].message


def test_classes_of_about_one_size_are_fine():
    assert check(data(["a", "b"], [9, 1])).findings == ()
