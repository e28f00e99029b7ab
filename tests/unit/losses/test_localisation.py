import math

import pytest
import torch

from saccade.errors import BadLabel, BadShape, UnknownName
from saccade.losses.localisation import localisation_losses

NOTHING = [0.0, 9, 9, 9, 9, 9, 9]  # what stands behind p_c = 0 means nothing
THING = [1.0, 0.5, 0.5, 0.2, 0.4, 0, 1]
SAID = [0.0, 0.4, 0.5, 0.3, 0.4, 0, 0]


def of(said, wanted, **options):
    terms = localisation_losses(torch.tensor(said), torch.tensor(wanted), **options)
    return {name: round(term.item(), 6) for name, term in terms.items()}


def test_an_image_with_an_object_costs_presence_box_and_class():
    """p = 1/2, the box is a tenth away twice, both classes are as likely."""
    assert of([SAID], [THING]) == pytest.approx({"presence": math.log(2), "box": 0.02, "class": math.log(2)}, abs=1e-6)


def test_an_image_without_one_costs_presence_alone():
    terms = of([[math.log(3), *SAID[1:]]], [NOTHING])  # p = 3/4
    assert terms == pytest.approx({"presence": math.log(4), "box": 0, "class": 0}, abs=1e-6)


def test_the_notes_form_squares_everything_where_there_is_an_object():
    said = [[math.log(3), *SAID[1:]]]
    squared = of(said, [THING], form="squared")
    assert squared == pytest.approx({"presence": 1 / 16, "box": 0.02, "class": 0.5}, abs=1e-6)
    assert of(said, [NOTHING], form="squared") == of(said, [NOTHING])


def test_it_is_the_mean_over_all_images():
    both = of([SAID, SAID], [THING, NOTHING])
    assert both == pytest.approx({"presence": math.log(2), "box": 0.01, "class": math.log(2) / 2}, abs=1e-6)


@pytest.mark.parametrize("form", ["mixed", "squared"])
def test_nothing_behind_p_c_learns_where_there_is_no_object(form):
    said = torch.tensor([SAID, SAID], requires_grad=True)
    torch.stack(list(localisation_losses(said, torch.tensor([THING, NOTHING]), form=form).values())).sum().backward()
    assert said.grad is not None
    assert said.grad[1, 1:].tolist() == [0.0] * 6
    assert said.grad[1, 0] > 0
    assert (said.grad[0, [0, 1, 3, 5, 6]] != 0).all()


def test_half_precision_is_computed_in_single():
    terms = localisation_losses(torch.tensor([SAID]).bfloat16(), torch.tensor([THING]))
    assert {term.dtype for term in terms.values()} == {torch.float32}


@pytest.mark.bad_input
@pytest.mark.parametrize(
    ("said", "wanted", "options", "error", "words"),
    [
        ([SAID], [THING[:6]], {}, BadShape, "(1, 7) and targets of shape (1, 6)"),
        ([SAID[:4]], [THING[:4]], {}, BadShape, "5 + classes"),
        ([SAID], [[0.5, *THING[1:]]], {}, BadLabel, "p_c=0.5"),
        ([SAID], [THING], {"form": "mixd"}, UnknownName, "mixed"),
    ],
)
def test_what_is_no_y_is_refused(said, wanted, options, error, words):
    with pytest.raises(error) as caught:
        localisation_losses(torch.tensor(said), torch.tensor(wanted), **options)
    assert words in str(caught.value)
