"""FRED, the Federal Reserve Bank of St. Louis: any of its series as the CSV behind its graphs.

The CSV says neither a title nor a unit; of the series that FRED has from BLS, the id tells what they are.

Traps: the first column was DATE until December 2024; a missing value is "." or nothing; a client that is turned away
gets a page with status 200, which is told as a block; a series that is gone takes no other with it; the length of a
period follows from the distance of the dates.
"""

from __future__ import annotations

import csv
import io
import re
from collections import Counter
from collections.abc import Iterator, Sequence
from datetime import date, timedelta
from itertools import pairwise

from spiders.bls import meaning_of
from spiders.reader import Answer, Ask, Found, Item, Note, Reader, Unreadable, texts
from spiders.source import Source

SOURCE = Source(
    name="fred",
    title="FRED: economic series of the St. Louis Fed",
    records=("price_series",),
    reader="spiders.fred:Graph",
    licence_note=(
        "FRED Terms of Use (fred.stlouisfed.org/legal): no automated extraction but through its API, no storing in a "
        "database, no training of models; a series may have an owner's terms besides"
    ),
    follows="https://fredhelp.stlouisfed.org/fred/graphs/share-my-fred-graph/how-to-download-a-graph",
    cadence=timedelta(days=7),
    base="https://fred.stlouisfed.org/graph/fredgraph.csv",
    delay=2.0,
    off=(
        "FRED's terms forbid programs to read its download form and to keep what they read; its prices come from BLS, "
        "which the source bls reads freely"
    ),
    targets=("CPIAUCSL", "CUSR0000SETA02", "CUUR0000SEEE01", "CUSR0000SAD", "APU0000708111", "APU000074714"),
    target_note="the id of a series: CUSR0000SETA02",
    fields={
        "series": "the name of the column",
        "title": "the same: the CSV has no other",
        "period": "observation_date; DATE before December 2024",
        "days": "from the distance between the dates",
        "value": "the cell; empty or . is missing",
        "statistic": "mean or index where the id is one of BLS's; value otherwise",
    },
    needs_target=True,
)

_DATES = frozenset({"date", "observation_date"})
# "." was FRED's sign until 2024, nothing is today's; "NA" is what R makes of both.
HOLES = frozenset({"", ".", "NA", "#N/A", "NaN"})
_ID = re.compile(r"[A-Za-z0-9_.-]{2,60}")
# The usual distance of two dates, in days, and how long the time between them is called.
_LENGTHS = ((3, 1), (8, 7), (16, 14), (33, 30), (95, 91), (190, 182), (370, 365))


class Graph(Reader):
    """One file for each series, so that one that is gone takes no other with it."""

    def start(self) -> Iterator[Ask]:
        if self.visit.saved:
            yield Ask(self.visit.base)
            return
        for target in self.visit.targets:
            yield Ask(self.at(id=target), told={"id": target})

    def parse(self, answer: Answer) -> Iterator[Item]:
        text = answer.text.lstrip("\ufeff \r\n")
        if text[:1] == "<" or "text/html" in answer.headers.get("content-type", ""):
            yield Note(f"a page came instead of {answer.url}: plain clients are turned away", kind="block")
            raise Unreadable("it is a web page, not a CSV: FRED turns this client away, or the id is unknown")
        lines = csv.reader(io.StringIO(text))
        header = [cell.strip() for cell in next(lines, [])]
        if len(header) < 2 or header[0].lower() not in _DATES:
            raise Unreadable(f"it is no FRED CSV: its first line is {','.join(header)[:80]!r}, not observation_date,…")
        rows = [row for row in lines if any(cell.strip() for cell in row)]
        for place, name in enumerate(header[1:], 1):
            if not _ID.fullmatch(name):
                yield Note(f"column {place} has no series id: {name[:60]!r}", kind="drift")
            yield from self._column(name or f"column_{place}", place, rows)
        wanted = str(answer.ask.told.get("id", ""))
        missing = [name for name in wanted.upper().split(",") if name and name not in map(str.upper, header[1:])]
        if missing:
            yield Note(f"{', '.join(missing)} was asked for; given was {', '.join(header[1:])}", kind="drift")

    def _column(self, series: str, place: int, rows: Sequence[list[str]]) -> Iterator[Item]:
        meaning = meaning_of(series)
        days = _days([row[0] for row in rows])
        known = _ID.fullmatch(series) and not self.visit.saved
        at = f"https://fred.stlouisfed.org/series/{series}" if known else None
        holes = 0
        for row in rows:
            value = row[place].strip() if place < len(row) else ""
            if value in HOLES:
                holes += 1
                continue
            said = texts(
                series=series,
                title=series,
                period=row[0].strip(),
                days=days,
                value=value,
                statistic=meaning.statistic,
                currency=meaning.currency,
                region=meaning.region,
            )
            yield Found("price_series", said, found_at=at)
        yield Note(f"{series}: {len(rows)} rows, {holes} of them without a value")


def _days(texts_of_days: Sequence[str]) -> int:
    """The length of a period, from the most frequent distance of two dates; of a single first of a month, a month."""
    days = []
    for text in texts_of_days:
        try:
            days.append(date.fromisoformat(text.strip()[:10]))
        except ValueError:
            continue
    gaps = Counter((later - earlier).days for earlier, later in pairwise(days) if later > earlier)
    if not gaps:
        return 30 if days and days[0].day == 1 else 1
    usual = gaps.most_common(1)[0][0]
    return next((length for most, length in _LENGTHS if usual <= most), usual)
