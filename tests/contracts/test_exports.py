"""What every release of saccade wrote is read for ever: models give what they gave, runs go on."""

from __future__ import annotations

import json
import shutil
import warnings
from pathlib import Path

import numpy as np
import pytest

import saccade
from saccade.data.opening import open_data
from saccade.exports.model_file import describe_model
from saccade.reporting.environment import ReproducibilityWarning

RELEASES = sorted(path for path in (Path(__file__).parents[1] / "golden").iterdir() if path.is_dir())


@pytest.fixture(params=RELEASES, ids=lambda path: path.name)
def kept(request, tmp_path):
    """The run of a release, copied, since a test may go on with it."""
    return shutil.copytree(request.param, tmp_path / "run")


def test_this_release_has_left_its_files():
    assert saccade.__version__ in [path.name for path in RELEASES], "run scripts/keep_golden.py"


def test_a_model_says_what_it_said(kept):
    said = json.loads((kept / "said.json").read_text())["probabilities"]
    picture = open_data("digits").splits["test"].read(0).image
    for model in (kept, kept / "best.safetensors"):
        np.testing.assert_allclose(saccade.load(model)(picture).probabilities, said, atol=1e-4)


def test_a_model_tells_of_itself(kept):
    description = describe_model(kept / "best.safetensors")
    assert description.labels == tuple("0123456789")
    assert description.preprocessing.channels == 1


def test_a_run_is_judged_and_goes_on(kept):
    run = saccade.Run(kept)
    assert run.state == "finished"
    assert run.evaluate().images == 179
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", ReproducibilityWarning)  # it began with other versions
        assert run.resume(epochs=2, listeners=[]).state == "finished"
