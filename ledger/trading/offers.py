"""Offers: what a party puts on the table, with the value of every leg frozen on the day it was made."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any

from sqlalchemy import Connection, insert, select

from ledger.books.store import UnitOfWork
from ledger.tables import offer
from ledger.trading import legs as leg_rows
from ledger.trading.legs import MONEY, Leg, LegDraft
from ledger.trading.reading import fairness_of
from ledger.trading.rows import checked_text
from ledger.trading.terms import terms_hash
from warehouse.errors import BadInput

MOST_LEGS = 20
MOST_OFFERS = 20
# Further apart than any two places on Earth, in hundredths of a mile.
MOST_MILES = 12_500_00


@dataclass(frozen=True, slots=True, kw_only=True)
class Draft:
    """An offer as a party says it. `deliver_by` is a day (UTC); `miles` are hundredths of a mile between both."""

    legs: Sequence[LegDraft]
    reason: str | None = None
    deliver_by: date | None = None
    miles: int | None = None

    def said(self) -> dict[str, Any]:
        """The offer as part of a request."""
        out: dict[str, Any] = {
            "legs": [each.said() for each in self.legs],
            "reason": checked_text(self.reason, "a reason"),
        }
        out |= {} if self.deliver_by is None else {"deliver_by": self.deliver_by.isoformat()}
        return out | ({} if self.miles is None else {"miles": self.miles})


def make(
    unit: UnitOfWork,
    draft: Draft,
    *,
    trade_id: str,
    number: int,
    made_by: str,
    proposer: str,
    counterparty: str,
    behind: int,
) -> tuple[dict[str, Any], list[Leg]]:
    """Freeze an offer's legs, numbered from `behind` + 1 on; its row, and the legs to write with `write`.

    Raises `BadInput` for legs that make no trade, and where they are so far from fair that they ask for a reason and
    none is stated.
    """
    _check(draft, unit.today)
    frozen = freeze(unit, draft.legs, proposer=proposer, counterparty=counterparty, behind=behind)
    stated = checked_text(draft.reason, "a reason")
    fairness = fairness_of(frozen, proposer, unit.policy.reason_above_percent)
    if fairness.asks_reason and stated is None:
        raise BadInput(f"{' '.join(fairness.notices)} State a reason for this trade.")
    by = None if draft.deliver_by is None else draft.deliver_by.isoformat()
    row = {
        "trade": trade_id,
        "number": number,
        "made_by": made_by,
        "reason": stated,
        "terms_sha256": terms_hash(trade_id, proposer, counterparty, stated, [each.row() for each in frozen], by),
        "deliver_by": by,
        "miles": draft.miles,
        "made_at": unit.now,
    }
    return row, frozen


def write(unit: UnitOfWork, row: dict[str, Any], legs: Sequence[Leg]) -> None:
    """Write an offer and its legs; the trade is there before it."""
    unit.connection.execute(insert(offer), row)
    leg_rows.write(unit, row["trade"], legs, row["number"])


def freeze(
    unit: UnitOfWork, drafts: Sequence[LegDraft], *, proposer: str, counterparty: str, behind: int = 0
) -> list[Leg]:
    """Check that drafts make a trade, and freeze their values."""
    givers = [draft.giver for draft in drafts]
    if len(drafts) > MOST_LEGS or set(givers) != {"proposer", "counterparty"}:
        raise BadInput(
            f'both sides of a trade give something: at most {MOST_LEGS} legs, each "proposer" or "counterparty"'
        )
    for kind, name in (("k", "K"), ("minutes", "minutes"), ("cash", "cash")):
        if sum(draft.kind == kind for draft in drafts) > 1:
            raise BadInput(f"a trade has one leg of {name}, from one side: the difference")
    if all(draft.kind in MONEY for draft in drafts):
        raise BadInput("K, minutes and cash alone are transfers, not a trade: something or some time is traded")
    frozen = []
    for position, draft in enumerate(drafts, start=behind + 1):
        giver, receiver = (proposer, counterparty) if draft.giver == "proposer" else (counterparty, proposer)
        frozen.append(
            leg_rows.freeze(
                unit.connection, draft, position=position, giver=giver, receiver=receiver, policy=unit.policy
            )
        )
    return frozen


def _check(draft: Draft, today: str) -> None:
    if draft.deliver_by is not None and draft.deliver_by.isoformat() < today:
        raise BadInput(f"{draft.deliver_by} is over: a day of delivery is today or later")
    if draft.miles is not None and not 0 <= draft.miles <= MOST_MILES:
        raise BadInput(f"a distance is 0 to {MOST_MILES // 100} miles")


def maker(connection: Connection, trade_id: str, number: int) -> str:
    """Who made an offer."""
    query = select(offer.c.made_by).where(offer.c.trade == trade_id, offer.c.number == number)
    return str(connection.execute(query).scalar_one())
