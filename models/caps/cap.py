"""The trade cap: the most that Katy suggests in a trade while prices surge or an emergency is declared.

    trade_cap = baseline × the stricter of policy and statute

The baseline is what the thing was worth before the surge or declaration (`models.caps.baseline`), in today's season.
Policy is Katy's own: three times, and one and a half times for what a household needs, in a declared area and window.
Statutes are data (`models.caps.rules`). A cap limits a suggestion. It is shown beside the fair market value and is
never part of it: what a willing buyer pays is a fact of the market, also in a storm.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from datetime import date
from decimal import ROUND_HALF_EVEN, Decimal
from typing import Literal

from pydantic import BaseModel, ConfigDict

from features.hazards import essentials
from models.caps.declarations import Declaration, last_day
from models.caps.rules import ANY, Limit, Statute, classes_of, goods_classes, statutes
from models.knobs import CapKnobs
from warehouse.valuation import minor_unit

Rule = Literal["policy", "statute"]


class Cap(BaseModel):
    """The most that is suggested in a trade: `baseline` × `times`, and the rule that says so.

    `since` is the day of the surge or declaration, `until` the last day of a declared window (None: as long as the
    surge lasts). `statute` and `source` name the law, also where it has no percentage and policy holds.
    """

    model_config = ConfigDict(frozen=True, extra="forbid")

    amount: str
    currency: str
    baseline: str
    times: str
    rule: Rule
    because: str
    since: date
    until: date | None = None
    goods: list[str]
    jurisdiction: str | None = None
    statute: str | None = None
    source: str | None = None
    notes: list[str] = []


@dataclass(frozen=True, slots=True)
class _Ceiling:
    """One limit that holds on a day: so many times the price before `since`."""

    times: Decimal
    rule: Rule
    because: str
    since: date
    until: date | None
    statute: Statute | None = None


def cap_for(
    *,
    day: date,
    region: str,
    category: str,
    currency: str,
    baseline: Callable[[date], Decimal | None],
    declarations: Sequence[Declaration] = (),
    surge: date | None = None,
    areas: frozenset[str] = frozenset(),
    knobs: CapKnobs,
) -> Cap | None:
    """The cap that holds for goods of a category in a region on a day; None where neither surge nor emergency is.

    `baseline` gives what the thing was worth before a day, in `currency` and in the season of `day`, or None where no
    level was published before. `surge` is the day the surge began that is still going on. `areas` are the county codes
    (SAME) of the trade, where known: without them a declaration for some counties counts for all of the region.
    """
    live = [one for one in declarations if one.declared <= day and one.reaches(region, areas)]
    goods = classes_of(category)
    found: list[tuple[Decimal, _Ceiling, Decimal]] = []
    for ceiling in _ceilings(day, category, goods, live, surge, knobs):
        before = baseline(ceiling.since)
        if before is not None and before > 0:
            before = before.quantize(minor_unit(currency), rounding=ROUND_HALF_EVEN)
            amount = (before * ceiling.times).quantize(minor_unit(currency), rounding=ROUND_HALF_EVEN)
            found.append((amount, ceiling, before))
    if not found:
        return None
    # Of equal ones the law's is named.
    amount, strictest, before = min(found, key=lambda each: (each[0], each[1].rule == "policy", each[1].since))
    law = strictest.statute or statutes().get(region)
    return Cap(
        amount=str(amount),
        currency=currency,
        baseline=str(before),
        times=f"{strictest.times.normalize():f}",
        rule=strictest.rule,
        because=strictest.because,
        since=strictest.since,
        until=strictest.until,
        goods=goods,
        jurisdiction=law.jurisdiction if law and live else None,
        statute=law.citation if law and live else None,
        source=law.source if law and live else None,
        notes=_notes(law, live, areas),
    )


def _ceilings(
    day: date,
    category: str,
    goods: Sequence[str],
    live: Sequence[Declaration],
    surge: date | None,
    knobs: CapKnobs,
) -> Iterator[_Ceiling]:
    wide = Decimal(str(knobs.times))
    if surge is not None and surge <= day:
        yield _Ceiling(wide, "policy", f"prices have surged since {surge}", surge, None)
    for one in live:
        last = last_day(one, None, None, knobs.window_days, day)
        if day <= last:
            narrow = _is_needed(category, goods, one)
            times = min(wide, Decimal(str(knobs.times_needed))) if narrow else wide
            yield _Ceiling(times, "policy", _said(one, needed=narrow), one.declared, last)
        law = statutes().get(one.region)
        if law is None or one.declarer not in law.declared_by:
            continue
        for limit in law.limit:
            until = last_day(one, limit.days, limit.days_after_end, knobs.window_days, day)
            if limit.percent is not None and day <= until and _limits(limit, goods):
                times = min(wide, 1 + Decimal(str(limit.percent)) / 100)
                because = f"{_said(one)}; {law.citation} allows {limit.percent:g} % over {limit.over}"
                yield _Ceiling(times, "statute", because, one.declared, until, law)


def _limits(limit: Limit, goods: Sequence[str]) -> bool:
    return ANY in limit.goods or bool(set(limit.goods) & set(goods))


def _is_needed(category: str, goods: Sequence[str], one: Declaration) -> bool:
    """Whether a household cannot do without it: always, or in this very hazard."""
    known = goods_classes()
    return any(known[name].needed for name in goods) or any(
        category == named for _, named in essentials(one.hazard, one.severity)
    )


def _said(one: Declaration, *, needed: bool = False) -> str:
    who = {"federal": "the United States", "state": "the state", "local": "a county or city"}[one.declarer]
    headline = f" ({one.headline})" if one.headline else ""
    needs = ", and this is what households need then" if needed else ""
    return f"{who} declared an emergency for {one.region} on {one.declared}{headline}{needs}"


def _notes(law: Statute | None, live: Sequence[Declaration], areas: frozenset[str]) -> list[str]:
    out = []
    if live and law is not None:
        out.append(law.note)
    counties = {code for one in live for code in one.areas}
    if counties and not areas:
        out.append(f"Declared for {len(counties)} counties; elsewhere in the region this cap does not hold.")
    return out
