"""The grammar of a network in one line."""

from __future__ import annotations

import pytest

from saccade.errors import BadConfig
from saccade.layers.line import Conv, Dense, Dropout, Layer, Plain, Pool, parse


def problems(line: str) -> list[str]:
    with pytest.raises(BadConfig) as caught:
        parse(line)
    return str(caught.value).splitlines()


def test_the_notes_line_is_read() -> None:
    assert parse("conv 32 3, conv 32 3, pool 2, conv 64 3, gap, dense 10") == (
        Conv(32, (3, 3)),
        Conv(32, (3, 3)),
        Pool("max", 2, 2),
        Conv(64, (3, 3)),
        Plain("gap"),
        Dense(10),
    )


@pytest.mark.parametrize(
    ("item", "layer"),
    [
        ("conv 8 3x5", Conv(8, (3, 5))),
        ("CONV 8 3 Valid", Conv(8, (3, 3), padding="valid")),
        ("conv 8 3 same stride 2 dilation 3 groups 4", Conv(8, (3, 3), stride=2, dilation=3, groups=4)),
        ("conv 8 3 batchnorm leaky", Conv(8, (3, 3), norm=True, activation="leaky")),
        ("conv 8 3 linear", Conv(8, (3, 3), activation="linear")),
        ("pool 3 stride 2", Pool("max", 3, 2)),
        ("maxpool 2", Pool("max", 2, 2)),
        ("avgpool 4", Pool("average", 4, 4)),
        ("dropout 0.25", Dropout(0.25)),
        ("tanh", Plain("tanh")),
    ],
)
def test_every_option_is_read(item: str, layer: Layer) -> None:
    assert parse(f"{item}, dense 10")[0] == layer


def test_a_norm_or_activation_belongs_to_the_layer_directly_before_it() -> None:
    assert parse("conv 8 3, norm, leaky, pool 2, relu, dense 10") == (
        Conv(8, (3, 3), norm=True, activation="leaky"),
        Pool("max", 2, 2),
        Plain("relu"),
        Dense(10),
    )
    assert parse("conv 8 3 relu, tanh, norm, gap, dense 10, norm, sigmoid")[:3] == (
        Conv(8, (3, 3), activation="relu"),
        Plain("tanh"),
        Plain("norm"),
    )


def test_brackets_repeat_and_nest() -> None:
    line = "[[conv 8 3] x2, pool 2] x3, gap"
    assert parse(line) == (Conv(8, (3, 3)), Conv(8, (3, 3)), Pool("max", 2, 2)) * 3 + (Plain("gap"),)
    assert parse("[conv 8 3,pool 2]×2,gap") == parse("conv 8 3, pool 2, conv 8 3, pool 2, gap")
    assert parse("[conv 8 3], gap") == parse("conv 8 3, gap")


def test_every_layer_knows_where_it_stands() -> None:
    layers = parse("conv 8 3, [conv 16  3, pool 2] x2, gap")
    assert [(layer.number, layer.text) for layer in layers] == [
        (1, "conv 8 3"), (2, "conv 16 3"), (3, "pool 2"), (2, "conv 16 3"), (3, "pool 2"), (4, "gap"),
    ]  # fmt: skip


@pytest.mark.bad_input
@pytest.mark.parametrize(
    ("line", "message"),
    [
        ("", "got nothing as item 1; taken is a layer such as conv 32 3; write one or remove a comma"),
        ("cnov 32 3, gap", "got word 1 of item 1, 'cnov', in 'cnov 32 3'; taken are 14 names; did you mean 'conv'?"),
        ("conv 32, gap", "got item 1, 'conv 32', which ends after word 2; taken is the kernel, such as 3 or 3x5; "
         "write it as in 'conv 32 3'"),
        ("conv 0 3, gap", "got word 2 of item 1, '0', in 'conv 0 3'; taken is the number of filters, "
         "a whole number from 1 to 1,000,000; write it as in 'conv 32 3'"),
        ("conv 8 3x0, gap", "got word 3 of item 1, '3x0', in 'conv 8 3x0'; taken is the kernel, such as 3 or 3x5; "
         "write it as in 'conv 32 3'"),
        ("conv 8 3 stirde 2, gap", "got word 4 of item 1, 'stirde', in 'conv 8 3 stirde 2'; taken are 12 names; "
         "did you mean 'stride'?"),
        ("conv 8 3, pool 2 2, gap", "got word 3 of item 2, '2', in 'pool 2 2'; taken are the options stride; "
         "for a stride write: stride 2"),
        ("conv 8 3 stride, gap", "got item 1, 'conv 8 3 stride', which ends after word 4; taken is the stride, "
         "a whole number from 1 to 1,000,000; write it as in 'conv 32 3'"),
        ("conv 8 3, gap, dropout 1, dense 2", "got word 2 of item 3, '1', in 'dropout 1'; taken is the share to drop, "
         "at least 0 and below 1; write it as in 'dropout 0.5'"),
        ("conv 8 3, gap 2", "got word 2 of item 2, '2', in 'gap 2'; taken is nothing more; leave it out"),
        ("conv 8 3, gap, dense 9, softmax", "got word 1 of item 4, 'softmax', in 'softmax'; "
         "taken is a line whose outputs are logits; leave it out: loss and predictions apply it"),
        ("gap, conv 8 3, dense 2", "got item 2, 'conv 8 3', after 'gap', which leaves no maps; "
         "taken are conv, pool and gap before that; move it forward"),
        ("conv 8 3, pool 2", "got a line that ends in item 2, 'pool 2'; "
         "taken are lines that end in a dense, or in a conv and gap; add: gap, dense 10"),
        ("[conv 8 3, gap", "got a [ without a ] by item 2; taken are pairs of brackets; add a ]"),
        ("conv 8 3], gap", "got ']' after item 1; taken is a comma or the end there; mend the brackets"),
        ("[conv 8 3] x9999, gap", "got more than 1000 layers; taken are 1 to 1000; repeat fewer times"),
        ("[" * 200, "got more than 100 brackets; taken are fewer; write the line more simply"),
    ],
)  # fmt: skip
def test_what_is_wrong_is_said_with_its_place(line: str, message: str) -> None:
    assert message in problems(line)


@pytest.mark.bad_input
def test_everything_wrong_is_listed_at_once_and_a_repeated_item_once() -> None:
    found = problems("[conv 8, pool x] x5, dens 10, gap 3")
    assert len(found) == 4
    assert ["item 1" in found[0], "item 2" in found[1], "item 3" in found[2], "item 4" in found[3]] == [True] * 4


@pytest.mark.bad_input
def test_repetitions_of_repetitions_do_not_fill_the_memory() -> None:
    assert problems("[[[[[conv 8 3] x9999] x9999] x9999] x9999] x9999, gap")[0].startswith("got more than 1000 layers")
