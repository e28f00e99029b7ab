import errno
import os
from pathlib import Path

import pytest

from saccade import errors
from saccade.cli import main as door
from saccade.cli import models as verb
from saccade.cli.main import main, verbs


@pytest.fixture
def failing(monkeypatch):
    def with_error(error):
        def run(options):
            raise error

        monkeypatch.setattr(verb, "run", run)

    return with_error


def test_the_folder_is_the_list_of_verbs():
    wanted = {
        "train", "predict", "explain", "evaluate", "report", "export", "data", "models", "info", "demo", "completion",
        "dream", "restyle", "filter", "learn", "trace", "size", "cost", "summary", "advise", "fetch", "facts", "lab",
        "compare", "recipes", "tune", "bench",
    }  # fmt: skip
    assert set(verbs()) == wanted
    assert all(about and about[-1] != "." and len(about) < 90 for about in verbs().values())


def test_help_lists_every_verb_and_exit_code(saccade_command):
    done = saccade_command("--help")
    assert done.code == 0
    assert all(f"\n  {name} " in done.out for name in verbs())
    kinds = [getattr(errors, name) for name in errors.__all__ if isinstance(getattr(errors, name), type)]
    codes = {kind.exit_code for kind in kinds if issubclass(kind, errors.SaccadeError)}
    codes |= {0, 70, 130, 141}
    assert all(f"\n  {code:>3}  " in done.out for code in codes)


@pytest.mark.parametrize("name", sorted(verbs()))
def test_every_verb_explains_itself(saccade_command, name):
    done = saccade_command(name, "--help")
    assert done.code == 0
    assert done.out.startswith(f"usage: saccade {name}")
    assert verbs()[name] in " ".join(done.out.split())
    assert f"  saccade {name}" in done.out or name == "completion"
    assert max(len(line) for line in done.out.splitlines()) <= 100


def test_the_version_is_told(saccade_command):
    assert saccade_command("--version").out == "saccade 0.1.0\n"


@pytest.mark.bad_input
def test_without_a_word_the_help_goes_to_stderr(saccade_command):
    done = saccade_command()
    assert (done.code, done.out) == (2, "")
    assert "commands:" in done.err


@pytest.mark.bad_input
@pytest.mark.parametrize(
    ("words", "wanted"),
    [
        (["trian"], "got command 'trian';\n"),
        (["trian"], "did you mean 'train'"),
        (["--verson"], "got flag '--verson';\n  taken are the flags of saccade;\n  did you mean '--version'?"),
        (["models", "--jsn"], "did you mean '--json'?"),
        (["models", "--debgu"], "did you mean '--debug'?"),
        (["models", "a", "b", "c"], "got 2 words too many (b c)"),
    ],
)
def test_a_wrong_word_is_answered_with_the_nearest(saccade_command, words, wanted):
    done = saccade_command(*words)
    assert (done.code, done.out) == (2, "")
    assert wanted in done.err
    assert done.err.count("\n") <= 3


@pytest.mark.parametrize(
    ("error", "code"),
    [
        (errors.BadImage("got 3 bytes; taken are pictures; look at it", "a.jpg"), 2),
        (errors.Diverged("got inf; taken are finite ones; lower the rate"), 3),
        (errors.BadCheckpoint("got x; taken is y; do z"), 4),
        (errors.StorageFull("got disk full; taken is room; free some"), 5),
        (errors.MissingExtra("reading HEIC", "heif"), 6),
        (errors.Busy("got many; taken are few; try later"), 7),
        (errors.Denied("got you; taken is root; ask"), 8),
        (errors.Interrupted("got signal 15; saved; go on", 15), 143),
        (errors.Interrupted("got signal 2; saved; go on", 2), 130),
        (FileNotFoundError(errno.ENOENT, "No such file or directory", "x.png"), 1),
        (MemoryError(), 1),
        (RuntimeError("[enforce fail] DefaultCPUAllocator: can't allocate memory"), 1),
        (KeyboardInterrupt(), 130),
        (ZeroDivisionError("oh\nno"), 70),
    ],
)
def test_every_error_is_a_few_lines_and_an_exit_code(saccade_command, failing, error, code):
    failing(error)
    done = saccade_command("models")
    assert (done.code, done.out) == (code, "")
    assert done.err.startswith("saccade: ")
    assert 1 <= done.err.count("\n") <= 3
    assert "Traceback" not in done.err


def test_debug_shows_where_an_error_comes_from(saccade_command, failing):
    failing(ZeroDivisionError("oh no"))
    for words in (["--debug", "models"], ["models", "--debug"]):
        done = saccade_command(*words)
        assert done.code == 70
        assert "Traceback" in done.err
        assert "this is a bug in saccade, not your mistake: ZeroDivisionError: oh no" in done.err


def test_debug_after_two_dashes_is_a_word():
    assert door._without_debug(["predict", "--debug", "--", "--debug"]) == (["predict", "--", "--debug"], True)


def test_whoever_stops_listening_is_not_complained_to(monkeypatch, capfd):
    def run(options):
        raise BrokenPipeError(errno.EPIPE, "Broken pipe")

    monkeypatch.setattr(verb, "run", run)
    monkeypatch.setattr(door, "_drop_output", lambda: None)
    assert main(["models"]) == 141
    assert capfd.readouterr().err == ""


@pytest.mark.parametrize("name", ["MPLCONFIGDIR", "TORCHINDUCTOR_CACHE_DIR"])
def test_caches_of_libraries_go_to_a_folder_outside_the_home(saccade_command, monkeypatch, name):
    monkeypatch.delenv(name)
    saccade_command("models")
    folder = Path(os.environ[name])
    assert Path.home() not in folder.parents
    assert not folder.exists()
    monkeypatch.setenv(name, str(folder))


@pytest.mark.parametrize(("setting", "wanted"), [("0", 0), ("1", 1)])
def test_memory_is_tuned_unless_told_otherwise(saccade_command, monkeypatch, setting, wanted):
    calls = []
    monkeypatch.setattr("saccade.memory.tune_memory", lambda: calls.append(1))
    monkeypatch.setenv("SACCADE_MEMORY", setting)
    saccade_command("models")
    assert len(calls) == wanted


def test_a_shell_that_asks_is_answered(monkeypatch):
    import argcomplete

    asked = []
    monkeypatch.setenv("_ARGCOMPLETE", "1")
    monkeypatch.setattr(argcomplete, "autocomplete", asked.append)
    assert main([]) == 0
    (tree,) = asked
    assert all(name in tree.format_help() for name in verbs())
