import math

import pytest

from saccade.data.labels.text_files import decoded, number_of, read_bytes, read_lines, read_table
from saccade.errors import BadData, BadLabel


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "latin-1", "utf-16"])
@pytest.mark.parametrize("end", ["\n", "\r\n", "\r"])
def test_encodings_and_line_ends_are_told_apart(tmp_path, encoding, end):
    (tmp_path / "a.txt").write_bytes(f"Bär{end}Öl{end}".encode(encoding))
    assert read_lines(tmp_path / "a.txt") == ["Bär", "Öl"]


def test_only_an_empty_last_line_is_no_line(tmp_path):
    (tmp_path / "a.txt").write_text("a\n\nb")
    assert read_lines(tmp_path / "a.txt") == ["a", "", "b"]


def test_no_bytes_are_too_strange():
    assert decoded(bytes(range(256)))


@pytest.mark.parametrize("text", ["1", "-1.5", "+.5", "5.", "1e-3", "1E5"])
def test_numbers_are_read(text):
    assert number_of(text) == float(text)


@pytest.mark.parametrize("text", ["", "nan", "inf", "-inf", "1_0", "0x1", "1e999", "٣", "1 2", "1,5", "."])
def test_what_is_no_number_is_nan(text):
    assert math.isnan(number_of(text))


@pytest.mark.parametrize("separator", [",", ";", "\t"])
def test_tables_are_read_with_their_lines(tmp_path, separator):
    (tmp_path / "a.csv").write_text(f'name{separator}r\n\n"a\nb"{separator}1\nc{separator}2\n')
    header, rows = read_table(tmp_path / "a.csv")
    assert header == ["name", "r"]
    assert rows == [(4, ["a\nb", "1"]), (5, ["c", "2"])]


@pytest.mark.bad_input
def test_files_that_are_large_lost_or_uneven_are_refused(tmp_path):
    (tmp_path / "a.csv").write_text("a,b\n1\n")
    with pytest.raises(BadLabel, match=r"a\.csv:2 with 1 cells; taken are 2"):
        read_table(tmp_path / "a.csv")
    with pytest.raises(BadData, match="of more than 3 bytes"):
        read_bytes(tmp_path / "a.csv", 3)
    with pytest.raises(BadData, match="cannot be read"):
        read_lines(tmp_path / "gone.txt")
    (tmp_path / "b.csv").write_text("a,b\n")
    with pytest.raises(BadData, match="with 1 lines"):
        read_table(tmp_path / "b.csv")
