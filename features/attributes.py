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

from features.attribute_numbers import number, numbers_in
from features.title import measures, plain

__all__ = [
    "TITLE_UNITS",
    "AttributeReader",
    "attribute_name",
    "learn_reader",
    "number",
    "numbers_in",
    "title_numbers",
]

TITLE_UNITS = ("gb", "inch", "v", "w", "hz", "mp", "mm", "cc", "ah", "mah", "lb", "ft", "piece")
_NOT_INFORMATION = re.compile(r"^(?:row\s*(?:names?|num(?:ber)?)?|index|idx|unnamed.*|s\.?\s*no\.?|sr\.?\s*no\.?|#|)$")
# Added to the name of an attribute whose texts are all different, for the first of the words they have in common.
_WORD = " word"
_LISTED = re.compile(r"\s*[;,/|+]\s*|\s+")
_TITLE_YEAR = re.compile(r"(?<!\d)((?:19|20)\d\d)(?![\dp])")
_FALSY = frozenset(
    {"", "-", "--", "n/a", "na", "nan", "null", "none", "unknown", "?", "missing", "not available", "not specified"}
    | {"–", "—", "n.a.", "k.a.", "k. a.", "keine angabe", "not stated", "tbd", "tba"}
)
# What a year may be read as, by how it is written: "2005", "approx. 2005", "03/2005".
_WHEN = ("", " year", " date")


@dataclass(frozen=True)
class AttributeReader:
    """Turns attribute dictionaries into a matrix: numeric attributes, then the levels of the wordy ones as codes.

    `numeric` are the numbers found in attributes (`numbers_in`: a list or a sentence holds several, each with a name of
    its own); `levels` maps wordy attributes to their known words, in order of frequency. A word not known becomes NaN,
    as does a missing attribute. `wordy` are the attributes whose words a linear model reads (`tokens`).
    """

    numeric: tuple[str, ...]
    levels: dict[str, tuple[str, ...]]
    wordy: tuple[str, ...] = ()

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
                if key in codes:
                    code = codes[key].get(plain(text))
                    if code is not None:
                        out[position, column[key]] = code
                if (worded := key + _WORD) in codes:
                    known = codes[worded]
                    code = next((known[part] for part in _parts(text) if part in known), None)
                    if code is not None:
                        out[position, column[worded]] = code
                for suffix, value in numbers_in(text):
                    place = column.get(key + suffix)
                    if place is None and _is_year(suffix, value):
                        place = next((column[key + way] for way in _WHEN if key + way in column), None)
                    if place is not None:
                        out[position, place] = value
        return out

    def tokens(self, rows: Sequence[Mapping[str, str]]) -> list[list[str]]:
        """For each row "name=text" of its wordy attributes, and the same of each part of a list."""
        wordy = frozenset(self.wordy)
        out: list[list[str]] = []
        for row in rows:
            named = ((attribute_name(name), text) for name, text in row.items())
            out.append([f"{name}={part}" for name, text in named if name in wordy for part in _parts(text)])
        return out

    def to_json(self) -> str:
        return json.dumps(asdict(self), ensure_ascii=False, sort_keys=True)

    @classmethod
    def from_json(cls, text: str) -> AttributeReader:
        raw: dict[str, Any] = json.loads(text)
        levels = {name: tuple(words) for name, words in raw["levels"].items()}
        return cls(tuple(raw["numeric"]), levels, tuple(raw.get("wordy", ())))


@lru_cache(maxsize=200_000)
def _parts(text: str) -> tuple[str, ...]:
    """A text and, of a short list, its parts; nothing for words that say nothing."""
    cleaned = plain(text)
    if cleaned in _FALSY or len(cleaned) > 300:
        return ()
    parts = [part for part in _LISTED.split(cleaned) if part and part != cleaned]
    return (cleaned, *parts[:12])


@lru_cache(maxsize=10_000)
def attribute_name(name: str) -> str:
    """One spelling of an attribute's name: "Shoe Size ", "shoe_size" and "shoe-size" are one."""
    return re.sub(r"[\s_\-]+", " ", plain(name)).strip()


def learn_reader(
    rows: Sequence[Mapping[str, str]], *, min_share: float = 0.01, max_levels: int = 60, max_columns: int = 80
) -> AttributeReader:
    """Decide from rows which attributes are numbers (seven in ten of their texts read as one) and which are words.

    Attributes on fewer than `min_share` of the rows, running row numbers, and words that hardly ever repeat
    (free text, identifiers) are left out.
    """
    texts: dict[str, Counter[str]] = {}
    for row in rows:
        for name, text in row.items():
            cleaned = plain(text)
            if cleaned not in _FALSY:
                texts.setdefault(attribute_name(name), Counter())[cleaned] += 1
    least = max(20, min_share * len(rows))
    numeric: list[str] = []
    levels: dict[str, tuple[str, ...]] = {}
    wordy: list[str] = []
    by_presence = sorted(texts.items(), key=lambda item: (-item[1].total(), item[0]))
    for name, counted in by_presence[:max_columns]:
        total = counted.total()
        if total < least or len(counted) < 2 or _NOT_INFORMATION.match(name):
            continue
        read = _numbers_of(counted)
        whole = read.pop("", 0)
        if whole >= 0.7 * total:
            numeric.append(name)
        numeric += sorted(name + suffix for suffix, times in read.items() if times >= max(least, 0.1 * total))
        few = sum(times for _, times in counted.most_common(max_levels)) >= 0.5 * total
        if whole < 0.9 * total and few:
            levels[name] = tuple(word for word, times in counted.most_common(max_levels) if times >= 3)
        # A number of few values may name a kind (cores, doors, a postcode); an identifier hardly ever comes again.
        few_values = len(counted) <= max(40, min(400, total // 15))
        common = () if few or whole >= 0.9 * total else _common_parts(counted, least)
        if few_values or common or (whole < 0.9 * total and len(counted) <= 0.6 * total):
            wordy.append(name)
        if common:
            levels[name + _WORD] = common[:max_levels]
    # In the order they are stored in: the columns of a reader read back must be those it learned with.
    kept = {name: levels[name] for name in sorted(levels) if len(levels[name]) > 1}
    return AttributeReader(tuple(dict.fromkeys(numeric[: 2 * max_columns])), kept, tuple(sorted(wordy)))


def _numbers_of(counted: Counter[str]) -> Counter[str]:
    """How many texts have each of the numbers of `numbers_in`, but for numbers in texts that hardly ever come again."""
    out: Counter[str] = Counter()
    values: dict[str, set[float]] = {}
    years: Counter[str] = Counter()
    for text, times in counted.items():
        for suffix, value in numbers_in(text):
            out[suffix] += times
            values.setdefault(suffix, set()).add(value)
            years[suffix] += times * _is_year(suffix, value)
    # A year with a word beside it is the year all the same: the plainest way of writing it stands for all.
    if (
        years.total() > max(years.values(), default=0)
        and years[""] == out[""]
        and years.total() >= 0.7 * counted.total()
    ):
        plainest = next(way for way in _WHEN if years[way])
        out[plainest] = years.total()
        for way in _WHEN:
            if way != plainest:
                out.pop(way, None)
    # An identifier in a text ("lot 4711"); what is a quantity by itself may well be another in each row.
    for suffix in [suffix for suffix in out if "#" in suffix and len(values[suffix]) > 0.9 * out[suffix]]:
        del out[suffix]
    return out


def _is_year(suffix: str, value: float) -> bool:
    """Whether a number of an attribute may be a year, or a moment in years."""
    return suffix in _WHEN and 1900 <= value <= 2100 and (suffix != "" or value == int(value))


def _common_parts(counted: Counter[str], least: float) -> tuple[str, ...]:
    """The words that short texts of which each is another have in common ("Paperback, 10 Mar 2016"), most frequent
    first; () where fewer than half of the texts have one."""
    total = counted.total()
    if sum(len(text) * times for text, times in counted.items()) > 60 * total:
        return ()
    parts: Counter[str] = Counter()
    for text, times in counted.items():
        for part in set(_parts(text)):
            parts[part] += times
    common = {part for part, times in parts.items() if least <= times <= 0.95 * total and not part.isdigit()}
    having = sum(times for text, times in counted.items() if common.intersection(_parts(text)))
    return tuple(sorted(common, key=lambda part: (-parts[part], part))) if 2 * having >= total else ()


def title_numbers(titles: Sequence[str]) -> np.ndarray:
    """Largest and smallest measure of each of TITLE_UNITS in a title, and a year: (n, 2·units + 1), NaN if none."""
    out = np.full((len(titles), 2 * len(TITLE_UNITS) + 1), np.nan, dtype=np.float32)
    found = [_measured(title) for title in titles]
    row = np.repeat(np.arange(len(titles)), [len(each) for each in found])
    told = np.array([pair for each in found for pair in each], float).reshape(-1, 2)
    out[row, told[:, 0].astype(int)] = told[:, 1]
    return out


@lru_cache(maxsize=400_000)
def _measured(title: str) -> tuple[tuple[int, float], ...]:
    """Place among the columns of `title_numbers` and value of all that a title has."""
    text = plain(title)
    found: dict[int, float] = {}
    for value, unit in measures(text):
        if unit in TITLE_UNITS:
            high = 2 * TITLE_UNITS.index(unit)
            found[high] = max(found.get(high, value), value)
            found[high + 1] = min(found.get(high + 1, value), value)
    years = _TITLE_YEAR.findall(text)
    if years:
        found[2 * len(TITLE_UNITS)] = float(max(int(year) for year in years))
    return tuple(found.items())
