"""Every module of `layers` keeps the contract; the folder is walked: a new one fails until it has an example here."""

from __future__ import annotations

import copy
import importlib
import inspect
import pkgutil
from collections.abc import Callable

import pytest
import torch
from torch import Tensor, nn

import saccade.layers
from saccade.layers.activations import ScaledTanh
from saccade.layers.aggregated import EarlyConcatenation, SplitTransformMerge
from saccade.layers.aligned_head import AlignedHead
from saccade.layers.anchor_grid_head import AnchorGridHead
from saccade.layers.borrowed_features import BorrowedFeatures
from saccade.layers.borrowed_maps import BorrowedMaps
from saccade.layers.convolution import ConvBlock, ConvNorm
from saccade.layers.cross_stage import CrossStage, PyramidPooling
from saccade.layers.default_box_head import DefaultBoxHead
from saccade.layers.dense_block import DenseBlock, DenseLayer, DenseTransition
from saccade.layers.drop_path import DropPath
from saccade.layers.extra_map import ExtraMap
from saccade.layers.feature_pyramid import FeaturePyramid, PyramidBackbone
from saccade.layers.fire import Fire
from saccade.layers.gated_regions import GatedDirection, GatedMessages, GatedRegionHead, GateSettings
from saccade.layers.grid_head import GridHead
from saccade.layers.inception import Inception, InceptionWidths, NaiveInception
from saccade.layers.inverted_residual import InvertedResidual, MobileBottleneck
from saccade.layers.mlpconv import MlpConv
from saccade.layers.normalisation import LocalResponseNorm
from saccade.layers.normalised import Normalised
from saccade.layers.offset_pooling import AtEveryOffset
from saccade.layers.one_map import OneMap
from saccade.layers.patch_critic import PatchCritic
from saccade.layers.path_aggregation import PathAggregation
from saccade.layers.picture_pool import PicturePool
from saccade.layers.pooled import Pooled
from saccade.layers.pooled_region_head import PooledRegionHead
from saccade.layers.pooling import GlobalAveragePool, TrainableSubsampling
from saccade.layers.radial_basis import RadialBasisOutput, digit_codes
from saccade.layers.region_head import BoxPredictor, DenseHead, RegionHead
from saccade.layers.region_proposals import ProposalHead, RegionProposals
from saccade.layers.residual import (
    BasicBlock,
    Bottleneck,
    PaperBottleneck,
    WideProjectionBottleneck,
    ZeroPadShortcut,
)
from saccade.layers.residual_generator import ReflectedResidual, ResidualGenerator
from saccade.layers.residual_network import ResNet
from saccade.layers.searched_regions import SearchedRegions
from saccade.layers.separable import DepthwiseSeparable
from saccade.layers.settled_norm import FrozenBatchNorm, SettledBatchNorm
from saccade.layers.sliding import AtEveryPlace, SlidingNetwork
from saccade.layers.sparse import SparseConvolution
from saccade.layers.squeeze_excitation import SqueezeExcitation
from saccade.layers.synchronised import (
    SynchronisedBatchNorm1d,
    SynchronisedBatchNorm2d,
    SynchronisedBatchNorm3d,
    SynchronisedSettledBatchNorm,
)
from saccade.layers.translator import Translator
from saccade.layers.unpooling import MaxPool, MaxUnpool
from saccade.ops.anchors import DefaultBoxLayout
from wrapped_layers import (
    AllFlat,
    BothAsOne,
    LevelsFlat,
    OfOneRegion,
    OfTwoCrops,
    OfTwoScales,
    Proposing,
    ReadWhereSearched,
)

MAPS, FEATURES = (3, 4, 7, 9), (3, 84)


class PoolAndBack(nn.Module):
    """The two that hand switches to each other, as one module from maps to maps."""

    def __init__(self) -> None:
        super().__init__()
        self.pool, self.unpool = MaxPool(3, stride=2, padding="same"), MaxUnpool()

    def forward(self, x: Tensor) -> Tensor:
        return self.unpool(*self.pool(x))


GATES = GateSettings((0.0, 0.5), width=3)
BOXES = DefaultBoxLayout(strides=(8, 16), scales=(0.2, 0.4, 0.8), ratios=((), (2.0,)))
EXAMPLES: dict[type[nn.Module], tuple[Callable[[], nn.Module], tuple[int, ...], tuple[int, ...]]] = {
    AlignedHead: (lambda: OfTwoScales(AlignedHead([4, 4], [8, 16], 5)), MAPS, (3, 63 + 20, 5 + 4 * 16)),
    AnchorGridHead: (lambda: AnchorGridHead(4, 2, [(8.0, 8.0), (9.0, 4.0)]), MAPS, (3, 7, 9, 2, 7)),
    AtEveryOffset: (lambda: AtEveryOffset(nn.Conv2d(4, 5, 2), 2, window=2), MAPS, (3, 5, 4, 6)),
    AtEveryPlace: (lambda: AtEveryPlace(nn.Linear(24, 5), (2, 3)), MAPS, (3, 5, 6, 7)),
    BasicBlock: (lambda: BasicBlock(4, 6, stride=2), MAPS, (3, 6, 4, 5)),
    BorrowedFeatures: (lambda: BorrowedFeatures("resnet8", 4), MAPS, (3, 64)),
    BorrowedMaps: (lambda: AllFlat(BorrowedMaps("resnet8", 4)), MAPS, (3, 64 * (2 + 1 + 1))),
    BoxPredictor: (lambda: AllFlat(BoxPredictor(84, 2)), FEATURES, (3, 3 + 3 * 4)),
    Bottleneck: (lambda: Bottleneck(4, 2, stride=2), MAPS, (3, 8, 4, 5)),
    ConvBlock: (lambda: ConvBlock(4, 6, kernel_size=4, stride=2, groups=2), MAPS, (3, 6, 4, 5)),
    ConvNorm: (lambda: ConvNorm(4, 6, kernel_size=(3, 1), stride=2, padding=(1, 0)), MAPS, (3, 6, 4, 5)),
    CrossStage: (lambda: CrossStage(4, 6, depth=2), MAPS, (3, 6, 7, 9)),
    DefaultBoxHead: (
        lambda: BothAsOne(DefaultBoxHead([4, 4], 5, layout=BOXES, native_size=64)),
        MAPS,
        (3, 63 * 2 + 20 * 4, 4 + 6),
    ),
    DenseBlock: (lambda: DenseBlock(4, depth=3, growth_rate=5, recompute=True), MAPS, (3, 19, 7, 9)),
    DenseHead: (lambda: DenseHead(4 * 7 * 7, 6), (3, 4, 7, 7), (3, 6)),
    DenseLayer: (lambda: DenseLayer(4, growth_rate=5), MAPS, (3, 5, 7, 9)),
    DenseTransition: (lambda: DenseTransition(4), MAPS, (3, 2, 3, 4)),
    DepthwiseSeparable: (lambda: DepthwiseSeparable(4, 6, stride=2), MAPS, (3, 6, 4, 5)),
    DropPath: (lambda: DropPath(0.2), MAPS, MAPS),
    EarlyConcatenation: (lambda: EarlyConcatenation(4, 16, stride=2, groups=3), MAPS, (3, 64, 4, 5)),
    ExtraMap: (lambda: ExtraMap(4, 6, squeeze_channels=5, stride=2, padding=1), MAPS, (3, 6, 4, 5)),
    FeaturePyramid: (lambda: LevelsFlat(FeaturePyramid([4, 4], width=5)), MAPS, (3, 5 * (63 + 20 + 2 * 3))),
    Fire: (lambda: Fire(4, 8, expand1x1_channels=5, expand3x3_channels=6), MAPS, (3, 11, 7, 9)),
    FrozenBatchNorm: (lambda: FrozenBatchNorm(4), MAPS, MAPS),
    GatedDirection: (lambda: OfTwoCrops(GatedDirection(4, 2, GATES)), MAPS, (3, 2 * 2 * 3 * 63)),
    GatedMessages: (lambda: OfTwoCrops(GatedMessages(4, GATES)), MAPS, (3, 2 * 4 * 63)),
    GatedRegionHead: (
        lambda: OfOneRegion(GatedRegionHead(4, [8], num_classes=2, units=6, gates=GATES)),
        MAPS,
        (3, 3 + 3 * 4),
    ),
    GlobalAveragePool: (GlobalAveragePool, MAPS, (3, 4)),
    GridHead: (lambda: GridHead(4, 3, grid=5, units=6, dropout_rate=0.0), MAPS, (3, 5, 5, 13)),
    Inception: (lambda: Inception(4, InceptionWidths(2, 3, 4, 3, 5, 3)), MAPS, (3, 14, 7, 9)),
    InvertedResidual: (lambda: InvertedResidual(4, 4), MAPS, MAPS),
    LocalResponseNorm: (LocalResponseNorm, MAPS, MAPS),
    MaxPool: (PoolAndBack, MAPS, MAPS),
    MaxUnpool: (PoolAndBack, MAPS, MAPS),
    MlpConv: (lambda: MlpConv(4, (8, 7, 6), kernel_size=3), MAPS, (3, 6, 5, 7)),
    MobileBottleneck: (lambda: MobileBottleneck(4, 4, kernel_size=5, drop_path_rate=0.2), MAPS, MAPS),
    NaiveInception: (lambda: NaiveInception(4, (2, 3, 5), batch_norm=False), MAPS, (3, 14, 7, 9)),
    Normalised: (lambda: Normalised(nn.Conv2d(4, 2, 3), [0.5] * 4, [0.25] * 4), MAPS, (3, 2, 5, 7)),
    OneMap: (lambda: OneMap("resnet8", 4, coarsest=2), MAPS, (3, 32, 4, 5)),
    PaperBottleneck: (lambda: PaperBottleneck(4, 2, stride=2), MAPS, (3, 8, 4, 5)),
    PatchCritic: (lambda: PatchCritic(4, width=2), (3, 4, 24, 32), (3, 1, 1, 2)),
    PathAggregation: (lambda: OfTwoScales(PathAggregation([4, 4], [6, 8])), MAPS, (3, 8, 4, 5)),
    PicturePool: (lambda: PicturePool(5), MAPS, MAPS),
    Pooled: (
        lambda: Pooled(ResNet("small", BasicBlock, depths=(1, 1, 1, 1), num_classes=5, in_channels=4), num_classes=6),
        MAPS,
        (3, 6),
    ),
    PooledRegionHead: (lambda: OfOneRegion(PooledRegionHead(4, 8, num_classes=2, units=6)), MAPS, (3, 3 + 3 * 4)),
    ProposalHead: (lambda: LevelsFlat(ProposalHead(4, 2)), MAPS, (3, (63 + 20) * 2 * 5)),
    PyramidBackbone: (lambda: AllFlat(PyramidBackbone("resnet8", 4, width=5)), MAPS, (3, 5 * (2 * 3 + 1 * 2))),
    PyramidPooling: (lambda: PyramidPooling(4, 6), MAPS, (3, 6, 7, 9)),
    RadialBasisOutput: (lambda: RadialBasisOutput(digit_codes(5)), FEATURES, (3, 5)),
    ReflectedResidual: (lambda: ReflectedResidual(4), MAPS, MAPS),
    RegionHead: (lambda: OfOneRegion(RegionHead(4, [8], num_classes=2, units=6)), MAPS, (3, 3 + 3 * 4)),
    ResidualGenerator: (lambda: ResidualGenerator(4, width=2, blocks=1), MAPS, MAPS),
    RegionProposals: (lambda: Proposing(RegionProposals(4, [8, 16])), MAPS, (3, (63 + 20) * 3 * 5)),
    ScaledTanh: (ScaledTanh, MAPS, MAPS),
    SearchedRegions: (lambda: ReadWhereSearched(SearchedRegions()), (3, 4, 24, 32), (3, 4 * 4)),
    SettledBatchNorm: (lambda: SettledBatchNorm(4), MAPS, MAPS),
    SlidingNetwork: (lambda: SlidingNetwork(nn.Conv2d(4, 5, 6), (6, 6), in_channels=4), MAPS, (3, 5, 2, 4)),
    ResNet: (
        lambda: ResNet("small", BasicBlock, depths=(1, 1, 1, 1), num_classes=5, in_channels=4),
        MAPS,
        (3, 5),
    ),
    SparseConvolution: (lambda: SparseConvolution([(0, 1, 2), (3,), (1, 2, 3)], kernel_size=3), MAPS, (3, 3, 5, 7)),
    SplitTransformMerge: (lambda: SplitTransformMerge(4, 16, stride=2, groups=3), MAPS, (3, 64, 4, 5)),
    SqueezeExcitation: (lambda: SqueezeExcitation(4, ratio=1), MAPS, MAPS),
    SynchronisedBatchNorm1d: (lambda: SynchronisedBatchNorm1d(84), FEATURES, FEATURES),
    SynchronisedBatchNorm2d: (lambda: SynchronisedBatchNorm2d(4), MAPS, MAPS),
    SynchronisedSettledBatchNorm: (lambda: SynchronisedSettledBatchNorm(4), MAPS, MAPS),
    SynchronisedBatchNorm3d: (lambda: SynchronisedBatchNorm3d(4), (3, 4, 5, 6, 7), (3, 4, 5, 6, 7)),
    TrainableSubsampling: (lambda: TrainableSubsampling(4), MAPS, (3, 4, 3, 4)),
    Translator: (
        lambda: AllFlat(
            Translator("small", lambda: nn.Conv2d(4, 4, 1), lambda: PatchCritic(4, width=2), in_channels=4)
        ),
        (3, 4, 24, 24),
        (3, 3 * 4 * 24 * 24 + 2),
    ),
    WideProjectionBottleneck: (
        lambda: WideProjectionBottleneck(4, 64, stride=2, groups=4, width_per_group=4, attention=SqueezeExcitation),
        MAPS,
        (3, 256, 4, 5),
    ),
    ZeroPadShortcut: (lambda: ZeroPadShortcut(3, stride=2), MAPS, (3, 7, 4, 5)),
}
every_layer = pytest.mark.parametrize("layer", EXAMPLES, ids=lambda layer: layer.__name__)


def example(layer: type[nn.Module]) -> tuple[nn.Module, Tensor]:
    torch.manual_seed(0)
    make, shape, _ = EXAMPLES[layer]
    return make(), torch.rand(shape)


def test_every_layer_has_an_example() -> None:
    places = [
        importlib.import_module(f"saccade.layers.{file.name}") for file in pkgutil.iter_modules(saccade.layers.__path__)
    ]
    found = {
        item
        for place in places
        for item in vars(place).values()
        if inspect.isclass(item)
        and issubclass(item, nn.Module)
        and item.__module__ == place.__name__
        and not item.__name__.startswith("_")
    }
    assert {layer for layer in found if not inspect.isabstract(layer)} == set(EXAMPLES)


@every_layer
def test_the_output_has_the_shape_that_arithmetic_gives(layer: type[nn.Module]) -> None:
    module, x = example(layer)
    assert module(x).shape == EXAMPLES[layer][2]


@every_layer
def test_every_parameter_and_the_input_get_a_gradient(layer: type[nn.Module]) -> None:
    module, x = example(layer)
    module(x.requires_grad_()).square().sum().backward()
    assert [name for name, weight in module.named_parameters() if weight.grad is None or not weight.grad.any()] == []
    assert x.grad is not None
    assert x.grad.any()


@every_layer
def test_evaluation_leaves_its_input_alone_and_each_item_stands_alone(layer: type[nn.Module]) -> None:
    module, x = example(layer)
    before = x.clone()
    with torch.no_grad():
        whole, first = module.eval()(x), module(x[:1])
    torch.testing.assert_close(first, whole[:1])
    assert torch.equal(x, before)


@every_layer
def test_a_state_dict_makes_the_same_layer_again(layer: type[nn.Module]) -> None:
    module, x = example(layer)
    other = EXAMPLES[layer][0]()
    other.load_state_dict(module.state_dict())
    with torch.no_grad():
        assert torch.equal(other.eval()(x), module.eval()(x))


@every_layer
def test_double_precision_and_channels_last_change_nothing(layer: type[nn.Module]) -> None:
    module, x = example(layer)
    module.eval()
    with torch.no_grad():
        plain = module(x)
        if x.dim() == 4:
            lying = module.to(memory_format=torch.channels_last)(x.to(memory_format=torch.channels_last))
            torch.testing.assert_close(lying, plain)
        torch.testing.assert_close(module.double()(x.double()).float(), plain)


@every_layer
def test_cuda_gives_what_the_processor_gives(layer: type[nn.Module], cuda: torch.device) -> None:
    module, x = example(layer)
    here = module.double().eval()
    there = copy.deepcopy(here).to(cuda)
    inputs = x.double().requires_grad_(), x.double().to(cuda).requires_grad_()
    outputs = here(inputs[0]), there(inputs[1])
    for output in outputs:
        output.square().sum().backward()
    torch.testing.assert_close(outputs[1].cpu(), outputs[0])
    torch.testing.assert_close(inputs[1].grad.cpu(), inputs[0].grad)
    for one, two in zip(here.parameters(), there.parameters(), strict=True):
        torch.testing.assert_close(two.grad.cpu(), one.grad)
