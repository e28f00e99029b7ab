"""A network as one drawing: a slab for each layer or block, words for each stage, each kind of block once."""

from __future__ import annotations

from xml.etree import ElementTree

import pytest
import torch

from saccade.architectures.alexnet import alexnet_paper
from saccade.architectures.lenet import lenet5
from saccade.architectures.resnet_cifar import resnet20
from saccade.errors import BadShape
from saccade.reporting.block_drawing import block_drawing
from saccade.reporting.block_graph import Node
from saccade.reporting.network_drawing import COLOURS, network_drawing

SVG = "{http://www.w3.org/2000/svg}"


def drawn(network, size, **options):
    return ElementTree.fromstring(network_drawing(network, size, **options))


def words(tree):
    return [element.text for element in tree.iter(f"{SVG}text")]


def slabs(tree):
    return [
        (element[0].text, float(element.get("height"))) for element in tree.findall(f"{SVG}rect") if len(element) == 1
    ]


def test_stages_are_told_in_words_and_slabs():
    tree = drawn(lenet5(), (32, 32))
    assert words(tree)[:6] == ["images", "32×32×1", "stem", "28×28×6", "sees 5", "5×5 conv"]
    assert [label for label, _ in slabs(tree)] == [
        "5×5 conv: 6 channels", "2×2 max pool /2: 6 channels", "5×5 conv: 16 channels",
        "2×2 max pool /2: 16 channels", "5×5 conv: 120 channels",
        "average: 120 channels", "dense: 84 channels", "dense: 10 channels",
    ]  # fmt: skip
    heights = [height for _, height in slabs(tree)][:5]
    assert heights == sorted(heights, reverse=True)
    assert tree.find(f"{SVG}title").text == "lenet5: 61,706 parameters, 416,520 multiply-adds"


def test_each_kind_of_block_is_drawn_once_as_it_is_most_of_the_time():
    tree = drawn(resnet20(), (32, 32), name="mine")
    assert words(tree).count("BasicBlock") == 1
    assert words(tree).count("3 × BasicBlock") == 3
    inside = words(tree)[words(tree).index("BasicBlock") :]
    assert inside == ["BasicBlock", "3×3 conv, 16", "3×3 conv, 16", "+"]
    assert tree.find(f"{SVG}title").text.startswith("mine: 269,722 parameters")


def test_the_network_is_as_before():
    network = resnet20().train()
    before = {key: value.clone() for key, value in network.state_dict().items()}
    network_drawing(network, (32, 32))
    assert network.training
    assert not any(part._forward_pre_hooks for part in network.modules())
    assert all(torch.equal(value, before[key]) for key, value in network.state_dict().items())


def test_it_fits_its_width_and_a_file_has_colours_of_its_own():
    with torch.device("meta"):
        tree = drawn(alexnet_paper(), (227, 227), as_file=True)
    left, _, width, _ = map(float, tree.get("viewBox").split())
    ends = [float(element.get("x")) + float(element.get("width")) for element in tree.findall(f"{SVG}rect")]
    assert left < 0 < max(ends) < width + left
    assert "prefers-color-scheme:dark" in tree.find(f"{SVG}style").text
    assert drawn(lenet5(), (32, 32)).find(f"{SVG}style") is None


def test_ways_beside_each_other_do_not_overlap():
    graph = [
        Node("input", "", 8, ()),
        Node("conv", "1×1 conv", 4, (0,)),
        Node("conv", "3×3 conv", 4, (0,)),
        Node("conv", "5×5 <&>", 4, (2,)),
        Node("join", "join", 16, (0, 1, 3)),
    ]
    placed = block_drawing("Mine", graph, COLOURS)
    tree = ElementTree.fromstring(f"<svg>{placed.body}</svg>")
    boxes = [tuple(float(box.get(key)) for key in ("x", "y", "width", "height")) for box in tree.iter("rect")]
    assert len(boxes) == 4
    for number, (x, y, width, height) in enumerate(boxes):
        assert 0 <= x < x + width <= placed.width
        assert 0 <= y < y + height <= placed.height
        for other_x, other_y, other_width, _ in boxes[:number]:
            assert y != other_y or x >= other_x + other_width or other_x >= x + width
    assert len([*tree.iter("path")]) == 7  # six ways and the one out


@pytest.mark.bad_input
def test_too_small_a_size_is_refused():
    with pytest.raises(BadShape, match="32 × 32 or more"):
        network_drawing(lenet5(), (16, 16))
