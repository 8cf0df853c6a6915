"""What one member is shown of another: the doors through which trust is read. Each asks `privacy.look` first."""

from __future__ import annotations

from pydantic import BaseModel, ConfigDict
from sqlalchemy import Connection

from ledger.books import transfers
from ledger.books.store import Ledger, instant_text
from ledger.books.transfers import Movement
from ledger.books.units import UNITS
from ledger.policy.dated import Policy
from ledger.policy.verification import Reputation as Rule
from ledger.trust import aggregates, levels, outcomes, privacy, reputation
from ledger.trust.aggregates import Cell
from ledger.trust.privacy import AGGREGATES, Viewer
from warehouse.errors import BadInput


class Aggregates(BaseModel):
    """A member as every other sees it. `enough` false: its trades, or partners, are too few to say anything."""

    model_config = ConfigDict(frozen=True)

    account: str
    name: str
    enough: bool
    trades_at_least: int | None = None
    average: int | None = None
    kinds: tuple[str, ...] = ()
    completion_percent: int | None = None
    rating_percent: int | None = None


class Profile(BaseModel):
    """A member as it is shown by its consent."""

    model_config = ConfigDict(frozen=True)

    account: str
    name: str
    kind: str
    tier: str
    level: str
    vouches: int
    joined: str


class Figure(BaseModel):
    """A reputation in whole per cent with its interval, and what it rests on: the rounded weight, and partners."""

    model_config = ConfigDict(frozen=True)

    account: str
    percent: int
    low: int
    high: int
    evidence: int
    partners: int


def aggregates_of(ledger: Ledger, viewer: Viewer, subject: str) -> Aggregates:
    """What every member may see of `subject` (an id or a name). Raises `Unknown`."""
    found, policy = privacy.look(ledger, viewer, subject, AGGREGATES), ledger.policy()
    rule = policy.sections.reputation
    with ledger.reading() as connection:
        figures = aggregates.member_figures(aggregates.given_by(connection, found.id), privacy.rule(policy))
        if figures is None:
            return Aggregates(account=found.id, name=found.name, enough=False)
        known = None if rule is None else _reputation(connection, found.id, _now(ledger), rule)
    return Aggregates(
        account=found.id,
        name=found.name,
        enough=True,
        trades_at_least=figures.trades_at_least,
        average=figures.average,
        kinds=figures.kinds,
        completion_percent=figures.completion_percent,
        rating_percent=None if known is None else aggregates.coarse_percent(round(known.score * 1000), 1000),
    )


def profile_of(ledger: Ledger, viewer: Viewer, subject: str) -> Profile:
    """A member's tier, level and vouches. Raises `NotAllowed` without a consent, `Unknown`, `BadInput`."""
    found = privacy.look(ledger, viewer, subject, "profile")
    known = levels.of(ledger, found.id)
    return Profile(
        account=found.id,
        name=found.name,
        kind=found.kind,
        tier=found.tier,
        level=known.level,
        vouches=known.vouches,
        joined=found.created_at[:7],
    )


def reputation_of(ledger: Ledger, viewer: Viewer, subject: str) -> Figure:
    """A member's reputation. Raises `NotAllowed` without a consent, `Unknown`, `BadInput` where none is kept."""
    found = privacy.look(ledger, viewer, subject, "reputation")
    known = _known(ledger, found.id)
    return Figure(
        account=found.id,
        percent=round(known.score * 100),
        low=round(known.low * 100),
        high=round(known.high * 100),
        evidence=round(known.evidence),
        partners=known.partners,
    )


def at_least(ledger: Ledger, viewer: Viewer, subject: str, percent: int) -> bool:
    """Whether the lower end of a member's reputation is at least `percent`: yes or no and nothing else.

    Raises `NotAllowed` without a consent, `Unknown`, `BadInput`.
    """
    if not 0 <= percent <= 100:
        raise BadInput("a reputation is 0 to 100 per cent")
    found = privacy.look(ledger, viewer, subject, "at_least")
    return round(_known(ledger, found.id).low * 100) >= percent


def entries_of(
    ledger: Ledger, viewer: Viewer, subject: str, *, before: int | None = None, limit: int = 50
) -> list[Movement]:
    """What moved at a member's account, the newest first. Raises `NotAllowed` without a consent, `Unknown`."""
    found = privacy.look(ledger, viewer, subject, "entries")
    return transfers.movements(ledger, found.id, before=before, limit=limit, units=UNITS)


def community(ledger: Ledger) -> list[Cell]:
    """Trades by month and kind, for analysts: only months that are over, only groups in which nobody shows."""
    policy = ledger.policy()
    with ledger.reading() as connection:
        shares = aggregates.given_by_all(connection, _now(ledger)[:7])
    return aggregates.cells(shares, privacy.rule(policy))


def reputation_rule(policy: Policy) -> Rule:
    """The policy's [policy.reputation]; `BadInput` where it has none."""
    if policy.sections.reputation is None:
        raise BadInput(f"the policy from {policy.holds_from} keeps no reputation; add [policy.reputation]")
    return policy.sections.reputation


def _known(ledger: Ledger, account: str) -> reputation.Reputation:
    with ledger.reading() as connection:
        return _reputation(connection, account, _now(ledger), reputation_rule(ledger.policy()))


def _reputation(connection: Connection, account: str, now: str, rule: Rule) -> reputation.Reputation:
    return reputation.of(outcomes.of(connection, account, now), now, rule)


def _now(ledger: Ledger) -> str:
    return instant_text(ledger.clock())
