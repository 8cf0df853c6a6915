"""Payments in two phases: promised first, then posted or void, or expired.

The payer promises. From then on the amount counts against both sides' limits. The payer or the payee posts it; the
payee may let it go; a promise that ran out binds nobody, whether or not somebody has noticed yet.
"""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from functools import partial
from typing import Any

from sqlalchemy import Row, select, update

from ledger.books import accounts, holds, signing, transfers
from ledger.books.errors import NotAllowed, Unknown, WrongState
from ledger.books.holds import Hold
from ledger.books.idempotency import once
from ledger.books.lines import Line, net
from ledger.books.store import Ledger, UnitOfWork, instant_text
from ledger.books.transfers import Transfer, checked_memo
from ledger.books.units import K
from ledger.tables import hold
from warehouse.errors import BadInput

LONGEST = timedelta(days=366)
_AT_ONCE = 200


def promise(
    ledger: Ledger,
    *,
    key: str,
    payer: str,
    payee: str,
    amount: int,
    unit: str = K,
    memo: str = "",
    lasts: timedelta = timedelta(days=7),
) -> Hold:
    """Promise to pay; `lasts` until it expires. Raises `LimitReached`, `Unknown`, `BadInput`."""
    text = checked_memo(memo)
    transfers.check_amount(amount, unit)
    if not timedelta(0) < lasts <= LONGEST:
        raise BadInput("a promise lasts longer than nothing and at most 366 days")
    request = {"operation": "promise", "payer": payer, "payee": payee, "amount": amount, "unit": unit, "memo": text}
    request["seconds"] = int(lasts.total_seconds())

    def work(of: UnitOfWork) -> Hold:
        receiver = accounts.named(of.connection, payee).id
        if receiver == payer:
            raise BadInput("an account cannot pay itself")
        lines = (Line(account=payer, amount=-amount, unit=unit), Line(account=receiver, amount=amount, unit=unit))
        ends = instant_text(datetime.fromisoformat(of.now).astimezone(UTC) + lasts)
        return holds.reserve(of, kind="promise", made_by=payer, lines=lines, memo=text, expires_at=ends)

    return once(ledger, account=payer, key=key, request=request, answer=Hold, work=work)


def post(ledger: Ledger, *, key: str, by: str, hold_id: str) -> Transfer:
    """Turn a promise into a transfer: its payer or its payee may. Raises `WrongState` once it ended or ran out."""

    def work(unit: UnitOfWork) -> Transfer:
        row, held = _open(unit, hold_id, by, "promise")
        waits = signing.needed(unit, net(held.lines))
        for payer, wanted in waits.items():
            there = signing.signed(unit.connection, hold_id, payer)
            if there < wanted:
                raise NotAllowed(f"this payment needs {wanted} signatures and has {there}")
        return _post(unit, row, held)

    return once(ledger, account=by, key=key, request=_request("post", hold_id), answer=Transfer, work=work)


def void(ledger: Ledger, *, key: str, by: str, hold_id: str) -> Hold:
    """Let a promise go: its payee may; who asked for a payment that still waits for signatures may take it back."""

    def work(unit: UnitOfWork) -> Hold:
        row, held = _open(unit, hold_id, by, "promise", "payment")
        receives = any(line.account == by and line.amount > 0 for line in held.lines)
        if not receives and held.kind == "promise":
            raise NotAllowed("a promise binds its payer until it expires; the payee may let it go")
        holds.end(unit, row, "void")
        return _view(unit, hold_id)

    return once(ledger, account=by, key=key, request=_request("void", hold_id), answer=Hold, work=work)


def sign(ledger: Ledger, *, key: str, by: str, hold_id: str) -> Transfer:
    """Sign a held payment as a signer of the business that pays; with the last signature it is posted.

    Raises `NotAllowed` for whoever is no signer, `WrongState` once it ended or ran out, `Unknown`.
    """

    def work(unit: UnitOfWork) -> Transfer:
        row = holds.one(unit.connection, hold_id, lock=True)
        lines = holds.lines_of(unit.connection, hold_id) if row is not None else ()
        businesses = [line.account for line in lines if line.amount < 0]
        for_whom = [one for one in businesses if by in signing.signers(unit.connection, one)]
        if row is None or not for_whom:
            raise Unknown(f'there is no payment "{hold_id}" that waits for your signature')
        _expect_open(unit, row)
        for business in for_whom:
            signing.sign(unit, hold_id, business, by)
        held = holds.view(unit.connection, row)
        waits = signing.needed(unit, net(held.lines))
        if any(signing.signed(unit.connection, hold_id, payer) < wanted for payer, wanted in waits.items()):
            return transfers.as_waiting(held)
        # A promise waits for its payer's or payee's word; a payment was asked for already.
        return _post(unit, row, held) if row.kind == "payment" else transfers.as_waiting(held)

    return once(ledger, account=by, key=key, request=_request("sign", hold_id), answer=Transfer, work=work)


def view(ledger: Ledger, *, by: str, hold_id: str) -> Hold:
    """A promise, for its parties and signers. Raises `Unknown` for everybody else."""
    with ledger.reading() as connection:
        row = holds.one(connection, hold_id)
        held = holds.view(connection, row) if row is not None else None
        parties = {line.account for line in held.lines} if held else set()
        if held is None or not (by in parties or any(by in signing.signers(connection, one) for one in parties)):
            raise Unknown(f'there is no promise "{hold_id}" among yours')
        return held


def expire_due(ledger: Ledger) -> int:
    """End the promises that ran out, some at a time; how many they were. Nothing happens to what ends otherwise."""
    ended = 0
    while True:
        now = instant_text(ledger.clock())
        with ledger.reading() as connection:
            due = connection.execute(
                select(hold.c.id)
                .where(hold.c.state == "open", hold.c.expires_at.is_not(None), hold.c.expires_at <= now)
                .order_by(hold.c.expires_at, hold.c.id)
                .limit(_AT_ONCE)
            ).scalars().all()  # fmt: skip
        if not due:
            return ended
        ended += sum(ledger.transact(partial(_expire, hold_id=one)) for one in due)


def _expire(unit: UnitOfWork, hold_id: str) -> bool:
    row = holds.one(unit.connection, hold_id, lock=True)
    if row is None or row.state != "open" or row.expires_at is None or row.expires_at > unit.now:
        return False
    holds.end(unit, row, "expired")
    return True


def _open(unit: UnitOfWork, hold_id: str, by: str, *kinds: str) -> tuple[Row[Any], Hold]:
    row = holds.one(unit.connection, hold_id, lock=True)
    held = holds.view(unit.connection, row) if row is not None and row.kind in kinds else None
    if row is None or held is None or by not in {line.account for line in held.lines}:
        raise Unknown(f'there is no promise "{hold_id}" among yours')
    _expect_open(unit, row)
    return row, held


def _expect_open(unit: UnitOfWork, row: Row[Any]) -> None:
    if row.state != "open":
        raise WrongState(f"this promise is {row.state} already")
    if row.expires_at is not None and row.expires_at <= unit.now:
        raise WrongState(f"this promise ran out on {row.expires_at[:10]}; make a new one")


def _post(unit: UnitOfWork, row: Row[Any], held: Hold) -> Transfer:
    lines = holds.end(unit, row, "posted")
    posted = transfers.post(
        unit, kind="payment", made_by=held.made_by, lines=lines, memo=held.memo, reference=held.id, promised=True
    )
    unit.connection.execute(update(hold).where(hold.c.id == held.id).values(transfer=posted.id))
    return posted


def _view(unit: UnitOfWork, hold_id: str) -> Hold:
    row = holds.one(unit.connection, hold_id)
    assert row is not None
    return holds.view(unit.connection, row)


def _request(operation: str, hold_id: str) -> dict[str, Any]:
    return {"operation": operation, "hold": hold_id}
