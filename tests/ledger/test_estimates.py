"""Members' estimates in the books: one a person, independent of others', kept with their history, on both databases."""

from __future__ import annotations

from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from decimal import Decimal
from typing import Any

import pytest

from ledger.books import accounts
from ledger.books.errors import LimitReached, NotAllowed, Unknown, WrongState
from ledger.books.store import Ledger
from ledger.estimating import estimate_prices, estimates
from ledger.estimating.estimates import Given
from ledger.owned import things
from ledger.trading import trades
from ledger.trading.legs import LegDraft
from warehouse.errors import BadInput

CHEST = "free:carved-chest"
WORDS = {"title": "Carved oak chest, 1840", "category": "furniture"}


@pytest.fixture
def give(ledger: Ledger) -> Callable[..., Given]:
    number = iter(range(1000))

    def made(by: str, amount: str, about: str = CHEST, **said: Any) -> Given:
        known = {"currency": "USD", "said": WORDS, "key": f"give-{next(number)}"}
        return estimates.give(ledger, by=by, about=about, amount=amount, **{**known, **said})

    return made


@pytest.fixture
def lamp(ledger: Ledger, ada: str) -> str:
    said = {"title": "Brass lamp", "paid": "5", "currency": "USD", "wants_low": "20", "wants_high": "40"}
    return things.add(ledger, key="lamp", by=ada, said=said).id


def counted(ledger: Ledger) -> list[tuple[str, str]]:
    return [(each["valuer"], each["amount"]) for each in estimates.evidence(ledger)["estimates"]]


def test_others_estimates_are_shown_after_one_s_own_only(ledger: Ledger, give: Any, ada: str, bob: str) -> None:
    give(ada, "400")
    before = estimates.show(ledger, by=bob, about=CHEST)
    assert (before.shown, before.mine, before.estimates) == (False, None, 1)
    give(bob, "250")
    after = estimates.show(ledger, by=bob, about=CHEST)
    assert after.shown
    assert after.estimates == 2
    assert after.subject.said == {"attributes": {}, **WORDS}


def test_what_is_said_after_seeing_others_is_kept_and_does_not_count(
    ledger: Ledger, give: Any, ada: str, bob: str
) -> None:
    give(ada, "400")
    assert give(bob, "250").counts
    assert give(bob, "260").counts, "a revision before seeing others"
    estimates.show(ledger, by=bob, about=CHEST)
    late = give(bob, "400")
    assert (late.counts, late.amount, late.counted_amount, late.revision) == (False, "400", "260", 3)
    assert sorted(counted(ledger)) == sorted([(ada, "400"), (bob, "250"), (bob, "260")])
    told = estimates.history(ledger, by=bob, about=CHEST)
    assert [each["amount"] for each in told] == ["250", "260", "400"]


def test_an_estimate_of_one_s_own_thing_is_marked_and_does_not_count(
    ledger: Ledger, give: Any, ada: str, bob: str, lamp: str
) -> None:
    with pytest.raises(Unknown, match="put up"):
        give(bob, "30", lamp)
    estimates.put_up(ledger, key="up", by=ada, thing_id=lamp)
    with pytest.raises(Unknown, match="among yours"):
        estimates.put_up(ledger, key="up", by=bob, thing_id=lamp)

    own = give(ada, "500", lamp)
    assert (own.own, own.counts) == (True, False)
    give(bob, "30", lamp)
    assert counted(ledger) == [(bob, "30")]
    seen = estimates.show(ledger, by=bob, about=lamp)
    assert (seen.estimates, seen.owner.wants_low, seen.owner.wants_high) == (1, "20", "40")  # type: ignore[union-attr]
    assert "paid" not in seen.subject.said
    assert not give(bob, "9", "free:mine", own=True).counts


def test_a_removed_thing_leaves_no_word_of_it(ledger: Ledger, give: Any, ada: str, bob: str, lamp: str) -> None:
    estimates.put_up(ledger, key="up", by=ada, thing_id=lamp)
    give(bob, "30", lamp)
    things.remove(ledger, key="gone", by=ada, thing_id=lamp)
    assert estimates.listing(ledger, open_only=False) == []
    with pytest.raises(Unknown):
        estimates.show(ledger, by=bob, about=lamp)
    with ledger.reading() as connection:
        for table in ("estimate_subject", "idempotency"):
            rows = connection.exec_driver_sql(f"SELECT * FROM {table}").all()
            assert "Brass" not in str(rows)


def test_a_round_is_closed_by_whoever_opened_it_and_then_open_to_all(
    ledger: Ledger, give: Any, ada: str, bob: str, eve: str
) -> None:
    give(ada, "400")
    with pytest.raises(NotAllowed):
        estimates.close(ledger, key="c", by=bob, about=CHEST)
    assert estimates.close(ledger, key="c", by=ada, about=CHEST).closed_at is not None
    with pytest.raises(WrongState, match="closed"):
        give(bob, "250")
    assert estimates.show(ledger, by=eve, about=CHEST).shown
    assert estimates.listing(ledger) == []


def test_a_finished_trade_says_the_price_and_not_the_record_of_its_parties(
    ledger: Ledger, give: Any, ada: str, bob: str, lamp: str, value: Callable[..., str], clock: Any
) -> None:
    estimates.put_up(ledger, key="up", by=ada, thing_id=lamp)
    give(bob, "30", lamp)
    clock.move(days=1)
    legs = [
        LegDraft(giver="proposer", kind="goods", valuation=value("Brass lamp", "25.00")),
        LegDraft(giver="counterparty", kind="k", amount=3300),
    ]
    made = trades.propose(ledger, key="p", proposer=ada, counterparty=bob, legs=legs, reason="agreed")
    with pytest.raises(WrongState, match="finished"):
        estimate_prices.traded(ledger, key="t", by=ada, about=lamp, trade_id=made.id)
    trades.accept(ledger, key="a", by=bob, trade_id=made.id)
    for party in (ada, bob):
        trades.confirm(ledger, key=f"c{party}", by=party, trade_id=made.id)
    with pytest.raises(NotAllowed):
        estimate_prices.traded(ledger, key="t", by=bob, about=lamp, trade_id=made.id)
    assert estimate_prices.traded(ledger, key="t", by=ada, about=lamp, trade_id=made.id).closed_at is not None

    (price,) = estimates.evidence(ledger)["prices"]
    assert Decimal(price["amount"]) == Decimal("33.00")
    assert price["parties"] == sorted([ada, bob])
    (waits,) = estimate_prices.unjudged(ledger)
    said = {"value": "25.00", "low": "20.00", "high": "30.00"}
    estimate_prices.judge(ledger, waits.subject.id, model=said, community=None)
    estimate_prices.judge(ledger, waits.subject.id, model=None, community=None)
    assert estimates.evidence(ledger)["prices"][0]["model"] == said, "what was known before is written once"
    assert estimate_prices.unjudged(ledger) == []
    with pytest.raises(WrongState, match="has its price"):
        estimates.put_up(ledger, key="again", by=ada, thing_id=lamp)


def test_a_product_that_had_its_price_is_estimated_in_a_new_round(ledger: Ledger, give: Any, ada: str) -> None:
    market = {"title": "Makita drill", "category": "drill"}
    with pytest.raises(Unknown, match="knows no"):
        give(ada, "90", "product:makita", said={"title": "A gold bar"})
    first = give(ada, "90", "product:makita", market=market)
    (waits,) = estimate_prices.waiting(ledger)
    assert (waits.subject.title, waits.subject.category) == ("Makita drill", "drill")
    assert estimate_prices.sold(
        ledger, subject_id=waits.subject.id, amount=Decimal(80), source="market:x", priced_at=waits.since
    )
    assert give(ada, "85", "product:makita", market=market).round != first.round


def test_the_first_words_and_money_stand(ledger: Ledger, give: Any, ada: str, bob: str) -> None:
    give(ada, "400")
    give(bob, "300", said={"title": "Worthless box"})
    assert estimates.show(ledger, by=bob, about=CHEST).subject.title == WORDS["title"]
    with pytest.raises(BadInput, match="are in USD, not in EUR"):
        give(bob, "300", currency="EUR")
    for amount in ("0", "-1", "1e9", "٣"):
        with pytest.raises(BadInput, match="amount"):
            give(bob, amount)
    with pytest.raises(BadInput, match="names nothing"):
        give(bob, "1", "chest")
    with pytest.raises(BadInput, match="said yet"):
        give(bob, "1", "free:other", said={})


def test_nobody_estimates_without_end(ledger: Ledger, give: Any, ada: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(estimates, "MOST_IN_A_DAY", 3)
    monkeypatch.setattr(estimates, "MOST_REVISIONS", 2)
    give(ada, "1")
    give(ada, "2")
    with pytest.raises(LimitReached, match="revised at most"):
        give(ada, "3")
    give(ada, "3", "free:another")
    with pytest.raises(LimitReached, match="a day"):
        give(ada, "4", "free:third")


def test_many_at_once_are_one_round_and_one_key_is_one_estimate(ledger: Ledger, give: Any) -> None:
    people = [accounts.create(ledger, f"Person {number}")[0].id for number in range(6)]
    with ThreadPoolExecutor(6) as pool:
        rounds = {each.round for each in pool.map(lambda by: give(by, "100"), people)}
    assert len(rounds) == 1
    assert give(people[0], "120", key="same") == give(people[0], "120", key="same")
    assert len(counted(ledger)) == 7
