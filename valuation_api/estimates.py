"""What members take things to be worth, behind a key.

POST   /v1/estimates            estimate a thing, or revise one's estimate
GET    /v1/estimates            what there is to estimate
POST   /v1/estimates/things     put a thing of one's own up to be estimated
POST   /v1/estimates/close      end a round that one put up, with the trade by which the thing went
GET    /v1/estimates/{about}    the values: one's own first, others' only after it
"""

from __future__ import annotations

from typing import Annotated

from fastapi import APIRouter, Depends, Path, Query

from ledger.books.standings import Account
from ledger.books.store import Ledger
from ledger.estimating import estimate_prices, estimates
from ledger.estimating.estimate_subjects import ABOUT, Subject
from ledger.estimating.estimates import Given
from models.community.answer import beside
from models.community.shapes import evidence
from models.community.words import words_of
from models.knobs import default_knobs
from valuation_api import problems
from valuation_api.auth import PERSONAL, LedgerRoute, idempotency_key, party
from valuation_api.estimate_shapes import Closing, EstimateAsked, PutUp, RoundList, RoundTold, ValuesTold
from valuation_api.leases import Live
from valuation_api.live import LiveMarket
from warehouse.errors import NothingPublished
from warehouse.valuation import Valuation

Key = Annotated[str, Depends(idempotency_key)]
AboutPath = Annotated[str, Path(pattern=ABOUT, max_length=340, description="What the estimates are about")]
_READS = problems.described(401, 404, 422, 503)
_WRITES = problems.described(400, 401, 403, 404, 409, 422, 503)


def router(ledger: Ledger) -> APIRouter:
    """The routes on `ledger`."""
    routes = APIRouter(prefix="/v1/estimates", tags=["estimates"], route_class=LedgerRoute, dependencies=PERSONAL)
    _add_writes(routes, ledger)
    _add_reads(routes, ledger)
    return routes


def _add_writes(routes: APIRouter, ledger: Ledger) -> None:
    asking = Depends(party(ledger))

    @routes.post("", status_code=201, summary="Estimate a thing", responses=_WRITES)
    def give(*, by: Account = asking, key: Key, asked: EstimateAsked, live: Live) -> Given:
        """One estimate a person and thing. It may be revised; what counts is what was said before seeing others'."""
        return estimates.give(
            ledger,
            key=key,
            by=by.id,
            about=asked.about,
            amount=asked.amount,
            currency=asked.currency,
            said=asked.said(),
            market=_words(live, asked.about),
            own=asked.own,
        )

    @routes.post("/things", status_code=201, summary="Put a thing of one's own up", responses=_WRITES)
    def put_up(*, by: Account = asking, key: Key, asked: PutUp) -> RoundTold:
        """From now on members see the thing (not whose it is, nor what was paid) and may estimate it."""
        return RoundTold.of(estimates.put_up(ledger, key=key, by=by.id, thing_id=asked.thing))

    @routes.post("/close", summary="End a round that one put up", responses=_WRITES)
    def close(*, by: Account = asking, key: Key, asked: Closing) -> RoundTold:
        """No more estimates. With a trade its price follows, by which the valuers' records are made."""
        if asked.trade is None:
            return RoundTold.of(estimates.close(ledger, key=key, by=by.id, about=asked.about))
        done = estimate_prices.traded(ledger, key=key, by=by.id, about=asked.about, trade_id=asked.trade)
        return RoundTold.of(done)


def _add_reads(routes: APIRouter, ledger: Ledger) -> None:
    asking = Depends(party(ledger))

    @routes.get("", summary="What there is to estimate", responses=_READS)
    def open_rounds(by: Account = asking, limit: Annotated[int, Query(ge=1, le=500)] = 100) -> RoundList:
        """Open rounds, the newest first."""
        return RoundList(items=[RoundTold.of(each) for each in estimates.listing(ledger, limit=limit)])

    @routes.get("/{about:path}", summary="What a thing is taken to be worth", responses=_READS)
    def values(*, by: Account = asking, about: AboutPath, live: Live) -> ValuesTold:
        """Model, community, owner and where it is offered the combination, each by its name.

        Before one's own estimate only how many there are. That one was shown the others' is kept.
        """
        standing = estimates.show(ledger, by=by.id, about=about)
        if not standing.shown:
            return ValuesTold.of(standing, notes=["give your own estimate first; then you see what others think"])
        subject = standing.subject
        known = evidence(estimates.evidence(ledger))
        told = beside(subject.id, known, _valued(live, subject), subject.currency, default_knobs().community)
        return ValuesTold.of(standing, **{name: getattr(told, name) for name in _VALUES})


_VALUES = ("model", "community", "combined", "notes")


def _words(live: LiveMarket, about: str) -> dict[str, str] | None:
    if not about.startswith(("product:", "listing:")):
        return None
    with live.lease() as market:
        return words_of(market.snapshot.database, about)


def _valued(live: LiveMarket, subject: Subject) -> Valuation | None:
    try:
        with live.lease() as market:
            return market.valuer.value(subject.request())
    except NothingPublished:
        return None
