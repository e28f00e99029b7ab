import pytest
import torch

from saccade.errors import BadConfig, BadShape
from saccade.inspect.traces.nms import EXAMPLE, nms
from saccade.inspect.tracing.panels import Picture, Scene, Table
from saccade.ops.nms import nms as computed


def table_of(step):
    table = step.panels[0][1]
    assert isinstance(table, Table)
    return table


def test_the_example_keeps_three_of_seven():
    shown = nms()
    assert shown.result == [2, 0, 6]
    assert [step.title for step in shown.steps] == [
        "discard what is not sure", "keep C", "keep A", "keep G", "what stays",
    ]  # fmt: skip


def test_what_is_below_the_confidence_goes_first_and_what_is_equal_to_it_stays():
    table = table_of(nms().steps[0])
    assert [row[0] for row in table.rows] == list("CABDGEF")
    assert table.rows[-2:] == (("E", 0.6, "≥ 0.6", "stays"), ("F", 0.3, "< 0.6", "goes"))
    assert table.states[-2:] == ("plain", "dropped")


def test_each_other_box_goes_or_stays_for_a_reason_that_is_shown():
    table = table_of(nms().steps[1])
    assert table.caption == "against C"
    assert [(row[0], row[4]) for row in table.rows] == [
        ("A", "≤ 0.5: stays"), ("B", "≤ 0.5: stays"), ("D", "> 0.5: goes"), ("G", "≤ 0.5: stays"), ("E", "> 0.5: goes"),
    ]  # fmt: skip
    _, shared, union, overlap, _ = table.rows[2]
    assert (shared, union, overlap) == (2816, 4428, 2816 / 4428)


def test_the_scene_shows_what_was_kept_what_is_looked_at_and_what_went():
    scene = nms().steps[2].panels[0][0]
    assert isinstance(scene, Scene)
    assert {box.label[0]: box.state for box in scene.boxes} == {
        "A": "chosen", "B": "dropped", "C": "kept", "D": "dropped", "E": "dropped", "F": "dropped", "G": "plain",
    }  # fmt: skip


def test_boxes_of_different_classes_never_meet():
    shown = nms("0 0 9 9 0.9 1; 0 0 9 9 0.8 2; 0 0 9 8 0.7 1")
    assert shown.result == [0, 1]
    assert "never meet" in shown.about
    assert "never meet" not in nms().about
    table = table_of(shown.steps[1])
    assert table.head == ("box", "class", "shared", "union", "IoU", "")
    assert table.rows == (
        ("B", 2, None, None, None, "another class: stays"), ("C", 1, 72, 81, 72 / 81, "> 0.5: goes"),
    )  # fmt: skip
    assert shown.steps[1].text == "A of class 1 is the surest that is left, with 0.9: it is kept. C goes."
    assert table_of(shown.steps[-1]).rows == (("A", 1, 0.9), ("B", 2, 0.8))


@pytest.mark.parametrize("iou_threshold", [0.0, 0.18, 0.5, 0.62, 1.0])
@pytest.mark.parametrize("confidence_threshold", [0.0, 0.6, 0.65, 1.0])
def test_the_result_is_what_ops_compute(iou_threshold, confidence_threshold):
    rows = torch.tensor(EXAMPLE, dtype=torch.float64)
    thresholds = {"iou_threshold": iou_threshold, "confidence_threshold": confidence_threshold}
    assert nms(**thresholds).result == computed(rows[:, :4], rows[:, 4], **thresholds).tolist()


def test_no_box_that_is_sure_enough_is_an_empty_answer():
    shown = nms(confidence_threshold=1)
    assert shown.result == []
    assert shown.steps[-1].text == "0 of 7 boxes."


def test_boxes_are_drawn_over_a_picture():
    scene = nms("0 0 4 4 1", picture=Picture(b"\xff\xd8", (120, 200))).steps[0].panels[0][0]
    assert (scene.size, scene.picture) == ((120, 200), b"\xff\xd8")


@pytest.mark.bad_input
@pytest.mark.parametrize(
    ("arguments", "error", "words"),
    [
        ({"boxes": "1 1 2 2"}, BadShape, "confidence"),
        ({"boxes": "1 1 2 2 .9 1.5"}, BadConfig, "class 1.5 of box 1"),
        ({"boxes": [[0, 0, 1, 1, 1]] * 27}, BadShape, "27 boxes"),
        ({"iou_threshold": 2}, BadConfig, "iou_threshold=2"),
        ({"confidence_threshold": float("nan")}, BadConfig, "confidence_threshold=nan"),
    ],
    ids=str,
)
def test_what_is_no_set_of_boxes_is_refused(arguments, error, words):
    with pytest.raises(error) as caught:
        nms(**arguments)
    assert words in str(caught.value)
