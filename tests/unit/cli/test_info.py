import json
from types import SimpleNamespace

import pytest
import torch

import saccade
from saccade.weights.files import write_tensors


def test_the_machine_is_described(saccade_command):
    values = json.loads(saccade_command("info", "--json").out)
    assert values["saccade"] == "0.1.0"
    assert values["torch"] == torch.__version__
    assert values["devices"][-1] == "cpu"
    assert values["threads"] == torch.get_num_threads()
    assert values["memory"] == "left alone"
    told = saccade_command("info").out
    assert f"torch                   {torch.__version__}\n" in told


def test_a_model_file_is_described(saccade_command, tmp_path):
    path = tmp_path / "model.safetensors"
    labels = [f"class {number}" for number in range(20)]
    write_tensors(
        path, {"a": torch.zeros(3, 4), "b": torch.zeros(2, dtype=torch.int64)}, {"kind": "model", "labels": labels}
    )
    values = json.loads(saccade_command("info", path, "--json").out)
    assert (values["tensors"], values["numbers"], values["types"]) == (2, 14, ["float32", "int64"])
    assert values["not finite"] == []
    done = saccade_command("info", path)
    assert done.code == 0
    assert (
        "labels      class 0, class 1, class 2, class 3, class 4, class 5, class 6, class 7, … (20 in all)" in done.out
    )
    assert "not finite  none" in done.out


@pytest.mark.bad_input
@pytest.mark.parametrize("value", ["nan", "inf", "-inf"])
def test_weights_that_are_not_finite_are_named_with_exit_code_one(saccade_command, tmp_path, value):
    path = tmp_path / "model.safetensors"
    write_tensors(path, {"good": torch.zeros(2), "head.weight": torch.tensor([1.0, float(value)])}, {"kind": "model"})
    done = saccade_command("info", path)
    assert done.code == 1
    assert done.err.startswith("saccade: got weights that are not finite in head.weight;\n")
    assert json.loads(saccade_command("info", path, "--json").out)["not finite"] == ["head.weight"]


@pytest.mark.bad_input
def test_a_file_that_cannot_be_trusted_has_exit_code_four(saccade_command, tmp_path):
    path = tmp_path / "model.safetensors"
    path.write_bytes(b"\x80\x04 a pickle")
    done = saccade_command("info", path)
    assert (done.code, done.out) == (4, "")
    assert "a pickle" in done.err
    assert saccade_command("info", tmp_path / "nothing").code == 4


def test_a_run_is_described_with_its_best_model(saccade_command, tmp_path, monkeypatch):
    def run(folder):
        settings = {"settings": {"epochs": 3, "mirror": False}}
        return SimpleNamespace(state="unfinished", description=settings, best=folder / "best.safetensors")

    monkeypatch.setitem(vars(saccade), "Run", run)
    write_tensors(tmp_path / "best.safetensors", {"a": torch.tensor([float("nan")])}, {"kind": "model"})
    done = saccade_command("info", tmp_path)
    assert done.code == 1
    assert "state            unfinished\n" in done.out
    assert "settings.epochs  3\n" in done.out
    assert "settings.mirror  False\n" in done.out
