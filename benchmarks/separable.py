"""A separable convolution against the dense one: the ratio that multiply-adds predict, and the ratio of the times.

    ./do bench separable [--rounds N] [--picture FILE]

Maps of 56×56 pixels and so many channels in and out, float32, one image, all cores, `same` padding, in inference mode,
channels last (which is the faster layout for both here), with the memory switches and sleeping threads of the command
line. Dense, separable and the latter's two parts take turns; a round repeats each until it has lasted 10 ms or so. The
multiply-adds predict a ratio of 1/filters + 1/f². The drawing shows that, what was measured, and why they differ: the
multiply-adds a second that each part reaches.
"""

from __future__ import annotations

import argparse
import io
import math
import os
import time
from collections.abc import Callable, Mapping
from pathlib import Path

import saccade

os.environ.setdefault("OMP_WAIT_POLICY", "PASSIVE")
saccade.tune_memory()

import torch  # noqa: E402
from PIL import Image  # noqa: E402

from measure import HERE, Timing, header, interleaved, ratio, record  # noqa: E402
from saccade.ops.convolution import cross_correlate, depthwise, pointwise, separable  # noqa: E402
from saccade.ops.costs import convolution_macs  # noqa: E402
from saccade.types.plotting import Plot  # noqa: E402

SIDE, CHANNELS, KERNELS = 56, (16, 32, 64, 128, 256, 512), (3, 5, 7)
COLOURS = {3: "#2563eb", 5: "#d97706", 7: "#059669"}
PARTS = {"dense": "#64748b", "pointwise": "#2563eb", "depthwise": "#dc2626"}


def rivals(channels: int, kernel: int) -> dict[str, Callable[[], object]]:
    generator = torch.Generator().manual_seed(0)

    def random(*shape: int) -> torch.Tensor:
        return torch.randn(shape, generator=generator).contiguous(memory_format=torch.channels_last)

    maps = random(1, channels, SIDE, SIDE)
    dense, each, mixing = (
        random(channels, channels, kernel, kernel),
        random(channels, 1, kernel, kernel),
        random(channels, channels, 1, 1),
    )
    return {
        "dense": lambda: cross_correlate(maps, dense, padding="same"),
        "separable": lambda: separable(maps, each, mixing, padding="same"),
        "depthwise": lambda: depthwise(maps, each, padding="same"),
        "pointwise": lambda: pointwise(maps, mixing),
    }


def macs(channels: int, kernel: int) -> dict[str, int]:
    size = (SIDE, SIDE)
    counts = {
        "dense": convolution_macs(channels, channels, kernel, output=size),
        "depthwise": convolution_macs(channels, channels, kernel, output=size, groups=channels),
        "pointwise": convolution_macs(channels, channels, 1, output=size),
    }
    return {**counts, "separable": counts["depthwise"] + counts["pointwise"]}


def timed(functions: Mapping[str, Callable[[], object]], rounds: int) -> dict[str, Timing]:
    """Time each in turns, as often a round as makes it last; seconds are those of one call."""
    times = {}
    for name, function in functions.items():
        function()
        start = time.perf_counter()
        function()
        times[name] = math.ceil(0.01 / (time.perf_counter() - start))

    def repeated(name: str) -> Callable[[], object]:
        return lambda: [functions[name]() for _ in range(times[name])]

    taken = interleaved({name: repeated(name) for name in functions}, rounds)
    return {name: Timing(tuple(one / times[name] for one in timing.rounds)) for name, timing in taken.items()}


def measure(rounds: int) -> list[dict[str, float]]:
    print("channels  kernel   dense ms  separable ms (depthwise + pointwise)   predicted  measured (quartiles)")
    rows = []
    for kernel in KERNELS:
        for channels in CHANNELS:
            with torch.inference_mode():
                timings = timed(rivals(channels, kernel), rounds)
            counts = macs(channels, kernel)
            predicted = counts["separable"] / counts["dense"]
            middle, low, high = ratio(timings["separable"], timings["dense"])
            dense, both, first, second = (timing.median * 1e3 for timing in timings.values())
            print(
                f"{channels:8d}  {kernel}×{kernel}   {dense:10.3f}  {both:12.3f} ({first:9.3f} + {second:9.3f})"
                f"   {predicted:9.4f}  {middle:8.4f} ({low:.4f}–{high:.4f})",
                flush=True,
            )
            speeds = {name: round(counts[name] / timings[name].median / 1e9, 2) for name in PARTS}
            rows.append(
                {"channels": channels, "kernel": kernel, "predicted": predicted, "measured": middle}
                | {"low": low, "high": high, "dense_ms": dense, "separable_ms": both}
                | {f"{name}_gmacs_a_second": speed for name, speed in speeds.items()}
            )
    return [{name: round(value, 5) for name, value in row.items()} for row in rows]


def draw(rows: list[dict[str, float]]) -> Plot:
    figure = Plot(figsize=(9.2, 3.9), layout="constrained")
    ratios, speeds = figure.subplots(1, 2)
    for kernel in KERNELS:
        chosen, colour = [row for row in rows if row["kernel"] == kernel], COLOURS[kernel]
        ratios.plot(CHANNELS, [row["predicted"] for row in chosen], color=colour, linestyle=(0, (3, 3)), linewidth=1.2)
        ratios.plot(CHANNELS, [row["measured"] for row in chosen], color=colour, marker="o", label=f"{kernel}×{kernel}")
    ratios.plot([], [], color="#334155", linestyle=(0, (3, 3)), linewidth=1.2, label="1/filters + 1/f²")
    ratios.set(title="time of separable : dense", ylabel="ratio; lower is better for separable")
    chosen = [row for row in rows if row["kernel"] == KERNELS[0]]
    for name, colour in PARTS.items():
        values = [row[f"{name}_gmacs_a_second"] for row in chosen]
        speeds.plot(
            CHANNELS, values, color=colour, marker="o", label=f"{name} {'1×1' if name == 'pointwise' else '3×3'}"
        )
    speeds.set(title="speed of each part", ylabel="10⁹ multiply-adds a second")
    for axes in (ratios, speeds):
        axes.set(xscale="log", yscale="log", xlabel="channels in and out")
        axes.set_xticks(CHANNELS, [str(number) for number in CHANNELS])
        axes.minorticks_off()
        axes.spines[["top", "right"]].set_visible(False)
        axes.grid(color="#e2e8f0", linewidth=0.6)
        axes.legend(frameon=False, fontsize=9)
    ticks = (0.02, 0.05, 0.1, 0.2, 0.5, 1.0)
    ratios.set_yticks(ticks, [f"{tick:g}" for tick in ticks])
    ticks = (1, 3, 10, 30, 100)
    speeds.set_yticks(ticks, [str(tick) for tick in ticks])
    return figure


def save(figure: Plot, path: Path) -> None:
    """Save a figure in few colours, which makes a third of the bytes."""
    buffer = io.BytesIO()
    figure.savefig(buffer, format="png", dpi=100)
    path.parent.mkdir(parents=True, exist_ok=True)
    Image.open(buffer).convert("RGB").quantize(64).save(path, optimize=True)


def main() -> None:
    parser = argparse.ArgumentParser(description=(__doc__ or "").splitlines()[0])
    parser.add_argument("--rounds", type=int, default=9, help="how often each is timed")
    parser.add_argument("--picture", type=Path, default=HERE.parent / "docs/pictures/separable.png")
    options = parser.parse_args()
    header()
    rows = measure(options.rounds)
    save(draw(rows), options.picture)
    print(f"\ndrawn: {options.picture}")
    record("separable", {"rounds": options.rounds, "threads": torch.get_num_threads(), "figures": rows})


if __name__ == "__main__":
    main()
