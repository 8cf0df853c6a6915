"""How large a picture may be, and how much of the machine its reading may take."""

from __future__ import annotations

from dataclasses import dataclass

from features.photo.refused import PictureRefused


@dataclass(frozen=True, slots=True)
class Limits:
    """Limits of one call and of the process that decodes. The defaults read what phones take.

    `pixels` is what a picture declares: 64 million are the largest common pictures of phones. `memory_bytes` is the
    address space of the decoding process with its libraries, and `seconds` is both the processor time one picture may
    take and, three times as long, the time on the clock. With `looks_only` no barcode and no text is looked for: that
    is most of the work.
    """

    pictures: int = 8
    bytes: int = 15_000_000
    pixels: int = 64_000_000
    seconds: float = 20.0
    memory_bytes: int = 2_500_000_000
    # A picture waits this long for those before it.
    queue_seconds: float = 60.0
    looks_only: bool = False

    def check_size(self, width: int, height: int) -> None:
        """PictureRefused too_many_pixels where a picture of this size is not read."""
        if width * height > self.pixels:
            raise PictureRefused(
                "too_many_pixels",
                f"{width} × {height} are {width * height / 1e6:.0f} million pixels, and at most "
                f"{self.pixels / 1e6:.0f} million are read; make it smaller",
            )


DEFAULT = Limits()
LOOKS_ONLY = Limits(looks_only=True)
