"""Who may see what of a member: its own everything, others aggregates, and more only by its consent.

    aggregates   every member, from a minimum number of trades on (ledger.trust.aggregates)
    at_least     whether the reputation is at least a figure, yes or no: by consent
    reputation   the figure with its interval: by consent, which covers at_least
    profile      tier, level, vouches, month of joining: by consent
    entries      what moved: by consent

A consent is given to one account, for one thing, until a day, and is withdrawn at any time. A treasurer sees what the
office needs, and each look is in the audit log. Every door asks `may_see`, or `look` where it then shows something.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, field
from datetime import UTC, date, datetime, timedelta
from typing import Any

from pydantic import BaseModel, ConfigDict
from sqlalchemy import Connection, Row, insert, or_, select, update

from ledger.books import accounts, audit_log
from ledger.books.canonical import new_id
from ledger.books.errors import NotAllowed, Unknown, WrongState
from ledger.books.idempotency import once
from ledger.books.standings import Account
from ledger.books.store import Ledger, UnitOfWork, instant_text
from ledger.policy.dated import Policy
from ledger.policy.verification import Privacy
from ledger.tables import consent
from ledger.trust import levels
from warehouse.errors import BadInput

PREFIX = "consent"
AGGREGATES = "aggregates"
BY_CONSENT = ("profile", "reputation", "at_least", "entries")
# What a consent covers besides itself.
_COVERS = {"reputation": ("at_least",)}
OWN, OPEN, CONSENT, TREASURER = "own", "open", "consent", "treasurer"


@dataclass(frozen=True, slots=True)
class Viewer:
    """Who looks: an account, and the scopes of its key. The operator at the command line looks as a treasurer."""

    account: str
    scopes: frozenset[str] = field(default_factory=frozenset)


class Consent(BaseModel):
    """That `viewer` may see `what` of `account` until a moment."""

    model_config = ConfigDict(frozen=True)

    id: str
    account: str
    viewer: str
    what: str
    granted_at: str
    until: str
    withdrawn_at: str | None


def rule(policy: Policy) -> Privacy:
    """The policy's [policy.privacy], or the defaults."""
    return policy.sections.privacy or Privacy()


def basis(connection: Connection, viewer: Viewer, subject: str, what: str, now: str) -> str | None:
    """On what ground `viewer` may see `what` of `subject` at the moment `now`; None: it may not."""
    assert what == AGGREGATES or what in BY_CONSENT, f"{what} is nothing that is seen"
    if viewer.account == subject:
        return OWN
    if what == AGGREGATES:
        return OPEN
    granted = (what, *(wider for wider, covered in _COVERS.items() if what in covered))
    query = select(consent.c.id).where(
        consent.c.account == subject,
        consent.c.viewer == viewer.account,
        consent.c.what.in_(granted),
        consent.c.withdrawn_at.is_(None),
        consent.c.until > now,
    )
    if connection.execute(query).first() is not None:
        return CONSENT
    return TREASURER if "treasurer" in viewer.scopes else None


def may_see(connection: Connection, viewer: Viewer, subject: str, what: str, now: str) -> bool:
    """Whether `viewer` may see `what` of `subject` at the moment `now`."""
    return basis(connection, viewer, subject, what, now) is not None


def look(ledger: Ledger, viewer: Viewer, subject: str, what: str) -> Account:
    """The account `subject` (an id or a name), where `viewer` may see `what` of it; a treasurer's look is logged first.

    Raises `NotAllowed` where it may not, `Unknown`.
    """
    with ledger.reading() as connection:
        found = accounts.named(connection, subject)
        ground = basis(connection, viewer, found.id, what, instant_text(ledger.clock()))
    if ground is None:
        raise NotAllowed(f"{found.name} has not let you see this; ask for a consent to {what}")
    if ground == TREASURER:
        audit_log.looked(ledger, viewer.account, at=found.id, what=what)
    return found


def grant(ledger: Ledger, *, key: str, by: str, viewer: str, what: str, until: date | None = None) -> Consent:
    """Let `viewer` (an id or a name) see `what` of `by` up to the end of the day `until` (UTC); the same again replaces
    it. Raises `BadInput`, `Unknown`."""
    if what not in BY_CONSENT:
        raise BadInput(f'one consents to {", ".join(BY_CONSENT)}, not to "{what}"')
    said = None if until is None else until.isoformat()
    request = {"operation": "consent", "viewer": viewer, "what": what, "until": said}

    def work(unit: UnitOfWork) -> Consent:
        other = accounts.named(unit.connection, viewer)
        if other.id == by:
            raise BadInput("one's own is seen without a consent")
        if other.kind not in accounts.KINDS or other.id in accounts.gone(unit.connection, [other.id]):
            raise BadInput(f"{other.name} is nobody who could look")
        levels.hold(unit, by)
        _end(unit, _standing(unit.connection, by, other.id, what))
        made = Consent(
            id=new_id(PREFIX),
            account=by,
            viewer=other.id,
            what=what,
            granted_at=unit.now,
            until=_until(unit, until),
            withdrawn_at=None,
        )
        unit.connection.execute(insert(consent).values(**made.model_dump()))
        audit_log.record(
            unit, actor=by, action="consent.given", subject=by, viewer=other.id, what=what, until=made.until
        )
        return made

    return once(ledger, account=by, key=key, request=request, answer=Consent, work=work)


def withdraw(ledger: Ledger, *, key: str, by: str, consent_id: str) -> Consent:
    """End a consent at once. Raises `Unknown` for another's, `WrongState` where it was withdrawn."""

    def work(unit: UnitOfWork) -> Consent:
        levels.hold(unit, by)
        query = select(consent).where(consent.c.id == consent_id, consent.c.account == by)
        row = unit.connection.execute(query).one_or_none()
        if row is None:
            raise Unknown(f'there is no consent "{consent_id}" among those you gave')
        if row.withdrawn_at is not None:
            raise WrongState("this consent was withdrawn already")
        _end(unit, [row.id])
        audit_log.record(
            unit, actor=by, action="consent.withdrawn", subject=by, viewer=row.viewer, what=row.what, consent=row.id
        )
        return _told(unit.connection.execute(query).one())

    request = {"operation": "withdraw consent", "consent": consent_id}
    return once(ledger, account=by, key=key, request=request, answer=Consent, work=work)


def listing(ledger: Ledger, *, by: str) -> list[Consent]:
    """The consents that a member has given and was given, the newest first."""
    query = select(consent).where(or_(consent.c.account == by, consent.c.viewer == by))
    with ledger.reading() as connection:
        rows = connection.execute(query.order_by(consent.c.granted_at.desc(), consent.c.id)).all()
    return [_told(row) for row in rows]


def _standing(connection: Connection, account: str, viewer: str, what: str) -> list[str]:
    query = select(consent.c.id).where(
        consent.c.account == account,
        consent.c.viewer == viewer,
        consent.c.what == what,
        consent.c.withdrawn_at.is_(None),
    )
    return list(connection.execute(query).scalars())


def _end(unit: UnitOfWork, ids: Iterable[str]) -> None:
    unit.connection.execute(update(consent).where(consent.c.id.in_(list(ids))).values(withdrawn_at=unit.now))


def _until(unit: UnitOfWork, until: date | None) -> str:
    limits, today = rule(unit.policy), date.fromisoformat(unit.today)
    last = until or today + timedelta(days=limits.consent_days)
    if not today <= last <= today + timedelta(days=limits.most_consent_days):
        raise BadInput(f"a consent ends today or within {limits.most_consent_days} days, not on {last}")
    return instant_text(datetime(last.year, last.month, last.day, tzinfo=UTC) + timedelta(days=1))


def _told(row: Row[Any]) -> Consent:
    return Consent.model_validate(dict(row._mapping))
