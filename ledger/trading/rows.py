"""A trade's row and what was said of it, inside a unit of work: locked first, changed last."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from sqlalchemy import Connection, Row, bindparam, func, insert, select, update

from ledger.books.errors import Unknown, WrongState
from ledger.books.idempotency import once
from ledger.books.store import Ledger, UnitOfWork, insert_new
from ledger.tables import trade, trade_step, trade_word
from ledger.trading import reading
from ledger.trading.trade_view import Trade
from warehouse.errors import BadInput

LONGEST_TEXT = 1000
_LOCKED = select(trade).where(trade.c.id == bindparam("of")).with_for_update()


def step(
    ledger: Ledger,
    key: str,
    by: str,
    trade_id: str,
    operation: str,
    work: Callable[[UnitOfWork, Row[Any]], None],
    **said: Any,
) -> Trade:
    """Do `work` once with the trade's locked row, for one of its parties; the trade as it then stands."""
    request = {
        "operation": operation,
        "trade": trade_id,
        **{name: value for name, value in said.items() if value is not None},
    }

    def taken(unit: UnitOfWork) -> Trade:
        work(unit, locked(unit, trade_id, by))
        return reading.read(unit.connection, trade_id, unit.policies)

    return once(ledger, account=by, key=key, request=request, answer=Trade, work=taken)


def locked(unit: UnitOfWork, trade_id: str, by: str | None) -> Row[Any]:
    """A trade's row, held until the unit of work ends. Raises `Unknown` where `by` is none of its parties; None: the
    house itself asks."""
    row = unit.connection.execute(_LOCKED, {"of": trade_id}).one_or_none()
    if row is None or (by is not None and by not in (row.proposer, row.counterparty)):
        raise Unknown(f'there is no trade "{trade_id}" among yours')
    return row


def other_than(row: Row[Any], by: str) -> str:
    """The other party."""
    return str(row.counterparty if by == row.proposer else row.proposer)


def expect(row: Row[Any], verb: str, *states: str) -> None:
    """Raise `WrongState` unless the trade is in one of `states`."""
    if row.state not in states:
        raise WrongState(f"this trade is {row.state}; one can {verb} a trade that is {' or '.join(states)}")


def change(unit: UnitOfWork, trade_id: str, **values: Any) -> None:
    """Write a locked trade's new values."""
    changed = unit.connection.execute(update(trade).where(trade.c.id == trade_id).values(**values))
    assert changed.rowcount == 1, "the trade was locked before"


def say(unit: UnitOfWork, trade_id: str, account: str, word: str) -> bool:
    """Keep a party's word; False where it was said before."""
    row = {"trade": trade_id, "account": account, "word": word, "said_at": unit.now}
    return insert_new(unit.connection, trade_word, [row]) == 1


def who_said(connection: Connection, trade_id: str, word: str) -> list[str]:
    """Who has said a word, in the order of ids."""
    query = select(trade_word.c.account).where(trade_word.c.trade == trade_id, trade_word.c.word == word)
    return sorted(connection.execute(query).scalars())


def note(
    unit: UnitOfWork,
    trade_id: str,
    account: str,
    step: str,
    text: str | None = None,
    *,
    percent: int | None = None,
    photo: str | None = None,
) -> None:
    """Add a step to a locked trade's history."""
    last = unit.connection.execute(
        select(func.max(trade_step.c.number)).where(trade_step.c.trade == trade_id)
    ).scalar_one()
    unit.connection.execute(
        insert(trade_step).values(
            trade=trade_id,
            number=(last or 0) + 1,
            account=account,
            step=step,
            note=text,
            percent=percent,
            photo_sha256=photo,
            at=unit.now,
        )
    )


def steps(connection: Connection, trade_id: str, step: str) -> list[Row[Any]]:
    """The steps of one kind, in their order."""
    query = select(trade_step).where(trade_step.c.trade == trade_id, trade_step.c.step == step)
    return list(connection.execute(query.order_by(trade_step.c.number)).all())


def checked_text(text: str | None, what: str) -> str | None:
    """A person's text as it is kept; None for an empty one. Raises `BadInput`."""
    stated = (text or "").strip()
    if len(stated) > LONGEST_TEXT or "\x00" in stated:
        raise BadInput(f"{what} is a text of at most {LONGEST_TEXT} characters")
    return stated or None
