"""The terms of a trade as one hash: what the parties agreed on, and what the chain remembers when it is done."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any

from ledger.books.canonical import canonical, sha256

# What is said of a leg. Later columns of its table stay out of it: hashes that are in the chain are never made anew.
_SAID = (
    "position",
    "giver",
    "receiver",
    "kind",
    "description",
    "quantity",
    "amount",
    "fmv_sha256",
    "fair",
    "low",
    "high",
    "declared",
    "attestation",
)


def terms_hash(
    trade_id: str,
    proposer: str,
    counterparty: str,
    reason: str | None,
    legs: Iterable[Mapping[str, Any]],
    deliver_by: str | None = None,
) -> str:
    """The hash of everything the parties agree on: the rows of the legs, with the hashes of their FMV records, and the
    day of delivery where there is one. How far apart they live is not among the terms."""
    terms: dict[str, Any] = {
        "trade": trade_id,
        "proposer": proposer,
        "counterparty": counterparty,
        "reason": reason,
        "legs": [{name: each[name] for name in _SAID} for each in legs],
    }
    if deliver_by is not None:
        terms["deliver_by"] = deliver_by
    return sha256(canonical(terms))


def schedule_hash(said: Mapping[str, Any], legs: Iterable[Mapping[str, Any]]) -> str:
    """The same for a schedule: its own terms, and its legs with their days."""
    rhythm = ("first_day", "every_days", "times")
    return sha256(canonical({**said, "legs": [{name: each[name] for name in (*_SAID, *rhythm)} for each in legs]}))
