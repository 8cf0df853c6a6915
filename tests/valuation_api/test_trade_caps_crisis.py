"""Trade caps over HTTP and on the page while a community's crisis holds prices."""

from __future__ import annotations

from collections.abc import Callable
from datetime import date
from decimal import Decimal
from types import SimpleNamespace
from typing import Any, cast

import pytest
from fastapi.testclient import TestClient

from ledger.books import accounts as books
from ledger.books.store import Ledger
from ledger.community import declaring
from ledger.trading import given, trades
from ledger.trading.legs import LegDraft
from models.caps.cap import Cap
from models.explanation.shapes import Explanation
from valuation_api import trade_caps
from valuation_api import trades as routes
from valuation_api.leases import live_market
from valuation_api.pages import trading_steps
from valuation_api.pages.trading_sessions import Visitor
from warehouse.valuation import Factor, Subject, Valuation, ValuationRequest, valuation_id

LAST = date(2026, 11, 30)
BREAD, DRILL = ("loaf of rye bread", "bread"), ("drill", "drill")
PRICES = {BREAD[0]: "6.50", DRILL[0]: "40.00"}
CATEGORIES = dict([BREAD, DRILL])


class Valuer:
    """Values bread and drills; `times` is the cap that the market states for the usual price of `usual`."""

    snapshot_id = "20261114T000000Z-00000000"

    def __init__(self, times: str | None = None, usual: str | None = "6.00", known: str | None = None) -> None:
        self.times, self.usual, self.known = times, usual, known

    def value(self, request: ValuationRequest) -> Valuation:
        fmv = PRICES[request.text]
        return Valuation(
            id=valuation_id(self.snapshot_id, "test", request),
            subject=Subject(asked=request, understood={"category": CATEGORIES[request.text]}),
            value_date="2026-11-13", currency="USD", fmv=fmv, market_value=fmv, low="1.00", high="200.00",
            confidence="B", base=f"{fmv}0000", factors=[Factor(name="season", value="1.000000", evidence=["none"])],
            comparables=[], dampening=None, narrative="", snapshot=self.snapshot_id, model="test",
        )  # fmt: skip

    def explain(self, request: ValuationRequest) -> Explanation:
        cap = None
        if self.times is not None:
            amount = f"{Decimal(self.usual or 0) * Decimal(self.times):.2f}"
            cap = Cap(
                amount=amount, currency="USD", baseline=self.usual or "", times=self.times, rule="statute",
                because="a law", since=date(2026, 11, 1), goods=["food"], statute="Code § 1", source="https://law.example",
            )  # fmt: skip
        return Explanation(valuation=self.value(request), trade_cap=cap)

    def worth_before(self, request: ValuationRequest, day: date) -> Decimal | None:
        return None if self.known is None else Decimal(self.known)


def market(valuer: Valuer) -> Any:
    return SimpleNamespace(valuer=valuer, snapshot=SimpleNamespace(id=valuer.snapshot_id))


@pytest.fixture
def town(ledger: Ledger, town_of: Any) -> TestClient:
    client: TestClient = town_of(routes.router(ledger))
    return client


@pytest.fixture
def offer(ledger: Ledger) -> tuple[Any, str]:
    """Bread for a drill, as the books of the API hold it; its proposer."""
    ada, bob = (books.create(ledger, name)[0].id for name in ("Ada", "Bob"))
    legs = []
    for giver, text in (("proposer", BREAD[0]), ("counterparty", DRILL[0])):
        made = Valuer().value(ValuationRequest(text=text))
        given.keep(ledger, made, made.subject.asked)
        legs.append(LegDraft(giver=giver, kind="goods", valuation=made.id))  # type: ignore[arg-type]
    return trades.propose(ledger, key="p", proposer=ada, counterparty=bob, legs=legs, reason="we like it"), ada


def declare(ledger: Ledger) -> declaring.Crisis:
    return declaring.declare(
        ledger, key="k", by="operator", kind="natural_disaster", ends_on=LAST, note="the river rose"
    )


def found(ledger: Ledger, offer: tuple[Any, str], valuer: Valuer) -> list[tuple[str | None, str | None, bool]]:
    """Amount and multiple of each leg's cap, and whether something is to be said instead."""
    told = trade_caps.of_trade(ledger, market(valuer), *offer)
    return [(each.cap and each.cap.amount, each.cap and each.cap.times, each.note is not None) for each in told]


def test_without_a_crisis_a_cap_is_what_the_market_says(ledger: Ledger, offer: tuple[Any, str]) -> None:
    assert found(ledger, offer, Valuer()) == [(None, None, False)] * 2
    assert found(ledger, offer, Valuer("3"))[0] == ("18.00", "3", False)


@pytest.mark.parametrize(
    ("valuer", "bread"),
    [
        (Valuer("3"), ("9.00", "1.5", False)),  # the crisis is stricter
        (Valuer("1.1"), ("6.60", "1.1", False)),  # the law is
        (Valuer(None, known="5.00"), ("7.50", "1.5", False)),  # nothing else holds it, and what it cost is known
        (Valuer("3", known="5.00"), ("7.50", "1.5", False)),  # it had risen before the surge was told
        (Valuer(None), (None, None, True)),  # nobody knows what it cost: nothing is guessed
    ],
)
def test_in_a_crisis_food_is_held_at_one_and_a_half_times_its_usual_price(
    ledger: Ledger, offer: tuple[Any, str], valuer: Valuer, bread: tuple[str | None, str | None, bool]
) -> None:
    declare(ledger)

    assert found(ledger, offer, valuer)[0] == bread


def test_what_no_household_needs_is_not_held_and_the_end_of_the_crisis_is_the_end_of_its_caps(
    ledger: Ledger, offer: tuple[Any, str]
) -> None:
    made = declare(ledger)
    assert found(ledger, offer, Valuer(None, known="30.00")) == [("45.00", "1.5", False), (None, None, False)]
    declaring.end(ledger, by="operator", crisis_id=made.id)
    assert found(ledger, offer, Valuer(None, known="30.00")) == [(None, None, False)] * 2


def test_the_reason_names_the_crisis_and_the_law_stays_named(ledger: Ledger, offer: tuple[Any, str]) -> None:
    made = declare(ledger)
    cap = next(iter(trade_caps.of_trade(ledger, market(Valuer("3")), *offer))).cap

    assert cap is not None
    assert made.id in cap.because
    assert (cap.rule, cap.since, cap.until, cap.statute) == ("policy", date(2026, 11, 14), LAST, "Code § 1")


def test_over_http_the_cap_or_what_is_to_be_said_stands_beside_the_trade(
    ledger: Ledger, town: TestClient, new_person: Callable[..., Any]
) -> None:
    baker, other = new_person("Baker"), new_person("Other")
    legs = []
    for giver, text in (("proposer", BREAD[0]), ("counterparty", DRILL[0])):
        made = Valuer().value(ValuationRequest(text=text))
        given.keep(ledger, made, made.subject.asked)
        legs.append({"giver": giver, "kind": "goods", "valuation": made.id})
    body = {"counterparty": other.id, "legs": legs, "reason": "we like it"}
    path = f"/v1/trades/{baker.post('/v1/trades', body).json()['id']}"
    before = baker.get(path).json()
    declare(ledger)
    told = []
    for valuer in (Valuer(None, known="6.00"), Valuer(None)):
        town.app.dependency_overrides[live_market] = lambda valuer=valuer: Leased(valuer)  # type: ignore[attr-defined]
        told.append(baker.get(f"{path}/caps").json()["caps"])

    assert [each[0]["trade_cap"] and each[0]["trade_cap"]["amount"] for each in told] == ["9.00", None]
    assert told[0][0]["note"] is None
    assert "no amount is named" in told[1][0]["note"]
    assert baker.get(path).json() == before


class Leased:
    """A market that is leased and stays."""

    def __init__(self, valuer: Valuer) -> None:
        self.market = market(valuer)

    def lease(self) -> Leased:
        return self

    def __enter__(self) -> Any:
        return self.market

    def __exit__(self, *_: object) -> None:
        return None


def test_the_page_of_an_offer_shows_the_cap_or_says_that_no_amount_is_known(
    ledger: Ledger, offer: tuple[Any, str]
) -> None:
    made = declare(ledger)
    trade, ada = offer
    reader = Visitor(books.find(ledger, ada), "token")
    shown = []
    for valuer in (Valuer(None, known="6.00"), Valuer(None)):
        page = trading_steps.trade_page(ledger, reader, trade.id, live=cast(Any, Leased(valuer)))
        shown.append(bytes(page.body).decode())

    assert all(made.id in page for page in shown)
    assert "loaf of rye bread: in a trade now at most" in shown[0]
    assert "no amount is named" in shown[1]
