"""Learning forward in time: vintages and levels, each from what was known when it was made.

Cut-offs are month ends and the ends of snapshots' data. Between two month ends the newest month's vintage says what
each price was expected to be; what prices brought above that is the market level; the next vintage learns with that
level taken out.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from datetime import timedelta

import numpy as np
import pandas as pd

from features.comparables import TitleIndex
from features.drivers import Drivers
from features.integrity.trust import Trust
from features.level import period_start
from features.market import day_date, day_number, last_of_each_listing, without_copies
from models.base.compose import Market
from models.base.reference import Reference
from models.base.trees import Information
from models.effects import Effects
from models.knobs import Knobs
from models.level.market_side import MarketSide
from models.level.pace import Pace, learn_pace
from models.level.products import close_products
from models.level.state import Learned, Levels
from models.shocks.effects import Shocks
from models.shocks.learn import learn_shocks
from models.shocks.panel import Panel
from models.training.store import VintageStore
from models.training.train import train, vintage_key
from models.training.vintage import Vintage
from models.weeks import WEEK

_ENOUGH_REPEATED = 0.3
Say = Callable[[str], None]


def month_ends(days: np.ndarray, keep: int) -> list[int]:
    """The last days of the calendar months in which anything was seen, but for the running one; the newest `keep`.

    `days` are days since 1970, sorted. A month without news teaches nothing: the vintage before it still holds.
    """
    last = int(days[-1])
    months = {day_date(int(day)).replace(day=1) for day in np.unique(days)}
    ends = (day_number((month + timedelta(days=32)).replace(day=1)) - 1 for month in sorted(months))
    return [end for end in ends if end < last][-keep:]


def learn(
    rows: pd.DataFrame,
    knobs: Knobs,
    *,
    code_version: str,
    store: VintageStore | None = None,
    fixed: dict[str, dict[int, float]] | None = None,
    cutoffs: Sequence[int] | None = None,
    extra_cutoffs: Sequence[int] = (),
    drivers: Drivers | None = None,
    say: Say = lambda _: None,
) -> Learned:
    """Learn everything from a market table sorted by day.

    `store` keeps vintages between runs and gives back those whose data, knobs and code are unchanged; `fixed` are
    levels published before, never computed anew (unit → period → published log level); `cutoffs` overrides the
    calendar, `extra_cutoffs` are the ends of the data of earlier snapshots; without `drivers` nothing is known of
    demand, scarcity, raw materials, weather and hazards. Raises ValueError for an empty table.
    """
    if len(rows) == 0:
        raise ValueError("there is nothing to learn from: the market table is empty")
    unknown = np.full(len(rows), np.nan)
    market = Market(rows, TitleIndex(rows), np.zeros(len(rows)), unknown, unknown.copy(), Trust(rows))
    levels = Levels(
        rows,
        np.full(len(rows), np.nan),
        knobs.level,
        fixed=fixed or {},
        trust=market.trust,
        side=MarketSide(drivers or Drivers()),
    )
    days = rows["day"].to_numpy()
    last = int(days[-1])
    chain_ends = set(cutoffs) if cutoffs is not None else set(month_ends(days, knobs.vintages.keep_months))
    ends = sorted({*chain_ends, *(day for day in extra_cutoffs if days[0] <= day < last), last})
    work = _Learning(market, levels, knobs, code_version, store, say)
    before = int(days[0]) - 1
    for cutoff in ends:
        work.follow(before, cutoff)
        work.learn_at(cutoff, leaf=cutoff not in chain_ends)
        before = cutoff
    levels.settle_open(last)
    return Learned(market, work.vintages, levels, knobs)


class _Learning:
    """The walk through time. The *chain* of vintages, one for each month, says what prices were expected to be; the
    *leaves*, at the ends of snapshots' data, build on it and nothing builds on them, so that it makes no difference
    to anything else how often was published in between, or which snapshots are still there.
    """

    def __init__(
        self, market: Market, levels: Levels, knobs: Knobs, code_version: str, store: VintageStore | None, say: Say
    ) -> None:
        self.market, self.levels, self.knobs = market, levels, knobs
        self.code_version, self.store, self.say = code_version, store, say
        self.prints = _fingerprints(market.rows)
        self.panel = Panel(market.rows, levels.side.drivers) if levels.side.drivers else None
        self.vintages: list[Vintage] = []
        self.chain: Vintage | None = None

    def follow(self, before: int, until: int) -> None:
        """Residuals and levels of the days after `before` up to `until`, by the newest vintage of the chain."""
        if self.chain is not None:
            _follow(self.market, self.levels, self.chain, before, until)
            _settle_rows(self.market, self.levels, until)
            close_products(self.market, self.levels, self.chain, until, self.knobs)

    def learn_at(self, cutoff: int, *, leaf: bool) -> None:
        """The vintage of a cut-off, from the store where it is there; none where too little is known by then."""
        high = int(np.searchsorted(self.levels.days, cutoff, side="right"))
        least = self.knobs.vintages.min_listings
        if self.chain is None and len(without_copies(last_of_each_listing(self.market.rows.iloc[:high]))) < least:
            return
        known = _data_hash(self.prints[:high]) + self.levels.side.drivers.digest(cutoff)
        key = vintage_key(known, cutoff, self.chain, self.knobs, self.code_version)
        vintage = self.store.load(key) if self.store is not None else None
        if vintage is None:
            self.say(f"learning from what was known on {day_date(cutoff)} ({high} rows)")
            vintage = train(self.market, self.levels, cutoff, key, self.chain, self.knobs)
            vintage = replace(vintage, effects=replace(vintage.effects, shocks=self._shocks(cutoff)))
            if self.store is not None:
                self.store.keep(vintage)
        self.vintages.append(vintage)
        if not leaf:
            self.levels.paces.append((cutoff, self._pace(cutoff, vintage)))
            self.chain = vintage
            self.levels.side.known.append((cutoff, vintage.effects.shocks))

    def _pace(self, cutoff: int, vintage: Vintage) -> Pace:
        """How quickly levels follow, by the weeks that were over at a cut-off, and what a vintage newly says of
        season and regions."""
        levels = self.levels
        new, old = vintage.effects, self.chain.effects if self.chain is not None else Effects()
        season = {
            name: round(float(new.of_season(name, cutoff) - old.of_season(name, cutoff)), 6)
            for name in sorted(new.season.keys() | old.season.keys())
        }
        region = {
            name: round(new.of_region(name)[0] - old.of_region(name)[0], 6)
            for name in sorted(new.region.keys() & old.region.keys())
        }
        high = int(np.searchsorted(levels.days, period_start(cutoff + 1, WEEK)))
        rows, assumed = levels.rows.iloc[:high], np.nan_to_num(self.market.season[:high])
        above = levels.residual[:high] - levels.shock[:high] + assumed - new.season_of(rows)
        # A listing seen again brings its own leaning again, which is no step of the market's.
        first = ~rows["listing"].duplicated().to_numpy()
        pace = learn_pace(rows[first], above[first])
        return replace(pace, season=season, region=region)

    def _shocks(self, cutoff: int) -> Shocks:
        """What the drivers do, by the weeks that were over at a cut-off."""
        if self.panel is None:
            return Shocks()
        self.panel.extend(self.levels.residual, cutoff)
        before = self.chain.effects.shocks if self.chain is not None else None
        return learn_shocks(self.panel, cutoff, self.knobs.shocks, before)


def _follow(market: Market, levels: Levels, vintage: Vintage, before: int, until: int) -> None:
    """Residuals of the rows after day `before` up to day `until`, and the periods that are over by then."""
    low, high = np.searchsorted(levels.days, [before + 1, until + 1])
    if high > low:
        window = market.rows.iloc[low:high]
        memory = _memory(market, vintage, window)
        price = window["ln_price"].to_numpy(float)
        expected = vintage.hedonic.predict(window) + memory.above
        residual = price - vintage.effects.adjustment(window) - expected
        market.season[low:high] = vintage.effects.season_of(window)
        market.region[low:high] = vintage.effects.region_of(window)
        category, region = window["category"].to_numpy(object), window["region"].to_numpy(object)
        shocks, days = vintage.effects.shocks, window["day"].to_numpy()
        levels.shock[low:high] = shocks.of_rows(levels.side.drivers, category, region, days)
        levels.residual[low:high] = np.where(_counts(window, memory, vintage), residual, np.nan)
    length = levels.knobs.period
    start = levels.closed[-1].period + length if levels.closed else period_start(before + 1, length)
    for period in range(start, period_start(until + 1, length), length):
        # A period in which nothing was seen changes nothing; years of them may lie between two sources' data.
        if np.ptp(np.searchsorted(levels.days, [period, period + length])):
            levels.close(period)


def _settle_rows(market: Market, levels: Levels, day: int) -> None:
    """Write each row's level, up to a day, into the market: of its period's end, or of the day if that is not over."""
    length = levels.knobs.period
    for closed in levels.closed:
        low, high = (int(place) for place in np.searchsorted(levels.days, [closed.period, closed.period + length]))
        market.level[low:high] = levels.of_rows(low, high, closed)
    open_from = levels.closed[-1].period + length if levels.closed else None
    if open_from is not None and open_from <= day:
        low, high, level = levels.open_rows(day)
        market.level[low:high] = level


@dataclass(frozen=True)
class _Memory:
    """What a vintage remembers of the rows of a window: how far the same listing or product stood above its hedonic
    value, whether it was there, and the share of the row's category that is of products met more than once."""

    above: np.ndarray
    matched: np.ndarray
    repeated: np.ndarray


def _counts(window: pd.DataFrame, memory: _Memory, vintage: Vintage) -> np.ndarray:
    """Which rows may say something about the level: matched ones only, in categories where things come again, and else
    all that the vintage knows the like of.

    The error of the hedonic value of things never seen before would otherwise pass for a movement of the market and,
    compounded from vintage to vintage, carry the level away (chain drift).
    """
    like: np.ndarray = memory.matched | ((memory.repeated < _ENOUGH_REPEATED) & vintage.knows(window))
    # What the model thinks of a kind that it never learned from would stay that kind's "trend" for good.
    out: np.ndarray = like & vintage.met(window)
    return out


def _memory(market: Market, vintage: Vintage, window: pd.DataFrame) -> _Memory:
    """A listing seen before is held against itself, another one of its product against the product's mean, drawn to 0.

    All of it is what was known at the vintage's cut-off, whatever part of the time after it is looked at.
    """
    cutoff = vintage.cutoff
    low, high = np.searchsorted(market.rows["day"].to_numpy(), [cutoff - 180, cutoff], side="right")
    above = Reference(market, vintage, cutoff).learned[low:high, Information.ALL]
    past = without_copies(last_of_each_listing(market.rows.iloc[low:high].assign(above=above)))
    products = past.groupby("product")["above"].agg(["median", "size"])
    shrunk = products["median"] * products["size"] / (products["size"] + 2.0)
    own = window["listing"].map(past.set_index("listing")["above"])
    product = window["product"].map(shrunk).fillna(0.0)
    again = (past["product"].map(products["size"]) >= 2).groupby(past["category"]).mean()
    return _Memory(
        above=(0.85 * own + 0.15 * product).where(own.notna(), product).to_numpy(float),
        matched=(own.notna() | window["product"].isin(shrunk.index)).to_numpy(),
        repeated=window["category"].map(again).fillna(0.0).to_numpy(float),
    )


def _fingerprints(rows: pd.DataFrame) -> np.ndarray:
    """A 64-bit hash of each row's content."""
    plain = rows.drop(columns=["attributes"]).assign(
        attributes=[json.dumps(each, sort_keys=True) for each in rows["attributes"]]
    )
    used = ["listing", "day", "kind", "title", "ln_price", "ln_list", "grade", "category", "product", "brand", "seller"]
    out: np.ndarray = pd.util.hash_pandas_object(plain[[*used, "region", "attributes"]], index=False).to_numpy()
    return out


def _data_hash(prints: np.ndarray) -> str:
    return hashlib.sha256(prints.tobytes()).hexdigest()
