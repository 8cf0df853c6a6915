"""The terms of a trade as one hash: what the parties agreed on, and what the chain remembers when it is done."""

from __future__ import annotations

from collections.abc import Sequence

from ledger.canonical import canonical, sha256
from ledger.legs import Leg


def terms_hash(trade_id: str, proposer: str, counterparty: str, reason: str | None, legs: Sequence[Leg]) -> str:
    """The hash of everything the parties agree on, the hashes of the FMV records included."""
    terms = {
        "trade": trade_id,
        "proposer": proposer,
        "counterparty": counterparty,
        "reason": reason,
        "legs": [each.terms() for each in legs],
    }
    return sha256(canonical(terms))
