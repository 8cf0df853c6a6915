"""What an owner says of a thing: its words, what was paid for it, what they think it is worth. Checked and in one form.

Amounts are for one piece; `quantity` says how many there are. A quantity of zero is a thing that is out of stock just
now: it is valued, and nothing is told of it.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from datetime import date
from decimal import Decimal
from typing import Any

from pydantic import BaseModel, ConfigDict, ValidationError

from ledger.books.canonical import canonical, sha256
from warehouse.errors import BadInput
from warehouse.reading.currency import read_code
from warehouse.reading.gtin import read_gtin
from warehouse.reading.words import clean_text
from warehouse.valuation import ValuationRequest

LONGEST = {
    "title": 500, "brand": 120, "mpn": 120, "category": 200, "condition": 200, "region": 80, "external_id": 120,
}  # fmt: skip
MOST_ATTRIBUTES = 30
LONGEST_ATTRIBUTE = {"name": 60, "value": 300}
MOST_PIECES = 1_000_000
_PLAIN = re.compile(r"[0-9]{1,12}(\.[0-9]{1,6})?")
_HASH = re.compile(r"[0-9a-f]{16,64}")
# What a valuation is asked with; a change of any of these asks another question.
_ASKED = ("title", "brand", "gtin", "mpn", "category", "condition", "attributes", "region", "currency")


class Owned(BaseModel):
    """A thing in its owner's words.

    `paid` and `worth` (what they think one piece is worth) are decimal text in `currency` (ISO 4217), which values are
    given in too; without one they are given in the currency values are formed in. `wants_low` and `wants_high` are the
    range they would let one piece go for: shown beside values, part of none. `paid_on` is a day. `external_id` is
    the owner's own key: a SKU, an inventory number. `picture_hash` is a perceptual hash; no picture is kept.
    """

    model_config = ConfigDict(frozen=True, extra="forbid")

    title: str
    brand: str | None = None
    gtin: str | None = None
    mpn: str | None = None
    category: str | None = None
    condition: str | None = None
    attributes: dict[str, str] = {}
    region: str | None = None
    quantity: int = 1
    currency: str | None = None
    paid: str | None = None
    paid_on: str | None = None
    worth: str | None = None
    wants_low: str | None = None
    wants_high: str | None = None
    external_id: str | None = None
    picture_hash: str | None = None

    @property
    def belief(self) -> Decimal | None:
        """What the owner takes one piece to be worth: what they say, else what they paid."""
        said = self.worth if self.worth is not None else self.paid
        return None if said is None else Decimal(said)

    @property
    def question(self) -> str:
        """Equal where a valuation is asked with the same words, place and money."""
        return sha256(canonical(self.model_dump(include=set(_ASKED))))

    def request(self) -> ValuationRequest:
        """The question what one piece is worth."""
        named = {name: text for name in ("brand", "gtin", "mpn", "category") if (text := getattr(self, name))}
        return ValuationRequest(
            text=self.title,
            attributes={**self.attributes, **named},
            condition=self.condition,
            region=self.region,
            currency=self.currency,
        )


def checked(said: Mapping[str, Any]) -> Owned:
    """What an owner says, in one form. Raises `BadInput` with the field that cannot be."""
    fields = {name: value for name, value in said.items() if value is not None}
    texts = {name: _text(name, fields.get(name)) for name in LONGEST}
    if texts["title"] is None:
        raise BadInput('title: say what the thing is, such as "Makita DHP453 cordless drill"')
    if not any(sign.isalnum() for sign in texts["title"]):
        raise BadInput(f'title: there is no word in "{texts["title"]}"')
    money = {name: read_amount(name, fields.get(name)) for name in ("paid", "worth", "wants_low", "wants_high")}
    currency = _currency(fields.get("currency"))
    if currency is None and any(amount is not None for amount in money.values()):
        raise BadInput("currency: an amount needs its currency, an ISO 4217 code such as USD")
    lowest, highest = money["wants_low"], money["wants_high"]
    if lowest is not None and highest is not None and Decimal(lowest) > Decimal(highest):
        raise BadInput(f"wants_low: {lowest} is above wants_high, {highest}")
    own: dict[str, Any] = {
        **texts,
        **money,
        "currency": currency,
        "gtin": _gtin(fields.get("gtin")),
        "attributes": _attributes(fields.get("attributes") or {}),
        "quantity": _quantity(fields.get("quantity", 1)),
        "paid_on": _day(fields.get("paid_on")),
        "picture_hash": _hash(fields.get("picture_hash")),
    }
    odd = sorted(fields.keys() - own.keys())
    if odd:
        raise BadInput(f"{odd[0]}: a thing has no such field; it has {', '.join(sorted(own))}")
    try:
        return Owned(**own)
    except ValidationError as error:
        wrong = error.errors()[0]
        raise BadInput(f"{wrong['loc'][0]}: {wrong['msg']}") from error


def merged(known: Owned, said: Mapping[str, Any]) -> Owned:
    """A thing with what is newly said of it: what is not named stays, None takes a field away (RFC 7396).

    Raises `BadInput`.
    """
    attributes = said.get("attributes", {})
    if isinstance(attributes, Mapping):
        attributes = {**known.attributes, **attributes}
    return checked({**known.model_dump(), **said, "attributes": attributes})


def _text(name: str, said: Any) -> str | None:
    if said is None:
        return None
    plain = clean_text(str(said))
    if len(plain) > LONGEST[name]:
        raise BadInput(f"{name}: at most {LONGEST[name]} characters, not {len(plain)}")
    return plain or None


def read_amount(name: str, said: Any) -> str | None:
    """An amount as decimal text; `BadInput` names the field that has none."""
    if said is None:
        return None
    text = str(said)
    if not text.isascii() or not _PLAIN.fullmatch(text):
        raise BadInput(f'{name}: "{text[:40]}" is not an amount: write a plain number such as 49.90')
    return f"{Decimal(text):f}"


def _currency(said: Any) -> str | None:
    if said is None:
        return None
    code = read_code(str(said))
    if code is None:
        raise BadInput(f'currency: "{str(said)[:40]}" is not an ISO 4217 code such as USD')
    return code


def _gtin(said: Any) -> str | None:
    if said is None:
        return None
    code = read_gtin(str(said))
    if code is None:
        raise BadInput(f'gtin: "{str(said)[:40]}" is no EAN, UPC or ISBN whose check digit is right')
    return code


def _attributes(said: Any) -> dict[str, str]:
    if not isinstance(said, Mapping):
        raise BadInput("attributes: these are names with a text each")
    plain = {clean_text(str(name)): clean_text(str(text)) for name, text in said.items() if text is not None}
    kept = {name: plain[name] for name in sorted(plain) if name and plain[name]}
    if len(kept) > MOST_ATTRIBUTES:
        raise BadInput(f"attributes: at most {MOST_ATTRIBUTES}, not {len(kept)}")
    for name, text in kept.items():
        if len(name) > LONGEST_ATTRIBUTE["name"] or len(text) > LONGEST_ATTRIBUTE["value"]:
            raise BadInput(
                f'attributes: "{name[:40]}" is too long: a name has at most {LONGEST_ATTRIBUTE["name"]} characters, '
                f"its text {LONGEST_ATTRIBUTE['value']}"
            )
    return kept


def _quantity(said: Any) -> int:
    if isinstance(said, bool) or not isinstance(said, int) or not 0 <= said <= MOST_PIECES:
        raise BadInput(f"quantity: a whole number of pieces from 0 to {MOST_PIECES}, not {str(said)[:40]}")
    return said


def _day(said: Any) -> str | None:
    if said is None:
        return None
    try:
        return date.fromisoformat(str(said)).isoformat()
    except ValueError as error:
        raise BadInput(f'paid_on: "{str(said)[:40]}" is no day such as 2026-03-31') from error


def _hash(said: Any) -> str | None:
    if said is None:
        return None
    if not _HASH.fullmatch(str(said)):
        raise BadInput("picture_hash: 16 to 64 hexadecimal digits in lower case")
    return str(said)
