"""API keys: a public half that finds the row, and 256 random bits of which only the hash is kept.

A random secret of this size cannot be guessed from its hash, so a fast hash is enough; slow ones are for passwords.
"""

from __future__ import annotations

import hmac
import re
import secrets
from dataclasses import dataclass

from ledger.books.canonical import sha256

_KEY = re.compile(r"katy_([0-9a-f]{16})_([A-Za-z0-9_-]{43})")


@dataclass(frozen=True, slots=True)
class Key:
    """A key as it was made or presented. It is shown once, never stored and never logged."""

    id: str
    secret: str

    @property
    def text(self) -> str:
        return f"katy_{self.id}_{self.secret}"

    @property
    def secret_sha256(self) -> str:
        return sha256(self.secret.encode())

    def matches(self, stored_sha256: str) -> bool:
        """Whether this is the key whose hash was stored; takes the same time whichever digit differs."""
        return hmac.compare_digest(self.secret_sha256, stored_sha256)

    def __repr__(self) -> str:
        # A key must not turn up in a traceback or a log.
        return f"Key({self.id}, …)"


def new() -> Key:
    return Key(secrets.token_hex(8), secrets.token_urlsafe(32))


def parse(text: str) -> Key | None:
    """A key from its text; None where it does not look like one."""
    found = _KEY.fullmatch(text)
    return Key(found[1], found[2]) if found else None
