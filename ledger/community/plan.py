"""The plan of a run: who would get or pay how much, and what that does to the community's own accounts.

Everything here is pure. A plan is made the same way for a dry run and for a real one.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace
from datetime import date

from ledger.books.canonical import canonical, sha256
from ledger.books.lines import Place
from ledger.books.standings import Move, Standing
from ledger.books.units import K, amount_text


@dataclass(frozen=True, slots=True)
class Share:
    """What an account gets (above zero) or pays (below), in rails or minutes, from or to the house's account `house`.

    `part` tells several shares of one account in a run apart. A `whole` share is moved in full or not at all.
    """

    account: str
    amount: int
    house: str
    why: str
    part: str = ""
    unit: str = K
    whole: bool = False


@dataclass(frozen=True, slots=True)
class HouseEffect:
    """What a plan does to an account of the house in one unit: where it stands, what is promised from it besides, what
    would go out and come in. `floor` is its cap; None: it has none."""

    name: str
    unit: str
    posted: int
    promised: int
    out: int
    coming: int
    floor: int | None

    @property
    def after(self) -> int:
        """Where it would stand when the plan and everything promised is done."""
        return self.posted - self.promised - self.out + self.coming

    @property
    def short(self) -> int:
        """What is missing before the floor; 0 where the plan keeps the cap. What the same run brings in is not counted
        on: it may come later than what goes out."""
        return 0 if self.floor is None else max(0, self.floor - (self.posted - self.promised - self.out))


@dataclass(frozen=True, slots=True)
class Plan:
    """What a rule would do for a period, and why nothing would be done where that is so."""

    rule: str
    period: str
    policy_from: date
    shares: tuple[Share, ...]
    houses: tuple[HouseEffect, ...]
    notes: tuple[str, ...] = ()

    @property
    def refusal(self) -> str | None:
        """Why the run is refused as a whole, or None."""
        for house in self.houses:
            if house.short:
                getting = sum(share.house == house.name and share.amount > 0 for share in self.shares)
                return (
                    f"{self.rule} {self.period} would give {amount_text(house.out, house.unit)} to {getting} accounts, "
                    f"{amount_text(house.short, house.unit)} more than the cap of {house.name} allows "
                    f"({amount_text(house.floor or 0, house.unit)}); nothing was done. `katy ledger policy preview "
                    f"{self.rule}` shows who would get what; raise the cap in the policy, or give less"
                )
        return None


def fitted(share: Share, standing: Standing) -> int:
    """The part of a share that its account can take or pay now, pending amounts counted.

    Nobody is taken past a ceiling, and what is taken never takes an account below zero.
    """
    if share.amount >= 0:
        fits = share.amount if standing.room is None else max(0, min(share.amount, standing.room))
    else:
        fits = -max(0, min(-share.amount, standing.posted - standing.pending_out))
    return 0 if share.whole and fits != share.amount else fits


def fit(shares: Iterable[Share], standings: Mapping[Place, Standing], today: str) -> list[Share]:
    """The shares as they would be moved one after the other; the ones of which nothing is left are not there."""
    now = dict(standings)
    kept = []
    for share in shares:
        place = (share.account, share.unit)
        # An account that was closed since the plan was made stands nowhere any more.
        amount = fitted(share, now[place]) if place in now else 0
        if amount:
            now[place] = now[place].after(Move.direct(amount, daily=False), today)
            kept.append(share if amount == share.amount else replace(share, amount=amount))
    return kept


def sums(shares: Iterable[Share]) -> dict[Place, tuple[int, int]]:
    """What goes out of and comes into the house's accounts, by name and unit."""
    totals: dict[Place, tuple[int, int]] = {}
    for share in shares:
        out, coming = totals.get((share.house, share.unit), (0, 0))
        totals[share.house, share.unit] = (out + max(share.amount, 0), coming + max(-share.amount, 0))
    return totals


def plan_hash(shares: Iterable[tuple[str, str, str, str, int]]) -> str:
    """The hash of a plan, given as account, part, house, unit and amount of each share in their order."""
    return sha256(canonical([list(each) for each in shares]))
