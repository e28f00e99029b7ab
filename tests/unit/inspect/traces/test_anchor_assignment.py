import pytest
import torch

from saccade.errors import BadConfig, BadLabel, BadShape
from saccade.inspect.traces.anchor_assignment import ANCHORS, OBJECTS, anchor_assignment
from saccade.inspect.tracing.panels import Formula, Picture, Scene, Table
from saccade.ops.boxes import iou
from saccade.ops.matching import match_anchors


def table_of(step):
    (table,) = (panel for row in step.panels for panel in row if isinstance(panel, Table))
    return table


def states_of(step):
    scene = step.panels[0][0]
    assert isinstance(scene, Scene)
    return {box.label: box.state for box in scene.boxes}


def test_the_example_shows_each_rule():
    shown = anchor_assignment()
    assert shown.result == [0, -2, -1, 1, -2, -1]
    assert [step.title for step in shown.steps] == [
        "anchors and objects", "anchor A", "anchor B", "anchor C", "anchor D", "anchor E", "anchor F",
        "the best anchor of object 1", "the best anchor of object 2", "what is learned",
    ]  # fmt: skip
    assert shown.steps[-1].text == "2 anchors with an object, 2 with background, 2 left out."


def test_each_overlap_is_worked_out():
    formula = anchor_assignment().steps[1].panels[0][1]
    assert formula == Formula(
        ("A and 1: 3248 / (3600 + 3600 − 3248) ≈ 0.8219", "A and 2: 0 / (4800 + 3600 − 0) = 0"), "shared / union"
    )


def test_the_table_grows_by_a_row_for_each_anchor():
    table = table_of(anchor_assignment().steps[4])
    assert table.head == ("anchor", "object 1", "object 2", "shows")
    assert table.rows[1:] == (
        ("B", 0.5, 0.0, "neither"), ("C", 500 / 6700, 0.0, "background"), ("D", 0.0, 3000 / 5400, "neither"),
    )  # fmt: skip
    assert table.states == ("kept", "plain", "dropped", "chosen")


def test_the_best_anchor_of_an_object_shows_it_whatever_its_overlap():
    step = anchor_assignment().steps[8]
    assert table_of(step).rows[3] == ("D", 3000 / 5400, "neither", "object 2")
    assert step.text.endswith("So D shows it, whatever the thresholds say.")
    assert anchor_assignment().steps[7].text.endswith("A shows object 1 already.")
    assert states_of(anchor_assignment().steps[9]) == {
        "1": "shade", "2": "shade", "A": "kept", "B": "plain", "C": "dropped", "D": "kept", "E": "plain",
        "F": "dropped",
    }  # fmt: skip


def test_without_that_rule_only_the_thresholds_count():
    shown = anchor_assignment(thresholds_only=True)
    assert shown.result == [0, -2, -1, -2, -2, -1]
    assert len(shown.steps) == 8


def test_the_best_anchor_of_one_object_may_show_another():
    """As in the field: it shows the object that it overlaps most."""
    shown = anchor_assignment("0 0 10 10", objects="0 0 10 6; 0 6 10 10")
    assert shown.result == [0]
    assert "A shows object 1 already." in shown.steps[-2].text
    lower = anchor_assignment("0 0 10 10", objects="0 6 10 10; 0 0 10 6", object_from=0.9)
    assert "So A shows an object: the one that it overlaps most, which is object 2." in lower.steps[2].text
    assert lower.result == [1]


def test_equal_best_anchors_both_show_the_object_and_one_that_is_untouched_has_none():
    shown = anchor_assignment("0 0 10 4; 0 6 10 10; 50 50 60 60", objects="0 0 10 10; 90 90 99 99")
    assert shown.result == [0, 0, -1]
    assert "more than A and B, with 0.4. So A shows it" in shown.steps[4].text
    assert shown.steps[5].text == "No anchor touches object 2: it is left without one."
    assert "nothing in common with any object" in shown.steps[3].text


@pytest.mark.parametrize("thresholds", [(0.0, 0.0), (0.3, 0.7), (0.5, 0.5), (0.5, 5 / 9), (0.9, 1.0)])
@pytest.mark.parametrize("thresholds_only", [False, True])
def test_the_result_is_what_ops_compute(thresholds, thresholds_only):
    anchors, objects = (torch.tensor(rows, dtype=torch.float64) for rows in (ANCHORS, OBJECTS))
    low, high = thresholds
    expected = match_anchors(
        iou(objects, anchors), background_below=low, object_from=high, allow_low_quality=not thresholds_only
    )
    shown = anchor_assignment(background_below=low, object_from=high, thresholds_only=thresholds_only)
    assert shown.result == expected.tolist()


def test_boxes_are_drawn_over_a_picture():
    scene = anchor_assignment(picture=Picture(b"\xff\xd8", (120, 200))).steps[0].panels[0][0]
    assert (scene.size, scene.picture) == ((120, 200), b"\xff\xd8")


@pytest.mark.bad_input
@pytest.mark.parametrize(
    ("arguments", "error", "words"),
    [
        ({"anchors": "1 1 2"}, BadShape, "got anchors of 3 numbers"),
        ({"anchors": [[0, 0, 1, 1]] * 27}, BadShape, "27 anchors"),
        ({"objects": [[0, 0, 1, 1]] * 10}, BadShape, "10 objects"),
        ({"objects": "2 2 1 1"}, BadLabel, "got object 1"),
        ({"background_below": 0.8}, BadConfig, "background_below=0.8 and object_from=0.7"),
        ({"object_from": float("nan")}, BadConfig, "object_from=nan"),
    ],
    ids=str,
)
def test_what_cannot_be_assigned_is_refused(arguments, error, words):
    with pytest.raises(error) as caught:
        anchor_assignment(**arguments)
    assert words in str(caught.value)
