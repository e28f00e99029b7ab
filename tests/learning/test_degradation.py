"""A deeper plain network learns its own training images worse; a residual one does not, or far less."""

from __future__ import annotations

import pytest

from saccade.lab.degradation import degradation
from saccade.lab.watching import TRAINING


@pytest.mark.full
@pytest.mark.timeout(3600)
def test_the_small_form_shows_degradation(tmp_path, saccade_data):
    found = degradation(saccade_data / "cifar10", out=tmp_path)
    errors = {network: figures[TRAINING] for network, figures in found.errors().items()}
    assert errors["plain", 56] > errors["plain", 20] + 0.2
    assert errors["residual", 56] < errors["plain", 56] - 0.4
    assert errors["residual", 56] < errors["residual", 20] + 0.1
