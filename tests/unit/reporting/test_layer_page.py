"""The page of a layer table: whole, escaped, offline, and grouped."""

from __future__ import annotations

import re
from html.parser import HTMLParser

import torch
from torch import nn

from saccade.architectures.resnet import resnet18
from saccade.inspect.layer_table import layer_table
from saccade.reporting.layer_page import render_layer_page, write_layer_page


class Page(HTMLParser):
    def __init__(self, text: str) -> None:
        super().__init__()
        self.words, self.links, self.open = [], [], []
        self.feed(text)

    def handle_starttag(self, tag, attrs):
        self.links += [value for name, value in attrs if name in ("src", "href", "action", "style")]
        if tag not in ("meta", "link"):
            self.open.append(tag)

    def handle_endtag(self, tag):
        assert self.open.pop() == tag

    def handle_data(self, data):
        self.words.append(data)


def test_a_page_is_whole_and_asks_nothing_of_the_network() -> None:
    with torch.device("meta"):
        page = Page(render_layer_page(layer_table(resnet18(), (224, 224))))
    assert page.open == []
    assert page.links == ["data:,"]
    assert {"11.69 M", "1.814 G", "layer4.1.conv2", "435"} <= set(page.words)


def test_layers_are_grouped_by_their_part() -> None:
    with torch.device("meta"):
        text = render_layer_page(layer_table(resnet18(), (224, 224)))
    heads = re.findall(r'<tr class="head"><th scope="row"><code>(\w+)</code>', text)
    assert heads == ["layer1", "layer2", "layer3", "layer4"]
    assert "25.5 %" in text  # of the multiply-adds are in layer1: 462,422,016 of 1,814,073,344


def test_strange_names_do_no_harm(tmp_path) -> None:
    network = nn.Sequential()
    network.add_module("<img src=x>", nn.Conv2d(3, 1, 3).requires_grad_(False))
    path = write_layer_page(layer_table(network, (5, 5)), tmp_path / "page.html")
    page = Page(path.read_text(encoding="utf-8"))
    assert "<img src=x>" in page.words
    assert "frozen" in page.words
    assert page.links == ["data:,"]
