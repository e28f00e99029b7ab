import numpy as np
import pytest

from faulty_data import save
from saccade.api.datasets.checking import check_data
from saccade.api.datasets.label_doubts import doubts
from saccade.errors import BadData


def test_the_numbers_of_the_paper_by_hand():
    """Thresholds are the mean of a class among its own: (0.9 + 0.8 + 0.2) / 3 = 0.633 and (0.9 + 0.3) / 2 = 0.6."""
    said = np.array([[0.9, 0.1], [0.8, 0.2], [0.2, 0.8], [0.1, 0.9], [0.7, 0.3]])
    labels = np.array([0, 0, 0, 1, 1])
    found = doubts(said, labels)
    assert [(row, meant) for row, meant, _ in found] == [(2, 1), (4, 0)]
    assert [margin for _, _, margin in found] == pytest.approx([0.6, 0.4])


def test_a_class_without_pictures_is_never_meant():
    said = np.array([[0.1, 0.1, 0.8], [0.2, 0.7, 0.1]])
    assert doubts(said, np.array([0, 1])) == []


def test_swapped_labels_are_found_among_noise():
    generator = np.random.default_rng(0)
    truth = np.arange(300) % 3
    said = generator.dirichlet([1, 1, 1], 300) * 0.05
    said[np.arange(300), truth] += 0.95
    given = truth.copy()
    wrong = np.arange(0, 300, 31)
    given[wrong] = (truth[wrong] + 1) % 3
    found = doubts(said, given)
    assert {row for row, _, _ in found} == set(wrong.tolist())
    assert all(meant == truth[row] for row, meant, _ in found)


def test_a_model_names_the_pictures_in_the_wrong_folder(photos, tmp_path, trained):
    import shutil

    shutil.copytree(photos, tmp_path / "data")
    moved = sorted((tmp_path / "data" / "red").glob("*.png"))[0]
    moved.rename(tmp_path / "data" / "green" / "moved.png")
    report = check_data(str(tmp_path / "data"), model=trained.run, workers=0, device="cpu")
    doubted = [one.key for one in report.findings if one.code == "label-doubtful"]
    assert doubted[:1] == ["green/moved.png"]
    assert "by heart" in report.notes[0]


@pytest.mark.bad_input
def test_a_model_of_other_classes_is_refused(tmp_path, trained):
    for number in range(4):
        save(tmp_path / "ab"[number % 2] / f"{number}.jpg", number)
    with pytest.raises(BadData, match="does not know"):
        check_data(str(tmp_path), model=trained.run, workers=0, device="cpu")
