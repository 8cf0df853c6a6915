"""What a region does to a price, from matched sales: the same thing in the same fortnight in two regions.

A regression over all goods confuses regions with what is sold in them, and with when. Where the same things are sold in
many regions the comparison within each thing and fortnight needs no model of either (a fixed-effects or "matched model"
estimate: ILO et al., Consumer Price Index Manual, 2020, ch. 6). Regions that only differ by chance are then drawn
together by as much as chance explains (empirical Bayes: Efron and Morris 1973).
"""

from __future__ import annotations

import numpy as np
import pandas as pd

from features.market import ALL_REGIONS

_BLOCK = 14  # days
_LEAST_GROUP = 3  # rows of one thing in one fortnight
_LEAST_SHARE = 0.3  # of the rows with a region; with fewer matched ones nothing is said
_LEAST_REGIONS = 3  # fewer regions do not tell how far regions differ
_ROUNDS = 6


def matched_regions(rows: pd.DataFrame, price: np.ndarray, least: int) -> dict[str, float] | None:
    """Effect of each region (log, 0 on average over the rows); None where too little is matched to say.

    `price` are log prices with the effects of condition, kind and season taken out; regions with fewer than `least`
    matched rows are left out.
    """
    region = rows["region"].to_numpy(object)
    known = region != ALL_REGIONS
    often = rows.groupby("title")["title"].transform("size").to_numpy() >= _LEAST_GROUP
    thing = np.where(often, rows["title"].to_numpy(object), rows["product"].to_numpy(object))
    group = pd.factorize(pd.Series(thing).astype(str) + "|" + pd.Series(rows["day"].to_numpy() // _BLOCK).astype(str))[
        0
    ]
    codes, names = pd.factorize(np.where(known, region, None))
    matched = known & (np.bincount(group[known], minlength=group.max(initial=0) + 1)[group] >= _LEAST_GROUP)
    several = pd.Series(codes[matched]).groupby(group[matched]).transform("nunique").to_numpy() > 1
    place = np.flatnonzero(matched)[several]
    if known.sum() == 0 or len(place) < _LEAST_SHARE * known.sum():
        return None
    effect, error = _two_ways(price[place], group[place], codes[place], len(names))
    count = np.bincount(codes[place], minlength=len(names))
    enough = count >= least
    if enough.sum() < _LEAST_REGIONS:
        return None
    drawn = shrunk(effect[enough], error[enough])
    drawn = drawn - np.average(drawn, weights=count[enough])
    return dict(sorted(zip((str(name) for name in names[enough]), drawn.tolist(), strict=True)))


def _two_ways(price: np.ndarray, group: np.ndarray, code: np.ndarray, regions: int) -> tuple[np.ndarray, np.ndarray]:
    """Region effects beside group effects by backfitting, far prices held back; and their standard errors."""
    effect = np.zeros(regions)
    count = np.maximum(np.bincount(code, minlength=regions), 1)
    for _ in range(_ROUNDS):
        inside = price - effect[code]
        inside = price - pd.Series(inside).groupby(group).transform("median").to_numpy()
        rest = inside - effect[code]
        limit = 3 * max(1.4826 * float(np.median(np.abs(rest))), 1e-4)
        effect = np.bincount(code, effect[code] + np.clip(rest, -limit, limit), minlength=regions) / count
    spread = np.bincount(code, np.clip(rest, -limit, limit) ** 2, minlength=regions)
    pooled = spread.sum() / len(price)
    error: np.ndarray = np.sqrt((spread + 5 * pooled) / (count + 5) / count)
    return effect, error


def shrunk(effect: np.ndarray, error: np.ndarray) -> np.ndarray:
    """Effects drawn to their mean by the share of their variance that their standard errors explain.

    The variance between them is DerSimonian and Laird's (1986) estimate, never below 0.
    """
    weight = 1.0 / np.maximum(error, 1e-9) ** 2
    mean = float((weight * effect).sum() / weight.sum())
    excess = float((weight * (effect - mean) ** 2).sum()) - (len(effect) - 1)
    between = max(excess / float(weight.sum() - (weight**2).sum() / weight.sum()), 0.0)
    out: np.ndarray = mean + between / (between + error**2) * (effect - mean)
    return out
