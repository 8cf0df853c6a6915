"""The noticeboard of the town's hall: bread and work that changed hands there, as the hall writes it down.

    town_hall_board.csv     ISO dates, what was given as people write it, dollars without a sign, first names

What sells there has one true price each, which rises by a thirtieth a year; who gives it leans to one side, and every
price is a little off. Equal towns give equal bytes, and nothing else in the town hangs on this.
"""

from __future__ import annotations

import csv
import io
import math
import random
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date, timedelta
from pathlib import Path

WEEKS = 78
RISE = 0.033  # a year
LEAN, NOISE = 0.05, 0.05  # standard deviations in logs, of who gives it and of one price
BAD_PRICES = ("", "free", "-7.50", "ask Ines")


@dataclass(frozen=True, slots=True)
class Ware:
    """What is given on the board: its true price in US dollars at the board's end, the ways it is written, how many
    change hands in a week, and by whom."""

    price: float
    titles: tuple[str, ...]
    weekly: float
    givers: tuple[str, ...]


_BAKERS = ("Ines", "Tomas", "Ruth", "Yusuf", "Greta", "Paul", "Amara", "Lior")
_MENDERS = ("Dale", "Wen", "Kofi", "Marta", "Sven", "Aisha", "Rosa")
WARES = {
    "sourdough": Ware(7.50, ("Loaf of sourdough bread", "Sourdough bread, 1 loaf", "sourdough loaf"), 3.0, _BAKERS),
    "rye": Ware(8.20, ("Loaf of rye bread", "Rye bread, 1 loaf"), 1.4, _BAKERS),
    "wheat": Ware(6.40, ("Loaf of whole wheat bread", "whole wheat loaf"), 1.4, _BAKERS),
    "baguette": Ware(4.10, ("Baguette", "fresh baguette"), 1.4, _BAKERS),
    "bike repair": Ware(48.00, ("Bike repair", "bike repair, flat and brakes"), 0.9, _MENDERS),
    "lawn": Ware(42.00, ("Lawn mowing", "lawn mowing, small yard"), 0.7, _MENDERS),
    "haircut": Ware(26.00, ("Haircut", "haircut at home"), 0.7, _MENDERS),
}


def true_price(ware: str, day: date, end: date) -> float:
    """What a ware of the board is truly worth on a day, in US dollars. Raises KeyError for what is none."""
    return WARES[ware].price * math.exp(RISE * (day - end).days / 365.25)


def board(seed: int, end: date) -> list[dict[str, str]]:
    """All that the board says up to `end` (not included), oldest first."""
    dice = random.Random(f"{seed}/board")
    leans = {(name, ware): dice.gauss(0.0, LEAN) for ware, each in WARES.items() for name in each.givers}
    found = sorted(_given(dice, leans, end), key=lambda row: (row["On"], row["Given"], row["By"]))
    for row, price in zip(dice.sample(found, len(BAD_PRICES)), BAD_PRICES, strict=True):
        row["USD"] = price
    return [{"No": f"B{number}", **row} for number, row in enumerate(found, 1)]


def text_of(rows: list[dict[str, str]]) -> str:
    """The rows as a CSV file."""
    out = io.StringIO(newline="")
    writer = csv.DictWriter(out, fieldnames=list(rows[0]), lineterminator="\n")
    writer.writeheader()
    writer.writerows(rows)
    return out.getvalue()


def write(rows: list[dict[str, str]], folder: Path) -> Path:
    """Write the board into a folder that is there."""
    path = folder / "town_hall_board.csv"
    path.write_text(text_of(rows), "utf-8", newline="")
    return path


def _given(dice: random.Random, leans: dict[tuple[str, str], float], end: date) -> Iterator[dict[str, str]]:
    for week in range(WEEKS, 0, -1):
        for ware, each in WARES.items():
            for _ in range(int(each.weekly) + (dice.random() < each.weekly % 1)):
                day = end - timedelta(days=7 * week - dice.randrange(7))
                by = dice.choice(each.givers)
                price = true_price(ware, day, end) * math.exp(leans[by, ware] + dice.gauss(0.0, NOISE))
                # People round: bread to a quarter, work to a dollar.
                step = 0.25 if each.price < 15 else 1.0
                rounded = f"{max(round(price / step), 1) * step:.2f}"
                yield {"On": day.isoformat(), "Given": dice.choice(each.titles), "USD": rounded, "By": by}
