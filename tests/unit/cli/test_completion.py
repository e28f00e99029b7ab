import os
import shutil
import subprocess
import sys

import pytest


@pytest.mark.parametrize("shell", ["bash", "zsh", "fish"])
def test_the_script_is_for_the_shell(saccade_command, shell):
    done = saccade_command("completion", shell)
    assert done.code == 0
    assert "saccade" in done.out


@pytest.mark.skipif(shutil.which("bash") is None, reason="no bash here")
def test_bash_takes_the_script(saccade_command):
    script = saccade_command("completion", "bash").out
    done = subprocess.run(
        ["bash", "-c", f"{script}\ncomplete -p saccade"], capture_output=True, text=True, check=True
    )  # fmt: skip
    assert "-F _python_argcomplete saccade" in done.stdout


@pytest.mark.parametrize(
    ("line", "wanted", "unwanted"),
    [
        ("saccade mo", ["models "], ["train "]),
        ("saccade train --model lenet", ["lenet5", "lenet5_paper"], ["resnet18"]),
        ("saccade train d --optimizer ", ["adamw", "sgd"], ["cosine"]),
        ("saccade predict runs/a b --dev", ["--device "], ["--json"]),
        ("saccade data ", ["info", "show"], ["train"]),
    ],
)
def test_a_half_typed_line_is_completed(tmp_path, line, wanted, unwanted):
    answer = tmp_path / "answer"
    environment = {
        **os.environ, "_ARGCOMPLETE": "1", "COMP_LINE": line, "COMP_POINT": str(len(line)), "_ARGCOMPLETE_IFS": "\n",
        "_ARGCOMPLETE_STDOUT_FILENAME": str(answer),
    }  # fmt: skip
    subprocess.run([sys.executable, "-m", "saccade"], env=environment, check=True, capture_output=True)
    offered = answer.read_text().split("\n")
    assert set(wanted) <= set(offered) or {word.strip() for word in wanted} <= {word.strip() for word in offered}
    assert not {word.strip() for word in unwanted} & {word.strip() for word in offered}
