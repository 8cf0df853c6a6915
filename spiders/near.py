"""Searching a long text with a costly pattern only where a match can begin.

Patterns for persons are led by something that could stand anywhere (a quotation mark, a letter) and are therefore tried
at every place. Each has a word in it, though, which the text's own search finds a hundred times faster.
"""

from __future__ import annotations

import functools
import re
from collections.abc import Callable, Iterable, Iterator

Starts = Callable[[str], Iterable[int]]


def near(*words: str, back: int = 0, first: str = "", only_with: str = "") -> Starts:
    """The places of the `words` (lower case), and those up to `back` letters before each that hold a `first` sign.

    None where the text has nothing that it has `only_with`.
    """

    @functools.lru_cache(maxsize=2)
    def starts(low: str) -> list[int]:
        return list(found(low)) if only_with in low else []

    def found(low: str) -> Iterator[int]:
        for word in words:
            at = low.find(word)
            while at >= 0:
                yield at
                for place in range(max(0, at - back), at):
                    if low[place] in first:
                        yield place
                at = low.find(word, at + 1)

    return starts


def run_before(*words: str, signs: str, most: int, only_with: str = "") -> Starts:
    """The beginning of the letters, digits and `signs` that stand right before each of the words, at most `most`."""

    def starts(low: str) -> Iterator[int]:
        for word in words if only_with in low else ():
            at = low.find(word)
            while at >= 0:
                place = at
                while place and at - place < most and (low[place - 1].isalnum() or low[place - 1] in signs):
                    place -= 1
                if place < at:
                    yield place
                at = low.find(word, at + 1)

    return starts


def brace_before(word: str) -> Starts:
    """The last opening brace before each place of a word."""

    def starts(low: str) -> Iterator[int]:
        at = low.find(word)
        while at >= 0:
            brace = low.rfind("{", 0, at)
            if brace >= 0:
                yield brace
            at = low.find(word, at + 1)

    return starts


def matches(pattern: re.Pattern[str], text: str, *places: Starts) -> Iterator[re.Match[str]]:
    """The matches of a pattern as `pattern.finditer(text)` finds them, where each begins at one of the `places`."""
    low = text.lower()
    if len(low) != len(text):
        # A letter that is longer in lower case: places in one are not those in the other.
        yield from pattern.finditer(text)
        return
    end = 0
    for begin in sorted({at for starts in places for at in starts(low)}):
        if begin < end:
            continue
        found = pattern.match(text, begin)
        if found:
            yield found
            end = max(found.end(), begin + 1)


def replaced(
    pattern: re.Pattern[str], instead: str | Callable[[re.Match[str]], str], text: str, *places: Starts
) -> str:
    """The text with every match replaced, as `pattern.sub(instead, text)` does it."""
    parts, end = [], 0
    for found in matches(pattern, text, *places):
        parts += [text[end : found.start()], found.expand(instead) if isinstance(instead, str) else instead(found)]
        end = found.end()
    return "".join([*parts, text[end:]]) if parts else text
