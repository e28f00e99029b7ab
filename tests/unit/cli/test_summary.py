import json

import pytest


def test_the_table_is_printed(saccade_command):
    done = saccade_command("summary", "lenet5")
    lines = done.out.splitlines()
    assert done.code == 0
    assert lines[0].split() == [
        "layer", "kind", "output", "parameters", "MACs", "FLOPs", "weights", "makes", "field", "jump", "start",
    ]  # fmt: skip
    assert lines[1].split()[:4] == ["c1", "Conv2d", "6×28×28", "156"]
    assert "lenet5: 61,706 parameters (61,706 trainable)" in lines
    assert "416,520 multiply-adds (833,040 FLOPs) for 1 × 1 × 32 × 32" in lines
    assert any(line.startswith("training, 1 image a step: activations") for line in lines)


def test_depth_sums_up(saccade_command):
    out = saccade_command("summary", "resnet8", "--size", 64, 48, "--depth", 1, "--classes", 7).out
    rows = [line.split() for line in out.split("\n\n")[0].splitlines()[1:]]
    assert [row[0] for row in rows if row[0].startswith("layer")] == ["layer1", "layer2", "layer3"]
    assert rows[-1][2] == "7"


def test_json_has_everything(saccade_command):
    table = json.loads(saccade_command("summary", "lenet5", "--json", "--batch-size", 4).out)
    assert (table["parameters"], table["macs"], table["flops"]) == (61706, 416520, 833040)
    assert table["rows"][3]["fields"][0]["height"] == {"kind": "window", "field": 14, "jump": 2, "start": 7}
    assert table["memory"]["training"]["batch"] == 4


def test_a_page_is_written(saccade_command, tmp_path):
    path = tmp_path / "lenet.html"
    assert saccade_command("summary", "lenet5", "--html", path).out == f"{path}\n"
    assert "<h1>lenet5</h1>" in path.read_text(encoding="utf-8")


def test_a_field_is_measured_and_drawn(saccade_command, tmp_path):
    path = tmp_path / "field.png"
    words = ("summary", "lenet5", "--layer", "c3", "--field", path, "--images", 2)
    assert "could see   14 × 14 pixels" in saccade_command(*words).out
    assert path.read_bytes().startswith(b"\x89PNG")
    assert json.loads(saccade_command(*words, "--json").out)["theoretical"] == [[10, 24], [10, 24]]


@pytest.mark.bad_input
@pytest.mark.parametrize(
    ("words", "message"),
    [
        (["lenet5", "--field", "a.png"], "got --field without --layer"),
        (["lenet5", "--layer", "c3", "--field", "a.txt"], "taken are names that end in .png"),
        (["lenet5", "--layer", "c3", "--html", "a.html"], "got --layer with --html"),
        (["lenet5", "--size", "8", "8"], "lenet5 takes 32 × 32 or more"),
        (["lenet5", "--size", "0", "8"], "got --size '0'"),
        (["torch.nn:ReLU"], "without a size"),
        (["lenet5", "--layer", "output"], "choose one before the head"),
        (["lenet6"], "did you mean 'lenet5'"),
    ],
)
def test_wrong_words_are_answered(saccade_command, words, message):
    done = saccade_command("summary", *words)
    assert (done.code, done.out) == (2, "")
    assert message in done.err
