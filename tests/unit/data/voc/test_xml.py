import pytest

from labelled_sets import SIZE, voc_xml
from saccade.data.voc.xml import VocThing, read_voc, voc_text
from saccade.errors import BadLabel


def read(text):
    said = []
    found = read_voc(text.encode(), lambda code, message, severity: said.append((code, severity)))
    return found, said


def test_pixels_are_counted_from_one_and_both_ends_belong_to_the_box():
    found, said = read(voc_xml("cat", (1, 1, 40, 30)))
    assert (found.things[0].box, found.size, said) == ((0, 0, 40, 30), SIZE, [])


def test_a_box_of_one_row_is_a_box():
    assert read(voc_xml("cat", (5, 7, 9, 7)))[0].things[0].box == (4, 6, 9, 7)


@pytest.mark.parametrize(
    ("box", "code", "severity"),
    [
        ((5, 7, 5, 7), "box-empty", "error"),
        ((9, 7, 5, 8), "box-inside-out", "error"),
        (("nan", 7, 5, 8), "box-not-finite", "error"),
        (("", 7, 5, 8), "not-a-number", "error"),
        ((100, 7, 105, 8), "box-outside", "error"),
        ((5, 7, 60, 8), "box-outside", "warning"),
    ],
)
def test_a_wrong_box_is_told_and_the_others_are_kept(box, code, severity):
    extra = "<object><name>dog</name><bndbox><xmin>1</xmin><ymin>1</ymin><xmax>3</xmax><ymax>4</ymax></bndbox></object>"
    found, said = read(voc_xml("cat", box, extra=extra))
    assert said == [(code, severity)]
    assert [(one.name, one.number) for one in found.things][-1] == ("dog", 2)
    assert len(found.things) == (1 if severity == "error" else 2)


def test_flags_pose_and_parts():
    part = "<part><name>head</name><bndbox><xmin>1</xmin><ymin>1</ymin><xmax>3</xmax><ymax>4</ymax></bndbox></part>"
    more = f"<difficult>1</difficult><truncated>0</truncated><pose>Left</pose>{part}{part}"
    found, _ = read(voc_xml("cat", more=more))
    assert (found.things[0].flags, found.things[0].pose, found.parts) == ({"difficult": 1, "truncated": 0}, "Left", 2)
    assert found.things[0].box == (2, 3, 12, 11)


def test_what_is_written_reads_as_it_was():
    things = [
        VocThing('a <b> & "c"', (0.125, 1 / 3, 7.7, 9.0), 1, {"difficult": 1.0}, "Left"),
        VocThing("dog", (3, 4, 5, 5), 2),
    ]
    found, said = read(voc_text("x.png", SIZE, 3, things, segmented=False))
    assert (found.filename, found.size, said) == ("x.png", SIZE, [])
    for one, other in zip(things, found.things, strict=True):
        assert (one.name, one.flags, one.pose) == (other.name, other.flags, other.pose)
        assert max(abs(a - b) for a, b in zip(one.box, other.box, strict=True)) < 1e-12
    assert "<xmin>4</xmin><ymin>5</ymin>".replace("><", ">\n\t\t\t<") in voc_text(
        "x.png", SIZE, 3, things, segmented=False
    )


@pytest.mark.bad_input
@pytest.mark.parametrize(
    ("text", "words"),
    [
        ('<!DOCTYPE a [<!ENTITY b "c"><!ENTITY d "&b;&b;&b;">]><annotation>&d;</annotation>', "defines entities"),
        ('<!DOCTYPE a [<!ENTITY b SYSTEM "file:///etc/passwd">]><annotation>&b;</annotation>', "defines entities"),
        ('<!DOCTYPE a SYSTEM "http://localhost/a.dtd"><annotation/>', "defines entities"),
        ("<annotation><object></annotation>", "no XML"),
        ("", "no XML"),
        ('<?xml version="1.0" encoding="nonsense"?><annotation/>', "no XML"),
        ("<html/>", "of another form"),
    ],
)
def test_bombs_and_other_files_are_refused(text, words):
    with pytest.raises(BadLabel, match=words):
        read(text)
