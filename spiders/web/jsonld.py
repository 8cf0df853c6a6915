"""JSON-LD as it occurs in the wild: read what can be read, say how many blocks could not.

Shops embed JSON-LD by hand and by template, with comments, control characters, trailing commas and semicolons, raw line
ends inside strings, HTML entities. None of that may lose a page. Numbers are kept as the text they were written in.
"""

from __future__ import annotations

import functools
import html
import json
import re
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import Any

Node = dict[str, Any]

# Everything below a blank that JSON does not know, and the byte order mark; tab and line ends stay.
_CONTROL = re.compile(r"[\x00-\x08\x0b\x0c\x0e-\x1f\x7f\u2028\u2029\ufeff]")
_OPENING = re.compile(r"(?://|/\*)?\s*(?:<!\[CDATA\[|<!--)\s*(?:\*/)?")
_CLOSING = re.compile(r"(?:\]\]>|-->)\s*(?:\*/)?")
_LONGEST_CLOSING = 40
# What is not closed runs to the end: no text may make these patterns begin again and again.
_STRING = r'"(?:\\.|[^"\\])*(?:"|\Z)'
_COMMENT = re.compile(rf"({_STRING})|/\*.*?(?:\*/|\Z)|//[^\n]*", re.DOTALL)
_LAST_COMMA = re.compile(rf"({_STRING})|,(?=\s*[}}\]])", re.DOTALL)
_ESCAPE = re.compile(r'\\(?:u(?![0-9a-fA-F]{4})|(?!["\\/bfnrtu]))')
_BETWEEN = re.compile(r"[\s;,]*")
_PREFIX = re.compile(r"^(?:https?://(?:www\.)?schema\.org/|schema:)", re.IGNORECASE)
DEPTH = 40
# A node with these keys alone says nothing but which node is meant.
_REFERENCE = frozenset({"@id", "@type"})
# A page's nodes may name each other by "@id". So many nodes are put together on one page, and so deep.
_MOST_NAMED = 20_000
_DEEPEST_NAMED = 6


def _number(digits: str) -> str:
    """A JSON number's own digits. Its dot is a decimal mark: "1.234" gets a fourth place, lest it be a thousand."""
    return digits + "0" if re.fullmatch(r"-?\d{1,3}\.\d{3}", digits) else digits


_DECODER = json.JSONDecoder(strict=False, parse_float=_number, parse_int=str)


@dataclass(frozen=True, slots=True)
class Blocks:
    """The values of all JSON-LD blocks of a page, in their order, and how many blocks stayed unreadable."""

    values: list[Any]
    unreadable: int


def read_blocks(scripts: list[str]) -> Blocks:
    """The contents of `<script type="application/ld+json">` elements, read leniently."""
    values: list[Any] = []
    unreadable = 0
    for script in scripts:
        if not script.strip():
            continue
        try:
            values.extend(_read(script))
        except (ValueError, RecursionError):
            unreadable += 1
    return Blocks(values, unreadable)


def _read(script: str) -> list[Any]:
    """As it stands where that is JSON, else mended step by step; ValueError when nothing helps."""
    mended = script
    steps: tuple[Callable[[str], str], ...] = (
        lambda t: t,
        lambda t: _unwrapped(_CONTROL.sub("", t).strip()),
        lambda t: _COMMENT.sub(lambda m: m.group(1) or " ", t),
        lambda t: _LAST_COMMA.sub(lambda m: m.group(1) or "", t),
        lambda t: _ESCAPE.sub(lambda m: "\\\\" + m.group(0)[1:], t),
        lambda t: html.unescape(t) if '"' not in t else t,
    )
    problem: ValueError | None = None
    for step in steps:
        mended = step(mended)
        try:
            return _values(mended)
        except ValueError as error:
            problem = error
    raise problem or ValueError("nothing to read")


def _unwrapped(text: str) -> str:
    """Without the comment or CDATA signs that a whole script is wrapped in."""
    opening = _OPENING.match(text)
    text = text[opening.end() :] if opening else text
    tail = _CLOSING.search(text, max(0, len(text) - _LONGEST_CLOSING))
    if tail is None:
        return text
    return text[: tail.start()].rstrip().removesuffix("//").removesuffix("/*")


def _values(text: str) -> list[Any]:
    """All JSON values that stand one after the other, with nothing but blanks, commas and semicolons between."""
    values: list[Any] = []
    at = 0
    while True:
        gap = _BETWEEN.match(text, at)
        at = gap.end() if gap else at
        if at >= len(text):
            return values
        value, at = _DECODER.raw_decode(text, at)
        values.append(value)


def plain(value: Any, depth: int = DEPTH) -> Any:
    """The same value with bare lower-case keys ("schema:Offers" is "offers"), without nulls, cut off below `depth`."""
    if depth == 0:
        return None
    if isinstance(value, dict):
        inner = ((bare(key), plain(item, depth - 1)) for key, item in value.items())
        return {key: item for key, item in inner if item is not None}
    if isinstance(value, list):
        return [item for item in (plain(item, depth - 1) for item in value) if item is not None]
    return value


@functools.lru_cache(maxsize=1 << 12)
def bare(name: str) -> str:
    """ "https://schema.org/UsedCondition" → "usedcondition"; names without a prefix are only lower-cased."""
    return _PREFIX.sub("", str(name).strip()).lower()


def joined(values: list[Any]) -> list[Any]:
    """The same values, with `{"@id": …}` replaced by the node of the page that has this id, where there is one.

    Values are plain ones. A node is not put inside itself, so what refers in circles stays finite.
    """
    named: dict[str, Node] = {}
    for node in nodes(values):
        name = node.get("@id")
        if isinstance(name, str) and len(node) > 1 and len(named) < _MOST_NAMED:
            named.setdefault(name, node)
    if not named:
        return values
    budget = [_MOST_NAMED]
    return [_joined(value, named, frozenset(), budget) for value in values]


def _joined(value: Any, named: dict[str, Node], above: frozenset[str], budget: list[int]) -> Any:
    if isinstance(value, list):
        return [_joined(item, named, above, budget) if isinstance(item, dict | list) else item for item in value]
    budget[0] -= 1
    if not isinstance(value, dict) or budget[0] < 0:
        return value
    name = value.get("@id")
    if isinstance(name, str):
        if name in named and name not in above and value.keys() <= _REFERENCE and len(above) < _DEEPEST_NAMED:
            value = named[name]
        above = above | {name}
    return {
        key: _joined(item, named, above, budget) if isinstance(item, dict | list) else item
        for key, item in value.items()
    }


def types(node: Node) -> set[str]:
    """The node's types, bare and lower-case."""
    names = node.get("@type")
    if isinstance(names, str):
        return {bare(names)}
    return {bare(name) for name in listed(names) if isinstance(name, str)}


def listed(value: Any) -> list[Any]:
    """A value that may be one or many, as many; None is none."""
    if value is None:
        return []
    return value if isinstance(value, list) else [value]


def nodes(value: Any, *, skip: frozenset[str] = frozenset()) -> Iterator[Node]:
    """Every dict in a value, outermost first, in document order, without those under the keys of `skip`."""
    if isinstance(value, list):
        for item in value:
            yield from nodes(item, skip=skip)
    elif isinstance(value, dict):
        yield value
        for key, item in value.items():
            if key not in skip and isinstance(item, dict | list):
                yield from nodes(item, skip=skip)


def text(value: Any) -> str | None:
    """The text of a value: itself, or the name, text or id of a node; the first of many. None where there is none."""
    if isinstance(value, str):
        return (html.unescape(value) if "&" in value else value).strip() or None
    for item in listed(value):
        if item is None:
            continue
        if isinstance(item, dict):
            found = (
                text(item.get("name")) or text(item.get("@value")) or text(item.get("value")) or text(item.get("@id"))
            )
        elif isinstance(item, bool):
            found = str(item).lower()
        else:
            found = html.unescape(str(item)).strip()
        if found:
            return found
    return None
