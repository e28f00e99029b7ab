"""The command that trains on the features of a frozen network, from words to a model that predicts."""

from __future__ import annotations

import numpy as np
import pytest
import torch
from PIL import Image

import saccade
from saccade.weights.files import write_tensors


@pytest.fixture
def words(tmp_path, monkeypatch):
    """A folder of two colours, and weights that have learnt nothing."""
    monkeypatch.setenv("SACCADE_CACHE", str(tmp_path / "cache"))
    for name, shade in (("dark", 40), ("light", 200)):
        (tmp_path / "photos" / name).mkdir(parents=True)
        for number in range(12):
            pixels = np.random.default_rng(number).integers(shade - 20, shade + 20, (16, 16, 3), np.uint8)
            Image.fromarray(pixels).save(tmp_path / "photos" / name / f"{number}.png")
    torch.manual_seed(0)
    write_tensors(tmp_path / "resnet8.safetensors", saccade.create("resnet8").state_dict(), {})
    return [
        "train", tmp_path / "photos", "--model", "resnet8", "--weights", tmp_path / "resnet8.safetensors",
        "--threads", "1", "--out", tmp_path / "run",
    ]  # fmt: skip


def test_a_folder_becomes_a_model_that_predicts(saccade_command, words, tmp_path):
    done = saccade_command(*words, "--transfer", "auto", "--views", "2")
    assert done.code == 0, done.err
    assert "transfer: features, since there are 20 training images" in done.err
    assert "features of 40 train images" in done.err
    told = saccade_command("predict", tmp_path / "run", tmp_path / "photos" / "light" / "3.png")
    assert told.code == 0
    assert "light" in told.out


def test_a_second_run_says_what_it_knew(saccade_command, words, tmp_path):
    assert saccade_command(*words, "--transfer", "features").code == 0
    again = saccade_command(*words[:-1], tmp_path / "again", "--transfer", "features")
    assert "20 known from before" in again.err


def test_a_stage_that_is_not_there_is_named(saccade_command, words, tmp_path):
    done = saccade_command(*words, "--freeze", "stage7")
    assert done.code != 0
    assert "got stage 'stage7'" in done.err
    assert "Traceback" not in done.err
    assert not (tmp_path / "run").exists()
