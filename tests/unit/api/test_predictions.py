"""Many predictions: a list that also knows what could not be read."""

from __future__ import annotations

import json
import pickle

import numpy as np

from saccade.api.predictions import Predictions
from saccade.types.bad_file import BadFile
from saccade.types.classification import ClassPrediction


def predictions(count: int) -> Predictions:
    shares = np.array([0.25, 0.75], np.float32)
    return Predictions(
        [ClassPrediction(f"{n}.jpg", ("cat", "dog"), shares) for n in range(count)], [BadFile("x.jpg", "<broken>")]
    )


def test_it_is_a_list():
    several = predictions(3)
    assert [one.label for one in several] == ["dog"] * 3
    assert len(several[:2]) == 2


def test_it_is_shown_in_a_notebook_twenty_at_most():
    page = predictions(25)._repr_html_()
    assert page.count("19.jpg") == 1
    assert "20.jpg" not in page
    assert "<p>and 5 more</p>" in page
    assert "1 files could not be read" in page


def test_its_text_is_short_however_many_there_are():
    text = repr(predictions(10_000))
    assert text.count("ClassPrediction") == 20
    assert "…" in text
    assert "x.jpg" in text


def test_it_is_plain_values_when_asked():
    values = json.loads(json.dumps(predictions(1).to_dict()))
    assert values["predictions"][0]["label"] == "dog"
    assert values["bad"] == [{"key": "x.jpg", "reason": "<broken>"}]


def test_it_pickles_whole():
    again = pickle.loads(pickle.dumps(predictions(2)))
    assert [one.key for one in again] == ["0.jpg", "1.jpg"]
    assert again.bad == [BadFile("x.jpg", "<broken>")]
