"""What is reckoned for groups of rows at once is what a plain look at each group finds."""

from __future__ import annotations

import json
from types import SimpleNamespace
from typing import Any

import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from features.market import without_copies
from models.base.lineage import fit_lineages
from models.base.numerics import learn_numerics
from models.base.reference import Above
from models.base.trees import Information

FEW = st.lists(st.integers(0, 3), min_size=2, max_size=30)


@given(FEW, st.integers(0, 1000))
@settings(deadline=None)
def test_beginnings_of_parts_are_means_drawn_to_the_level_above(codes: list[int], seed: int) -> None:
    drawn = np.random.default_rng(seed)
    keys = np.column_stack([np.array(codes) % 2, codes]).astype(np.uint64) * np.uint64(2**60 + 7)
    target = drawn.normal(size=len(codes))
    insides = [np.arange(len(codes)), np.flatnonzero(drawn.random(len(codes)) < 0.6)]
    insides = [each for each in insides if len(each)]

    for inside, lineage in zip(insides, fit_lineages(keys, target, insides), strict=True):
        value = np.full(len(inside), target[inside].mean())
        for place, (known, adds, cases) in enumerate(lineage.levels):
            own = keys[inside, place]
            assert known.tolist() == sorted(set(own.tolist()))
            for key, add, count in zip(known, adds, cases, strict=True):
                members = own == key
                assert count == members.sum()
                assert add == pytest.approx((target[inside] - value)[members].sum() / (count + 3.0), abs=1e-5)
            value = value + adds[np.searchsorted(known, own)]


@given(FEW, st.integers(0, 1000))
@settings(deadline=None)
def test_numbers_are_scaled_within_each_category(codes: list[int], seed: int) -> None:
    categories = pd.Series([f"c{code}" for code in codes * 20], index=np.arange(20 * len(codes))[::-1])
    numbers = np.random.default_rng(seed).normal(5, 2, (len(categories), 1))
    learned = learn_numerics(numbers, categories)
    design = learned.design(numbers, categories).toarray()

    counts = categories.value_counts()
    expected = {""} | {name for name, n in counts.items() if n >= 30 and len(counts) > 1}
    assert set(learned.scales) == expected
    width = learned.scales[""].shape[1]
    for block, group in enumerate(sorted(learned.scales)):
        outside = (categories != group).to_numpy() if group else np.zeros(len(categories), bool)
        part = design[:, block * width : (block + 1) * width]
        assert not part[outside].any()
        mean, spread = learned.scales[group][:, 0]
        assert part[~outside, 0] == pytest.approx(np.clip((numbers[~outside, 0] - mean) / spread, -4, 4), abs=1e-5)


@given(st.lists(st.tuples(*(st.sampled_from("ab") for _ in range(4)), st.sampled_from(["", "1", "2"])), max_size=25))
@settings(deadline=None)
def test_a_copy_is_what_a_later_row_says_again(said: list[tuple[str, ...]]) -> None:
    rows = pd.DataFrame(said, columns=["seller", "title", "grade", "kind", "size"], dtype=object)
    rows["attributes"] = [{"size": size} if size else {} for size in rows.pop("size")]
    every = [(*each[:4], json.dumps(attributes)) for each, attributes in zip(said, rows["attributes"], strict=True)]

    kept = without_copies(rows)

    assert kept.index.tolist() == [n for n, each in enumerate(every) if each not in every[n + 1 :]]


@given(st.lists(st.lists(st.tuples(st.integers(0, 5), st.sampled_from(list(Information))), min_size=1), max_size=4))
@settings(deadline=None)
def test_only_what_is_asked_of_a_row_is_reckoned_and_once(asks: list[list[tuple[int, Information]]]) -> None:
    reckoned: list[tuple[int, int]] = []

    def hedonic(rows: pd.DataFrame, vintage: Any, kinds: list[Information]) -> np.ndarray:
        reckoned.extend((row, int(kind)) for row in rows.index.tolist() for kind in kinds)
        return rows.index.to_numpy(float)[:, np.newaxis] * 10 + np.array(kinds, float)

    rows = pd.DataFrame({"day": [1, 2, 3, 4, 5, 9], "ln_price": 0.0})
    nothing = np.zeros(6)
    market: Any = SimpleNamespace(rows=rows, level=nothing, season=nothing, region=nothing)
    vintage: Any = SimpleNamespace(effects=SimpleNamespace(taken_out=lambda rows, *_: np.zeros(len(rows))))
    above = Above(market, vintage, until=5, hedonic=hedonic)

    for ask in asks:
        row, kind = (np.array(each) for each in zip(*ask, strict=True))
        known = row < 5
        assert above[row, kind][known].tolist() == (-(10.0 * row + kind))[known].tolist()
        assert np.isnan(above[row, kind][~known]).all()
    wanted = {(row, int(kind)) for ask in asks for row, kind in ask if row < 5}
    assert sorted(reckoned) == sorted(wanted)
