"""The terms of a trade as one hash: what the parties agreed on, and what the chain remembers when it is done."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any

from ledger.books.canonical import canonical, sha256
from ledger.tables import leg

_SAID = tuple(column.name for column in leg.c if column.name != "trade")


def terms_hash(
    trade_id: str, proposer: str, counterparty: str, reason: str | None, legs: Iterable[Mapping[str, Any]]
) -> str:
    """The hash of everything the parties agree on: the rows of the legs, with the hashes of their FMV records."""
    terms = {
        "trade": trade_id,
        "proposer": proposer,
        "counterparty": counterparty,
        "reason": reason,
        "legs": [{name: each[name] for name in _SAID} for each in legs],
    }
    return sha256(canonical(terms))
