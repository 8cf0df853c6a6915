"""Price watches after a publish: what the new snapshot shows for each, and the notices that follow from it.

The figure of a day is the median (or the lowest) over the listings seen that day, each counted once. A search finds a
listing when its title, brand or category has every word asked for; it does not guess at spellings, because a notice
about another thing is worse than none, and a watch that finds nothing says so.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import date
from decimal import ROUND_HALF_EVEN, Decimal
from functools import cache
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

import duckdb

from features.condition import UNSTATED, grade, scale
from ledger.books.store import Ledger
from ledger.watching import watches
from ledger.watching.outbox import Notice
from ledger.watching.watch_rules import Point
from ledger.watching.watch_terms import Terms
from ledger.watching.watches import Seen, Watch
from warehouse import query
from warehouse.errors import BadInput, KatyError
from warehouse.snapshot import Snapshot
from warehouse.valuation import minor_unit

Say = Callable[[str], None]
USED = "used"
EXAMPLES = 3
_LONGEST_TITLE = 120
# Case, accents and punctuation do not count.
_FOLDED = r"""
    CREATE TEMP MACRO folded(text) AS
    trim(regexp_replace(strip_accents(lower(nfc_normalize(text))), '[^\p{L}\p{N}]+', ' ', 'g'))
"""
_ASKED = "SELECT string_split(folded($words::VARCHAR), ' ')"
_WORDS = """
    CREATE OR REPLACE TEMP TABLE words AS
    SELECT source, id, concat(' ', folded(concat_ws(' ', title, brand, category, source_category)), ' ') AS text
    FROM mart.listing
"""
_SERIES = "SELECT day, {figure}, count(*) FROM seen WHERE price IS NOT NULL GROUP BY day ORDER BY day"
_CHEAPEST = (
    "SELECT price, title, url FROM seen WHERE day = $day AND price IS NOT NULL ORDER BY price, title LIMIT {most}"
)
_FIGURES = {"median": "median(price)", "lowest": "min(price)"}


def evaluate_watches(snapshot: Snapshot, ledger: Ledger, *, say: Say) -> list[Notice]:
    """Hold every active watch against `snapshot`; returns the notices put or repeated. None fails the others.

    What was seen is kept with the watch, also where nothing was. Evaluating the same snapshot again changes nothing.
    """
    put: list[Notice] = []
    wanted = watches.active(ledger)
    if not wanted:
        return put
    with _market(snapshot) as market:
        for watch in wanted:
            try:
                put += watches.judge(ledger, watch.id, look(market, watch.terms, before=watch))
            except (KatyError, duckdb.Error) as error:
                say(f"watch {watch.id} on {watch.terms.title} could not be looked at: {error}")
            except Exception as error:
                # The run has published already; a fault in one watch is told and is no reason to stop.
                say(f"watch {watch.id} on {watch.terms.title} failed: {type(error).__name__}: {error}")
    say(f"price watches looked at: {len(wanted)}; notices: {len(put)}")
    return put


def preview(snapshot: Snapshot, terms: Terms) -> Seen:
    """What a watch with these terms would look at now; nothing is kept."""
    with _market(snapshot) as market:
        return look(market, terms)


def condition_asked(text: str) -> str:
    """A condition to watch for: "used", or the grade that the words mean. Raises `BadInput` for others."""
    if text.strip().casefold() == USED:
        return USED
    found = grade(text)
    if found == UNSTATED:
        raise BadInput(f'"{text}" is no condition known here: {", ".join((USED, *scale().grades))}')
    return found


class Market:
    """One snapshot open for reading, with its currency and the last day of its data."""

    def __init__(self, snapshot: Snapshot, connection: duckdb.DuckDBPyConnection) -> None:
        self.id, self.connection = snapshot.id, connection
        self.anchor = str(snapshot.manifest["anchor"])
        self.rows(_FOLDED)
        # Folding all texts is done for the first search; until then an empty table stands for them.
        self.rows(_WORDS + "LIMIT 0")
        self._folded = False
        cutoff = snapshot.manifest.get("data_cutoff")
        self.today = date.fromisoformat(cutoff[:10]) if cutoff else date.max

    def rows(self, sql: str, parameters: dict[str, Any] | None = None) -> list[tuple[Any, ...]]:
        found: list[tuple[Any, ...]] = self.connection.execute(sql, parameters).fetchall()
        return found

    def words(self, text: str) -> list[str]:
        """The words of a search, folded as the listings' own texts are, which are ready in the table `words` then."""
        if not self._folded:
            self.rows(_WORDS)
            self._folded = True
        return [word for word in self.rows(_ASKED, {"words": text})[0][0] if word]

    def see(self, parameters: dict[str, Any]) -> None:
        """Fill the table `seen` with what a watch looks at."""
        self.rows(_listings(), parameters)


@contextmanager
def _market(snapshot: Snapshot) -> Iterator[Market]:
    connection = query.read_only(snapshot.database)
    try:
        yield Market(snapshot, connection)
    finally:
        connection.close()


def look(market: Market, terms: Terms, *, before: Watch | None = None) -> Seen:
    """The prices a watch looks at, day by day; `before` is the watch as it was last checked, where it was."""
    compared_in = before.checked.currency if before is not None and before.checked is not None else None
    currency = terms.currency or market.anchor
    if compared_in is not None and compared_in != currency:
        return _nothing(
            market,
            terms,
            compared_in,
            f"values are formed in {currency} now, and this watch compares prices in {compared_in}: make a new one",
        )
    market.see(_parameters(market, terms))
    found = market.rows(_SERIES.format(figure=_FIGURES[terms.price]))
    if not found:
        return _nothing(market, terms, currency, "no listing with a price fits it yet")
    series = [Point(day, _money(price, currency)) for day, price, _ in found]
    newest_day, _, count = found[-1]
    cheapest = market.rows(_CHEAPEST.format(most=EXAMPLES), {"day": newest_day})
    return Seen(
        snapshot=market.id,
        today=market.today,
        currency=currency,
        title=_title(market, terms),
        series=series,
        listings=count,
        examples=[_example(price, title, url, currency) for price, title, url in cheapest],
    )


@cache
def _listings() -> str:
    return Path(__file__).with_name("watch.sql").read_text(encoding="utf-8")


def _nothing(market: Market, terms: Terms, currency: str, why: str) -> Seen:
    return Seen(snapshot=market.id, today=market.today, currency=currency, title=terms.title, series=[], trouble=why)


def _parameters(market: Market, terms: Terms) -> dict[str, Any]:
    return {
        "product": terms.product,
        "needles": _needles(market, terms.words) if terms.words is not None else None,
        "region": terms.region,
        "grades": _grades(terms.condition) if terms.condition is not None else None,
        "kind": terms.kind,
        "currency": terms.currency,
        "unit": terms.unit,
    }


def _needles(market: Market, words: str) -> list[str]:
    """What to find for each word: a number or model as it stands, a longer word also as a beginning ("drills")."""
    return [_needle(word) for word in market.words(words)]


def _needle(word: str) -> str:
    if len(word) < 3 or not word.isalpha():
        return f" {word} "
    return f" {word[:-1] if len(word) > 3 and word.endswith('s') else word}"


def _grades(condition: str) -> list[str]:
    """The grades a condition stands for; "used" is every grade of a used thing that works."""
    if condition != USED:
        return [condition_asked(condition)]
    known = scale().grades
    return list(known[known.index("like_new") : known.index("parts")])


def _title(market: Market, terms: Terms) -> str:
    if terms.product is None:
        return terms.title
    rows = market.rows("SELECT title FROM mart.product WHERE product = $product", {"product": terms.product})
    return _line(rows[0][0]) if rows else terms.title


def _example(price: float, title: str, url: str | None, currency: str) -> dict[str, str]:
    shown = {"price": str(_money(price, currency)), "currency": currency, "title": _line(title)}
    # Sources are not trusted with what a person may click on.
    if url and urlsplit(url).scheme in ("http", "https") and url.isprintable() and " " not in url:
        shown["url"] = url
    return shown


def _line(text: str) -> str:
    """A text of others as one short printable line."""
    plain = " ".join("".join(letter if letter.isprintable() else " " for letter in text).split())
    return plain if len(plain) <= _LONGEST_TITLE else plain[: _LONGEST_TITLE - 1] + "…"


def _money(amount: float, currency: str) -> Decimal:
    """A price in the currency's minor unit: what is shown is what is compared."""
    return Decimal(str(amount)).quantize(minor_unit(currency), rounding=ROUND_HALF_EVEN)
