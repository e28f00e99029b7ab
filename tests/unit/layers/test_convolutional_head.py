"""A classifier that slides is the classifier at every window: the notes' example, our networks, odd heads."""

from __future__ import annotations

from collections.abc import Callable
from itertools import product

import pytest
import torch
from torch import Tensor, nn

from norms import trained
from saccade.architectures.dcnn import dcnn
from saccade.architectures.lenet import lenet5, lenet5_paper
from saccade.architectures.resnet import resnet18
from saccade.errors import BadConfig, BadShape
from saccade.layers.convolutional_head import convolutional
from saccade.layers.folding import fold
from saccade.layers.normalised import Normalised


def windows(network: nn.Module, images: Tensor, size: tuple[int, int], stride: int) -> Tensor:
    """Run the network on every window by itself, and lay its logits as maps."""
    rows, columns = ((images.shape[axis + 2] - size[axis]) // stride + 1 for axis in (0, 1))
    crops = [
        images[:, :, y * stride : y * stride + size[0], x * stride : x * stride + size[1]]
        for y, x in product(range(rows), range(columns))
    ]
    logits = network(torch.cat(crops))
    return logits.unflatten(0, (rows, columns, -1)).permute(2, 3, 0, 1)


def the_notes_network() -> nn.Sequential:
    """14×14×3, 16 filters of 5×5, pool 2, 400, 400, 4."""
    return nn.Sequential(
        nn.Conv2d(3, 16, 5), nn.ReLU(), nn.MaxPool2d(2), nn.Flatten(),
        nn.Linear(5 * 5 * 16, 400), nn.ReLU(), nn.Linear(400, 400), nn.ReLU(), nn.Linear(400, 4),
    )  # fmt: skip


@pytest.mark.parametrize(("size", "places"), [(14, 1), (16, 2), (28, 8)])
@torch.no_grad()
def test_the_notes_network_gives_1_place_of_14_pixels_2_of_16_and_8_of_28(size: int, places: int) -> None:
    torch.manual_seed(0)
    network, images = the_notes_network().double(), torch.rand(2, 3, size, size, dtype=torch.float64)
    sliding = convolutional(network, (14, 14))
    assert sliding(images).shape == (2, 4, places, places)
    torch.testing.assert_close(sliding(images), windows(network, images, (14, 14), 2), rtol=1e-10, atol=1e-10)


def test_dense_layers_become_convolutions_with_the_same_numbers() -> None:
    network = the_notes_network()
    sliding = convolutional(network, (14, 14))
    kernels = [tuple(part.weight.shape) for part in sliding.modules() if isinstance(part, nn.Conv2d)]
    assert kernels == [(16, 3, 5, 5), (400, 16, 5, 5), (400, 400, 1, 1), (4, 400, 1, 1)]
    assert not any(isinstance(part, nn.Linear | nn.Flatten) for part in sliding.modules())
    count = [sum(weight.numel() for weight in module.parameters()) for module in (network, sliding)]
    assert count[0] == count[1]
    assert isinstance(network[4], nn.Linear)


@pytest.mark.parametrize("make", [lenet5, lenet5_paper])
@torch.no_grad()
def test_lenet_slides_by_4_pixels(make: Callable[[], nn.Module]) -> None:
    torch.manual_seed(0)
    network, images = make().double(), torch.rand(2, 1, 40, 36, dtype=torch.float64)
    sliding = convolutional(network, (32, 32))
    torch.testing.assert_close(sliding(images), windows(network, images, (32, 32), 4), rtol=1e-10, atol=1e-10)


@pytest.mark.parametrize(
    ("line", "size", "stride"),
    [
        ("conv 6 3 valid, pool 2, conv 8 3 valid norm, dropout 0.5, dense 9 norm, dense 5", (10, 12), 2),
        ("conv 6 3 valid silu, avgpool 2, conv 8 2 valid, gap, dense 9 tanh, dropout 0.2, dense 5", (10, 12), 2),
        ("[conv 4 3 valid leaky, pool 2] x2, conv 5 1, gap", (14, 18), 4),
        ("conv 4 3 stride 3 valid, dense 5", (3, 3), 3),
    ],
)
@torch.no_grad()
def test_a_line_of_the_builder_slides(line: str, size: tuple[int, int], stride: int) -> None:
    torch.manual_seed(0)
    network = trained(dcnn(line, size=size))
    images = torch.rand(2, 3, size[0] + 2 * stride, size[1] + stride + 1, dtype=torch.float64)
    given = convolutional(network, size)(images)
    torch.testing.assert_close(given, windows(network, images, size, stride), rtol=1e-10, atol=1e-10)


@torch.no_grad()
def test_a_resnet_agrees_at_its_own_size_and_padding_lets_its_windows_differ_elsewhere() -> None:
    torch.manual_seed(0)
    network = trained(resnet18(num_classes=4))
    sliding, images = convolutional(network, (64, 64)), torch.rand(1, 3, 96, 64, dtype=torch.float64)
    own = images[:, :, :64]
    torch.testing.assert_close(sliding(own).flatten(1), network(own), rtol=1e-10, atol=1e-10)
    assert sliding(images).shape == (1, 4, 2, 1)
    assert not torch.allclose(sliding(images), windows(network, images, (64, 64), 32))


@torch.no_grad()
def test_a_network_can_be_folded_first_and_stays_normalised() -> None:
    torch.manual_seed(0)
    line = "conv 4 3 valid norm, pool 2, dense 7 norm, dense 3"
    network = trained(Normalised(dcnn(line, size=(8, 8)), [0.4] * 3, [0.3] * 3))
    folded = fold(network)
    sliding = convolutional(folded.network, (8, 8))
    images = torch.rand(2, 3, 12, 10, dtype=torch.float64)
    assert isinstance(sliding, Normalised)
    assert len(folded.pairs) == 2
    torch.testing.assert_close(sliding(images), windows(network, images, (8, 8), 2), rtol=1e-10, atol=1e-10)


class Head(nn.Module):
    """A convolution, and a head that is given as a function of the maps and two dense layers."""

    def __init__(self, head: Callable[[Tensor, nn.Module, nn.Module], Tensor], features: int) -> None:
        super().__init__()
        self.conv, self.head = nn.Conv2d(3, 4, 3), head
        self.one, self.two = nn.Linear(features, 6), nn.Linear(6, 6)

    def forward(self, images: Tensor) -> Tensor:
        return self.head(self.conv(images), self.one, self.two)


HEADS: list[tuple[Callable[[Tensor, nn.Module, nn.Module], Tensor], int]] = [
    (lambda x, one, two: two(one(x.flatten(1)).relu()), 36),
    (lambda x, one, two: two(torch.tanh(one(torch.flatten(x, 1)))), 36),
    (lambda x, one, two: two(one(x.view(x.size(0), -1))), 36),
    (lambda x, one, two: two(one(x.reshape(x.shape[0], -1)) * 0.5 + 1), 36),
    (lambda x, one, two: one(x.flatten(1)) + two(one(x.flatten(1)).sigmoid()), 36),
    (lambda x, one, two: two(one(x.mean((2, 3)))), 4),
    (lambda x, one, two: two(one(x.mean([-1, -2], keepdim=True).flatten(1))), 4),
    (lambda x, one, two: two(one(x.amax((2, 3)))), 4),
    (lambda x, one, two: one(nn.functional.adaptive_avg_pool2d(x, 1).squeeze(3).squeeze(2)), 4),
    (lambda x, one, two: one(nn.functional.adaptive_max_pool2d(x, 1).flatten(1)), 4),
    (lambda x, one, two: one(nn.functional.avg_pool2d(x, 3).flatten(1)), 4),
    (lambda x, one, two: one(nn.functional.adaptive_avg_pool2d(x, 3).flatten(1)), 36),
    (lambda x, one, two: one(torch.cat([x.mean((2, 3)), x.amax((2, 3))], 1)), 8),
    (lambda x, one, two: nn.functional.log_softmax(one(x.flatten(1)), dim=-1), 36),
    (lambda x, one, two: nn.functional.softmax(two(one(x.flatten(1))), 1), 36),
]


@pytest.mark.parametrize(("head", "features"), HEADS)
@torch.no_grad()
def test_a_head_may_be_written_in_many_ways(head: Callable[..., Tensor], features: int) -> None:
    torch.manual_seed(0)
    network, images = Head(head, features).double(), torch.rand(2, 3, 7, 6, dtype=torch.float64)
    given = convolutional(network, (5, 5))(images)
    torch.testing.assert_close(given, windows(network, images, (5, 5), 1), rtol=1e-10, atol=1e-10)


@pytest.mark.parametrize(
    "between",
    [nn.BatchNorm1d(36), nn.LayerNorm(36), nn.Sequential(nn.Dropout(), nn.PReLU(36)), nn.Softmax(-1), nn.Identity()],
    ids=lambda part: type(part).__name__,
)
@torch.no_grad()
def test_whatever_takes_features_runs_at_every_place(between: nn.Module) -> None:
    torch.manual_seed(0)
    network = trained(nn.Sequential(nn.Conv2d(3, 4, 3), nn.Flatten(), between, nn.Linear(36, 5), nn.Softmax(1)))
    images = torch.rand(2, 3, 6, 8, dtype=torch.float64)
    given = convolutional(network, (5, 5))(images)
    torch.testing.assert_close(given, windows(network, images, (5, 5), 1), rtol=1e-10, atol=1e-10)


class Squeezing(nn.Module):
    """Maps that are weighed by what a dense layer makes of their means: it must stay as it is."""

    def __init__(self) -> None:
        super().__init__()
        self.conv, self.excite, self.dense = nn.Conv2d(3, 4, 3), nn.Linear(4, 4), nn.Linear(36, 5)

    def forward(self, images: Tensor) -> Tensor:
        x = self.conv(images)
        weights = self.excite(x.mean((2, 3))).sigmoid()
        return self.dense((x * weights[:, :, None, None]).flatten(1))


@torch.no_grad()
def test_a_squeeze_inside_the_network_is_no_head() -> None:
    torch.manual_seed(0)
    network, images = Squeezing().double(), torch.rand(2, 3, 5, 5, dtype=torch.float64)
    sliding = convolutional(network, (5, 5))
    torch.testing.assert_close(sliding(images).flatten(1), network(images), rtol=1e-10, atol=1e-10)
    assert sliding(torch.rand(1, 3, 7, 6, dtype=torch.float64)).shape == (1, 5, 3, 2)
    assert [name for name, part in sliding.named_modules() if isinstance(part, nn.Linear)] == ["network.excite"]


def test_a_dense_layer_that_runs_twice_has_two_convolutions_of_the_same_numbers() -> None:
    torch.manual_seed(0)
    dense, images = nn.Linear(4, 4), torch.rand(1, 3, 4, 4)
    network = nn.Sequential(nn.Conv2d(3, 1, 3), nn.Flatten(), dense, nn.ReLU(), dense)
    torch.testing.assert_close(convolutional(network, (4, 4))(images).flatten(1), network(images))


def test_the_copy_can_be_trained_and_the_module_stays_as_it_was() -> None:
    network = the_notes_network().train()
    sliding = convolutional(network, (14, 14))
    assert network.training
    assert not sliding.training
    sliding.train()(torch.rand(2, 3, 18, 14)).sum().backward()
    assert all(weight.grad is not None for weight in sliding.parameters())
    assert all(weight.grad is None for weight in network.parameters())


@pytest.mark.bad_input
@pytest.mark.parametrize(
    ("network", "size", "error", "words"),
    [
        (nn.Conv2d(3, 4, 3), (8, 8), BadConfig, "got a Conv2d that ends in no dense layer on flattened .* maps; taken"),
        (nn.Sequential(nn.Conv2d(3, 4, 3), nn.Flatten()), (8, 8), BadConfig, "that ends in no dense layer"),
        (Head(lambda x, one, two: one(x.flatten(1)).cumsum(1), 36), (5, 5), BadConfig, r"a call of cumsum \(cumsum\)"),
        (Head(HEADS[0][0], 36), (6, 5), BadShape, "got a Head that does not run on images of shape .batch, 3, 6, 5. "),
        (Head(lambda x, one, two: one(x.flatten(1)), 36), (0, 5), BadShape, r"got size=\(0, 5\) and 3 channels; taken"),
        (
            Head(lambda x, one, two: one(nn.functional.adaptive_avg_pool2d(x, 2).flatten(1)), 16),
            (5, 5),
            BadConfig,
            "got a Head that pools 3 × 3 maps to 2 × 2; taken are sides that divide; make it for a larger or smaller",
        ),
        (
            Head(lambda x, one, two: one(x.flatten(1)) + torch.arange(6), 36),
            (5, 5),
            BadConfig,
            "got a Head whose head has a call of add",
        ),
        (Head(lambda x, one, two: one(x.transpose(1, 3).flatten(1)), 36), (5, 5), BadConfig, "takes no larger images"),
        (Head(lambda x, one, two: two(one(x.flatten(2).mean(2))), 4), (5, 5), BadConfig, "that ends in no dense layer"),
        (Head(lambda x, one, two: one(x) if x.sum() > 0 else x, 4), (5, 5), BadConfig, "cannot be traced"),
    ],
)
def test_what_has_no_dense_head_is_refused(
    network: nn.Module, size: tuple[int, int], error: type[Exception], words: str
) -> None:
    with pytest.raises(error, match=words):
        convolutional(network, size)


@pytest.mark.bad_input
def test_images_below_the_size_are_refused() -> None:
    sliding = convolutional(the_notes_network(), (14, 14))
    with pytest.raises(
        BadShape, match="got images of 13 × 20 pixels; this sliding network takes 14 × 14 or more; enla"
    ):
        sliding(torch.zeros(1, 3, 13, 20))
    with pytest.raises(BadShape, match=r"got images of shape .* this sliding network takes .batch, 3, height, width."):
        sliding(torch.zeros(1, 1, 20, 20))
