"""What a trade moves in the books: K and minutes between the parties, directly or through escrow, and the base of the
fee. Pure arithmetic.

The fee's base is the smaller side's agreed value. What only evens the sides out (K, minutes, cash) is not counted on
top of the things beside it; where it is more than those things, it is what is traded, and the base.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import replace
from fractions import Fraction

from ledger.books.lines import Line
from ledger.books.units import K, rounded
from ledger.trading.legs import MONEY, UNIT_OF, Leg


def moved(legs: Iterable[Leg]) -> tuple[Line, ...]:
    """The lines that legs of K and of minutes make, the giver's first."""
    lines: list[Line] = []
    for each in legs:
        if each.kind in UNIT_OF:
            assert each.amount is not None
            unit = UNIT_OF[each.kind]
            lines += (
                Line(account=each.giver, amount=-each.amount, unit=unit),
                Line(account=each.receiver, amount=each.amount, unit=unit),
            )
    return tuple(lines)


def k_moved(legs: Iterable[Leg]) -> int:
    """The rails of K that a trade moves."""
    return sum(each.amount or 0 for each in legs if each.kind == "k")


def into(lines: Iterable[Line], escrow: str) -> tuple[Line, ...]:
    """What the givers of `lines` put into escrow."""
    return _against([line for line in lines if line.amount < 0], escrow)


def out_of(lines: Iterable[Line], escrow: str) -> tuple[Line, ...]:
    """What the receivers of `lines` get out of escrow."""
    return _against([line for line in lines if line.amount > 0], escrow)


def back(lines: Iterable[Line], escrow: str) -> tuple[Line, ...]:
    """What the givers of `lines` get back out of escrow."""
    return tuple(replace(line, amount=-line.amount) for line in into(lines, escrow))


def shared(lines: Sequence[Line], percent: int, *, keeper: str | None) -> tuple[Line, ...]:
    """`percent` of what pairs of `lines` move, half-even to the smallest part, and no line of nothing. Where an account
    keeps the whole of it in escrow (`keeper`), the rest goes back to the givers."""
    out: list[Line] = []
    for gives, gets in zip(lines[::2], lines[1::2], strict=True):
        part = rounded(Fraction(gets.amount * percent, 100))
        rest = gets.amount - part
        if keeper is None:
            out += replace(gives, amount=-part), replace(gets, amount=part)
            continue
        out.append(Line(account=keeper, amount=-gets.amount, unit=gets.unit))
        out += replace(gets, amount=part), replace(gives, amount=rest)
    return tuple(line for line in out if line.amount)


def fee_base(by_proposer: Sequence[Leg], by_counterparty: Sequence[Leg]) -> int:
    """The rails that the community's fee is a share of."""
    sides = (by_proposer, by_counterparty)
    whole = [sum(each.worth.agreed for each in legs) for legs in sides]
    money = [sum(each.worth.agreed for each in legs if each.kind in MONEY) for legs in sides]
    things = [total - even for total, even in zip(whole, money, strict=True)]
    return min(*whole, max(min(things), *money))


def fee_of(lines: Iterable[Line], account: str) -> int:
    """The rails that `account` pays in the lines of a fee."""
    return -sum(line.amount for line in lines if line.account == account and line.unit == K)


def fee_again(proposer: str, other: str, to: str, by_proposer: int, by_other: int) -> tuple[Line, ...]:
    """The lines of a fee that was held, from what each side pays of it."""
    paid = [
        Line(account=side, amount=-amount) for side, amount in ((proposer, by_proposer), (other, by_other)) if amount
    ]
    return (*paid, Line(account=to, amount=by_proposer + by_other)) if paid else ()


def _against(lines: Sequence[Line], escrow: str) -> tuple[Line, ...]:
    return tuple(each for line in lines for each in (line, Line(account=escrow, amount=-line.amount, unit=line.unit)))
