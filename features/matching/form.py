"""Forming products at a run: keys and words from the warehouse, scorers of each month, new links to land."""

from __future__ import annotations

import json
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from importlib import resources
from typing import Any

import pyarrow as pa

from features.market import day_date, day_number
from features.matching.assign import Assigner, Count
from features.matching.book import ProductBook
from features.matching.clusters import Link, Unit
from features.matching.decisions import SOURCE, Decision, decisions_among, standing
from features.matching.item import Item
from features.matching.labels import Label
from features.matching.scorers import PERSON_WEIGHT, Scorers
from features.matching.weak import Sighting, weak_labels
from warehouse.home import Home
from warehouse.landing import land
from warehouse.load import load
from warehouse.records import Judgement, ProductLink, arrow_schema


@dataclass(frozen=True)
class FormedProducts:
    """What a run formed: new links, not landed yet; a table (source, id, key) of all listings; the book and scorers."""

    links: list[ProductLink]
    keys: pa.Table
    book: ProductBook
    scorers: Scorers
    count: Count


def form_products(
    connection: Any,
    home: Home,
    *,
    now: datetime,
    run: str,
    say: Callable[[str], None],
    code_version: str = "",
    prior: Sequence[Label] | None = None,
) -> FormedProducts:
    """Decide every key that no link tells of yet, by what was known on its first day.

    Reads core.observation and the keys in core.identity, and the links and judgements in raw.
    Nothing is written but scorers, in the data folder; `keep_links` lands what was formed. The same data give the same
    links, in one run or in several. `prior` teaches before the warehouse does, unless the whole prior.
    """
    keys = listing_keys(connection)
    connection.register("keyed", keys)
    units = [_unit(row) for row in _rows(connection, "product_units")]
    connection.unregister("keyed")
    links, decisions = links_known(connection), decisions_known(connection)
    sightings = [_sighting(row) for row in _rows(connection, "sightings")]
    decided = _decided_labels(units, decisions)
    weak, folder = weak_labels(sightings), home.matchers
    scorers = Scorers(weak, decided, folder=folder, code_version=code_version, prior=prior)
    assigner = Assigner(units, links, decisions, scorers.scorer_on)
    new = assigner.run()
    if new:
        joined = sum(link.how in ("exact", "matched") for link in new)
        say(f"products: {assigner.count.keys} new wordings, {joined} of them of products known before")
    records = [as_record(link, decided_at=now, run=run, row=row) for row, link in enumerate(new, 1)]
    return FormedProducts(records, keys, ProductBook.of(units, [*links, *new]), scorers, assigner.count)


def keep_links(connection: Any, home: Home, formed: FormedProducts, now: datetime) -> None:
    """Land the new links and load them, so that they are never decided again."""
    if formed.links:
        land(home, formed.links, source=SOURCE, run=formed.links[0].run, now=now)
        load(connection, home, now)


def listing_keys(connection: Any) -> pa.Table:
    """Listing by listing (source, id) its key and category, as the identity step wrote them."""
    table: pa.Table = connection.sql(
        "SELECT source, id, key, category FROM core.identity ORDER BY source, id"
    ).to_arrow_table()
    return table


def links_known(connection: Any) -> list[Link]:
    """The links that earlier runs decided, in the order they were decided."""
    rows = connection.execute(
        """SELECT product_key, product, day, how, why, probability, model FROM raw.product_link
           ORDER BY decided_at, run, row"""
    ).fetchall()
    return [Link(key, product, day_number(day), how, why, p, model) for key, product, day, how, why, p, model in rows]


def decisions_known(connection: Any) -> list[Decision]:
    """People's decisions about matches, in the order of their days."""
    names = list(arrow_schema(Judgement).names)
    rows = connection.execute(
        f"SELECT {', '.join(names)} FROM raw.judgement WHERE source = ?",  # noqa: S608 - the record's own names
        [SOURCE],
    ).fetchall()
    return decisions_among(Judgement(**dict(zip(names, row, strict=True))) for row in rows)


def as_record(link: Link, *, decided_at: datetime, run: str, row: int) -> ProductLink:
    """A link as it lands."""
    return ProductLink(
        source=SOURCE,
        product_key=link.key,
        product=link.product,
        day=day_date(link.day),
        how=link.how,
        why=link.why,
        decided_at=decided_at.astimezone(UTC),
        probability=link.probability,
        model=link.model,
        run=run,
        row=row,
    )


def _rows(connection: Any, name: str) -> list[dict[str, Any]]:
    sql = resources.files("features").joinpath(f"sql/{name}.sql").read_text("utf-8")
    rows: list[dict[str, Any]] = connection.sql(sql).to_arrow_table().to_pylist()
    return rows


def _unit(row: dict[str, Any]) -> Unit:
    attributes = json.loads(row.pop("attributes") or "{}")
    day = row.pop("day")
    named = tuple(sorted((name, str(value)) for name, value in attributes.items()))
    return Unit(row["key"], day, Item(**row, attributes=named))


def _sighting(row: dict[str, Any]) -> Sighting:
    listing, day = row.pop("listing"), row.pop("day")
    return Sighting(listing, day, Item(key=listing, **row))


def _decided_labels(units: Sequence[Unit], decisions: Sequence[Decision]) -> list[Label]:
    """What people decided, as pairs to learn from: the key's words beside those that founded the product."""
    items = {unit.key: unit.item for unit in units} if decisions else {}
    return [
        Label(items[each.key], items[each.product], each.same, each.day, PERSON_WEIGHT)
        for each in standing(decisions)
        if each.key in items and each.product in items
    ]
