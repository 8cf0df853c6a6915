"""Verification levels: what a member has behind it sets its tier, and the tier its limits.

The levels are the policy's. A member has the last one whose conditions hold: vouches that stand, and a document that
the treasurer has seen. `settle` is the one place that writes a tier: it holds from the next payment on, and is in the
audit log. A lower tier makes no debt invalid: whoever stands outside its limits may always come back. A tier that was
set by hand stays until it is given free; so does the one with which the operator opened an account, where it is not
the tier that everybody begins with.
"""

from __future__ import annotations

from typing import Any

from pydantic import BaseModel, ConfigDict
from sqlalchemy import Connection, Row, func, insert, select, update

from ledger.books import accounts, audit_log
from ledger.books.errors import NotAllowed, WrongState
from ledger.books.store import Ledger, UnitOfWork
from ledger.policy.dated import Policy
from ledger.policy.verification import Verification
from ledger.tables import account, member_level, vouch
from warehouse.errors import BadInput

# The level of everybody where the policy has none.
NO_LEVEL = "none"
# The longest name of a kind of document.
LONGEST_DOCUMENT = 40


class MemberLevel(BaseModel):
    """Where a member stands. `fixed` is a tier set by hand; `document` the kind of one that was seen."""

    model_config = ConfigDict(frozen=True)

    account: str
    level: str
    tier: str
    vouches: int
    document: str | None
    fixed: str | None
    expelled_at: str | None
    closed_at: str | None


def rule(policy: Policy) -> Verification:
    """The policy's [policy.verification]; `BadInput` where it has none."""
    if policy.sections.verification is None:
        raise BadInput(
            f"the policy from {policy.holds_from} has no levels of verification; "
            "add [policy.verification] to policy.toml"
        )
    return policy.sections.verification


def hold(unit: UnitOfWork, *account_ids: str) -> None:
    """Nobody else changes these members' levels, vouches and invitations until this unit of work ends.

    Always taken in the order of ids, and before the ends of chain and log. Payments do not wait for it.
    """
    unit.connection.execute(
        select(account.c.id).where(account.c.id.in_(account_ids)).order_by(account.c.id).with_for_update(key_share=True)
    ).all()


def of(ledger: Ledger, account_id: str) -> MemberLevel:
    """Where a member stands. Raises `Unknown`."""
    with ledger.reading() as connection:
        return read(connection, ledger.policy(), account_id)


def read(connection: Connection, policy: Policy, account_id: str) -> MemberLevel:
    """The same on a connection; whoever has no row yet is told as the next `settle` would find it."""
    holder = accounts.one(connection, account_id)
    row, vouches = _row(connection, account_id), standing_vouches(connection, account_id)
    document = row.document if row is not None else None
    fixed = row.fixed if row is not None else _opened_with(policy, holder.tier)
    known = policy.sections.verification
    return MemberLevel(
        account=account_id,
        level=NO_LEVEL if known is None else known.level(holder.kind, vouches, document is not None).name,
        tier=holder.tier,
        vouches=vouches,
        document=document,
        fixed=fixed,
        expelled_at=row.expelled_at if row is not None else None,
        closed_at=row.closed_at if row is not None else None,
    )


def standing_vouches(connection: Connection, account_id: str) -> int:
    """How many vouch for a member now."""
    query = select(func.count()).where(vouch.c.subject == account_id, vouch.c.withdrawn_at.is_(None))
    return int(connection.execute(query).scalar_one())


def settle(unit: UnitOfWork, account_id: str, *, by: str, **changes: Any) -> MemberLevel:
    """Work out a held member's level anew, after `changes` to its row, and write its tier. The log says so where either
    is another one now."""
    holder = accounts.one(unit.connection, account_id)
    _kept(unit, account_id, holder.tier)
    unit.connection.execute(
        update(member_level).where(member_level.c.account == account_id).values(changed_at=unit.now, **changes)
    )
    before = _row(unit.connection, account_id)
    assert before is not None, "the row was kept before"
    now = read(unit.connection, unit.policy, account_id)
    tier = now.fixed or _tier(unit.policy, now)
    unit.policy.tier(tier)
    if (tier, now.level) != (holder.tier, before.level):
        unit.connection.execute(
            update(member_level).where(member_level.c.account == account_id).values(level=now.level)
        )
        unit.connection.execute(update(account).where(account.c.id == account_id).values(tier=tier))
        audit_log.record(
            unit, actor=by, action="tier.changed", subject=account_id, tier=tier, was=holder.tier, level=now.level
        )
    return now.model_copy(update={"tier": tier})


def check_document(ledger: Ledger, *, by: str, account_id: str, document: str | None) -> MemberLevel:
    """The treasurer has seen a document of that kind ("passport"); None: what was recorded does not hold any more.

    Nothing of the document itself is kept. Raises `Unknown`, `WrongState` for a member who has left, `BadInput`.
    """
    kind = None if document is None else " ".join(document.split())
    if kind is not None and (not 1 <= len(kind) <= LONGEST_DOCUMENT or any(each.isdigit() for each in kind)):
        raise BadInput(f"name the kind of document in at most {LONGEST_DOCUMENT} letters, and nothing that is in it")

    def work(unit: UnitOfWork) -> MemberLevel:
        hold(unit, account_id)
        _here(unit, account_id)
        at = None if kind is None else unit.now
        made = settle(unit, account_id, by=by, document=kind, document_at=at)
        audit_log.record(unit, actor=by, action="document.checked", subject=account_id, holds=kind is not None)
        return made

    return ledger.transact(work)


def set_tier(ledger: Ledger, *, by: str, account_id: str, tier: str | None) -> MemberLevel:
    """Set a member's tier by hand; None gives it free again, and it follows the level. Raises `Unknown`, `BadInput`."""

    def work(unit: UnitOfWork) -> MemberLevel:
        hold(unit, account_id)
        _here(unit, account_id)
        if tier is not None:
            unit.policy.tier(tier)
        made = settle(unit, account_id, by=by, fixed=tier)
        audit_log.record(unit, actor=by, action="tier.set", subject=account_id, fixed=tier)
        return made

    return ledger.transact(work)


def _here(unit: UnitOfWork, account_id: str) -> None:
    holder = accounts.one(unit.connection, account_id)
    if holder.kind not in accounts.KINDS:
        raise NotAllowed(f"{holder.name} is an account of the community's own; its limits are in the policy")
    if account_id in accounts.gone(unit.connection, [account_id]):
        raise WrongState(f"{holder.name} has left the community")


def _kept(unit: UnitOfWork, account_id: str, tier: str) -> None:
    """Make a held member's row where it has none."""
    known = unit.policy.sections.verification
    if _row(unit.connection, account_id) is None:
        unit.connection.execute(
            insert(member_level).values(
                account=account_id,
                level=NO_LEVEL if known is None else known.start.name,
                fixed=_opened_with(unit.policy, tier),
                changed_at=unit.now,
            )
        )


def _opened_with(policy: Policy, tier: str) -> str | None:
    known = policy.sections.verification
    return tier if known is None or tier != known.start.tier else None


def _tier(policy: Policy, now: MemberLevel) -> str:
    """The tier that follows where none is set by hand; a policy without levels leaves it as it is."""
    known = policy.sections.verification
    if known is None:
        return now.tier
    if now.expelled_at or now.closed_at:
        return known.start.tier
    return next(each.tier for each in known.levels if each.name == now.level)


def _row(connection: Connection, account_id: str) -> Row[Any] | None:
    return connection.execute(select(member_level).where(member_level.c.account == account_id)).one_or_none()
