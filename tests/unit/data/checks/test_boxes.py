from faulty_data import boxed
from saccade.data.checking.engine import check


def found(folder, boxes):
    return [(one.code, one.severity) for one in check(boxed(folder, boxes)).findings]


def test_boxes_outside_empty_and_twice_are_told_apart(tmp_path):
    assert found(tmp_path, [[1, 1, 9, 9]]) == []
    assert found(tmp_path, [[-0.5, 0, 128.5, 96]]) == []
    assert found(tmp_path, [[5, 5, 5, 9]]) == [("box-empty", "error")]
    assert found(tmp_path, [[200, 5, 210, 9]]) == [("box-outside", "error")]
    assert found(tmp_path, [[100, 5, 140, 9]]) == [("box-outside", "warning")]
    assert found(tmp_path, [[1, 1, 9, 9], [1, 1, 9, 9]]) == [("box-twice", "warning")]


def test_a_finding_knows_where_its_box_is(tmp_path):
    (one,) = check(boxed(tmp_path, [[100, 5, 140, 9]])).findings
    assert one.boxes == ((100, 5, 140, 9),)
    assert one.key == "a.jpg"
