"""The verb export: a model leaves as one file, and is the same elsewhere."""

from __future__ import annotations

import shutil
import subprocess
import sys

import numpy as np
import pytest
import torch
from torch import nn

import saccade
from saccade.errors import BadCheckpoint, BadConfig

ELSEWHERE = """
import sys
import numpy as np, torch
torch.set_num_threads(1)
import saccade
np.save("said.npy", saccade.load("model.safetensors")(sys.argv[1]).probabilities)
"""


def test_an_exported_model_says_the_same_to_the_bit_in_another_folder_and_process(trained, tmp_path):
    path = trained.photos / "green" / "5.png"
    (tmp_path / "elsewhere").mkdir()
    written = saccade.export(trained.run, tmp_path / "model.safetensors")
    shutil.move(written, tmp_path / "elsewhere" / "model.safetensors")
    subprocess.run([sys.executable, "-c", ELSEWHERE, str(path)], cwd=tmp_path / "elsewhere", check=True, timeout=60)
    threads = torch.get_num_threads()
    torch.set_num_threads(1)
    expected = trained.predictor(path).probabilities
    torch.set_num_threads(threads)
    np.testing.assert_array_equal(np.load(tmp_path / "elsewhere" / "said.npy"), expected)


def test_a_run_a_folder_a_file_and_a_predictor_are_exported_alike(trained, tmp_path):
    copied = shutil.copytree(trained.run.path, tmp_path / "colours")
    assert saccade.Run(copied).export() == tmp_path / "colours.safetensors"
    written = (tmp_path / "colours.safetensors").read_bytes()
    for number, model in enumerate((trained.run, copied, str(copied / "best.safetensors"), trained.predictor)):
        assert saccade.export(model, tmp_path / f"{number}.safetensors").read_bytes() == written


def test_a_folder_given_from_inside_is_named_after_itself(trained, tmp_path, monkeypatch):
    copied = shutil.copytree(trained.run.path, tmp_path / "colours")
    monkeypatch.chdir(copied)
    assert saccade.export(".").resolve() == tmp_path / "colours.safetensors"


def test_the_file_says_what_it_is_and_where_it_comes_from(trained, tmp_path):
    description = saccade.load(trained.run.export(tmp_path / "model.safetensors")).description
    assert description.architecture == "dcnn"
    assert description.labels == ("blue", "green", "red")
    assert description.origin["data"] == "photos"
    assert set(description.origin["fingerprints"]) == {"train", "val", "test"}
    assert "torch" in description.versions
    assert str(trained.photos) not in str(description), "a path of this machine left it"


def test_a_module_of_your_own_leaves_too_and_needs_itself_to_come_back(quick, arrays, tmp_path):
    module = nn.Sequential(nn.Conv2d(3, 3, 3), nn.AdaptiveAvgPool2d(1), nn.Flatten())
    run = quick(arrays, model=module)
    path = run.export(tmp_path / "own.safetensors")
    again = saccade.load(path, module=nn.Sequential(nn.Conv2d(3, 3, 3), nn.AdaptiveAvgPool2d(1), nn.Flatten()))
    np.testing.assert_array_equal(
        again(arrays[0][0]).probabilities, run.predictor()(arrays[0][0]).probabilities
    )  # fmt: skip


@pytest.mark.bad_input
def test_a_name_of_another_kind_or_none_is_refused(trained, tmp_path):
    with pytest.raises(BadConfig, match=r"got 'model\.onnx'; taken is a name that ends in \.safetensors"):
        saccade.export(trained.run, tmp_path / "model.onnx")
    with pytest.raises(BadConfig, match="got no name for the file"):
        saccade.export(trained.predictor)
    with pytest.raises(BadCheckpoint, match=r"no run\.json"):
        saccade.export(tmp_path)
