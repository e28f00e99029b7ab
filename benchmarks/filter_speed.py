"""What filtering a photograph costs over OpenCV, from file to file, and how much memory it takes.

    ./do bench filter_speed [PHOTO.jpg]

A photograph of 12 megapixels is made: shapes over noise at every scale, and the noise of a sensor over all of it; or a
JPEG of yours is taken. Ours is `saccade.filter_image(photo, kernel, out=…)`; the rival is imread, filter2D on the three
channels, and imwrite to the same format. Both run in one process and take turns. What starting Python and importing
costs is not in it. Ours also measures its scale and colours the signs, which the rival cuts away.

Memory is by how much the highest resident size of a fresh process grows when it does that once, less the decoded
picture and its result: so it is the tiles, and what decoder and encoder hold. Only Linux tells it.
"""

from __future__ import annotations

import subprocess
import sys
import tempfile
from pathlib import Path

import cv2
import numpy as np

from measure import header, interleaved, ratio, record, table
from saccade.api.filters.filters import filter_image
from saccade.ops.kernels import named_kernel

HEIGHT, WIDTH, ROUNDS = 3000, 4000, 9
CASES = (("sobel", ".png"), ("sobel", ".jpg"), ("sharpen", ".png"), ("sharpen", ".jpg"), ("gaussian", ".jpg"))
PEAK = """
import sys
import cv2, numpy as np
from saccade.api.filters.filters import filter_image
from saccade.ops.kernels import named_kernel

def highest():
    with open("/proc/self/status") as file:
        return next(int(line.split()[1]) for line in file if line.startswith("VmHWM")) / 1024

photo, kernel, out, who = sys.argv[1:]
numbers = named_kernel(kernel).numpy()
filter_image(np.zeros((16, 16, 3), np.uint8), kernel).picture
cv2.filter2D(np.zeros((16, 16, 3), np.uint8), -1, numbers)
before = highest()
if who == "saccade":
    filter_image(photo, kernel, out=out)
else:
    cv2.imwrite(out, cv2.filter2D(cv2.imread(photo), -1, numbers))
print(highest() - before)
"""


def photograph(path: Path) -> None:
    generator = np.random.default_rng(0)
    picture, side = np.zeros((HEIGHT, WIDTH, 3), np.float32), 4
    while side < WIDTH:
        noise = generator.standard_normal((side * 3 // 4, side, 3)).astype(np.float32)
        picture += cv2.resize(noise, (WIDTH, HEIGHT), interpolation=cv2.INTER_CUBIC)
        side *= 2
    picture = 128 + 40 * picture / picture.std()
    for _ in range(40):
        colour = tuple(map(float, generator.integers(0, 256, 3)))
        middle = int(generator.integers(WIDTH)), int(generator.integers(HEIGHT))
        cv2.circle(picture, middle, int(generator.integers(40, 400)), colour, -1, cv2.LINE_AA)
    picture += generator.normal(0, 4, picture.shape).astype(np.float32)
    cv2.imwrite(str(path), picture.clip(0, 255).astype(np.uint8), [cv2.IMWRITE_JPEG_QUALITY, 90])


def rival(photo: Path, kernel: np.ndarray, out: Path) -> None:
    cv2.imwrite(str(out), cv2.filter2D(cv2.imread(str(photo)), -1, kernel))


def grown(photo: Path, kernel: str, out: Path, who: str) -> float:
    words = [sys.executable, "-c", PEAK, str(photo), kernel, str(out), who]
    return float(subprocess.run(words, capture_output=True, text=True, check=True).stdout)


def one_case(photo: Path, folder: Path, kernel: str, suffix: str) -> dict[str, object]:
    ours, theirs = folder / f"ours{suffix}", folder / f"theirs{suffix}"
    numbers = named_kernel(kernel).numpy()
    timings = interleaved(
        {
            "OpenCV": lambda: rival(photo, numbers, theirs),
            "saccade": lambda: filter_image(photo, kernel, out=ours),
        },
        ROUNDS,
    )
    print(f"{kernel}, JPEG to {suffix[1:]}\n{table(timings, 'OpenCV')}")
    sizes = [path.stat().st_size / 1e6 for path in (theirs, ours)]
    print(f"file: OpenCV {sizes[0]:.1f} MB, saccade {sizes[1]:.1f} MB")
    middle, low, high = (round(1 / value, 3) for value in ratio(timings["OpenCV"], timings["saccade"]))
    return {
        "times_opencv": middle,
        "quartiles": sorted([low, high]),
        "milliseconds": round(1e3 * timings["saccade"].median, 1),
        "opencv_milliseconds": round(1e3 * timings["OpenCV"].median, 1),
        **memory(photo, kernel, ours),
    }


def memory(photo: Path, kernel: str, out: Path) -> dict[str, float]:
    if not Path("/proc/self/status").exists():
        return {}
    response = filter_image(photo, kernel)
    drawn = response.image.shape[0] * response.image.shape[1] * (1 if out.suffix == ".png" and kernel == "sobel" else 3)
    held = (response.image.nbytes + drawn) / 2**20
    mine, theirs = (grown(photo, kernel, out, who) for who in ("saccade", "OpenCV"))
    print(f"memory: saccade {mine:.0f} MiB, {mine - held:.0f} beyond picture and result; OpenCV {theirs:.0f} MiB\n")
    return {"mib": round(mine, 1), "mib_beyond": round(mine - held, 1), "opencv_mib": round(theirs, 1)}


def main() -> None:
    header()
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        photo = Path(sys.argv[1]) if len(sys.argv) > 1 else folder / "photo.jpg"
        if len(sys.argv) == 1:
            photograph(photo)
        height, width = cv2.imread(str(photo)).shape[:2]
        print(f"{photo.name}: {width} × {height} pixels, {photo.stat().st_size / 1e6:.1f} MB\n")
        figures = {f"{kernel}{suffix}": one_case(photo, folder, kernel, suffix) for kernel, suffix in CASES}
    worst = max(float(str(case["times_opencv"])) for case in figures.values())
    print(f"at most {worst:.2f} times the time of OpenCV")
    record("filter_speed", {"opencv": cv2.__version__, "pixels": height * width, "figures": figures})


if __name__ == "__main__":
    main()
