"""The unit of a price per unit: "/kg", "per 100 g", "pro Stück", "a dozen", "each", "pcm"."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from warehouse.reading.price_tokens import Token, next_place, token_at
from warehouse.reading.price_words import units, words

if TYPE_CHECKING:
    from warehouse.reading.price_amounts import Amount

# How far behind an amount its unit may stand, in tokens: "€6.56 + VAT (per item)".
_REACH = 8


def unit_of(word: str) -> str | None:
    """The unit a word is, by one name: "Stück" is "each", "sq.ft" is "ft2"; None where it is none."""
    return units().get(re.sub(r"^sq\.?\s?", "sq", word).replace("^", "").rstrip("."))


def unit_after(tokens: list[Token], amount: Amount) -> str | None:
    """The unit behind an amount, if it has one; the amount then ends behind it."""
    for place in range(amount.end, min(amount.end + _REACH, len(tokens))):
        token = tokens[place]
        if token.kind in {"number", "sign"}:
            return None
        if token.kind == "blank" or token.text in "()*":
            continue
        if token.folded in words("per", "intros"):
            found = _introduced(tokens, place)
            if found:
                amount.end = found[1]
                return found[0]
        if token.kind == "word":
            if token.folded in words("alone", "units") or (amount.signs and token.folded in words("alone", "priced")):
                amount.end = place + 1
                return unit_of(token.folded)
            if token.folded not in words("small_talk", "words"):
                return None
        elif token.text not in "+/,.-*:":
            return None
    return None


def unit_before(tokens: list[Token], amount: Amount) -> str | None:
    """The unit before the first amount: "per kg: £2.50", "Price/kg 3.50", "je 100 g 1,99 €", "each: $5"."""
    for place in range(amount.start):
        token = tokens[place]
        if token.kind == "number":
            return _equals(tokens, place, amount)
        if token.folded in words("per", "sure") | {"je"}:
            found = _introduced(tokens, place)
            if found and found[1] <= amount.start:
                return found[0]
        if token.folded in {"a", "an"} and any(one.folded == "for" for one in tokens[place + 1 : amount.start]):
            # "a dozen for $5"
            found = _introduced(tokens, place)
            if found and found[1] <= amount.start:
                return found[0]
        if token.folded in {"each", "apiece"}:
            return "each"
    return None


def unit_equalled(tokens: list[Token], amount: Amount) -> str | None:
    """The unit of a later amount: "4,99 €/500 g (1 kg = 9,98 €)"."""
    numbers = [place for place in range(amount.start) if tokens[place].kind == "number"]
    return _equals(tokens, numbers[-1], amount) if numbers else None


def _equals(tokens: list[Token], place: int, amount: Amount) -> str | None:
    """The unit of "1 kg = 12,50 €"."""
    unit_at = next_place(tokens, place)
    sign_at = next_place(tokens, unit_at)
    unit = unit_of(token_at(tokens, unit_at).folded)
    if unit is None or token_at(tokens, sign_at).text != "=" or next_place(tokens, sign_at) != amount.start:
        return None
    return _counted(tokens[place].text, unit)


def _introduced(tokens: list[Token], place: int) -> tuple[str, int] | None:
    """The unit that a "per" at a place introduces, and the place behind it."""
    sure = tokens[place].folded in words("per", "sure")
    count = ""
    for near in range(place + 1, min(place + 7, len(tokens))):
        token = tokens[near]
        if token.kind == "number" and not count:
            count = token.text
            continue
        if token.kind == "word":
            # "for a dozen", "pro 1 Stück", "/ per kg", "la pièce"
            if token.folded in words("per", "intros") and token.folded not in units():
                continue
            unit = unit_of(token.folded) or (token.folded if sure and not count else None)
            return (_counted(count, unit), near + 1) if unit else None
        if token.kind != "blank" and token.text not in "/(-":
            break
    if count and sure and tokens[place].text != "/":
        return count, place + 1 + next(n for n, token in enumerate(tokens[place + 1 :], 1) if token.kind == "number")
    return None


def _counted(count: str, unit: str) -> str:
    if count in {"", "1"}:
        return unit
    return count if unit == "each" else f"{count} {unit}"
