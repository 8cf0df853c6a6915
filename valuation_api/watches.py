"""Price watches and the notices that come of them, behind a key; each account sees its own.

POST   /v1/watches                   watch a product or a search
GET    /v1/watches                   one's watches
GET    /v1/watches/{id}              one of them
DELETE /v1/watches/{id}              end one
GET    /v1/notices                   what one is told
POST   /v1/notices/{id}/dismiss      seen
"""

from __future__ import annotations

from typing import Annotated

from fastapi import APIRouter, Depends, Path, Query, Response

from ledger.books.standings import Account
from ledger.books.store import Ledger
from ledger.watching import outbox, watches
from valuation_api import problems
from valuation_api.auth import PERSONAL, LedgerRoute, idempotency_key, party
from valuation_api.watch_shapes import NoticeList, NoticeTold, WatchAsked, WatchList, WatchTold

_NOTICE = "^notice_[0-9a-f]{20}$"
WatchId = Annotated[str, Path(pattern="^watch_[0-9a-f]{20}$", description="A watch's id")]
NoticeId = Annotated[str, Path(pattern=_NOTICE, description="A notice's id")]
Key = Annotated[str, Depends(idempotency_key)]
_READS = problems.described(401, 404, 503)
_WRITES = problems.described(400, 401, 404, 409, 503)
# What belongs to a person is kept by no cache.


def router(ledger: Ledger) -> APIRouter:
    """The routes on `ledger`."""
    routes = APIRouter(prefix="/v1", route_class=LedgerRoute, dependencies=PERSONAL)
    _add_watches(routes, ledger)
    _add_notices(routes, ledger)
    return routes


def _add_watches(routes: APIRouter, ledger: Ledger) -> None:
    asking = Depends(party(ledger))

    @routes.post("/watches", status_code=201, tags=["watches"], summary="Watch a price", responses=_WRITES)
    def create(*, by: Account = asking, key: Key, asked: WatchAsked, response: Response) -> WatchTold:
        """Watch a product or a search. It is looked at whenever new values are published; equal terms are one watch."""
        made = watches.create(ledger, key=key, by=by.id, terms=asked.terms())
        response.headers["Location"] = f"/v1/watches/{made.id}"
        return WatchTold.of(made)

    @routes.get("/watches", tags=["watches"], summary="My watches", responses=problems.described(401, 503))
    def all_of_mine(by: Account = asking) -> WatchList:
        """The watches of the account whose key was sent that are not ended, and what each saw last."""
        return WatchList(items=[WatchTold.of(each) for each in watches.listing(ledger, by.id)])

    @routes.get("/watches/{id}", tags=["watches"], summary="Read a watch of one's own", responses=_READS)
    def read(*, by: Account = asking, id: WatchId) -> WatchTold:
        """The watch, for its account; to everybody else it does not exist."""
        return WatchTold.of(watches.view(ledger, by=by.id, watch_id=id))

    @routes.delete("/watches/{id}", tags=["watches"], summary="End a watch", responses=_WRITES)
    def cancel(*, by: Account = asking, key: Key, id: WatchId) -> WatchTold:
        """The watch is not looked at any more, and its open notices are dismissed."""
        return WatchTold.of(watches.cancel(ledger, key=key, by=by.id, watch_id=id))


def _add_notices(routes: APIRouter, ledger: Ledger) -> None:
    asking = Depends(party(ledger))

    @routes.get("/notices", tags=["watches"], summary="My notices", responses=_READS)
    def all_of_mine(
        by: Account = asking,
        dismissed: Annotated[bool, Query(description="Also those that were dismissed")] = False,
        before: Annotated[str | None, Query(pattern=_NOTICE, description="Notices before this one")] = None,
        limit: Annotated[int, Query(ge=1, le=200)] = 50,
    ) -> NoticeList:
        """What the account whose key was sent is told, newest first; `next_before` leads to the older ones."""
        found = outbox.listing(ledger, by.id, dismissed=dismissed, before=before, limit=limit + 1)
        return NoticeList.of(found[:limit], more=len(found) > limit)

    @routes.post("/notices/{id}/dismiss", tags=["watches"], summary="Dismiss a notice", responses=_WRITES)
    def dismiss(*, by: Account = asking, key: Key, id: NoticeId) -> NoticeTold:
        """Seen: it is not told any more. The watch goes on, from the price that was told."""
        return NoticeTold.of(outbox.dismiss(ledger, key=key, by=by.id, notice_id=id))
