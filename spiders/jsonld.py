"""JSON-LD as it occurs in the wild: read what can be read, say how many blocks could not.

Shops embed JSON-LD by hand and by template, with comments, control characters, trailing commas and semicolons, raw line
ends inside strings, HTML entities. None of that may lose a page. Numbers are kept as the text they were written in.
"""

from __future__ import annotations

import html
import json
import re
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import Any

Node = dict[str, Any]

# Everything below a blank that JSON does not know, and the byte order mark; tab and line ends stay.
_CONTROL = re.compile(r"[\x00-\x08\x0b\x0c\x0e-\x1f\x7f\u2028\u2029\ufeff]")
_WRAPPING = re.compile(r"^\s*(?://|/\*)?\s*(?:<!\[CDATA\[|<!--)\s*(?:\*/)?|(?://|/\*)?\s*(?:\]\]>|-->)\s*(?:\*/)?\s*$")
_STRING = r'"(?:\\.|[^"\\])*"'
_COMMENT = re.compile(rf"({_STRING})|/\*.*?\*/|//[^\n]*", re.DOTALL)
_LAST_COMMA = re.compile(rf"({_STRING})|,(?=\s*[}}\]])", re.DOTALL)
_ESCAPE = re.compile(r'\\(?:u(?![0-9a-fA-F]{4})|(?!["\\/bfnrtu]))')
_BETWEEN = re.compile(r"[\s;,]*")
DEPTH = 40


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
    text = _CONTROL.sub("", script)
    mended = _WRAPPING.sub("", text.strip())
    steps: tuple[Callable[[str], str], ...] = (
        lambda t: t,
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


def bare(name: str) -> str:
    """ "https://schema.org/UsedCondition" → "usedcondition"; names without a prefix are only lower-cased."""
    return re.sub(r"^(?:https?://schema\.org/|schema:)", "", str(name).strip(), flags=re.IGNORECASE).lower()


def types(node: Node) -> set[str]:
    """The node's types, bare and lower-case."""
    return {bare(name) for name in listed(node.get("@type")) if isinstance(name, str)}


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
