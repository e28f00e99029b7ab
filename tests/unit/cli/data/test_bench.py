import json

import pytest

from pictures import write_class_folders


@pytest.fixture
def photos(tmp_path, monkeypatch):
    monkeypatch.setattr("saccade.api.datasets.bench._SECONDS", 0.05)
    return write_class_folders(tmp_path / "photos", {"a": 6, "b": 6}, ".jpg")


def test_each_part_and_the_whole_are_printed(saccade_command, photos):
    done = saccade_command("data", "bench", photos, "--size", 16, "--batch-size", 4, "--model-step-ms", 0.001,
                           "--workers", "0,1")  # fmt: skip
    assert (done.code, done.err) == (0, "")
    words = [line.split("  ")[0] for line in done.out.splitlines()]
    for name in ("reading", "decoding", "resizing", "augmenting", "handing over", "no workers", "1 worker"):
        assert name in words
    assert "training takes  4,000,000" in done.out
    assert "Training would wait: " in done.out


def test_json_holds_the_same(saccade_command, photos):
    values = json.loads(saccade_command("data", "bench", photos, "--size", 16, "--workers", "0", "--json").out)
    assert set(values) == {"parts", "workers", "wanted", "shrink", "advice"}
    assert list(values["workers"]) == ["0"]


@pytest.mark.bad_input
@pytest.mark.parametrize("words", [["--model-step-ms", "x"], ["--model-step-ms", "0"], ["--workers", "one"]])
def test_words_that_mean_nothing_are_refused(saccade_command, photos, words):
    done = saccade_command("data", "bench", photos, *words)
    assert done.code == 2
    assert "taken" in done.err
