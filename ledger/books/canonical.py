"""One way to write a thing down, so that equal things have equal bytes and equal hashes."""

from __future__ import annotations

import hashlib
import secrets
from typing import Any

import orjson


def canonical(content: Any) -> bytes:
    """JSON with sorted keys, no blanks, UTF-8. Floats are refused: what is hashed here is exact."""
    _refuse_floats(content)
    return exact(content)


def exact(content: Any) -> bytes:
    """The same for what is known to hold no float: texts, whole numbers of 64 bits, None, and lists of these."""
    return orjson.dumps(content, option=orjson.OPT_SORT_KEYS)


def sha256(content: bytes) -> str:
    return hashlib.sha256(content).hexdigest()


def new_id(prefix: str) -> str:
    """A new identifier nobody can guess or foresee, such as `trade_9f86d081884c7d659a2f`."""
    return f"{prefix}_{secrets.token_hex(10)}"


def _refuse_floats(content: Any) -> None:
    if isinstance(content, float):
        raise TypeError(f"{content!r} is a float; money is written as an integer or as decimal text")
    if isinstance(content, dict):
        for value in content.values():
            _refuse_floats(value)
    elif isinstance(content, list | tuple):
        for value in content:
            _refuse_floats(value)
