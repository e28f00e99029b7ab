import pytest

from saccade.inspect.tracing.numbers import equals, factor, is_exact, number


@pytest.mark.parametrize(
    ("value", "text"),
    [(30.0, "30"), (-1, "−1"), (-0.0, "0"), (0.25, "0.25"), (-1 / 3, "−0.3333"), (123456.7, "123457"), (1e-5, "1e−05"),
     (1e12, "1e+12"), (99999.0, "99999")],
)  # fmt: skip
def test_a_number_is_as_short_as_it_can_be_read(value, text):
    assert number(value) == text


def test_a_rounded_number_is_not_called_equal():
    assert (equals(0.5), equals(2 / 3), equals(-0.0)) == ("= 0.5", "≈ 0.6667", "= 0")
    assert is_exact(123456)
    assert not is_exact(123456.7)


def test_a_negative_factor_stands_in_parentheses():
    assert (factor(-1.5), factor(2)) == ("(−1.5)", "2")
