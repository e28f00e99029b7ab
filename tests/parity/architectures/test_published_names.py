"""The names in the published files fit the networks that the ledger says they are for."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
import torch

from saccade import catalog
from saccade.weights.adapting import adapt
from saccade.weights.ledger import entries

IMAGENET = [entry for entry in entries().values() if entry.tag == "imagenet"]


@pytest.mark.parametrize("entry", IMAGENET, ids=lambda entry: entry.name)
def test_a_published_file_fits_its_architecture(entry, saccade_oracle: Path) -> None:
    """The files of networks with auxiliary heads hold those too."""
    name = f"{entry.architecture}_aux" if entry.spare else entry.architecture
    record = json.loads((saccade_oracle / "classification" / f"{name}.json").read_text(encoding="utf-8"))
    assert record["published_meta"]["file"] in (entry.file, entry.file.replace(entry.sha256, "") or entry.file) or any(
        entry.file == file for _, file, _ in record["published_meta"]["all_weights"]
    )
    make = catalog.find("architectures", entry.architecture)
    with torch.device("meta"):
        tensors = {key: torch.empty(shape, dtype=getattr(torch, kind)) for key, shape, kind, _ in record["state_dict"]}
        assert adapt(make(), make(), tensors, where=entry.file, spare=entry.spare) == []
        fresh = adapt(make(num_classes=5, in_channels=1), make(), tensors, where=entry.file, spare=entry.spare)
    assert 0 < len(fresh) <= 4
