"""Money of the tax papers: whole minor units (cents) of the currency the community counts in."""

from __future__ import annotations

import re
from decimal import Decimal
from fractions import Fraction

from ledger.books.units import rounded
from warehouse.errors import BadInput
from warehouse.valuation import minor_unit

_EXACT = re.compile(r"[0-9]{1,10}(\.[0-9]{1,2})?")


def cents(amount: Fraction | Decimal, currency: str) -> int:
    """An exact amount in minor units, rounded once, half-even."""
    return rounded(Fraction(amount) / Fraction(minor_unit(currency)))


def text(amount: int, currency: str) -> str:
    """Minor units as decimal text: 4550 of USD is "45.50"."""
    place = minor_unit(currency)
    return f"{(amount * place).quantize(place)}"


def entered(said: str, currency: str) -> int:
    """What a person writes, such as "12.50", exactly. Raises `BadInput` for anything else."""
    plain = said.strip()
    place = minor_unit(currency)
    if not _EXACT.fullmatch(plain) or Decimal(plain) % place != 0:
        raise BadInput(f'"{said}" is not an amount of {currency}: write a plain number such as 12.50')
    return int(Decimal(plain) / place)
