"""Whether a finished trade's tax lines are what the books say. Anything that does not tie stops the run.

A leg ties to its frozen record, the legs to the hash of the terms, the terms to the transfer in the chain, the legs of
K and minutes, the fee and the insurance to the entries, and every entry to its own hash.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable
from decimal import Decimal

from ledger.books.canonical import sha256
from ledger.books.errors import Tampered
from ledger.books.links import entry_hash, transfer_digest
from ledger.books.units import K, amount_text
from ledger.policy.dated import Policies
from ledger.tax.errors import DoesNotTie
from ledger.tax.reading import DoneTrade
from ledger.trading import fmv
from ledger.trading.legs import UNIT_OF
from ledger.trading.terms import terms_hash


def check(trades: Iterable[DoneTrade], policies: Policies) -> None:
    """Raise `DoesNotTie`, naming the first trade, leg or entry that does not, with the exact difference."""
    for trade in trades:
        _records(trade, policies)
        _terms(trade)
        _entries(trade)


def _records(trade: DoneTrade, policies: Policies) -> None:
    policy = policies.on(trade.frozen_on)
    for leg in trade.legs:
        place = f"{trade.id}, leg {leg.position}"
        if sha256(leg.record.content) != leg.fmv_sha256:
            raise DoesNotTie(f"{place}: its FMV record {leg.fmv_sha256} does not give its hash")
        try:
            fmv.check(leg.record.kind, leg.record.content)
            again = fmv.fair(leg.record, Decimal(leg.quantity), policy)
        except Tampered as error:
            raise DoesNotTie(f"{place}: {error}") from error
        if leg.row["fair"] != again.value:
            raise DoesNotTie(
                f"{place}: says {_rails(leg.row['fair'])}, its FMV record says {_rails(again.value)}; "
                f"{_apart(leg.row['fair'], again.value)}"
            )
        if not leg.known and leg.declared_cents is None:
            raise DoesNotTie(f"{place}: has neither a fair market value nor a declared one")


def _terms(trade: DoneTrade) -> None:
    rows = [leg.row for leg in trade.legs]
    told = terms_hash(trade.id, trade.proposer, trade.counterparty, trade.reason, rows, trade.deliver_by)
    if told != trade.terms_sha256:
        raise DoesNotTie(f"{trade.id}: its legs do not give the hash of its terms, {trade.terms_sha256}")
    final = [each.transfer for each in trade.moved if each.transfer["id"] == trade.transfer]
    if not final or final[0]["terms_sha256"] != trade.terms_sha256:
        raise DoesNotTie(f"{trade.id}: the chain holds no transfer with the hash of its terms, {trade.terms_sha256}")


def _entries(trade: DoneTrade) -> None:
    moved: defaultdict[tuple[str, str], int] = defaultdict(int)
    for each in trade.moved:
        own = each.entry
        told = entry_hash(
            previous=own["previous"],
            seq=own["seq"],
            transfer_sha256=transfer_digest(each.transfer),
            transfer_id=own["transfer"],
            line=own["line"],
            account=own["account"],
            unit=own["unit"],
            amount=own["amount"],
        )
        if told != own["hash"]:
            raise DoesNotTie(f"{trade.id}: entry {own['seq']} was changed, it does not give its hash")
        moved[own["account"], own["unit"]] += own["amount"]
    expected = _expected(trade)
    for place in sorted(moved.keys() | expected.keys()):
        account, unit = place
        if moved[place] != expected[place]:
            apart = amount_text(moved[place] - expected[place], unit)
            raise DoesNotTie(
                f"{trade.id}: the entries of {account} sum to {amount_text(moved[place], unit)}, the legs and the fee "
                f"say {amount_text(expected[place], unit)}; they are {apart} apart"
            )


def _expected(trade: DoneTrade) -> defaultdict[tuple[str, str], int]:
    """What the legs of K and minutes and the fee move, by account and unit."""
    expected: defaultdict[tuple[str, str], int] = defaultdict(int)
    for leg in trade.legs:
        if leg.kind in UNIT_OF:
            expected[leg.giver, UNIT_OF[leg.kind]] -= leg.moved or 0
            expected[leg.receiver, UNIT_OF[leg.kind]] += leg.moved or 0
    for party, fee in trade.fees.items():
        expected[party, K] -= fee
        insured = trade.insured.get(party, 0)
        for to, amount in ((trade.fee_to, fee - insured), (trade.insurance_to, insured)):
            if to is not None:
                expected[to, K] += amount
    return expected


def _rails(amount: int | None) -> str:
    return "unknown" if amount is None else amount_text(amount, K)


def _apart(one: int | None, other: int | None) -> str:
    if one is None or other is None:
        return "one of them is not known"
    return f"they are {amount_text(one - other, K)} apart"
