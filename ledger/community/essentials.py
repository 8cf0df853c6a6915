"""The monthly credit for essentials: what a member may spend on essentials, at the cost of an issuance account.

A credit is a permission with an end, not a balance: nothing is issued before it is spent, so nothing has to be taken
back when it expires. Spending it moves K from the issuance account to whoever provides the essential. What is not
spent yet counts as promised against the cap until its last day is over.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import UTC, date, timedelta
from fractions import Fraction
from typing import Any

from sqlalchemy import Connection, Row, func, insert, select, update

from ledger.books import accounts, transfers
from ledger.books.canonical import new_id
from ledger.books.errors import LimitReached, WrongState
from ledger.books.idempotency import once
from ledger.books.lines import Line
from ledger.books.store import Ledger, UnitOfWork
from ledger.books.transfers import Transfer
from ledger.books.units import K, k_text, rounded
from ledger.community import facts
from ledger.community.asked import Asked, Rule, missing, month_of
from ledger.community.plan import Share
from ledger.policy.sections_giving import Essentials
from ledger.tables import essentials_credit, essentials_spending
from warehouse.errors import BadInput

NAME = "essentials"


@dataclass(frozen=True, slots=True)
class Credit:
    """A member's credit of one month: rails given and spent, and the last day (UTC) on which the rest may be spent."""

    id: str
    house: str
    amount: int
    spent: int
    last_day: str

    @property
    def left(self) -> int:
        return self.amount - self.spent


def credit(rule: Essentials, need: str | None) -> int:
    """A month's credit of a member with this need (None: none is recorded), in rails, half-even."""
    return rounded(rule.amount * _factor(rule, need))


def draw(credits: Iterable[Credit], amount: int) -> list[tuple[Credit, int]]:
    """What is drawn from each credit to spend `amount`, the one that ends first first; [] where they do not reach."""
    drawn = []
    for each in sorted(credits, key=lambda each: (each.last_day, each.id)):
        part = min(each.left, amount)
        amount -= part
        if part:
            drawn.append((each, part))
    return [] if amount else drawn


def spend(ledger: Ledger, *, key: str, by: str, payee: str, amount: int, category: str, note: str = "") -> Transfer:
    """Spend a member's credit on an essential that `payee` (an id or a name) provides.

    Raises `BadInput` for a category that is none of the policy's, `LimitReached` where the credit, the cap or the
    payee's room do not reach, `Unknown`. The same key gives the first answer again.
    """
    transfers.check_amount(amount, K)
    memo = transfers.checked_memo(note)
    request = {"operation": "spend essentials", "payee": payee, "amount": amount, "category": category, "memo": memo}

    def work(unit: UnitOfWork) -> Transfer:
        rule = unit.policy.sections.essentials
        if rule is None or category not in rule.categories:
            allowed = ", ".join(rule.categories) if rule is not None else "nothing"
            raise BadInput(f'the credit for essentials is for {allowed}, not for "{category}"')
        receiver = accounts.named(unit.connection, payee)
        if receiver.id == by or receiver.kind not in accounts.KINDS:
            raise BadInput("the credit for essentials is spent with another member or a business")
        # The member's own credits are locked before any balance: two spendings queue here.
        there = _of(unit.connection, by, unit.today, lock=True)
        drawn = draw(there, amount)
        if not drawn:
            left = k_text(sum(each.left for each in there))
            raise LimitReached(f"{k_text(amount)} K cannot be spent: {left} K of the credit for essentials are left")
        lines = [Line(account=receiver.id, amount=amount)]
        for house, part in _by_house(drawn).items():
            lines.append(Line(account=accounts.house(unit, house).id, amount=-part))
        posted = transfers.post(
            unit,
            kind=NAME,
            made_by=by,
            lines=lines,
            memo=f"{category}: {memo}"[:500] if memo else category,
            daily=False,
        )
        for each, part in drawn:
            _spent(unit, posted.id, each, part, category)
        return posted

    return once(ledger, account=by, key=key, request=request, answer=Transfer, work=work)


def credits(ledger: Ledger, account_id: str) -> list[Credit]:
    """What a member may spend today, the credit that ends first first."""
    today = ledger.clock().astimezone(UTC).date().isoformat()
    with ledger.reading() as connection:
        return _of(connection, account_id, today, lock=False)


def promised(connection: Connection, house: str, today: str) -> int:
    """The rails of open credits that are not spent yet, and will be issued from `house` if they are."""
    left = func.sum(essentials_credit.c.amount - essentials_credit.c.spent)
    query = select(left).where(essentials_credit.c.house == house, essentials_credit.c.last_day >= today)
    return int(connection.execute(query).scalar_one() or 0)


def give(unit: UnitOfWork, period: str, shares: Iterable[Row[Any]]) -> None:
    """Write the credits of a run, given as rows of its shares."""
    rule = unit.policy.sections.essentials
    days = rule.days if rule is not None else 0
    rows = [
        {
            "id": new_id("credit"),
            "account": share.account,
            "period": period,
            "house": share.house,
            "amount": share.planned,
            "spent": 0,
            "given_at": unit.now,
            "last_day": (date.fromisoformat(unit.today) + timedelta(days=days)).isoformat(),
        }
        for share in shares
    ]
    if rows:
        unit.connection.execute(insert(essentials_credit), rows)


def _of(connection: Connection, account_id: str, today: str, *, lock: bool) -> list[Credit]:
    query = (
        select(essentials_credit)
        .where(essentials_credit.c.account == account_id, essentials_credit.c.last_day >= today)
        .order_by(essentials_credit.c.last_day, essentials_credit.c.id)
    )
    rows = connection.execute(query.with_for_update() if lock else query)
    return [Credit(row.id, row.house, row.amount, row.spent, row.last_day) for row in rows]


def _by_house(drawn: list[tuple[Credit, int]]) -> dict[str, int]:
    parts: dict[str, int] = {}
    for each, part in drawn:
        parts[each.house] = parts.get(each.house, 0) + part
    return parts


def _spent(unit: UnitOfWork, transfer_id: str, drawn: Credit, part: int, category: str) -> None:
    changed = unit.connection.execute(
        update(essentials_credit)
        .where(essentials_credit.c.id == drawn.id, essentials_credit.c.spent == drawn.spent)
        .values(spent=drawn.spent + part)
    )
    assert changed.rowcount == 1, "the credit was locked before"
    unit.connection.execute(
        insert(essentials_spending).values(transfer=transfer_id, credit=drawn.id, category=category, amount=part)
    )


def _factor(rule: Essentials, need: str | None) -> Fraction:
    return rule.needs.get(need, rule.otherwise) if need is not None else rule.otherwise


def _period(at: Asked) -> str:
    return month_of(at.today)


def _check(at: Asked, period: str) -> None:
    if period != month_of(at.today):
        raise WrongState(f"the credit of a month is given in it: {month_of(at.today)}, not {period}")


def _shares(at: Asked, period: str) -> list[Share]:
    rule = at.policy.sections.essentials
    if rule is None:
        raise missing(at, NAME)
    needs = {account: fact.value for account, fact in facts.now_held(at.connection, facts.NEED).items()}
    shares = []
    for each in at.there(rule.kinds):
        need = needs.get(each.account.id)
        amount = credit(rule, need)
        if amount:
            # The books keep the factor, and not the need that it stands for.
            why = f"{k_text(rule.amount)} K × {float(_factor(rule, need)):g}"
            shares.append(Share(each.account.id, amount, rule.source, why))
    return shares


RULE = Rule(NAME, "a month's credit for essentials, by need", _period, _check, _shares)
