"""The units of account. K is kept in rails (1 K = 100 rails), time in minutes, always as integers; text and decimals
end here.

A K amount that is *entered* must be exact: more than two places is an error, never rounded. A K amount that is
*computed* from money or time is rounded once, half-even, to a rail.
"""

from __future__ import annotations

import re
from decimal import Decimal
from fractions import Fraction

from warehouse.errors import BadInput

K = "K"
MINUTES = "min"
UNITS = (K, MINUTES)
RAILS_PER_K = 100
# Ten billion K. A limit on everything keeps every sum far inside a 64-bit integer.
LARGEST_RAILS = 10**12
LARGEST_MINUTES = 60 * 24 * 366

_EXACT = re.compile(r"[+-]?\d{1,11}(\.\d{1,2})?")


def rails(text: str | Decimal) -> int:
    """The rails of an amount in K such as "6.50", exactly.

    Raises `BadInput` for anything that is not a plain number with at most two places, or is too large.
    """
    plain = f"{text:f}" if isinstance(text, Decimal) else text.strip()
    if not plain.isascii() or not _EXACT.fullmatch(plain):
        raise BadInput(f'"{text}" is not an amount in K: write a number with at most two places, such as 6.50')
    amount = Decimal(plain) * RAILS_PER_K
    return checked_rails(int(amount))


def checked_rails(amount: int) -> int:
    """The amount itself, or `BadInput` where it is larger than the books can hold."""
    if abs(amount) > LARGEST_RAILS:
        raise BadInput(f"{k_text(amount)} K is more than the books can hold ({k_text(LARGEST_RAILS)} K)")
    return amount


def checked_amount(amount: int, unit: str) -> int:
    """An amount of any unit, or `BadInput` where it is larger than the books can hold."""
    if unit == K:
        return checked_rails(amount)
    if abs(amount) > LARGEST_MINUTES:
        raise BadInput(f"{amount} minutes are more than one entry can hold ({LARGEST_MINUTES})")
    return amount


def rounded(amount: Fraction) -> int:
    """The nearest integer, ties to the even one (`round` of a fraction is exact: nothing is rounded twice)."""
    return round(amount)


def k_text(amount: int) -> str:
    """Rails as K with two places: 650 → "6.50", −5 → "-0.05"."""
    whole, rest = divmod(abs(amount), RAILS_PER_K)
    return f"{'-' if amount < 0 else ''}{whole}.{rest:02d}"


def amount_text(amount: int, unit: str) -> str:
    """An amount of any unit with its name: "6.50 K", "90 min"."""
    return f"{k_text(amount)} K" if unit == K else f"{amount} min"
