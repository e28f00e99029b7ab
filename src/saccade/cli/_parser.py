"""The words of a command line: argparse whose mistakes are the house's errors, each with the nearest right word."""

from __future__ import annotations

import argparse
from collections.abc import Callable, Iterable, Sequence
from pathlib import Path
from typing import Any

from saccade.errors import BadConfig, UnknownName, nearest, printable

_DRAWINGS = (".png", ".svg", ".pdf")


class Parser(argparse.ArgumentParser):
    """An argument parser that raises instead of printing usage, and never guesses an abbreviated flag.

    Args:
        prog: What the user typed to get here.
        description: What it is for.
        epilog: Examples and notes, printed as they are.

    Raises:
        BadConfig: From `parse_args` and its kin, when the words are wrong.

    Source: ours, on argparse.
    """

    def __init__(self, prog: str = "saccade", description: str = "", epilog: str = "") -> None:
        super().__init__(
            prog=prog,
            description=description,
            epilog=epilog,
            allow_abbrev=False,
            formatter_class=_Formatter,
        )

    def error(self, message: str) -> Any:
        """Raise what argparse would print.

        Args:
            message: What argparse says is wrong.

        Raises:
            BadConfig: Always.
        """
        see = f"see {self.prog} --help"
        missing = message.removeprefix("the following arguments are required: ")
        if missing != message:
            wanted = " ".join(str(action.metavar) for action in self._actions if not action.option_strings)
            raise BadConfig(f"got no {missing}; taken is {self.prog} {wanted}; {see}")
        word, _, told = message.removeprefix("argument ").partition(": ")
        if told.startswith("got "):
            raise BadConfig(f"got {word} {told[4:]}; {see}")
        if told.startswith("expected"):
            raise BadConfig(f"got {word} without a value; taken is one after it; {see}")
        raise BadConfig(f"got {message.removeprefix('argument ')}; taken is what the help lists; {see}")

    def _check_value(self, action: argparse.Action, value: Any) -> None:
        if action.choices is not None and value not in action.choices:
            kind = "/".join(action.option_strings) or str(action.metavar or action.dest).lower()
            raise UnknownName(kind, value, [str(choice) for choice in action.choices])


class _Formatter(argparse.RawDescriptionHelpFormatter):
    """Help with the default of each flag, at most 100 columns wide."""

    def __init__(self, prog: str) -> None:
        super().__init__(prog, max_help_position=28)
        self._width = min(self._width, 98)


def unknown_flags(parser: argparse.ArgumentParser, words: Sequence[str]) -> list[str]:
    """Say what is wrong with the words that a parser could not place.

    Args:
        parser: It knows the right flags.
        words: What it left over.

    Returns:
        One message for each unknown flag; when there is none, one about the words that are too many.

    Source: ours.

    Example:
        >>> parser = Parser("saccade predict")
        >>> _ = parser.add_argument("--top")
        >>> unknown_flags(parser, ["--tpo", "3"])
        ["got flag '--tpo'; taken are the flags of saccade predict; did you mean '--top'?"]
    """
    known = [flag for action in parser._actions for flag in action.option_strings] + ["--debug"]
    flags = [word.split("=")[0] for word in words if word.startswith("-") and len(word) > 1]
    if not flags and words:
        return [f"got {len(words)} words too many ({' '.join(words)}); taken is less; see {parser.prog} --help"]
    return [f"got flag {flag!r}; taken are the flags of {parser.prog}; {_hint(flag, known, parser)}" for flag in flags]


def whole_number(text: str) -> int:
    """Read a number above zero, as the `type` of an argument.

    Args:
        text: What was typed.

    Returns:
        The number.

    Raises:
        ArgumentTypeError: If it is none; argparse names the flag.

    Source: ours.

    Example:
        >>> whole_number("3")
        3
    """
    if not text.isdecimal() or int(text) < 1:
        raise argparse.ArgumentTypeError(f"got {text!r}; taken is a whole number above 0")
    return int(text)


def wrong_drawing(out: str | None) -> list[str]:
    """Refuse a drawing of an unknown kind.

    Args:
        out: The file to draw into, if any.

    Returns:
        A message for it.

    Source: ours.

    Example:
        >>> wrong_drawing("curve.svg"), len(wrong_drawing("curve.gif"))
        ([], 1)
    """
    if not out or Path(out).suffix.lower() in _DRAWINGS:
        return []
    return [f"got --out {printable(out)!r}; taken are names that end in {', '.join(_DRAWINGS)}; choose one of them"]


def offering(action: argparse.Action, words: Callable[[], Iterable[str]]) -> None:
    """Let a shell complete an argument with some words, without refusing others.

    Args:
        action: What `add_argument` returned.
        words: Gives the words, when a shell asks.

    Source: argcomplete, which looks for the attribute `completer`.
    """

    def complete(prefix: str, action: Any, parser: Any, parsed_args: Any) -> list[str]:
        del action, parser, parsed_args
        return [word for word in words() if word.startswith(prefix)]

    vars(action)["completer"] = complete


def _hint(flag: str, known: Iterable[str], parser: argparse.ArgumentParser) -> str:
    close = nearest(flag, known, limit=1)
    return f"did you mean {close[0]!r}?" if close else f"see {parser.prog} --help"
