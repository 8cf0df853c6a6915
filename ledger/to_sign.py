"""Trades of a business that wait for its signers: what they sign, and how many have signed.

A signer is no party. They see a proposal of their business as its parties see it, because that is what they sign.
Schedules are in `to_sign_schedules`.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from sqlalchemy import ColumnElement, Connection, Row, Table, and_, or_, select

from ledger import waiting
from ledger.books import signing
from ledger.books.errors import Unknown
from ledger.books.paging import Page
from ledger.books.store import Ledger
from ledger.books.units import K
from ledger.policy.dated import Policy
from ledger.tables import signature, signer, trade
from ledger.trading import reading
from ledger.trading.trade_view import Party, Trade


@dataclass(frozen=True, slots=True)
class Signatures:
    """How far the signatures of a business are, seen by somebody. It would pay `pays` rails at once, with all that the
    community takes; `signed` of the `needed` signers have signed that (0 needed: none), and `mine` says whether the
    reader has. `too_few`: the business has not that many signers."""

    business: Party
    pays: int
    needed: int
    signed: int
    mine: bool
    too_few: bool = False

    @property
    def waits(self) -> bool:
        """Whether signatures are missing."""
        return self.signed < self.needed


@dataclass(frozen=True, slots=True)
class ToSign:
    """A proposed trade, seen for one of its parties."""

    trade: Trade
    signatures: Signatures


def listing(ledger: Ledger, by: str, *, after: str | None = None, limit: int = waiting.MOST) -> Page[ToSign]:
    """The trades that wait for this member's signature, the newest first, from behind the trade `after`; a trade
    between two businesses stands there for each for which they sign. Raises `Unknown`, `BadInput`."""
    today = ledger.policy()

    def told(connection: Connection, row: Row[Any]) -> list[ToSign]:
        seen = _seen(ledger, connection, today, row.id, by)
        return [each for each in seen if each.signatures.waits and not each.signatures.mine]

    listed = and_(trade.c.state == "proposed", unsigned(trade, by))
    return waiting.page(ledger, trade, signed_for(trade, by), listed, told, after, limit)


def one(ledger: Ledger, by: str, trade_id: str) -> ToSign:
    """A proposed trade for one of its signers. Raises `Unknown` for everybody else, and for one that is past that."""
    today = ledger.policy()
    with ledger.reading() as connection:
        found = connection.execute(select(trade.c.state).where(trade.c.id == trade_id)).scalar_one_or_none()
        seen = _seen(ledger, connection, today, trade_id, by) if found == "proposed" else []
    if not seen:
        raise Unknown(f'there is no trade "{trade_id}" that waits for your signature')
    return min(seen, key=lambda each: not each.signatures.waits)


def of_party(ledger: Ledger, seen: Trade, party: str) -> Signatures | None:
    """How far the signatures of a party of its own proposed trade are; None where none are needed."""
    if seen.state != "proposed":
        return None
    today = ledger.policy()
    with ledger.reading() as connection:
        made = _for(connection, today, seen, party, by="").signatures
    return made if made.needed else None


def unsigned(of: Table, by: str) -> ColumnElement[bool]:
    """A condition on trades or schedules: this member signs for a party for which it has not signed the terms."""
    done = select(signature.c.account).where(signature.c.subject == of.c.terms_sha256, signature.c.member == by)
    missing = select(signer.c.account).where(signer.c.member == by, signer.c.account.not_in(done.correlate(of)))
    return or_(of.c.proposer.in_(missing.correlate(of)), of.c.counterparty.in_(missing.correlate(of)))


def signed_for(of: Table, by: str) -> ColumnElement[bool]:
    """A condition on trades or schedules: this member signs for one of the parties."""
    signs_for = select(signer.c.account).where(signer.c.member == by)
    return or_(of.c.proposer.in_(signs_for), of.c.counterparty.in_(signs_for))


def count(connection: Connection, today: Policy, terms: str, business: Party, pays: int, by: str) -> Signatures:
    """The signatures of a party under the terms of a trade or a schedule, of which it would pay `pays` rails at once;
    the policy of the day decides how many are needed. Nothing is written."""
    needed = signing.asked(connection, today, {(business.id, K): -pays}).get(business.id, 0)
    return Signatures(
        business=business,
        pays=max(pays, 0),
        needed=needed,
        signed=signing.signed(connection, terms, business.id),
        mine=signing.has_signed(connection, terms, business.id, by),
        too_few=needed > 0 and len(signing.signers(connection, business.id)) < needed,
    )


def _seen(ledger: Ledger, connection: Connection, today: Policy, trade_id: str, by: str) -> list[ToSign]:
    """The trade for each of its parties that the member signs for."""
    seen = reading.read(connection, trade_id, ledger.policies)
    sides = (seen.proposer.id, seen.counterparty.id)
    mine = [side for side in sides if by in signing.signers(connection, side)]
    return [_for(connection, today, seen, side, by) for side in mine]


def _for(connection: Connection, today: Policy, seen: Trade, business: str, by: str) -> ToSign:
    of = seen.proposer if business == seen.proposer.id else seen.counterparty
    return ToSign(seen, count(connection, today, seen.terms_sha256, of, _paid(seen, business), by))


def _paid(seen: Trade, business: str) -> int:
    """The rails that leave a party by a trade, with all that the community takes of it."""
    role = "proposer" if business == seen.proposer.id else "counterparty"
    moved = sum((leg.amount or 0) * (1 if leg.giver == role else -1) for leg in seen.legs if leg.kind == "k")
    taken = (seen.fee, seen.insurance)
    return moved + sum(each.proposer if role == "proposer" else each.counterparty for each in taken)
