"""Networks so small that the picture which excites them is known."""

from __future__ import annotations

import math

import pytest
import torch
from torch import nn

from saccade.errors import BadConfig
from saccade.imagine.class_model import ClassModel
from saccade.imagine.deep_dream import DeepDream, zoomed
from saccade.imagine.feature_visualisation import FeatureVisualisation
from saccade.imagine.inversion import Inversion
from saccade.imagine.making.basis import preconditioned
from saccade.imagine.making.climbing import Climb, blurred, jittered, scaled
from saccade.imagine.making.resizing import resized
from saccade.imagine.making.subject import Subject, imagined
from saccade.inspect.reading import Reader

PLAIN = {"basis": "pixels", "jitter": 0, "scales": 0.0, "l2": 0.0}
GREY = torch.tensor([0.5])
AS_IT_IS = Reader(nn.Sequential(nn.Identity()), ["0"])


def weighing(weights: torch.Tensor) -> nn.Conv2d:
    """A network of one number: the sum of the pixels, each with its weight."""
    network = nn.Conv2d(1, 1, weights.shape[0], bias=False)
    network.weight.data = weights[None, None]
    return network


def of_class(network: nn.Module, size: tuple[int, int], **more: object) -> Subject:
    return Subject(network, size, GREY, score=lambda outputs: outputs.flatten(1)[:, 0], **more)  # pyright: ignore[reportArgumentType]


def test_a_linear_score_is_highest_where_each_pixel_has_the_sign_of_its_weight() -> None:
    weights = torch.tensor([[1.0, -1.0], [2.0, -3.0]])
    made = imagined(
        ClassModel.from_dict({**PLAIN, "steps": 200, "step_size": 0.05}), of_class(weighing(weights), (2, 2))
    )
    assert made.image[0, 0].tolist() == [[1.0, 0.0], [1.0, 0.0]]


def test_with_l2_it_is_the_weights_over_twice_the_price() -> None:
    weights = torch.tensor([[0.2, -0.4], [0.1, 0.0]])  # the maximum of w·x − λ‖x‖² is at w / 2λ
    way = ClassModel.from_dict({**PLAIN, "l2": 1.0, "steps": 2000, "step_size": 0.001})
    made = imagined(way, of_class(weighing(weights), (2, 2)))
    torch.testing.assert_close(made.image[0, 0] - 0.5, weights / 2, atol=0.005, rtol=0)
    score_of_grey = 0.5 * float(weights.sum())
    assert made.values[-1] == pytest.approx(score_of_grey + float((weights**2).sum()) / 4, abs=1e-3)


def test_it_begins_with_zeros_as_the_network_sees_them() -> None:
    subject = Subject(nn.Identity(), (2, 3), torch.tensor([0.1, 0.2, 0.3]))
    assert subject.nothing()[0, :, 1, 2].tolist() == pytest.approx([0.1, 0.2, 0.3])


def test_clipping_makes_the_pixels_nearest_to_grey_grey() -> None:
    picture = torch.tensor([[[[0.5, 0.6], [0.1, 0.9]]]])
    kept = Climb.from_dict({"clip_norm": 0.5})._kept(picture, GREY[None, :, None, None])
    assert torch.allclose(kept[0, 0], torch.tensor([[0.5, 0.5], [0.1, 0.9]]))


def test_a_blur_is_the_mean_by_a_gaussian() -> None:
    dot = torch.zeros(1, 1, 9, 9)
    dot[0, 0, 4, 4] = 1.0
    spread = blurred(dot, 1.0)[0, 0]
    weights = torch.tensor([math.exp(-(x**2) / 2) for x in range(-3, 4)])
    weights = weights / weights.sum()
    torch.testing.assert_close(spread[1:8, 1:8], weights[:, None] * weights)


def test_a_neuron_that_is_silent_is_woken() -> None:
    network = nn.Sequential(weighing(torch.ones(2, 2)), nn.ReLU())
    network[0].bias = nn.Parameter(torch.tensor([-3.0]))  # four pixels of 0.5 give −1: no gradient through the ReLU
    way = FeatureVisualisation.from_dict({**PLAIN, "layer": "1", "channels": (0,), "steps": 60, "step_size": 0.05})
    made = imagined(way, Subject(network, (2, 2), GREY))
    assert made.values[0] == 0
    assert made.image.mean().item() == pytest.approx(1.0)


def test_one_place_of_a_map_is_excited_and_the_rest_stays_grey() -> None:
    way = FeatureVisualisation.from_dict({**PLAIN, "layer": "0", "channels": (0,), "place": (1, 2), "steps": 60})
    made = imagined(way, Subject(nn.Sequential(weighing(torch.ones(1, 1))), (3, 4), GREY))
    wanted = torch.full((3, 4), 0.5)
    wanted[1, 2] = 1.0
    torch.testing.assert_close(made.image[0, 0], wanted)


def test_waves_that_count_alike_leave_a_gradient_as_it_is() -> None:
    gradient = torch.randn(2, 1, 6, 7, generator=torch.Generator().manual_seed(0))
    torch.testing.assert_close(preconditioned(gradient, 0.0), gradient, atol=1e-5, rtol=0)


def test_with_decay_a_wave_counts_by_its_frequency_squared() -> None:
    places = torch.arange(16)
    coarse, fine = (torch.cos(2 * math.pi * waves * places / 16).expand(1, 1, 16, 16) for waves in (1, 4))
    stepped = preconditioned(coarse + fine, 1.0)
    torch.testing.assert_close(stepped, 16.0**2 * coarse + 4.0**2 * fine, atol=1e-2, rtol=1e-4)


def test_moving_about_loses_no_pixel_and_scaling_keeps_the_middle() -> None:
    picture = torch.arange(25.0).view(1, 1, 5, 5)
    moved = jittered(picture, 2, torch.Generator().manual_seed(0))
    assert sorted(moved.flatten().tolist()) == list(range(25))
    even = torch.full((1, 1, 9, 9), 0.25)
    assert torch.allclose(scaled(even, 0.5, torch.Generator().manual_seed(1)), even)


def test_a_layer_that_keeps_all_gives_the_picture_back() -> None:
    picture = torch.rand(1, 1, 12, 12, generator=torch.Generator().manual_seed(0))
    plain = {"smoothness": 0.0, "range_weight": 0.0, "decay": 0.0, "layer": "0"}
    network = nn.Sequential(weighing(torch.tensor([[2.0]])))
    made = imagined(Inversion.from_dict({**plain, "steps": 300}), Subject(network, (1, 1), GREY, picture))
    torch.testing.assert_close(made.image, picture, atol=0.01, rtol=0)
    assert made.values[-1] < 1e-3


def test_what_a_dream_raises_at_the_layer_is_what_the_layer_gives() -> None:
    maps = torch.tensor([[[[2.0, -1.0]]]], requires_grad=True)
    raised = DeepDream(layer="0")._raised(AS_IT_IS, "0", Subject(nn.Identity(), (1, 2), GREY, maps.detach()))
    (gradient,) = torch.autograd.grad(raised(maps), maps)
    assert torch.equal(gradient, maps)


def test_a_guide_draws_each_place_to_the_place_that_it_likes_best() -> None:
    guide = torch.tensor([[[[1.0, 0.0]], [[0.0, 3.0]]]])  # two places: (1, 0) and (0, 3)
    subject = Subject(nn.Identity(), (1, 2), torch.tensor([0.5, 0.5]), guide, guide)
    raised = DeepDream(layer="0")._raised(AS_IT_IS, "0", subject)
    maps = torch.tensor([[[[5.0, 1.0]], [[1.0, 1.0]]]], requires_grad=True)
    (gradient,) = torch.autograd.grad(raised(maps), maps)
    assert gradient[0, :, 0, 0].tolist() == [1.0, 0.0]  # 5·1 is more than 1·3
    assert gradient[0, :, 0, 1].tolist() == [0.0, 3.0]


def test_octaves_grow_to_the_picture_and_are_never_tiny() -> None:
    sizes = DeepDream.from_dict({"octaves": 4, "octave_scale": 2.0})._sizes(torch.zeros(1, 1, 128, 256))
    assert sizes == [(32, 64), (64, 128), (128, 256)]
    assert DeepDream()._sizes(torch.zeros(1, 1, 9, 9)) == [(9, 9)]


def test_a_zoom_has_as_many_frames_as_zooms_and_one_and_keeps_the_middle() -> None:
    way = DeepDream.from_dict({"octaves": 1, "steps": 1, "zooms": 2, "layer": "0"})
    picture = torch.rand(1, 1, 33, 33, generator=torch.Generator().manual_seed(0))
    made = imagined(way, Subject(nn.Sequential(weighing(torch.ones(3, 3))), (1, 1), GREY, picture))
    assert len(made.frames) == 3
    assert torch.equal(made.frames[-1], made.image)
    ramp = torch.linspace(0, 1, 33).expand(1, 1, 33, 33)
    assert zoomed(ramp, 2.0)[0, 0, 16, 16].item() == pytest.approx(0.5, abs=1e-3)
    assert resized(ramp, (33, 33)) is ramp


@pytest.mark.bad_input
def test_channels_and_places_that_are_not_there_are_refused() -> None:
    network = nn.Sequential(weighing(torch.ones(3, 3)))
    for knobs, told in (
        ({"channels": (4,)}, "got channel 4 of '0', which has 1"),
        ({"place": (9, 0)}, "got place 9,0 of '0', whose maps are 6 × 6"),
    ):
        with pytest.raises(BadConfig, match=told):
            imagined(FeatureVisualisation.from_dict({"layer": "0", **knobs}), Subject(network, (8, 8), GREY))
    with pytest.raises(BadConfig, match="a row and a column"):
        FeatureVisualisation.from_dict({"place": (1,)})
    way = DeepDream.from_dict({"layer": "0", "channels": (2,)})
    with pytest.raises(BadConfig, match="got channel 2"):
        imagined(way, Subject(network, (8, 8), GREY, torch.zeros(1, 1, 40, 40)))
    silent = nn.Sequential(weighing(torch.zeros(3, 3)))
    with pytest.raises(BadConfig, match="nothing but zeros"):
        imagined(Inversion(layer="0"), Subject(silent, (8, 8), GREY, torch.rand(1, 1, 8, 8)))


@pytest.mark.bad_input
def test_a_number_without_a_gradient_is_refused() -> None:
    subject = Subject(nn.Identity(), (2, 2), GREY, score=lambda outputs: torch.zeros(1))
    with pytest.raises(BadConfig, match="no gradient with respect to the picture"):
        imagined(ClassModel(), subject)
