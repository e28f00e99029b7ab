"""Each method on functions whose map can be worked out by hand, or against a slow obvious version."""

from __future__ import annotations

import numpy as np
import pytest
import torch
from torch import Tensor, nn

from explaining import question_about, reused, summing
from saccade.errors import BadConfig, UnknownName
from saccade.explanations.ablation_cam import AblationCam
from saccade.explanations.asking.layers import Seen, seen
from saccade.explanations.asking.sealed import answered
from saccade.explanations.deconvnet import Deconvnet
from saccade.explanations.eigen_cam import EigenCam
from saccade.explanations.grad_cam import GradCam
from saccade.explanations.grad_cam_plus_plus import GradCamPlusPlus
from saccade.explanations.gradient import Gradient
from saccade.explanations.guided import Guided
from saccade.explanations.hires_cam import HiResCam
from saccade.explanations.integrated_gradients import IntegratedGradients
from saccade.explanations.layer_cam import LayerCam
from saccade.explanations.occlusion import Occlusion
from saccade.explanations.rise import Rise
from saccade.explanations.score_cam import ScoreCam
from saccade.explanations.smooth_grad import SmoothGrad
from saccade.explanations.xgrad_cam import XGradCam

WEIGHTS = torch.linspace(-1, 1, 60).reshape(2, 6, 5)
DRAWN = torch.Generator().manual_seed(5)
FOUND = Seen(torch.randn(2, 3, 4, 5, generator=DRAWN), torch.randn(2, 3, 4, 5, generator=DRAWN))


def linear(x: Tensor) -> Tensor:
    return (x * WEIGHTS).sum((1, 2, 3))


def places(maps: Tensor) -> list[tuple[int, ...]]:
    return list(np.ndindex(*maps.shape))


def test_the_gradient_of_a_sum_is_its_weights_and_the_map_the_larger_of_the_channels() -> None:
    answer = answered(Gradient(), summing(linear))
    assert answer.colours is not None
    torch.testing.assert_close(answer.colours, WEIGHTS.expand(2, -1, -1, -1))
    torch.testing.assert_close(answer.maps[0], WEIGHTS.abs().amax(0))


def test_smooth_grad_of_a_sum_is_its_gradient() -> None:
    answer = answered(SmoothGrad(samples=4), summing(linear))
    torch.testing.assert_close(answer.maps[1], WEIGHTS.abs().amax(0))


def test_smooth_grad_averages_over_noise() -> None:
    """Of |x| at zero: each copy says plus or minus one; many copies say next to nothing."""
    question = summing(lambda x: (x - 0.5).abs().sum((1, 2, 3)))
    half = torch.full_like(question.images, 0.5)
    half[:, 0, 0, 0] = 0.9
    exact = answered(SmoothGrad(samples=400, noise=0.2), question_like(question, half)).maps
    assert exact[0, 0, 0] == pytest.approx(1.0, abs=0.01)
    assert float(exact[0, 1:].mean()) < 0.1


def question_like(question, images):
    from dataclasses import replace

    return replace(question, images=images)


def test_integrated_gradients_of_a_sum_are_weights_times_the_way() -> None:
    question = summing(linear)
    answer = answered(IntegratedGradients(steps=3, start="white"), question)
    assert answer.colours is not None
    torch.testing.assert_close(answer.colours, WEIGHTS * (question.images - 1))
    torch.testing.assert_close(answer.maps, answer.colours.sum(1))


def test_integrated_gradients_add_up_to_the_score_above_the_empty_image() -> None:
    question = summing(lambda x: (x**3).sum((1, 2, 3)))
    answer = answered(IntegratedGradients(steps=2), question)  # exact for polynomials up to the third degree of it
    torch.testing.assert_close(answer.maps.sum((1, 2)), (question.images**3).sum((1, 2, 3)))
    assert answer.notes[0].startswith("adds up to ")


def test_occlusion_of_a_sum_by_single_pixels_is_what_they_add() -> None:
    question = summing(linear)
    maps = answered(Occlusion(window=1, stride=1), question).maps
    torch.testing.assert_close(maps, (question.images * WEIGHTS).sum(1), rtol=1e-4, atol=1e-5)


def test_occlusion_by_squares_is_their_mean_where_they_overlap() -> None:
    question = summing(lambda x: x[:, 0, 2, 2])
    maps = answered(Occlusion(window=3, stride=1), question).maps[0]
    value = float(question.images[0, 0, 2, 2])
    for row, column in ((0, 0), (2, 2), (2, 4), (5, 4)):
        squares = [(a, b) for a in range(4) for b in range(3) if 0 <= row - a < 3 and 0 <= column - b < 3]
        hits = [0 <= 2 - a < 3 and 0 <= 2 - b < 3 for a, b in squares]
        assert float(maps[row, column]) == pytest.approx(value * np.mean(hits), abs=1e-6)


def test_occlusion_reaches_over_the_edge_so_that_every_pixel_is_hidden() -> None:
    maps = answered(Occlusion(window=4, stride=3), summing(lambda x: x[:, 0, 5, 4])).maps
    assert bool((maps[:, 5, 4] > 0).all())


def test_rise_finds_the_pixel_that_counts() -> None:
    question = summing(lambda x: x[:, 0, 4, 1])
    maps = answered(Rise(masks=600, cells=5), question).maps
    for one in maps:
        assert divmod(int(one.argmax()), 5) in [(row, column) for row in (3, 4, 5) for column in (0, 1, 2)]


def test_rise_is_its_formula_a_mask_at_a_time() -> None:
    network, image = reused().eval(), torch.rand(1, 3, 12, 12, generator=torch.Generator().manual_seed(6))
    method = Rise(masks=8, cells=3)
    answer = answered(method, question_about(network, image, [2], blank=0.25))
    masks = method._masks(8, (12, 12), torch.Generator().manual_seed(0))
    with torch.no_grad():
        sure = [float(network(image * mask + 0.25 * (1 - mask)).softmax(1)[0, 2]) for mask in masks]
    expected = sum((one - np.mean(sure)) * mask for one, mask in zip(sure, masks, strict=True)) / (8 * 0.5)
    torch.testing.assert_close(answer.maps[0], expected.float(), rtol=1e-3, atol=1e-6)


def test_rise_gives_nothing_to_a_score_that_never_changes() -> None:
    maps = answered(Rise(masks=50), summing(lambda x: x.sum((1, 2, 3)) * 0 + 0.7)).maps
    assert float(maps.abs().max()) < 1e-5


def test_grad_cam_of_a_network_of_two_maps() -> None:
    """Maps x and −x, their means weighted by 2 and 1: L = ReLU((2 x − x) / 20)."""
    network = nn.Sequential(nn.Conv2d(1, 2, 1, bias=False), nn.AdaptiveAvgPool2d(1), nn.Flatten(), nn.Linear(2, 1))
    with torch.no_grad():
        network[0].weight.copy_(torch.tensor([1.0, -1.0]).reshape(2, 1, 1, 1))
        network[3].weight.copy_(torch.tensor([[2.0, 1.0]]))
    images = torch.randn(1, 1, 4, 5)
    answer = answered(GradCam(), question_about(network, images, [0]))
    torch.testing.assert_close(answer.maps, images[:, 0].relu() / 20)
    assert answer.notes == ("layer 0",)


def test_weights_of_grad_cam_are_mean_gradients() -> None:
    expected = torch.zeros(2, 4, 5)
    for b, y, x in places(expected):
        expected[b, y, x] = sum(FOUND.gradients[b, k].mean() * FOUND.maps[b, k, y, x] for k in range(3))
    torch.testing.assert_close(GradCam().weighed(FOUND), expected.clamp(min=0))


def test_weights_of_grad_cam_plus_plus() -> None:
    expected = torch.zeros(2, 4, 5)
    for b in range(2):
        for k in range(3):
            weight = 0.0
            for y in range(4):
                for x in range(5):
                    g = float(FOUND.gradients[b, k, y, x])
                    below = 2 * g**2 + float(FOUND.maps[b, k].sum()) * g**3
                    weight += g**2 / below * max(g, 0.0)
            expected[b] += weight * FOUND.maps[b, k]
    torch.testing.assert_close(GradCamPlusPlus().weighed(FOUND), expected.clamp(min=0), rtol=1e-3, atol=1e-4)


def test_hires_cam_layer_cam_and_xgrad_cam() -> None:
    high, layer, cross = (torch.zeros(2, 4, 5) for _ in range(3))
    for b, y, x in places(high):
        for k in range(3):
            a, g = float(FOUND.maps[b, k, y, x]), float(FOUND.gradients[b, k, y, x])
            high[b, y, x] += a * g
            layer[b, y, x] += a * max(g, 0.0)
            weight = float((FOUND.maps[b, k] * FOUND.gradients[b, k]).sum() / FOUND.maps[b, k].sum())
            cross[b, y, x] += weight * a
    torch.testing.assert_close(HiResCam().weighed(FOUND), high)
    torch.testing.assert_close(LayerCam().weighed(FOUND), layer.clamp(min=0))
    torch.testing.assert_close(XGradCam().weighed(FOUND), cross.clamp(min=0), rtol=1e-3, atol=1e-4)


def test_eigen_cam_is_numpys_first_direction() -> None:
    for b, one in enumerate(EigenCam().weighed(FOUND)):
        rows = FOUND.maps[b].reshape(3, -1).T.numpy()
        projected = rows @ np.linalg.svd(rows, full_matrices=False)[2][0]
        projected *= np.sign(projected.sum())
        np.testing.assert_allclose(one.numpy().ravel(), projected.clip(0), rtol=1e-4, atol=1e-5)


def test_ablation_cam_takes_each_map_away() -> None:
    network = reused().eval()
    images = torch.rand(2, 3, 12, 12)
    answer = answered(AblationCam(layer="second"), question_about(network, images, [1, 3], batch_size=4))
    maps = seen(question_about(network, images, [1, 3]), "second").maps
    for b, label in enumerate((1, 3)):
        whole = float(network(images[b : b + 1])[0, label].detach())
        total = torch.zeros(6, 6)
        for k in range(6):
            without = maps[b : b + 1].clone()
            without[:, k] = 0
            with torch.no_grad():
                stem = network.pool(network.relu(network.norm(network.stem(images[b : b + 1]))))
                score = network.head(network.relu(without + stem).mean((2, 3)))[0, label]
            total += (whole - float(score)) / abs(whole) * maps[b, k]
        small = nn.functional.interpolate(total.clamp(min=0)[None, None], (12, 12), mode="bilinear")[0, 0]
        torch.testing.assert_close(answer.maps[b], small, rtol=1e-3, atol=1e-4)


def test_score_cam_looks_through_each_map() -> None:
    network = reused().eval()
    images = torch.rand(1, 3, 12, 12)
    question = question_about(network, images, [2], blank=0.25, batch_size=4)
    maps = seen(question, "second").maps[0]
    scores = []
    with torch.no_grad():
        for one in maps:
            mask = nn.functional.interpolate(
                ((one - one.min()) / (one.max() - one.min()))[None, None], (12, 12), mode="bilinear"
            )
            scores.append(float(network(images * mask + 0.25 * (1 - mask))[0, 2]))
    weights = torch.tensor(scores).softmax(0)
    expected = nn.functional.interpolate(
        (weights[:, None, None] * maps).sum(0).relu()[None, None], (12, 12), mode="bilinear"
    )
    torch.testing.assert_close(answered(ScoreCam(layer="second"), question).maps, expected[0], rtol=1e-3, atol=1e-4)
    fewer = answered(ScoreCam(layer="second", maps=2), question)
    assert fewer.maps.shape == (1, 12, 12)


def test_deconvnet_puts_maxima_back_where_they_were() -> None:
    network = nn.Sequential(nn.MaxPool2d(2), nn.ReLU(), nn.Flatten(), nn.Linear(4, 1, bias=False))
    with torch.no_grad():
        network[3].weight.copy_(torch.tensor([[1.0, -1.0, 2.0, 3.0]]))
    image = torch.tensor([[[[1.0, 5, 2, 0], [0, 3, 9, 1], [-4, -2, 0, 0], [-3, -5, 0, 7]]]])
    back = answered(Deconvnet(), question_about(network, image, [0])).maps[0]
    assert back.tolist() == [[0, 1, 0, 0], [0, 0, 0, 0], [0, 2, 0, 0], [0, 0, 0, 3]]
    guided = answered(Guided(), question_about(network, image, [0])).maps[0]
    assert guided.tolist() == [[0, 1, 0, 0], [0, 0, 0, 0], [0, 0, 0, 0], [0, 0, 0, 3]]


def test_the_layer_is_the_last_whose_maps_are_fine_enough() -> None:
    images = torch.rand(1, 3, 16, 16)
    assert answered(GradCam(), question_about(reused(), images, [0])).notes == ("layer relu",)
    coarse = nn.Sequential(nn.Conv2d(3, 4, 3, 2, 1), nn.Conv2d(4, 4, 3, 4, 1), nn.Flatten(), nn.Linear(16, 4))
    assert answered(GradCam(), question_about(coarse, images, [0])).notes[0].startswith("layer 0")


@pytest.mark.bad_input
def test_what_cannot_be_explained_so_is_refused() -> None:
    images = torch.rand(1, 3, 12, 12)
    dense = nn.Sequential(nn.Flatten(), nn.Linear(432, 3), nn.Sigmoid())
    with pytest.raises(BadConfig, match="use gradient, occlusion or rise"):
        answered(GradCam(), question_about(dense, images, [0]))
    with pytest.raises(BadConfig, match="without ReLU"):
        answered(Guided(), question_about(dense, images, [0]))
    with pytest.raises(UnknownName, match="did you mean 'second'"):
        answered(GradCam(layer="secnd"), question_about(reused(), images, [0]))
    with pytest.raises(BadConfig, match="gives \\(1, 4\\)"):
        answered(GradCam(layer="head"), question_about(reused(), images, [0]))
    with pytest.raises(BadConfig, match="window=13"):
        answered(Occlusion(window=13), question_about(reused(), images, [0]))
    with pytest.raises(BadConfig, match="that has no gradient"):
        answered(Gradient(), question_about(nn.Sequential(reused(), Rounded()), images, [0]))
    with pytest.raises(BadConfig, match="masks=1"):
        Rise(masks=1)


class Rounded(nn.Module):
    """What has no gradient at all."""

    def forward(self, x: Tensor) -> Tensor:
        return x.detach().round()
