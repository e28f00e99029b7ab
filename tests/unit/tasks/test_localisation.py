import numpy as np
import pytest
import torch
from torch import nn

from saccade.errors import BadConfig, BadData, BadLabel, BadShape, UnknownName
from saccade.tasks.localisation import encode, localisation
from saccade.types.annotations import Annotations
from saccade.types.batch import Batch
from saccade.types.boxes import Boxes
from saccade.types.warp import Warp

TASK = localisation(["cat", "dog"])
SURE, UNSURE = 20.0, -20.0


def things(ids, boxes, size=(10, 20), crowd=None):
    rows = torch.tensor(boxes, dtype=torch.float32).reshape(-1, 4)
    return Annotations(size, torch.tensor(ids, dtype=torch.int64), Boxes(rows, size), crowd=crowd)


def batch_of(targets, size=(10, 20), **more):
    count = len(targets)
    return Batch(torch.zeros(count, 3, *size), torch.tensor([size] * count), TASK.targets(targets), **more)


class Says(nn.Module):
    """A network that always says the same."""

    def __init__(self, rows, auxiliary_weight=0.0):
        super().__init__()
        self.rows, self.auxiliary_weight = nn.Parameter(torch.tensor(rows, dtype=torch.float32)), auxiliary_weight

    def forward(self, images):
        return self.rows

    def forward_with_auxiliaries(self, images):
        return self.rows, [self.rows, self.rows]


def test_the_network_has_five_outputs_more_than_labels():
    assert TASK.outputs == 7
    assert localisation().outputs == 5


def test_y_has_the_height_before_the_width():
    y = encode(things([1], [[4, 1, 8, 9]]), 2)
    assert y.tolist() == pytest.approx([1, 0.3, 0.5, 0.8, 0.2, 0, 1])
    assert encode(Annotations((10, 20)), 2).tolist() == [0] * 7


def test_of_several_things_the_one_with_the_largest_box_counts():
    (kept,) = TASK.targets([things([0, 1, 0], [[0, 0, 4, 4], [2, 2, 12, 8], [0, 0, 5, 5]])])
    assert kept.class_ids.tolist() == [1]
    assert kept.boxes.coordinates.tolist() == [[2, 2, 12, 8]]


def test_what_reaches_beyond_the_image_counts_by_what_is_on_it():
    (kept,) = TASK.targets([things([0, 1], [[-90, 0, 2, 10], [0, 0, 5, 5]])])
    assert kept.class_ids.tolist() == [1]
    (cut,) = TASK.targets([things([0], [[-90, 0, 2, 10]])])
    assert cut.boxes.coordinates.tolist() == [[0, 0, 2, 10]]


def test_of_equals_the_first_counts_and_crowds_and_empty_boxes_do_not():
    assert TASK.targets([things([1, 0], [[0, 0, 4, 4], [4, 4, 8, 8]])])[0].class_ids.tolist() == [1]
    crowd = things([0, 1], [[0, 0, 9, 9], [0, 0, 4, 4]], crowd=torch.tensor([True, False]))
    assert TASK.targets([crowd])[0].class_ids.tolist() == [1]
    assert [len(one) for one in TASK.targets([things([0], [[3, 3, 3, 9]]), things([0], [[30, 0, 40, 9]])])] == [0, 0]


def test_the_loss_has_three_terms():
    batch = batch_of([things([1], [[4, 1, 8, 9]]), things([], [])])
    terms = TASK.loss(Says([[0, 0.3, 0.5, 0.8, 0.3, 0, 0], [0, 9, 9, 9, 9, 9, 9]]), batch)
    assert {name: round(term.item(), 5) for name, term in terms.items()} == {
        "presence": 0.69315, "box": 0.005, "class": 0.34657,
    }  # fmt: skip


def test_auxiliary_classifiers_are_judged_the_same_way_while_training():
    network, batch = (
        Says([[0, 0.3, 0.5, 0.8, 0.3, 0, 0]], auxiliary_weight=0.5),
        batch_of([things([1], [[4, 1, 8, 9]])]),
    )
    terms = TASK.loss(network, batch)
    whole = sum(term.item() for name, term in terms.items() if name != "auxiliary")
    assert terms["auxiliary"].item() == pytest.approx(0.5 * 2 * whole)
    assert "auxiliary" not in TASK.loss(network.eval(), batch)


def test_there_is_one_box_or_none_in_pixels_of_the_image():
    batch = batch_of([Annotations((10, 20))] * 3, keys=("a", "b", "c"))
    y = [0.3, 0.5, 0.8, 0.2, 0.0, SURE]
    found = TASK.decode(torch.tensor([[SURE, *y], [UNSURE, *y], [0.0, *y]]), batch)
    assert [len(one) for one in found] == [1, 0, 1]
    assert found[0].boxes[0].tolist() == pytest.approx([4, 1, 8, 9])
    assert (found[0].labels, found[0].confidence.tolist()) == (["dog"], pytest.approx([1]))
    assert found[2].confidence.tolist() == pytest.approx([0.5])
    assert (found[1].key, found[1].size) == ("b", (10, 20))


def test_the_confidence_is_p_c_times_the_probability_of_the_class():
    (found,) = TASK.decode(torch.tensor([[0.0, 0.5, 0.5, 1, 1, 0, np.log(3)]]), batch_of([Annotations((10, 20))]))
    assert found.confidence.tolist() == pytest.approx([0.5 * 0.75])


def test_a_box_returns_to_its_picture_and_is_cut_off_at_its_edges():
    warp = Warp(np.array([[0.5, 0, 0], [0, 0.5, 1], [0, 0, 1]]), (16, 40), (10, 20))
    batch = batch_of([Annotations((10, 20))] * 2, placements=(warp, warp))
    said = torch.tensor([[SURE, 0.3, 0.5, 0.8, 0.2, 0, 0], [SURE, 0.5, 0.5, 2.0, -1, 0, 0]])
    one, other = TASK.decode(said, batch)
    assert one.boxes[0].tolist() == pytest.approx([8, 0, 16, 16])
    assert other.boxes[0].tolist() == pytest.approx([20, 0, 20, 16])
    assert one.size == (16, 40)


def test_images_may_have_no_pixels_when_they_are_judged():
    batch = Batch(torch.zeros(1, 3, 0, 0), torch.tensor([[10, 20]]))
    (found,) = TASK.decode(torch.tensor([[SURE, 0.5, 0.5, 1, 1, 0, 0]]), batch)
    assert found.boxes.tolist() == [[0, 0, 20, 10]]


def test_the_score_is_the_logit_of_p_c_or_of_a_class():
    outputs = torch.arange(14.0).reshape(2, 7)
    assert TASK.score(outputs).tolist() == [0, 7]
    assert TASK.score(outputs, "dog").tolist() == [6, 13]
    assert TASK.score(outputs, [0, 1]).tolist() == [5, 13]


@pytest.mark.bad_input
def test_options_out_of_range_are_all_listed():
    with pytest.raises(BadConfig) as caught:
        localisation(confidence=2, form="mixd")  # pyright: ignore[reportArgumentType]
    assert "confidence=2" in str(caught.value)
    assert "did you mean 'mixed'" in str(caught.value)


@pytest.mark.bad_input
def test_what_does_not_fit_is_refused():
    batch = batch_of([things([1], [[4, 1, 8, 9]])])
    with pytest.raises(BadShape, match="7 for 2 labels; make the network with num_classes=5"):
        TASK.decode(torch.zeros(1, 8), batch)
    with pytest.raises(BadShape, match="7 for 2 labels"):
        TASK.loss(Says([[0.0] * 6]), batch)
    with pytest.raises(BadShape, match="6 or more"):
        localisation().decode(torch.zeros(1, 5), batch)
    with pytest.raises(BadData, match="b\\.jpg"):
        TASK.decode(torch.tensor([[UNSURE, float("nan"), 0, 0, 0, 0, 0]]), batch_of([things([], [])], keys=("b.jpg",)))
    with pytest.raises(UnknownName, match="did you mean 'dog'"):
        TASK.score(torch.zeros(1, 7), "dogg")
    with pytest.raises(BadLabel, match="0 to 1"):
        TASK.targets([things([2], [[0, 0, 4, 4]])])
