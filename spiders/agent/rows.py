"""What a visit makes of the rows it finds: persons hidden, then believed or quarantined, each once."""

from __future__ import annotations

import functools
from collections.abc import Collection, Mapping, Sequence
from datetime import datetime
from typing import Any

from spiders.agent.believe import Reading, read_record, set_aside
from spiders.agent.listings import Visit, hide_offer, read_hidden
from spiders.privacy import is_personal, scrub, scrub_address, scrub_code
from warehouse.home import Home
from warehouse.keys import pseudonym, seller_key
from warehouse.landing import landed, run_of
from warehouse.records import RECORDS, Listing, ListPrice, Record

# Fields that are codes, numbers or addresses: what looks like a phone number there is none.
_CODES = frozenset(
    "id thread series period value currency url image gtin mpn base quote rate observed_on observed_at sent "
    "starts ends expires latitude longitude occupation area geocodes replaces issued_on".split()
)
# Seen anew each time; what is published once need not land twice.
OFFERS = frozenset({Listing.record, ListPrice.record})


_is_personal = functools.cache(is_personal)


class Rows:
    """Reads the rows of one visit. `known` counts what had landed before, `repeated` what was met twice."""

    def __init__(self, home: Home, visit: Visit, *, undone: Collection[str] | None = None) -> None:
        self.home, self.visit = home, visit
        self.number = 0
        self.repeated = self.known = 0
        self._seen: set[int] = set()
        if undone is not None:
            # What this visit landed before it was cut off, it has met, but for the parts that had not landed whole.
            for name in RECORDS:
                self._seen |= landed_keys(home, name, visit.source, visit.run, undone)
        self._landed: dict[str, set[int]] = {}
        defaults = {"currency": visit.currency, "region": visit.region}
        said = {name: text for name, text in defaults.items() if text}
        self._reading = Reading(source=visit.source, run=visit.run, now=visit.observed_at, defaults=said)

    def hide(self, found: dict[str, Any], url: str) -> dict[str, Any]:
        """A found row without persons: the form in which it may be kept."""
        found = {**found, "found_at": scrub_address(found["found_at"] or url), "message": scrub(found["message"])}
        if found["record"] == Listing.record:
            return hide_offer(self.visit, found)
        return {**found, "row": {name: self._hidden(name, text) for name, text in found["row"].items()}}

    def _hidden(self, name: str, text: str) -> str:
        if name == "seller" or _is_personal(name):
            return self.visit.pseudonym(text)
        return scrub_code(text) if name in _CODES or name.startswith("geocodes.") else scrub(text)

    def read(self, hidden: Sequence[dict[str, Any]]) -> list[Record]:
        """The records and quarantined rows of one answer, without what this visit or an earlier one has landed."""
        fresh = []
        for found in hidden:
            self.number += 1
            record = self._read(found)
            key = hash((record.record, *(getattr(record, name) for name in record.key)))
            if key in self._seen:
                self.repeated += 1
            elif record.record not in OFFERS and key in self._before(record.record):
                self.known += 1
            else:
                fresh.append(record)
            self._seen.add(key)
        return fresh

    def _read(self, found: Mapping[str, Any]) -> Record:
        name = found["record"]
        if name == Listing.record:
            return read_hidden(self.visit, dict(found), self.number)
        said: dict[str, Any] = {"found_at": found["found_at"], "number": self.number}
        if found["reason"]:
            return set_aside(name, found["row"], self._reading, found["reason"], found["message"], **said)
        return read_record(name, found["row"], self._reading, price_path=found["price_path"], **said)

    def _before(self, name: str) -> set[int]:
        if name not in self._landed:
            self._landed[name] = landed_keys(self.home, name, self.visit.source)
        return self._landed[name]


def landed_keys(home: Home, name: str, source: str, run: str | None = None, without: Collection[str] = ()) -> set[int]:
    """Hashes of the keys of all rows of a record that a source has landed, or one run of it, in other files than
    those (paths below the home)."""
    import pyarrow.parquet as pq

    key = RECORDS[name].key
    found: set[int] = set()
    for path in landed(home, name):
        if (
            path.parent.parent.name == source
            and run in (None, run_of(path))
            and str(path.relative_to(home.root)) not in without
        ):
            table = pq.read_table(path, columns=list(key), partitioning=None)
            columns = [table[one].to_pylist() for one in key]
            found.update(hash((name, *values)) for values in zip(*columns, strict=True))
    return found


def visit_of(
    home: Home, *, source: str, run: str, base: str, observed_at: datetime, region: str | None, currency: str | None
) -> Visit:
    """The visit that rows are read for, with this installation's pseudonyms."""
    return Visit(
        source=source,
        run=run,
        base=base,
        observed_at=observed_at,
        pseudonym=functools.partial(pseudonym, seller_key(home), source),
        region=region,
        currency=currency,
    )
