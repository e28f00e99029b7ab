import numpy as np
import pytest

from saccade.errors import BadConfig, BadShape, UnknownName
from saccade.inspect.traces.selective_search import EXAMPLE, selective_search
from saccade.inspect.tracing.panels import Formula, Grid, Scene, Table
from saccade.ops.region_features import describe_regions
from saccade.ops.region_grouping import group
from saccade.ops.selective_search import ranked_boxes

STRIPES = "10 10 90 90 200; 10 10 90 90 200"


def find(step, kind):
    return [panel for row in step.panels for panel in row if isinstance(panel, kind)]


def test_the_example_is_what_the_operations_give():
    labels = np.array(find(selective_search().steps[0], Grid)[1].values).astype(np.intp) - 1
    grouping = group(describe_regions(labels, np.array(EXAMPLE, np.uint8)[..., None]))
    shown = selective_search(seed=3)
    assert shown.result == ranked_boxes([grouping], seed=3).tolist()
    assert [step.title for step in shown.steps[1:-1]] == [
        f"{one + 1} + {other + 1} → {place + 6}" for place, (one, other) in enumerate(grouping.merged.tolist())
    ]


def test_the_jar_is_whole_before_it_has_its_label_and_the_ground_comes_last():
    assert [step.title for step in selective_search().steps] == [
        "segments", "2 + 3 → 6", "1 + 5 → 7", "4 + 6 → 8", "7 + 8 → 9", "the boxes",
    ]  # fmt: skip


def test_the_pair_that_is_merged_is_the_most_alike_of_all_neighbours():
    for step in selective_search().steps[1:-1]:
        (table,) = find(step, Table)
        sums = [row[-1] for row in table.rows]
        assert sums == sorted(sums, reverse=True)
        assert table.states[0] == "chosen"
        assert step.title.startswith(str(table.rows[0][0]).replace(", ", " + "))
        assert table.rows[0][-1] == pytest.approx(sum(table.rows[0][1:-1]))


def test_the_arithmetic_of_two_stripes():
    step = selective_search(STRIPES).steps[1]
    assert step.title == "2 + 3 → 4"
    assert find(step, Formula)[0].lines == (
        "colour = 0",
        "size = 1 − (4 + 2) / 10 = 0.4",
        "fill = 1 − (3 × 2 − 4 − 2) / 10 = 1",
        "sum = 0 + 0.625 + 0.4 + 1 = 2.025",
    )
    assert find(step, Scene)[0].boxes[-1].corners == (2, 0, 5, 2)
    assert find(step, Grid)[0].marked("window") == {(0, 2), (0, 3), (1, 2), (1, 3)}


def test_only_the_kinds_that_are_named_are_added_up():
    step = selective_search(STRIPES, kinds="size").steps[1]
    assert step.title == "2 + 3 → 4"
    assert find(step, Table)[0].head == ("pair", "size", "sum")
    assert find(step, Formula)[0].lines == ("size = 1 − (4 + 2) / 10 = 0.4", "sum = 0.4 = 0.4")


def test_a_tolerance_joins_what_differs_little():
    assert len(selective_search("0 5 10; 0 5 10", tolerance=4).steps) == 2 + 2
    whole = selective_search("0 5 10; 0 5 10", tolerance=5)
    assert [step.title for step in whole.steps] == ["segments", "the boxes"]
    assert whole.result == [[0, 0, 3, 2]]


def test_a_box_that_was_there_already_goes():
    (table,) = find(selective_search().steps[-1], Table)
    kept = [list(row[-4:]) for row, state in zip(table.rows, table.states, strict=True) if state == "kept"]
    assert kept == selective_search().result
    assert table.states.count("dropped") == 2


def test_many_pairs_are_not_all_shown():
    rows = np.arange(16).reshape(4, 4) * 15
    (table,) = find(selective_search(rows).steps[1], Table)
    assert len(table.rows) == 6
    assert table.caption == "how alike neighbours are, 6 of 24"


@pytest.mark.bad_input
def test_what_cannot_be_shown_is_refused():
    with pytest.raises(BadConfig, match="0 and 255"):
        selective_search("0 256")
    with pytest.raises(BadConfig, match="0 and 255"):
        selective_search("0 0.5")
    with pytest.raises(BadConfig, match="tolerance=-1"):
        selective_search(tolerance=-1)
    with pytest.raises(BadShape, match="17 segments"):
        selective_search([[15 * (number % 17) for number in range(17)]])
    with pytest.raises(BadShape, match="19"):
        selective_search([[0] * 19])
    with pytest.raises(UnknownName, match="colour"):
        selective_search(kinds="color size")
    with pytest.raises(BadConfig, match="no kind"):
        selective_search(kinds=" ")
