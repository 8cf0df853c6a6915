"""What is read from photos, how fast, and how surely one photo is told from another.

    python -m bench.photos [--quick] [--folder FOLDER] [--json FILE]

Four tables. Seconds by step for pictures of 2, 12 and 48 megapixels in this process, and for a whole call to the
decoding process: cold, warm, and its memory. The share of barcodes and labels read right by turning, blur and light;
wrong means that a GTIN, or a line read with confidence of 0.9 and more, is not what was printed. With `--folder`, a
folder of different photos, the likeness of changed copies and of different photos by threshold, and how often a code is
seen where there is none. Pictures are drawn from a fixed seed: a label or a barcode on a wall, with a sensor's noise.
"""

from __future__ import annotations

import argparse
import io
import itertools
import json
import random
import statistics
import sys
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import numpy as np
import psutil
from PIL import Image, ImageDraw, ImageEnhance, ImageFilter, ImageFont
from rich.console import Console
from rich.table import Table

from features.photo import DEFAULT, close_reader, read_pictures, similar
from features.photo.barcodes import read_barcodes
from features.photo.decode import decode
from features.photo.header import read_header
from features.photo.labels import read_lines
from features.photo.light import quality
from features.photo.look import look_of

console = Console(highlight=False, width=None if sys.stdout.isatty() else 120)
WALL = (150, 130, 110)
LABELS = ("DEWALT DCD771 20V MAX", "MAKITA DHP453", "BOSCH GSR 12V-15", "SONY WH-1000XM4", "CANON EOS 250D")
SIZES = {"2 MP": (1600, 1200), "12 MP": (4000, 3000), "48 MP": (8000, 6000)}
DAMAGE: dict[str, dict[str, float]] = {
    "plain": {},
    "blur 1": {"blur": 1},
    "blur 2": {"blur": 2},
    "blur 3": {"blur": 3},
    "blur 4": {"blur": 4},
    "light 0.3": {"light": 0.3},
    "light 0.1": {"light": 0.1},
    "light 0.05": {"light": 0.05},
    "half as large": {"scale": 0.5},
    "a quarter as large": {"scale": 0.25},
}
HOW = ("right", "none", "wrong")
THRESHOLDS = (0.3, 0.4, 0.45, 0.5, 0.55, 0.6, 0.7)


def barcode(digits: str) -> Image.Image:
    """A printed EAN-13, 640 pixels wide: 5.7 to its narrowest bar."""
    import zxingcpp

    code = zxingcpp.create_barcode(digits, zxingcpp.BarcodeFormat.EAN13)
    image = Image.fromarray(np.asarray(code.to_image(scale=6, add_quiet_zones=True))).convert("RGB")
    return image.resize((640, round(image.height * 640 / image.width)))


def label(text: str) -> Image.Image:
    """A white sticker with letters of 48 points."""
    font = ImageFont.load_default(48)
    image = Image.new("RGB", (round(font.getlength(text)) + 96, 110), "white")
    ImageDraw.Draw(image).text((48, 28), text, fill="black", font=font)
    return image


def photo(
    thing: Image.Image, angle: float, size: tuple[int, int], blur: float = 0, light: float = 1, scale: float = 1
) -> Image.Image:
    """The thing on a wall, turned, blurred (radius in pixels) and dimmed, with noise of three grey values."""
    thing = thing.resize((round(thing.width * scale), round(thing.height * scale)))
    turned = thing.rotate(angle, expand=True, resample=Image.Resampling.BICUBIC)
    image = Image.new("RGB", size, WALL)
    middle = ((size[0] - turned.width) // 2, (size[1] - turned.height) // 2)
    image.paste(turned, middle, Image.new("L", thing.size, 255).rotate(angle, expand=True))
    if blur:
        image = image.filter(ImageFilter.GaussianBlur(blur))
    grain = np.random.default_rng(0).normal(0, 3, (size[1], size[0], 1)).astype(np.float32)
    return Image.fromarray((np.asarray(image) * light + grain).clip(0, 255).astype(np.uint8))


def jpeg(image: Image.Image) -> bytes:
    """A picture as a phone would save it."""
    held = io.BytesIO()
    image.save(held, "JPEG", quality=90)
    return held.getvalue()


def eans(count: int) -> list[str]:
    """Random EAN-13s of producers."""
    rng = random.Random(1)
    made = [f"{rng.randint(3, 8)}{rng.randrange(10**11):011d}" for _ in range(count)]
    return [digits + str(-sum(int(d) * (3 if at % 2 else 1) for at, d in enumerate(digits)) % 10) for digits in made]


def speed() -> list[dict[str, Any]]:
    """Processor seconds by step, and seconds on the clock of a call (cold and warm) with the process's memory."""
    rows = []
    for name, size in SIZES.items():
        image = photo(label(LABELS[0]), 0, size, scale=size[0] / 1600)
        data = jpeg(image)
        pixels = decode(data, read_header(data), DEFAULT)
        steps: dict[str, Callable[[], object]] = {
            "decode": lambda data=data: decode(data, read_header(data), DEFAULT),  # type: ignore[misc]
            "barcodes": lambda pixels=pixels: read_barcodes(pixels.grey),  # type: ignore[misc]
            "text": lambda pixels=pixels: read_lines(pixels.rgb),  # type: ignore[misc]
            "look": lambda pixels=pixels: (look_of(pixels.rgb), quality(pixels.grey)),  # type: ignore[misc]
        }
        row: dict[str, Any] = {
            "picture": name,
            **{step: min(_cpu(run) for _ in range(3)) for step, run in steps.items()},
        }
        close_reader()
        row["cold call"] = _clock(lambda data=data: read_pictures([data]))  # type: ignore[misc]
        row["warm call"] = min(_clock(lambda data=data: read_pictures([data])) for _ in range(3))  # type: ignore[misc]
        row["memory MB"] = _peak_of_child()
        rows.append(row)
    return rows


def _peak_of_child() -> float:
    """The most memory that the decoding process has held, in MB; 0 where there is no /proc."""
    status = Path(f"/proc/{psutil.Process().children()[0].pid}/status")
    lines = status.read_text().splitlines() if status.exists() else []
    return sum(int(line.split()[1]) for line in lines if line.startswith("VmHWM")) / 1024


def _cpu(run: Callable[[], object]) -> float:
    started = time.process_time()
    run()
    return time.process_time() - started


def _clock(run: Callable[[], object]) -> float:
    started = time.perf_counter()
    run()
    return time.perf_counter() - started


def rightness(angles: range, repeats: int) -> list[dict[str, Any]]:
    """By damage: barcodes and labels read right, not at all, and wrong, over all angles."""
    rows = []
    for name, damage in DAMAGE.items():
        codes, lines = [0, 0, 0], [0, 0, 0]
        numbers = itertools.cycle(eans(40))
        for angle, _ in itertools.product(angles, range(repeats)):
            digits, text = next(numbers), LABELS[angle % len(LABELS)]
            grey = np.asarray(photo(barcode(digits), angle, (1200, 900), **damage).convert("L"))
            gtins = [code.gtin for code in read_barcodes(grey)]
            codes[0 if gtins == [f"0{digits}"] else 2 if gtins else 1] += 1
            read = read_lines(np.asarray(photo(label(text), angle, (1200, 900), **damage)))[0]
            sure = [line.text for line in read if line.confidence >= 0.9 and len(line.text) > 3]
            lines[0 if text in sure else 2 if sure else 1] += 1
        total, kinds = len(angles) * repeats, (("code", codes), ("label", lines))
        shares = {f"{what} {how}": counts[at] / total for what, counts in kinds for at, how in enumerate(HOW)}
        rows.append({"damage": name, **shares})
    return rows


def by_angle(repeats: int) -> list[dict[str, Any]]:
    """By turning, undamaged: the share of barcodes and labels read right."""
    rows = []
    for angle in range(0, 180, 15):
        code = label_right = 0
        for digits, text in zip(eans(repeats), itertools.cycle(LABELS)):
            grey = np.asarray(photo(barcode(digits), angle, (1200, 900)).convert("L"))
            code += [read.gtin for read in read_barcodes(grey)] == [f"0{digits}"]
            label_right += text in [
                line.text for line in read_lines(np.asarray(photo(label(text), angle, (1200, 900))))[0]
            ]
        rows.append({"degrees": angle, "code right": code / repeats, "label right": label_right / repeats})
    return rows


def changes() -> dict[str, Callable[[Image.Image], Image.Image]]:
    """What happens to photos between one listing and the next."""

    def cropped(share: float) -> Callable[[Image.Image], Image.Image]:
        def crop(image: Image.Image) -> Image.Image:
            x, y = round(image.width * share / 2), round(image.height * share / 2)
            return image.crop((x, y, image.width - x, image.height - y))

        return crop

    def saved(image: Image.Image) -> Image.Image:
        held = io.BytesIO()
        image.save(held, "JPEG", quality=40)
        return Image.open(held).convert("RGB")

    def stamped(image: Image.Image) -> Image.Image:
        image = image.copy()
        ImageDraw.Draw(image).rectangle((0, round(image.height * 0.9), image.width, image.height), fill="white")
        return image

    return {
        "saved again": saved,
        "a third as large": lambda image: image.resize((image.width // 3, image.height // 3)),
        "brighter": lambda image: ImageEnhance.Brightness(image).enhance(1.3),
        "darker": lambda image: ImageEnhance.Brightness(image).enhance(0.7),
        "more contrast": lambda image: ImageEnhance.Contrast(image).enhance(1.3),
        "stamped": stamped,
        "turned by 2°": lambda image: image.rotate(2, resample=Image.Resampling.BICUBIC),
        "cropped 4 %": cropped(0.04),
        "cropped 10 %": cropped(0.10),
        "cropped 20 %": cropped(0.20),
        "mirrored": lambda image: image.transpose(Image.Transpose.FLIP_LEFT_RIGHT),
    }


def likeness(folder: Path, most: int) -> Iterator[dict[str, Any]]:
    """By threshold: the share of pairs of different photos above it, and of changed copies; and codes seen in them."""
    files = sorted(path for path in folder.rglob("*") if path.suffix.lower() in {".jpg", ".jpeg", ".png", ".webp"})[
        :most
    ]
    images = [Image.open(path).convert("RGB") for path in files]
    known = [look_of(np.asarray(image)) for image in images]
    different = [similar(one, other) for one, other in itertools.combinations(known, 2)]
    same = {
        name: [similar(look, look_of(np.asarray(change(image)))) for look, image in zip(known, images, strict=True)]
        for name, change in changes().items()
    }
    codes = sum(bool(read_barcodes(np.asarray(image.convert("L")))) for image in images)
    console.print(f"{len(images)} photos, {len(different)} pairs; a code was seen in {codes}")
    for threshold in THRESHOLDS:
        yield {
            "from": threshold,
            "different": statistics.fmean(value >= threshold for value in different),
            **{name: statistics.fmean(value >= threshold for value in values) for name, values in same.items()},
        }


def show(title: str, rows: list[dict[str, Any]]) -> None:
    """Print rows as a table."""
    table = Table(*rows[0], title=title)
    for row in rows:
        table.add_row(*(f"{value:.3g}" if isinstance(value, float) else str(value) for value in row.values()))
    console.print(table)


def main() -> None:
    parser = argparse.ArgumentParser(description="What is read from photos, how fast and how surely")
    parser.add_argument("--quick", action="store_true", help="fewer pictures")
    parser.add_argument("--folder", type=Path, help="different photos, to measure likeness on")
    parser.add_argument("--json", type=Path)
    asked = parser.parse_args()
    tables: dict[str, list[dict[str, Any]]] = {"seconds": speed()}
    show("Seconds: steps on the processor, calls on the clock", tables["seconds"])
    tables["turned"] = by_angle(2 if asked.quick else 10)
    show("Read right by turning", tables["turned"])
    tables["damaged"] = rightness(range(0, 360, 90 if asked.quick else 30), 1)
    show("Read right, not, wrong by damage, over all angles", tables["damaged"])
    if asked.folder:
        tables["likeness"] = list(likeness(asked.folder, 100 if asked.quick else 2000))
        show("Share as alike as that, or more", tables["likeness"])
    if asked.json:
        asked.json.write_text(json.dumps(tables, indent=1) + "\n")


if __name__ == "__main__":
    main()
