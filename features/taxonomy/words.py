"""How titles and the words of the tree are cut into tokens, so that both are compared in one spelling."""

from __future__ import annotations

import re
from functools import lru_cache

from features.title import plain

# Words, then the marks that part a title; a dash parts only between blanks ("14-inch" is one thing, "drill - new" two).
_TOKEN = re.compile(r"w/o?(?![a-z]*/)|[^\W_]+(?:['’.][^\W_]+)*|[,;:!&()\[\]|/*~]|(?<=\s)\+|(?<=\s)[-–—•](?=\s)")
_IRREGULAR = {
    "lenses": "lens", "lens": "lens", "cds": "cd", "lps": "lp", "tvs": "tv", "onesies": "onesie", "knives": "knife",
    "shelves": "shelf", "wives": "wife", "loaves": "loaf", "mice": "mouse", "leaves": "leaf", "calves": "calf",
    "scarves": "scarf", "tomatoes": "tomato", "potatoes": "potato", "batteries": "battery", "glasses": "glasses",
    "men's": "men", "women's": "women", "mens": "men", "womens": "women", "kid's": "kid", "boy's": "boy",
    "girl's": "girl", "children's": "children", "axes": "axe", "shoes": "shoe", "movies": "movie",
    "cookies": "cookie", "pies": "pie", "brownies": "brownie", "canoes": "canoe", "hoes": "hoe", "radios": "radio",
    "dies": "die", "ties": "tie", "hoodies": "hoodie", "rookies": "rookie", "caches": "cache", "aches": "ache",
    "toothaches": "toothache", "veggies": "veggie", "smoothies": "smoothie",
}  # fmt: skip
_DIGITS_AHEAD = re.compile(r"^\d+(?:\.\d+)?(?=[a-z])")
_FAMILY = re.compile(r"^([a-z]+)\d")


def tokens(text: str) -> list[str]:
    """The tokens of a text, made plain, in order: words in the singular, and marks; "&" is the word "and"."""
    return [singular(token) for token in _TOKEN.findall(plain(text))]


def phrase(text: str) -> str:
    """A word or phrase of the tree as it is looked up: its tokens with single blanks; `*` at its end is kept."""
    star = text.rstrip().endswith("*")
    return " ".join(tokens(text.rstrip().removesuffix("*"))) + ("*" if star else "")


@lru_cache(maxsize=100_000)
def singular(word: str) -> str:
    """The singular of an English noun by its ending, and "and" for "&"; what is no plural comes back as it is."""
    if word == "&":
        return "and"
    if word in _IRREGULAR:
        return _IRREGULAR[word]
    word = word.removesuffix("'s")
    if len(word) < 4 or word[-1] != "s" or word.endswith(("ss", "us", "is", "'s")):
        return word
    if word.endswith("ies"):
        return word[:-3] + "y"
    if word.endswith(("ches", "shes", "sses", "xes", "zzes")):
        return word[:-2]
    return word[:-1]


@lru_cache(maxsize=100_000)
def family(token: str) -> str | None:
    """The letters that begin a code ("s21" → "s*"), as a phrase with a star is looked up; None for other tokens."""
    found = _FAMILY.match(token)
    return f"{found[1]}*" if found else None


@lru_cache(maxsize=100_000)
def unit(token: str) -> str:
    """A token without the number it begins with: "128gb" → "gb"."""
    return _DIGITS_AHEAD.sub("", token)
