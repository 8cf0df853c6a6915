"""The amounts of a price text: each number that could be one, with its currency, scale, unit and role.

"2 pairs from $349/kg" has one amount beside a currency, 349, per kg, whose role is "bound" for the "from" before it.
Roles are those of price_words.toml: "" is a price, "now" one that the text prefers, "old" one that was; "saving",
"shipping", "fee", "condition" and "code" are no prices.
"""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from decimal import Decimal

from warehouse.reading.currency import hundredths, is_sign, meanings, outside
from warehouse.reading.numbers import Mark, mark_of, read_number
from warehouse.reading.price_roles import role_of
from warehouse.reading.price_tokens import Token, next_place, token_at
from warehouse.reading.price_units import unit_after, unit_before, unit_equalled, unit_of
from warehouse.reading.price_words import scale_of, scales, words

_MONEY = re.compile(r".*\d[.,]\d\d|\d{1,3}(?:[.,'’ ]\d{3})+")
_MINUS = "-−–—"
_NEEDS_CURRENCY = frozenset({"m", "mm", "b", "l", "mill", "tr", "rb", "t"})
_NOT_COUNTED = frozenset({"%", "°"})
# What the hundredths' short signs may follow: "50p" and "99c" are money, "720p" is not.
_MOST_HUNDREDTHS = 100


@dataclass(slots=True)
class Amount:
    """A number that could be an amount, or with `upper` a range; tokens `start` to before `end` belong to it."""

    value: Decimal
    place: int
    start: int
    end: int
    signs: tuple[str, ...] = ()
    upper: Decimal | None = None
    scale: int = 0
    per: str | None = None
    role: str = ""
    is_money: bool = False
    why: list[str] = field(default_factory=list)


def amounts(tokens: list[Token], hints: tuple[str, ...], mark: Mark | None, hint_mark: Mark | None) -> list[Amount]:
    """Every number that could be an amount, in the order of the text.

    `mark` is the decimal mark that is known; `hint_mark` is that of the hinted currency, for numbers beside which the
    text itself names no currency or several may be meant.
    """
    reader = _Reader(tokens, hints, mark, hint_mark)
    found: list[Amount] = []
    for place, token in enumerate(tokens):
        if token.kind == "number" and not (found and place < found[-1].end):
            amount = reader.amount(place, found[-1].end if found else 0)
            if amount is not None:
                found.append(amount)
    for amount in found:
        amount.role = role_of(tokens, amount, found)
    return found


def is_money_word(tokens: list[Token], place: int) -> bool:
    """Whether a token is the sign, code or name of a currency here: "TOP" is one only in a text like "TOP 10"."""
    token = tokens[place]
    if token.kind == "sign":
        return True
    if token.kind != "word" or not (is_sign(token.text) or outside(token.text)):
        return False
    if token.text == "R":
        return place + 1 < len(tokens) and tokens[min(next_place(tokens, place), len(tokens) - 1)].kind == "number"
    if token.text == "ft":
        # "3,990 Ft" are forints, "16 ft" are feet.
        return False
    if token.folded in words("doubtful", "words"):
        return sum(other.kind == "word" for other in tokens) == 1
    return token.folded not in scales()


class _Reader:
    """The tokens of one text and what is known beforehand."""

    def __init__(self, tokens: list[Token], hints: tuple[str, ...], mark: Mark | None, hint_mark: Mark | None) -> None:
        self.tokens, self.hints, self.mark, self.hint_mark = tokens, hints, mark, hint_mark

    def at(self, place: int) -> Token:
        return token_at(self.tokens, place)

    def amount(self, place: int, free_from: int) -> Amount | None:
        """The amount a number is; None where it is none. Tokens before `free_from` belong to an earlier amount."""
        token = self.tokens[place]
        if self._is_part_of_code(place, free_from):
            return None
        amount = Amount(Decimal(0), place, place, place + 1, is_money=bool(_MONEY.fullmatch(token.text)))
        self._take_left(amount, free_from)
        after = next_place(self.tokens, place)
        if self.at(after).text in _NOT_COUNTED or self.at(after).folded in {"percent", "prozent", "pct"}:
            return None
        self._take_right(amount)
        if not amount.signs and self._is_counted(amount):
            return None
        amount.per = unit_after(self.tokens, amount)
        value = read_number(token.text, self._mark_of(token.text, amount))
        if value is None:
            return None
        value = value.scaleb(amount.scale)
        amount.value = -value if self._is_negative(amount, free_from) else value
        before = unit_equalled if free_from else unit_before
        amount.per = amount.per or before(self.tokens, amount)
        return amount

    def _is_part_of_code(self, place: int, free_from: int) -> bool:
        """ "MX924", "ABC-123", "#5", "v2", "1/2" and "Nr. 7" hold no amount."""
        before = self.at(place - 1)
        if before.kind == "word" and place - 1 >= free_from and not is_money_word(self.tokens, place - 1):
            return before.text != "GBp" and not _may_touch(before)
        if before.text in {"#", "№", "_", "&"}:
            return True
        glued = (
            before.text in {"-", "/", "."} and self.at(place - 2).kind in {"word", "number"} and place - 2 >= free_from
        )
        if glued and self.at(place - 2).kind == "word":
            return not is_money_word(self.tokens, place - 2) and self.at(place - 2).folded not in words(
                "between", "words"
            )
        return glued and before.text == "/"

    def _take_left(self, amount: Amount, free_from: int) -> None:
        """The currency before the number: "$5", "US$:12", "Price (EUR) 5", "$-5"."""
        left = next_place(self.tokens, amount.place, -1)
        while left >= free_from and self.at(left).text in {":", ")", "-", "−"} and left > 0:
            further = next_place(self.tokens, left, -1)
            if self.at(left).text in "-−" and not is_money_word(self.tokens, max(further, 0)):
                return
            left = further
        if left >= free_from and self.at(left).text == "GBp":
            amount.signs, amount.scale, amount.start = ("GBP",), -2, left
        elif left >= max(free_from, 0) and is_money_word(self.tokens, left):
            amount.signs, amount.start = (self.at(left).text,), left
            further = next_place(self.tokens, left, -1)
            # "SGD $5", "$ SGD4.90"
            if further >= free_from and is_money_word(self.tokens, further):
                amount.signs, amount.start = (self.at(further).text, *amount.signs), further

    def _take_right(self, amount: Amount) -> None:
        """The scale, the hundredths and the currency behind the number: "5.5 lakh INR", "99¢", "10 Mio. €"."""
        for _ in range(3):
            place = next_place(self.tokens, amount.end - 1)
            token = self.at(place)
            if token.kind not in {"word", "sign"}:
                return
            power = self._scale(amount, place, token)
            if power is not None and not amount.scale:
                amount.scale, amount.end = power, place + 1
                rest = token.text[1:]
                if token.folded not in scales() and rest and meanings(rest):
                    amount.signs = (*amount.signs, rest)
            elif (
                not amount.scale
                and self._are_hundredths(amount, place, token)
                and not (amount.signs and token.folded != "cents")
            ):
                amount.scale, amount.end = -2, place + 1
                amount.signs = (self._whole_of(token),)
            elif is_money_word(self.tokens, place) and self._is_free(amount, place):
                amount.signs = (*amount.signs, token.text)
                amount.end = place + 1
            else:
                return

    def _is_free(self, amount: Amount, place: int) -> bool:
        """Whether a currency behind a number is its own, and not that of the next number."""
        after = self.at(place + 1)
        following = self.at(next_place(self.tokens, place))
        if after.kind == "number":
            return place == amount.end
        if following.text in "-−" and self.at(next_place(self.tokens, place) + 1).kind == "number" and amount.signs:
            return False
        return not (amount.signs and following.kind == "number")

    def _scale(self, amount: Amount, place: int, token: Token) -> int | None:
        codes = tuple(code for sign in amount.signs for code in meanings(sign)) or self.hints
        following = next_place(self.tokens, place)
        if not codes and following < len(self.tokens) and is_money_word(self.tokens, following):
            codes = meanings(self.at(following).text)
        power = scale_of(token.folded, codes)
        if power is None and not token.text[0].isascii() and token.text[0] in scales() and meanings(token.text[1:]):
            # "12万円"
            return scales()[token.text[0]]
        glued = place == amount.place + 1
        if token.folded in _NEEDS_CURRENCY and not codes and not (glued and token.text in {"M", "B", "MM"}):
            return None
        return power

    def _are_hundredths(self, amount: Amount, place: int, token: Token) -> bool:
        if not hundredths(token.text):
            return False
        if token.folded in {"p", "c"}:
            small = amount.place + 1 == place and len(self.at(amount.place).text) <= 3
            value = read_number(self.at(amount.place).text)
            return small and token.text.islower() and value is not None and value <= _MOST_HUNDREDTHS
        return True

    def _whole_of(self, token: Token) -> str:
        codes = hundredths(token.text)
        return next((code for code in self.hints if code in codes), codes[0])

    def _is_counted(self, amount: Amount) -> bool:
        """Whether a bare number counts or measures something: "16.00 ft", "256GB", "3x", "5/5", "10 x 20"."""
        place = next_place(self.tokens, amount.place)
        token = self.at(place)
        if amount.scale:
            return False
        if token.kind == "word" and place == amount.place + 1 and unit_of(token.folded) not in {"each", "dozen"}:
            return token.folded not in words("small_talk", "words")
        if token.folded in {"x", "×", "*"} or self.at(next_place(self.tokens, amount.place, -1)).folded in {"x", "×"}:
            return self.at(next_place(self.tokens, place)).kind in {"number", "sign", "word"} or token.folded not in {
                "x",
                "×",
                "*",
            }
        if token.text == "/" and self.at(next_place(self.tokens, place)).kind == "number":
            return unit_after(self.tokens, amount) is None
        unit = unit_of(token.folded) if token.kind == "word" else None
        return (
            unit is not None
            and token.folded not in words("alone", "units")
            and token.folded not in words("per", "sure")
        )

    def _mark_of(self, text: str, amount: Amount) -> Mark | None:
        """The decimal mark for a number that does not prove its own."""
        if self.mark or mark_of(text):
            return self.mark
        codes = {code for sign in amount.signs for code in meanings(sign)}
        if len(codes) == 1 and codes <= words("marks", "thousandths"):
            return "."
        if amount.per in {"l", "gal"} and amount.scale == 0:
            # Fuel is priced in thousandths, and no litre costs a thousand.
            return "." if "." in text else ","
        return self.hint_mark if len(codes) != 1 else None

    def _is_negative(self, amount: Amount, free_from: int) -> bool:
        """Whether a minus belongs to the amount: glued to it, at the beginning of what is said, no dash between."""
        if any(token.text in {"-", "−"} for token in self.tokens[amount.start : amount.place]):
            return True
        place = amount.start - 1
        minus = self.at(place)
        if place < 0 or minus.text not in _MINUS or minus.text == "":
            return minus.kind == "blank" and self.at(place - 1).text == "−" and place - 1 == 0
        before = next_place(self.tokens, place, -1)
        if before < 0:
            amount.start = place
            return True
        token = self.at(before)
        if before == place - 1 and token.kind in {"word", "number", "sign"} and not is_money_word(self.tokens, before):
            return False
        labelled = token.kind == "word" and token.folded in words("small_talk", "words") and before != place - 1
        if token.text in {":", "(", "="} or labelled:
            amount.start = place
            return True
        return False


def _may_touch(token: Token) -> bool:
    """Whether a word may touch the number behind it: "je5", "ca.5", "only5"."""
    return token.folded in words("small_talk", "words") and len(token.folded) > 1
