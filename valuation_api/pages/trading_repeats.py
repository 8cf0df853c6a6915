"""A schedule as a person fills it in: the legs of a trade, and for each the first day, the rhythm, how often. Pure."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from decimal import Decimal

from ledger.trading.legs import Giver, LegDraft
from ledger.trading.schedules import ScheduledDraft
from ledger.trading.trade_view import LegView, Trade
from warehouse.errors import BadInput

USUAL_GRACE = 7


@dataclass(frozen=True, slots=True)
class RepeatRow:
    """The rhythm of one leg, as typed."""

    position: int
    first: str
    every: str = ""
    times: str = "1"

    def draft(self, leg: LegDraft) -> ScheduledDraft:
        """The leg with its rhythm. Raises `BadInput`, naming the leg."""
        times = _whole(self.times or "1", f"leg {self.position}: how often is a number such as 8")
        try:
            first = date.fromisoformat(self.first)
        except ValueError as error:
            raise BadInput(f'leg {self.position}: "{self.first}" is not a day such as 2026-12-01') from error
        if times > 1 and not self.every:
            raise BadInput(f"leg {self.position}: say how many days lie between two deliveries")
        every = _whole(self.every, f"leg {self.position}: days between are a number such as 7") if self.every else None
        # One time has no rhythm, whatever stands in the field.
        return ScheduledDraft(leg=leg, first_day=first, every_days=every if times > 1 else None, times=times)


@dataclass(frozen=True, slots=True)
class RepeatForm:
    """Everything that was typed, a row for each leg of the trade."""

    rows: tuple[RepeatRow, ...]
    grace: str
    reason: str
    key: str

    @classmethod
    def of(cls, trade: Trade, today: date, key: str) -> RepeatForm:
        """An empty form for the legs of a trade."""
        rows = tuple(RepeatRow(leg.position, today.isoformat()) for leg in trade.legs)
        return cls(rows, str(USUAL_GRACE), trade.reason or "", key)

    @classmethod
    def read(cls, trade: Trade, said: Mapping[str, str], key: str) -> RepeatForm:
        """The form as it was sent."""

        def field(name: str) -> str:
            return said.get(name, "").strip()

        rows = tuple(
            RepeatRow(at, field(f"first{at}"), field(f"every{at}"), field(f"times{at}"))
            for at in (leg.position for leg in trade.legs)
        )
        return cls(rows, field("grace"), field("reason"), key)

    def grace_days(self) -> int:
        """The days of grace. Raises `BadInput`."""
        return _whole(self.grace or str(USUAL_GRACE), "days of grace are a number such as 7")

    def drafts(self, trade: Trade, me: str) -> list[ScheduledDraft]:
        """The legs of the schedule that `me` proposes. Raises `BadInput`."""
        mine = "proposer" if trade.proposer.id == me else "counterparty"
        pairs = zip(trade.legs, self.rows, strict=True)
        return [row.draft(_again(leg, "proposer" if leg.giver == mine else "counterparty")) for leg, row in pairs]


def _again(leg: LegView, giver: Giver) -> LegDraft:
    """A leg of a trade once more, with the value that was frozen in it."""
    if leg.kind == "k":
        return LegDraft(giver=giver, kind="k", amount=leg.amount)
    if leg.kind == "minutes":
        return LegDraft(giver=giver, kind="minutes", minutes=leg.minutes)
    if leg.kind == "time":
        return LegDraft(giver=giver, kind="time", minutes=leg.minutes, description=leg.description)
    if leg.kind == "cash":
        return LegDraft(giver=giver, kind="cash", cash=Decimal((leg.cash or "0").split()[0]))
    return LegDraft(
        giver=giver,
        kind="service" if leg.kind == "service" else "goods",
        description=leg.description,
        quantity=Decimal(leg.quantity),
        valuation=leg.valuation,
        declared=leg.declared,
        attestation=leg.attestation,
    )


def _whole(text: str, what: str) -> int:
    if not (text.isascii() and text.isdigit() and len(text) <= 4):
        raise BadInput(f'{what}, not "{text[:20]}"')
    return int(text)
