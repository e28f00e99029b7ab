import inspect
import subprocess
import sys

import pytest

from saccade import catalog
from saccade.errors import BadConfig, UnknownName
from saccade.inspect.tracing.options import ROOM, Option, check_options, options_of, traces


@pytest.mark.parametrize("name", traces())
def test_what_is_read_from_the_text_is_what_the_function_takes(name):
    function = inspect.unwrap(catalog.find(ROOM, name))
    parameters = inspect.signature(function).parameters
    assert list(options_of(name)) == list(parameters)
    assert all(option.about for option in options_of(name).values())
    assert all(option.default for option in options_of(name).values())


def test_reading_what_the_traces_take_loads_nothing_heavy():
    code = (
        "import sys; from saccade.inspect.tracing.options import *; [options_of(name) for name in traces()]; "
        "print([name for name in ('torch', 'numpy', 'jinja2') if name in sys.modules])"
    )
    assert subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True).stdout == "[]\n"


@pytest.mark.parametrize(
    ("kinds", "right", "wrong"),
    [
        (("int",), [3], [3.0, "3", True, None]),
        (("float",), [3, 0.5], ["3", True, None]),
        (("int", "None"), [3, None], ["3", False]),
        (("bool",), [True], [1, "yes", None]),
        (("int", "str"), [1, "same"], [1.5, None, True]),
        (("Rows",), ["1 2", [[1]], 7], []),
    ],
)
def test_an_option_takes_values_of_its_types(kinds, right, wrong):
    option = Option("o", kinds, "0", "")
    assert all(option.takes(value) for value in right)
    assert not any(option.takes(value) for value in wrong)


@pytest.mark.bad_input
def test_every_wrong_option_is_named_at_once():
    with pytest.raises(BadConfig) as caught:
        check_options("pool", {"windw": 3, "stride": "2", "kind": "max", "padding": True})
    assert str(caught.value).splitlines() == [
        "got option 'windw' for the trace 'pool'; taken are 5 names; did you mean 'window' or 'kind'?",
        "got stride='2'; taken is a whole number or None; change it",
        "got padding=True; taken is a whole number or a word; change it",
    ]


@pytest.mark.bad_input
def test_an_unknown_trace_is_answered_with_the_nearest():
    with pytest.raises(UnknownName, match="did you mean 'conv'"):
        options_of("covn")
