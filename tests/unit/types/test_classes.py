"""Classes by name and number."""

from __future__ import annotations

import numpy as np
import pytest
import torch

from saccade.errors import BadConfig, BadLabel, BadShape, UnknownName
from saccade.types.classes import check_options, class_id, class_ids, class_scores, class_sets, names_of


def test_classes_without_names_are_called_by_number() -> None:
    assert names_of((), 2) == ("0", "1")
    assert names_of(["cat", "dog"], 2) == ("cat", "dog")


def test_ids_of_any_type_that_counts_are_taken() -> None:
    assert class_ids([1, np.int64(0), np.uint8(1), torch.tensor(1)], ["cat", "dog"]) == [1, 0, 1, 1]
    assert class_sets([(1, np.int32(0)), [], {1}], ["cat", "dog"]) == [{0, 1}, set(), {1}]


def test_without_names_any_id_is_one() -> None:
    assert class_ids([99], ()) == [99]


def test_scores_are_logits_of_one_class_or_of_one_for_each_image() -> None:
    logits = torch.tensor([[1.0, 3.0], [2.0, 0.0]])
    assert class_scores(logits, None, ()).tolist() == [3, 2]
    assert class_scores(logits, "dog", ("cat", "dog")).tolist() == [3, 0]
    assert class_scores(logits, np.int64(0), ()).tolist() == [1, 2]
    assert class_scores(logits, [0, "dog"], ("cat", "dog")).tolist() == [1, 0]
    assert class_scores(logits, torch.tensor([1, 0]), ()).tolist() == [3, 2]


@pytest.mark.bad_input
def test_a_misspelt_class_is_answered_with_the_nearest() -> None:
    with pytest.raises(UnknownName, match=r"got class 'dgo'; taken are 2 names; did you mean 'dog'\?"):
        class_id("dgo", ("cat", "dog"), 2)


@pytest.mark.bad_input
@pytest.mark.parametrize("about", [-1, 2, 1.5, True])
def test_a_number_that_is_no_class_is_refused(about: object) -> None:
    with pytest.raises(BadLabel, match=r"taken are 0 to 1, or a name such as 'cat'"):
        class_id(about, ("cat", "dog"), 2)  # pyright: ignore[reportArgumentType]


@pytest.mark.bad_input
def test_every_wrong_label_is_listed() -> None:
    with pytest.raises(BadLabel, match=r"got 7, 'dog', -1, None, True, 1\.0 as class of 6 of 7 images; .* from 0 to 1"):
        class_ids([7, "dog", 0, -1, None, True, 1.0], ["cat", "dog"])


@pytest.mark.bad_input
def test_every_wrong_set_is_listed() -> None:
    with pytest.raises(BadLabel, match=r"got \(0, 5\), 1, 'cat' as classes of 3 of 4 images"):
        class_sets([(0, 5), 1, "cat", (0,)], ["cat", "dog"])


@pytest.mark.bad_input
def test_one_class_for_each_image_is_wanted() -> None:
    with pytest.raises(BadShape, match="got 3 classes for 2 images"):
        class_scores(torch.zeros(2, 4), [0, 1, 2], ())


@pytest.mark.bad_input
def test_labels_that_do_not_fit_the_network_are_refused() -> None:
    with pytest.raises(BadShape, match="got 2 labels and a network with 10 outputs"):
        names_of(["cat", "dog"], 10)


@pytest.mark.bad_input
def test_every_wrong_option_is_listed() -> None:
    with pytest.raises(BadConfig) as caught:
        check_options(["cat", "dog"], 1.5, [1.0, -1.0, 2.0], 7)
    assert [line.split(";")[0] for line in str(caught.value).splitlines()] == [
        "got label_smoothing=1.5",
        "got threshold=7",
        "got class_weights=(1.0, -1.0, 2.0)",
        "got 3 class_weights for 2 labels",
    ]


@pytest.mark.bad_input
@pytest.mark.parametrize("weights", [(0.0, 0.0), (float("nan"), 1.0), (float("inf"), 1.0)])
def test_weights_that_weigh_nothing_are_refused(weights: tuple[float, ...]) -> None:
    with pytest.raises(BadConfig, match="taken are finite, 0 or more, not all 0"):
        check_options([], 0.0, weights)
