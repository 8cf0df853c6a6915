"""Running a rule for a period, and the dry run of it.

A run is planned as a whole in one unit of work: the shares of all accounts are written down, and where they would break
the cap of an account of the house the run is refused and nothing is kept. Then the shares are moved, some hundred at a
time, each as a transfer of its own. A run that was interrupted goes on where it stood, by the same plan; one that is
done stays done. The dry run is the plan, made by the same function, and writes nothing.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any, Literal

from pydantic import BaseModel, ConfigDict
from sqlalchemy import Connection, Row, delete, func, insert, select, update

from ledger.books import accounts, audit_log
from ledger.books.errors import LimitReached
from ledger.books.idempotency import once
from ledger.books.lines import Place
from ledger.books.store import Ledger, UnitOfWork, insert_new, instant_text
from ledger.books.units import K
from ledger.community import essentials
from ledger.community.asked import Asked, Rule
from ledger.community.plan import HouseEffect, Plan, Share, fit, plan_hash, sums
from ledger.community.rules import rule as named
from ledger.community.settling import settle
from ledger.community.turn import take_turn
from ledger.policy.dated import HOUSE
from ledger.tables import account, balance, policy_run, policy_share

AT_ONCE = 500
State = Literal["open", "done", "nothing"]


@dataclass(frozen=True, slots=True)
class Moved:
    """What a run has moved: rails or minutes that `account` got (above zero) or paid, of what was planned. Both are the
    same unless the account stood otherwise by then."""

    account: str
    part: str
    house: str
    unit: str
    planned: int
    moved: int
    why: str
    transfer: str | None


@dataclass(frozen=True, slots=True)
class Run:
    """A run that is done; `done_at` is None where there was nothing to do. `again`: it was done before, and nothing was
    done now."""

    rule: str
    period: str
    moved: tuple[Moved, ...]
    done_at: str | None
    again: bool = False


def preview(ledger: Ledger, name: str, period: str | None = None) -> Plan:
    """What a run of the rule would do now, to whom, and why it would be refused. Nothing is written.

    Raises `BadInput` for a rule or period that is not there, `WrongState` where the rule has nothing to run now.
    """
    rule = named(name)
    with ledger.reading() as connection:
        at = Asked.at(connection, ledger.policies, instant_text(ledger.clock()))
        which = _period(rule, at, period)
        header = _header(connection, name, which)
        if header is None:
            return _plan(at, rule, which)
        if header.done_at is not None:
            return Plan(name, which, at.dated.holds_from, (), (), (f"was done on {header.done_at}; it is done once",))
        note = f"was begun on {header.opened_at}; this is what is left of it"
        return _with_houses(at, rule, which, _fitted(at, name, _left(connection, name, which)), (note,))


class _Begun(BaseModel):
    """The period that a request is for, and where its run stood by then: what its key stands for."""

    model_config = ConfigDict(frozen=True)

    period: str
    state: State


def run(ledger: Ledger, name: str, period: str | None = None, *, by: str, key: str | None = None) -> Run:
    """Run a rule for a period (None: the one that is due), or go on with what was interrupted.

    With a `key` of the account `by` the request stands for one period: sent again in a later month, it is that
    period's run that is told, and the next one is not begun.

    Raises what `preview` raises, and `LimitReached` where the whole of it would break the cap of an account of the
    house: nothing was done then.
    """
    rule = named(name)

    def begin(unit: UnitOfWork) -> _Begun:
        which, state = _open(unit, rule, period, by)
        return _Begun(period=which, state=state)

    if key is None:
        begun = ledger.transact(begin)
    else:
        request = {"operation": "run policy", "rule": name, "period": period}
        begun = once(ledger, account=by, key=key, request=request, answer=_Begun, work=begin)
    which, state = begun.period, begun.state
    if state == "nothing":
        return Run(name, which, (), done_at=None)
    while not ledger.transact(lambda unit: _go_on(unit, name, which)):
        pass
    return _view(ledger, name, which, again=state == "done")


def _open(unit: UnitOfWork, rule: Rule, period: str | None, by: str) -> tuple[str, State]:
    """Plan a run and write the plan down, unless it is there; the period, and where the run stands.

    Where there is nothing to do, nothing is written: it may be run again when there is.
    """
    at = Asked.at(unit.connection, unit.policies, unit.now)
    which = _period(rule, at, period)
    there = _header(unit.connection, rule.name, which)
    if there is not None:
        return which, "open" if there.done_at is None else "done"
    header = {
        "rule": rule.name,
        "period": which,
        "made_by": by,
        "policy_from": at.dated.holds_from.isoformat(),
        "plan_sha256": "",
        "opened_at": unit.now,
    }
    if not insert_new(unit.connection, policy_run, [header]):
        return which, "open"
    take_turn(unit)
    plan = _plan(at, rule, which)
    if plan.refusal is not None:
        raise LimitReached(plan.refusal)
    mine = (policy_run.c.rule == rule.name) & (policy_run.c.period == which)
    if not plan.shares:
        unit.connection.execute(delete(policy_run).where(mine))
        return which, "nothing"
    shares = [_row(plan, number, share) for number, share in enumerate(plan.shares, start=1)]
    told = plan_hash((each["account"], each["part"], each["house"], each["unit"], each["planned"]) for each in shares)
    unit.connection.execute(update(policy_run).where(mine).values(plan_sha256=told))
    unit.connection.execute(insert(policy_share), shares)
    audit_log.record(unit, actor=by, action="policy.run", rule=rule.name, period=which, shares=len(shares), plan=told)
    return which, "open"


def _go_on(unit: UnitOfWork, name: str, period: str) -> bool:
    """Move the next shares of a run; whether it is done."""
    mine = (policy_run.c.rule == name) & (policy_run.c.period == period)
    header = unit.connection.execute(select(policy_run).where(mine).with_for_update()).one()
    if header.done_at is not None:
        return True
    rows = _left(unit.connection, name, period, AT_ONCE)
    if name == essentials.NAME:
        essentials.give(unit, period, rows)
    settle(unit, name, period, rows, moves=_moves(name))
    if len(rows) < AT_ONCE:
        unit.connection.execute(update(policy_run).where(mine).values(done_at=unit.now))
        return True
    return False


def _period(rule: Rule, at: Asked, period: str | None) -> str:
    if period is None:
        # What was interrupted is ended before anything new is begun.
        begun = at.connection.execute(
            select(policy_run.c.period)
            .where(policy_run.c.rule == rule.name, policy_run.c.done_at.is_(None))
            .order_by(policy_run.c.opened_at)
            .limit(1)
        ).scalar_one_or_none()
        return begun or rule.period(at)
    there = _header(at.connection, rule.name, period)
    # What was begun may be ended, and looked at, whenever that is.
    if there is None:
        rule.check(at, period)
    return period


def _plan(at: Asked, rule: Rule, period: str) -> Plan:
    return _with_houses(at, rule, period, _fitted_shares(at, rule.name, rule.shares(at, period)), ())


def _fitted_shares(at: Asked, name: str, shares: Iterable[Share]) -> list[Share]:
    wanted = list(shares)
    if not _moves(name):
        return wanted
    standings = {
        place: each
        for unit in sorted({share.unit for share in wanted})
        for place, each in at.standings(accounts.KINDS, unit).items()
    }
    return fit(wanted, standings, at.today.isoformat())


def _fitted(at: Asked, name: str, rows: Iterable[Row[Any]]) -> list[Share]:
    shares = (Share(row.account, row.planned, row.house, row.why, row.part, row.unit, row.whole) for row in rows)
    return _fitted_shares(at, name, shares)


def _moves(name: str) -> bool:
    """Whether a run moves what it gives. A credit for essentials never enters its member's account: no limit of that
    is in its way."""
    return name != essentials.NAME


def _with_houses(at: Asked, rule: Rule, period: str, shares: list[Share], notes: tuple[str, ...]) -> Plan:
    effects = [_effect(at, rule, period, place, out, coming) for place, (out, coming) in sorted(sums(shares).items())]
    return Plan(rule.name, period, at.dated.holds_from, tuple(shares), tuple(effects), notes)


def _effect(at: Asked, rule: Rule, period: str, place: Place, out: int, coming: int) -> HouseEffect:
    name, unit = place
    row = at.connection.execute(
        select(balance.c.posted, balance.c.pending_out)
        .join(account, account.c.id == balance.c.account)
        .where(account.c.tier == HOUSE + name, balance.c.unit == unit)
    ).one_or_none()
    posted, pending = (row.posted, row.pending_out) if row is not None else (0, 0)
    others = func.sum(policy_share.c.planned)
    query = select(others).where(
        policy_share.c.house == name,
        policy_share.c.unit == unit,
        policy_share.c.planned > 0,
        policy_share.c.settled_at.is_(None),
        (policy_share.c.rule != rule.name) | (policy_share.c.period != period),
    )
    promised = int(at.connection.execute(query).scalar_one() or 0) + pending
    if unit == K:
        promised += essentials.promised(at.connection, name, at.today.isoformat())
    return HouseEffect(name, unit, posted, promised, out, coming, at.policy.house_account(name).limits[unit].floor)


def _row(plan: Plan, number: int, share: Share) -> dict[str, Any]:
    return {
        "rule": plan.rule,
        "period": plan.period,
        "number": number,
        "account": share.account,
        "part": share.part,
        "house": share.house,
        "unit": share.unit,
        "planned": share.amount,
        "whole": int(share.whole),
        "why": share.why,
    }


def _header(connection: Connection, name: str, period: str) -> Row[Any] | None:
    return connection.execute(
        select(policy_run).where(policy_run.c.rule == name, policy_run.c.period == period)
    ).one_or_none()


def _left(connection: Connection, name: str, period: str, most: int | None = None) -> list[Row[Any]]:
    query = (
        select(policy_share)
        .where(policy_share.c.rule == name, policy_share.c.period == period, policy_share.c.settled_at.is_(None))
        .order_by(policy_share.c.number)
        .limit(most)
    )
    return list(connection.execute(query))


def _view(ledger: Ledger, name: str, period: str, again: bool) -> Run:
    with ledger.reading() as connection:
        header = _header(connection, name, period)
        assert header is not None, "the run was opened before"
        rows = connection.execute(
            select(policy_share)
            .where(policy_share.c.rule == name, policy_share.c.period == period)
            .order_by(policy_share.c.number)
        )
        moved = tuple(
            Moved(row.account, row.part, row.house, row.unit, row.planned, row.moved, row.why, row.transfer)
            for row in rows
        )
    return Run(name, period, moved, header.done_at, again)
