"""Trust over HTTP: letting others in, standing for them, and who may see what of oneself.

POST /v1/invitations                    make one; its code is in this answer and never again
GET  /v1/invitations                    one's own
POST /v1/invitations/{id}/withdraw
POST /v1/invitations/accept             open an account with a code (no key yet)
POST /v1/vouches   GET /v1/vouches      POST /v1/vouches/{id}/withdraw
POST /v1/consents  GET /v1/consents     POST /v1/consents/{id}/withdraw
"""

from __future__ import annotations

from typing import Annotated

from fastapi import APIRouter, Depends, Path

from ledger.books.standings import Account
from ledger.books.store import Ledger
from ledger.trust import invitations, privacy, vouches
from ledger.trust.invitations import Invitation, Joined
from ledger.trust.privacy import Consent
from ledger.trust.vouches import Vouch
from valuation_api import problems
from valuation_api.auth import PERSONAL, LedgerRoute, idempotency_key, party
from valuation_api.trust_shapes import Consenting, Joining, Vouching

Key = Annotated[str, Depends(idempotency_key)]
InvitationId = Annotated[str, Path(pattern="^invite_[0-9a-f]{20}$")]
VouchId = Annotated[str, Path(pattern="^vouch_[0-9a-f]{20}$")]
ConsentId = Annotated[str, Path(pattern="^consent_[0-9a-f]{20}$")]
_READS = problems.described(401, 429, 503)
_WRITES = problems.described(400, 401, 403, 409, 422, 429, 503)
_ENDS = problems.described(400, 401, 404, 409, 422, 429, 503)


def router(ledger: Ledger) -> APIRouter:
    """The routes on `ledger`."""
    routes = APIRouter(prefix="/v1", route_class=LedgerRoute, dependencies=PERSONAL, tags=["trust"])
    _add_invitations(routes, ledger)
    _add_joining(routes, ledger)
    _add_vouches(routes, ledger)
    _add_consents(routes, ledger)
    return routes


def _add_invitations(routes: APIRouter, ledger: Ledger) -> None:
    asking = Depends(party(ledger))

    @routes.post("/invitations", status_code=201, summary="Invite somebody", responses=_WRITES)
    def invite(*, by: Account = asking, key: Key) -> Invitation:
        """Make an invitation. `code` is in the first answer only: hand it to one person; it opens one account."""
        return invitations.invite(ledger, key=key, by=by.id)

    @routes.get("/invitations", summary="My invitations, the newest first", responses=_READS)
    def listing(by: Account = asking) -> list[Invitation]:
        """Whom one has invited, and what became of it; without the codes."""
        return invitations.listing(ledger, by=by.id)

    @routes.post("/invitations/{id}/withdraw", summary="Take back an invitation", responses=_ENDS)
    def withdraw(*, by: Account = asking, key: Key, id: InvitationId) -> Invitation:
        """End an invitation that nobody has used yet."""
        return invitations.withdraw(ledger, key=key, by=by.id, invitation_id=id)


def _add_joining(routes: APIRouter, ledger: Ledger) -> None:
    @routes.post(
        "/invitations/accept",
        status_code=201,
        summary="Join with an invitation",
        responses=problems.described(400, 403, 409, 422, 429, 503),
    )
    def accept(*, key: Key, asked: Joining) -> Joined:
        """Open an account with a code. `key` is in the first answer only, and stored nowhere; who invited vouches."""
        return invitations.accept(ledger, key=key, code=asked.code, name=asked.name, kind=asked.kind)


def _add_vouches(routes: APIRouter, ledger: Ledger) -> None:
    asking = Depends(party(ledger))

    @routes.post("/vouches", status_code=201, summary="Vouch for a member", responses=_WRITES)
    def give(*, by: Account = asking, key: Key, asked: Vouching) -> Vouch:
        """Stand for another member; its level follows at once. It counts against who vouches if the other defaults."""
        return vouches.give(ledger, key=key, by=by.id, subject=asked.account, note=asked.note)

    @routes.get("/vouches", summary="Vouches I gave and got", responses=_READS)
    def listing(by: Account = asking) -> list[Vouch]:
        """Both ways, the newest first."""
        return vouches.listing(ledger, by=by.id)

    @routes.post("/vouches/{id}/withdraw", summary="Take back a vouch", responses=_ENDS)
    def withdraw(*, by: Account = asking, key: Key, id: VouchId) -> Vouch:
        """Stand for somebody no longer; the other's level follows at once."""
        return vouches.withdraw(ledger, key=key, by=by.id, vouch_id=id)


def _add_consents(routes: APIRouter, ledger: Ledger) -> None:
    asking = Depends(party(ledger))

    @routes.post("/consents", status_code=201, summary="Let a member see something", responses=_WRITES)
    def grant(*, by: Account = asking, key: Key, asked: Consenting) -> Consent:
        """Let one account see one thing of one's own until a day; the same again replaces it."""
        return privacy.grant(ledger, key=key, by=by.id, viewer=asked.viewer, what=asked.what, until=asked.until)

    @routes.get("/consents", summary="Consents I gave and got", responses=_READS)
    def listing(by: Account = asking) -> list[Consent]:
        """Both ways, the newest first, also those that are over."""
        return privacy.listing(ledger, by=by.id)

    @routes.post("/consents/{id}/withdraw", summary="Take back a consent", responses=_ENDS)
    def withdraw(*, by: Account = asking, key: Key, id: ConsentId) -> Consent:
        """The other sees nothing more from now on."""
        return privacy.withdraw(ledger, key=key, by=by.id, consent_id=id)
