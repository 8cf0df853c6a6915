"""Pictures of labels and barcodes as a person with a phone takes them: turned, blurred, dim, with a sensor's noise."""

from __future__ import annotations

import io
import random
from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from PIL import Image

SIZE = (1000, 750)
_WALL = (150, 130, 110)


@dataclass(frozen=True, slots=True)
class Conditions:
    """How a picture is taken: degrees, radius of the blur in pixels, share of the light."""

    angle: float = 0.0
    blur: float = 0.0
    light: float = 1.0

    @classmethod
    def drawn_from(cls, dice: random.Random) -> Conditions:
        """Two in three pictures upright, one in three sharp and bright."""
        angle = dice.choice((0.0, 0.0, 0.0, 0.0, -6.0, 8.0, 90.0, 180.0, 270.0))
        return cls(angle, dice.choice((0.0, 0.0, 0.8, 1.6)), dice.choice((1.0, 1.0, 0.6, 0.3)))


def picture(lines: Sequence[str], gtin: str | None, taken: Conditions, dice: random.Random) -> bytes:
    """A sticker with lines of text, a barcode below them where there is a number, on a wall; as JPEG."""
    import numpy as np
    from PIL import Image, ImageFilter

    image = Image.new("RGB", SIZE, _WALL)
    thing = _sticker(lines, gtin)
    if thing is not None:
        turned = thing.rotate(taken.angle, expand=True, resample=Image.Resampling.BICUBIC)
        mask = Image.new("L", thing.size, 255).rotate(taken.angle, expand=True)
        scale = min(1.0, 0.94 * SIZE[0] / turned.width, 0.94 * SIZE[1] / turned.height)
        size = (round(turned.width * scale), round(turned.height * scale))
        place = ((SIZE[0] - size[0]) // 2, (SIZE[1] - size[1]) // 2)
        image.paste(turned.resize(size), place, mask.resize(size))
    if taken.blur:
        image = image.filter(ImageFilter.GaussianBlur(taken.blur))
    grain = np.random.default_rng(dice.randrange(2**32)).normal(0.0, 3.0, (SIZE[1], SIZE[0], 1))
    pixels = (np.asarray(image, np.float32) * taken.light + grain).clip(0, 255).astype(np.uint8)
    file = io.BytesIO()
    Image.fromarray(pixels).save(file, "JPEG", quality=88)
    return file.getvalue()


def made_up_gtin(dice: random.Random) -> str:
    """A GTIN-13 with its check digit."""
    digits = f"40{dice.randrange(10**10):010}"
    return digits + str(-sum(int(sign) * (3 if place % 2 else 1) for place, sign in enumerate(digits)) % 10)


def _sticker(lines: Sequence[str], gtin: str | None) -> Image.Image | None:
    from PIL import Image, ImageDraw, ImageFont

    if not lines and not gtin:
        return None
    # What names the thing is printed large, what every label says small.
    sizes = [56 if place < 2 else 36 for place in range(len(lines))]
    fonts = [ImageFont.load_default(size) for size in sizes]
    width = max([640.0, *(font.getlength(line) for font, line in zip(fonts, lines, strict=True))]) + 80
    height = 40 + sum(round(1.5 * size) for size in sizes) + (320 if gtin else 20)
    image = Image.new("RGB", (round(width), height), "white")
    top = 30
    for line, font, size in zip(lines, fonts, sizes, strict=True):
        ImageDraw.Draw(image).text((40, top), line, fill="black", font=font)
        top += round(1.5 * size)
    if gtin:
        image.paste(_bars(gtin), (40, top))
    return image


def _bars(gtin: str) -> Image.Image:
    import numpy as np
    import zxingcpp
    from PIL import Image

    code = zxingcpp.create_barcode(gtin, zxingcpp.BarcodeFormat.EAN13)
    image = Image.fromarray(np.asarray(code.to_image(scale=4, add_quiet_zones=True))).convert("RGB")
    return image.resize((600, 280))
