"""Prices as people write them, read without guessing silently.

One amount, with what stands around it: "US $1.00", "₹ 1,25,000/-", "5.5 Lakh", "12,50 €", "CHF 1'234.–", "−3", "99¢",
"$10 – $20" (a range), "from $349" (a lower bound), "€3.50/kg" (a price per unit), "free" (0). What cannot be read
wholly is not read at all: "12,5O" is None, and so is a text with a word that has no business beside a price.

This is the reader of importers, who must not guess. `price_find.find_price` looks for the likeliest price in any text.
Of price-parser, the table of currency signs is used (see `currency`); numbers and what they mean are read here.
"""

from __future__ import annotations

import functools
import re
import string
from dataclasses import dataclass
from decimal import Decimal

from warehouse.reading.currency import agreed, hundredths, is_sign, meanings
from warehouse.reading.numbers import Mark, read_number
from warehouse.reading.price_simple import read_simple
from warehouse.reading.price_tokens import NOTHING, Token, plain, prepared, tokens
from warehouse.reading.price_words import scales, words

_AND_UP = "+"
_BOUND_SIGNS = frozenset({_AND_UP, "<", ">"})
_MINUS = "-−–—"
_LAKHS = re.compile(r"(₹|rs\.?|inr)?\s*\d[\d.,]*\s*L", re.IGNORECASE)


@dataclass(frozen=True, slots=True)
class PriceRead:
    """What a price text says.

    `amount` is the amount, or the lower end of a range whose `upper` end stands beside it. `currency` is an ISO 4217
    code; `sign` is a currency sign that was there and could mean several. `per` is the unit of a price per unit. `why`
    is empty for a price that is one exact amount, and says otherwise in words why it is not.
    """

    amount: Decimal
    currency: str | None = None
    upper: Decimal | None = None
    per: str | None = None
    why: str = ""
    sign: str | None = None


@dataclass(slots=True)
class _Amount:
    value: Decimal
    place: int
    beside_sign: bool = False


@functools.lru_cache(maxsize=1 << 16)
def read_price(text: str, currency_hint: str | None = None, decimal_hint: Mark | None = None) -> PriceRead | None:
    """Read one price strictly, or None where the text is not wholly one.

    `currency_hint` (ISO 4217) chooses among the meanings of a shared sign such as "$"; it does not become the currency
    of a bare number. `decimal_hint` is the decimal mark of the column (`numbers.decimal_mark`).
    """
    text = plain(text)
    # "₹5.65L" are lakhs, as "5.65 L" is where prices are in rupees; elsewhere L is the litre.
    if text[-1:] in ("L", "l") and (found := _LAKHS.fullmatch(text)) and (found[1] or currency_hint == "INR"):
        text = f"{text[:-1]} lakh"
    simple = read_simple(text)
    if simple is not None:
        amount, signs = simple
        currency = agreed(signs, currency_hint)
        return PriceRead(amount, currency, sign=signs[0] if signs and currency is None else None)
    return _Reader(prepared(text), currency_hint, decimal_hint).read() if len(text) <= 200 else None


@functools.cache
def _said(name: str) -> frozenset[str]:
    return words("strict", name)


@functools.cache
def _harmless() -> frozenset[str]:
    return _said("small_talk") | _said("per") | _said("between") | _said("piece")


@functools.cache
def _punctuation() -> frozenset[str]:
    return frozenset("/+.,:;()*!'\"%<>≈=[]|·") | _said("between")


class _Reader:
    """One pass over the tokens of one text."""

    def __init__(self, text: str, currency_hint: str | None, mark: Mark | None) -> None:
        self.tokens = tokens(text)
        self.hint, self.mark = currency_hint, mark
        self.amounts: list[_Amount] = []
        self.signs: list[str] = []
        self.unknown: list[str] = []
        self.bounds: list[str] = []
        self.per: str | None = None
        self.free = False

    def read(self) -> PriceRead | None:
        for place, token in enumerate(self.tokens):
            take = {"number": self._number, "sign": self._sign, "word": self._word, "other": self._other}.get(
                token.kind
            )
            if take is not None and not take(place, token):
                return None
        return self._told()

    def _beside(self, place: int, step: int) -> Token:
        """The next token that is not blank, in a direction."""
        place += step
        while 0 <= place < len(self.tokens) and self.tokens[place].kind == "blank":
            place += step
        return self.tokens[place] if 0 <= place < len(self.tokens) else NOTHING

    def _glued(self, place: int) -> bool:
        return any(
            0 <= near < len(self.tokens) and self.tokens[near].kind == "number" for near in (place - 1, place + 1)
        )

    def _number(self, place: int, token: Token) -> bool:
        after = self._beside(place, 1)
        if after.text == "%":
            return True
        value = read_number(token.text, self.mark)
        if value is None:
            return False
        near = (self._beside(place, -1), after)
        self.amounts.append(_Amount(value, place, any(self._is_currency(beside) for beside in near)))
        return True

    def _is_currency(self, token: Token) -> bool:
        if token.kind != "word" or not is_sign(token.text):
            return token.kind == "sign"
        return token.folded not in _said("scales") and token.folded not in _said("no_signs")

    def _sign(self, place: int, token: Token) -> bool:
        if token.text == "¢":
            return self._hundredths(place, token)
        self.signs.append(token.text if meanings(token.text) else token.text.lstrip(string.ascii_letters))
        return True

    def _hundredths(self, place: int, token: Token) -> bool:
        """ "99¢" are 0.99; a sign of hundredths that follows no amount says nothing that can be read."""
        if self._beside(place, -1).kind != "number" or not self.amounts:
            return False
        self.amounts[-1].value = self.amounts[-1].value.scaleb(-2)
        self.amounts[-1].beside_sign = True
        self.signs.append("$" if token.text == "¢" else hundredths(token.text)[0])
        return True

    def _word(self, place: int, token: Token) -> bool:
        word = token.folded
        before = self._beside(place, -1)
        if word in _said("scales") and before.kind == "number" and self.amounts:
            self.amounts[-1].value = self.amounts[-1].value.scaleb(scales()[word])
            return True
        if before.text.casefold() in {"/", "per", "pro", "a", "an"}:
            self.per = None if word in _said("piece") else word
            return True
        if word in _said("free"):
            self.free = True
        elif word in _said("bounds"):
            self.bounds.append(word)
        elif self._is_currency(token):
            self.signs.append(token.text)
        elif word in {"cents", "pence"}:
            return self._hundredths(place, token)
        elif word not in _harmless():
            # A word that touches a number is part of it, and then it is no number.
            self.unknown.append(word)
            return not self._glued(place)
        return True

    def _other(self, place: int, token: Token) -> bool:
        # "$12.99+" and "< 50"; "+" before a number is a sign or joins two amounts, before "VAT" says what is added.
        up = self._beside(place, -1).kind == "number" and self._beside(place, 1).folded not in _said("small_talk")
        if token.text in _BOUND_SIGNS and (token.text != _AND_UP or up):
            self.bounds.append(token.text)
        return token.text in _punctuation()

    def _negative(self, amount: _Amount) -> bool:
        """Whether a minus stands before the number (or before the sign before it), and no number before that."""
        before = [token for token in self.tokens[: amount.place] if token.kind != "blank"]
        while before and self._is_currency(before[-1]):
            before.pop()
        if not before or before[-1].text not in _MINUS:
            return False
        return not any(token.kind == "number" for token in before)

    def _told(self) -> PriceRead | None:
        if not self.amounts:
            return PriceRead(Decimal(0), why="") if self.free and not self.unknown else None
        if self.unknown and not self.signs:
            return None
        currency = agreed(self.signs, self.hint)
        sign = self.signs[0] if self.signs and currency is None else None
        first = self.amounts[0]
        if self._negative(first):
            first.value = -first.value
        if len({amount.value for amount in self.amounts}) > 1:
            return self._several(currency, sign)
        why = f'"{self.bounds[0]}" makes it a bound, not a price' if self.bounds else ""
        return PriceRead(first.value, currency, per=self.per, why=why, sign=sign)

    def _several(self, currency: str | None, sign: str | None) -> PriceRead:
        values = [amount.value for amount in self.amounts]
        between = self.tokens[self.amounts[0].place : self.amounts[-1].place]
        if len(values) == 2 and any(token.text.casefold() in _said("between") for token in between):
            low, high = sorted(values)
            return PriceRead(low, currency, upper=high, per=self.per, why="it is a range", sign=sign)
        beside = [amount.value for amount in self.amounts if amount.beside_sign]
        value = beside[0] if beside else values[0]
        return PriceRead(value, currency, per=self.per, why="it names several amounts", sign=sign)
