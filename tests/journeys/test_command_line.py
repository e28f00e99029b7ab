"""The command line from a raw folder to a used model, in a real shell, on small pictures made here."""

from __future__ import annotations

import json
import os
import re
import subprocess
import sys
from pathlib import Path
from types import SimpleNamespace

import numpy as np
import pytest
from PIL import Image, ImageDraw

NETWORK = "conv 8 3, pool 2, conv 16 3, gap, dense 3"
SETTINGS = "--height 24 --batch-size 16 --learning-rate 0.01 --no-mirror --threads 1"
COLOURS = {"red": (220, 40, 40), "grün": (40, 200, 60), "bl ue": (50, 60, 230)}


def draw(path: Path, colour: tuple[int, int, int], number: int) -> None:
    random = np.random.default_rng(number)
    picture = Image.fromarray(random.integers(0, 60, (32, 32, 3), dtype=np.uint8))
    left, top = (int(side) for side in random.integers(2, 12, 2))
    ImageDraw.Draw(picture).ellipse((left, top, left + 16, top + 16), fill=colour)
    picture.save(path)


@pytest.fixture(scope="module")
def place(tmp_path_factory):
    """A working folder with raw pictures, a home and a folder for temporary files, both empty."""
    root = tmp_path_factory.mktemp("place")
    for name in ("home", "tmp", "work"):
        (root / name).mkdir()
    for colour, value in COLOURS.items():
        folder = root / "work" / "photos" / colour
        folder.mkdir(parents=True)
        for number in range(16):
            draw(folder / f"{number} é.png", value, number)
    (root / "work" / "photos" / "red" / "broken.jpg").write_bytes(b"no picture")
    return root


@pytest.fixture(scope="module")
def shell(place):
    """A way to run a line in bash, with nothing of this process' surroundings but the path."""

    def run(line: str, **surroundings: str) -> SimpleNamespace:
        environment = {
            "PATH": f"{Path(sys.executable).parent}{os.pathsep}{os.environ['PATH']}",
            "HOME": str(place / "home"),
            "TMPDIR": str(place / "tmp"),
            "PYTHONWARNINGS": "default",
            "LANG": "C.UTF-8",
            "OMP_NUM_THREADS": "1",
            **surroundings,
        }
        done = subprocess.run(
            ["bash", "-c", line], cwd=place / "work", env=environment, capture_output=True, timeout=120, check=False
        )
        out, err = (text.decode("utf-8", "surrogateescape") for text in (done.stdout, done.stderr))
        assert "Traceback" not in err, err
        assert "arning" not in err, err
        return SimpleNamespace(code=done.returncode, out=out, err=err)

    return run


@pytest.fixture(scope="module")
def trained(shell):
    """The run that most of these tests use, and what training it said."""
    done = shell(f"saccade train photos --model '{NETWORK}' --epochs 12 --out runs/colours {SETTINGS}")
    assert done.code == 0, done.err
    return done


def listing(folder: Path) -> dict[str, int]:
    return {str(path.relative_to(folder)): path.stat().st_mtime_ns for path in folder.rglob("*")}


def test_training_says_how_it_goes_on_stderr_and_where_the_run_is_on_stdout(trained):
    assert trained.out.startswith("run    runs/colours\nstate  finished\n")
    assert "saccade report runs/colours" in trained.out
    assert len(re.findall(r"^epoch +\d+/12  loss \d", trained.err, re.MULTILINE)) == 12
    assert "set aside: " in trained.err
    assert "broken.jpg" in trained.err


def test_a_run_folder_holds_everything(trained, place):
    names = {path.name for path in (place / "work" / "runs" / "colours").iterdir()}
    assert {"run.json", "events.jsonl", "last.safetensors", "best.safetensors"} <= names


def test_the_figures_come_with_intervals(trained, shell):
    done = shell("saccade evaluate runs/colours")
    assert done.code == 0, done.err
    assert re.search(r"^top1[ _]accuracy|^accuracy", done.out, re.MULTILINE)
    values = json.loads(shell("saccade evaluate runs/colours --split val --json").out)
    assert values["split"] == "val"
    assert values["images"] > 0


def test_a_folder_is_predicted_whatever_its_names(trained, shell, place):
    done = shell("saccade predict runs/colours photos --json --device cpu")
    assert done.code == 0, done.err
    lines = [json.loads(line) for line in done.out.splitlines()]
    bad = [line for line in lines if "error" in line]
    good = [line for line in lines if "error" not in line]
    assert [Path(line["key"]).name for line in bad] == ["broken.jpg"]
    right = [Path(line["key"]).parent.name == line["label"] for line in good]
    assert len(good) == 48
    assert sum(right) > 40
    assert "left out photos/red/broken.jpg" in done.err
    assert "48 images predicted, 1 file left out" in done.err


def test_three_broken_files_among_many_are_named_and_the_rest_done(trained, shell, place, request):
    many = 10_000 if request.config.getoption("--full") else 400
    folder = place / "work" / "many"
    folder.mkdir()
    for number in range(many - 3):
        os.link(place / "work" / "photos" / "red" / f"{number % 16} é.png", folder / f"{number}.png")
    for name in ("empty.png", "text.jpg", "cut.png"):
        whole = (folder / "0.png").read_bytes()
        (folder / name).write_bytes({"empty.png": b"", "text.jpg": b"hello", "cut.png": whole[: len(whole) // 2]}[name])
    done = shell("saccade predict runs/colours many")
    assert done.code == 0
    assert len(done.out.splitlines()) == many - 3
    assert {name for name in ("empty.png", "text.jpg", "cut.png") if f"left out many/{name}: " in done.err} == {
        "empty.png", "text.jpg", "cut.png",
    }  # fmt: skip
    assert f"{many - 3:,} images predicted, 3 files left out" in done.err


def test_the_card_the_model_and_what_is_in_it(trained, shell, place):
    card = shell("saccade report runs/colours")
    assert card.code == 0, card.err
    assert (
        (place / "work" / card.out.strip()).read_text(encoding="utf-8").lstrip().lower().startswith("<!doctype html>")
    )
    model = shell(
        "saccade export runs/colours --out model.safetensors && mkdir -p elsewhere && mv model.safetensors elsewhere/"
    )
    assert model.code == 0, model.err
    used = shell("cd elsewhere && saccade predict model.safetensors '../photos/grün/1 é.png' --top 2")
    assert used.code == 0, used.err
    assert len(re.findall(r"\d %  ", used.out)) == 2
    told = shell("saccade info elsewhere/model.safetensors && saccade info runs/colours --json")
    assert told.code == 0, told.err
    assert "red" in told.out


def test_a_data_set_is_looked_at(shell, place):
    values = json.loads(shell("saccade data info photos --json").out)
    assert set(values["classes"]) == set(COLOURS)
    done = shell("saccade data check photos --json")
    assert done.code == 2
    broken = [one for one in json.loads(done.out)["findings"] if one["code"] == "image-broken"]
    assert [Path(one["key"]).name for one in broken] == ["broken.jpg"]
    done = shell("saccade data show photos --out mosaic.png --count 12")
    assert done.code == 0, done.err
    with Image.open(place / "work" / "mosaic.png") as picture:
        assert min(picture.size) > 64


def test_a_finished_run_is_extended_and_repeated(trained, shell, place):
    done = shell(f"saccade train photos --model '{NETWORK}' --epochs 1 --out runs/short {SETTINGS}"
                 " && saccade train --repeat runs/short --out runs/again"
                 " && saccade train --resume runs/short --epochs 2")  # fmt: skip
    assert done.code == 0, done.err
    kinds = [json.loads(line)["event"] for line in (place / "work/runs/short/events.jsonl").read_text().splitlines()]
    assert kinds.count("EpochDone") == 2
    assert (place / "work/runs/again/best.safetensors").is_file()


@pytest.mark.bad_input
@pytest.mark.parametrize(
    ("line", "code", "wanted"),
    [
        ("saccade trian photos", 2, "did you mean 'train'"),
        ("saccade train photos --model rsnet18 --epoch 3", 2, "did you mean '--epochs'?"),
        ("saccade train nowhere", 2, "nowhere"),
        ("saccade predict runs/nowhere a.png", 4, "nowhere"),
        ("saccade evaluate photos", 4, "run.json"),
        ("saccade data show photos --out /dev/null/mosaic.png", 1, "check the path"),
    ],
)
def test_a_mistake_is_answered_in_plain_lines(shell, line, code, wanted):
    done = shell(line)
    assert (done.code, done.out) == (code, "")
    assert wanted in done.err
    assert 1 <= len(done.err.splitlines()) <= 4


def test_whoever_reads_only_the_beginning_gets_it_in_peace(trained, shell):
    for line in (
        "saccade predict runs/colours photos photos photos photos --json 2>/dev/null | head -1; exit ${PIPESTATUS[0]}",
        "saccade predict runs/colours photos photos photos photos 2>&1 | head -1; exit ${PIPESTATUS[0]}",
    ):
        done = shell(line)
        assert done.code in (0, 141)
        assert done.err == ""
        assert done.out.count("\n") == 1
    assert shell("saccade --help | head -1").out.startswith("usage: saccade")


def test_a_home_that_cannot_be_written_does_not_matter(trained, shell):
    done = shell("saccade report runs/colours --out card.html", HOME="/dev/null/nowhere")
    assert (done.code, done.err) == (0, "")


@pytest.mark.parametrize(
    "surroundings",
    [
        {"LC_ALL": "C", "PYTHONUTF8": "0", "PYTHONCOERCECLOCALE": "0"},
        {"PYTHONIOENCODING": "ascii", "NO_COLOR": "1", "TERM": "dumb", "COLUMNS": "30"},
    ],
)
def test_no_letter_and_no_terminal_is_too_strange(trained, shell, surroundings):
    done = shell("saccade predict runs/colours photos", **surroundings)
    assert done.code == 0, done.err
    assert done.out.isascii()
    assert "gr\\xfcn" in done.out or "gr\\udcc3" in done.out


def test_closed_streams_do_not_matter(trained, shell):
    assert shell("saccade predict runs/colours 'photos/red/1 é.png' >&- 2>&- <&-").code == 0
    assert shell("saccade predict runs/colours - <&-").code == 2


def test_nothing_is_written_but_where_it_belongs(trained, shell, place):
    before = listing(place / "work" / "photos")
    home = listing(place / "home")
    done = shell("saccade evaluate runs/colours && saccade data show photos")
    assert done.code == 0, done.err
    assert listing(place / "work" / "photos") == before
    assert listing(place / "home") == home == {}
    assert listing(place / "tmp") == {}
