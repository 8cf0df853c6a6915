"""Words as the product search knows them: the same for what is indexed and for what is asked.

Case, accents, punctuation and the plural do not count. Numbers keep their decimals and the unit written against them.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterable

from features.title import model_codes, plain

# What is read of a question, and of any one word.
LONGEST_TEXT = 1000
MOST_WORDS = 24
LONGEST_WORD = 40
_WORD = re.compile(r"\d+(?:\.\d+)?[^\W_]*|[^\W_]+")
_APOSTROPHE = re.compile(r"(?<=\w)'(?=\w)")
_PARTS = re.compile(r"\d+(?:\.\d+)?|[^\W\d_]+")
_JOINING = frozenset("a an and the of for in on to with w by or from".split())


def words(text: str) -> list[str]:
    """The words of a text, in order, each in the singular: "Böhm's 2 Batteries" → bohm, 2, battery."""
    return [singular(word[:LONGEST_WORD]) for word in _WORD.findall(folded(text))]


def folded(text: str) -> str:
    """A text in lower case without accents and apostrophes, cleaned as every title is."""
    flat = plain(text)
    if "'" in flat:
        flat = _APOSTROPHE.sub("", flat)
    if flat.isascii():
        return flat
    return "".join(letter for letter in unicodedata.normalize("NFKD", flat) if not unicodedata.combining(letter))


def asked_words(text: str) -> list[str]:
    """The words of a question: the first MOST_WORDS, each once."""
    return list(dict.fromkeys(words(text[:LONGEST_TEXT])))[:MOST_WORDS]


def joins(word: str) -> bool:
    """Whether a word joins others and says nothing of a thing itself: "for", "with"."""
    return word in _JOINING


def typed(text: str) -> tuple[list[str], str]:
    """The complete words of a text that is being typed, and the beginning of its last: "makita dr" → [makita], "dr"."""
    flat = folded(text[:LONGEST_TEXT])
    found = _WORD.findall(flat)[:MOST_WORDS]
    open_end = bool(found) and text[-1:].isalnum()
    complete = [singular(word[:LONGEST_WORD]) for word in (found[:-1] if open_end else found)]
    beginning = found[-1][:LONGEST_WORD] if open_end else ""
    return [word for word in dict.fromkeys(complete) if not joins(word)], beginning


def singular(word: str) -> str:
    """A word without the ending of the plural: the S-stemmer of Harman (1991), and "boxes", "watches" as box, watch."""
    if len(word) < 4 or word[-1] != "s" or not word.isalpha() or word.endswith(("us", "ss")):
        return word
    if word.endswith("ies") and not word.endswith(("eies", "aies")):
        return word[:-3] + "y"
    if word.endswith(("xes", "ches", "shes", "sses")):
        return word[:-2]
    return word[:-1]


def title_words(title: str, brand: str | None, part_numbers: Iterable[str]) -> str:
    """What is indexed of a product's own words, with blanks between: title, brand, and model codes written as one.

    A code with hyphens is there in its parts and as a whole: "wh", "1000xm4" and "wh1000xm4".
    """
    found = words(title)
    codes = model_codes(plain(title)) + ["".join(_WORD.findall(folded(number))) for number in part_numbers]
    extra = dict.fromkeys([*words(brand or ""), *filter(None, codes)])
    return " ".join([*found, *(word for word in extra if word not in found)])


def key(text: str) -> str:
    """A name as filters and facets hold it: "Fisher-Price" and "FISHER PRICE" are one."""
    return " ".join(_WORD.findall(folded(text)))


def parts(word: str) -> list[str]:
    """A word cut between letters and digits: "128gb" → 128, gb; one part where it has only one of them."""
    return [word] if word.isalpha() else _PARTS.findall(word)
