"""The likeliest price in a text: "2 pairs from $349" is 349 dollars, "was $30, now $20" 20, "Free shipping" none.

Where `price.read_price` refuses whatever it cannot read wholly, this reader weighs. Each number of the text that could
be an amount is taken with the currency beside it, its unit ("/kg") and what the words around it make of it
(`price_amounts`); the best of them is the price, and `why` says what was doubtful. It is meant for people and for texts
nobody else can read; importers take `read_price`.

price-parser's table of currency signs is used, and its rules where they hold: a currency in the text before the hint,
three digits behind the only mark are thousands, the euro sign as a decimal mark, the first of several prices. What it
does not do is done here: the amount beside a currency before other numbers, ranges, prices per unit, negative amounts,
scales (lakh, crore, k, Mio.), hundredths (99¢, 50p), typographic apostrophes, digits of other scripts, and texts whose
only numbers are no prices (phone numbers, dates, percentages, sizes, savings, shipping).
"""

from __future__ import annotations

import functools
import re
from decimal import Decimal

from warehouse.reading.currency import agreed, meanings, outside, read_code
from warehouse.reading.numbers import Mark
from warehouse.reading.price import PriceRead
from warehouse.reading.price_amounts import Amount, amounts, is_money_word
from warehouse.reading.price_joins import with_hundredths, with_ranges
from warehouse.reading.price_masks import HIDDEN, masked, rewritten
from warehouse.reading.price_simple import read_simple
from warehouse.reading.price_tokens import Token, plain, prepared, tokens
from warehouse.reading.price_words import currency_mark, locale_mark, words

# No price text is longer.
LONGEST = 1000
_HIGHEST = Decimal("1e24")
# What an amount is: the better ones before the worse ones, and what is no price at all left out.
_RANKS = {"now": 0, "": 1, "bound": 2, "each": 3, "instalment": 4, "old": 5}
_WHY = {
    "bound": "it is a bound, not an exact price",
    "instalment": "it is one of several payments",
    "old": "it is a former or a list price",
}
_LEFT_OUT = {
    "saving": "what is saved",
    "shipping": "for the shipping",
    "fee": "a fee, a tax or a deposit",
    "condition": "a condition",
    "code": "a number or size of the thing",
}


def find_price(
    text: str,
    currency_hint: str | None = None,
    decimal_hint: Mark | None = None,
    locale_hint: str | None = None,
) -> PriceRead | None:
    """The likeliest price of a text, or None where it holds none. `why` says what was doubtful; empty: nothing was.

    `currency_hint` is a code, a sign or a text that holds one ("Price in £"); it chooses among the meanings of a shared
    sign, is the currency where the text names none, and never overrules the text. `decimal_hint`, `locale_hint`
    ("de_DE") and, where it is a code, `currency_hint` decide, in this order, what "1.234" means; without any, three
    digits behind the only mark are thousands. No hint changes a number that says itself what it is.

    `currency` is an ISO 4217 code, or for money outside it the usual code (BTC, IRT for toman). `per` is a unit by one
    name ("kg", "each", "dozen", "month", "100 g"); None: the price is for the whole.
    """
    if len(text) > LONGEST:
        return None
    return _find(text, currency_hint, decimal_hint, locale_hint)


def explain_price(
    text: str,
    currency_hint: str | None = None,
    decimal_hint: Mark | None = None,
    locale_hint: str | None = None,
) -> tuple[PriceRead | None, list[str]]:
    """What `find_price` finds, and in words what it took for what."""
    if len(text) > LONGEST:
        return None, [f"a text of more than {LONGEST} characters is no price text"]
    finder = _Finder(plain(text), currency_hint, decimal_hint, locale_hint)
    return finder.found(), finder.steps


@functools.lru_cache(maxsize=1 << 14)
def _find(text: str, hint: str | None, decimal: Mark | None, locale: str | None) -> PriceRead | None:
    text = plain(text)
    simple = read_simple(text)
    if simple is not None and all(meanings(sign) for sign in simple[1]):
        amount, signs = simple
        hints = _hinted(hint)
        first = hints[0] if hints else None
        currency = agreed(signs, first or None) if signs else first or None
        if currency or not signs:
            return PriceRead(amount, currency)
    return _Finder(text, hint, decimal, locale).found()


class _Finder:
    """One text and its hints."""

    def __init__(self, text: str, hint: str | None, decimal: Mark | None, locale: str | None) -> None:
        self.tokens = tokens(masked(prepared(rewritten(plain(text)))))
        self.hints = _hinted(hint)
        self.mark = decimal or (locale_mark(locale) if locale else None)
        code = read_code(hint) if hint else None
        self.currency_mark = currency_mark(code) if code else None
        self.why: list[str] = []
        self.steps: list[str] = []

    def found(self) -> PriceRead | None:
        known = with_hundredths(self.tokens, amounts(self.tokens, self.hints, self.mark, self.currency_mark))
        self._say_left_out(known)
        every = with_ranges(self.tokens, [one for one in known if one.role in _RANKS])
        if self._is_free() and not any(one.role in ("now", "") and (one.signs or one.is_money) for one in every):
            self.steps.append("the text says that it is free")
            return PriceRead(Decimal(0), self._currency(()))
        chosen = self._best(every)
        if chosen is None:
            return None
        self.why += chosen.why
        if {one.value for one in every if one.signs or not chosen.signs} - {chosen.value}:
            self.why.append("it names several amounts")
        if chosen.role in _WHY and chosen.upper is None:
            self.why.append(_WHY[chosen.role])
        return self._told(chosen, every)

    def _say_left_out(self, known: list[Amount]) -> None:
        places = {one.place: one.role for one in known}
        for place, token in enumerate(self.tokens):
            role = places.get(place, "no amount")
            if token.kind == "number" and role not in _RANKS:
                self.steps.append(f'"{token.text}" is {_LEFT_OUT.get(role, role)}')

    def _say_chosen(self, chosen: Amount, signs: tuple[str, ...], currency: str | None) -> None:
        written = self.tokens[chosen.place].text
        self.steps.append(f'"{written}" is the amount')
        if re.fullmatch(r"[1-9]\d{0,2}[.,]\d{3}", written):
            used = "decimals" if chosen.value < 1000 else "thousands"
            self.steps.append(f"three digits behind its only mark are read as {used}; a hint may say otherwise")
        if currency and signs:
            also = len(meanings(signs[0])) > 1 and len(signs) == 1
            self.steps.append(f'"{signs[0]}" is read as {currency}' + (", and may mean others" if also else ""))
        elif currency:
            self.steps.append(f"{currency} is what the hint says; the text names no currency")

    def _is_free(self) -> bool:
        """Whether the thing itself is said to be free: "FREE!", "Price: free", but not "free shipping"."""
        said = [token for token in self.tokens if token.kind == "word"]
        for at, token in enumerate(said):
            if token.folded in words("free", "words"):
                after = said[at + 1].folded if at + 1 < len(said) else ""
                further = said[at + 2].folded if at + 2 < len(said) else ""
                if after in words("free", "not_the_thing") or (after == "of" and further != "charge"):
                    return False
                return all(one.folded in words("free", "before") for one in said[:at])
        return False

    def _told(self, chosen: Amount, every: list[Amount]) -> PriceRead:
        if chosen.upper is not None:
            self.why.append("it is a range")
        # "was $30 now 20" is in dollars throughout.
        priced = next((one.signs for one in every if one.signs), ())
        signs = chosen.signs or priced or self._signs_elsewhere(every)
        apart = self._signs_elsewhere(every) if len(signs) == 1 else ()
        # "$45 (CAD)" says which dollar.
        currency = agreed([*signs, *apart]) if apart and agreed([*signs, *apart]) else self._currency(signs)
        sign = signs[0] if signs and currency is None else None
        if sign:
            self.why.append(f'"{sign}" may be several currencies')
        self._say_chosen(chosen, signs, currency)
        why = "; ".join(dict.fromkeys(self.why))
        return PriceRead(chosen.value, currency, chosen.upper, chosen.per, why, sign)

    def _best(self, every: list[Amount]) -> Amount | None:
        """The first of the best rank; a bare number only where no amount has a currency, and where it can be money."""
        priced = [one for one in every if one.signs]
        # "was $30 now 20"
        bare = [one for one in every if not one.signs and one.role == "now" and not self._counts(one)]
        candidates = sorted(priced + bare, key=lambda one: one.place) if priced else self._bare(every)
        candidates = [one for one in candidates if abs(one.value) < _HIGHEST]
        plain_ones = [one for one in candidates if one.role in ("now", "") and one.per in (None, "each")]
        ranks = {one.place: _rank(one, bool(plain_ones)) for one in candidates}
        return min(candidates, key=lambda one: (ranks[one.place], one.place), default=None)

    def _bare(self, every: list[Amount]) -> list[Amount]:
        """Numbers without a currency are prices where nothing in the text has other business, or where they look so."""
        inside = {place for one in every for place in range(one.start, one.end)}
        strange = [place for place, token in enumerate(self.tokens) if place not in inside and self._is_strange(token)]
        if not strange or not every:
            return every
        good = [one for one in every if one.is_money or one.per or one.scale or self._is_labelled(one)]
        if good:
            self.why.append("no currency stands beside it")
        return good

    def _counts(self, one: Amount) -> bool:
        """Whether a word of no price follows a bare number: "today 3 coats for $20"."""
        after = next((token for token in self.tokens[one.end :] if token.kind != "blank"), None)
        return after is not None and after.kind == "word" and after.folded not in words("small_talk", "words")

    def _is_labelled(self, one: Amount) -> bool:
        """ "Price: 50" and "50 VB" name a price with the word beside it."""
        before = next((token for token in reversed(self.tokens[: one.start]) if token.kind == "word"), None)
        after = next((token for token in self.tokens[one.end :] if token.kind == "word"), None)
        return any(near is not None and near.folded in words("small_talk", "labels") for near in (before, after))

    def _is_strange(self, token: Token) -> bool:
        if token.kind != "word":
            return token.text in HIDDEN
        known = token.folded in words("small_talk", "words") or token.folded in words("small_talk", "labels")
        return not (
            known or token.folded in words("bounds", "words") or is_money_word(self.tokens, self.tokens.index(token))
        )

    def _signs_elsewhere(self, every: list[Amount]) -> tuple[str, ...]:
        """The currency that a text names apart from its amounts: "Price in USD, about 12", "$45 (CAD)"."""
        inside = {place for one in every for place in range(one.start, one.end)}
        apart = (place for place in range(len(self.tokens)) if place not in inside)
        return tuple(self.tokens[place].text for place in apart if is_money_word(self.tokens, place))[:1]

    def _currency(self, signs: tuple[str, ...]) -> str | None:
        """What the signs stand for; the hint where there are none, and where it is among their meanings."""
        first = self.hints[0] if self.hints else ""
        if not signs:
            return first or None
        beyond = next((code for code in map(outside, signs) if code), None)
        if beyond:
            return beyond
        return agreed(list(signs), first or None) or agreed([signs[0]], first or None) or _bare_sign(signs[0], first)


def _bare_sign(sign: str, hint: str) -> str | None:
    """ "Fr$" is unknown, and then the dollar."""
    return agreed([sign[-1]], hint or None) if sign and not sign[-1].isalnum() and not meanings(sign) else None


def _rank(one: Amount, has_plain: bool) -> int:
    """How good an amount is; one per kilogram beside one for the whole is the lesser."""
    rank = _RANKS[one.role]
    return 3 if has_plain and rank < 3 and one.per not in (None, "each") else rank


@functools.lru_cache(maxsize=1 << 10)
def _hinted(hint: str | None) -> tuple[str, ...]:
    """What a hint may stand for, the likeliest first; nothing where it holds no currency."""
    if not hint or not hint.strip():
        return ()
    code = read_code(hint)
    if code:
        return (code,)
    known = meanings(plain(hint))
    if known:
        return known
    beyond = outside(hint)
    if beyond:
        return (beyond,)
    pieces = tokens(prepared(plain(hint[:LONGEST])))
    # A sign is surer than a word: "Price from £ 39.95".
    found = [piece for place, piece in enumerate(pieces) if is_money_word(pieces, place)]
    best = next((piece for piece in found if piece.kind == "sign"), found[0] if found else None)
    return meanings(best.text) if best else ()
