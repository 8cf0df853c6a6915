"""What a visit did, in figures and in one sentence: prices must not stop silently."""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass, field, fields
from datetime import datetime
from typing import Any, Literal

from spiders.agent.believe import fields_of
from spiders.privacy import scrub, scrub_address
from warehouse.records import Listing, Quarantined, Record, RunReport

Verdict = Literal["complete", "partly", "blocked", "unreachable", "empty", "failed", "interrupted"]
GOOD: frozenset[str] = frozenset({"complete", "partly"})
# The fields of a listing whose presence tells whether a site is still read as it should be.
COVERED = tuple("title condition category brand gtin mpn seller region place url image description".split())
_MOST_FAILURES = 20
_MOST_NOTES = 40
# Of each currency so many prices are kept to describe their distribution.
_MOST_PRICES = 2_000


@dataclass(slots=True, kw_only=True)
class CollectReport:
    """One run of one source. `asked` counts requests, `statuses` answers by code, `unchanged` those that were 304.

    `read` = `landed` + `repeated` + `known` + the quarantined rows: `repeated` were met twice in this visit, `known`
    had landed before and are never revised. `coverage` is the share of landed rows with each field. `signs` counts
    what readers noticed: block, login_wall, drift, ambiguous. `verdict` is "complete"; "partly" where something was
    read and something failed or was cut off; "blocked" where the site or its robots.txt refused; "unreachable" where
    it did not answer; "empty" where pages were read and nothing was landed; "failed" where the reading itself broke;
    "interrupted" where a visit was killed and not taken up again. `why` says it in words.
    """

    source: str
    reader: str
    of_record: str
    run: str
    base: str
    started_at: datetime
    ended_at: datetime
    verdict: Verdict = "complete"
    why: str = ""
    resumed: bool = False
    cadence_hours: float | None = None
    asked: int = 0
    unchanged: int = 0
    bytes: int = 0
    pages: int = 0
    barren: int = 0
    read: int = 0
    landed: int = 0
    repeated: int = 0
    known: int = 0
    left: int = 0
    failed: int = 0
    statuses: dict[str, int] = field(default_factory=dict)
    quarantined: dict[str, int] = field(default_factory=dict)
    price_paths: dict[str, int] = field(default_factory=dict)
    signs: dict[str, int] = field(default_factory=dict)
    failures: list[dict[str, str]] = field(default_factory=list)
    notes: list[str] = field(default_factory=list)
    files: list[str] = field(default_factory=list)
    alarms: list[str] = field(default_factory=list)
    filled: dict[str, int] = field(default_factory=dict)
    prices_seen: dict[str, list[float]] = field(default_factory=dict)

    @property
    def good(self) -> bool:
        return self.verdict in GOOD

    @property
    def coverage(self) -> dict[str, float]:
        """The share of landed rows that have each field."""
        names = COVERED if self.of_record == Listing.record else fields_of(self.of_record)
        return {name: round(self.filled.get(name, 0) / self.landed, 3) for name in names} if self.landed else {}

    @property
    def prices(self) -> dict[str, dict[str, float]]:
        """The distribution of prices in each currency."""
        return {currency: _distribution(seen) for currency, seen in sorted(self.prices_seen.items())}

    def to_dict(self) -> dict[str, Any]:
        """All of it as plain values for JSON."""
        values = asdict(self)
        for name in ("filled", "prices_seen"):
            del values[name]
        return {
            **values,
            "coverage": self.coverage,
            "prices": self.prices,
            "started_at": self.started_at.isoformat(),
            "ended_at": self.ended_at.isoformat(),
        }

    def tally(self) -> dict[str, Any]:
        """What a visit that is taken up again must not forget."""
        kept = asdict(self)
        return {name: kept[name] for name in _TALLIED}

    def take_up(self, tally: Mapping[str, Any]) -> None:
        """Go on from an earlier process's tally."""
        for name in _TALLIED & set(tally):
            setattr(self, name, tally[name])
        self.resumed = True

    # --- what comes in ------------------------------------------------------------------------------------------

    def count_rows(self, rows: Sequence[Record]) -> None:
        """Take in the rows of an answer."""
        filled, paths, reasons = Counter(self.filled), Counter(self.price_paths), Counter(self.quarantined)
        names = COVERED if self.of_record == Listing.record else fields_of(self.of_record)
        for row in rows:
            if isinstance(row, Quarantined):
                reasons[row.reason] += 1
                continue
            self.landed += 1
            filled.update(name for name in names if getattr(row, name, None) is not None)
            path = getattr(row, "price_path", "")
            if path:
                paths[path_kind(path)] += 1
            price, currency = getattr(row, "price", None), getattr(row, "currency", None)
            if price is not None and currency:
                seen = self.prices_seen.setdefault(currency, [])
                if len(seen) < _MOST_PRICES:
                    seen.append(float(price))
        self.filled, self.price_paths, self.quarantined = dict(filled), dict(paths), dict(reasons.most_common())
        ambiguous = reasons.get("ambiguous_price", 0)
        if ambiguous:
            self.signs["ambiguous"] = ambiguous

    def count_notes(self, notes: Sequence[Sequence[str]]) -> None:
        """Take in what a reader noticed, (kind, text) each."""
        for kind, text in notes:
            if kind != "note":
                self.signs[kind] = self.signs.get(kind, 0) + 1
            if len(self.notes) < _MOST_NOTES:
                self.notes.append(scrub(text))

    def count_failure(self, url: str, why: str) -> None:
        self.failed += 1
        if len(self.failures) < _MOST_FAILURES:
            self.failures.append({"url": scrub_address(url), "why": scrub(why)})

    def count_end(self, counts: Mapping[str, Any]) -> None:
        """Take in Scrapy's counts of a process that ended well."""
        prefix = "downloader/response_status_count/"
        for key, n in sorted(counts.items()):
            if key.startswith(prefix):
                code = key.removeprefix(prefix)
                self.statuses[code] = self.statuses.get(code, 0) + int(n)
        self.asked += int(counts.get("downloader/request_count", 0))
        self.bytes += int(counts.get("downloader/response_bytes", 0))
        self.notes += [str(counts[key]) for key in ("katy/robots_unreachable", "katy/left_alone") if key in counts]
        if "playwright/request_count" in counts:
            self.notes.append(f"the browser made {counts['playwright/request_count']} requests to render these pages")
        if counts.get("offsite/filtered"):
            self.notes.append(f"{counts['offsite/filtered']} links to other sites were not followed")

    def run_report(self) -> RunReport:
        """The same as a landing record, for `katy agents` and the alarms."""
        left_out = {"files", "run", "source", "started_at", "ended_at", "of_record", "alarms"}
        detail = {k: v for k, v in self.to_dict().items() if k not in left_out}
        return RunReport(
            source=self.source,
            run=self.run,
            row=0,
            of_record=self.of_record,
            found_at=self.base,
            started_at=self.started_at,
            ended_at=self.ended_at,
            rows_read=self.read,
            rows_landed=self.landed,
            rows_quarantined=sum(self.quarantined.values()),
            detail_json=json.dumps(detail, sort_keys=True, ensure_ascii=False),
        )


_NOT_TALLIED = {
    "source",
    "reader",
    "of_record",
    "run",
    "base",
    "started_at",
    "ended_at",
    "verdict",
    "why",
    "resumed",
    "cadence_hours",
}
_TALLIED = {one.name for one in fields(CollectReport)} - _NOT_TALLIED


def path_kind(price_path: str) -> str:
    """ "rendered jsonld offers[0].price" → "rendered jsonld"."""
    words = price_path.split()
    return " ".join(words[:2]) if words[:1] == ["rendered"] else " ".join(words[:1])


def _distribution(seen: Sequence[float]) -> dict[str, float]:
    ordered = sorted(seen)
    last = len(ordered) - 1
    share = {"p10": 0.1, "median": 0.5, "p90": 0.9}
    return {"n": len(ordered), **{name: ordered[round(last * at)] for name, at in share.items()}}
