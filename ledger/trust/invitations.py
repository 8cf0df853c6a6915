"""Invitations: a member lets another in, and vouches for it.

The code is shown once, to the inviter, who hands it on; the books keep its hash. It opens one account, in the tier that
everybody begins with, and with it the first vouch. How many a member may have open, and make in 30 days, is policy.
"""

from __future__ import annotations

import secrets
from datetime import timedelta
from typing import Any

from pydantic import BaseModel, ConfigDict
from sqlalchemy import Row, func, insert, select, update

from ledger.books import accounts, audit_log
from ledger.books.canonical import canonical, new_id, sha256
from ledger.books.errors import NotAllowed, Unknown, WrongState
from ledger.books.idempotency import check_key, once
from ledger.books.store import Ledger, UnitOfWork, instant_text
from ledger.policy.verification import Verification
from ledger.tables import account, invitation
from ledger.trust import levels, outcomes, vouches
from warehouse.errors import BadInput

PREFIX = "invite"
# Crockford's base 32: no letter is taken for a digit or another letter. 20 of them are 100 random bits.
ALPHABET = "0123456789ABCDEFGHJKMNPQRSTVWXYZ"
CODE_LETTERS = 20
_MONTH_DAYS = 30
_READ_AS = str.maketrans({"O": "0", "I": "1", "L": "1", "-": None, " ": None})


class Invitation(BaseModel):
    """An invitation as its inviter sees it; `code` only in the first answer of all."""

    model_config = ConfigDict(frozen=True)

    id: str
    made_at: str
    expires_at: str
    withdrawn_at: str | None = None
    used_at: str | None = None
    opened: str | None = None
    code: str | None = None


class Joined(BaseModel):
    """The account that an invitation opened; `key` only in the first answer of all."""

    model_config = ConfigDict(frozen=True)

    account: str
    tier: str
    invited_by: str
    name: str = ""
    key: str | None = None


def invite(ledger: Ledger, *, key: str, by: str) -> Invitation:
    """Make an invitation. Asked again with the same `key` the answer has no code: withdraw it and make another.

    Raises `NotAllowed` for who may not invite, `WrongState` where it has made as many as it may.
    """
    codes: dict[str, str] = {}

    def work(unit: UnitOfWork) -> Invitation:
        rule = levels.rule(unit.policy)
        levels.hold(unit, by)
        _check(unit, by, rule)
        code = "".join(secrets.choice(ALPHABET) for _ in range(CODE_LETTERS))
        expires = outcomes.moment(unit.now) + timedelta(days=rule.invitation_days)
        made = Invitation(id=new_id(PREFIX), made_at=unit.now, expires_at=instant_text(expires))
        unit.connection.execute(
            insert(invitation).values(
                id=made.id,
                inviter=by,
                code_sha256=_hash(code),
                made_at=made.made_at,
                expires_at=made.expires_at,
            )
        )
        audit_log.record(unit, actor=by, action="invitation.made", invitation=made.id)
        codes[made.id] = code
        return made

    made = once(ledger, account=by, key=key, request={"operation": "invite"}, answer=Invitation, work=work)
    # The answer that is kept has no code in it; only who made this very one has it.
    return made.model_copy(update={"code": shown(codes[made.id]) if made.id in codes else None})


def withdraw(ledger: Ledger, *, key: str, by: str, invitation_id: str) -> Invitation:
    """Take back an invitation that nobody has used. Raises `Unknown` for another's, `WrongState` where it is over."""

    def work(unit: UnitOfWork) -> Invitation:
        row = _locked(unit, invitation.c.id == invitation_id, invitation.c.inviter == by)
        if row is None:
            raise Unknown(f'there is no invitation "{invitation_id}" among yours')
        if row.used_at is not None or row.withdrawn_at is not None:
            raise WrongState(f"this invitation was {'used' if row.used_at else 'withdrawn'} already")
        unit.connection.execute(update(invitation).where(invitation.c.id == row.id).values(withdrawn_at=unit.now))
        audit_log.record(unit, actor=by, action="invitation.withdrawn", invitation=row.id)
        return _told(row).model_copy(update={"withdrawn_at": unit.now})

    request = {"operation": "withdraw invitation", "invitation": invitation_id}
    return once(ledger, account=by, key=key, request=request, answer=Invitation, work=work)


def accept(ledger: Ledger, *, key: str, code: str, name: str, kind: str = "member") -> Joined:
    """Open an account with a code; its inviter vouches for it. The account's key is in this answer and never again.

    Raises `NotAllowed` for a code that there is not, `WrongState` for one that is over, `BadInput`, and `LedgerError`
    where the name is taken.
    """
    check_key(key)
    hashed = _hash(code)
    with ledger.reading() as connection:
        inviter = connection.execute(
            select(invitation.c.inviter).where(invitation.c.code_sha256 == hashed)
        ).scalar_one_or_none()
    if inviter is None:
        raise NotAllowed("there is no invitation with this code; ask who invited you for it again")
    keys: dict[str, str] = {}

    def work(unit: UnitOfWork) -> Joined:
        rule = levels.rule(unit.policy)
        levels.hold(unit, inviter)
        row = _locked(unit, invitation.c.code_sha256 == hashed)
        assert row is not None, "an invitation is never deleted"
        _check_open(unit, row)
        _check_entitled(unit, row.inviter, rule)
        made, api_key = accounts.opened(unit, name, tier=rule.start.tier, kind=kind, scopes=[kind], by=row.inviter)
        vouched = vouches.write(unit, voucher=row.inviter, subject=made.id)
        unit.connection.execute(
            update(invitation).where(invitation.c.id == row.id).values(used_at=unit.now, opened=made.id)
        )
        now = levels.settle(unit, made.id, by=row.inviter)
        audit_log.record(unit, actor=row.inviter, action="vouch.given", subject=made.id, vouch=vouched.id)
        keys[made.id] = api_key
        return Joined(account=made.id, tier=now.tier, invited_by=row.inviter)

    # Whoever joins has no account yet to keep the answer under: it is kept under the inviter's.
    joined = once(
        ledger,
        account=inviter,
        key=sha256(canonical(["join", hashed, key])),
        request={"operation": "join", "code": hashed, "name": name, "kind": kind},
        answer=Joined,
        work=work,
    )
    # The name is not kept with the answer: whoever leaves takes it along.
    named = accounts.find(ledger, joined.account).name
    return joined.model_copy(update={"name": named, "key": keys.get(joined.account)})


def listing(ledger: Ledger, *, by: str) -> list[Invitation]:
    """A member's invitations, the newest first."""
    query = select(invitation).where(invitation.c.inviter == by)
    with ledger.reading() as connection:
        rows = connection.execute(query.order_by(invitation.c.made_at.desc(), invitation.c.id)).all()
    return [_told(row) for row in rows]


def shown(code: str) -> str:
    """A code as it is shown, in groups of four."""
    return "-".join(code[at : at + 4] for at in range(0, CODE_LETTERS, 4))


def _check(unit: UnitOfWork, by: str, rule: Verification) -> None:
    _check_entitled(unit, by, rule)
    mine = select(func.count()).where(invitation.c.inviter == by)
    still = mine.where(
        invitation.c.used_at.is_(None), invitation.c.withdrawn_at.is_(None), invitation.c.expires_at > unit.now
    )
    if unit.connection.execute(still).scalar_one() >= rule.open_invitations:
        raise WrongState(
            f"{rule.open_invitations} invitations of yours are open, as many as may be: withdraw one first"
        )
    since = instant_text(outcomes.moment(unit.now) - timedelta(days=_MONTH_DAYS))
    if unit.connection.execute(mine.where(invitation.c.made_at > since)).scalar_one() >= rule.invitations_a_month:
        raise WrongState(
            f"you have made {rule.invitations_a_month} invitations in {_MONTH_DAYS} days; wait for the next"
        )


def _check_entitled(unit: UnitOfWork, by: str, rule: Verification) -> None:
    tier = unit.connection.execute(select(account.c.tier).where(account.c.id == by)).scalar_one()
    if tier not in rule.may_invite:
        raise NotAllowed(f"who invites has a tier of {', '.join(rule.may_invite)}; this one is {tier}")
    vouches.may(unit, by, rule)


def _check_open(unit: UnitOfWork, row: Row[Any]) -> None:
    if row.used_at is not None:
        raise WrongState("this invitation was used already; a lost key is replaced by the operator")
    if row.withdrawn_at is not None or row.expires_at <= unit.now:
        raise WrongState(f"this invitation {'was withdrawn' if row.withdrawn_at else 'has expired'}; ask for another")


def _locked(unit: UnitOfWork, *where: Any) -> Row[Any] | None:
    return unit.connection.execute(select(invitation).where(*where).with_for_update()).one_or_none()


def _hash(code: str) -> str:
    letters = code.upper().translate(_READ_AS)
    if len(letters) != CODE_LETTERS or not set(letters) <= set(ALPHABET):
        raise BadInput(f"a code has {CODE_LETTERS} letters and digits, in groups of four")
    return sha256(letters.encode())


def _told(row: Row[Any]) -> Invitation:
    return Invitation.model_validate({name: row._mapping[name] for name in Invitation.model_fields if name != "code"})
