"""Pictures are read in a process of their own: what was on them comes back, and nothing else."""

from __future__ import annotations

import json
import subprocess
import sys
import threading
import time
from dataclasses import asdict, replace
from pathlib import Path
from typing import Any

import numpy as np
import psutil
import pytest
import rapidocr
from PIL import Image

from features.photo import DEFAULT, PictureRefused, read, read_pictures
from features.photo.picture import picture_read
from features.photo.reader import Reader
from warehouse.errors import BadInput, Busy

FORMATS = {"JPEG": {"quality": 85}, "PNG": {}, "WEBP": {"quality": 85}}


@pytest.fixture
def drill(studio: Any) -> Image.Image:
    things = studio.barcode(width=360), studio.label("DEWALT DCD771", "20V MAX")
    image: Image.Image = studio.photo(*things, size=(1000, 500))
    return image


def child_of(reader: Reader) -> psutil.Process:
    assert reader._child is not None
    return psutil.Process(reader._child._process.pid)


def the_child() -> psutil.Process:
    return child_of(read._reader())


@pytest.mark.parametrize("kind", FORMATS)
def test_barcode_text_and_look_of_each_format_are_read(studio: Any, drill: Image.Image, kind: str) -> None:
    (seen,) = read_pictures([studio.file(drill, kind, **FORMATS[kind])])
    assert [code.gtin for code in seen.barcodes] == [studio.gtin]
    assert {"DEWALT DCD771", "20V MAX"} <= {line.text for line in seen.lines}
    assert (seen.width, seen.height) == drill.size
    assert [len(digits) for digits in asdict(seen.look).values()] == [16, 64, 11]
    assert seen.notes == ()
    assert 0.3 < seen.brightness < 0.8
    assert seen.sharpness > 10


def test_equal_pictures_give_equal_answers_in_the_order_asked(studio: Any, drill: Image.Image) -> None:
    wall = studio.file(studio.photo(size=(400, 300)))
    one, nothing, again = read_pictures([studio.file(drill), wall, studio.file(drill)])
    assert one == again
    assert (nothing.barcodes, nothing.lines) == ((), ())


def test_what_is_read_survives_the_pipe(studio: Any, drill: Image.Image) -> None:
    (seen,) = read_pictures([studio.file(drill)])
    assert picture_read(json.loads(json.dumps(asdict(seen)))) == seen


@pytest.mark.parametrize("turn", range(1, 9))
def test_a_picture_stands_upright_as_its_file_says(studio: Any, turn: int) -> None:
    from features.photo.decode import decode
    from features.photo.header import read_header

    pixels = np.zeros((40, 60, 3), np.uint8)
    pixels[:20, :30] = 255
    upright = Image.fromarray(pixels)
    back = {2: 0, 3: 3, 4: 1, 5: 5, 6: 2, 7: 6, 8: 4}
    stored = upright if turn == 1 else upright.transpose(Image.Transpose(back[turn]))
    exif = Image.Exif()
    exif[0x0112] = turn
    data = studio.file(stored, "PNG", exif=exif)
    decoded = decode(data, read_header(data), DEFAULT)
    assert np.array_equal(decoded.rgb, pixels)
    assert (decoded.width, decoded.height) == (60, 40)
    assert decoded.notes == (() if turn == 1 else ("turned",))


def test_no_place_leaves_a_picture(studio: Any, drill: Image.Image) -> None:
    exif = Image.Exif()
    exif[0x010F] = "SecretCam"
    exif[0x0112] = 1
    exif.get_ifd(0x8825).update({1: "N", 2: (38.0, 37.0, 37.77), 3: "W", 4: (90.0, 11.0, 58.88)})
    data = studio.file(drill, exif=exif, comment=b"taken at home")
    assert b"SecretCam" in data
    assert b"taken at home" in data
    told = json.dumps(asdict(read_pictures([data])[0]))
    with pytest.raises(PictureRefused) as refused:
        read_pictures([data[: len(data) // 2]])
    for text in (told, str(refused.value), repr(refused.value.__dict__)):
        assert not any(word in text for word in ("37.77", "58.88", "3777", "5888", "SecretCam", "home", "GPS"))
    assert refused.value.__cause__ is None


def test_a_picture_without_a_thing_says_nothing(studio: Any) -> None:
    noise = Image.fromarray(np.random.default_rng(2).integers(0, 256, (150, 200, 3), dtype=np.uint8))
    for image in (Image.new("RGB", (320, 240), "white"), noise, studio.photo(size=(320, 240))):
        (seen,) = read_pictures([studio.file(image, "PNG")])
        assert (seen.barcodes, seen.lines) == ((), ())


@pytest.mark.parametrize(("light", "blur", "note"), [(0.1, 0, "dark"), (1, 6, "blurred")])
def test_a_poor_picture_says_what_would_help(studio: Any, light: float, blur: float, note: str) -> None:
    poor = studio.photo(studio.label("DEWALT DCD771"), size=(800, 600), light=light, blur=blur, noise=0.5)
    assert note in read_pictures([studio.file(poor)])[0].notes


def test_the_child_keeps_no_way_to_open_anything(studio: Any, drill: Image.Image) -> None:
    if sys.platform != "linux":
        pytest.skip("limits of a process are read from /proc")
    read_pictures([studio.file(drill)])
    child = the_child()
    limits = Path(f"/proc/{child.pid}/limits").read_text()
    bounds = {line[:26].strip(): line[26:].split()[:2] for line in limits.splitlines()[1:]}
    assert bounds["Max open files"] == bounds["Max file size"] == bounds["Max core file size"] == ["0", "0"]
    assert bounds["Max address space"] == [str(DEFAULT.memory_bytes)] * 2
    assert bounds["Max cpu time"][0] != "unlimited"
    assert child.net_connections() == []
    assert child.nice() > 0
    assert "KATY" not in "".join(child.environ())


def test_a_killed_child_harms_neither_parent_nor_next_picture(studio: Any, drill: Image.Image) -> None:
    data = studio.file(drill)
    (first,) = read_pictures([data])
    the_child().kill()
    assert read_pictures([data]) == [first]


def test_a_child_killed_at_work_refuses_its_picture_only(studio: Any, drill: Image.Image) -> None:
    reader, data = read._reader(), studio.file(drill)
    reader.read(data, DEFAULT)

    def kill_it_at_work() -> None:
        child = reader._child
        assert child is not None
        while not child.reading:
            time.sleep(0.001)
        child._process.kill()

    assert reader._child is not None
    reader._child.reading = False
    threading.Thread(target=kill_it_at_work).start()
    noise = np.random.default_rng(3).integers(0, 256, (1500, 2000, 3), dtype=np.uint8)
    with pytest.raises(PictureRefused) as refused:
        reader.read(studio.file(Image.fromarray(noise)), DEFAULT)
    assert refused.value.reason == "unreadable"
    assert reader.read(data, DEFAULT).barcodes


def test_a_picture_that_takes_too_long_is_refused(studio: Any, drill: Image.Image) -> None:
    reader, hasty = Reader(), replace(DEFAULT, seconds=0.001)
    with pytest.raises(PictureRefused) as refused:
        reader.read(studio.file(drill), hasty)
    assert refused.value.reason == "too_slow"
    assert reader._child is None
    reader.close()


def test_who_waits_too_long_in_line_is_told_so(studio: Any, drill: Image.Image) -> None:
    reader, data, told = read._reader(), studio.file(drill), []
    reader.read(data, DEFAULT)
    child_of(reader).suspend()
    first = threading.Thread(target=lambda: told.append(reader.read(data, DEFAULT)))
    first.start()
    while not reader._turn.locked():
        time.sleep(0.01)
    with pytest.raises(Busy, match="try again"):
        reader.read(data, replace(DEFAULT, queue_seconds=0.05))
    child_of(reader).resume()
    first.join()
    assert told[0].barcodes


def test_callers_at_once_each_get_their_own_answer(studio: Any) -> None:
    numbers = ["1001", "2002", "3003", "4004"]
    files = {number: studio.file(studio.photo(studio.label(f"MODEL {number}"), size=(500, 200))) for number in numbers}
    told: dict[str, str] = {}

    def ask(number: str) -> None:
        told[number] = read_pictures([files[number]])[0].lines[0].text

    threads = [threading.Thread(target=ask, args=(number,)) for number in numbers]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert told == {number: f"MODEL {number}" for number in numbers}


def test_no_child_is_left_when_its_parent_is_killed(studio: Any, drill: Image.Image, tmp_path: Path) -> None:
    (tmp_path / "drill.jpg").write_bytes(studio.file(drill))
    script = (
        "import pathlib, time; from features.photo import read, read_pictures\n"
        f"read_pictures([pathlib.Path({str(tmp_path / 'drill.jpg')!r}).read_bytes()])\n"
        "print(read._reader()._child._process.pid, flush=True); time.sleep(60)"
    )
    root = Path(__file__).parents[3]
    parent = subprocess.Popen([sys.executable, "-c", script], stdout=subprocess.PIPE, cwd=root)
    assert parent.stdout is not None
    child = psutil.Process(int(parent.stdout.readline()))
    parent.kill()
    parent.wait()
    parent.stdout.close()
    child.wait(timeout=20)
    assert not child.is_running()


def test_a_model_of_ones_own_adds_a_vector(studio: Any, drill: Image.Image, tmp_path: Path) -> None:
    # The package's classifier of upright text takes pictures as a model of looks does.
    (model,) = (Path(rapidocr.__file__).parent / "models").glob("*cls*.onnx")
    reader, data = Reader(), studio.file(drill)
    vector = reader.read(data, DEFAULT, model).vector
    assert len(vector) == 2
    assert np.linalg.norm(vector) == pytest.approx(1, abs=1e-5)
    (tmp_path / "model.onnx").write_bytes(b"no model")
    with pytest.raises(BadInput, match=r"model\.onnx cannot be read as an ONNX model"):
        reader.read(data, DEFAULT, tmp_path / "model.onnx")
    reader.close()
