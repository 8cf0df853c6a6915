"""Reading trades: one with everything that was said of it, a party's list, a leg's frozen record."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Sequence
from datetime import date
from fractions import Fraction
from typing import Any

from sqlalchemy import Connection, Row, and_, bindparam, or_, select

from ledger.books import accounts
from ledger.books.errors import Unknown
from ledger.books.store import Ledger
from ledger.books.units import rounded
from ledger.community.fee import fee_lines, payer_and_payee
from ledger.policy import crises
from ledger.policy.dated import Policies, Policy
from ledger.tables import account, fmv_record, leg, offer, trade, trade_step, trade_word
from ledger.trading import insurance, money, needs
from ledger.trading import legs as leg_rows
from ledger.trading.fairness import Fairness, weigh
from ledger.trading.legs import Leg
from ledger.trading.trade_view import (
    Encouragement,
    Fee,
    LegView,
    OfferView,
    Party,
    StepView,
    Trade,
    TradeLine,
    TradeList,
)
from warehouse.errors import BadInput

OPEN = ("proposed", "accepted", "disputed")
MOST_LISTED = 100
# What every step of a trade asks for is built once.
_TRADE = select(trade).where(trade.c.id == bindparam("of"))
_OFFERS = select(offer).where(offer.c.trade == bindparam("of")).order_by(offer.c.number)
_STEPS = select(trade_step).where(trade_step.c.trade == bindparam("of")).order_by(trade_step.c.number)
_WORDS = select(trade_word).where(trade_word.c.trade == bindparam("of"))


def view(ledger: Ledger, *, by: str, trade_id: str, as_treasurer: bool = False) -> Trade:
    """A trade as its parties see it, and a treasurer while it is disputed.

    Raises `Unknown` for everybody else, as if it were not there.
    """
    with ledger.reading() as connection:
        row = connection.execute(select(trade).where(trade.c.id == trade_id)).one_or_none()
        judge = as_treasurer and row is not None and row.state == "disputed"
        if row is None or not (judge or by in (row.proposer, row.counterparty)):
            raise Unknown(f'there is no trade "{trade_id}" among yours')
        return read(connection, trade_id, ledger.policies)


def listing(
    ledger: Ledger, *, by: str, after: str | None = None, limit: int = 20, state: str | None = None
) -> TradeList:
    """A party's trades, the newest first, from behind the trade `after`. Raises `Unknown` where that is not theirs."""
    if not 1 <= limit <= MOST_LISTED:
        raise BadInput(f"a page has 1 to {MOST_LISTED} trades")
    mine = or_(trade.c.proposer == by, trade.c.counterparty == by)
    query = select(trade).where(mine).order_by(trade.c.proposed_at.desc(), trade.c.id.desc()).limit(limit + 1)
    if state is not None:
        query = query.where(trade.c.state == state)
    with ledger.reading() as connection:
        if after is not None:
            last = connection.execute(select(trade).where(mine, trade.c.id == after)).one_or_none()
            if last is None:
                raise Unknown(f'there is no trade "{after}" among yours to go on from')
            at, id = trade.c.proposed_at, trade.c.id
            query = query.where(or_(at < last.proposed_at, and_(at == last.proposed_at, id < last.id)))
        rows = connection.execute(query).all()
        lines = _lines(connection, rows[:limit], by)
    return TradeList(trades=lines, next=rows[limit - 1].id if len(rows) > limit else None)


def fmv_content(ledger: Ledger, *, by: str, trade_id: str, position: int) -> bytes:
    """The frozen FMV record of one leg, byte for byte. Raises `Unknown` for everybody but the two parties."""
    query = (
        select(fmv_record.c.content)
        .join(leg, leg.c.fmv_sha256 == fmv_record.c.sha256)
        .join(trade, trade.c.id == leg.c.trade)
        .where(trade.c.id == trade_id, leg.c.position == position)
        .where((trade.c.proposer == by) | (trade.c.counterparty == by))
    )
    with ledger.reading() as connection:
        content = connection.execute(query).scalar_one_or_none()
    if content is None:
        raise Unknown(f'there is no leg {position} of a trade "{trade_id}" among yours')
    return bytes(content)


def open_snapshots(ledger: Ledger) -> set[str]:
    """The snapshots that the values of open trades were computed from; they are not to be pruned."""
    query = (
        select(fmv_record.c.snapshot)
        .distinct()
        .join(leg, leg.c.fmv_sha256 == fmv_record.c.sha256)
        .join(trade, trade.c.id == leg.c.trade)
        .where(trade.c.state.in_(OPEN), fmv_record.c.snapshot.is_not(None))
    )
    with ledger.reading() as connection:
        return set(connection.execute(query).scalars())


def read(connection: Connection, trade_id: str, policies: Policies) -> Trade:
    """A trade with everything that belongs to it."""
    row = connection.execute(_TRADE, {"of": trade_id}).one()
    offers = _offers(connection, trade_id)
    newest = offers[-1]
    # An offer is weighed by the policy of the day it was made, whatever came after.
    day = date.fromisoformat(newest.made_at[:10])
    policy = crises.in_force(connection, policies.on(day), day)
    parties = {id: accounts.one(connection, id) for id in (row.proposer, row.counterparty)}
    legs = leg_rows.of_trade(connection, trade_id, row.offer)
    steps = _steps(connection, trade_id)
    said = connection.execute(_WORDS, {"of": trade_id}).all()
    fairness = fairness_of(legs, row.proposer, policy.reason_above_percent)
    return Trade(
        id=row.id,
        state=row.state,
        proposer=Party(id=row.proposer, name=parties[row.proposer].name),
        counterparty=Party(id=row.counterparty, name=parties[row.counterparty].name),
        legs=tuple(LegView.of(each, "proposer" if each.giver == row.proposer else "counterparty") for each in legs),
        fairness=fairness,
        reason=row.reason,
        terms_sha256=row.terms_sha256,
        transfer=row.transfer,
        confirmed_by=tuple(sorted(each.account for each in said if each.word == "confirm")),
        cancel_asked_by=tuple(sorted(each.account for each in said if each.word == "cancel")),
        proposed_at=row.proposed_at,
        accepted_at=row.accepted_at,
        done_at=row.done_at,
        cancelled_at=row.cancelled_at,
        turn=_other(row, newest.made_by) if row.state == "proposed" else None,
        deliver_by=newest.deliver_by,
        offers=offers,
        steps=steps,
        escrow=row.escrow is not None,
        fee=_fee(row, legs, policy),
        insurance=_insured(row, legs, policy),
        encouragement=encouragement(policy, newest.miles, min(fairness.proposer.agreed, fairness.counterparty.agreed)),
        needs=needs.missing(policy, money.k_moved(legs), steps) if row.state in OPEN else (),
        share_percent=row.share_percent,
        cause=row.cause,
        at_fault=row.at_fault,
        schedule=row.schedule,
    )


def lacking(connection: Connection, row: Row[Any], policies: Policies) -> tuple[str, ...]:
    """What an accepted trade still needs besides the parties' words before it may be done."""
    made = connection.execute(
        select(offer.c.made_at).where(offer.c.trade == row.id, offer.c.number == row.offer)
    ).scalar_one()
    policy = policies.on(date.fromisoformat(made[:10]))
    if policy.sections.witnesses is None:
        return ()
    legs = leg_rows.of_trade(connection, row.id, row.offer)
    return needs.missing(policy, money.k_moved(legs), _steps(connection, row.id))


def fairness_of(legs: Sequence[Leg], proposer: str, above_percent: int) -> Fairness:
    """How fair the legs are to both sides."""
    by_proposer, by_other = sides(legs, proposer)
    return weigh([each.worth for each in by_proposer], [each.worth for each in by_other], above_percent)


def sides(legs: Sequence[Leg], proposer: str) -> tuple[list[Leg], list[Leg]]:
    """What the proposer gives, and what the other gives."""
    return [each for each in legs if each.giver == proposer], [each for each in legs if each.giver != proposer]


def encouragement(policy: Policy, miles: int | None, smaller: int) -> Encouragement | None:
    """What the community says for a trade over that distance; None where it, or the distance, says nothing."""
    local = policy.sections.local
    if local is None or miles is None:
        return None
    percent = local.percent(miles)
    return Encouragement(miles=miles, percent=percent, amount=rounded(Fraction(smaller * percent, 100)))


def fee_by(policy: Policy, row: Row[Any], legs: Sequence[Leg], pool: str) -> tuple[int, int]:
    """What the proposer and the counterparty pay of the fee by a policy, in rails."""
    by_proposer, by_other = sides(legs, row.proposer)
    payer, payee = _payer_and_payee(row, legs)
    base = money.fee_base(by_proposer, by_other)
    lines = fee_lines(policy, base=base, payer=payer, payee=payee, pool=pool)
    return money.fee_of(lines, row.proposer), money.fee_of(lines, row.counterparty)


def insured_by(policy: Policy, row: Row[Any], legs: Sequence[Leg]) -> tuple[int, int]:
    """What the proposer and the counterparty pay into the insurance for the trade's services by a policy, in rails."""
    paid = insurance.contributions(policy, legs, _payer_and_payee(row, legs)[0])
    return paid[row.proposer], paid[row.counterparty]


def _payer_and_payee(row: Row[Any], legs: Sequence[Leg]) -> tuple[str, str]:
    by_proposer, by_other = sides(legs, row.proposer)
    gives, gets = (sum(each.worth.agreed for each in side) for side in (by_proposer, by_other))
    pays = money.k_moved(by_proposer) - money.k_moved(by_other)
    return payer_and_payee(proposer=row.proposer, counterparty=row.counterparty, gives=gives, gets=gets, pays=pays)


def _insured(row: Row[Any], legs: Sequence[Leg], policy: Policy) -> Fee:
    if row.state == "proposed":
        mine, other = insured_by(policy, row, legs)
        return Fee(proposer=mine, counterparty=other, foreseen=True)
    return Fee(proposer=row.insurance_proposer, counterparty=row.insurance_counterparty, foreseen=False)


def _fee(row: Row[Any], legs: Sequence[Leg], policy: Policy) -> Fee:
    if row.state == "proposed":
        mine, other = fee_by(policy, row, legs, "the pool")
        return Fee(proposer=mine, counterparty=other, foreseen=True)
    return Fee(proposer=row.fee_proposer, counterparty=row.fee_counterparty, foreseen=False)


def _other(row: Row[Any], by: str) -> str:
    return str(row.counterparty if by == row.proposer else row.proposer)


def _offers(connection: Connection, trade_id: str) -> tuple[OfferView, ...]:
    rows = connection.execute(_OFFERS, {"of": trade_id})
    return tuple(OfferView.model_validate({n: v for n, v in row._mapping.items() if n != "trade"}) for row in rows)


def _steps(connection: Connection, trade_id: str) -> tuple[StepView, ...]:
    rows = connection.execute(_STEPS, {"of": trade_id})
    return tuple(
        StepView(
            step=row.step, by=row.account, at=row.at, note=row.note, percent=row.percent, photo_sha256=row.photo_sha256
        )
        for row in rows
    )


def _lines(connection: Connection, rows: Sequence[Row[Any]], by: str) -> tuple[TradeLine, ...]:
    ids = [row.id for row in rows]
    others = {_other(row, by) for row in rows}
    named = connection.execute(select(account.c.id, account.c.name).where(account.c.id.in_(others)))
    names = {each.id: each.name for each in named}
    makers = {
        (each.trade, each.number): each.made_by
        for each in connection.execute(select(offer).where(offer.c.trade.in_(ids)))
    }
    said = {(each.trade, each.account) for each in connection.execute(
        select(trade_word).where(trade_word.c.trade.in_(ids), trade_word.c.word == "confirm")
    )}  # fmt: skip
    words: defaultdict[tuple[str, int, bool], list[str]] = defaultdict(list)
    for each in connection.execute(select(leg).where(leg.c.trade.in_(ids)).order_by(leg.c.trade, leg.c.position)):
        words[each.trade, each.offer, each.giver == by].append(_in_words(each))
    return tuple(
        TradeLine(
            id=row.id,
            state=row.state,
            other=Party(id=_other(row, by), name=names[_other(row, by)]),
            gives=tuple(words[row.id, row.offer, True]),
            gets=tuple(words[row.id, row.offer, False]),
            waits_for_me=(row.state == "proposed" and makers[row.id, row.offer] != by)
            or (row.state == "accepted" and (row.id, by) not in said)
            or row.state == "disputed",
            proposed_at=row.proposed_at,
            ended_at=row.done_at or row.cancelled_at,
        )
        for row in rows
    )


def _in_words(row: Row[Any]) -> str:
    return str(row.description) if row.quantity == "1" else f"{row.quantity} × {row.description}"
