"""What the owner of a thing is told, in words and with its figures."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from typing import Literal

from ledger.owned.thing_rules import Rise
from ledger.owned.things import Thing, Valued

_LONGEST_TITLE = 80
Level = Literal["product", "category"]


@dataclass(frozen=True, slots=True, kw_only=True)
class Demand:
    """That demand has risen in the period that ends with `until`.

    `wanted`: more were sold or asked for; `gone`: offers went faster. `stood_now` and `stood_before` are the days an
    offer stood on the market, on average, where offers ended. `level` says whether it holds for the product itself or
    for its category (`name`).
    """

    until: date
    level: Level
    name: str
    wanted: Rise | None = None
    gone: Rise | None = None
    stood_now: float | None = None
    stood_before: float | None = None


def told_worth(owned: Thing, value: Valued) -> tuple[str, str]:
    """Subject and body of the notice that a thing is worth more than its owner thinks."""
    said, title = owned.owned, short(owned.owned.title)
    money = f"{value.fmv} {value.currency}"
    belief = f"You put it at {said.worth}" if said.worth is not None else f"You paid {said.paid}"
    when = f" on {said.paid_on}" if said.worth is None and said.paid_on else ""
    lines = [
        said.title,
        f"On {value.value_date} it is worth about {money}: 90 % of such things bring {value.low} to {value.high} "
        f"{value.currency} (confidence {value.confidence}).",
        f"{belief} {said.currency}{when}. Even the low end of the interval is well above that.",
    ]
    if said.quantity > 1:
        lines.append(f"That is for one of your {said.quantity}.")
    return f"{title}: worth more than you think, about {money}", "\n".join(lines)


def told_demand(owned: Thing, demand: Demand, value: Valued, days: int) -> tuple[str, str]:
    """Subject and body of the notice that demand for a thing has risen."""
    title = short(owned.owned.title)
    what = "it" if demand.level == "product" else f"things of its category ({demand.name.replace('_', ' ')})"
    lines = [owned.owned.title, f"You may be sitting on something: demand for {what} has risen."]
    if demand.wanted is not None:
        lines.append(
            f"In the {days} days to {demand.until} {demand.wanted.now} were sold or asked for, in the {days} days "
            f"before {demand.wanted.before}. {_explained(demand.wanted)}"
        )
    if demand.gone is not None:
        stood = ""
        if demand.stood_now is not None and demand.stood_before is not None:
            stood = f" An offer stands {demand.stood_now:.0f} days now, {demand.stood_before:.0f} before."
        lines.append(
            f"{demand.gone.now} offers ended in the {days} days to {demand.until}, {demand.gone.before} before."
            f"{stood} {_explained(demand.gone)}"
        )
    if value.fmv is not None:
        lines.append(f"It is worth about {value.fmv} {value.currency} ({value.low} to {value.high}).")
    return f"You may be sitting on something: demand for {title} has risen", "\n".join(lines)


def short(title: str) -> str:
    """A title for the subject of a message."""
    return title if len(title) <= _LONGEST_TITLE else title[: _LONGEST_TITLE - 1] + "…"


def _explained(rise: Rise) -> str:
    odds = "a million or more" if rise.chance < 1e-6 else f"{1 / rise.chance:,.0f}"
    return f"The market as a whole explains {rise.expected:.0f}; chance brings such a rise once in {odds}."
