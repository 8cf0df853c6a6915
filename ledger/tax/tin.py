"""Taxpayer identification numbers: their shapes, what may be shown of them, and how they are kept.

A number is kept encrypted (AES-256-GCM) under a key that is not in the database, and is bound to its owner, so that
one row's number cannot be put into another's. On a payee's copy only the last four digits are shown, which Treas. Reg.
§301.6109-4 allows; what is filed carries the whole number.
"""

from __future__ import annotations

import base64
import binascii
import hashlib
import hmac
import secrets
from dataclasses import dataclass

from ledger.books.errors import Tampered
from warehouse.errors import BadInput

KINDS = ("ssn", "ein", "itin", "atin")
KEY_BYTES = 32
_NONCE_BYTES = 12
_FIRST = b"\x01"  # how it is kept: version 1, AES-256-GCM


@dataclass(frozen=True, slots=True)
class Tin:
    """A number of one of KINDS, nine digits. It shows itself shortened, also where it is printed by mistake."""

    kind: str
    digits: str

    @property
    def whole(self) -> str:
        """As it is written on a return: 123-45-6789, or 12-3456789 for an employer's."""
        cut = 2 if self.kind == "ein" else 3
        rest = self.digits[cut:] if self.kind == "ein" else f"{self.digits[3:5]}-{self.digits[5:]}"
        return f"{self.digits[:cut]}-{rest}"

    @property
    def shown(self) -> str:
        """With the last four digits alone: XXX-XX-6789 or XX-XXX6789."""
        start = "XX-XXX" if self.kind == "ein" else "XXX-XX-"
        return f"{start}{self.digits[-4:]}"

    def __repr__(self) -> str:
        return f"Tin({self.kind} {self.shown})"


def read(text: str, kind: str) -> Tin:
    """Check a number as a person writes it, with or without hyphens, against the shape that its kind has.

    Raises `BadInput`; the number itself is not repeated in the message.
    """
    from stdnum.exceptions import ValidationError
    from stdnum.us import atin, ein, itin, ssn

    checks = {"ssn": ssn, "ein": ein, "itin": itin, "atin": atin}
    if kind not in checks:
        raise BadInput(f'there is no kind of number "{kind}"; there are {", ".join(KINDS)}')
    try:
        digits = str(checks[kind].validate(text.strip()))
    except ValidationError as error:
        like = "12-3456789" if kind == "ein" else "123-45-6789"
        raise BadInput(
            f"this is no {kind.upper()}: nine digits such as {like}, in a range that is given out"
        ) from error
    return Tin(kind, digits)


def new_key() -> str:
    """A new key, as it is written into the settings or a file."""
    return base64.urlsafe_b64encode(secrets.token_bytes(KEY_BYTES)).decode()


def read_key(text: str) -> bytes:
    """The key that a text holds. Raises `BadInput` unless it is 32 bytes in base64."""
    try:
        key = base64.b64decode(text.strip().replace("-", "+").replace("_", "/"), validate=True)
    except (binascii.Error, ValueError):
        key = b""
    if len(key) != KEY_BYTES:
        raise BadInput("the key of the tax numbers is 32 bytes in base64; `katy tax key` makes one")
    return key


def seal(tin: Tin, *, owner: str, key: bytes) -> bytes:
    """Encrypt a number for its owner, an account's id."""
    from cryptography.hazmat.primitives.ciphers.aead import AESGCM

    nonce = secrets.token_bytes(_NONCE_BYTES)
    return _FIRST + nonce + AESGCM(key).encrypt(nonce, f"{tin.kind}:{tin.digits}".encode(), owner.encode())


def unseal(box: bytes, *, owner: str, key: bytes) -> Tin:
    """The number that was sealed for this owner. Raises `Tampered` with another key, for another owner, or changed."""
    from cryptography.exceptions import InvalidTag
    from cryptography.hazmat.primitives.ciphers.aead import AESGCM

    nonce, kept = box[1 : 1 + _NONCE_BYTES], box[1 + _NONCE_BYTES :]
    try:
        if box[:1] != _FIRST:
            raise InvalidTag
        kind, digits = AESGCM(key).decrypt(nonce, kept, owner.encode()).decode().split(":")
    except InvalidTag as error:
        raise Tampered(
            f"the tax number of {owner} cannot be read: it was sealed with another key, or was changed since"
        ) from error
    return Tin(kind, digits)


def mark(tin: Tin, key: bytes) -> str:
    """A number's mark under the key: equal for equal numbers, and of no use to whoever lacks the key."""
    return hmac.new(key, f"mark:{tin.kind}:{tin.digits}".encode(), hashlib.sha256).hexdigest()
