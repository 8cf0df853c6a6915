"""The trees of the hedonic model: LightGBM over the linear guesses, measures, brand, category and attributes.

What a seller tells and what a person asks differ: a listing may carry a list price and ten attributes, a question four
words. So rows are taught again with parts of that information left out, and two things are only ever compared on the
same kind of information (`Information`).
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from enum import IntEnum
from typing import Any

import numpy as np
import pandas as pd

from features.attributes import TITLE_UNITS, AttributeReader, title_numbers
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


@dataclass(frozen=True)
class Columns:
    """The columns of the trees' table: (group, name) of each, and which of them lesser information lacks."""

    names: tuple[tuple[str, str], ...]
    wordy: tuple[int, ...]

    def lacking(self, information: Information) -> list[int]:
        """Places of the columns that are unknown with that information."""
        gone = {"list price"} if information & Information.NO_LIST_PRICE else set()
        gone |= {"attributes"} if information & Information.NO_ATTRIBUTES else set()
        return [place for place, (group, _) in enumerate(self.names) if group in gone]


def leave_out(table: np.ndarray, information: Information, columns: Columns) -> np.ndarray:
    """The table with what `information` lacks made NaN."""
    out = table.copy()
    out[:, columns.lacking(information)] = np.nan
    return out


def fold_of(listings: pd.Series, folds: int) -> np.ndarray:
    """The fold of each listing, from a hash of its name: the same in every run and vintage."""
    out: np.ndarray = (pd.util.hash_array(listings.to_numpy(object).astype(str)) % folds).astype(int)
    return out


def folds_for(rows: int, knobs: HedonicKnobs) -> int:
    """How many folds a table of so many rows is dealt into.

    A model without a fourth of a small table is much worse than that of all of it, and intervals sized by what it
    misses are too wide; a large table loses nothing by fewer folds.
    """
    return knobs.folds_of_few if rows < knobs.few_rows else knobs.folds


def threads(rows: int) -> int:
    """One thread for small tables: OpenMP's threads wait for each other by spinning, which on a busy machine costs
    far more than they bring."""
    return 1 if rows < 60_000 else 0


class Trees:
    """LightGBM fits over one table, with rows taught a second time with less information.

    `lines` are the values the trees start from with each kind of information, (rows, len(Information)).
    """

    def __init__(
        self,
        table: np.ndarray,
        lines: np.ndarray,
        target: np.ndarray,
        listings: pd.Series,
        columns: Columns,
        knobs: HedonicKnobs,
        seed: int,
    ) -> None:
        self.knobs, self.seed, self.columns = knobs, seed, columns
        chance = fold_of("blank " + listings.astype(str), 1000) / 1000
        kinds = _kinds(table, columns)
        # The chosen share of the rows is dealt evenly to the kinds of lesser information there are.
        kind = np.floor(chance / max(knobs.blank_share, 1e-9) * len(kinds)).astype(int)
        again, copies, rest = [np.arange(len(table))], [table], [target - lines[:, Information.ALL]]
        for number, information in enumerate(kinds):
            chosen = np.flatnonzero(kind == number)
            again.append(chosen)
            copies.append(leave_out(table[chosen], information, columns))
            rest.append(target[chosen] - lines[chosen, information])
        self.table = np.vstack(copies).astype(np.float32)
        self.origin = np.concatenate(again)
        self.target = np.concatenate(rest)

    def fit(self, inside: np.ndarray) -> list[Any]:
        """One booster for each of OBJECTIVES; their answers are averaged."""
        import lightgbm

        chosen = inside[self.origin]
        parameters, rounds = self._parameters(int(chosen.sum()))
        data = lightgbm.Dataset(
            self.table[chosen],
            self.target[chosen],
            categorical_feature=list(self.columns.wordy),
            free_raw_data=False,
            params={"min_data_in_leaf": parameters["min_data_in_leaf"], "max_bin": 255, "verbosity": -1},
        )
        return [
            lightgbm.train(
                parameters | objective | {"seed": self.seed + number},
                data,
                num_boost_round=rounds,
            )
            for number, objective in enumerate(OBJECTIVES)
        ]

    def _parameters(self, rows: int) -> tuple[dict[str, Any], int]:
        knobs = self.knobs
        few = rows < 2500
        parameters = {
            "learning_rate": knobs.learning_rate,
            "num_leaves": 7 if few else knobs.leaves,
            "min_data_in_leaf": 20 if few else knobs.min_leaf,
            "feature_fraction": 0.5,
            "bagging_fraction": 0.8,
            "bagging_freq": 1,
            "lambda_l2": 2.0,
            "max_cat_to_onehot": 4,
            "cat_smooth": 20.0,
            "deterministic": True,
            "force_row_wise": True,
            "num_threads": threads(rows),
            "verbosity": -1,
        }
        return parameters, knobs.trees // 3 if few else knobs.trees


# A value is a median: half of the buyers pay more. Absolute error aims at it; Huber's loss steadies it.
OBJECTIVES: tuple[dict[str, Any], ...] = ({"objective": "l1"}, {"objective": "huber", "alpha": 0.25})


def _kinds(table: np.ndarray, columns: Columns) -> list[Information]:
    """The kinds of lesser information that differ from what the rows have."""
    listed = np.isfinite(table[:, columns.lacking(Information.NO_LIST_PRICE)]).any()
    described = np.isfinite(table[:, columns.lacking(Information.NO_ATTRIBUTES)]).any()
    if listed and described:
        return [Information.NO_LIST_PRICE, Information.NO_ATTRIBUTES, Information.WORDS_ALONE]
    return [Information.WORDS_ALONE] if listed or described else []


def columns_of(reader: AttributeReader, guesses: Sequence[str], beside: int) -> Columns:
    """The columns of the table that `tabular` makes, in their order."""
    names = [("attributes" if name == "attributes" else "words", name) for name in guesses]
    names += [("words", "like it")] * beside + [("category", ""), ("brand", "")]
    names += [("measures", unit) for unit in TITLE_UNITS for _ in range(2)]
    names += [("measures", "year"), ("list price", ""), ("list price", "above the line")]
    first = len(names)
    names += [("attributes", name) for name in reader.names]
    wordy = range(first + len(reader.numeric), first + len(reader.names))
    return Columns(tuple(names), (names.index(("category", "")), names.index(("brand", "")), *wordy))


def tabular(
    rows: pd.DataFrame,
    guesses: np.ndarray,
    beside: np.ndarray,
    line: np.ndarray,
    numbers: np.ndarray,
    categories: Codes,
    brands: Codes,
) -> np.ndarray:
    """The trees' table: guesses and what stands beside them, category, brand, measures, list price, attributes.

    `line` is the title's line, against which the list price is held too; `numbers` what the reader made of attributes.
    """
    listed = rows["ln_list"].to_numpy(float)
    return np.column_stack(
        [
            guesses,
            beside,
            categories.of(rows["category"]),
            brands.of(rows["brand"]),
            title_numbers(list(rows["title"])),
            listed,
            listed - line,
            numbers,
        ]
    ).astype(np.float32)
