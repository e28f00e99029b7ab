import pickle

import numpy as np
import pytest

from saccade.data.labels.label_table import TableBuilder, TableRow
from saccade.data.labels.run_lengths import RunLengths
from saccade.errors import BadLabel
from saccade.types.sample import Placeable

SQUARE = np.array([[1.0, 1.0], [3.0, 1.0], [3.0, 3.0], [1.0, 3.0]])


@pytest.fixture
def table():
    builder = TableBuilder(2, swaps=((0, 1),))
    builder.add(1, (1, 1, 3, 3), rings=[SQUARE], attributes={"area": 4.0})
    builder.add(0, (0, 0, 2, 1), crowd=True, mask=RunLengths.of(np.eye(4, 5, dtype=bool)))
    builder.close(["two things"])
    builder.close()
    builder.add(2, (0, 0, 1, 1), keypoints=np.array([[0.5, 0.5, 2.0], [0, 0, 0]]), attributes={"score": 0.5})
    builder.close()
    return builder.table()


def test_each_picture_gets_its_own_things(table):
    first, second, third = (table.annotations(row, (4, 5)) for row in range(3))
    assert (first.class_ids.tolist(), second.class_ids.tolist(), third.class_ids.tolist()) == ([1, 0], [], [2])
    assert first.boxes.coordinates.tolist() == [[1, 1, 3, 3], [0, 0, 2, 1]]
    assert [len(rings) for rings in first.polygons.rings] == [1, 0]
    assert first.crowd.tolist() == [False, True]
    assert (first.captions, second.captions) == (("two things",), ())
    assert third.keypoints.visibility.tolist() == [[2, 0]]
    assert third.keypoints.swaps == ((0, 1),)


def test_where_one_thing_is_a_mask_all_have_masks(table):
    first, third = table.annotations(0, (4, 5)), table.annotations(2, (4, 5))
    assert first.masks.area().tolist() == [4, 4]
    assert third.masks is None


def test_what_is_not_said_is_nan(table):
    attributes = table.annotations(0, (4, 5)).attributes
    assert attributes["area"].isnan().tolist() == [False, True]
    assert attributes["score"].isnan().all()


def test_shares_become_pixels(table):
    builder = TableBuilder(shares=True)
    builder.add(0, (0.25, 0.5, 0.75, 1), rings=[np.array([[0.25, 0.5], [0.75, 0.5], [0.75, 1.0]])])
    builder.close()
    placed = builder.table().annotations(0, (10, 20))
    assert placed.boxes.coordinates.tolist() == [[5, 5, 15, 10]]
    assert placed.polygons.rings[0][0].tolist() == [[5, 5], [15, 5], [15, 10]]


def test_what_is_given_is_memory_of_its_own(table):
    table.annotations(0, (4, 5)).boxes.coordinates[:] = 9
    table.annotations(0, (4, 5)).class_ids[:] = 9
    assert table.annotations(0, (4, 5)).boxes.coordinates.tolist()[0] == [1, 1, 3, 3]
    assert table.annotations(0, (4, 5)).class_ids.tolist() == [1, 0]


def test_a_row_is_placeable_pickles_and_knows_its_classes(table):
    row = pickle.loads(pickle.dumps(TableRow(table, 0, (4, 5))))
    assert isinstance(row, Placeable)
    assert (row.classes, row.stated_size) == ((0, 1), (4, 5))
    assert row.placed("", (4, 5)).digest() == table.annotations(0, (4, 5)).digest()


def test_hashes_tell_labels_apart_and_do_not_depend_on_other_pictures(table):
    hashes = [TableRow(table, row).digest("") for row in range(3)]
    assert len(set(hashes)) == 3
    for change in ({"rings": [SQUARE + 1]}, {"attributes": {"area": 5.0}}, {"crowd": True}, {}):
        builder = TableBuilder()
        builder.add(1, (1, 1, 3, 3), **change)
        builder.close()
        hashes.append(builder.table().digest(0))
    assert len(set(hashes)) == 7


@pytest.mark.bad_input
def test_a_mask_of_another_size_is_refused(table):
    with pytest.raises(BadLabel, match="got a mask of 4 × 5 for a picture of 8 × 5"):
        table.annotations(0, (8, 5))
