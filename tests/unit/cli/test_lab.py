import json

import pytest

TINY = [
    "--depths", "8,20", "--width", "2", "--size", "8", "--epochs", "1", "--batch-size", "16", "--threads", "1",
]  # fmt: skip
DATA = "synthetic:count=40,size=8"


@pytest.fixture(scope="module")
def folder(tmp_path_factory):
    return tmp_path_factory.mktemp("lab") / "runs"


def test_experiments_are_listed(saccade_command):
    done = saccade_command("lab")
    assert (done.code, done.err) == (0, "")
    assert done.out.startswith("degradation  plain and residual networks")
    assert json.loads(saccade_command("lab", "--json").out)["degradation"]["arxiv"] == "1512.03385"


def test_an_experiment_prints_its_table_its_finding_and_its_files(saccade_command, folder):
    done = saccade_command("lab", "degradation", DATA, *TINY, "--out", folder)
    assert done.code == 0
    lines = done.out.splitlines()
    assert lines[0].split()[:2] == ["network", "parameters"]
    assert [" ".join(line.split()[:2]) for line in lines[1:5]] == ["plain 8", "plain 20", "residual 8", "residual 20"]
    assert lines[6].startswith("plain: 20 layers have")
    assert lines[-2:] == [f"numbers  {folder}/degradation.json", f"drawing  {folder}/degradation.png"]
    assert (folder / "degradation.png").exists()
    assert "saccade: residual20-0" in done.err.splitlines()


def test_the_same_command_again_has_nothing_to_do(saccade_command, folder):
    done = saccade_command("lab", "degradation", DATA, *TINY, "--out", folder, "--json")
    assert done.code == 0
    assert "epoch" not in done.err
    values = json.loads(done.out)
    kept = json.loads((folder / "degradation.json").read_text())
    assert values == {name: kept[name] for name in values}
    assert values["settings"]["depths"] == [8, 20]


def test_the_steps_of_a_lineage_are_announced_and_printed(saccade_command, tmp_path):
    scenes = "synthetic:task=detection,count=40,size=32,shapes=1,classes=circle+star"
    words = ["--steps", "yolo-v1", "--effort", "0.004", "--image-size", "32", "--threads", "1", "--out", tmp_path]
    done = saccade_command("lab", "detectors", scenes, *words)
    assert done.code == 0
    lines = done.out.splitlines()
    assert lines[0].split() == ["step", "mAP50", "mAP", "training", "other", "stages", "evaluation", "images/s",
                                "memory", "disk"]  # fmt: skip
    assert lines[1].startswith("YOLO v1  ")
    assert lines[-2:] == [f"numbers  {tmp_path}/detectors.json", f"drawing  {tmp_path}/detectors.png"]
    assert [line for line in done.err.splitlines() if "yolo" in line] == [
        "saccade: yolo-v1", "saccade: yolo-v1, judged",
    ]  # fmt: skip
    again = saccade_command("lab", "detectors", scenes, *words, "--json")
    assert (again.code, again.err) == (0, "")
    assert json.loads(again.out)["steps"] == json.loads((tmp_path / "detectors.json").read_text())["steps"]


def test_full_is_the_paper_but_for_the_flags_that_are_given(monkeypatch, saccade_command):
    import saccade.lab.degradation as experiment

    seen = {}

    class Found:
        def to_dict(self):
            return {}

    def instead(data, *, settings, out, watch):
        seen.update(settings, data=data, out=out)
        return Found()

    monkeypatch.setattr(experiment, "degradation", instead)
    assert saccade_command("lab", "degradation", "--full", "--epochs", "3", "--json").code == 0
    assert (seen["epochs"], seen["width"], seen["data"], seen["out"]) == (3, 16, None, "runs/degradation")


@pytest.mark.bad_input
@pytest.mark.parametrize(
    ("words", "wanted"),
    [
        (["degradatoin"], "did you mean 'degradation'?"),
        (["--full"], "got --full without an experiment"),
        (["--epochs", "3"], "got --epochs without an experiment"),
        (["degradation", "--depths", "20,57"], "got depths=(20, 57)"),
        (["degradation", "--depths", "deep"], "got depths='deep'"),
        (["degradation", "--epochs", "0", "--width", "x"], "got width='x'"),
        (["degradation", "--dephts", "20"], "did you mean '--depths'?"),
        (["detectors", "--steps", "ssd,rccn"], "did you mean 'rcnn'?"),
        (["detectors", "--depths", "20"], "got --depths with detectors"),
        (["detectors", "digits"], "got digits, whose labels suit classification"),
        (["degradation", "nowhere/"], "got 'nowhere/', which is neither a path that is there nor a name"),
        (["degradation", "synthetic:shapes=2"], "got data whose labels suit 'multi_label'"),
    ],
)
def test_a_mistake_is_told(saccade_command, tmp_path, monkeypatch, words, wanted):
    monkeypatch.chdir(tmp_path)
    done = saccade_command("lab", *words)
    assert (done.code, done.out) == (2, "")
    assert wanted in done.err
    assert list(tmp_path.glob("runs")) == []
