"""The steps of an accepted trade over HTTP.

POST /v1/trades/{id}/deliver                   mark one's side as delivered, with a note and a photo's hash
POST /v1/trades/{id}/confirm | cancel          received; call it off
POST /v1/trades/{id}/no-show                   the day is over and the other delivered nothing
POST /v1/trades/{id}/attest | sign             a witness's word; a business's signer
POST /v1/trades/{id}/dispute                   freeze it
POST /v1/trades/{id}/resolution                suggest how a dispute ends
POST /v1/trades/{id}/resolution/agree          agree to what was suggested
POST /v1/trades/{id}/resolution/decide         a treasurer decides (scope: treasurer)
"""

from __future__ import annotations

from typing import Annotated

from fastapi import APIRouter, Body, Depends, Path
from pydantic import BaseModel, ConfigDict, Field

from ledger.books.store import Ledger
from ledger.trading import delivering, disputes, trades
from ledger.trading.delivering import Attested
from ledger.trading.rows import LONGEST_TEXT
from valuation_api import problems
from valuation_api.auth import Asker, LedgerRoute, asker, idempotency_key
from valuation_api.trade_shapes import Sha256, TradeTold

TradeId = Annotated[str, Path(pattern="^trade_[0-9a-f]{20}$", description="A trade's id")]
Key = Annotated[str, Depends(idempotency_key)]
Words = Annotated[str, Field(min_length=1, max_length=LONGEST_TEXT, pattern=r"^[^\x00]*$")]
Percent = Annotated[int, Field(ge=0, le=100, description="The share of what the legs move that their receivers get")]
_WRITES = problems.described(400, 401, 403, 404, 409, 422, 503)


class _Asked(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True)


class NoteAsked(_Asked):
    """A note, where there is something to say."""

    note: Words | None = None


class DeliveryAsked(NoteAsked):
    """What was delivered; the photo itself stays with whoever took it."""

    photo_sha256: Sha256 | None = None


class WordsAsked(_Asked):
    """What somebody says, in words."""

    said: Words


class TermsAsked(_Asked):
    """The terms that are signed."""

    terms_sha256: Sha256


class ResolutionAsked(NoteAsked):
    """How a dispute ends: 100 as agreed, 0 not at all, between: that share of the K and the minutes."""

    percent: Percent


class DecisionAsked(_Asked):
    """A treasurer's decision and why."""

    percent: Percent
    note: Words


def router(ledger: Ledger) -> APIRouter:
    """The routes on `ledger`, below the prefix of whoever includes them."""
    routes = APIRouter(prefix="/trades/{id}", route_class=LedgerRoute, tags=["trades"])
    _add_delivery(routes, ledger)
    _add_ends(routes, ledger)
    _add_others(routes, ledger)
    _add_disputes(routes, ledger)
    return routes


def _add_delivery(routes: APIRouter, ledger: Ledger) -> None:
    asking = Depends(asker(ledger))

    @routes.post("/deliver", summary="Mark one's side as delivered", responses=_WRITES)
    def deliver(*, by: Asker = asking, key: Key, id: TradeId, asked: DeliveryAsked) -> TradeTold:
        """What this party gives is delivered. It moves nothing; the other's confirmation does."""
        said = {"note": asked.note, "photo_sha256": asked.photo_sha256}
        return TradeTold.of(delivering.deliver(ledger, key=key, by=by.id, trade_id=id, **said))

    @routes.post("/no-show", summary="The other did not come", responses=_WRITES)
    def no_show(
        *,
        by: Asker = asking,
        key: Key,
        id: TradeId,
        asked: Annotated[NoteAsked | None, Body()] = None,
    ) -> TradeTold:
        """The day of delivery is over and the other has delivered nothing: the trade is off, and is held against
        them."""
        note = None if asked is None else asked.note
        return TradeTold.of(delivering.no_show(ledger, key=key, by=by.id, trade_id=id, note=note))


def _add_ends(routes: APIRouter, ledger: Ledger) -> None:
    asking = Depends(asker(ledger))

    @routes.post("/confirm", summary="Confirm a trade", responses=_WRITES)
    def confirm(*, by: Asker = asking, key: Key, id: TradeId) -> TradeTold:
        """This party has received everything. With the second word everything moves and the trade is done."""
        return TradeTold.of(trades.confirm(ledger, key=key, by=by.id, trade_id=id))

    @routes.post("/cancel", summary="Cancel a trade", responses=_WRITES)
    def cancel(*, by: Asker = asking, key: Key, id: TradeId) -> TradeTold:
        """The trade is off; after somebody has confirmed, once both have asked for it."""
        return TradeTold.of(trades.cancel(ledger, key=key, by=by.id, trade_id=id))


def _add_others(routes: APIRouter, ledger: Ledger) -> None:
    asking = Depends(asker(ledger))

    @routes.post("/attest", summary="Witness a trade", responses=_WRITES)
    def attest(*, by: Asker = asking, key: Key, id: TradeId, asked: WordsAsked) -> Attested:
        """Somebody who is no party says what they saw of a trade whose id they were given. It tells them nothing."""
        return delivering.attest(ledger, key=key, by=by.id, trade_id=id, said=asked.said)

    @routes.post("/sign", summary="Sign a trade for a business", responses=_WRITES)
    def sign(*, by: Asker = asking, key: Key, id: TradeId, asked: TermsAsked) -> Attested:
        """A signer of a business that is a party signs the terms of the newest offer, so that it can be accepted."""
        return delivering.sign(ledger, key=key, by=by.id, trade_id=id, terms=asked.terms_sha256)


def _add_disputes(routes: APIRouter, ledger: Ledger) -> None:
    asking, treasurer = Depends(asker(ledger)), Depends(asker(ledger, "treasurer"))

    @routes.post("/dispute", summary="Freeze a trade", responses=_WRITES)
    def dispute(*, by: Asker = asking, key: Key, id: TradeId, asked: WordsAsked) -> TradeTold:
        """Nothing moves and nothing ends until both agree on an end, or a treasurer decides."""
        return TradeTold.of(disputes.dispute(ledger, key=key, by=by.id, trade_id=id, reason=asked.said))

    @routes.post("/resolution", summary="Suggest how a dispute ends", responses=_WRITES)
    def suggest(*, by: Asker = asking, key: Key, id: TradeId, asked: ResolutionAsked) -> TradeTold:
        """The newest suggestion is the one that the other party may agree to."""
        said = {"percent": asked.percent, "note": asked.note}
        return TradeTold.of(disputes.suggest(ledger, key=key, by=by.id, trade_id=id, **said))  # type: ignore[arg-type]

    @routes.post("/resolution/agree", summary="Agree to what was suggested", responses=_WRITES)
    def agree(*, by: Asker = asking, key: Key, id: TradeId, asked: ResolutionAsked) -> TradeTold:
        """The dispute ends as the other suggested, naming the share that was suggested."""
        return TradeTold.of(disputes.agree(ledger, key=key, by=by.id, trade_id=id, percent=asked.percent))

    @routes.post("/resolution/decide", summary="Decide a dispute", responses=_WRITES)
    def decide(*, by: Asker = treasurer, key: Key, id: TradeId, asked: DecisionAsked) -> TradeTold:
        """A treasurer who is no party decides, and says why."""
        said = {"percent": asked.percent, "note": asked.note, "as_treasurer": True}
        return TradeTold.of(disputes.decide(ledger, key=key, by=by.id, trade_id=id, **said))  # type: ignore[arg-type]
