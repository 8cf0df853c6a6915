"""The rate that people pay, by day: parallel where it is known and the currency is in trouble, else implied by the same
goods' prices on both sides, else official. What is decided of a day never changes with what comes later."""

from __future__ import annotations

import math
from dataclasses import dataclass

import numpy as np
import pandas as pd

from features.anchors.implied import Implied
from features.anchors.rules import CurrencyRule
from features.anchors.trouble import Period, judge, measures, periods, without_slips

COLUMNS = ("observed_on", "rate", "kind", "quoted_on", "official", "premium", "goods", "low", "high", "carried")


@dataclass(frozen=True)
class Paid:
    """What was found out of one currency: its days in trouble with their rates, and its periods in trouble.

    `rates` has a row for each day with a rate of any kind on which another than the official one counts; days are
    numbers since 1970, rates units of the anchor for one of the currency, `premium` what the anchor costs more.
    """

    rates: pd.DataFrame
    periods: list[Period]
    measured: pd.DataFrame
    said: pd.DataFrame


def pay(currency: str, official: pd.Series, parallel: pd.Series, implied: list[Implied], rule: CurrencyRule) -> Paid:
    """Judge one currency and say which rate is paid on each of its days. Series as in `trouble.measures`."""
    parallel = without_slips(parallel, rule.slip) if len(parallel) else parallel
    measured = measures(official, parallel, rule)
    measured = _with_goods(measured, official, implied, rule)
    said = judge(measured, rule)
    days = said.index.to_numpy()[said.any(axis=1).to_numpy()]
    known = _Known(official, parallel, implied, measured, rule)
    rows = [row for day in days if (row := known.on(int(day))) is not None]
    return Paid(pd.DataFrame(rows, columns=list(COLUMNS)), periods(currency, measured, said), measured, said)


class _Known:
    """What is known of a currency up to a day."""

    def __init__(
        self,
        official: pd.Series,
        parallel: pd.Series,
        implied: list[Implied],
        measured: pd.DataFrame,
        rule: CurrencyRule,
    ) -> None:
        self.official, self.parallel, self.rule = official, parallel, rule
        self.goods = {each.day: each for each in implied}
        self.goods_days = np.asarray(sorted(self.goods), np.int64)
        self.normal = measured["normal"]
        self.by_goods = measured["goods_trouble"] if implied else None

    def on(self, day: int) -> tuple[object, ...] | None:
        """The row of a day in trouble; None where only the official rate is known."""
        place = _before(self.parallel, day)
        public = _before(self.official, day)
        official = float(self.official.iloc[public]) if public >= 0 else math.nan
        if place >= 0 and day - self.parallel.index[place] <= self.rule.carry:
            return self._parallel(day, place, official)
        return self._implied(day, official)

    def _parallel(self, day: int, place: int, official: float) -> tuple[object, ...]:
        rate, quoted = float(self.parallel.iloc[place]), int(self.parallel.index[place])
        carried = day - quoted > self.rule.official_age
        then = _before(self.official, quoted)
        if carried and then >= 0 and not math.isnan(official):
            # The street has not been quoted for a while: its premium outlives its rate, for both move with prices.
            rate *= official / float(self.official.iloc[then])
        premium = official / rate - 1 if not math.isnan(official) else math.nan
        return (day, rate, "parallel", quoted, official, premium, 0, math.nan, math.nan, carried)

    def _implied(self, day: int, official: float) -> tuple[object, ...] | None:
        place = int(np.searchsorted(self.goods_days, day, side="right")) - 1
        if place < 0 or day - self.goods_days[place] > self.rule.implied_age:
            return None
        if self.by_goods is None or not bool(self.by_goods.loc[day]):
            return None  # trouble of another kind, and goods do not contradict the official rate
        found = self.goods[int(self.goods_days[place])]
        normal = float(self.normal.get(found.day, 0.0))
        rate, low, high = (math.exp(log + normal) for log in (found.log, found.low, found.high))
        premium = official / rate - 1 if not math.isnan(official) else math.nan
        return (day, rate, "implied", found.day, official, premium, found.goods, low, high, False)


def _with_goods(
    measured: pd.DataFrame, official: pd.Series, implied: list[Implied], rule: CurrencyRule
) -> pd.DataFrame:
    """Add what the prices of goods say: how far they stand from the official rate, beyond what they did in calm times.

    Goods cost more on one side of a border for good reasons (duty, transport, taxes); their median distance in calm
    times, of twelve readings or more, is the normal one. Trouble begins where the whole interval is outside the band,
    and only on the side on which the currency is worth less than officially: goods cheap in it are no sign of that.
    """
    if not implied:
        return measured.assign(normal=0.0)
    days = np.union1d(measured.index.to_numpy(), np.asarray([each.day for each in implied], np.int64))
    out = measured.reindex(days)
    # Between two readings, what the other measures said last still holds.
    out[list(measured.columns)] = out[list(measured.columns)].ffill()
    gap, normal, trouble = (np.full(len(days), math.nan) for _ in range(3))
    calm: list[float] = []
    on, band = False, math.log1p(rule.implied_band)
    for each in sorted(implied, key=lambda one: one.day):
        place = int(np.searchsorted(days, each.day))
        public = _before(official, each.day)
        if public < 0:
            continue
        log = math.log(float(official.iloc[public]))
        usual = float(np.median(calm)) if len(calm) >= 12 else 0.0
        distance = log - each.log - usual
        on = log - each.high - usual > band or (on and distance > band / 2)
        if not on:
            calm.append(log - each.log)
        gap[place], normal[place], trouble[place] = distance, usual, float(on)
    filled = pd.DataFrame({"goods": gap, "normal": normal, "goods_trouble": trouble}, index=out.index).ffill()
    filled["goods_trouble"] = filled["goods_trouble"].fillna(0.0) > 0.5
    return out.join(filled.fillna({"normal": 0.0}))


def _before(series: pd.Series, day: int) -> int:
    """The place of the newest entry on or before a day; −1 where there is none."""
    return int(np.searchsorted(series.index.to_numpy(), day, side="right")) - 1
