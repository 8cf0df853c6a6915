"""What the words around an amount make of it: a price, a former one, a saving, the shipping, a condition.

Roles are those of price_words.toml. "" is a price, "now" one that the text prefers, "bound", "old" and "instalment" are
lesser ones; "saving", "shipping", "fee", "condition" and "code" are no prices.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from warehouse.reading.price_tokens import Token, next_place, token_at
from warehouse.reading.price_words import roles, words

if TYPE_CHECKING:
    from warehouse.reading.price_amounts import Amount

_STOPS = frozenset(";|)\n")
_PRICES = frozenset({"", "now", "bound", "old", "instalment"})


def role_of(tokens: list[Token], amount: Amount, found: list[Amount]) -> str:
    """The role of an amount among those found in a text."""
    before, after = _before(tokens, amount, found), _after(tokens, amount)
    return before if before not in _PRICES else after or before


def _after(tokens: list[Token], amount: Amount) -> str:
    """ "$20 off", "$5 shipping" (but "$20 shipping included"), "$12.99+"."""
    place = next_place(tokens, amount.end - 1)
    token = token_at(tokens, place)
    further = token_at(tokens, next_place(tokens, place))
    if token.text == "+":
        return "" if further.kind in {"number", "sign", "word"} else "bound"
    role = roles("after").get(token.folded, "") if token.kind == "word" else ""
    return "" if further.folded in words("beside", "with") else role


def _before(tokens: list[Token], amount: Amount, found: list[Amount]) -> str:
    """The role that the nearest telling word before the amount gives it, back to the number or the stop before it."""
    last = max((one for one in found if one.end <= amount.start), key=lambda one: one.end, default=None)
    nearest = True
    for place in range(amount.start - 1, (last.end if last else 0) - 1, -1):
        token = tokens[place]
        if token.kind == "number" or token.text in _STOPS:
            break
        if token.text == "#":
            return "code"
        if token.kind == "blank" or token.text in ":.-–(":
            continue
        role = roles("before").get(token.folded, "")
        if role == "code" and nearest and not amount.signs:
            return role
        if role not in {"", "code"} and not _is_beside(tokens, place, role, last):
            return "now" if role == "saving" and _names_price(tokens, place) else role
        if token.folded in words("bounds", "words") or token.text in words("bounds", "signs") - {"+"}:
            return _condition_before(tokens, place, last.end if last else 0) or "bound"
        nearest = False
    return ""


def _condition_before(tokens: list[Token], place: int, first: int) -> str:
    """ "on orders over $50", "save up to $20": the bound is of no price."""
    said = (roles("before").get(tokens[near].folded, "") for near in range(place - 1, first - 1, -1))
    return next((role for role in said if role in {"condition", "saving"}), "")


def _is_beside(tokens: list[Token], place: int, role: str, last: Amount | None) -> bool:
    """Whether a word speaks of something else: "free shipping", "incl. tax", "$5 shipping" of the amount before."""
    if last and next_place(tokens, last.end - 1) == place and tokens[place].folded in roles("after"):
        return True
    if token_at(tokens, next_place(tokens, place)).folded == "free":
        return True
    before = token_at(tokens, next_place(tokens, place, -1))
    return role in {"shipping", "fee"} and before.folded in words("beside", "with")


def _names_price(tokens: list[Token], place: int) -> bool:
    """ "Discount price" is a price."""
    return token_at(tokens, next_place(tokens, place)).folded in words("small_talk", "labels")
