"""Values of things as they are published, and the notices that follow: "you may be sitting on something".

Values come in as data; the ledger knows no market. A batch is judged in one transaction behind locks on its things.
Judging the same again puts nothing: a notice needs a value well above the highest that was told, or a new period.
"""

from __future__ import annotations

import json
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from typing import Any

from sqlalchemy import Connection, delete, func, select, tuple_, update

from ledger.books.store import Ledger, UnitOfWork, insert_new
from ledger.owned.thing_rules import Rise, Rules, Worth, is_new_period, rules, worth_notably_more
from ledger.owned.thing_words import Demand, told_demand, told_worth
from ledger.owned.things import NOTICE_KIND, Looked, Thing, Valued, causes_of, told
from ledger.tables import notice, thing, thing_value
from ledger.watching import outbox
from ledger.watching.outbox import Draft, Notice

BATCH = 500


@dataclass(frozen=True, slots=True, kw_only=True)
class Seen:
    """What the market shows for a thing as it was asked about (`question`).

    `rate` is what one unit of the currency values are formed in is in the value's; `demand` what has risen, if anything
    has.
    """

    thing: str
    question: str
    value: Valued
    rate: Decimal = Decimal(1)
    product: str | None = None
    category: str | None = None
    demand: Demand | None = None


@dataclass(frozen=True, slots=True)
class _Memory:
    """What was told of a thing's present question: the highest value, and the last period of demand."""

    value: Decimal | None = None
    period: date | None = None


def batch(ledger: Ledger, *, after: str = "", limit: int = BATCH) -> list[Thing]:
    """Things of all accounts in the order of their ids, from the one after `after` on: what there is to value."""
    with ledger.reading() as connection:
        rows = connection.execute(select(thing).where(thing.c.id > after).order_by(thing.c.id).limit(limit)).all()
    return [told(row) for row in rows]


def judge(ledger: Ledger, seen: Sequence[Seen]) -> list[Notice]:
    """Keep the values of a batch of things and say what follows; returns the notices that were put or repeated.

    A thing that was removed meanwhile, or asks another question now, is left alone.
    """
    by_id = {each.thing: each for each in seen}

    def work(unit: UnitOfWork) -> list[Notice]:
        rows = unit.connection.execute(
            select(thing).where(thing.c.id.in_(by_id)).order_by(thing.c.id).with_for_update()
        ).all()
        there = [told(row) for row in rows if row.question == by_id[row.id].question]
        memories = _memories(unit.connection, there)
        put: list[Notice] = []
        for each in there:
            _keep(unit, each, by_id[each.id])
            for draft in _drafts(each, by_id[each.id], memories.get(each.id, _Memory()), rules()):
                said = outbox.put_within(unit, draft)
                put += [said] if said is not None else []
        _prune(unit, [each.id for each in there], rules().values)
        return put

    return ledger.transact(work)


def _keep(unit: UnitOfWork, each: Thing, seen: Seen) -> None:
    value = seen.value.model_dump()
    checked = Looked(**value, at=unit.now, product=seen.product, category=seen.category)
    unit.connection.execute(update(thing).where(thing.c.id == each.id).values(checked=checked.model_dump_json()))
    insert_new(unit.connection, thing_value, [{"thing": each.id, **value}])


def _prune(unit: UnitOfWork, ids: list[str], most: int) -> None:
    # Snapshots' ids begin with their moment, so the newest sort last.
    place = func.row_number().over(partition_by=thing_value.c.thing, order_by=thing_value.c.snapshot.desc())
    ranked = select(thing_value.c.thing, thing_value.c.snapshot, place.label("place")).where(
        thing_value.c.thing.in_(ids)
    )
    rows = ranked.subquery()
    old = select(rows.c.thing, rows.c.snapshot).where(rows.c.place > most)
    unit.connection.execute(delete(thing_value).where(tuple_(thing_value.c.thing, thing_value.c.snapshot).in_(old)))


def _drafts(each: Thing, seen: Seen, memory: _Memory, by: Rules) -> list[Draft]:
    if each.owned.quantity == 0:
        return []
    drafts = []
    value = seen.value
    now = Worth(_decimal(value.fmv), _decimal(value.low), seen.rate, value.confidence or "D")
    if worth_notably_more(each.owned.belief, now, memory.value, by):
        subject, body = told_worth(each, value)
        evidence = f"{value.value_date} {value.fmv}"
        drafts.append(_draft(each, "worth", evidence, subject, body, {"value": value.model_dump()}))
    demand = seen.demand
    if demand is not None and is_new_period(memory.period, demand.until, by):
        subject, body = told_demand(each, demand, value, by.days)
        data = {"until": str(demand.until), "level": demand.level, **_figures(demand)}
        drafts.append(_draft(each, "demand", f"{demand.until} {demand.level}", subject, body, data))
    return drafts


def _draft(each: Thing, cause: str, evidence: str, subject: str, body: str, data: dict[str, Any]) -> Draft:
    return Draft(
        account=each.account,
        kind=NOTICE_KIND,
        cause=f"{each.id}:{cause}",
        evidence=evidence,
        subject=subject,
        body=body,
        data={"thing": each.id, "cause": cause, **data},
    )


def _figures(demand: Demand) -> dict[str, Any]:
    rises: dict[str, Rise | None] = {"wanted": demand.wanted, "gone": demand.gone}
    return {
        name: None
        if rise is None
        else {
            "now": rise.now,
            "before": rise.before,
            "expected": f"{rise.expected:.1f}",
            "chance": f"{rise.chance:.2g}",
        }
        for name, rise in rises.items()
    }


def _memories(connection: Connection, things: list[Thing]) -> dict[str, _Memory]:
    """What was told of each thing, in notices that are open or dismissed; of another question none are kept."""
    by_cause = {cause: each for each in things for cause in causes_of(each.id)}
    rows = connection.execute(
        select(notice.c.data).where(
            notice.c.account.in_({each.account for each in things}), notice.c.cause.in_(by_cause)
        )
    )
    memories: dict[str, _Memory] = {}
    for row in rows:
        data = json.loads(row.data)
        each = by_cause[f"{data['thing']}:{data['cause']}"]
        known = memories.get(each.id, _Memory())
        if data["cause"] == "worth":
            value = Decimal(data["value"]["fmv"])
            known = _Memory(value if known.value is None else max(known.value, value), known.period)
        else:
            until = date.fromisoformat(data["until"])
            known = _Memory(known.value, until if known.period is None else max(known.period, until))
        memories[each.id] = known
    return memories


def _decimal(text: str | None) -> Decimal | None:
    return None if text is None else Decimal(text)
