"""The trees of the hedonic model: LightGBM over the ridge's answer, measures, brand, category and attributes.

What a seller tells and what a person asks differ: a listing may carry a list price and ten attributes, a question four
words. So rows are taught again with parts of that information left out, and two things are only ever compared on the
same kind of information (`Information`).
"""

from __future__ import annotations

from dataclasses import dataclass
from enum import IntEnum
from typing import Any

import numpy as np
import pandas as pd

from features.attributes import AttributeReader, title_numbers
from models.knobs import HedonicKnobs


class Information(IntEnum):
    """What is known of a thing beyond its words: a list price, attributes the model knows, both or neither."""

    ALL = 0
    NO_LIST_PRICE = 1
    NO_ATTRIBUTES = 2
    WORDS_ALONE = 3


@dataclass(frozen=True)
class Codes:
    """Words to small integers for a categorical column; unknown words are NaN."""

    known: tuple[str, ...]

    def of(self, values: pd.Series) -> np.ndarray:
        place = {word: code for code, word in enumerate(self.known)}
        out: np.ndarray = values.map(place).to_numpy(np.float32, na_value=np.nan)
        return out

    @classmethod
    def learn(cls, values: pd.Series, least: int = 3) -> Codes:
        counts = values[values != ""].value_counts()
        return cls(tuple(sorted(str(word) for word, n in counts.items() if n >= least)))


def information_of(rows: pd.DataFrame, reader: AttributeReader) -> np.ndarray:
    """The kind of information each row carries, as `Information` numbers."""
    no_list = ~np.isfinite(rows["ln_list"].to_numpy(float))
    no_attributes = ~np.isfinite(reader.transform(list(rows["attributes"]))).any(axis=1)
    out: np.ndarray = no_list.astype(int) + 2 * no_attributes.astype(int)
    return out


def leave_out(table: np.ndarray, information: Information, attributes: int) -> np.ndarray:
    """The table with what `information` lacks made NaN; the list price stands right before the `attributes` columns."""
    out = table.copy()
    place = table.shape[1] - attributes - 1
    if information & Information.NO_LIST_PRICE:
        out[:, place] = np.nan
    if information & Information.NO_ATTRIBUTES:
        out[:, place + 1 :] = np.nan
    return out


def fold_of(listings: pd.Series, folds: int) -> np.ndarray:
    """The fold of each listing, from a hash of its name: the same in every run and vintage."""
    out: np.ndarray = (pd.util.hash_array(listings.to_numpy(object).astype(str)) % folds).astype(int)
    return out


def threads(rows: int) -> int:
    """One thread for small tables: OpenMP's threads wait for each other by spinning, which on a busy machine costs
    far more than they bring."""
    return 1 if rows < 60_000 else 0


class Trees:
    """LightGBM fits over one table, with rows taught a second time with less information."""

    def __init__(
        self,
        table: np.ndarray,
        target: np.ndarray,
        listings: pd.Series,
        reader: AttributeReader,
        knobs: HedonicKnobs,
        seed: int,
    ) -> None:
        self.knobs, self.seed = knobs, seed
        chance = fold_of("blank " + listings.astype(str), 1000) / 1000
        kinds = _kinds(table, len(reader.names))
        # The chosen share of the rows is dealt evenly to the kinds of lesser information there are.
        kind = np.floor(chance / max(knobs.blank_share, 1e-9) * len(kinds)).astype(int)
        again, copies = [np.arange(len(table))], [table]
        for number, information in enumerate(kinds):
            chosen = np.flatnonzero(kind == number)
            again.append(chosen)
            copies.append(leave_out(table[chosen], information, len(reader.names)))
        self.table = np.vstack(copies).astype(np.float32)
        self.origin = np.concatenate(again)
        self.target = target[self.origin]
        first = table.shape[1] - len(reader.levels)
        self.categorical = [1, 2, *range(first, table.shape[1])]

    def fit(self, inside: np.ndarray) -> Any:
        import lightgbm

        knobs = self.knobs
        chosen = inside[self.origin]
        few = int(chosen.sum()) < 1500
        parameters = {
            "objective": "huber",
            "alpha": 0.6,
            "learning_rate": knobs.learning_rate,
            "num_leaves": 15 if few else knobs.leaves,
            "min_data_in_leaf": knobs.min_leaf,
            "feature_fraction": 0.7,
            "bagging_fraction": 0.8,
            "bagging_freq": 1,
            "lambda_l2": 2.0,
            "max_cat_to_onehot": 4,
            "cat_smooth": 20.0,
            "seed": self.seed,
            "deterministic": True,
            "force_row_wise": True,
            "num_threads": threads(int(chosen.sum())),
            "verbosity": -1,
        }
        data = lightgbm.Dataset(
            self.table[chosen], self.target[chosen], categorical_feature=self.categorical, free_raw_data=True
        )
        rounds = knobs.trees // 2 if few else knobs.trees
        return lightgbm.train(parameters, data, num_boost_round=rounds)


def _kinds(table: np.ndarray, attributes: int) -> list[Information]:
    """The kinds of lesser information that differ from what the rows have."""
    place = table.shape[1] - attributes - 1
    listed, described = np.isfinite(table[:, place]).any(), np.isfinite(table[:, place + 1 :]).any()
    if listed and described:
        return [Information.NO_LIST_PRICE, Information.NO_ATTRIBUTES, Information.WORDS_ALONE]
    return [Information.WORDS_ALONE] if listed or described else []


def tabular(rows: pd.DataFrame, reader: AttributeReader, categories: Codes, brands: Codes) -> np.ndarray:
    """Category, brand, measures in the title, list price, attributes: the tree model's own columns."""
    titles = list(rows["title"])
    return np.column_stack(
        [
            categories.of(rows["category"]),
            brands.of(rows["brand"]),
            title_numbers(titles),
            rows["ln_list"].to_numpy(np.float32),
            reader.transform(list(rows["attributes"])),
        ]
    )
