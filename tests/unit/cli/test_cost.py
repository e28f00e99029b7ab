import json

import pytest

WIDE, NARROW = "conv 32 5", "conv 16 1, conv 32 5"


def test_the_bottleneck_of_the_notes_in_one_command(saccade_command):
    done = saccade_command("cost", "28x28x192", WIDE, "--against", NARROW)
    assert done.code == 0
    *_, first, second, ratio, _, said = done.out.splitlines()
    assert first.split()[:6] == ["conv", "32", "5", "153,632", "120,422,400", "240,844,800"]
    assert second.split()[6:9] == ["15,920", "12,443,648", "24,887,296"]
    assert ratio.split()[3:6] == ["10.36%", "10.33%", "10.33%"]
    assert said == "the second needs 9.68 times fewer multiply-adds"


def test_macs_and_flops_are_both_named(saccade_command):
    out = saccade_command("cost", "28x28x192", WIDE).out
    assert out.splitlines()[0].split()[:5] == ["layer", "output", "parameters", "MACs", "FLOPs"]
    assert "multiply-adds  120,422,400  (MACs)" in out
    assert "FLOPs          240,844,800" in out
    assert "(28·28·32)·(5·5·192)" in out


def test_a_layer_that_no_machine_could_make_is_counted(saccade_command):
    out = saccade_command("cost", "3000x3000x3", "dense 1000").out
    assert "27,000,001,000  27,000,000,000  54,000,000,000" in out
    assert "inference      about 108 GB for 1 image" in out


def test_memory_grows_with_the_batch_and_the_optimiser(saccade_command):
    def memory(*words):
        values = json.loads(saccade_command("cost", "28x28x3", "conv 8 3", "--json", *words).out)
        return values["inference_bytes"], values["training_bytes"]

    weights, image, maps = 4 * 224, 4 * 28 * 28 * 3, 4 * 28 * 28 * 8
    assert memory() == (weights + image + maps, 4 * weights + image + maps)
    assert memory("--batch-size", "10", "--optimizer", "sgd") == (
        weights + 10 * (image + maps),
        2 * weights + 10 * (image + maps),
    )


def test_json_compares_too(saccade_command):
    values = json.loads(saccade_command("cost", "28x28x192", WIDE, "--against", NARROW, "--json").out)
    assert (values["macs"], values["against"]["macs"]) == (120_422_400, 12_443_648)
    assert values["ratio"]["flops"] == values["ratio"]["macs"] == 12_443_648 / 120_422_400


@pytest.mark.parametrize(
    ("line", "other", "said"),
    [
        ("conv 8 3", "conv 16 3", "the second needs 2.00 times as many multiply-adds"),
        ("conv 8 3", "conv 8 3", "both need as many multiply-adds"),
        ("pool 2", "conv 3 3 stride 2", "only the second needs multiply-adds"),
        ("conv 3 3 stride 2", "pool 2", "only the first needs multiply-adds"),
    ],
)
def test_the_comparison_is_said_in_words(saccade_command, line, other, said):
    out = saccade_command("cost", "8x8x3", line, "--against", other).out
    assert said in out
    assert "inf%" not in out
    assert ("they do not give the same: 8 × 8 × 8 and 8 × 8 × 16" in out) == ("16" in other)


@pytest.mark.bad_input
@pytest.mark.parametrize(
    ("words", "said"),
    [
        (["28", "cnv 3 3"], "did you mean 'conv'"),
        (["28", "conv 3 3", "--against", "conv 3 3 groups 2"], "3 channels in, 3 out, 2 groups"),
        (["28", "conv 3 3", "--optimizer", "adan"], "did you mean 'adam'"),
        (["28", "conv 3 3", "--batch-size", "0"], "got --batch-size '0'"),
        (["28"], "got no LINE"),
        (["4", "conv 3 5 valid"], "covers 5 pixels on 4 + 0"),
    ],
)
def test_what_cannot_be_is_said_in_plain_lines(saccade_command, words, said):
    done = saccade_command("cost", *words)
    assert (done.code, done.out) == (2, "")
    assert said in done.err
