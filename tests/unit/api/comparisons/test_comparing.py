"""The verb compare: on the same images, by name, with several seeds, and without a trace in any run."""

from __future__ import annotations

import json
import shutil
from pathlib import Path

import numpy as np
import pytest

import saccade
from saccade.errors import BadConfig, BadData, UnknownName

SHORTER = "conv 2 3, pool 2, gap"


@pytest.fixture(scope="module")
def noisy():
    """Many small pictures, cut beforehand, whose classes are hard to tell."""
    generator = np.random.default_rng(0)
    ids = generator.integers(0, 3, 400)
    images = generator.integers(0, 200, (400, 8, 8, 3))
    images[np.arange(400), :, :, ids] += 25
    images = images.astype(np.uint8)
    return {"train": (images[:200], ids[:200]), "test": (images[200:], ids[200:])}


@pytest.fixture(scope="module")
def runs(noisy, tmp_path_factory):
    """A model with two seeds, and one that has learnt for a shorter time, with two; nobody changes them."""
    root = tmp_path_factory.mktemp("runs")

    def train(name: str, seed: int, epochs: int):
        settings = {"threads": 1, "seed": seed, "mirror": False, "crop_rate": 0.0, "learning_rate": 0.05}
        return saccade.train(
            noisy, model=SHORTER, settings=settings, epochs=epochs, out=root / f"{name}{seed}", listeners=[]
        )

    return {
        f"{name}{seed}": train(name, seed, epochs) for name, epochs in (("good", 8), ("worse", 1)) for seed in (0, 1)
    }


def files(root: Path) -> dict[str, bytes]:
    return {str(path): path.read_bytes() for path in sorted(root.rglob("*")) if path.is_file()}


def test_the_difference_is_that_of_the_evaluations(runs):
    comparison = saccade.compare([runs["good0"], runs["worse0"]])
    models = [runs[name].predictor() for name in ("good0", "worse0")]
    judged = [saccade.evaluate(model, runs["good0"].dataset).numbers() for model in models]
    (pair,) = comparison.pairs
    assert comparison.images == 200
    assert pair.effect.difference == pytest.approx(judged[1]["accuracy"][0] - judged[0]["accuracy"][0])
    assert pair.others["loss"][0] == pytest.approx(judged[1]["loss"][0] - judged[0]["loss"][0], abs=1e-5)
    assert comparison.models[0].figures[0].keys() == judged[0].keys()
    assert [model.name for model in comparison.models] == ["good0", "worse0"]


def test_nothing_is_written_to_any_run(runs):
    before = files(runs["good0"].path.parent)
    saccade.compare([runs["good0"], runs["worse0"]])
    assert files(runs["good0"].path.parent) == before


def test_the_same_call_says_the_same(runs):
    one, other = (saccade.compare([runs["good0"], runs["worse0"]]).to_dict() for _ in range(2))
    assert one == other
    assert json.loads(json.dumps(one, allow_nan=False)) == one


def test_who_comes_first_changes_the_sign_alone(runs):
    forth = saccade.compare([runs["good0"], runs["worse0"]]).pairs[0]
    back = saccade.compare([runs["worse0"], runs["good0"]]).pairs[0]
    assert back.effect.difference == pytest.approx(-forth.effect.difference)
    assert (back.shown, back.better) == (forth.shown, forth.better)


def test_a_copy_of_a_model_shows_no_difference(runs, tmp_path):
    copied = shutil.copy(runs["good0"].best, tmp_path / "copied.safetensors")
    comparison = saccade.compare([runs["good0"], copied])
    (pair,) = comparison.pairs
    assert (pair.effect.difference, pair.p, pair.shown) == (0.0, 1.0, False)
    assert "no difference shown in accuracy" in comparison.verdicts()[0]
    assert "good0 and copied give the very same answers to all images" in comparison.notes


def test_a_run_that_is_not_finished_is_named(runs, tmp_path):
    half = Path(shutil.copytree(runs["worse0"].path, tmp_path / "half"))
    kept = half.joinpath("events.jsonl").read_text().splitlines(keepends=True)[:-1]  # killed before its last word
    half.joinpath("events.jsonl").write_text("".join(kept))
    notes = saccade.compare([runs["good0"], half], runs["good0"].dataset).notes
    assert "the training of half is unfinished; this is about the best of its epochs so far" in notes
    assert not any("good0 is" in note for note in notes)


def test_any_figure_can_be_asked_about(runs):
    for figure in ("macro_f1", "calibration error", "loss"):
        comparison = saccade.compare([runs["good0"], runs["worse0"]], figure=figure)
        (pair,) = comparison.pairs
        assert comparison.figure == figure.replace(" ", "_")
        assert pair.effect.mcnemar is None
        assert "accuracy" in pair.others
    assert comparison.pairs[0].better == "good0"


def test_seeds_are_grouped_and_their_spread_counts(runs):
    grouped = saccade.compare([runs[name] for name in ("good0", "good1", "worse0", "worse1")], group_seeds=True)
    named = saccade.compare({"good": [runs["good0"], runs["good1"]], "worse": [runs["worse0"], runs["worse1"]]})
    (pair,) = grouped.pairs
    assert [len(model.runs) for model in grouped.models] == [2, 2]
    assert named.pairs[0].effect == pair.effect
    assert not any("another seed" in note for note in grouped.notes)
    mixed = saccade.compare({"good": [runs["good0"], runs["good1"]], "worse": runs["worse0"]})
    assert any(note.startswith("worse has a single run") for note in mixed.notes)


def test_one_run_of_each_is_said_to_be_about_these_networks(runs):
    notes = saccade.compare([runs["good0"], runs["worse0"]]).notes
    assert any("how far another seed would move them is not known" in note for note in notes)


def test_several_models_are_corrected_for_their_pairs(runs):
    comparison = saccade.compare([runs[name] for name in ("good0", "good1", "worse0")])
    assert len(comparison.pairs) == 3
    assert all(pair.p >= pair.effect.p for pair in comparison.pairs)
    assert any("Holm" in note for note in comparison.notes)
    single = saccade.compare([runs["good0"], runs["good1"]]).pairs[0]
    assert comparison.pairs[0].detectable > single.detectable


def test_models_of_several_labels_are_compared_by_average_precision(quick, arrays):
    images, ids = arrays
    sets = [(int(one), (int(one) + 1) % 3) if number % 2 else (int(one),) for number, one in enumerate(ids)]
    data = {"train": (images[:40], sets[:40]), "test": (images[40:], sets[40:])}
    one, other = quick(data, out="one", epochs=2), quick(data, out="other", model=SHORTER)
    comparison = saccade.compare([one, other])
    assert comparison.figure == "mean_average_precision"
    assert -1 <= comparison.pairs[0].effect.low <= comparison.pairs[0].effect.high <= 1
    exact = saccade.compare([one, other], figure="exact_match").pairs[0]
    judged = [saccade.evaluate(run.predictor(), one.dataset).numbers()["exact_match"][0] for run in (one, other)]
    assert exact.effect.difference == pytest.approx(judged[1] - judged[0])


@pytest.mark.bad_input
def test_what_cannot_be_compared_is_refused(runs, trained):
    with pytest.raises(BadConfig, match="got one model to compare"):
        saccade.compare([runs["good0"]])
    with pytest.raises(UnknownName, match="did you mean 'accuracy'"):
        saccade.compare([runs["good0"], runs["worse0"]], figure="acuracy")
    with pytest.raises(BadData, match="did you mean 'test'"):
        saccade.compare([runs["good0"], runs["worse0"]], split="tset")
    with pytest.raises(BadConfig, match="of which only one knows"):
        saccade.compare([runs["good0"], trained.run])
