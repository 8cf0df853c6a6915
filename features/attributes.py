"""Attributes as numbers and levels: how the fields that have no name of their own become columns for a model.

Which attribute is a number and which a word is decided from the rows a model learns from, and kept with it.
"""

from __future__ import annotations

import json
import re
from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass
from functools import lru_cache
from typing import Any

import numpy as np

from features.title import measures, plain
from warehouse.reading.quantity import read_quantity

TITLE_UNITS = ("gb", "inch", "v", "w", "hz", "mp", "mm", "cc", "ah", "mah", "lb", "ft", "piece")
_NOT_INFORMATION = re.compile(r"^(?:row\s*(?:names?|num(?:ber)?)?|index|idx|unnamed.*|s\.?\s*no\.?|sr\.?\s*no\.?|#|)$")
_FALSY = frozenset({"", "-", "--", "n/a", "na", "nan", "null", "none", "unknown", "?"})


@lru_cache(maxsize=400_000)
def number(text: str) -> float:
    """The number inside an attribute's text ("19.67 kmpl" → 19.67, "256GB" → 256), NaN where there is none."""
    read = read_quantity(text)
    return float("nan") if read is None else float(read.number)


@dataclass(frozen=True)
class AttributeReader:
    """Turns attribute dictionaries into a matrix: numeric attributes, then the levels of the wordy ones as codes.

    `numeric` are attribute names read as numbers; `levels` maps the others to their known words, in order of
    frequency. A word not known becomes NaN, as does a missing attribute.
    """

    numeric: tuple[str, ...]
    levels: dict[str, tuple[str, ...]]

    @property
    def names(self) -> list[str]:
        return [*self.numeric, *self.levels]

    def transform(self, rows: Sequence[Mapping[str, str]]) -> np.ndarray:
        """Shape (len(rows), len(names)), float32, NaN for the unknown."""
        out = np.full((len(rows), len(self.names)), np.nan, dtype=np.float32)
        column = {name: position for position, name in enumerate(self.names)}
        codes = {name: {word: code for code, word in enumerate(words)} for name, words in self.levels.items()}
        for position, row in enumerate(rows):
            for name, text in row.items():
                key = attribute_name(name)
                if key not in column:
                    continue
                if key in codes:
                    code = codes[key].get(plain(text))
                    if code is not None:
                        out[position, column[key]] = code
                else:
                    out[position, column[key]] = number(text)
        return out

    def to_json(self) -> str:
        return json.dumps(asdict(self), ensure_ascii=False, sort_keys=True)

    @classmethod
    def from_json(cls, text: str) -> AttributeReader:
        raw: dict[str, Any] = json.loads(text)
        return cls(tuple(raw["numeric"]), {name: tuple(words) for name, words in raw["levels"].items()})


def attribute_name(name: str) -> str:
    """One spelling of an attribute's name: "Shoe Size ", "shoe_size" and "shoe-size" are one."""
    return re.sub(r"[\s_\-]+", " ", plain(name)).strip()


def learn_reader(
    rows: Sequence[Mapping[str, str]], *, min_share: float = 0.01, max_levels: int = 60, max_columns: int = 80
) -> AttributeReader:
    """Decide from rows which attributes are numbers (nine in ten of their texts read as one) and which are words.

    Attributes on fewer than `min_share` of the rows, running row numbers, and words that hardly ever repeat
    (free text, identifiers) are left out.
    """
    texts: dict[str, Counter[str]] = {}
    for row in rows:
        for name, text in row.items():
            cleaned = plain(text)
            if cleaned not in _FALSY:
                texts.setdefault(attribute_name(name), Counter())[cleaned] += 1
    numeric, levels = [], {}
    by_presence = sorted(texts.items(), key=lambda item: (-item[1].total(), item[0]))
    for name, counted in by_presence[:max_columns]:
        total = counted.total()
        if total < max(20, min_share * len(rows)) or len(counted) < 2 or _NOT_INFORMATION.match(name):
            continue
        readable = sum(times for text, times in counted.items() if number(text) == number(text))
        if readable >= 0.9 * total:
            numeric.append(name)
        elif sum(times for _, times in counted.most_common(max_levels)) >= 0.5 * total:
            levels[name] = tuple(word for word, times in counted.most_common(max_levels) if times >= 3)
    # In the order they are stored in: the columns of a reader read back must be those it learned with.
    kept = {name: levels[name] for name in sorted(levels) if len(levels[name]) > 1}
    return AttributeReader(tuple(numeric), kept)


def title_numbers(titles: Sequence[str]) -> np.ndarray:
    """Largest and smallest measure of each of TITLE_UNITS in a title, and a year: (n, 2·units + 1), NaN if none."""
    out = np.full((len(titles), 2 * len(TITLE_UNITS) + 1), np.nan, dtype=np.float32)
    place = {unit: position for position, unit in enumerate(TITLE_UNITS)}
    for row, title in enumerate(titles):
        text = plain(title)
        for value, unit in measures(text):
            if unit in place:
                high, low = 2 * place[unit], 2 * place[unit] + 1
                out[row, high] = np.fmax(out[row, high], value)
                out[row, low] = np.fmin(out[row, low], value)
        years = [int(year) for year in re.findall(r"(?<!\d)((?:19|20)\d\d)(?![\dp])", text)]
        if years:
            out[row, -1] = max(years)
    return out
