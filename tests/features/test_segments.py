"""Regions of a category part as far as chance would not make them, and no further."""

from __future__ import annotations

import math

import numpy as np
import pandas as pd

from features.segments import segment_kappas


def kappas(shift: dict[int, float], regions: int = 12, each: int = 15) -> dict[str, float]:
    random = np.random.default_rng(5)
    unit = np.repeat([f"segment:tools|R{n}" for n in range(regions)], each)
    r = random.normal(0, 0.1, len(unit)) + np.repeat([shift.get(n, 0.0) for n in range(regions)], each)
    heard = pd.DataFrame({"unit": unit, "r": r})
    seen = {str(name): (float(part["r"].mean()), float(each)) for name, part in heard.groupby("unit")}
    return segment_kappas(unit, r, seen, dict.fromkeys(seen, 0.0), 8.0)


def test_regions_that_part_by_chance_are_not_followed() -> None:
    assert set(kappas({}).values()) == {math.inf}


def test_a_storm_in_one_region_is_followed() -> None:
    found = kappas({3: 0.4})

    assert max(found.values()) < 40
    assert min(found.values()) >= 8.0


def test_few_regions_keep_what_the_knob_says() -> None:
    assert kappas({}, regions=3) == {}
