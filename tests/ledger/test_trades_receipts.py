from __future__ import annotations

import io
from collections.abc import Callable
from decimal import Decimal

import zxingcpp
from PIL import Image

from ledger.books.store import Ledger
from ledger.trading import receipt, trades
from ledger.trading.legs import LegDraft
from ledger.trading.trade_view import Trade


def bread_for_a_repair(ledger: Ledger, value: Callable[..., str], baker: str, mechanic: str) -> Trade:
    legs = [
        LegDraft(giver="proposer", kind="goods", valuation=value("loaf of rye bread", "6.50"), quantity=Decimal(7)),
        LegDraft(
            giver="counterparty", kind="service", valuation=value("repair", "45.00"), declared=44_00,
            attestation="a friend's price",
        ),
        LegDraft(giver="counterparty", kind="k", amount=50),
    ]  # fmt: skip
    return trades.propose(ledger, key="p", proposer=baker, counterparty=mechanic, legs=legs)


def test_a_receipt_says_who_gives_what_and_who_pays_the_fee(
    ledger: Ledger, value: Callable[..., str], ada: str, bob: str
) -> None:
    paper = receipt.of(bread_for_a_repair(ledger, value, ada, bob))

    assert (paper.title, paper.proposer, paper.counterparty) == ("Offer", "Ada", "Bob")
    assert [(line.what, line.worth) for line in paper.by_proposer] == [("7 × loaf of rye bread", "45.50 K")]
    assert [line.worth for line in paper.by_counterparty] == ["44.00 K, declared; fair market value 45.00 K", "0.50 K"]
    assert "a friend's price" in paper.by_counterparty[0].source
    assert ("Community fee", "0.44 K, paid by Bob (foreseen)") in paper.facts


def test_the_code_on_it_holds_the_trade_and_its_terms(
    ledger: Ledger, value: Callable[..., str], ada: str, bob: str
) -> None:
    made = bread_for_a_repair(ledger, value, ada, bob)
    picture = Image.open(io.BytesIO(receipt._code(receipt.of(made).code)))

    assert [each.text for each in zxingcpp.read_barcodes(picture)] == [
        f"katy:trade:{made.id}?terms={made.terms_sha256}"
    ]


def test_equal_receipts_are_equal_papers_in_any_language(
    ledger: Ledger, value: Callable[..., str], ada: str, bob: str
) -> None:
    made = bread_for_a_repair(ledger, value, ada, bob)
    legs = tuple(leg.model_copy(update={"description": "Żółty rower – 自転車"}) for leg in made.legs)
    told = receipt.of(made.model_copy(update={"legs": legs}))
    first = receipt.pdf(told)

    assert first.startswith(b"%PDF-")
    assert first == receipt.pdf(told)
    assert b"OpenSans" in first
