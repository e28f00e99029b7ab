import io
import json
import sys
import warnings

from saccade.cli._streams import note, prepare_streams, print_facts, print_json, print_table, tell


def ascii_streams(monkeypatch):
    """Streams that know no letter but ASCII, for the rest of the test."""
    streams = {}
    for name in ("stdout", "stderr"):
        streams[name] = io.TextIOWrapper(io.BytesIO(), encoding="ascii", write_through=True)
        monkeypatch.setattr(sys, name, streams[name])
    monkeypatch.setattr(warnings, "showwarning", warnings.showwarning)
    prepare_streams()
    return {name: stream.buffer for name, stream in streams.items()}


def test_no_letter_is_too_strange_to_print(monkeypatch):
    streams = ascii_streams(monkeypatch)
    print("é 猫 \udcff")
    assert streams["stdout"].getvalue() == b"\\xe9 \\u732b \\udcff\n"


def test_closed_streams_lead_nowhere(monkeypatch):
    opened = []
    for name in ("stdin", "stdout", "stderr"):
        monkeypatch.setattr(sys, name, None)
    monkeypatch.setattr(warnings, "showwarning", warnings.showwarning)
    prepare_streams()
    opened = [sys.stdin, sys.stdout, sys.stderr]
    print("nobody hears this")
    tell("nor this")
    assert sys.stdin.read() == ""
    for stream in opened:
        stream.close()


def test_a_warning_is_one_line(capsys):
    with warnings.catch_warnings():
        warnings.simplefilter("always")
        prepare_streams()
        warnings.warn("weights are\nodd", UserWarning, stacklevel=1)
    assert capsys.readouterr().err == "saccade: warning: weights are\\nodd\n"


def test_an_error_has_a_line_for_each_clause(capsys):
    tell("got 3; taken is 4; add 1; or so")
    assert capsys.readouterr().err == "saccade: got 3;\n  taken is 4;\n  add 1; or so\n"


def test_several_errors_have_a_line_each(capsys):
    tell("got 3; taken is 4\ngot a; taken is b")
    assert capsys.readouterr().err == "saccade: got 3; taken is 4\n  got a; taken is b\n"


def test_a_note_is_one_line(capsys):
    note("left out a; b\nc")
    assert capsys.readouterr().err == "saccade: left out a; b\\nc\n"


def test_a_strangers_text_cannot_move_the_cursor(capsys):
    tell("got \x1b[2J; taken is text")
    assert "\x1b" not in capsys.readouterr().err


def test_json_is_one_line_in_ascii_without_numbers_that_json_lacks(capsys):
    print_json({"é": [float("inf"), 1.5, (2, None)], "deep": {1: float("nan")}, "bad": "\udcff"})
    line = capsys.readouterr().out
    assert line.count("\n") == 1
    assert line.isascii()
    assert json.loads(line) == {"é": [None, 1.5, [2, None]], "deep": {"1": None}, "bad": "\udcff"}


class Terminal(io.StringIO):
    def isatty(self):
        return True


def test_a_table_is_aligned(capsys):
    print_table([["a", "1"], ["bbb", "20"]], head=["name", "n"], right=[1])
    assert capsys.readouterr().out == "name   n\na      1\nbbb   20\n"


def test_a_table_wider_than_the_terminal_becomes_blocks(monkeypatch):
    monkeypatch.setenv("COLUMNS", "10")
    monkeypatch.setattr(sys, "stdout", Terminal())
    print_table([["alpha", "1998", ""], ["beta", "", "long words"]], head=["name", "year", "paper"])
    assert sys.stdout.getvalue() == "alpha\n  year 1998\nbeta\n  paper long words\n"


def test_no_rows_are_no_lines(capsys):
    print_table([])
    print_facts([])
    assert capsys.readouterr().out == ""
