"""The trade caps of a trade's things today: what the market says, and what the community's open crises hold."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from decimal import Decimal

from ledger.books.store import Ledger
from ledger.policy import crises
from ledger.policy.crises import Surge
from ledger.trading import caps, trades
from ledger.trading.trade_view import LegView, Trade
from models.caps.cap import Cap
from models.caps.rules import classes_of
from valuation_api.live import Market, Valuer
from warehouse.valuation import Valuation, ValuationRequest


@dataclass(frozen=True, slots=True)
class Found:
    """The cap of one piece of a leg's thing (None: nothing limits it), and what is to be said where a crisis holds its
    price and no amount can be named."""

    leg: LegView
    cap: Cap | None
    note: str | None = None


def of_trade(ledger: Ledger, market: Market, trade: Trade, by: str) -> Iterator[Found]:
    """The caps of the legs that have a valuation, as they are today, for a party of the trade."""
    surges = _surges(ledger)
    for leg in trade.legs:
        if leg.valuation is not None:
            content = trades.fmv_content(ledger, by=by, trade_id=trade.id, position=leg.position)
            asked = Valuation.model_validate_json(content).subject.asked.model_copy(update={"as_of": None})
            yield Found(leg, *_of_thing(market.valuer, asked, surges))


def _surges(ledger: Ledger) -> Sequence[Surge]:
    day = ledger.clock().date()
    with ledger.reading() as connection:
        return crises.surges(connection, ledger.policies.on(day), day)


def _of_thing(valuer: Valuer, asked: ValuationRequest, surges: Sequence[Surge]) -> tuple[Cap | None, str | None]:
    explained = valuer.explain(asked)
    cap, valuation = explained.trade_cap, explained.valuation
    category = str(valuation.subject.understood.get("category") or "")
    goods = classes_of(category) if cap is None else cap.goods
    surge = caps.held_by(surges, {*goods, category})
    if surge is None:
        return cap, None
    stated = None if cap is None else caps.Stated(
        Decimal(cap.amount), cap.currency, Decimal(cap.baseline), Decimal(cap.times)
    )  # fmt: skip
    before = valuer.worth_before(asked, surge.since)
    lower = caps.stricter(stated, surge, currency=valuation.currency, baseline=before)
    if lower is None:
        return cap, (caps.not_known(surge) if cap is None else None)
    said = {
        "amount": f"{lower.amount:f}",
        "currency": lower.currency,
        "baseline": f"{lower.baseline:f}",
        "times": f"{lower.times.normalize():f}",
        "rule": "policy",
        "because": lower.because,
        "since": lower.since,
        "until": lower.until,
    }
    return (Cap.model_validate({**said, "goods": goods}) if cap is None else cap.model_copy(update=said)), None
