"""The command line: finds the verb, reads the words, runs it, and turns every error into plain lines and an exit code.

A verb is a file beside this one whose name has no underscore in front: the first line of its docstring is its help,
`configure(parser)` names its flags and `run(options)` does the work and returns the exit code. It may have
`wrong(options)`, which lists what is wrong with the words before anything is done. A verb that does several things is a
folder of such files, each of them a verb of its own behind the folder's name: `saccade data check`. An underscore
in the name of a file is a hyphen in that of the verb.

Source: ours.
"""

from __future__ import annotations

import argparse
import contextlib
import importlib
import os
import signal
import sys
import traceback
import types
import warnings
from collections.abc import Sequence
from pathlib import Path

import saccade
from saccade.cli._parser import Parser, unknown_flags
from saccade.cli._streams import prepare_streams, tell
from saccade.errors import BadConfig, SaccadeError, UnknownName

DESCRIPTION = "Convolutional vision, whole: train, judge and use networks on your own images."
EPILOG = """\
for example:
  saccade demo
  saccade train photos/ --model resnet18 --epochs 10
  saccade predict runs/photos new-photos/ --json

exit codes:
    0  done
    1  something else went wrong; `info` found numbers that are not finite, or `facts` a card that is wrong
    2  a word, a setting, an image or a data set is not what is taken
    3  training diverged; what was saved is finite
    4  a model or checkpoint file cannot be trusted
    5  the disk is full; what was saved before is intact
    6  an optional part is not installed
    7  busy, try again later
    8  not allowed
    9  a published file could not be fetched
   70  a bug in saccade; --debug shows where
  130  stopped by an interrupt from the keyboard; 143 by a request to end; a training run is saved first
  141  whoever read the output went away

environment:
  SACCADE_WEIGHTS   a folder or an address to fetch published weights from (see saccade fetch)
  SACCADE_PATIENCE  seconds that processes which train together wait for each other (1800)
  SACCADE_MEMORY=0  leave the C library's way with memory alone (see saccade.tune_memory)
  OMP_WAIT_POLICY   PASSIVE unless you set it: threads sleep while they wait, and stay quick on a busy machine
  NO_COLOR=1        no colours
"""
_ROOM = Path(__file__).parent
_CACHES = (
    "MPLCONFIGDIR",
    "TORCHINDUCTOR_CACHE_DIR",
)  # matplotlib would write at home, torch beside all temporary files
_BUG, _INTERRUPTED, _PIPE_CLOSED = 70, 130, 141


def main(argv: Sequence[str] | None = None) -> int:
    """Run one command.

    Args:
        argv: The words after "saccade"; those of this process when left out.

    Returns:
        The exit code; `saccade --help` lists them.

    Source: ours.

    Example:
        >>> main(["--version"])
        saccade 0.1.0
        0
    """
    prepare_streams()
    words, debug = _without_debug(list(sys.argv[1:] if argv is None else argv))
    try:
        code = _answer(words)
        sys.stdout.flush()
        return code
    except BrokenPipeError:
        _drop_output()
        return _PIPE_CLOSED
    except (Exception, KeyboardInterrupt) as error:  # the door to the user: nobody is to meet a traceback unasked
        if argv is None:
            signal.signal(signal.SIGINT, signal.SIG_IGN)  # we are going; one more Ctrl-C must not make a mess of it
        if debug:
            traceback.print_exception(error)
        message, code = _explained(error)
        if not getattr(error, "told", False):  # by another of the processes that train together
            tell(message if _rank() == "0" else f"process {_rank()}: {message}")
        return code


def verbs(group: str = "") -> dict[str, str]:
    """List the verbs, without importing them.

    Args:
        group: A verb that is a folder; "" for the verbs themselves.

    Returns:
        Each verb with the first line of its file, sorted.

    Source: ours.

    Example:
        >>> "data" in verbs(), "data" in verbs("data")
        (True, False)
    """
    files = {path.stem.replace("_", "-"): path for path in (_ROOM / group).glob("[a-z]*.py") if path.stem != "main"}
    files |= {path.parent.name: path for path in (_ROOM / group).glob("[a-z]*/__init__.py")}
    found = {}
    for name, path in sorted(files.items()):
        with path.open(encoding="utf-8") as file:
            found[name] = file.readline().strip().strip('"').rstrip(".")
    return found


def _answer(words: list[str]) -> int:
    known = verbs()
    if "_ARGCOMPLETE" in os.environ:
        return _complete(known)
    place = next((number for number, word in enumerate(words) if not word.startswith("-")), len(words))
    top = _top(known)
    try:
        options, extras = top.parse_known_args(words[:place])
        if extras:
            raise BadConfig("\n".join(unknown_flags(top, extras)))
        if options.version:
            print(f"saccade {saccade.__version__}")
            return 0
        if place == len(words):
            top.print_help(sys.stderr)
            return BadConfig.exit_code
        if words[place] not in known:
            raise UnknownName("command", words[place], known)
        group = words[place] if (_ROOM / words[place]).is_dir() else ""
        if group:
            return _answer_group(group, words[place + 1 :], known[group])
        return _run(words[place], words[place + 1 :], known[words[place]])
    except SystemExit:  # argparse has printed the help
        return 0


def _answer_group(group: str, words: list[str], about: str) -> int:
    """Find the verb within a folder of them; without one, list them."""
    known = verbs(group)
    if words and words[0] in known:
        return _run(f"{group} {words[0]}", words[1:], known[words[0]])
    parser = Parser(f"saccade {group}", f"{about}.", f"commands:\n{_listing(known)}")
    parser.usage = f"saccade {group} COMMAND …\n       saccade {group} COMMAND --help"
    if not words:
        parser.print_help(sys.stderr)
        return BadConfig.exit_code
    if words[0].startswith("-"):
        _, extras = parser.parse_known_args(words)
        raise BadConfig("\n".join(unknown_flags(parser, extras)))
    raise UnknownName(f"{group} command", words[0], known)


def _run(verb: str, words: list[str], about: str) -> int:
    """Read the words of one verb; say everything that is wrong with them, or run it."""
    module = _module(verb)
    parser = Parser(f"saccade {verb}", f"{about}.", "\n".join((module.__doc__ or "").split("\n")[2:]))
    module.configure(parser)
    options, extras = parser.parse_known_intermixed_args(words)
    problems = unknown_flags(parser, extras)
    if hasattr(module, "wrong"):
        problems += module.wrong(options)
    if problems:
        error = BadConfig("\n".join(problems))
        vars(error)["told"] = _rank() != "0"  # the words are the same in every process
        raise error
    _prepare_process()
    return module.run(options)


def _prepare_process() -> None:
    """Tune memory and threads, and give libraries that want a cache a folder that goes when we go."""
    # torch's threads spin while they wait; beside any other busy program that makes small steps ten times slower
    os.environ.setdefault("OMP_WAIT_POLICY", "PASSIVE")
    os.environ.setdefault("TORCH_CPP_LOG_LEVEL", "FATAL")  # a lost connection is ours to tell, without C++ frames
    if _rank() != "0":  # the first of several processes warns
        warnings.simplefilter("ignore")
    if os.environ.get("SACCADE_MEMORY") != "0":
        from saccade.memory import tune_memory

        tune_memory()
    wanted = [name for name in _CACHES if name not in os.environ]
    if wanted:
        import atexit
        import shutil
        import tempfile

        with contextlib.suppress(OSError):
            folder = Path(tempfile.gettempdir(), f"saccade-{os.urandom(8).hex()}")
            os.environ |= {name: str(folder / name.lower()) for name in wanted}
            atexit.register(shutil.rmtree, folder, ignore_errors=True)


def _rank() -> str:
    """The number of this process among those that train together, if a launcher has started several."""
    return os.environ.get("RANK", "") or "0"


def _top(known: dict[str, str]) -> Parser:
    parser = Parser("saccade", DESCRIPTION, f"commands:\n{_listing(known)}\n\n{EPILOG}")
    parser.usage = "saccade COMMAND …\n       saccade COMMAND --help"
    parser.add_argument("--version", action="store_true", help="print the version")
    parser.add_argument("--debug", action="store_true", help="after any command: show where an error comes from")
    return parser


def _listing(known: dict[str, str]) -> str:
    width = max(12, *(len(verb) + 2 for verb in known))
    return "\n".join(f"  {verb:<{width}}{text[0].lower()}{text[1:]}" for verb, text in known.items())


def _complete(known: dict[str, str]) -> int:
    """Answer a shell that asks how a half-typed line goes on."""
    import argcomplete

    tree = argparse.ArgumentParser("saccade")
    branches = tree.add_subparsers(parser_class=argparse.ArgumentParser)
    for verb, about in known.items():
        parser = branches.add_parser(verb, help=about)
        if (_ROOM / verb).is_dir():
            twigs = parser.add_subparsers(parser_class=argparse.ArgumentParser)
            for name, text in verbs(verb).items():
                _configure(f"{verb} {name}", twigs.add_parser(name, help=text))
        else:
            _configure(verb, parser)
    argcomplete.autocomplete(tree)
    return 0


def _configure(verb: str, parser: argparse.ArgumentParser) -> None:
    _module(verb).configure(parser)


def _module(verb: str) -> types.ModuleType:
    return importlib.import_module(f"saccade.cli.{verb.replace(' ', '.').replace('-', '_')}")


def _without_debug(words: list[str]) -> tuple[list[str], bool]:
    end = words.index("--") if "--" in words else len(words)
    kept = [word for word in words[:end] if word != "--debug"]
    return kept + words[end:], len(kept) < end


def _explained(error: BaseException) -> tuple[str, int]:
    """Say in plain lines what went wrong, with the exit code."""
    if isinstance(error, SaccadeError):
        return str(error), error.exit_code
    if isinstance(error, KeyboardInterrupt):
        return "stopped", _INTERRUPTED
    if isinstance(error, OSError):
        where = f" with {str(error.filename)!r}" if error.filename else ""
        reason = f"got {(error.strerror or str(error)).lower()}{where}"
        return f"{reason}; taken are files and folders that can be used; check the path", SaccadeError.exit_code
    if isinstance(error, MemoryError) or "out of memory" in str(error) or "can't allocate memory" in str(error):
        cure = "use a smaller --batch-size, --height or --width"
        return f"got less memory than this takes; taken is a machine with enough; {cure}", SaccadeError.exit_code
    told = " ".join(f"{type(error).__name__}: {error}".split())[:300]
    return f"this is a bug in saccade, not your mistake: {told}\nplease report it with what --debug prints", _BUG


def _drop_output() -> None:
    """Whoever read the output went away: let the rest of it, and Python's own last flush, go nowhere."""
    nowhere = os.open(os.devnull, os.O_WRONLY)
    with contextlib.suppress(OSError, ValueError):
        os.dup2(nowhere, sys.stdout.fileno())
    os.close(nowhere)
