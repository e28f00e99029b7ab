"""Published weights with classifiers on the side: what those say agrees with the recorded reference too."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest
import torch

from saccade import catalog


@pytest.mark.parametrize("name", ["googlenet", pytest.param("inception_v3", marks=pytest.mark.full)])
def test_classifiers_on_the_side_agree_to_the_printed_digits_in_double(name: str, oracle: Callable[[str], Any]) -> None:
    reference = oracle(f"{name}_aux")
    network = catalog.find("architectures", name)(auxiliary=True).eval()
    network.load_state_dict(reference.state)
    with torch.no_grad():
        logits, others = network.double().forward_with_auxiliaries(reference.images().double())
    torch.testing.assert_close(logits, torch.tensor(reference.record["logits_f64"]).double(), rtol=1e-6, atol=1e-5)
    for found, expected in zip(others, reference.record["aux_logits_f64"].values(), strict=True):
        assert found.norm().item() == pytest.approx(expected["l2"], rel=1e-8)
        assert found.sum().item() == pytest.approx(expected["sum"], rel=1e-6)
        torch.testing.assert_close(found[:, :32], torch.tensor(expected["first32"]).double(), rtol=1e-6, atol=1e-6)
