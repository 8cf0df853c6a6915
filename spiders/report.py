"""What a visit did, in figures and in one sentence: prices must not stop silently."""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Sequence
from dataclasses import asdict, dataclass, field
from datetime import datetime
from typing import Any, Literal

from warehouse.records import FxRate, Listing, Quarantined, RunReport

Verdict = Literal["complete", "partly", "blocked", "unreachable", "empty", "failed"]
GOOD: frozenset[str] = frozenset({"complete", "partly"})
# The fields whose presence tells whether a site is still read as it should be.
COVERED = (
    "title",
    "condition",
    "category",
    "brand",
    "gtin",
    "mpn",
    "seller",
    "region",
    "place",
    "url",
    "image",
    "description",
)
_MOST_FAILURES = 20
_NOT_YOU = frozenset({"401", "403", "407", "429", "451", "503"})


@dataclass(slots=True, kw_only=True)
class CollectReport:
    """One run of one source. `asked` counts requests, `statuses` answers by code, `unchanged` those that were 304.

    `read` = `landed` + `repeated` + the quarantined rows; `coverage` is the share of landed rows with each field.
    `verdict` is "complete"; "partly" where something was read and something failed or was cut off; "blocked" where the
    site or its robots.txt refused; "unreachable" where it did not answer; "empty" where pages were read and nothing was
    landed; "failed" where the reading itself broke. `why` says it in words.
    """

    source: str
    reader: str
    run: str
    base: str
    started_at: datetime
    ended_at: datetime
    verdict: Verdict = "complete"
    why: str = ""
    asked: int = 0
    unchanged: int = 0
    bytes: int = 0
    pages: int = 0
    read: int = 0
    landed: int = 0
    repeated: int = 0
    statuses: dict[str, int] = field(default_factory=dict)
    quarantined: dict[str, int] = field(default_factory=dict)
    price_paths: dict[str, int] = field(default_factory=dict)
    coverage: dict[str, float] = field(default_factory=dict)
    failures: list[dict[str, str]] = field(default_factory=list)
    failed: int = 0
    notes: list[str] = field(default_factory=list)
    files: list[str] = field(default_factory=list)

    @property
    def good(self) -> bool:
        return self.verdict in GOOD

    def to_dict(self) -> dict[str, Any]:
        """All of it as plain values for JSON."""
        values = asdict(self)
        return {**values, "started_at": self.started_at.isoformat(), "ended_at": self.ended_at.isoformat()}

    def count_rows(self, rows: Sequence[Listing | Quarantined | FxRate], repeated: int) -> None:
        """Take in what was read, and how often the same was met again."""
        listings = [row for row in rows if isinstance(row, Listing)]
        self.repeated = repeated
        self.landed = sum(not isinstance(row, Quarantined) for row in rows)
        self.read = len(rows) + repeated
        self.quarantined = dict(Counter(row.reason for row in rows if isinstance(row, Quarantined)).most_common())
        self.price_paths = dict(Counter(path_kind(row.price_path) for row in listings).most_common())
        if listings:
            self.coverage = {
                name: round(sum(getattr(row, name) is not None for row in listings) / len(listings), 3)
                for name in COVERED
            }

    def count_visit(self, messages: Messages) -> None:
        """Take in Scrapy's counts and what the spider said of its pages."""
        counts = messages.end or {}
        prefix = "downloader/response_status_count/"
        self.statuses = {
            key.removeprefix(prefix): int(n) for key, n in sorted(counts.items()) if key.startswith(prefix)
        }
        self.asked = int(counts.get("downloader/request_count", 0))
        self.bytes = int(counts.get("downloader/response_bytes", 0))
        self.unchanged = int(counts.get("httpcache/revalidate", 0))
        if self.unchanged:
            # Scrapy counts an unchanged page by the status it was stored with.
            self.statuses |= {"200": self.statuses.get("200", 0) - self.unchanged, "304": self.unchanged}
        self.pages = messages.pages
        self.failed = messages.failed
        self.failures = messages.failures
        self.notes += [str(counts[key]) for key in ("katy/robots_unreachable", "katy/left_alone") if key in counts]
        self.notes += messages.notes
        if "playwright/request_count" in counts:
            self.notes.append(f"the browser made {counts['playwright/request_count']} requests to render these pages")
        if messages.barren:
            self.notes.append(f"{messages.barren} of {messages.pages} pages offered nothing")
        if messages.unreadable:
            self.notes.append(f"{messages.unreadable} JSON-LD blocks could not be read")
        if counts.get("offsite/filtered"):
            self.notes.append(f"{counts['offsite/filtered']} links to other sites were not followed")

    def judge(self, messages: Messages) -> None:
        """The verdict and its sentence."""
        self.verdict, self.why = _judged(self, messages)

    def run_report(self) -> RunReport:
        """The same as a landing record, for the quarantine, freshness and coverage alarms."""
        detail = {
            k: v for k, v in self.to_dict().items() if k not in {"files", "run", "source", "started_at", "ended_at"}
        }
        return RunReport(
            source=self.source,
            run=self.run,
            row=0,
            of_record="fx_rate" if self.reader == "ecb" else "listing",
            found_at=self.base,
            started_at=self.started_at,
            ended_at=self.ended_at,
            rows_read=self.read,
            rows_landed=self.landed,
            rows_quarantined=sum(self.quarantined.values()),
            detail_json=json.dumps(detail, sort_keys=True, ensure_ascii=False),
        )


@dataclass(slots=True)
class Messages:
    """What a visit's process said: offers and files are handled as they come, the rest is counted here."""

    offers: list[dict[str, Any]] = field(default_factory=list)
    file: bytes | None = None
    pages: int = 0
    barren: int = 0
    unreadable: int = 0
    failed: int = 0
    failures: list[dict[str, str]] = field(default_factory=list)
    notes: list[str] = field(default_factory=list)
    end: dict[str, Any] | None = None
    broke: str | None = None
    nothing_new: str | None = None

    def take(self, message: dict[str, Any]) -> None:
        """Take in one message."""
        for kind, value in message.items():
            match kind:
                case "offer":
                    self.offers.append(value)
                case "file":
                    self.file = value["bytes"].encode("latin-1")
                case "page":
                    self.pages += 1
                    self.barren += not value["offers"]
                    self.unreadable += value["unreadable_jsonld"]
                case "failed":
                    self.failed += 1
                    if len(self.failures) < _MOST_FAILURES:
                        self.failures.append(value)
                case "note":
                    self.notes.append(value)
                case "end":
                    self.end = value


def path_kind(price_path: str) -> str:
    """ "rendered jsonld offers[0].price" → "rendered jsonld"."""
    words = price_path.split()
    return " ".join(words[:2]) if words[:1] == ["rendered"] else " ".join(words[:1])


def _judged(report: CollectReport, messages: Messages) -> tuple[Verdict, str]:
    counts = messages.end or {}
    first = f": {report.failures[0]['url']} {report.failures[0]['why']}" if report.failures else ""
    if messages.nothing_new and not report.quarantined:
        return "complete", messages.nothing_new
    if report.landed == 0:
        return _nothing(report, messages, first)
    cut = str(counts.get("finish_reason", ""))
    if messages.broke:
        return "partly", f"{report.landed} rows landed, then {messages.broke}"
    if cut.startswith("closespider"):
        limit = "number of requests" if "pagecount" in cut else "time"
        return "partly", f"{report.landed} rows landed; the limit on the {limit} was reached"
    if report.failed:
        return "partly", f"{report.landed} rows landed; {report.failed} pages were not got{first}"
    return "complete", f"{report.landed} rows landed from {report.pages} page{'s' if report.pages != 1 else ''}"


def _nothing(report: CollectReport, messages: Messages, first: str) -> tuple[Verdict, str]:
    counts = messages.end or {}
    if messages.broke:
        return "failed", messages.broke
    if "katy/robots_unreachable" in counts:
        return "unreachable" if "katy/no_answer" in counts else "blocked", str(counts["katy/robots_unreachable"])
    if report.pages == 0 and counts.get("robotstxt/forbidden"):
        return "blocked", f"robots.txt forbids {report.base}"
    if report.pages == 0 and _NOT_YOU & set(report.statuses):
        status = next(status for status in report.statuses if status in _NOT_YOU)
        return "blocked", f"the site refuses with status {status}{first}"
    if report.pages == 0:
        return "unreachable", f"no page was got{first}"
    if report.quarantined:
        reasons = ", ".join(f"{n} {reason}" for reason, n in report.quarantined.items())
        return (
            "empty",
            f"{report.pages} pages were read and none of their offers believed ({reasons}): see `katy quarantine`",
        )
    return (
        "empty",
        f"{report.pages} pages were read and none makes an offer that can be read; the site may have changed",
    )
