"""Trades of a business that wait for its signers: what they sign, and how many have signed.

A signer is no party. They see a proposal of their business as its parties see it, because that is what they sign.
"""

from __future__ import annotations

from dataclasses import dataclass

from sqlalchemy import Connection, or_, select

from ledger.books import signing
from ledger.books.errors import NotAllowed, Unknown
from ledger.books.store import Ledger, UnitOfWork, instant_text
from ledger.books.units import K
from ledger.tables import signature, signer, trade
from ledger.trading import reading
from ledger.trading.trade_view import Party, Trade

MOST_LISTED = 50


@dataclass(frozen=True, slots=True)
class ToSign:
    """A proposed trade, seen for one of its parties. `signed` of the `needed` signers have signed its terms (0 needed:
    none), and `mine` says whether the reader has. `too_few`: the business has not that many signers."""

    trade: Trade
    business: Party
    needed: int
    signed: int
    mine: bool
    too_few: bool = False

    @property
    def waits(self) -> bool:
        """Whether signatures are missing."""
        return self.trade.state == "proposed" and self.signed < self.needed


def listing(ledger: Ledger, by: str) -> list[ToSign]:
    """The trades that wait for this member's signature, the newest first."""
    signs_for = select(signer.c.account).where(signer.c.member == by)
    parties = or_(trade.c.proposer.in_(signs_for), trade.c.counterparty.in_(signs_for))
    query = select(trade.c.id).where(trade.c.state == "proposed", parties)
    newest = query.order_by(trade.c.proposed_at.desc(), trade.c.id.desc()).limit(MOST_LISTED)
    with ledger.reading() as connection:
        found = [
            each for id in connection.execute(newest).scalars().all() for each in _seen(ledger, connection, id, by)
        ]
    return [each for each in found if each.waits and not each.mine]


def one(ledger: Ledger, by: str, trade_id: str) -> ToSign:
    """A proposed trade for one of its signers. Raises `Unknown` for everybody else, and for one that is past that."""
    with ledger.reading() as connection:
        found = connection.execute(select(trade.c.state).where(trade.c.id == trade_id)).scalar_one_or_none()
        seen = _seen(ledger, connection, trade_id, by) if found == "proposed" else []
    if not seen:
        raise Unknown(f'there is no trade "{trade_id}" that waits for your signature')
    return min(seen, key=lambda each: not each.waits)


def of_party(ledger: Ledger, seen: Trade, party: str) -> ToSign | None:
    """How far the signatures of a party of its own trade are; None where none are needed."""
    if seen.state != "proposed":
        return None
    with ledger.reading() as connection:
        made = _for(ledger, connection, seen, party, by="")
    return made if made.needed else None


def _seen(ledger: Ledger, connection: Connection, trade_id: str, by: str) -> list[ToSign]:
    """The trade for each of its parties that the member signs for."""
    seen = reading.read(connection, trade_id, ledger.policies)
    sides = (seen.proposer.id, seen.counterparty.id)
    mine = [side for side in sides if by in signing.signers(connection, side)]
    return [_for(ledger, connection, seen, side, by) for side in mine]


def _for(ledger: Ledger, connection: Connection, seen: Trade, business: str, by: str) -> ToSign:
    # The policy of the day decides what must be signed; nothing is written here.
    unit = UnitOfWork(connection, instant_text(ledger.clock()), ledger.policy(), ledger.policies)
    too_few = False
    try:
        needed = signing.needed(unit, {(business, K): -_paid(seen, business)}).get(business, 0)
    except NotAllowed:
        needed, too_few = len(signing.signers(connection, business)) + 1, True
    query = select(signature.c.member).where(signature.c.subject == seen.terms_sha256, signature.c.member == by)
    return ToSign(
        trade=seen,
        business=seen.proposer if business == seen.proposer.id else seen.counterparty,
        needed=needed,
        signed=signing.signed(connection, seen.terms_sha256, business),
        mine=connection.execute(query).first() is not None,
        too_few=too_few,
    )


def _paid(seen: Trade, business: str) -> int:
    """The rails that leave a party by a trade, with all that the community takes of it."""
    role = "proposer" if business == seen.proposer.id else "counterparty"
    moved = sum((leg.amount or 0) * (1 if leg.giver == role else -1) for leg in seen.legs if leg.kind == "k")
    taken = (seen.fee, seen.insurance)
    return moved + sum(each.proposer if role == "proposer" else each.counterparty for each in taken)
