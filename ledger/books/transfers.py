"""Transfers: amounts that move between accounts, all together or not at all, and always sum to zero in every unit."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import Any, Literal

from pydantic import BaseModel, ConfigDict
from sqlalchemy import Connection, Row, bindparam, insert, select

from ledger.books import accounts, audit_log, holds, links, signing, standings
from ledger.books.canonical import new_id
from ledger.books.errors import NotAllowed, Unknown, WrongState
from ledger.books.idempotency import once
from ledger.books.lines import Line, check_balanced, net
from ledger.books.prepared import Prepared, together
from ledger.books.standings import Move
from ledger.books.store import Ledger, UnitOfWork
from ledger.books.units import UNITS, K, amount_text, checked_amount
from ledger.tables import entry, transfer
from warehouse.errors import BadInput

LONGEST_MEMO = 500
_INSERT = Prepared(insert(transfer).values({str(column.name): bindparam(column.name) for column in transfer.c}))


class Transfer(BaseModel):
    """A transfer as it stands in the books, never changed; or, while it waits for signatures, the hold that it is.

    `warnings` are for whoever made it: limits that have come near.
    """

    model_config = ConfigDict(frozen=True)

    id: str
    kind: str
    made_by: str
    memo: str
    reference: str | None
    terms_sha256: str | None
    created_at: str
    lines: tuple[Line, ...]
    reverses: str | None = None
    state: Literal["posted", "awaiting_signatures"] = "posted"
    warnings: tuple[str, ...] = ()


class Movement(BaseModel):
    """One entry of an account, as its holder sees it: the amount in rails or minutes and what it was for."""

    model_config = ConfigDict(frozen=True)

    seq: int
    transfer: str
    kind: str
    amount: int
    unit: str
    memo: str
    reference: str | None
    at: str


def pay(ledger: Ledger, *, key: str, payer: str, payee: str, amount: int, unit: str = K, memo: str = "") -> Transfer:
    """Move `amount` rails (or minutes) from `payer`'s account to that of `payee` (an id or a name).

    What a business pays above its tier's amount is held until enough have signed (`ledger.books.signing`).
    Raises `LimitReached`, `Unknown` or `BadInput`; nothing has moved then. The same key gives the first answer again.
    """
    text = checked_memo(memo)
    check_amount(amount, unit)
    request = payment_request(payer, payee, amount, unit, text)

    def work(of: UnitOfWork) -> Transfer:
        receiver = payee if payee.startswith(f"{accounts.PREFIX}_") else accounts.named(of.connection, payee).id
        if receiver == payer:
            raise BadInput("an account cannot pay itself")
        lines = (Line(account=payer, amount=-amount, unit=unit), Line(account=receiver, amount=amount, unit=unit))
        return post_or_wait(of, kind="payment", made_by=payer, lines=lines, memo=text)

    return once(ledger, account=payer, key=key, request=request, answer=Transfer, work=work)


def payment_request(payer: str, payee: str, amount: int, unit: str, memo: str) -> dict[str, Any]:
    """A payment as its idempotency key stands for it."""
    said: dict[str, Any] = {"operation": "pay", "payer": payer, "payee": payee, "amount": amount, "memo": memo}
    return said if unit == K else {**said, "unit": unit}


def reverse(
    ledger: Ledger, *, key: str, by: str, transfer_id: str, memo: str = "", treasurer: bool = False
) -> Transfer:
    """Take a payment back by a transfer of the opposite lines: its receiver may, and the treasurer. It works once.

    Raises `WrongState` where it was taken back before or is itself a reversal, `NotAllowed`, `Unknown`,
    `LimitReached`. What a trade moved is settled by the trade, and what the policy moved by the policy.
    """
    text = checked_memo(memo)
    request = {"operation": "reverse", "transfer": transfer_id, "memo": text}

    def work(of: UnitOfWork) -> Transfer:
        row, lines = _reversible(of.connection, transfer_id, by, treasurer)
        back = tuple(Line(account=line.account, amount=-line.amount, unit=line.unit) for line in lines)
        standings.locked(of, net(back))  # whoever reverses the same transfer waits here
        again = of.connection.execute(select(transfer.c.id).where(transfer.c.reverses == row.id)).scalar_one_or_none()
        if again is not None:
            raise WrongState(f"transfer {row.id} was taken back before, by {again}")
        made = post(of, kind="reversal", made_by=by, lines=back, memo=text, reverses=row.id, daily=False)
        if treasurer:
            audit_log.record(of, actor=by, action="transfer.reversed", transfer=row.id)
        return made

    return once(ledger, account=by, key=key, request=request, answer=Transfer, work=work)


def _reversible(connection: Connection, transfer_id: str, by: str, treasurer: bool) -> tuple[Row[Any], list[Line]]:
    row = connection.execute(select(transfer).where(transfer.c.id == transfer_id)).one_or_none()
    lines = lines_of(connection, transfer_id) if row is not None else []
    if row is None or not (treasurer or any(line.account == by for line in lines)):
        raise Unknown(f'there is no transfer "{transfer_id}" among yours')
    if not treasurer and not any(line.account == by and line.amount > 0 for line in lines):
        raise NotAllowed("a payment is taken back by the one who received it, or by the treasurer")
    if row.kind != "payment":
        raise WrongState(f"a {row.kind} is not reversed; only a payment is")
    return row, lines


def post(
    unit: UnitOfWork,
    *,
    kind: str,
    made_by: str,
    lines: Sequence[Line],
    memo: str = "",
    reference: str | None = None,
    terms_sha256: str | None = None,
    reverses: str | None = None,
    promised: bool = False,
    daily: bool = True,
    last: bool = False,
) -> Transfer:
    """Write a transfer and its entries and move the balances. Every transfer of the house goes through here, or, many
    at once, through `ledger.books.batch`.

    `promised` says that a hold has reserved the amounts of all lines already: the limits were kept when it was made.
    `daily=False` for what the house moves, and what does not count as spent that day. `last`: nothing follows in this
    unit of work but its commit, so that it travels there together with it.
    """
    check_balanced(lines)
    moves = {place: Move.direct(change, daily=daily and not promised) for place, change in net(lines).items()}
    found = standings.locked(unit, moves)
    if not promised:
        standings.check(found, moves, today=unit.today, asked_by=made_by)
    said = row_of(unit.now, kind, made_by, memo=memo, reference=reference, terms_sha256=terms_sha256, reverses=reverses)
    if last:
        unit.travel()
    with together(unit.connection):
        _INSERT.run(unit.connection, said)
        after = standings.move(unit, found, moves)
        links.append(unit, [(said, lines)])
    warned = standings.warnings(after.values(), made_by, unit.policy)
    return Transfer.model_construct(**said, lines=tuple(lines), state="posted", warnings=warned)


def post_or_wait(unit: UnitOfWork, *, kind: str, made_by: str, lines: Sequence[Line], memo: str = "") -> Transfer:
    """Post lines, or hold them where somebody's tier asks for signatures above that amount."""
    waits = signing.needed(unit, net(lines))
    if not waits:
        return post(unit, kind=kind, made_by=made_by, lines=lines, memo=memo, last=True)
    held = holds.reserve(unit, kind=kind, made_by=made_by, lines=lines, memo=memo, expires_at=signing.until(unit))
    return as_waiting(held)


def as_waiting(held: holds.Hold) -> Transfer:
    """A hold that waits for signatures as the transfer it is to become."""
    return Transfer(
        id=held.id,
        kind=held.kind,
        made_by=held.made_by,
        memo=held.memo,
        reference=held.reference,
        terms_sha256=None,
        created_at=held.created_at,
        lines=held.lines,
        state="awaiting_signatures",
    )


def row_of(
    now: str,
    kind: str,
    made_by: str,
    *,
    memo: str = "",
    reference: str | None = None,
    terms_sha256: str | None = None,
    reverses: str | None = None,
) -> dict[str, Any]:
    """The row of a new transfer."""
    return {
        "id": new_id("transfer"),
        "kind": kind,
        "made_by": made_by,
        "memo": memo,
        "reference": reference,
        "terms_sha256": terms_sha256,
        "created_at": now,
        "reverses": reverses,
    }


def lines_of(connection: Connection, transfer_id: str) -> list[Line]:
    """A transfer's lines, in their order."""
    rows = connection.execute(select(entry).where(entry.c.transfer == transfer_id).order_by(entry.c.line))
    return [Line(account=row.account, amount=row.amount, unit=row.unit) for row in rows]


def checked_memo(memo: str) -> str:
    """The memo as it is kept, or `BadInput` where it is too long or holds characters that cannot be stored."""
    text = memo.strip()
    if len(text) > LONGEST_MEMO or "\x00" in text:
        raise BadInput(f"a memo is a text of at most {LONGEST_MEMO} characters")
    return text


def check_amount(amount: int, unit: str) -> None:
    """Raise `BadInput` for what cannot be paid."""
    if unit not in UNITS:
        raise BadInput(f'the books have no unit "{unit}"; they have {", ".join(UNITS)}')
    if amount <= 0:
        raise BadInput(f"{amount_text(amount, unit)} cannot be paid: an amount is above zero")
    checked_amount(amount, unit)


def movements(
    ledger: Ledger, account: str, *, before: int | None = None, limit: int = 50, units: Iterable[str] = (K,)
) -> list[Movement]:
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
        .where(entry.c.account == account, entry.c.unit.in_(list(units)))
        .order_by(entry.c.seq.desc())
        .limit(limit)
    )
    if before is not None:
        query = query.where(entry.c.seq < before)
    with ledger.reading() as connection:
        return [Movement.model_validate(dict(row._mapping)) for row in connection.execute(query)]
