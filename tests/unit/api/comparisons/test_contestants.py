"""Who is compared: names, groups of seeds, and what cannot be compared."""

from __future__ import annotations

import shutil

import pytest

from saccade.api.comparisons.contestants import contestants
from saccade.api.run import Run
from saccade.errors import BadCheckpoint, BadConfig

SHORTER = "conv 2 3, pool 2, gap"


@pytest.fixture
def halves(arrays):
    """The pictures, cut beforehand: the same for every seed."""
    images, ids = arrays
    return {"train": (images[:40], ids[:40]), "test": (images[40:], ids[40:])}


def names(groups) -> list[tuple[str, int]]:
    return [(group.name, len(group.members)) for group in groups]


def test_each_model_is_called_by_its_folder_or_file(trained, tmp_path):
    shutil.copy(trained.run.best, tmp_path / "mine.safetensors")
    groups = contestants([trained.run, tmp_path / "mine.safetensors"])
    assert names(groups) == [("colours", 1), ("mine", 1)]
    assert groups[0].members[0].seed == 0
    assert groups[1].members[0].seed is None
    assert set(groups[1].members[0].fingerprints) == {"train", "val", "test"}


def test_the_best_model_of_a_run_is_called_by_its_folder(quick, halves):
    one, other = quick(halves, out="one"), quick(halves, out="other", model=SHORTER)
    assert names(contestants([one.best, other])) == [("one", 1), ("other", 1)]


def test_folders_of_the_same_name_are_told_apart_by_their_paths(quick, halves, tmp_path):
    one, other = quick(halves, out="x/run"), quick(halves, out="y/run", model=SHORTER)
    assert [name for name, _ in names(contestants([one, other]))] == [str(one.path), str(other.path)]


def test_predictors_of_the_same_architecture_are_numbered(trained):
    groups = contestants([trained.predictor, Run(trained.run.path).predictor()])
    assert len({group.name for group in groups}) == 2


def test_runs_that_differ_by_their_seed_alone_are_one_model(quick, halves):
    runs = [
        quick(halves, out=f"{kind}{seed}", seed=seed, **more)
        for kind, more in (("a", {}), ("b", {"learning_rate": 0.05}), ("c", {"model": SHORTER}))
        for seed in ((0, 1) if kind != "c" else (0,))
    ]
    groups = contestants(runs, group_seeds=True)
    assert [size for _, size in names(groups)] == [2, 2, 1]
    first, second, third = (name for name, _ in names(groups))
    assert "learning_rate=0.002" in first
    assert "learning_rate=0.05" in second
    assert third == "c0"
    assert [member.seed for member in groups[0].members] == [0, 1]
    assert len(contestants(runs)) == 5


def test_where_a_run_computes_is_no_difference(quick, halves):
    runs = [quick(halves, out=f"r{seed}", seed=seed, threads=1 + seed) for seed in (0, 1)]
    other = quick(halves, out="other", model=SHORTER)
    assert [size for _, size in names(contestants([*runs, other], group_seeds=True))] == [2, 1]


def test_a_mapping_names_the_models_itself(quick, halves):
    runs = [quick(halves, out=f"r{seed}", seed=seed) for seed in (0, 1, 2)]
    assert names(contestants({"ours": runs[:2], "theirs": runs[2]})) == [("ours", 2), ("theirs", 1)]


@pytest.mark.bad_input
def test_fewer_than_two_models_are_refused(trained, quick, halves):
    for models in ([], [trained.run], trained.run, {"a": trained.run}):
        with pytest.raises(BadConfig, match="taken are two or more"):
            contestants(models)
    runs = [quick(halves, out=f"r{seed}", seed=seed) for seed in (0, 1)]
    with pytest.raises(BadConfig, match="differ by their seed alone, and so one model"):
        contestants(runs, group_seeds=True)
    with pytest.raises(BadConfig, match="got int to compare"):
        contestants(3)


@pytest.mark.bad_input
def test_the_same_model_twice_is_refused(trained, quick, halves):
    for again in (trained.run.path, trained.run.best, str(trained.run.path)):
        with pytest.raises(BadConfig, match="twice; taken is each model once"):
            contestants([trained.run, again])
    runs = [quick(halves, out="r0"), quick(halves, out="r0 again"), quick(halves, out="c", model=SHORTER)]
    with pytest.raises(BadConfig, match="r0 and r0 again, both of seed 0"):
        contestants(runs, group_seeds=True)


@pytest.mark.bad_input
def test_what_is_not_alike_is_refused(trained, quick, arrays):
    images, ids = arrays
    with pytest.raises(BadConfig, match=r"of which only one knows 0, 1, 2, blue, green"):
        contestants([trained.run, quick((images, ids), out="numbers")])
    several = quick((images, [(int(one),) if one else (0, 1) for one in ids]), out="several")
    with pytest.raises(BadConfig, match="for classification and several for multi_label"):
        contestants([quick((images, ids), out="single"), several])


@pytest.mark.bad_input
def test_a_run_without_a_model_says_how_to_go_on(trained, tmp_path):
    begun = tmp_path / "begun"
    begun.mkdir()
    shutil.copy(trained.run.path / "run.json", begun)
    with pytest.raises(BadCheckpoint, match="no epoch is done"):
        contestants([trained.run, begun])
    with pytest.raises(BadCheckpoint, match=r"no run\.json"):
        contestants([trained.run, tmp_path])
