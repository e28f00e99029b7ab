"""A prediction: what it says, and how it shows itself without ever running what a class name contains."""

from __future__ import annotations

import json
import pickle
import subprocess
import sys
from html.parser import HTMLParser

import numpy as np
import pytest

from saccade.errors import BadConfig, BadData, BadShape
from saccade.types.classification import ClassPrediction

HOSTILE = "<img src=x onerror=alert(1)>"


def single(**changes: object) -> ClassPrediction:
    values = {"key": "a.jpg", "names": ("cat", "dog", "owl"), "probabilities": np.array([0.25, 0.625, 0.125])}
    return ClassPrediction(**{**values, **changes})  # pyright: ignore[reportArgumentType]


def several(*probabilities: float, threshold: float = 0.5) -> ClassPrediction:
    return single(probabilities=np.array(probabilities), multi_label=True, threshold=threshold)


def test_the_likeliest_class_is_the_label() -> None:
    said = single()
    assert (said.label, said.class_id, said.confidence, said.labels) == ("dog", 1, 0.625, ("dog",))


def test_of_equal_classes_the_first_counts() -> None:
    said = single(probabilities=np.array([0.4, 0.4, 0.2]))
    assert said.label == "cat"
    assert [name for name, _ in said.top()] == ["cat", "dog", "owl"]


def test_top_stops_where_the_classes_do() -> None:
    assert single().top(2) == [("dog", 0.625), ("cat", 0.25)]
    assert len(single().top(99)) == 3


def test_several_labels_are_those_from_the_threshold_on() -> None:
    assert several(0.5, 0.9, 0.49).labels == ("dog", "cat")
    assert several(0.5, 0.9, 0.49, threshold=0.95).labels == ()


def test_it_survives_json_and_pickle() -> None:
    said = single(probabilities=np.array([0.25, 0.625, 0.125], np.float32))
    assert json.loads(json.dumps(said.to_dict(count=1))) == {
        "key": "a.jpg",
        "label": "dog",
        "confidence": 0.625,
        "labels": ["dog"],
        "top": [{"label": "dog", "probability": 0.625}],
    }
    assert pickle.loads(pickle.dumps(said)).label == "dog"


def test_it_prints_on_one_line_whatever_the_names_are() -> None:
    said = single(key="a\nb.jpg", names=("ca\x1bt", "do\ng", "owl"))
    assert str(said) == "a\\nb.jpg: do\\ng (62.5 %)"
    assert repr(said) == "<ClassPrediction 'a\\nb.jpg': do\\ng 0.625, ca\\x1bt 0.250, owl 0.125>"
    assert str(several(0.1, 0.2, 0.3)) == "a.jpg: nothing (most likely owl, 30.0 %)"
    assert str(several(0.6, 0.2, 0.8)) == "a.jpg: owl, cat"


class Elements(HTMLParser):
    """Collects the tags and the text of a page."""

    def __init__(self) -> None:
        super().__init__()
        self.tags: list[str] = []
        self.text = ""

    def handle_starttag(self, tag: str, attrs: object) -> None:
        self.tags.append(tag)

    def handle_data(self, data: str) -> None:
        self.text += data


def test_hostile_names_are_text_in_a_notebook() -> None:
    page = Elements()
    page.feed(single(names=(HOSTILE, "dog", "owl"), key=HOSTILE)._repr_html_())
    assert "img" not in page.tags
    assert page.text.count(HOSTILE) == 2


def test_a_notebook_shows_the_image_if_it_was_kept() -> None:
    page = single(image=np.zeros((4, 6, 3), np.uint8))._repr_html_()
    assert 'src="data:image/png;base64,' in page


def test_a_plot_has_a_bar_for_each_class_and_takes_names_as_plain_text() -> None:
    figure = single(names=("$x^2", "a_{b", HOSTILE), key="$5 and $6.jpg").plot()
    (axes,) = figure.axes
    assert [round(bar.get_width(), 3) for bar in axes.patches] == [0.625, 0.25, 0.125]
    assert [label.get_text() for label in axes.get_yticklabels()] == ["a_{b", "$x^2", HOSTILE]
    assert figure._repr_png_().startswith(b"\x89PNG")


@pytest.mark.parametrize("image", [np.zeros((4, 6, 1), np.uint16), np.zeros((4, 6, 4), np.float32)])
def test_a_plot_shows_the_image_of_any_kind(image: np.ndarray) -> None:
    picture, _ = single(image=image).plot().axes
    assert picture.get_images()[0].get_size() == (4, 6)


def test_a_plot_of_several_labels_shows_the_threshold() -> None:
    (axes,) = several(0.6, 0.2, 0.8, threshold=0.7).plot().axes
    assert axes.get_lines()[0].get_xdata()[0] == 0.7


def test_plotting_leaves_pyplot_alone_and_predicting_leaves_matplotlib_alone() -> None:
    code = (
        "import sys, numpy as np; from saccade.types.classification import ClassPrediction as P; "
        "p = P('', ('a', 'b'), np.array([0.5, 0.5])); str(p), p.to_dict(), p._repr_html_(); "
        "assert 'matplotlib' not in sys.modules; p.plot()._repr_png_(); assert 'matplotlib.pyplot' not in sys.modules"
    )
    assert subprocess.run([sys.executable, "-c", code], check=False).returncode == 0


@pytest.mark.bad_input
@pytest.mark.parametrize("wrong", [float("nan"), float("inf"), -0.1, 1.5])
def test_a_probability_that_is_none_names_its_image(wrong: float) -> None:
    with pytest.raises(BadData, match=r"for image 'a\.jpg'; taken are numbers from 0 to 1"):
        single(probabilities=np.array([0.5, 0.5, wrong]))


@pytest.mark.bad_input
@pytest.mark.parametrize("names", [(), ("cat",), ("a", "b", "c", "d")])
def test_a_name_for_each_probability_is_wanted(names: tuple[str, ...]) -> None:
    with pytest.raises(BadShape, match=r"check the labels of the model"):
        single(names=names)


@pytest.mark.bad_input
def test_less_than_one_class_is_refused() -> None:
    with pytest.raises(BadConfig, match=r"got count=0; taken is 1 or more"):
        single().top(0)
