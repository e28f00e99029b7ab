"""The verb predict: pictures in every form, one or many, whole or broken."""

from __future__ import annotations

import io
import itertools
import json
import threading
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import numpy as np
import pytest
import torch
from PIL import Image

import saccade
from saccade.errors import BadCheckpoint, BadConfig, BadData, BadImage, MissingExtra
from saccade.types.bad_file import BadFile


@pytest.fixture(scope="module")
def pixels(trained):
    with Image.open(trained.photos / "green" / "3.png") as picture:
        return np.array(picture)


@pytest.fixture
def forms(trained, pixels):
    """One picture in every form, with the name that it has there."""
    path = trained.photos / "green" / "3.png"
    with path.open("rb") as file, Image.open(path) as picture:
        yield {
            "path": (path, str(path)),
            "text": (str(path), str(path)),
            "bytes": (path.read_bytes(), "image 0"),
            "bytearray": (bytearray(path.read_bytes()), "image 0"),
            "file": (file, str(path)),
            "PIL": (picture, str(path)),
            "array": (pixels, "image 0"),
            "floats": ((pixels / 255).astype(np.float32), "image 0"),
            "tensor": (torch.from_numpy(pixels).permute(2, 0, 1), "image 0"),
        }


FORMS = ["path", "text", "bytes", "bytearray", "file", "PIL", "array", "floats", "tensor"]


@pytest.mark.parametrize("form", FORMS)
def test_one_picture_in_any_form_gives_one_prediction(trained, forms, form):
    given, name = forms[form]
    prediction = trained.predictor(given)
    assert (prediction.label, prediction.key) == ("green", name)
    expected = trained.predictor(trained.photos / "green" / "3.png").probabilities
    np.testing.assert_allclose(prediction.probabilities, expected, atol=2e-3 if form == "floats" else 0)


def test_a_single_prediction_keeps_its_picture(trained, pixels):
    np.testing.assert_array_equal(trained.predictor(pixels).image, pixels)


@pytest.mark.parametrize(
    ("many", "count"),
    [
        (lambda photos, images: photos, 36),
        (lambda photos, images: str(photos / "red"), 12),
        (lambda photos, images: images, 5),
        (lambda photos, images: torch.from_numpy(images).permute(0, 3, 1, 2), 5),
        (lambda photos, images: list(images), 5),
        (lambda photos, images: tuple(images), 5),
        (lambda photos, images: (image for image in images), 5),
        (lambda photos, images: np.array([str(path) for path in (photos / "red").iterdir()]), 12),
        (lambda photos, images: [], 0),
    ],
)
def test_many_pictures_in_any_form_give_as_many_predictions(trained, pixels, many, count):
    images = np.stack([pixels] * 5)
    predictions = trained.predictor(many(trained.photos, images))
    assert len(predictions) == count
    assert predictions.bad == []


def test_a_folder_is_predicted_in_the_order_of_its_names_without_what_is_hidden(trained, tmp_path, pixels):
    for name in ("b.png", "a/2.png", "a/1.png", ".hidden.png", "._b.png"):
        (tmp_path / name).parent.mkdir(exist_ok=True)
        Image.fromarray(pixels).save(tmp_path / name)
    (tmp_path / "notes.txt").touch()
    keys = [Path(one.key).relative_to(tmp_path).as_posix() for one in trained.predictor(tmp_path)]
    assert keys == ["a/1.png", "a/2.png", "b.png"]


def test_what_is_broken_is_named_and_the_rest_done_in_order(trained, pixels, tmp_path):
    (tmp_path / "broken.png").write_bytes(b"\x89PNG\r\n\x1a\n")
    things = [pixels, tmp_path / "broken.png", 255 - pixels, "nowhere.jpg", pixels[None], pixels]
    predictions = trained.predictor(things, batch_size=2)
    assert [one.key for one in predictions] == ["image 0", "image 2", "image 5"]
    assert [bad.key for bad in predictions.bad] == [str(tmp_path / "broken.png"), "nowhere.jpg", "image 4"]
    streamed = [one.key for one in trained.predictor.stream(things, batch_size=4)]
    assert streamed == ["image 0", str(tmp_path / "broken.png"), "image 2", "nowhere.jpg", "image 4", "image 5"]


def test_three_broken_files_among_many_are_named_and_the_rest_done(trained, tmp_path, pixels):
    whole = io.BytesIO()
    Image.fromarray(pixels).save(whole, "PNG")
    for number in range(297):
        (tmp_path / f"{number:03}.png").write_bytes(whole.getvalue())
    for name, data in {"empty.png": b"", "text.jpg": b"hello", "cut.png": whole.getvalue()[:200]}.items():
        (tmp_path / name).write_bytes(data)
    predictions = trained.predictor(tmp_path)
    assert len(predictions) == 297
    assert sorted(Path(bad.key).name for bad in predictions.bad) == ["cut.png", "empty.png", "text.jpg"]


def test_a_picture_that_needs_what_is_not_installed_is_set_aside_among_others(trained, pixels, monkeypatch):
    def fails(thing, name):
        if isinstance(thing, str):
            raise MissingExtra("reading HEIC", "heif")
        return thing

    monkeypatch.setattr("saccade.api.ensembles.answering.image_of", fails)
    predictions = trained.predictor([pixels, "a.heic"])
    assert len(predictions) == 1
    assert "saccade[heif]" in predictions.bad[0].reason
    with pytest.raises(MissingExtra):
        trained.predictor("a.heic")


def test_a_stream_is_never_more_than_two_batches_ahead(trained, request):
    many = 10_000 if request.config.getoption("--full") else 1_000
    taken = done = ahead = 0

    def pictures():
        nonlocal taken
        for _ in range(many):
            taken += 1
            yield np.zeros((24, 24, 3), np.uint8)

    for _ in trained.predictor.stream(pictures(), batch_size=50):
        ahead = max(ahead, taken - done)
        done += 1
    assert done == many
    assert ahead <= 100


def test_a_stream_that_is_given_up_leaves_no_thread_behind(trained, pixels):
    stream = trained.predictor.stream(itertools.repeat(pixels), batch_size=4)
    next(stream)
    stream.close()
    assert not [thread for thread in threading.enumerate() if thread.name.startswith("ThreadPoolExecutor")]


def test_one_predictor_serves_several_threads(trained):
    folders = [trained.photos / name for name in ("blue", "green", "red")] * 2
    with ThreadPoolExecutor(6) as pool:
        results = list(pool.map(trained.predictor, folders))
    for folder, predictions in zip(folders, results, strict=True):
        assert [one.label for one in predictions] == [folder.name] * 12


@pytest.mark.parametrize(
    "change",
    [
        lambda image: image.convert("RGBA"),
        lambda image: image.convert("P"),
        lambda image: image.convert("CMYK"),
        lambda image: image.resize((200, 31)),
    ],
)
def test_a_picture_of_another_mode_or_size_is_brought_to_what_the_model_takes(trained, pixels, change):
    buffer = io.BytesIO()
    changed = change(Image.fromarray(pixels))
    changed.save(buffer, "TIFF" if changed.mode == "CMYK" else "PNG")
    assert trained.predictor(buffer.getvalue()).label == "green"


def test_a_grey_picture_is_no_other_than_the_same_grey_in_colour(trained):
    grey = np.random.default_rng(0).integers(0, 255, (16, 16), dtype=np.uint8)
    one, other = trained.predictor(grey), trained.predictor(np.stack([grey] * 3, 2))
    np.testing.assert_array_equal(one.probabilities, other.probabilities)


def test_sixteen_bits_say_the_same_as_eight(trained, pixels):
    deep = pixels.astype(np.uint16) * 257
    np.testing.assert_allclose(
        trained.predictor(deep).probabilities, trained.predictor(pixels).probabilities, atol=2e-3
    )


def test_what_a_batch_holds_besides_does_not_matter(trained, pixels):
    alone = trained.predictor(pixels).probabilities
    among = trained.predictor([255 - pixels, pixels, pixels // 2])[1].probabilities
    np.testing.assert_allclose(among, alone, atol=1e-6)


def test_loading_leaves_the_global_generator_alone(trained):
    before = torch.get_rng_state()
    saccade.load(trained.run.best)
    assert torch.equal(before, torch.get_rng_state())


def test_a_model_is_loaded_from_a_run_its_folder_its_file_or_a_predictor(trained, pixels):
    expected = trained.predictor(pixels).probabilities
    for model in (trained.run, trained.run.path, str(trained.run.path), trained.run.best, trained.predictor):
        np.testing.assert_array_equal(saccade.predict(model, pixels).probabilities, expected)


def test_predictions_are_plain_values_when_asked(trained, pixels):
    predictions = trained.predictor([pixels, "nowhere.jpg"])
    values = json.loads(json.dumps(predictions.to_dict()))
    assert [one["label"] for one in values["predictions"]] == ["green"]
    assert values["bad"][0]["key"] == "nowhere.jpg"


def test_it_says_what_it_is(trained):
    assert repr(trained.predictor) == "Predictor(dcnn, 3 classes, 24×24, on cpu)"


@pytest.mark.bad_input
@pytest.mark.parametrize(
    ("thing", "told"),
    [
        ("nowhere.jpg", r"nowhere.jpg: got a file that cannot be opened"),
        (b"no picture", "got"),
        (np.zeros((3, 16, 16), np.uint8), r"transpose\(1, 2, 0\)"),
        (np.full((4, 4), np.nan), "got floats from nan"),
        (np.zeros((8, 8, 5), np.uint8), "got a picture of 5 channels"),
        (None, "got NoneType"),
        (5, "got int"),
    ],
)
def test_a_single_picture_that_is_none_is_an_error(trained, thing, told):
    with pytest.raises(BadImage, match=told):
        trained.predictor(thing)


@pytest.mark.bad_input  # the shape hook takes no BytesIO for a file, though it is one
def test_a_file_in_memory_is_a_picture(trained):
    data = (trained.photos / "green" / "3.png").read_bytes()
    assert trained.predictor(io.BytesIO(data)).label == "green"
    assert len(trained.predictor([io.BytesIO(data), 5]).bad) == 1


@pytest.mark.bad_input
def test_an_array_of_no_picture_among_many_is_set_aside(trained):
    (one,) = list(trained.predictor.stream([np.zeros((8, 8, 5), np.uint8)]))
    assert isinstance(one, BadFile)


@pytest.mark.bad_input
def test_an_empty_folder_and_an_empty_batch_are_refused(trained, tmp_path):
    with pytest.raises(BadData, match="without pictures"):
        trained.predictor(tmp_path)
    for batch_size in (0, -1):
        with pytest.raises(BadConfig, match=f"got batch_size={batch_size}"):
            trained.predictor.stream([], batch_size=batch_size)


@pytest.mark.bad_input
@pytest.mark.parametrize(
    ("model", "error", "told"),
    [
        (None, BadConfig, "got a model of type NoneType"),
        ("nowhere.safetensors", BadCheckpoint, "which is no file"),
        (torch.nn.Identity(), BadConfig, "type Identity"),
    ],
)
def test_what_is_no_model_is_refused(model, error, told):
    with pytest.raises(error, match=told):
        saccade.load(model)


@pytest.mark.bad_input
def test_a_run_without_a_model_and_a_device_that_is_not_here_are_refused(trained, quick, arrays):
    with pytest.raises(BadCheckpoint, match=r"no epoch is done.*--resume"):
        quick(arrays, epochs=0).predictor()
    with pytest.raises(BadConfig, match="got device 'mps'"):
        saccade.load(trained.run, device="mps")
    with pytest.raises(BadCheckpoint, match="of kind 'checkpoint'"):
        saccade.load(trained.run.last)
