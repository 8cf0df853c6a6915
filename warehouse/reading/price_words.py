"""The vocabulary of price texts (price_words.toml), ready to be looked up: every word folded, every list a set."""

from __future__ import annotations

import functools
import tomllib
from importlib import resources
from typing import Any

from warehouse.reading.numbers import Mark


@functools.cache
def _table() -> dict[str, Any]:
    return tomllib.loads(resources.files(__package__).joinpath("price_words.toml").read_text(encoding="utf-8"))


@functools.cache
def words(part: str, name: str) -> frozenset[str]:
    """One list of the table, such as words("before", "old")."""
    return frozenset(_table()[part][name].split())


@functools.cache
def scales() -> dict[str, int]:
    """Word → power of ten: "lakh" is 5."""
    return dict(_table()["scales"])


@functools.cache
def roles(side: str) -> dict[str, str]:
    """Word → what it makes of the amount that it stands "before" or "after": "was" makes it "old"."""
    return {word: role for role, said in _table()[side].items() for word in said.split()}


@functools.cache
def units() -> dict[str, str]:
    """Word → the unit of a price per unit, by one name each: "Stück", "ea" and "pcs" are "each"."""
    named: dict[str, str] = {}
    for unit, said in _table()["units"].items():
        for word in said.split():
            named.setdefault(word, unit)
    return named


def scale_of(word: str, currencies: tuple[str, ...]) -> int | None:
    """The power of ten a word means after a number of one of these currencies, or None: "l" is 5 beside INR."""
    known = scales().get(word)
    if known is not None:
        return known
    by_currency: dict[str, int] = _table()["scales_of"].get(word, {})
    return next((by_currency[code] for code in currencies if code in by_currency), None)


@functools.cache
def locale_mark(locale: str) -> Mark | None:
    """The decimal mark of a locale ("de_DE", "pt-BR", "fr"): its country decides before its language; else None."""
    language, _, rest = locale.replace("-", "_").partition("_")
    country = rest.rpartition("_")[2].partition(".")[0].upper()
    for part, said in (("countries", country), ("languages", language.casefold())):
        # A German price in Switzerland has a dot, an English one in Germany follows its language.
        if part == "countries" and language.casefold() == "en" and country != "ZA":
            continue
        if said in words("marks", f"comma_{part}"):
            return ","
        if said in words("marks", f"dot_{part}"):
            return "."
    return None


def currency_mark(currency: str) -> Mark | None:
    """The decimal mark that is usual where a currency is money, or None where that is not one."""
    if currency in words("marks", "comma_currencies"):
        return ","
    return "." if currency in words("marks", "dot_currencies") | words("marks", "thousandths") else None
