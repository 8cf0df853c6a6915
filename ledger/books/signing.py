"""Several signatures: what a business pays above its tier's amount waits until enough of its signers have signed."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import UTC, datetime, timedelta

from sqlalchemy import ColumnElement, Connection, and_, delete, func, select

from ledger.books import accounts, audit_log
from ledger.books.errors import NotAllowed, Unknown, WrongState
from ledger.books.lines import Place
from ledger.books.store import Ledger, UnitOfWork, insert_new, instant_text
from ledger.books.units import K, k_text
from ledger.policy.dated import HOUSE, Policy
from ledger.tables import account, signature, signer
from warehouse.errors import BadInput

_WAITS = timedelta(days=7)


def add_signer(ledger: Ledger, business: str, member: str) -> None:
    """Let a member sign for a business (ids or names). Raises `Unknown`, `BadInput` for who cannot sign, `WrongState`
    for who was expelled."""

    def work(unit: UnitOfWork) -> None:
        of, who = accounts.named(unit.connection, business), accounts.named(unit.connection, member)
        if of.id == who.id or of.kind != "business" or who.kind != "member":
            raise BadInput(f"{who.name} cannot sign for {of.name}: members sign for a business")
        if who.id in accounts.gone(unit.connection, [who.id]):
            raise WrongState(f"{who.name} has left the community, and signs for nobody")
        insert_new(unit.connection, signer, [{"account": of.id, "member": who.id, "added_at": unit.now}])
        audit_log.record(unit, actor=audit_log.OPERATOR, action="signer.added", subject=of.id, member=who.id)

    ledger.transact(work)


def remove_signer(ledger: Ledger, business: str, member: str) -> None:
    """A member signs for a business no longer; what was signed stays signed. Raises `Unknown`."""

    def work(unit: UnitOfWork) -> None:
        of, who = accounts.named(unit.connection, business), accounts.named(unit.connection, member)
        gone = unit.connection.execute(delete(signer).where(signer.c.account == of.id, signer.c.member == who.id))
        if not gone.rowcount:
            raise Unknown(f"{who.name} does not sign for {of.name}")
        audit_log.record(unit, actor=audit_log.OPERATOR, action="signer.removed", subject=of.id, member=who.id)

    ledger.transact(work)


def signers(connection: Connection, business: str) -> list[str]:
    """The ids of a business's signers."""
    return sorted(connection.execute(select(signer.c.member).where(signer.c.account == business)).scalars())


def needed(unit: UnitOfWork, changes: Mapping[Place, int]) -> dict[str, int]:
    """The same by the policy of the day. Raises `NotAllowed` where a business has fewer signers than that."""
    out = asked(unit.connection, unit.policy, changes)
    for payer, wanted in out.items():
        _check_enough(unit, payer, wanted)
    return out


def asked(connection: Connection, policy: Policy, changes: Mapping[Place, int]) -> dict[str, int]:
    """How many signatures each account that pays needs by a policy, where it needs several."""
    limits = [tier for tier in policy.tiers.values() if tier.signatures > 1]
    largest = max((-change for (_, of), change in changes.items() if of == K), default=0)
    if not limits or largest <= min(tier.signed_above for tier in limits):
        return {}
    out = {}
    for (payer, of), change in changes.items():
        if of != K or change >= 0:
            continue
        named = connection.execute(select(account.c.tier).where(account.c.id == payer)).scalar_one_or_none()
        if named is None or named.startswith(HOUSE):
            continue
        tier = policy.tier(named)
        if tier.signatures > 1 and -change > tier.signed_above:
            out[payer] = tier.signatures
    return out


def _check_enough(unit: UnitOfWork, payer: str, wanted: int) -> None:
    there = len(signers(unit.connection, payer))
    if there < wanted:
        found = accounts.one(unit.connection, payer)
        above = unit.policy.tier(found.tier).signed_above
        raise NotAllowed(
            f"{found.name} needs {wanted} signatures above {k_text(above)} K and has {there} signers: "
            "`katy account signer` names them"
        )


def sign(unit: UnitOfWork, subject: str, business: str, member: str) -> int:
    """Sign `subject` (a hold's id, a trade's terms) for a business; how many of its signers have signed by now."""
    if member not in signers(unit.connection, business):
        raise NotAllowed("only a signer of the business signs for it")
    row = {"subject": subject, "account": business, "member": member, "signed_at": unit.now}
    insert_new(unit.connection, signature, [row])
    return signed(unit.connection, subject, business)


def signed(connection: Connection, subject: str, business: str) -> int:
    """How many of a business's present signers have signed `subject` for it."""
    present = and_(signer.c.member == signature.c.member, signer.c.account == signature.c.account)
    query = select(func.count()).select_from(signature).join(signer, present)
    return int(connection.execute(query.where(_of(subject, business))).scalar_one())


def has_signed(connection: Connection, subject: str, business: str, member: str) -> bool:
    """Whether a member has signed `subject` for a business."""
    query = select(signature.c.member).where(_of(subject, business), signature.c.member == member)
    return connection.execute(query).first() is not None


def _of(subject: str, business: str) -> ColumnElement[bool]:
    return and_(signature.c.subject == subject, signature.c.account == business)


def until(unit: UnitOfWork) -> str:
    """When a payment that waits for signatures expires: seven days from now."""
    now = datetime.strptime(unit.now, "%Y-%m-%dT%H:%M:%S.%fZ").replace(tzinfo=UTC)
    return instant_text(now + _WAITS)
