"""Agreement with captum, the field's library, on a residual network."""

from __future__ import annotations

import warnings

import pytest
import torch
from torch import Tensor, nn

from explaining import question_about, reused
from saccade.explanations.asking.sealed import answered
from saccade.explanations.deconvnet import Deconvnet
from saccade.explanations.grad_cam import GradCam
from saccade.explanations.gradient import Gradient
from saccade.explanations.guided import Guided
from saccade.explanations.integrated_gradients import IntegratedGradients
from saccade.explanations.occlusion import Occlusion

with warnings.catch_warnings():
    warnings.simplefilter("ignore")
    attr = pytest.importorskip("captum.attr", reason="captum is not installed: pip install captum")

IMAGES = torch.rand(3, 3, 14, 12, generator=torch.Generator().manual_seed(2))
CLASSES = [0, 3, 1]


class Single(nn.Module):
    """The same network as `reused`, with a module of its own for each ReLU, as captum needs them."""

    def __init__(self, network: nn.Module) -> None:
        super().__init__()
        self.body = network
        self.relus = nn.ModuleList(nn.ReLU() for _ in range(3))

    def forward(self, x: Tensor) -> Tensor:
        body = self.body
        x = body.pool(self.relus[0](body.norm(body.stem(x))))
        x = self.relus[2](body.second(self.relus[1](body.first(x))) + x)
        return body.head(x.mean((2, 3)))


@pytest.fixture
def network() -> nn.Module:
    return reused().eval()


def apart(one: Tensor | None, other: Tensor) -> float:
    """The largest difference, beside one and the size of the number."""
    assert one is not None
    assert one.shape == other.shape
    return float(((one - other.detach()).abs() / (1 + other.detach().abs())).max())


def test_gradient(network: nn.Module) -> None:
    found = attr.Saliency(network).attribute(IMAGES.clone().requires_grad_(), target=CLASSES, abs=False)
    assert apart(answered(Gradient(), question_about(network, IMAGES, CLASSES)).colours, found) < 1e-5


def test_integrated_gradients(network: nn.Module) -> None:
    method = attr.IntegratedGradients(network)
    found = method.attribute(IMAGES, baselines=0.0, target=CLASSES, n_steps=20, method="gausslegendre")
    answer = answered(IntegratedGradients(steps=20, start="black"), question_about(network, IMAGES, CLASSES))
    assert apart(answer.colours, found) < 1e-5


@pytest.mark.parametrize(("window", "stride"), [(3, 1), (4, 3), (5, 5)])
def test_occlusion(network: nn.Module, window: int, stride: int) -> None:
    found = attr.Occlusion(network).attribute(
        IMAGES, (3, window, window), strides=(3, stride, stride), baselines=0.5, target=CLASSES
    )
    answer = answered(Occlusion(window=window, stride=stride), question_about(network, IMAGES, CLASSES, blank=0.5))
    assert apart(answer.maps, found[:, 0]) < 1e-5


def test_grad_cam(network: nn.Module) -> None:
    method = attr.LayerGradCam(network, network.get_submodule("second"))
    found = method.attribute(IMAGES, target=CLASSES, relu_attributions=True)
    large = attr.LayerAttribution.interpolate(found, (14, 12), "bilinear")
    assert apart(answered(GradCam(layer="second"), question_about(network, IMAGES, CLASSES)).maps, large[:, 0]) < 1e-5


@pytest.mark.parametrize(("method", "other"), [(Guided(), "GuidedBackprop"), (Deconvnet(), "Deconvolution")])
@pytest.mark.filterwarnings("ignore:Setting backward hooks on ReLU")
def test_rules_on_a_reused_relu_are_those_of_single_ones(network: nn.Module, method: Guided, other: str) -> None:
    found = getattr(attr, other)(Single(network)).attribute(IMAGES.clone().requires_grad_(), target=CLASSES)
    assert apart(answered(method, question_about(network, IMAGES, CLASSES)).colours, found) < 1e-5
