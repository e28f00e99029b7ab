"""Keep the files of a release for ever: a run and its model, as this version of saccade writes them.

    python scripts/keep_golden.py

Run it once, when a version is released; `tests/contracts/test_exports.py` opens what every version has left in
`tests/golden/`. Never run it for a version that is out: what its users have is what it wrote then.
"""

from __future__ import annotations

import json
import shutil
import tempfile
from pathlib import Path

import saccade
from saccade.data.opening import open_data

GOLDEN = Path(__file__).parents[1] / "tests" / "golden"


def main() -> None:
    """Train a tiny network on the handwritten digits, and record what it says of the first test picture."""
    folder = GOLDEN / saccade.__version__
    shutil.rmtree(folder, ignore_errors=True)
    line = "conv 4 3 norm, pool 2, gap, dense 10"
    settings = {"epochs": 1, "threads": 1, "mirror": False, "ema_decay": 0.9, "optimizer": "nesterov", "device": "cpu"}
    with tempfile.TemporaryDirectory() as place:
        run = saccade.train("digits", model=line, settings=settings, out=Path(place) / "run", listeners=[])
        shutil.copytree(run.path, folder, ignore=shutil.ignore_patterns(".lock"))
        prediction = run.predictor(device="cpu")(open_data("digits").splits["test"].read(0).image)
    said = {"probabilities": [round(float(share), 6) for share in prediction.probabilities]}
    (folder / "said.json").write_text(json.dumps(said) + "\n", encoding="utf-8")
    print(f"kept {folder}")


if __name__ == "__main__":
    main()
