"""Learning forward in time: vintages and levels, each from what was known when it was made.

Cut-offs are month ends and the data's own end. Between two cut-offs the newest vintage says what each price was
expected to be; what prices brought above that is the market level; the next vintage learns with that level taken out.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Callable, Sequence
from datetime import date, timedelta

import numpy as np
import pandas as pd

from features.comparables import TitleIndex
from features.level import period_start
from features.market import day_date, day_number, last_of_each_listing, without_copies
from models.compose import Market, Reference, own_hedonic
from models.knobs import Knobs
from models.products import close_products
from models.state import Learned, Levels
from models.store import VintageStore
from models.train import train, vintage_key
from models.trees import Information
from models.vintage import Vintage

_LEAST_AT_THE_END = 40
_ENOUGH_MATCHED = 0.3
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
    say: Say = lambda _: None,
) -> Learned:
    """Learn everything from a market table sorted by day.

    `store` keeps vintages between runs and gives back those whose data, knobs and code are unchanged; `fixed` are
    levels published before, never computed anew (unit → period → published log level); `cutoffs` overrides the
    calendar, `extra_cutoffs` are the ends of the data of earlier snapshots. Raises ValueError for an empty table.
    """
    if len(rows) == 0:
        raise ValueError("there is nothing to learn from: the market table is empty")
    market = Market(rows, TitleIndex(rows), np.zeros(len(rows)))
    levels = Levels(rows, np.full(len(rows), np.nan), knobs.level, fixed=fixed or {})
    days = rows["day"].to_numpy()
    last = int(days[-1])
    ends = list(cutoffs) if cutoffs is not None else month_ends(days, knobs.vintages.keep_months)
    ends = sorted({*ends, *(day for day in extra_cutoffs if days[0] <= day < last), last})
    prints = _fingerprints(rows)
    vintages: list[Vintage] = []
    for number, cutoff in enumerate(ends):
        high = int(np.searchsorted(days, cutoff, side="right"))
        # The end of an earlier snapshot's data has its vintage on the same terms now as then, and once there is one,
        # each cut-off has: else rows behind a cut-off passed over would be followed by nobody.
        least = _LEAST_AT_THE_END if cutoff == last or cutoff in extra_cutoffs else knobs.vintages.min_listings
        if not vintages and len(without_copies(last_of_each_listing(rows.iloc[:high]))) < least:
            continue
        _settle_rows(market, levels, cutoff)
        key = vintage_key(_data_hash(prints[:high]), cutoff, vintages[-1] if vintages else None, knobs, code_version)
        vintage = store.load(key) if store is not None else None
        if vintage is None:
            say(f"learning from what was known on {day_date(cutoff)} ({high} rows)")
            vintage = train(market, levels, cutoff, key, vintages[-1] if vintages else None, knobs)
            if store is not None:
                store.keep(vintage)
        vintages.append(vintage)
        until = ends[number + 1] if number + 1 < len(ends) else cutoff
        _follow(market, levels, vintage, cutoff, until)
        _settle_rows(market, levels, until)
        close_products(market, levels, vintages, until, knobs)
    _settle_rows(market, levels, last)
    return Learned(market, vintages, levels, knobs)


def _follow(market: Market, levels: Levels, vintage: Vintage, cutoff: int, until: int) -> None:
    """Residuals of the rows after `cutoff` up to day `until`, and the periods that are over by then."""
    low, high = np.searchsorted(levels.days, [cutoff + 1, until + 1])
    if high > low:
        window = market.rows.iloc[low:high]
        memory, matched = _memory(market, vintage, window)
        price = window["ln_price"].to_numpy(float)
        residual = (
            price - vintage.effects.adjustment(window) - own_hedonic(window, vintage)[:, Information.ALL] - memory
        )
        levels.residual[low:high] = np.where(_counts(window, matched, vintage), residual, np.nan)
    length = levels.knobs.period
    start = levels.closed[-1].period + length if levels.closed else period_start(cutoff + 1, length)
    for period in range(start, period_start(until + 1, length), length):
        # A period in which nothing was seen changes nothing; years of them may lie between two sources' data.
        if np.ptp(np.searchsorted(levels.days, [period, period + length])):
            levels.close(period)


def _settle_rows(market: Market, levels: Levels, day: int) -> None:
    """Write each row's level, up to a day, into the market: of its period's end, or of the day if that is not over."""
    length = levels.knobs.period
    for closed in levels.closed:
        low, high = (int(place) for place in np.searchsorted(levels.days, [closed.period, closed.period + length]))
        market.level[low:high] = levels.of_rows(low, high, closed.raw)
    open_from = levels.closed[-1].period + length if levels.closed else None
    if open_from is not None and open_from <= day:
        low, high, level = levels.open_rows(day)
        market.level[low:high] = level


def _counts(window: pd.DataFrame, matched: np.ndarray, vintage: Vintage) -> np.ndarray:
    """Which rows may say something about the level: matched ones only, where a category has enough of them, and else
    those of goods that the vintage knows.

    The error of the hedonic value of things never seen before would otherwise pass for a movement of the market and,
    compounded from vintage to vintage, carry the level away (chain drift).
    """
    share = pd.Series(matched, index=window.index).groupby(window["category"]).transform("mean").to_numpy()
    out: np.ndarray = matched | ((share < _ENOUGH_MATCHED) & vintage.knows(window))
    return out


def _memory(market: Market, vintage: Vintage, window: pd.DataFrame) -> tuple[np.ndarray, np.ndarray]:
    """How far each listing or product stood above its hedonic value before the cut-off, and whether it was there.

    A listing seen before is held against itself, another one of its product against the product's mean, drawn to 0.
    """
    high = int(np.searchsorted(market.rows["day"].to_numpy(), vintage.cutoff, side="right"))
    past = market.rows.iloc[:high].assign(
        above=Reference(market, vintage, vintage.cutoff).above[:high, Information.ALL]
    )
    past = last_of_each_listing(past[past["day"] > vintage.cutoff - 180])
    products = without_copies(past).groupby("product")["above"].agg(["median", "size"])
    shrunk = products["median"] * products["size"] / (products["size"] + 2.0)
    own = window["listing"].map(past.set_index("listing")["above"])
    product = window["product"].map(shrunk).fillna(0.0)
    memory = (0.85 * own + 0.15 * product).where(own.notna(), product).to_numpy(float)
    return memory, (own.notna() | window["product"].isin(shrunk.index)).to_numpy()


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


def today_of(learned: Learned) -> date:
    """The data's own end: the last day anything was seen."""
    return day_date(int(learned.levels.days[-1]))
