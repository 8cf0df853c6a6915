"""What the pages to trade on say, from the books' own figures. Pure."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from decimal import Decimal

from ledger.books.units import K, k_text
from ledger.trading import schedule_view
from ledger.trading.legs import Leg
from ledger.trading.trade_view import LegView, State, Trade

STATES: dict[State, str] = {
    "proposed": "proposed",
    "accepted": "agreed",
    "disputed": "in dispute",
    "done": "done",
    "cancelled": "off",
}
# What a schedule's state is called, and which state of a trade it looks like.
SCHEDULES: dict[schedule_view.State, tuple[str, State]] = {
    "proposed": ("proposed", "proposed"),
    "running": ("running", "accepted"),
    "done": ("done", "done"),
    "defaulted": ("in default", "disputed"),
    "cancelled": ("ended", "cancelled"),
}
STEPS = {
    "delivered": "marked as delivered",
    "no_show": "called a no-show",
    "witness": "attested it as a witness",
    "dispute": "opened a dispute",
    "split": "suggested how it ends",
    "agreed": "agreed to the end",
    "decided": "decided how it ends, as treasurer",
}
# What moved, where its own name says too little.
_ENTRIES = {"reversal": "Taken back", "escrow": "Into escrow, trade"}


@dataclass(frozen=True, slots=True)
class Side:
    """One side of a trade as its reader sees it: K as text; `fee` and `insured` is what the community takes of it."""

    title: str
    legs: Sequence[LegView]
    value: str
    low: str | None
    high: str | None
    agreed: str
    fee: str | None
    insured: str | None = None


def k(amount: int | None) -> str:
    """Rails as one reads them: "6.50 K", with a true minus sign."""
    return "–" if amount is None else f"{k_text(amount)} K".replace("-", "−")


def amount(parts: int, unit: str, *, signed: bool = False) -> str:
    """An amount of any unit; `signed` puts a plus before what came in."""
    text = k(parts) if unit == K else f"{_hours(parts)}".replace("-", "−")
    return f"+{text}" if signed and parts > 0 else text


def _hours(minutes: int) -> str:
    sign, (hours, rest) = "-" if minutes < 0 else "", divmod(abs(minutes), 60)
    if not hours:
        return f"{sign}{rest} min"
    return f"{sign}{hours} h {rest} min" if rest else f"{sign}{hours} h"


def span(low: int | None, high: int | None) -> str:
    """An interval in K; empty where there is none, or it is a point."""
    return "" if low is None or high is None or low == high else f"{k_text(low)} – {k_text(high)} K"


def entry(kind: str, amount: int = 0, fee: int | None = None) -> str:
    """What an entry is of, such as "Payment"; of a trade's, whether it is the reader's `fee`."""
    if kind == "trade" and fee and amount == -fee:
        return "Fee, trade"
    if kind == "escrow" and amount > 0:
        return "Back from escrow, trade"
    return _ENTRIES.get(kind, kind.replace("_", " ").capitalize())


def day(moment: str) -> str:
    return moment[:10]


def clock(moment: str) -> str:
    """A moment as the books write it, to the minute (UTC)."""
    return f"{moment[:10]} {moment[11:16]}"


def quantity(leg: LegView) -> str:
    """How many pieces, where it is not one; how long, for time."""
    if leg.minutes is not None:
        return _hours(leg.minutes)
    return "" if Decimal(leg.quantity) == 1 else f"{leg.quantity} × "


def in_words(leg: Leg) -> str:
    """A leg of an offer in a few words."""
    return leg.description if Decimal(leg.quantity) == 1 else f"{leg.quantity} × {leg.description}"


def other(trade: Trade, me: str) -> str:
    """The other party's name."""
    return trade.counterparty.name if trade.proposer.id == me else trade.proposer.name


def name_of(trade: Trade, account: str, me: str) -> str:
    """Who somebody is to the reader: "you", the other's name, or somebody else."""
    if account == me:
        return "You"
    names = {trade.proposer.id: trade.proposer.name, trade.counterparty.id: trade.counterparty.name}
    return names.get(account, "Somebody who is no party")


def sides(trade: Trade, me: str) -> tuple[Side, Side]:
    """What the reader gives, and what they get."""
    role = "proposer" if trade.proposer.id == me else "counterparty"

    def side(title: str, giver: str, fee: int, insured: int) -> Side:
        found = trade.fairness.proposer if giver == "proposer" else trade.fairness.counterparty
        return Side(
            title=title,
            legs=[leg for leg in trade.legs if leg.giver == giver],
            value=k(found.value),
            low=None if found.low is None else k(found.low),
            high=None if found.high is None else k(found.high),
            agreed=k(found.agreed),
            fee=k(fee) if fee else None,
            insured=k(insured) if insured else None,
        )

    taken = {
        "proposer": (trade.fee.proposer, trade.insurance.proposer),
        "counterparty": (trade.fee.counterparty, trade.insurance.counterparty),
    }
    theirs = "counterparty" if role == "proposer" else "proposer"
    return side("You give", role, *taken[role]), side(f"{other(trade, me)} gives", theirs, *taken[theirs])


def headline(trade: Trade, me: str) -> str:
    """Where a trade stands, to its reader."""
    them = other(trade, me)
    if trade.state == "proposed":
        return "It is your turn: accept, answer with another offer, or decline" if trade.turn == me else (
            f"Waiting for {them}’s answer"
        )  # fmt: skip
    if trade.state == "accepted":
        if me in trade.confirmed_by:
            return f"You have confirmed; waiting for {them} to confirm"
        if trade.confirmed_by:
            return f"{them} has confirmed; confirm as soon as you have what you get"
        return "Agreed: both deliver now, and each confirms what was received"
    if trade.state == "disputed":
        return "In dispute: nothing moves until both agree how it ends, or the treasurer decides"
    if trade.state == "done":
        return "Done" if trade.share_percent is None else f"Done, with {trade.share_percent} % of what was to move"
    ended = {"no_show": "Off: a party did not show up", "dispute": "Off, after a dispute"}
    return ended.get(trade.cause or "", "Off: cancelled")


def fairness(trade: Trade, me: str) -> str:
    """Both sides beside each other, in a sentence."""
    mine, theirs = trade.fairness.proposer, trade.fairness.counterparty
    if trade.proposer.id != me:
        mine, theirs = theirs, mine
    return balance(mine.value, theirs.value, trade.fairness.gap_percent, trade.fairness.overlap)


def balance(mine: int, theirs: int, gap_percent: str, overlap: bool | None) -> str:
    """The same from bare figures, in rails."""
    if mine == theirs:
        told = "Both sides are worth the same."
    else:
        more = "You give more" if mine > theirs else "You get more"
        told = f"{more}: by {k(abs(mine - theirs))}, {gap_percent} % of the larger side."
    if overlap is None:
        return told
    return f"{told} The ranges of both sides {'overlap' if overlap else 'do not overlap'}."
