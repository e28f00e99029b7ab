"""R-CNN: which windows it learns from, what it says before and after its second step, and that regions stand alone."""

from __future__ import annotations

import pytest
import torch
from torch import Tensor, nn

from saccade.architectures import rcnn as module
from saccade.architectures.rcnn import Rcnn, rcnn_small
from saccade.layers.borrowed_features import BorrowedFeatures
from saccade.ops.box_coding import encode_boxes
from saccade.types.truth import Truth

THING = Truth(torch.tensor([[10.0, 10, 30, 30]]), torch.tensor([1]))


class Given(nn.Module):
    """Proposes what it was given."""

    def __init__(self, boxes: Tensor) -> None:
        super().__init__()
        self.boxes = boxes

    def forward(self, images: Tensor) -> list[Tensor]:
        return [self.boxes for _ in images]


def network(boxes: Tensor, classes: int = 2) -> Rcnn:
    torch.manual_seed(0)
    made = rcnn_small(num_classes=classes, backbone="resnet8").eval()
    made.search = Given(boxes)  # pyright: ignore[reportAttributeAccessIssue]
    return made


BOXES = torch.tensor([[10.0, 10, 30, 30], [12, 10, 32, 30], [40, 40, 60, 60], [0, 0, 20, 20]])


def test_a_window_shows_a_thing_from_half_an_overlap_on() -> None:
    assert module._columns(BOXES, THING).tolist() == [2, 2, 0, 0]
    assert module._columns(BOXES, Truth(torch.zeros(0, 4), torch.zeros(0, dtype=torch.int64))).tolist() == [0] * 4


def test_of_a_batch_32_windows_of_things_and_96_of_background_are_learnt_from(monkeypatch: pytest.MonkeyPatch) -> None:
    near = torch.tensor([[10.0, 10, 30, 30]]).repeat(50, 1) + torch.arange(50)[:, None] * 0.02
    made, seen = network(torch.cat([near, near + 25])), list[Tensor]()

    def noted(logits: Tensor, labels: Tensor) -> Tensor:
        seen.append(labels)
        return logits.sum()

    monkeypatch.setattr(module.F, "cross_entropy", noted)
    made(torch.rand(2, 3, 64, 64), [THING, THING])
    assert torch.bincount(seen[0]).tolist() == [96, 0, 32]


def test_windows_come_from_their_own_images(monkeypatch: pytest.MonkeyPatch) -> None:
    """The first image is all 0, the second all 1: what is cut out of it, too."""
    made, seen = network(BOXES), list[Tensor]()
    cut = made._cut

    def noted(images: Tensor, boxes: list[Tensor]) -> Tensor:
        seen.append(cut(images, boxes))
        return seen[-1]

    monkeypatch.setattr(made, "_cut", noted)
    made(torch.stack([torch.zeros(3, 64, 64), torch.ones(3, 64, 64)]), [THING, THING])
    inner = seen[0][:, 0, 16, 16]
    assert inner.tolist() == [0.0] * 5 + [1.0] * 5  # four regions and the thing, of each


def test_before_the_second_step_the_classifier_speaks_and_nothing_moves() -> None:
    made = network(BOXES)
    with torch.no_grad():
        found = made(torch.rand(1, 3, 64, 64))
    assert torch.equal(found["boxes"][0], BOXES)
    assert bool((found["scores"].sum(2) < 1).all())  # the background has the rest


def test_after_it_the_machines_speak_and_regions_are_moved() -> None:
    made, images = network(BOXES), torch.rand(1, 3, 64, 64)
    goal = torch.tensor([[14.0, 10, 34, 30]])
    codes = torch.stack([torch.zeros(4), encode_boxes(goal, BOXES[:1])[0]])
    weight = torch.randn(2, made.width, generator=torch.Generator().manual_seed(0))
    made.finish((weight, torch.tensor([0.0, 1.0])), (torch.zeros(2, 4, made.width), codes))
    with torch.no_grad():
        found, features = made(images), made.features(images, [BOXES])
    assert found["boxes"].shape == (1, 4, 2, 4)
    torch.testing.assert_close(found["boxes"][0, :, 0], BOXES)
    torch.testing.assert_close(found["boxes"][0, 0, 1], goal[0])
    assert found["boxes"][0, 2, 1].tolist() == pytest.approx([44, 40, 64, 60])
    margins = features @ weight.T + torch.tensor([0.0, 1.0])
    torch.testing.assert_close(found["scores"][0], (3 * margins).sigmoid())


def test_learning_anew_forgets_the_second_step() -> None:
    made = network(BOXES)
    made.finish((made.svm_weight + 1, made.svm_bias), (made.regressor_weight, made.regressor_bias))
    assert made.finished.item() == 1
    made.train()(torch.rand(1, 3, 64, 64), [THING])
    assert made.finished.item() == 0


def test_features_of_a_region_hang_on_no_other_image() -> None:
    made, images = network(BOXES), torch.rand(3, 3, 64, 64)
    with torch.no_grad():
        together = made.features(images, [BOXES, BOXES[:0], BOXES[1:]])
        alone = torch.cat([made.features(images[:1], [BOXES]), made.features(images[2:], [BOXES[1:]])])
    assert torch.equal(together, alone)


def test_an_image_without_regions_is_looked_at_whole() -> None:
    made = network(torch.zeros(0, 4))
    with torch.no_grad():
        assert made(torch.rand(1, 3, 40, 64))["boxes"].tolist() == [[[0.0, 0.0, 64.0, 40.0]]]


def test_images_with_fewer_regions_are_filled_up_with_what_scores_nothing() -> None:
    made = network(BOXES)
    made.regions = lambda images: [BOXES, BOXES[:1]]  # pyright: ignore[reportAttributeAccessIssue]
    with torch.no_grad():
        found = made(torch.rand(2, 3, 64, 64))
    assert found["scores"][1, 1:].tolist() == [[0.0, 0.0]] * 3
    assert bool((found["scores"][1, 0] > 0).all())


def test_the_features_are_what_the_last_dense_layer_would_take() -> None:
    from saccade import catalog

    for name, layer in (("resnet8", "linear"), ("alexnet", "classifier.6")):
        torch.manual_seed(0)
        borrowed = BorrowedFeatures(name, 3).eval()
        torch.manual_seed(0)
        whole = catalog.find("architectures", name)(in_channels=3).eval()
        images = torch.rand(2, 3, 64, 64)
        with torch.no_grad():
            features = borrowed(images)
            assert features.shape == (2, borrowed.width)
            torch.testing.assert_close(whole.get_submodule(layer)(features), whole(images))


def test_of_a_network_without_one_they_are_the_means_of_its_last_map() -> None:
    borrowed, images = BorrowedFeatures("squeezenet1_1", 3).eval(), torch.rand(2, 3, 64, 64)
    maps = borrowed.network.forward_features(images)  # pyright: ignore[reportCallIssue]
    torch.testing.assert_close(borrowed(images), list(maps.values())[-1].mean((2, 3)))
    assert [name for name, _ in borrowed.named_parameters() if "classifier" in name] == []
