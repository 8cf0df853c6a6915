"""What a trade holds from acceptance on, how it moves when the trade is done, and how it comes back when it is not.

Directly:        the lines of the legs and of the fee are held, and posted when the trade is done.
Through escrow:  the givers' K and minutes move to the house's escrow account at once; held are the ways out of it to
                 the receivers, and the fee. They are posted when the trade is done; else everything goes back.

All limits are checked at acceptance, the fee's included, so that the last confirmation cannot fail by one.
"""

from __future__ import annotations

from collections.abc import Sequence
from fractions import Fraction
from typing import Any

from sqlalchemy import Row, or_, select

from ledger.books import accounts, holds, signing, standings, transfers
from ledger.books.errors import LimitReached, WrongState
from ledger.books.lines import Line, net
from ledger.books.store import UnitOfWork
from ledger.books.transfers import Transfer
from ledger.books.units import k_text, rounded
from ledger.tables import trade
from ledger.trading import legs as leg_rows
from ledger.trading import money, reading
from ledger.trading.legs import Leg


def promise(unit: UnitOfWork, row: Row[Any], legs: Sequence[Leg], by: str) -> dict[str, Any]:
    """Hold what the trade moves and its fee; the values that its row gets by it.

    Raises `LimitReached` where a side cannot pay or take it, `WrongState` where a business's signatures are missing.
    """
    lines = money.moved(legs)
    pool, fee = fee_for(unit, row, legs)
    fund, insured = insurance_for(unit, row, legs)
    fee_lines = (
        *money.fee_again(row.proposer, row.counterparty, pool or "", *fee),
        *money.fee_again(row.proposer, row.counterparty, fund or "", *insured),
    )
    _check_signed(unit, row, [*lines, *fee_lines])
    keeper = _keeper(unit, row, legs)
    if keeper is not None:
        paid_in = money.into(lines, keeper)
        # All balances are locked before the transfer takes the end of the chain.
        standings.locked(unit, net([*lines, *paid_in, *fee_lines]))
        _post(unit, row, by, "escrow", paid_in)
    held = (*(lines if keeper is None else money.out_of(lines, keeper)), *fee_lines)
    if held:
        try:
            holds.reserve(unit, kind="trade", made_by=by, lines=held, reference=row.id, daily=keeper is None)
        except LimitReached as error:
            raise _with_fee(error, fee, insured) from error
    return {"escrow": keeper, **taken(pool, fee, fund, insured)}


def taken(pool: str | None, fee: Sequence[int], fund: str | None, insured: Sequence[int]) -> dict[str, Any]:
    """The values of a trade's row that say what the community takes of each side, and into which accounts."""
    return {
        "fee_proposer": fee[0],
        "fee_counterparty": fee[1],
        "fee_to": pool,
        "insurance_proposer": insured[0],
        "insurance_counterparty": insured[1],
        "insurance_to": fund,
    }


def post(unit: UnitOfWork, row: Row[Any], by: str) -> Transfer:
    """Move what is held. A finished trade leaves a transfer with its terms; one that moves nothing, two lines of 0."""
    held = holds.settle(unit, reference=row.id, into="posted")
    lines = held or (Line(account=row.proposer, amount=0), Line(account=row.counterparty, amount=0))
    return _post(unit, row, by, "trade", lines, promised=True)


def give_back(unit: UnitOfWork, row: Row[Any], by: str) -> None:
    """Free what is held; what is in escrow goes back. Raises `LimitReached` where a giver has no room for it."""
    holds.settle(unit, reference=row.id, into="void", daily=row.escrow is None)
    if row.escrow is not None:
        lines = money.moved(leg_rows.of_trade(unit.connection, row.id, row.offer))
        _post(unit, row, by, "escrow", money.back(lines, row.escrow), daily=False)


def split(unit: UnitOfWork, row: Row[Any], by: str, percent: int) -> tuple[Transfer, dict[str, Any]]:
    """Move `percent` of what the legs move, and so much of the fee and the contributions to the insurance; the rest is
    freed or goes back. With the transfer come the values that the trade's row gets by it."""
    holds.settle(unit, reference=row.id, into="void", daily=row.escrow is None)
    lines = money.moved(leg_rows.of_trade(unit.connection, row.id, row.offer))
    parts = money.shared(lines, percent, keeper=row.escrow)
    fee, insured = (
        [rounded(Fraction(each * percent, 100)) for each in held]
        for held in (
            (row.fee_proposer, row.fee_counterparty),
            (row.insurance_proposer, row.insurance_counterparty),
        )
    )
    parts += money.fee_again(row.proposer, row.counterparty, row.fee_to or "", *fee)
    parts += money.fee_again(row.proposer, row.counterparty, row.insurance_to or "", *insured)
    parts = parts or (Line(account=row.proposer, amount=0), Line(account=row.counterparty, amount=0))
    posted = _post(unit, row, by, "trade", parts, daily=False)
    return posted, taken(row.fee_to, fee, row.insurance_to, insured)


def _post(
    unit: UnitOfWork,
    row: Row[Any],
    by: str,
    kind: str,
    lines: Sequence[Line],
    *,
    promised: bool = False,
    daily: bool = True,
) -> Transfer:
    return transfers.post(
        unit,
        kind=kind,
        made_by=by,
        lines=lines,
        reference=row.id,
        terms_sha256=row.terms_sha256,
        promised=promised,
        daily=daily,
    )


def fee_for(unit: UnitOfWork, row: Row[Any], legs: Sequence[Leg]) -> tuple[str | None, tuple[int, int]]:
    """The account that gets the fee by today's policy (None: there is none), and what each side pays, in rails."""
    rule = unit.policy.sections.fee
    if rule is None:
        return None, (0, 0)
    pool = accounts.house(unit, rule.into).id
    fee = reading.fee_by(unit.policy, row, legs, pool)
    return (pool if any(fee) else None), fee


def insurance_for(unit: UnitOfWork, row: Row[Any], legs: Sequence[Leg]) -> tuple[str | None, tuple[int, int]]:
    """The account that gets the contributions for the trade's services (None: there are none), and what each side pays,
    in rails."""
    rule, insured = unit.policy.sections.insurance, reading.insured_by(unit.policy, row, legs)
    if rule is None or not any(insured):
        return None, (0, 0)
    return accounts.house(unit, rule.into).id, insured


def _keeper(unit: UnitOfWork, row: Row[Any], legs: Sequence[Leg]) -> str | None:
    """The escrow account where the policy wants what the trade moves to be kept; None where it does not."""
    rule = unit.policy.sections.escrow
    if rule is None or not money.moved(legs):
        return None
    # Time credits alone are kept for newcomers as K is; the amount above which everybody's is kept is one of K.
    amount = money.k_moved(legs) or 1
    fewest = min(finished(unit, side, rule.trades_below) for side in (row.proposer, row.counterparty))
    return accounts.house(unit, "escrow").id if rule.needed(amount, fewest) else None


def finished(unit: UnitOfWork, account: str, most: int) -> int:
    """How many trades an account has finished, counted up to `most`."""
    mine = or_(trade.c.proposer == account, trade.c.counterparty == account)
    query = select(trade.c.id).where(mine, trade.c.state == "done").limit(most)
    return len(unit.connection.execute(query).all())


def _check_signed(unit: UnitOfWork, row: Row[Any], lines: Sequence[Line]) -> None:
    for business, wanted in signing.needed(unit, net(lines)).items():
        there = signing.signed(unit.connection, row.terms_sha256, business)
        if there < wanted:
            raise WrongState(
                f"this trade waits for signatures of {accounts.one(unit.connection, business).name}: "
                f"{there} of {wanted} signers have signed its terms {row.terms_sha256}"
            )


def _with_fee(error: LimitReached, fee: tuple[int, int], insured: tuple[int, int]) -> LimitReached:
    counted = [f"the community's fee of {k_text(sum(fee))} K"] if any(fee) else []
    counted += [f"what the insurance gets, {k_text(sum(insured))} K,"] if any(insured) else []
    if not counted:
        return error
    are = "is" if len(counted) == 1 else "are"
    stop = "stops" if len(counted) == 1 else "stop"
    return LimitReached(f"{error}; {' and '.join(counted)} {are} counted, and {stop} this trade if too much")
