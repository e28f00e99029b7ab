import json

import pytest

WORKED = "conv 10 3 valid, conv 20 5 stride 2 valid, conv 40 5 stride 2 valid, flatten, dense 5"


def test_a_layer_is_worked_out_with_its_formula(saccade_command):
    done = saccade_command("size", 28, "--kernel", 5, "--stride", 1, "--padding", "same")
    assert done.code == 0
    assert done.out.splitlines() == [
        "output   28",
        "size     floor((28 + 2·2 − 5) / 1) + 1 = 28",
        "padding  2 before, 2 after",
    ]


def test_height_and_width_are_told_apart(saccade_command):
    done = saccade_command("size", "28x30", "--kernel", "3x5", "--stride", 2)
    assert done.out.splitlines()[0] == "output   13 × 13"
    assert "height   floor((28 + 0 − 3) / 2) + 1 = 13" in done.out
    assert "width    floor((30 + 0 − 5) / 2) + 1 = 13" in done.out


def test_a_strided_same_tells_of_the_other_way_to_pad(saccade_command):
    done = saccade_command("size", 224, "--kernel", 7, "--stride", 2, "--padding", "same")
    assert "padding  3 before, 3 after" in done.out
    assert "or       2 before, 3 after: the least that gives 112, TensorFlow's same" in done.out


def test_dilation_ceil_and_padding_on_one_side(saccade_command):
    done = saccade_command("size", 9, "--kernel", 2, "--dilation", 3, "--padding", "0,1", "--ceil", "--stride", 4)
    assert "ceil((9 + 0 + 1 − (3·(2 − 1) + 1)) / 4) + 1 = 3" in done.out


def test_a_transposed_convolution(saccade_command):
    done = saccade_command(
        "size", 17, "--kernel", 4, "--stride", 2, "--padding", 1, "--transposed", "--output-padding", 1
    )
    assert done.out.splitlines() == [
        "output   35",
        "size     (17 − 1)·2 + 4 − 2·1 + 1 = 35",
        "padding  1 before, 1 after, taken off",
    ]


def test_a_line_is_worked_out_layer_by_layer(saccade_command):
    done = saccade_command("size", "39x39x3", WORKED)
    head, start, first, *_, last, empty, total = done.out.splitlines()
    assert head.split() == ["layer", "output", "size", "parameters", "field", "jump", "start", "rim"]
    assert start.split() == ["input", "39", "×", "39", "×", "3", "1", "1", "0.5"]
    assert "37 × 37 × 10  floor((39 + 0 − 3) / 1) + 1 = 37  3·3·3·10 + 10 = 280" in first
    assert "7·7·40 = 1960" in done.out
    assert last.split()[-4:] == ["39", "4", "19.5", "none"]
    assert (empty, total) == ("", "35,145 parameters")


def test_json_holds_everything(saccade_command):
    values = json.loads(saccade_command("size", "39x39x3", WORKED, "--json").out)
    assert [layer["output"] for layer in values["layers"]] == [[37, 37, 10], [17, 17, 20], [7, 7, 40], [1960], [5]]
    assert values["layers"][2]["receptive_field"]["height"]["field"] == 15
    values = json.loads(saccade_command("size", 28, "--kernel", 5, "--padding", "same", "--json").out)
    assert values["width"] == {
        "input": 28, "size": 28, "padding": [2, 2], "formula": "floor((28 + 2·2 − 5) / 1) + 1 = 28",
    }  # fmt: skip


@pytest.mark.bad_input
@pytest.mark.parametrize(
    ("words", "said"),
    [
        (["28"], "got neither a line nor --kernel"),
        (["28", "conv 3 3", "--stride", "2"], "got a line and --stride"),
        (["28x28x3", "--kernel", "3"], "got channels without a line"),
        (["28", "--kernel", "3", "--ceil", "--transposed"], "got --ceil with --transposed"),
        (["28", "--kernel", "3", "--output-padding", "1"], "got --output-padding without --transposed"),
        (["28", "--kernel", "3", "--stride", "0"], "got --stride '0'"),
        (["28", "--kernel", "3x3x3"], "got --kernel '3x3x3'"),
        (["28", "--kernel", "3", "--padding", "sane"], "did you mean 'same'"),
        (["28", "--kernel", "3", "--padding", "1,2,3"], "got --padding '1,2,3'"),
        (["28", "--kernel", "3", "--padding=-1"], "got --padding '-1'"),
        (["28", "--kernel", "3", "--padding", ""], "got --padding ''"),
        (["2", "--kernel", "5"], "covers 5 pixels on 2 + 0 of padding"),
        (["3", "--kernel", "3", "--padding", "3", "--transposed"], "which leaves -1 pixels"),
        (["0", "conv 3 3"], "got SIZE '0'"),
        (["big", "conv 3 3"], "got SIZE 'big'"),
        (["5", "conv 8 3 valid, conv 8 5 valid"], "got item 2, 'conv 8 5 valid', on 3 × 3 × 8"),
        (["5", "conv 8 3 groups 2"], "3 channels in, 8 out, 2 groups"),
        (["5", "conv 8 3 stride 0"], "'0', in 'conv 8 3 stride 0'"),
    ],
)
def test_what_cannot_be_is_said_in_plain_lines(saccade_command, words, said):
    done = saccade_command("size", *words)
    assert (done.code, done.out) == (2, "")
    assert said in done.err
    assert len(done.err.splitlines()) == 3
