"""Members' estimates and the market: prices that followed, what was known before them, and the way into the warehouse.

After a publish, (1) open rounds about products and listings get the price that the market saw after the first estimate,
(2) every new price gets beside it what model and community took the thing to be worth the day before, which decides
how much either counts next time, and (3) estimates that count and prices land as judgements, their authors and things
hidden behind keyed hashes, so that models and analysts read them as data. Doing it again changes nothing.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Callable
from contextlib import closing
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from decimal import Decimal
from functools import partial
from pathlib import Path
from statistics import median
from typing import Any, Protocol

import duckdb

from ledger.books.store import Ledger, instant_text
from ledger.estimating import estimate_prices, estimates
from ledger.estimating.estimate_prices import Unjudged, Waiting
from models.community.answer import known_before
from models.community.shapes import evidence
from models.knobs import CommunityKnobs
from warehouse import query
from warehouse.home import Home
from warehouse.keys import pseudonym, seller_key
from warehouse.landing import land, new_run
from warehouse.quarantine import judgements
from warehouse.records import Judgement
from warehouse.snapshot import Snapshot
from warehouse.valuation import Valuation, ValuationRequest

SOURCE = "community"
ESTIMATE, PRICE = "estimate", "price"
SELLERS = 3  # distinct sellers whose sales make the price of a product
Say = Callable[[str], None]


class Valuer(Protocol):
    """Values a thing on one snapshot."""

    def value(self, request: ValuationRequest) -> Valuation: ...


def follow(snapshot: Snapshot, ledger: Ledger, valuer: Valuer, knobs: CommunityKnobs, *, say: Say) -> int:
    """Bring prices that followed to the rounds, and what was known before them; the number of prices judged."""
    with closing(query.read_only(snapshot.database)) as connection:
        settled = sum(_settle(connection, ledger, each) for each in estimate_prices.waiting(ledger))
    fresh = estimate_prices.unjudged(ledger)
    for each in fresh:
        _judge(ledger, valuer, each, knobs)
    if settled or fresh:
        say(f"estimates: {settled} rounds got their price from the market, {len(fresh)} prices were held against them")
    return len(fresh)


def land_judgements(home: Home, ledger: Ledger, clock: Callable[[], datetime]) -> int:
    """Land what has not landed yet of estimates that count and of prices; the number of judgements."""
    now = clock().astimezone(UTC)
    known = {each.id for each in judgements(home) if each.source == SOURCE}
    hide = partial(pseudonym, seller_key(home))
    run = new_run(now)
    rows = [each for each in _rows(ledger, hide, run) if each.id not in known]
    if rows:
        numbered = [replace(each, row=number) for number, each in enumerate(rows, start=1)]
        land(home, numbered, source=SOURCE, run=run, now=now)
    return len(rows)


def _settle(connection: duckdb.DuckDBPyConnection, ledger: Ledger, waiting: Waiting) -> bool:
    """The first sale of a listing, or the median of the first sales by three sellers of a product."""
    kind, _, name = waiting.subject.about.partition(":")
    source, _, id = name.partition("/")
    asked = {
        "product": name if kind == "product" else None,
        "source": source,
        "id": id,
        "currency": waiting.subject.currency,
        "since": waiting.since,
    }
    sales: dict[str, tuple[Decimal, datetime]] = {}
    wanted = SELLERS if kind == "product" else 1
    for seller, price, at in connection.execute(_sales(), asked).fetchall():
        sales.setdefault(seller, (Decimal(str(price)), at))
        if len(sales) == wanted:
            amount = median([price for price, _ in sales.values()])
            return estimate_prices.sold(
                ledger,
                subject_id=waiting.subject.id,
                amount=amount,
                source=f"market:{at.astimezone(UTC):%Y-%m-%d}",
                priced_at=instant_text(at),
            )
    return False


def _judge(ledger: Ledger, valuer: Valuer, each: Unjudged, knobs: CommunityKnobs) -> None:
    known = evidence(estimates.evidence(ledger), until=each.priced_at)
    before = datetime.fromisoformat(each.priced_at).date() - timedelta(days=1)
    valuation = valuer.value(each.subject.request().model_copy(update={"as_of": before}))
    said = known_before(each.subject.id, known, valuation, knobs)
    estimate_prices.judge(ledger, each.subject.id, **said)


def _rows(ledger: Ledger, hide: Callable[[str, str], str], run: str) -> list[Judgement]:
    found = estimates.evidence(ledger)
    rows = []
    for verdict, each in [
        *((ESTIMATE, each) for each in found["estimates"]),
        # A price lands once, with what was known before it.
        *((PRICE, each) for each in found["prices"] if each["community"] is not None),
    ]:
        said: dict[str, Any] = {**each, "about": hide("round", each["about"])}
        if verdict == ESTIMATE:
            said["valuer"] = hide(SOURCE, each["valuer"])
        else:
            said |= {"parties": [hide(SOURCE, one) for one in each["parties"]], "source": each["source"].split(":")[0]}
        detail = json.dumps(said, sort_keys=True)
        rows.append(
            Judgement(
                id=hashlib.sha256(f"{verdict}\n{detail}".encode()).hexdigest()[:24],
                source=SOURCE,
                about=said["about"],
                verdict=verdict,
                detail_json=detail,
                judged_at=datetime.fromisoformat(each["at"]),
                run=run,
                row=1,
            )
        )
    return rows


def _sales() -> str:
    return Path(__file__).with_name("estimates.sql").read_text(encoding="utf-8")
