"""How much memory detection in a picture of 100 megapixels takes, window by window, and how long.

    ./do bench tiles [--record]

A JPEG of 10,000 × 10,000 pixels is made: shapes over noise. A fresh process makes a detector (`yolo_nano` for ten
classes at 640 × 640, not trained; every box is kept, however unsure, so that there are as many as can be), lets it see
one small picture, and then looks at the file in windows of 640 that overlap by a fifth, once without and once with the
whole picture at once. Memory is by how much the highest resident size of the process grows: so it is the file, its
pixels, a batch of windows on their way through the network, and what is found. The target is 1 GB above the model. Only
Linux tells it.
"""

from __future__ import annotations

import json
import subprocess
import sys
import tempfile
from pathlib import Path

import cv2
import numpy as np

from measure import header, record

SIDE, TARGET_MB = 10_000, 1000
CASES = {"tiles": (640, False), "tiles and the whole": (640, True)}
PEAK = """
import json, sys, time
import numpy as np, torch
import saccade
from saccade.api.predictor import Predictor
from saccade.api.tiles.tiled import Tiled
from saccade.exports.model_file import ModelDescription
from saccade.layers.normalised import Normalised
from saccade.types.preprocessing import Preprocessing

def highest():
    with open("/proc/self/status") as file:
        return next(int(line.split()[1]) for line in file if line.startswith("VmHWM")) * 1024 / 1e6

photo, side, whole = sys.argv[1], int(sys.argv[2]), sys.argv[3] == "True"
torch.manual_seed(0)
taken = Preprocessing((640, 640), 3, (0.5,) * 3, (0.25,) * 3, fit="pad")
network = Normalised(saccade.create("yolo_nano", num_classes=10), taken.mean, taken.std)
names = tuple(f"class {number}" for number in range(10))
described = ModelDescription("yolo_nano", {}, task="detection", labels=names, preprocessing=taken)
model = Predictor(network, described, device="cpu").at(0.0)
model(np.zeros((640, 640, 3), np.uint8))
before, start = highest(), time.perf_counter()
found = Tiled(model, side, whole=whole)(photo)
print(json.dumps({"mb": highest() - before, "model_mb": before, "seconds": time.perf_counter() - start,
                  "found": len(found)}))
"""


def picture(path: Path) -> None:
    """Write the picture, made in bands, so that making it takes little memory."""
    generator = np.random.default_rng(0)
    noise = generator.integers(90, 130, (500, SIDE, 3), np.uint8)
    pixels = np.concatenate([np.roll(noise, 37 * band, 1) for band in range(SIDE // 500)])
    for _ in range(4000):
        colour = tuple(map(int, generator.integers(0, 256, 3)))
        middle = int(generator.integers(SIDE)), int(generator.integers(SIDE))
        cv2.circle(pixels, middle, int(generator.integers(5, 60)), colour, -1, cv2.LINE_AA)
    cv2.imwrite(str(path), pixels, [cv2.IMWRITE_JPEG_QUALITY, 90])


def measured(photo: Path, side: int, whole: bool) -> dict[str, float]:
    """Look at the picture once, in a process of its own."""
    words = [sys.executable, "-c", PEAK, str(photo), str(side), str(whole)]
    return json.loads(subprocess.run(words, capture_output=True, text=True, check=True).stdout)


def main() -> None:
    """Measure, print, and with --record keep the figures."""
    header()
    figures = {}
    with tempfile.TemporaryDirectory() as folder:
        photo = Path(folder) / "large.jpg"
        picture(photo)
        print(f"JPEG of {SIDE:,} × {SIDE:,} pixels, {photo.stat().st_size / 1e6:.0f} MB\n")
        for name, (side, whole) in CASES.items():
            figures[name] = one = measured(photo, side, whole)
            verdict = "within" if one["mb"] <= TARGET_MB else "above"
            print(f"{name:20} {one['mb']:6.0f} MB above the model ({one['model_mb']:.0f} MB), {verdict} the target")
            print(f"{'':20} {one['seconds']:6.0f} s, {one['found']:,} boxes")
    if "--record" in sys.argv[1:]:
        print(f"\nrecorded in {record('tiles', {'figures': figures, 'target_mb': TARGET_MB})}")


if __name__ == "__main__":
    main()
