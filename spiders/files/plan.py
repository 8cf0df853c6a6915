"""How the columns of a table become the fields of a listing: what was asked for, what the headers say, what was found.

`ImportOptions` is what a person says; `resolve` turns it with a table's columns into a `Plan`, or says which column is
missing. The plan of a row is kept with it when it is quarantined (`Plan.to_json`), so that it can be read again.
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime
from typing import Any

from spiders.files.finder import Finder, parts
from spiders.files.guessing import (
    Guesses,
    Telling,
    account,
    cells_currency,
    generic_sellers,
    guess_columns,
    title_of,
)
from spiders.files.headers import header_currency, header_scales, row_numbers
from spiders.files.money_columns import is_of_a_unit
from spiders.files.options import DATED, FIELDS, FOLDED, NUMBERED, ImportOptions, canonical_text
from spiders.files.unpriced import without_price
from warehouse.reading.dates import Order, date_order
from warehouse.reading.numbers import Mark, decimal_mark
from warehouse.reading.words import fold_header, is_blank, is_no_price
from warehouse.records import KINDS

__all__ = ["DATED", "FIELDS", "ImportOptions", "Plan", "canonical_text", "learn", "plan_of", "resolve"]

# A letter or a currency sign: what a bare number has not.
_SAYS_CURRENCY = re.compile(r"[^\W\d_]|[$€£¥₹₽₩₺₪₫₴₦₱฿]")


@dataclass(frozen=True, slots=True)
class Plan:
    """How to read the rows of one table.

    `places` gives the numbers of the columns that make up a field, `attributes` the other columns by name. `marks` and
    `order` are what the columns as a whole showed (decimal mark by field, order of dates). `imported_at` is the market
    time of rows that have none, and `latest` the last moment that is not the future. `scales` are powers of ten that a
    header names ("Price (lakh)"); `unnamed` are columns that only number the rows, and those that say the price another
    time (`again`). `called` is what stands before the titles of things that have no name; `guessed` is the account of
    the fields found by meaning, `keys_guessed` those of them that say which listing a row is of, `currency_why` why a
    bare price is of the currency.
    """

    source: str
    kind: str
    columns: list[str]
    places: dict[str, tuple[int, ...]]
    attributes: dict[str, int]
    fixed: dict[str, str]
    currency: str
    currency_assumed: bool
    imported_at: datetime
    latest: datetime
    marks: dict[str, Mark] = field(default_factory=dict)
    order: Order | None = None
    scales: dict[str, int] = field(default_factory=dict)
    unnamed: tuple[str, ...] = ()
    called: str = ""
    guessed: str = ""
    again: tuple[str, ...] = ()
    keys_guessed: tuple[str, ...] = ()
    currency_why: str = ""

    @property
    def dated(self) -> bool:
        """Whether the data gives the market time."""
        return "observed_at" in self.places or "observed_at" in self.fixed

    def column_of(self, name: str) -> str:
        """The columns of a field as a person knows them: "Sale Price"."""
        return " + ".join(self.columns[place] for place in self.places.get(name, ()))

    def scale_said(self, name: str) -> str:
        """Who says in what units a field's column is."""
        named = header_scales({name: self.places.get(name, ())}, self.columns)
        return "its header says" if named else f"{self.column_of('list_price')} is written"

    def options_json(self) -> str:
        """What was asked for and resolved, without what depends on the rest of the file."""
        return canonical_text(self._options())

    def to_json(self) -> str:
        """All that is needed to read one row of this table again."""
        return canonical_text(
            self._options()
            | {"marks": self.marks, "order": self.order, "unnamed": self.unnamed, "hidden": True}
            | {"scales": self.scales, "called": self.called}
            | {"observed_at": self.imported_at.isoformat()}
        )

    def _options(self) -> dict[str, Any]:
        attributes = {
            name: self.columns[place] for name, place in self.attributes.items() if self.columns[place] != name
        }
        mapping = {name: self.column_of(name) for name in self.places} | attributes
        return {"kind": self.kind, "mapping": mapping, "fixed": self.fixed, "currency": self.currency}


def resolve(
    options: ImportOptions,
    name: str,
    columns: Sequence[str],
    sample: Iterable[Sequence[str]],
    now: datetime,
    latest: datetime,
    *,
    guess: bool = True,
) -> Plan:
    """The plan of a table. BadInput where a column of the mapping, or a price for all rows, is missing.

    A column whose header is a field's name is that field; where `guess` says so, others are told by meaning
    (`guessing`). The rest are attributes. Without a title it is the column called a name or title, else brand and
    model, else what the table is called and the words of its rows.
    """
    finder = Finder(name, list(columns))
    mapped = {field_name: finder.find(field_name, text) for field_name, text in options.mapping.items()}
    places = {field_name: at for field_name, at in mapped.items() if field_name in FIELDS}
    extra = {field_name: at[0] for field_name, at in mapped.items() if field_name not in FIELDS}
    rows = list(sample)
    # Columns that are joined into one field stay attributes too: each still says something of its own.
    taken = {at[0] for at in mapped.values() if len(at) == 1}
    if guess and "seller" not in places:
        kinds = generic_sellers(columns, rows)
        extra, taken = extra | kinds, taken | set(kinds.values())
    _take_by_header(places, taken, columns, rows, options)
    unnamed = [place for place in row_numbers(columns, rows) if place not in taken]
    guesses = Guesses()
    if guess:
        free = [place for place in range(len(columns)) if place not in taken and place not in unnamed]
        hint = options.currency or options.fallback_currency
        guesses = guess_columns(columns, rows, free, places, options.fixed, hint)
        places |= guesses.places
        taken |= guesses.taken()
        _settle(places, taken, columns, mapped, options.fixed)
    if "price" not in places and "price" not in options.fixed:
        free = [place for place in range(len(columns)) if place not in {*taken, *unnamed}]
        raise without_price(finder, guesses.unclear, free, rows)
    left_out = tuple(columns[place] for place in [*unnamed, *guesses.again])
    others = {column: place for place, column in enumerate(columns) if place not in taken and column not in left_out}
    attributes = extra | others
    called = ""
    if "title" not in places and "title" not in options.fixed:
        titled, called = title_of(places, attributes, rows, name, options.source, columns)
        places |= {"title": titled} if titled else {}
        # A column that is the whole title is nothing beside it; parts of a title stay attributes.
        if len(titled) == 1 and not called and titled[0] not in taken:
            attributes.pop(columns[titled[0]], None)
    named = header_currency([columns[place] for one in ("price", "list_price") for place in places.get(one, ())])
    currency = options.currency or named
    scales = guesses.scales | header_scales(places, columns)
    return Plan(
        source=options.source,
        kind=options.kind,
        columns=list(columns),
        places=places,
        attributes=attributes,
        fixed=dict(options.fixed),
        currency=currency or options.fallback_currency,
        currency_assumed=currency is None and "currency" not in places and "currency" not in options.fixed,
        imported_at=now,
        latest=latest,
        scales=scales,
        unnamed=left_out,
        called=called,
        guessed=account({one: at for one, at in places.items() if one not in mapped}, columns),
        again=tuple(columns[place] for place in guesses.again),
        keys_guessed=tuple(one for one in ("id", "url") if one in guesses.places),
    )


def _take_by_header(
    places: dict[str, tuple[int, ...]],
    taken: set[int],
    columns: Sequence[str],
    rows: Sequence[Sequence[str]],
    options: ImportOptions,
) -> None:
    """Add the columns whose header is a field's name, but for those whose cells are no such thing."""
    for place, column in enumerate(columns):
        field_name = FOLDED.get(fold_header(column))
        free = place not in taken and field_name not in places and field_name not in options.fixed
        if field_name and free and not _says_no_such_thing(field_name, place, rows):
            places[field_name] = (place,)
            taken.add(place)


def _says_no_such_thing(name: str, place: int, sample: Sequence[Sequence[str]]) -> bool:
    """Whether a column with a field's name holds something else: a grade "45", a category's id, kinds of things."""
    if name not in ("condition", "category", "brand", "kind"):
        return False
    cells = [row[place] for row in sample if not is_blank(row[place])]
    if name == "kind":
        return len(cells) >= 3 and not any(cell.strip().casefold() in KINDS for cell in cells)
    return bool(cells) and sum(any(sign.isalpha() for sign in cell) for cell in cells) * 10 < len(cells)


def _settle(
    places: dict[str, tuple[int, ...]],
    taken: set[int],
    columns: Sequence[str],
    mapped: Mapping[str, tuple[int, ...]],
    fixed: Mapping[str, str],
) -> None:
    """Put right in `places` and `taken` what fields mean beside each other.

    A list price alone is the price; a quantity beside the price of one of it is no part of what is sold for that.
    """
    if "price" not in places and "price" not in fixed and "list_price" in places and "list_price" not in mapped:
        places["price"] = places.pop("list_price")
    price = places.get("price", ())
    if price and is_of_a_unit(columns[price[0]]) and "quantity" in places and "quantity" not in mapped:
        taken -= set(places.pop("quantity"))


def learn(plan: Plan, rows: Iterable[Sequence[str]]) -> Plan:
    """The plan with what only the columns as a whole can say: decimal marks and currency of the prices, the order of
    the dates, and whether a guessed id or link tells one row from another (else it is an attribute).
    """
    texts: dict[str, set[str]] = {name: set() for name in (*NUMBERED, *DATED) if name in plan.places}
    watched = [(seen, plan.places[name]) for name, seen in texts.items()]
    keys = {name: Telling(plan.places[name][0], plan.places.get("observed_at", ())) for name in plan.keys_guessed}
    for cells in rows:
        for seen, at in watched:
            seen.add(cells[at[0]] if len(at) == 1 else " ".join(cells[place] for place in at))
        for key in keys.values():
            key.see(cells)
    for name, key in keys.items():
        plan = plan if key.tells() else _without(plan, name)
    found = {name: decimal_mark(texts[name]) for name in NUMBERED if name in texts}
    marks = {name: mark for name, mark in found.items() if mark is not None}
    order = date_order(text for name in DATED for text in texts.get(name, ()))
    bare = any(not is_no_price(text) and not _SAYS_CURRENCY.search(text) for text in texts.get("price", ("0",)))
    plan = replace(plan, marks=marks, order=order)
    if not plan.currency_assumed:
        return plan
    said, why = cells_currency([*texts.get("price", ()), *texts.get("list_price", ())], plan.currency)
    if said is None:
        return replace(plan, currency_assumed=bare)
    return replace(plan, currency=said, currency_assumed=False, currency_why=why if bare else "")


def _without(plan: Plan, name: str) -> Plan:
    """The plan with a guessed field's column as an attribute."""
    (place,) = plan.places[name]
    places = {one: at for one, at in plan.places.items() if one != name}
    attributes = plan.attributes | {plan.columns[place]: place}
    return replace(plan, places=places, attributes=attributes, guessed=account(places, plan.columns))


def plan_of(source: str, columns: Sequence[str], reading_json: str, latest: datetime, met_at: datetime) -> Plan:
    """The plan a quarantined row was read with, for its own columns."""
    said = json.loads(reading_json or "{}")
    mapping = {name: text for name, text in (said.get("mapping") or {}).items() if text}
    options = ImportOptions(
        source=source,
        kind=said.get("kind") or "asking",
        mapping=mapping,
        fixed=said.get("fixed") or {},
        currency=said.get("currency"),
    )
    observed = said.get("observed_at")
    # A column that the row itself left blank is not in it; it is there again, and blank.
    named = [part for text in mapping.values() for part in ([text] if text in columns else parts(text))]
    absent = [name for name in dict.fromkeys(named) if name not in columns]
    needed = [name for name in ("price", "title") if name not in mapping and name not in options.fixed]
    needed = [name for name in needed if fold_header(name) not in map(fold_header, columns)]
    plan = resolve(
        options,
        "the row",
        [*columns, *absent, *needed],
        [],
        datetime.fromisoformat(observed) if observed else met_at,
        latest,
        guess=False,
    )
    unnamed = tuple(said.get("unnamed") or ())
    attributes = {name: place for name, place in plan.attributes.items() if name not in unnamed}
    read = replace(plan, attributes=attributes, unnamed=unnamed, marks=said.get("marks") or {}, order=said.get("order"))
    return replace(read, scales=said.get("scales", plan.scales), called=said.get("called") or "")
