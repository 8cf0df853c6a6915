"""Sellers are pseudonyms: a keyed hash of the name, with a secret that never leaves the data folder."""

from __future__ import annotations

import contextlib
import hashlib
import hmac
import os
import secrets

from warehouse.errors import KatyError
from warehouse.home import Home

KEY_BYTES = 32


def seller_key(home: Home) -> bytes:
    """The installation's secret, made at the first use; two that make it at once get the same one."""
    path = home.seller_key
    if not path.exists():
        path.parent.mkdir(parents=True, exist_ok=True)
        made = path.with_name(f".{path.name}.{secrets.token_hex(4)}.tmp")
        handle = os.open(made, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
        try:
            with os.fdopen(handle, "wb") as out:
                out.write(secrets.token_bytes(KEY_BYTES))
                out.flush()
                os.fsync(out.fileno())
            with contextlib.suppress(FileExistsError):  # another was first; its key is the key
                os.link(made, path)
        finally:
            made.unlink()
    key = path.read_bytes()
    if len(key) != KEY_BYTES:
        raise KatyError(
            f"{path} is damaged: {len(key)} bytes instead of {KEY_BYTES}. Put it back from a backup; "
            "with a new key every seller would look like a new one"
        )
    return key


def pseudonym(key: bytes, source: str, seller: str) -> str:
    """A seller's pseudonym: the same for one name of one source, whatever its capitals and blanks.

    HMAC-SHA-256 (RFC 2104), 24 hexadecimal digits. The source is part of it: the same name elsewhere may be another.
    """
    name = " ".join(seller.split()).casefold()
    return hmac.new(key, f"{source}\n{name}".encode(), hashlib.sha256).hexdigest()[:24]
