import pytest

from pictures import write_class_folders
from saccade.data.opening import open_data
from saccade.errors import BadData, BadLabel


@pytest.fixture
def table(tmp_path):
    write_class_folders(tmp_path, {"a": 10, "b": 10})

    def write(text, name="labels.csv", encoding="utf-8"):
        (tmp_path / name).write_bytes(text.encode(encoding))
        return tmp_path / name

    return write


def rows(label=lambda folder, _: folder, separator=","):
    return "\n".join(f"{folder}/{index}.png{separator}{label(folder, index)}" for folder in "ab" for index in range(10))


def test_paths_and_labels_are_read(table):
    dataset = open_data(table("path,label\n" + rows()))
    assert dataset.labels == ("a", "b")
    assert dataset.counts() == {"train": 16, "val": 2, "test": 2}
    assert dataset.splits["train"].read(0).image.shape == (6, 8, 3)
    assert dataset.name == "labels"


@pytest.mark.parametrize("separator", [",", ";", "\t"])
@pytest.mark.parametrize(
    "header", [("path", "label"), ("Filename", "Class"), ("image", "breed"), ("whatever", "category")]
)
def test_usual_headers_and_separators_are_known(table, header, separator):
    assert open_data(table(separator.join(header) + "\n" + rows(separator=separator))).labels == ("a", "b")


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "latin-1", "utf-16"])
@pytest.mark.parametrize("end", ["\n", "\r\n"])
def test_encodings_and_line_ends_are_told_apart(table, encoding, end):
    text = ("path,label\n" + rows(lambda folder, _: {"a": "Bär", "b": "Öl"}[folder])).replace("\n", end)
    assert open_data(table(text, encoding=encoding)).labels == ("Bär", "Öl")


def test_splits_are_kept(table):
    text = "path,label,split\n" + rows(lambda folder, index: f"{folder},{'Train' if index < 8 else 'validation'}")
    assert open_data(table(text)).counts() == {"train": 16, "val": 4}


@pytest.mark.parametrize("mark", [";", "|", "; "])
def test_several_labels_in_a_cell(table, mark):
    dataset = open_data(table("path,labels\n" + rows(lambda folder, index: f"{folder}{mark}c" if index % 2 else "")))
    assert (dataset.labels, dataset.task) == (("a", "b", "c"), "multi_label")
    found = {source.target(index) for source in dataset.splits.values() for index in range(len(source))}
    assert found == {(0, 2), (1, 2), ()}


def test_columns_of_0_and_1(table):
    text = "image,Cat,Dog,snow\n" + rows(lambda folder, index: f"{int(folder == 'a')},1,{index % 2}")
    dataset = open_data(table(text), shares=(1, 0, 0))
    assert (dataset.labels, dataset.task) == (("Cat", "Dog", "snow"), "multi_label")
    train = dataset.splits["train"]
    assert {train.key(index): train.target(index) for index in range(len(train))}["a/1.png"] == (0, 1, 2)


def test_columns_with_one_1_each_are_one_label(table):
    dataset = open_data(table("image,cat,dog\n" + rows(lambda folder, _: "1,0" if folder == "a" else "0,1")))
    assert (dataset.labels, dataset.task) == (("cat", "dog"), "classification")


def test_quotes_and_windows_paths(table):
    text = 'path,label\n"a\\0.png","a, or b"\n' + rows().split("\n", 1)[1]
    assert "a, or b" in open_data(table(text)).labels


def test_one_missing_file_among_many_is_left_for_reading(table):
    dataset = open_data(table("path,label\ngone.png,a\n" + rows()))
    assert sum(dataset.counts().values()) == 21


@pytest.mark.bad_input
@pytest.mark.parametrize(
    ("text", "error", "message"),
    [
        ("path,label\n", BadData, "with 1 lines"),
        ("", BadData, "with 0 lines"),
        ("a/0.png,cat\na/1.png,dog\n", BadData, "without a header"),
        ("foo,bar,baz\n1,2,3\n", BadData, "no column is the path"),
        ("path,width,height\na/0.png,2,3\n", BadData, "no column is the label"),
        ("path,lable,note\na/0.png,2,3\n", BadData, "did you mean label"),
        ("path,label\nnope/0.png,a\nnope/1.png,b\n", BadData, "none of the first 2 paths leads to a file"),
        ("path,label\na/0.png,a\na/1.png,\n", BadLabel, r"labels\.csv:3 without a label"),
        ("path,label\na/0.png,a\na/1.png\n", BadLabel, r"labels\.csv:3 with 1 cells"),
        ("path,label\na/0.png,a\nb/0.png,b\na/0.png,b\n", BadLabel, r"a/0\.png twice, labels\.csv:2 and :4"),
        ("path,label,split\na/0.png,a,x\n", BadLabel, r"labels\.csv:2 with split 'x'"),
        ("path,label,split\na/0.png,a,train\na/1.png,a,val\n", BadData, r"images of one class only \(a\)"),
    ],
)
def test_tables_that_mean_nothing_are_refused(table, text, error, message):
    with pytest.raises(error, match=message):
        open_data(table(text))
