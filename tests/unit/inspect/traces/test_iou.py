import pytest
import torch

from saccade.errors import BadLabel, BadShape
from saccade.inspect.traces.iou import EXAMPLE, iou
from saccade.inspect.tracing.panels import Formula, Picture, Scene
from saccade.ops import boxes as ops


def test_the_example_shares_five_ninths():
    shown = iou()
    assert shown.result == 3000 / 5400
    assert [step.title for step in shown.steps] == ["two boxes", "intersection", "union", "intersection over union"]
    scene, formula = shown.steps[1].panels[0]
    assert isinstance(scene, Scene)
    assert scene.boxes[2].corners == (40, 30, 100, 80)
    assert scene.boxes[2].state == "shade"
    assert isinstance(formula, Formula)
    assert formula.lines[-1] == "intersection = 60 × 50 = 3000"
    assert shown.steps[3].panels[0][1] == Formula(("3000 / 5400 ≈ 0.5556",), "IoU")


@pytest.mark.parametrize("other", [(20, 20, 100, 80), (200, 0, 210, 9), (100, 20, 110, 80), (50, 50, 50, 50)])
def test_the_result_is_what_ops_compute(other):
    pair = torch.tensor([EXAMPLE[0], other], dtype=torch.float64)
    shown = iou([EXAMPLE[0], other])
    assert shown.result == ops.iou(pair[:1], pair[1:]).item()
    assert (shown.steps[1].panels[0][0].boxes[2:] == ()) == (shown.result == 0)


def test_two_boxes_without_area_are_no_division_by_zero():
    shown = iou("1 1 1 1; 1 1 1 1")
    assert shown.result == 0
    assert shown.steps[-1].text == "They share nothing."


def test_boxes_are_drawn_over_a_picture():
    scene = iou(picture=Picture(b"\xff\xd8", (120, 200))).steps[0].panels[0][0]
    assert (scene.size, scene.picture) == ((120, 200), b"\xff\xd8")


@pytest.mark.bad_input
@pytest.mark.parametrize(
    ("boxes", "error", "words"),
    [
        ("1 1 2 2", BadShape, "got 1 boxes"),
        ("1 1 2; 1 1 2", BadShape, "x1 y1 x2 y2"),
        ("2 2 1 1; 1 1 2 2", BadLabel, "box 1"),
    ],
)
def test_what_is_no_pair_of_boxes_is_refused(boxes, error, words):
    with pytest.raises(error) as caught:
        iou(boxes)
    assert words in str(caught.value)
