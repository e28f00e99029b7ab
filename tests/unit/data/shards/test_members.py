import contextlib
import io
import tarfile

import pytest

from saccade.data.shards.members import MOST_MEMBER, members
from saccade.errors import BadData


def archive(*infos, form=tarfile.PAX_FORMAT):
    """An archive of members, each given as (name, body) or as a TarInfo."""
    file = io.BytesIO()
    with tarfile.open(fileobj=file, mode="w", format=form) as tar:
        for one in infos:
            about, body = (one, b"") if isinstance(one, tarfile.TarInfo) else (tarfile.TarInfo(one[0]), one[1])
            about.size = len(body)
            tar.addfile(about, io.BytesIO(body))
    return file.getvalue()


def listed(data):
    return list(members(io.BytesIO(data), len(data)))


def special(name, kind, link=""):
    about = tarfile.TarInfo(name)
    about.type, about.linkname = kind, link
    return about


NAMES = ["a.jpg", "folder/b.jpg", "Räder 1.jpg", "x" * 99, "y/" * 60 + "z.jpg", "long" * 60 + ".jpg"]


@pytest.mark.parametrize("form", [tarfile.PAX_FORMAT, tarfile.GNU_FORMAT])
def test_names_and_places_are_those_of_the_archive(form):
    bodies = [bytes([number]) * (300 * number) for number in range(len(NAMES))]
    data = archive(*zip(NAMES, bodies, strict=True), form=form)
    found = listed(data)
    assert [one.name for one in found] == NAMES
    assert [data[one.start : one.start + one.size] for one in found] == bodies
    assert not any(one.problem for one in found)


def test_what_is_no_plain_file_is_told_and_not_followed():
    found = listed(
        archive(
            special("link.jpg", tarfile.SYMTYPE, "/etc/passwd"),
            special("hard.jpg", tarfile.LNKTYPE, "a.jpg"),
            special("null.jpg", tarfile.CHRTYPE),
            special("folder", tarfile.DIRTYPE),
            ("a.jpg", b"x"),
        )
    )
    assert [(one.name, one.problem.partition(";")[0]) for one in found] == [
        ("link.jpg", "a link"),
        ("hard.jpg", "a link"),
        ("null.jpg", "a device"),
        ("a.jpg", ""),
    ]


@pytest.mark.parametrize("name", ["../a.jpg", "/etc/a.jpg", "a/../../b.jpg", "..\\a.jpg", "C:/a.jpg", "C:\\a.jpg"])
def test_names_that_lead_outside_are_told(name):
    [found] = listed(archive((name, b"x")))
    assert "outside" in found.problem


def test_a_member_of_a_size_beyond_all_pictures_is_told():
    about = tarfile.TarInfo("a.jpg")
    about.size = MOST_MEMBER + 1
    head = about.tobuf(tarfile.GNU_FORMAT)
    [found] = members(io.BytesIO(head), len(head) + about.size + 1024)
    assert "taken are at most" in found.problem


def test_nothing_holds_nothing():
    assert listed(b"") == listed(bytes(1024)) == []


@pytest.mark.bad_input
def test_a_wrong_sum_is_refused():
    data = bytearray(archive(("a.jpg", b"x")))
    data[3] ^= 1
    with pytest.raises(BadData, match="wrong header at byte 0"):
        listed(bytes(data))


@pytest.mark.bad_input
def test_a_cut_archive_is_refused_or_ends_at_a_member():
    data = archive(("a.jpg", b"x" * 700), ("b.jpg", b"y" * 700), form=tarfile.GNU_FORMAT)
    for end in range(0, 4096, 100):
        try:
            names = [one.name for one in listed(data[:end])]
        except BadData as error:
            assert "taken are" in str(error)  # noqa: PT017
        else:
            assert names == ["a.jpg", "b.jpg"][: len(names)]


@pytest.mark.bad_input
def test_random_bytes_never_do_worse_than_be_refused():
    import random

    plain = archive(*zip(NAMES, [b"body"] * len(NAMES), strict=True))
    generator = random.Random(0)
    for _ in range(300):
        data = bytearray(plain)
        for _ in range(5):
            data[generator.randrange(len(data))] = generator.randrange(256)
        with contextlib.suppress(BadData):
            assert len(listed(bytes(data))) <= 2 * len(NAMES)


@pytest.mark.bad_input
def test_a_name_without_end_is_refused():
    about = tarfile.TarInfo("a.jpg")
    about.pax_headers = {"path": "x" * (1 << 17)}
    data = about.tobuf(tarfile.PAX_FORMAT)
    with pytest.raises(BadData, match="taken are at most 65,536"):
        listed(data)
