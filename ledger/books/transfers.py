"""Transfers: amounts that move between accounts, all together or not at all, and always sum to zero."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Sequence

from pydantic import BaseModel, ConfigDict
from sqlalchemy import insert, select, update

from ledger.books import accounts, links
from ledger.books.accounts import Standing
from ledger.books.canonical import new_id
from ledger.books.errors import LimitReached
from ledger.books.idempotency import once
from ledger.books.store import Ledger, UnitOfWork
from ledger.books.units import K, checked_rails, k_text
from ledger.tables import balance, entry, transfer
from warehouse.errors import BadInput

LONGEST_MEMO = 500


class Line(BaseModel):
    """One account's share of a transfer: rails that come in (above zero) or go out (below)."""

    model_config = ConfigDict(frozen=True)

    account: str
    amount: int
    unit: str = K


class Transfer(BaseModel):
    """A transfer as it stands in the books. It is never changed."""

    model_config = ConfigDict(frozen=True)

    id: str
    kind: str
    made_by: str
    memo: str
    reference: str | None
    terms_sha256: str | None
    created_at: str
    lines: tuple[Line, ...]


class Movement(BaseModel):
    """One entry of an account, as its holder sees it: the amount in rails and what it was for."""

    model_config = ConfigDict(frozen=True)

    seq: int
    transfer: str
    kind: str
    amount: int
    unit: str
    memo: str
    reference: str | None
    at: str


def pay(ledger: Ledger, *, key: str, payer: str, payee: str, amount: int, memo: str = "") -> Transfer:
    """Move `amount` rails from `payer`'s account to that of `payee` (an id or a name).

    Raises `LimitReached`, `Unknown` or `BadInput`; nothing has moved then. The same key gives the first answer again.
    """
    if amount <= 0:
        raise BadInput(f"{k_text(amount)} K cannot be paid: an amount is above zero")
    checked_rails(amount)
    text = checked_memo(memo)
    request = {"operation": "pay", "payer": payer, "payee": payee, "amount": amount, "memo": text}

    def work(unit: UnitOfWork) -> Transfer:
        receiver = accounts.named(unit.connection, payee).id
        if receiver == payer:
            raise BadInput("an account cannot pay itself")
        lines = (Line(account=payer, amount=-amount), Line(account=receiver, amount=amount))
        return post(unit, kind="payment", made_by=payer, lines=lines, memo=text)

    return once(ledger, account=payer, key=key, request=request, answer=Transfer, work=work)


def post(
    unit: UnitOfWork,
    *,
    kind: str,
    made_by: str,
    lines: Sequence[Line],
    memo: str = "",
    reference: str | None = None,
    terms_sha256: str | None = None,
    promised: bool = False,
) -> Transfer:
    """Write a transfer and its entries and move the balances. Every transfer of the house goes through here.

    `promised` says that a hold has reserved the amounts at both sides already: the limits were kept when it was made.
    """
    check_balanced(lines)
    standings = accounts.locked(unit, {line.account for line in lines})
    if not promised:
        for account, change in net(lines).items():
            check_limits(standings[account], change, asked_by=made_by)
    said = {
        "id": new_id("transfer"),
        "kind": kind,
        "made_by": made_by,
        "memo": memo,
        "reference": reference,
        "terms_sha256": terms_sha256,
        "created_at": unit.now,
    }
    unit.connection.execute(insert(transfer).values(**said))
    for account, change in net(lines).items():
        moved = unit.connection.execute(
            update(balance)
            .where(balance.c.account == account, balance.c.unit == K)
            .values(posted=balance.c.posted + change)
        )
        assert moved.rowcount == 1, "the balance was locked above"
    links.append(unit, said, [(line.account, line.unit, line.amount) for line in lines])
    return Transfer.model_validate({**said, "lines": tuple(lines)})


def check_balanced(lines: Sequence[Line]) -> None:
    """Assert what every transfer is: two lines or more that sum to zero. A breach is a fault in Katy."""
    assert len(lines) >= 2, "a transfer has at least two lines"
    assert all(line.unit == K for line in lines), "K is the one unit that moves"
    assert sum(line.amount for line in lines) == 0, "the lines of a transfer sum to zero"


def net(lines: Sequence[Line]) -> dict[str, int]:
    """What the lines change for each account, in rails."""
    changes: defaultdict[str, int] = defaultdict(int)
    for line in lines:
        changes[line.account] += line.amount
    return dict(changes)


def check_limits(standing: Standing, change: int, *, asked_by: str) -> None:
    """Raise `LimitReached` where `change` would take an account past a limit. Pending amounts count.

    A change towards the inside is always allowed: whoever stands outside a stricter new limit can come back. The
    figures are told to the account's own holder only.
    """
    own = standing.account.id == asked_by
    if change < 0 and -change > standing.spendable:
        told = (
            f"{standing.account.name} has {k_text(max(standing.spendable, 0))} K left to spend"
            if own
            else (f"{standing.account.name} does not have that much left to spend")
        )
        floor = f" above the floor of {k_text(standing.limits.floor)} K" if own else ""
        raise LimitReached(f"{k_text(-change)} K cannot be paid: {told}{floor}, pending trades counted")
    if change > 0 and standing.room is not None and change > standing.room:
        told = (
            f"{standing.account.name} has room for {k_text(max(standing.room, 0))} K"
            if own
            else (f"{standing.account.name} does not have room for that much")
        )
        ceiling = f" below the ceiling of {k_text(standing.limits.ceiling or 0)} K" if own else ""
        raise LimitReached(f"{k_text(change)} K cannot be received: {told}{ceiling}, pending trades counted")


def checked_memo(memo: str) -> str:
    """The memo as it is kept, or `BadInput` where it is too long or holds characters that cannot be stored."""
    text = memo.strip()
    if len(text) > LONGEST_MEMO or "\x00" in text:
        raise BadInput(f"a memo is a text of at most {LONGEST_MEMO} characters")
    return text


def movements(ledger: Ledger, account: str, *, before: int | None = None, limit: int = 50) -> list[Movement]:
    """An account's entries, the newest first; `before` goes on below an entry's number."""
    query = (
        select(
            entry.c.seq,
            entry.c.transfer,
            transfer.c.kind,
            entry.c.amount,
            entry.c.unit,
            transfer.c.memo,
            transfer.c.reference,
            transfer.c.created_at.label("at"),
        )
        .join(transfer, transfer.c.id == entry.c.transfer)
        .where(entry.c.account == account)
        .order_by(entry.c.seq.desc())
        .limit(limit)
    )
    if before is not None:
        query = query.where(entry.c.seq < before)
    with ledger.reading() as connection:
        return [Movement.model_validate(dict(row._mapping)) for row in connection.execute(query)]
