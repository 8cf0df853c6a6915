"""How good a run's reading was, held against the source's own earlier runs: what is worse becomes a finding.

Pure: reports in, findings out. Shares are compared by a two-proportion test, amounts by their logarithms; to what
chance explains is added how much the earlier good runs differed among themselves (median absolute deviation).
A finding needs an effect that matters besides, so that a run of few rows, or of very many, does not cry wolf.
The thresholds are data: `spiders/data/alarms.toml`.
"""

from __future__ import annotations

import json
import math
from collections.abc import Collection, Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from functools import cached_property
from statistics import median
from typing import Any

from spiders.agent.comparison import DAYS, Share, between, jump_of, quantile_error, threshold
from warehouse.alarms import Finding
from warehouse.records import RunReport

GOOD = frozenset({"complete", "partly"})
_WALLS = {"block": ("blocked", "look like a block"), "login_wall": ("login_wall", "are a login wall")}


@dataclass(frozen=True)
class Run:
    """A run's report with its details read."""

    report: RunReport

    @cached_property
    def detail(self) -> dict[str, Any]:
        said = json.loads(self.report.detail_json)
        return said if isinstance(said, dict) else {}

    @property
    def verdict(self) -> str:
        """ "" for a report that is no agent's: an imported file has no verdict."""
        return str(self.detail.get("verdict", ""))

    @property
    def good(self) -> bool:
        return self.verdict in GOOD

    @property
    def landed(self) -> int:
        return self.report.rows_landed

    @property
    def judged(self) -> int:
        """Rows that were believed or not: those known before were judged when they were new."""
        return self.report.rows_landed + self.report.rows_quarantined

    @property
    def pages(self) -> int:
        """Pages that were read anew; an unchanged one gives no rows."""
        return max(0, int(self.detail.get("pages", 0)) - int(self.detail.get("unchanged", 0)))

    def counts(self, name: str) -> dict[str, Any]:
        said = self.detail.get(name)
        return said if isinstance(said, dict) else {}

    def sign(self, name: str) -> int:
        return int(self.counts("signs").get(name, 0))

    def currencies(self) -> dict[str, float]:
        """The share of prices in each currency. Of very many prices only some are counted: the largest has the rest."""
        seen = {currency: float(prices.get("n", 0)) for currency, prices in self.counts("prices").items()}
        if not seen or not self.landed:
            return {}
        main = max(seen, key=lambda currency: seen[currency])
        shares = {currency: n / max(self.landed, sum(seen.values())) for currency, n in seen.items()}
        return shares | {main: 1 - sum(share for currency, share in shares.items() if currency != main)}


def alarms_of(
    report: RunReport, history: Sequence[RunReport], *, cadence: timedelta, troubled: Collection[str] = ()
) -> list[Finding]:
    """What is wrong with a run, given the source's earlier ones (any order); one finding for each kind and `about`.

    It is held against the good runs that began at the same base. `troubled` are the runs under an alarm that nobody has
    dismissed: they are no measure of how it should be. An interrupted run says nothing.
    """
    run = Run(report)
    if run.verdict in ("", "interrupted"):
        return []
    earlier = sorted((Run(one) for one in history if one.run != report.run), key=lambda one: one.report.started_at)
    found = list(_of_verdict(run, earlier)) + list(_of_walls(run))
    old = stale([*history, report], cadence, report.ended_at)
    if old:
        found.append(old)
    base = run.detail.get("base")
    good = [one for one in earlier if one.good and one.detail.get("base") == base and one.report.run not in troubled]
    past = good[-int(threshold("history", "runs")) :]
    known = past if len(past) >= threshold("history", "fewest") else []
    found += list(_of_refused(run, known))
    if run.good:
        for check in (_coverage, _fewer_records, _price_jumps, _currencies, _drift):
            found += check(run, known)
    first: dict[tuple[str, str], Finding] = {}
    for one in found:
        first.setdefault((one.kind, one.about), one)
    return [
        Finding(one.kind, one.about, one.severity, one.message, {"base": base, **one.detail}) for one in first.values()
    ]


def stale(reports: Sequence[RunReport], cadence: timedelta, now: datetime) -> Finding | None:
    """Whether a source has not been read well for three cadences, given all its runs.

    A good run is one that landed rows, or found all of them known or unchanged.
    """
    runs = [run for run in map(Run, reports) if run.verdict]
    if not runs:
        return None
    good = [run.report.ended_at for run in runs if run.good]
    since = max(good) if good else min(run.report.started_at for run in runs)
    if now - since <= cadence * threshold("stale", "cadences"):
        return None
    last = (
        f"was last read well on {since:%Y-%m-%d %H:%M} UTC" if good else f"was never read well since {since:%Y-%m-%d}"
    )
    return Finding(
        "stale",
        "rows",
        "error",
        f"{last}, {_span(now - since)} ago; it should be every {_span(cadence)}",
        {"since": since.isoformat(), "cadence_days": cadence / timedelta(days=1)},
    )


# --- what a run says by itself --------------------------------------------------------------------------------------


def _of_verdict(run: Run, earlier: Sequence[Run]) -> Iterator[Finding]:
    if run.good:
        return
    kind = "login_wall" if run.verdict == "blocked" and run.sign("login_wall") else run.verdict
    before = next((one for one in reversed(earlier) if one.verdict != "interrupted"), None)
    # A site that does not answer once may do so the next time.
    again = before is not None and not before.good
    severity = "error" if again or kind != "unreachable" else "warning"
    yield Finding(kind, "site", severity, f"{run.verdict}: {run.detail.get('why', '')}", {"again": again})


def _of_walls(run: Run) -> Iterator[Finding]:
    """Pages that a reader took for a block or a login wall."""
    pages = max(run.pages, 1)
    for sign, (kind, words) in _WALLS.items():
        share = min(1.0, run.sign(sign) / pages)
        if run.sign(sign) and share >= threshold("walls", "pages"):
            message = f"{run.sign(sign)} of {pages} pages {words}"
            yield Finding(kind, "site", "error", message, {"pages": pages, "signs": run.sign(sign)})


def _of_refused(run: Run, past: Sequence[Run]) -> Iterator[Finding]:
    """More rows than before with two prices, or not believed."""
    reasons = ", ".join(f"{n} {reason}" for reason, n in run.counts("quarantined").items())
    ambiguous = Share(run.sign("ambiguous"), run.judged, [(one.sign("ambiguous"), one.judged) for one in past])
    refused = Share(
        run.report.rows_quarantined, run.judged, [(one.report.rows_quarantined, one.judged) for one in past]
    )
    for kind, share, words in (
        ("ambiguous", ambiguous, "have more than one price"),
        ("quarantine", refused, f"were not believed ({reasons})"),
    ):
        if run.judged < threshold("history", "rows"):
            continue
        if share.rose(kind) or (not past and share.now >= threshold(kind, "always")):
            message = f"{share.now:.0%} of {run.judged} rows {words}{share.before()}"
            yield Finding(kind, "rows", "warning", message, share.figures())


# --- what is otherwise than before ----------------------------------------------------------------------------------


def _coverage(run: Run, past: Sequence[Run]) -> Iterator[Finding]:
    """A field that fewer rows have."""
    if run.landed < threshold("history", "rows"):
        return
    told = [one for one in past if one.landed]
    for name, covered in sorted(run.counts("coverage").items()):
        before = [(one.counts("coverage").get(name, 0.0) * one.landed, one.landed) for one in told]
        share = Share(covered * run.landed, run.landed, before)
        if share.fell("coverage"):
            message = f"{name} is there in {share.now:.0%} of {run.landed} rows{share.before()}"
            yield Finding(
                "coverage", name, "error" if share.now < share.usual / 2 else "warning", message, share.figures()
            )


def _fewer_records(run: Run, past: Sequence[Run]) -> Iterator[Finding]:
    """Fewer rows on a page."""
    rates = [one.report.rows_read / one.pages for one in past if one.pages and one.report.rows_read]
    if not run.pages or not run.report.rows_read or len(rates) < threshold("history", "fewest"):
        return
    now, usual = run.report.rows_read / run.pages, median(rates)
    if now > usual * (1 - threshold("fewer_records", "part")) or usual * run.pages < threshold("history", "rows"):
        return
    # The rows of a page vary like a Poisson number at the most: pages of one row or none, and lists of many.
    error = math.hypot(between([math.log(rate) for rate in rates]), DAYS, math.sqrt(1 / (usual * run.pages)))
    sigmas = math.log(usual / now) / error
    if sigmas < threshold("fewer_records", "sigmas"):
        return
    message = f"{now:.3g} rows on a page, where {usual:.3g} were usual (the middle of {len(rates)} good runs)"
    figures = {"now": round(now, 4), "usual": round(usual, 4), "runs": len(rates), "sigmas": round(sigmas, 1)}
    yield Finding("fewer_records", "page", "error" if now < usual / 2 else "warning", message, figures)


def _price_jumps(run: Run, past: Sequence[Run]) -> Iterator[Finding]:
    """Prices of a currency that are all much higher or lower, or those of its dearest or cheapest tenth."""
    fewest = threshold("price_jump", "prices")
    for currency, prices in sorted(run.counts("prices").items()):
        before = [one.counts("prices").get(currency, {}) for one in past]
        before = [one for one in before if one.get("n", 0) >= fewest and one.get("p90", 0) >= one.get("p10", 0) > 0]
        if prices.get("n", 0) < fewest or len(before) < threshold("history", "fewest"):
            continue
        spread = median(math.log(one["p90"] / one["p10"]) for one in before)
        for point, least in (("median", "factor"), ("p90", "tail"), ("p10", "tail")):
            if prices.get(point, 0) <= 0:
                continue
            jump = jump_of(prices[point], [one[point] for one in before], quantile_error(point, spread, prices["n"]))
            if jump.factor >= threshold("price_jump", least) and jump.sigmas >= threshold("price_jump", "sigmas"):
                yield Finding("price_jump", currency, "error", jump.message(point, currency), jump.figures(point))
                break


def _currencies(run: Run, past: Sequence[Run]) -> Iterator[Finding]:
    """A currency that much more of the prices are in: the site may have taken the reader for somebody elsewhere."""
    if run.landed < threshold("price_jump", "prices"):
        return
    told = [one for one in past if one.currencies()]
    for currency, share_now in sorted(run.currencies().items()):
        before = [(one.currencies().get(currency, 0.0) * one.landed, one.landed) for one in told]
        share = Share(share_now * run.landed, run.landed, before)
        if share.rose("currency"):
            message = f"{share.now:.0%} of {run.landed} prices are in {currency}{share.before()}"
            yield Finding("currency", currency, "error", message, share.figures())


def _drift(run: Run, past: Sequence[Run]) -> Iterator[Finding]:
    """Prices that are no longer read from where they were; or a reader that says it fell back."""
    paths = run.counts("price_paths")
    total = sum(paths.values())
    told = [one for one in past if one.counts("price_paths")]
    if total and told:
        sums = [(one.counts("price_paths"), sum(one.counts("price_paths").values())) for one in told]
        usual = max(
            {name for one, _ in sums for name in one}, key=lambda name: median(one.get(name, 0) / n for one, n in sums)
        )
        share = Share(paths.get(usual, 0), total, [(one.get(usual, 0), n) for one, n in sums])
        if share.fell("drift"):
            now = ", ".join(f"{n / total:.0%} {name}" for name, n in sorted(paths.items(), key=lambda one: -one[1]))
            message = f"{share.now:.0%} of {total} prices are read from {usual}{share.before()}; now: {now}"
            yield Finding("drift", "price path", "warning", message, {**share.figures(), "paths": paths})
    fallen = min(1.0, run.sign("drift") / max(run.pages, 1))
    normal = median(min(1.0, one.sign("drift") / max(one.pages, 1)) for one in past) if past else 0.0
    if fallen - normal >= threshold("drift", "pages"):
        message = f"on {run.sign('drift')} of {run.pages} pages a part was not where it is looked for first"
        yield Finding("drift", "page", "warning", message, {"now": round(fallen, 4), "usual": round(normal, 4)})


def _span(time: timedelta) -> str:
    days = time / timedelta(days=1)
    return f"{days:.3g} days" if days >= 2 else f"{days * 24:.3g} hours"
