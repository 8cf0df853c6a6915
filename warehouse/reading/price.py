"""Prices as people write them, read without guessing silently.

One amount, with what stands around it: "US $1.00", "₹ 1,25,000/-", "5.5 Lakh", "12,50 €", "CHF 1'234.–", "−3",
"$10 – $20" (a range), "from $349" (a lower bound), "€3.50/kg" (a price per unit), "free" (0). What cannot be read
wholly is not read at all: "12,5O" is None, and so is a text with a word that has no business beside a price.
"""

from __future__ import annotations

import functools
import re
import string
import sys
import unicodedata
from dataclasses import dataclass
from decimal import Decimal

from warehouse.reading.currency import agreed, is_sign, meanings, read_currency
from warehouse.reading.numbers import EXPONENT, NUMBER, Mark, read_number

_SIGNS = "".join(sorted(chr(c) for c in range(sys.maxunicode) if unicodedata.category(chr(c)) == "Sc"))
_TOKEN = re.compile(
    rf"(?P<number>{EXPONENT}|{NUMBER})"
    rf"|(?P<sign>[A-Za-z]{{0,3}}[{re.escape(_SIGNS)}][A-Z]?(?![a-z]))"
    r"|(?P<word>[^\W\d_]+(?:\.[^\W\d_]+)*\.?)"
    r"|(?P<blank>\s+)"
    r"|(?P<other>.)",
    re.DOTALL,
)
_SIMPLE = re.compile(r"(?:(US ?\$|[$€£₹])\s?)?(\d{1,9}(?:\.\d{1,2})?)")
_PARTED_DOLLAR = re.compile(r"\b(US|U\.S\.|AU|A|CA|C|CDN|NZ|HK|S|NT|MX|R)\s+\$", re.IGNORECASE)
_SCALES = {
    **{"k": 3, "thousand": 3, "tsd": 3, "lakh": 5, "lakhs": 5, "lac": 5, "lacs": 5, "m": 6, "mn": 6, "mio": 6},
    **{
        "million": 6,
        "millions": 6,
        "mill": 6,
        "cr": 7,
        "crore": 7,
        "crores": 7,
        "bn": 9,
        "b": 9,
        "billion": 9,
        "mrd": 9,
    },
}
_FREE = frozenset({"free", "gratis", "kostenlos", "giveaway", "verschenken", "gratuit"})
_BETWEEN = frozenset({"-", "–", "—", "−", "~", "to", "bis", "until", "and", "à"})
_BOUND = frozenset(
    {
        "from",
        "ab",
        "starting",
        "desde",
        "dès",
        "upto",
        "up",
        "onwards",
        "onward",
        "under",
        "over",
        "above",
        "below",
        "max",
        "min",
    }
)
_AND_UP = "+"
_BOUND_SIGNS = frozenset({_AND_UP, "<", ">"})
_PER = frozenset({"/", "per", "pro", "each", "ea", "apiece", "je", "stk", "pc", "pcs", "piece"})
_PIECE = frozenset({"each", "ea", "apiece", "je", "stk", "stück", "pc", "pcs", "piece", "item", "unit", "one", "st"})
_SMALL_TALK = (
    "price preis only nur just asking obo ono vb vhb fp firm negotiable neg about ca approx circa approximately incl "
    "inc including excl excluding ex plus tax taxes vat mwst gst now buy it total net sale cash on or best offer "
    "zu a an nearest shipping delivery shipped posted at für for mrp rrp msrp"
)
_HARMLESS = frozenset(_SMALL_TALK.split()) | _PER | _BETWEEN | _PIECE
_PUNCTUATION = frozenset("/+.,:;()*!'\"%<>≈=[]|·") | _BETWEEN


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
    """Read one price, or None where the text is not wholly one.

    `currency_hint` (ISO 4217) chooses among the meanings of a shared sign such as "$"; it does not become the currency
    of a bare number. `decimal_hint` is the decimal mark of the column (`numbers.decimal_mark`).
    """
    text = unicodedata.normalize("NFKC", text).strip()
    simple = _SIMPLE.fullmatch(text)
    if simple:
        currency = read_currency(simple[1].replace(" ", ""), currency_hint) if simple[1] else None
        return PriceRead(Decimal(simple[2]), currency)
    return _Reader(_prepared(text), currency_hint, decimal_hint).read() if len(text) <= 200 else None


def _prepared(text: str) -> str:
    """Take off what surrounds an amount by custom: "1,25,000/-", "12,-", "1'234.–"; and "35€99" as 35.99 €."""
    text = _PARTED_DOLLAR.sub(lambda found: found[1].replace(".", "") + "$", text)
    text = re.sub(r"(?<=\d)\s*/\s*[-–—=](?=\W|$)", " ", text)
    text = re.sub(r"(?<=\d)[.,]\s?[-–—]+(?=\s|$|[^\d\s])", " ", text)
    text = re.sub(r"(?<=\d)\s?€\s?(\d\d)(?!\d)", r",\1 €", text)
    bare = re.fullmatch(r"\(\s*(.+?)\s*\)", text)
    # Bookkeepers write a negative amount in brackets.
    return f"-{bare[1]}" if bare and re.search(r"\d", bare[1]) else text


class _Reader:
    """One pass over the tokens of one text."""

    def __init__(self, text: str, currency_hint: str | None, mark: Mark | None) -> None:
        self.tokens = [(found.lastgroup or "", found.group()) for found in _TOKEN.finditer(text)]
        self.hint, self.mark = currency_hint, mark
        self.amounts: list[_Amount] = []
        self.signs: list[str] = []
        self.unknown: list[str] = []
        self.bounds: list[str] = []
        self.per: str | None = None
        self.free = False

    def read(self) -> PriceRead | None:
        for place, (kind, token) in enumerate(self.tokens):
            take = {"number": self._number, "sign": self._sign, "word": self._word, "other": self._other}.get(kind)
            if take is not None and not take(place, token):
                return None
        return self._told()

    def _beside(self, place: int, step: int) -> tuple[str, str]:
        """The next token that is not blank, in a direction."""
        place += step
        while 0 <= place < len(self.tokens) and self.tokens[place][0] == "blank":
            place += step
        return self.tokens[place] if 0 <= place < len(self.tokens) else ("", "")

    def _glued(self, place: int) -> bool:
        return any(0 <= near < len(self.tokens) and self.tokens[near][0] == "number" for near in (place - 1, place + 1))

    def _number(self, place: int, token: str) -> bool:
        if self._beside(place, 1)[1] == "%":
            return True
        value = read_number(token, self.mark)
        if value is None:
            return False
        near = (self._beside(place, -1), self._beside(place, 1))
        self.amounts.append(_Amount(value, place, any(self._is_currency(kind, word) for kind, word in near)))
        return True

    def _is_currency(self, kind: str, word: str) -> bool:
        return kind == "sign" or (kind == "word" and is_sign(word) and word.casefold().rstrip(".") not in _SCALES)

    def _sign(self, place: int, token: str) -> bool:
        self.signs.append(token if meanings(token) else token.lstrip(string.ascii_letters))
        return True

    def _word(self, place: int, token: str) -> bool:
        word = token.casefold().rstrip(".")
        before = self._beside(place, -1)
        if word in _SCALES and before[0] == "number" and self.amounts:
            self.amounts[-1].value *= 10 ** _SCALES[word]
            return True
        if before[1].casefold() in {"/", "per", "pro", "a", "an"}:
            self.per = None if word in _PIECE else word
            return True
        if word in _FREE:
            self.free = True
        elif word in _BOUND:
            self.bounds.append(word)
        elif self._is_currency("word", token):
            self.signs.append(token)
        elif word not in _HARMLESS:
            # A word that touches a number is part of it, and then it is no number.
            self.unknown.append(word)
            return not self._glued(place)
        return True

    def _other(self, place: int, token: str) -> bool:
        # "$12.99+" and "< 50"; "+" before a number is a sign or joins two amounts.
        if token in _BOUND_SIGNS and (token != _AND_UP or self._beside(place, -1)[0] == "number"):
            self.bounds.append(token)
        return token in _PUNCTUATION

    def _negative(self, amount: _Amount) -> bool:
        """Whether a minus stands before the number (or before the sign before it), and no number before that."""
        before = [token for token in self.tokens[: amount.place] if token[0] != "blank"]
        while before and self._is_currency(*before[-1]):
            before.pop()
        if not before or before[-1][1] not in "-−–—":
            return False
        return not any(kind == "number" for kind, _ in before)

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
        if len(values) == 2 and any(token.casefold() in _BETWEEN for _, token in between):
            low, high = sorted(values)
            return PriceRead(low, currency, upper=high, per=self.per, why="it is a range", sign=sign)
        beside = [amount.value for amount in self.amounts if amount.beside_sign]
        value = beside[0] if beside else values[0]
        return PriceRead(value, currency, per=self.per, why="it names several amounts", sign=sign)
