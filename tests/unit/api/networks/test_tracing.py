import json
import xml.etree.ElementTree as ET

import numpy as np
import pytest
import torch
from PIL import Image

from saccade.api.networks.tracing import save_trace, trace
from saccade.errors import BadConfig, BadImage, BadShape, UnknownName
from saccade.inspect.tracing.panels import Grid, Scene

GREY = np.arange(20 * 30, dtype=np.uint8).reshape(20, 30)


def first_grid(shown):
    grid = shown.steps[0].panels[0][0]
    assert isinstance(grid, Grid)
    return np.array(grid.values)


def test_a_trace_without_more_shows_its_example():
    assert trace("conv").result == [[0, 30, 30, 0]] * 4
    assert trace("pool", options={"kind": "min"}).result == [[1, 1], [1, 1]]


def test_a_crop_of_a_picture_is_its_levels():
    assert np.array_equal(first_grid(trace("conv", image=GREY, at=(3, 5))), GREY[3:9, 5:11])
    assert np.array_equal(first_grid(trace("pool", image=GREY, crop=(4, 8))), GREY[8:12, 11:19])  # the middle


@pytest.mark.parametrize(
    "image",
    [(GREY.astype(np.uint16) * 257), (GREY / 255), torch.from_numpy(GREY / 255).float(), Image.fromarray(GREY)],
    ids=["16 bits", "floats", "tensor", "Pillow"],
)
def test_levels_go_from_0_to_255_whatever_the_picture_is(image):
    assert np.array_equal(first_grid(trace("conv", image=image, at=(0, 0))), GREY[:6, :6])


def test_colours_become_grey_or_stay_three_channels():
    colour = np.stack([GREY, GREY // 2, np.full_like(GREY, 255)], axis=2)
    grey = np.round(colour[:6, :6] @ [0.299, 0.587, 0.114])
    assert np.array_equal(first_grid(trace("conv", image=colour, at=(0, 0))), grey)
    shown = trace("conv", image=colour, at=(0, 0), grey=False)
    assert [len(row) for row in shown.steps[0].panels] == [3, 3, 3, 2]
    assert np.array_equal(first_grid(shown), GREY[:6, :6])


def test_it_says_where_the_numbers_are_from(tmp_path):
    path = tmp_path / "a.png"
    Image.fromarray(GREY).save(path)
    about = trace("conv", image=path, at=(3, 5)).about
    assert f"rows 3 to 8 and columns 5 to 10 of {path.name}, counted from 0." in about


def test_boxes_are_drawn_over_the_whole_picture():
    large = np.zeros((900, 1200, 3), np.uint8)
    scene = trace("nms", image=large, options={"boxes": "0 0 600 450 1"}).steps[0].panels[0][0]
    assert isinstance(scene, Scene)
    assert scene.size == (900, 1200)
    assert scene.picture.startswith(b"\xff\xd8")
    assert len(scene.picture) < 20_000


def test_a_trace_is_saved_as_its_suffix_says(tmp_path):
    shown = trace("conv")
    assert save_trace(shown, tmp_path / "deep" / "conv.HTML").read_text("utf-8") == shown.to_html() + "\n"
    assert json.loads(save_trace(shown, tmp_path / "conv.json").read_bytes())["result"] == shown.result
    assert save_trace(shown, tmp_path / "conv.txt").read_text("utf-8") == shown.to_text() + "\n"
    few, many = (save_trace(shown, tmp_path / f"{n}.svg", frames=n).read_text("utf-8") for n in (2, 4))
    assert ET.fromstring(few).tag.endswith("svg")
    assert few.count(" of 16 · ") == 2
    assert many.count(" of 16 · ") == 4


@pytest.mark.bad_input
@pytest.mark.parametrize(
    ("arguments", "error", "words"),
    [
        ({"what": "covn"}, UnknownName, "did you mean 'conv'"),
        ({"options": {"kernl": "sobel", "stride": 2.5}}, BadConfig, "did you mean 'kernel'?\ngot stride=2.5"),
        ({"at": (1, 1)}, BadConfig, "a place without a picture"),
        ({"image": GREY, "at": (15, 0)}, BadShape, "20 rows and 30 columns"),
        ({"image": GREY, "at": (-1, 0)}, BadShape, "row -1"),
        ({"image": GREY, "crop": (13, 6)}, BadShape, "13 × 6"),
        ({"image": GREY, "crop": (0, 6)}, BadShape, "0 × 6"),
        ({"image": GREY, "options": {"matrix": "1"}}, BadConfig, "a picture and matrix"),
        ({"what": "receptive_field", "image": GREY}, BadConfig, "which takes none"),
        ({"what": "nms", "image": GREY, "at": (1, 1)}, BadConfig, "all of the picture"),
        ({"image": "no-such.png"}, BadImage, "cannot be opened"),
        ({"image": GREY, "options": {"kernel": [[1] * 7] * 7}}, BadShape, "covers 7 pixels"),
    ],
    ids=lambda value: "" if isinstance(value, dict) else None,
)
def test_what_cannot_be_traced_is_refused_in_words(arguments, error, words):
    with pytest.raises(error) as caught:
        trace(**{"what": "conv", **arguments})
    assert words in str(caught.value)


@pytest.mark.bad_input
def test_a_file_of_another_kind_is_refused(tmp_path):
    with pytest.raises(BadConfig, match=r"end in \.html, \.svg, \.txt, \.json"):
        save_trace(trace("iou"), tmp_path / "a.png")
