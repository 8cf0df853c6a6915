"""What a price watch watches, and what for: its terms, checked and in words."""

from __future__ import annotations

import re
from decimal import Decimal
from typing import Literal

from pydantic import BaseModel, ConfigDict

from ledger.books.canonical import canonical, sha256
from ledger.watching.watch_rules import WINDOWS, Decision, Direction, Rule, RuleKind
from warehouse.errors import BadInput

Kind = Literal["asking", "sold"]
Figure = Literal["median", "lowest"]
LONGEST = {"product": 300, "words": 200, "region": 80, "condition": 40, "unit": 20}
_CURRENCY = re.compile(r"[A-Z]{3}")
_LETTER = re.compile(r"[^\W_]")
_PLAIN = re.compile(r"[0-9]{1,12}(\.[0-9]{1,6})?")
_MOST_PERCENT = 10_000


class Terms(BaseModel):
    """A product (its id) or the `words` of a search, filters on its listings, and a rule.

    `currency`: only listings priced in it, as written; without one all listings, in the currency values are formed in.
    `unit`: the price for one of these units, of the listings that say how many there are. `price` is which figure of a
    day counts. Amounts and percentages are decimal text.
    """

    model_config = ConfigDict(frozen=True, extra="forbid")

    product: str | None = None
    words: str | None = None
    region: str | None = None
    condition: str | None = None
    kind: Kind = "asking"
    currency: str | None = None
    unit: str | None = None
    price: Figure = "median"
    rule: RuleKind
    amount: str | None = None
    percent: str | None = None
    direction: Direction = "either"
    window_days: int = 30

    @property
    def asked(self) -> Rule:
        """The rule in the form that `watch_rules.decide` takes."""
        return Rule(
            kind=self.rule,
            window=self.window_days,
            amount=Decimal(self.amount) if self.amount is not None else None,
            percent=Decimal(self.percent) if self.percent is not None else None,
            direction=self.direction,
        )

    @property
    def fingerprint(self) -> str:
        """Equal for equal terms."""
        return sha256(canonical(self.model_dump()))

    @property
    def title(self) -> str:
        """What is watched, in words."""
        return self.product if self.product is not None else f'"{self.words}"'


def checked(terms: Terms) -> Terms:
    """The terms with blanks and numbers in one form. Raises `BadInput` for terms nothing can be watched by."""
    texts = {name: _text(name, getattr(terms, name)) for name in LONGEST}
    if (texts["product"] is None) == (texts["words"] is None):
        raise BadInput("a watch is on a product or on the words of a search: name one of them")
    if texts["words"] is not None and not _LETTER.search(texts["words"]):
        raise BadInput(f'there is no word to search for in "{texts["words"]}"')
    if terms.currency is not None and not _CURRENCY.fullmatch(terms.currency):
        raise BadInput(f'"{terms.currency}" is not a currency: write its ISO 4217 code, such as USD')
    if terms.window_days not in WINDOWS:
        raise BadInput(f"a watch looks back {', '.join(map(str, WINDOWS))} days, not {terms.window_days}")
    return terms.model_copy(update={**texts, **_rule(terms)})


def _rule(terms: Terms) -> dict[str, str | None]:
    if terms.rule == "change":
        if terms.amount is not None or terms.percent is None:
            raise BadInput("a watch for a change has a percentage, and no amount")
        percent = _number(terms.percent, "a percentage", "10")
        highest = 100 if terms.direction == "down" else _MOST_PERCENT
        if not 0 < Decimal(percent) <= highest:
            raise BadInput(f"a change of {percent} % cannot be watched for: above 0 and at most {highest}")
        return {"percent": percent}
    if terms.amount is None or terms.percent is not None or terms.direction != "either":
        raise BadInput(
            f"a watch for a price {terms.rule} an amount has the amount, and neither percentage nor direction"
        )
    amount = _number(terms.amount, "an amount", "49.90")
    if Decimal(amount) == 0:
        raise BadInput("the amount must be above zero")
    return {"amount": amount}


def _text(name: str, text: str | None) -> str | None:
    if text is None:
        return None
    plain = " ".join(text.split())
    if not plain or len(plain) > LONGEST[name] or not plain.isprintable():
        raise BadInput(f"the {name} of a watch is a text of 1 to {LONGEST[name]} printable characters")
    return plain


def _number(text: str, what: str, example: str) -> str:
    if not text.isascii() or not _PLAIN.fullmatch(text):
        raise BadInput(f'"{text}" is not {what}: write a plain number such as {example}')
    return _plain(Decimal(text))


def _plain(number: Decimal) -> str:
    return f"{number.normalize():f}"


def rule_in_words(terms: Terms, currency: str | None = None) -> str:
    """The rule as a person says it: "below 300 USD", "10 % down within 30 days"."""
    if terms.rule != "change":
        return f"{terms.rule} {terms.amount} {currency or terms.currency or ''}".rstrip()
    way = {"down": "down", "up": "up", "either": "up or down"}[terms.direction]
    return f"{terms.percent} % {way} within {terms.window_days} days"


def filters_in_words(terms: Terms) -> str:
    """Which prices count, as a person says it: "median asking price, used, US-MO"."""
    parts = [f"{terms.price} {terms.kind} price"]
    if terms.unit:
        parts[0] += f" per {terms.unit}"
    parts += [text for text in (terms.condition, terms.region) if text]
    if terms.currency:
        parts.append(f"priced in {terms.currency}")
    return ", ".join(parts)


def told(terms: Terms, decision: Decision, *, title: str, currency: str, listings: int) -> tuple[str, str]:
    """Subject and body of the notice that says the decision, in words and with its figures."""
    now, since = decision.now, decision.since
    price = f"{now.price} {currency}"
    if since is None:
        happened = f"is {decision.cause} {terms.amount}: {price}"
        why = f"The watch is for a price {decision.cause} {terms.amount} {currency}."
    else:
        change = decision.percent
        assert change is not None, "a change is measured from a price above zero"
        happened = f"{decision.cause} {abs(change):.1f} %: {price}"
        why = (
            f"On {since.day} it was {since.price} {currency}: {change:+.1f} % in {(now.day - since.day).days} days. "
            f"The watch is for {rule_in_words(terms)}."
        )
    count = f"{listings} listing{'' if listings == 1 else 's'}"
    body = f"{title}\nThe {filters_in_words(terms)}, on {now.day}: {price} ({count}).\n{why}"
    return f"{title} {happened}", body
