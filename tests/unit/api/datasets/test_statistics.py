import json

import numpy as np
import pytest

from faulty_data import boxed
from saccade.api.datasets.statistics import data_stats
from saccade.errors import BadConfig


def test_numbers_of_boxes(tmp_path):
    stats = data_stats(boxed(tmp_path, [[0, 0, 10, 20], [0, 0, 50, 50], [0, 0, 128, 96]]), workers=0)
    values = json.loads(json.dumps(stats.to_dict()))
    assert values["things"] == {"thing": 3}
    assert values["box sizes"] == {"small": 1, "medium": 1, "large": 1}
    assert values["box aspect ratios"]["least"] == 0.5
    assert values["things per image"]["middle"] == 3
    assert values["heights"]["largest"] == 96
    assert values["background"] == 0


def test_numbers_of_classes():
    images, labels = np.zeros((20, 8, 6, 3), np.uint8), [0, 1] * 10
    stats = data_stats((images, labels), workers=0)
    values = stats.to_dict()
    assert values["classes"] == {"0": {"train": 8, "val": 1, "test": 1}, "1": {"train": 8, "val": 1, "test": 1}}
    assert "things" not in values
    assert values["sizes"] == {"8 × 6": 20}
    assert repr(stats) == "DataStats(arrays: 20 images)"


def test_the_page_names_everything(tmp_path):
    stats = data_stats(boxed(tmp_path, [[0, 0, 10, 20]]), workers=0)
    text = stats.page(tmp_path / "stats.html").read_text(encoding="utf-8")
    assert "Size of boxes" in text
    assert "<script" not in text
    assert "http" not in text.replace("http-equiv", "").replace("http://www.w3.org", "")


@pytest.mark.bad_input
def test_workers_below_nought_are_refused():
    with pytest.raises(BadConfig, match="workers=-1"):
        data_stats("digits", workers=-1)
