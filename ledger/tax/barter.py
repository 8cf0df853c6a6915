"""Form 1099-B for barter, computed from the finished trades of a year. Pure.

Followed are the IRS Instructions for Form 1099-B and Treas. Reg. §1.6045-1(e) and (f). The boxes are those of the form
for 2025; the paragraphs on barter were read in the editions of 2017 to 2019. Look them up anew each year:

- The recipient of a form is the member who *provided* property or services. Members who only paid are sent none.
- The amount is what that member received for it: cash, the fair market value of property and services, and credits at
  the value the exchange gives them. What a member buys with credits that it has already is not counted again
  ((f)(4)), and what it buys with cash is no barter: of a mixed trade the K, minutes and cash that the member gave are
  taken off. There is no threshold of $600.
- Non-corporate members: a form for each exchange. Corporate ones: one form with the year's aggregate ((f)(2)(ii)).
- Exempt: an exchange through which fewer than 100 exchanges were made in the year ((e)(2)(ii)), amounts under $1.00
  (Notice 2000-6), exempt foreign persons ((g)(1)).
- Box 1a: what was provided. Box 1c: the day on which it was received for ((f)(3)). Box 13: the amount. Box 4 would be
  tax withheld; Katy withholds nothing. All other boxes belong to brokers' sales and stay empty.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Mapping, Sequence
from typing import Any

from pydantic import BaseModel, ConfigDict

from ledger.tax.errors import DoesNotTie
from ledger.tax.kind import Kinds
from ledger.tax.money import text
from ledger.tax.profile import Profile
from ledger.tax.reading import DoneTrade

INSTRUCTIONS_YEAR = 2025
FEWEST_EXCHANGES = 100
SMALLEST_CENTS = 100
LONGEST_1A = 200
CURRENCY = "USD"
BOUGHT = "not received for property or services: bought with K, minutes or cash"
UNDER_A_DOLLAR = "under $1.00"
FOREIGN = "exempt foreign person"
TIME_BANK = "the community was a time bank on that day, or had not said what it is"


class Form(BaseModel):
    """One Form 1099-B. Money is in cents; boxes that are not named here stay empty. `reference` is the account number
    of the form: the trade, or the year's aggregate."""

    model_config = ConfigDict(frozen=True)

    year: int
    account: str
    reference: str
    recipient: str
    name: str
    address: str
    tin_kind: str | None
    tin_shown: str | None
    tin_mark: str | None = None
    box_1a: str
    box_1c: str | None
    box_13: int
    trades: tuple[str, ...]
    corrected: bool = False
    error_type: int | None = None

    @property
    def key(self) -> tuple[str, str]:
        return self.account, self.reference


class Left(BaseModel):
    """An amount that a member received and that is on no form, and why."""

    model_config = ConfigDict(frozen=True)

    account: str
    trade: str
    cents: int
    why: str


class Computed(BaseModel):
    """What the trades of a year come to. `received` is the fair market value of everything each member received;
    `exchanges` how many there were; `exempt` why no form is due although there are amounts."""

    model_config = ConfigDict(frozen=True)

    year: int
    forms: tuple[Form, ...]
    left: tuple[Left, ...]
    received: dict[str, int]
    exchanges: int
    exempt: str | None


def for_provided(trade: DoneTrade, party: str) -> tuple[int, int]:
    """What a party received for the property and services it provided in a trade, and what it got otherwise.

    Both in cents; together they are the worth of everything the party received.
    """
    received = sum(leg.cents for leg in trade.legs if leg.receiver == party)
    paid = sum(leg.cents for leg in trade.legs if leg.giver == party and not leg.provided)
    provides = any(leg.giver == party and leg.provided for leg in trade.legs)
    amount = max(0, received - paid) if provides else 0
    return amount, received - amount


def compute(year: int, trades: Sequence[DoneTrade], kinds: Kinds, profiles: Mapping[str, Profile]) -> Computed:
    """All forms of a year, and every amount that is on none. Raises `DoesNotTie` where money got lost between both."""
    of_exchange = [trade for trade in trades if _is_exchange(trade, kinds)]
    foreign = sorted({trade.currency for trade in trades} - {CURRENCY})
    if of_exchange and foreign:
        raise DoesNotTie(f"Form 1099-B is in {CURRENCY}; trades of {year} have values in {', '.join(foreign)}")
    exempt = None
    if len(of_exchange) < FEWEST_EXCHANGES:
        exempt = (
            f"fewer than {FEWEST_EXCHANGES} exchanges in {year} ({len(of_exchange)}): no Form 1099-B is due "
            "(Treas. Reg. §1.6045-1(e)(2)(ii))"
        )
    left: list[Left] = []
    due: defaultdict[str, list[tuple[DoneTrade, int]]] = defaultdict(list)
    for trade in trades:
        for party in trade.parties:
            amount = _due(trade, party, kinds, profiles, exempt, left)
            if amount:
                due[party].append((trade, amount))
    forms = [form for party in sorted(due) for form in _forms(year, profiles[party], due[party])]
    received: defaultdict[str, int] = defaultdict(int)
    for trade in trades:
        for leg in trade.legs:
            received[leg.receiver] += leg.cents
    made = Computed(
        year=year,
        forms=tuple(forms),
        left=tuple(left),
        received=dict(received),
        exchanges=len(of_exchange),
        exempt=exempt,
    )
    check_totals(made)
    return made


def check_totals(made: Computed) -> None:
    """Raise `DoesNotTie` unless every member's forms and what is on none come to what the member received."""
    told: defaultdict[str, int] = defaultdict(int)
    for form in made.forms:
        told[form.account] += form.box_13
    for each in made.left:
        told[each.account] += each.cents
    for account in sorted(told.keys() | made.received.keys()):
        says, books = told[account], made.received.get(account, 0)
        if says != books:
            raise DoesNotTie(
                f"{account}: the forms of {made.year} and what is on none come to {text(says, CURRENCY)}, its trades "
                f"to {text(books, CURRENCY)}; they are {text(says - books, CURRENCY)} apart"
            )


def _is_exchange(trade: DoneTrade, kinds: Kinds) -> bool:
    held = kinds.on(trade.day)
    return held is not None and held.kind == "barter_exchange"


def _due(
    trade: DoneTrade,
    party: str,
    kinds: Kinds,
    profiles: Mapping[str, Profile],
    exempt: str | None,
    left: list[Left],
) -> int:
    """The cents that a form is due for; all others are put to what is left, with the reason."""
    amount, bought = for_provided(trade, party)

    def leave(cents: int, why: str) -> int:
        if cents:
            left.append(Left(account=party, trade=trade.id, cents=cents, why=why))
        return 0

    leave(bought, BOUGHT)
    if not _is_exchange(trade, kinds):
        return leave(amount, TIME_BANK)
    if exempt is not None:
        return leave(amount, exempt)
    if profiles[party].recipient == "exempt_foreign":
        return leave(amount, FOREIGN)
    if amount < SMALLEST_CENTS:
        return leave(amount, UNDER_A_DOLLAR)
    return amount


def _forms(year: int, profile: Profile, due: Sequence[tuple[DoneTrade, int]]) -> list[Form]:
    common: dict[str, Any] = {
        "year": year,
        "account": profile.account,
        "recipient": profile.recipient,
        "name": profile.legal_name,
        "address": profile.address,
        "tin_kind": profile.tin_kind,
        "tin_shown": profile.tin_shown,
    }
    if profile.recipient == "corporation":
        return [
            Form(
                **common,
                reference=f"{year}-{profile.account}",
                box_1a=f"Aggregate of {len(due)} barter exchanges",
                box_1c=None,
                box_13=sum(amount for _, amount in due),
                trades=tuple(trade.id for trade, _ in due),
            )
        ]
    return [
        Form(
            **common,
            reference=trade.id,
            box_1a=provided_words(trade, profile.account),
            box_1c=trade.day.isoformat(),
            box_13=amount,
            trades=(trade.id,),
        )
        for trade, amount in due
    ]


def provided_words(trade: DoneTrade, party: str) -> str:
    """What a party provided, in a few words: "7 × loaf of rye bread; bicycle repair"."""
    words = [
        leg.description if leg.quantity == "1" else f"{leg.quantity} × {leg.description}"
        for leg in trade.legs
        if leg.giver == party and leg.provided
    ]
    told = "; ".join(words)
    return told if len(told) <= LONGEST_1A else f"{told[: LONGEST_1A - 1]}…"
