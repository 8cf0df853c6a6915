"""Tables of trades and the frozen values of their legs."""

from __future__ import annotations

from sqlalchemy import BigInteger, CheckConstraint, Column, ForeignKey, Index, Integer, LargeBinary, String, Table, Text

from ledger.tables.metadata import metadata

trade = Table(
    "trade",
    metadata,
    Column("id", String(40), primary_key=True),
    Column("proposer", String(40), ForeignKey("account.id"), nullable=False, index=True),
    Column("counterparty", String(40), ForeignKey("account.id"), nullable=False, index=True),
    Column("state", String(10), nullable=False),
    Column("reason", Text),
    Column("terms_sha256", String(64), nullable=False),
    Column("transfer", String(40), ForeignKey("transfer.id")),
    Column("proposed_at", String(27), nullable=False),
    Column("accepted_at", String(27)),
    Column("done_at", String(27)),
    Column("cancelled_at", String(27)),
    CheckConstraint("proposer <> counterparty", name="two_parties"),
    CheckConstraint("state IN ('proposed', 'accepted', 'done', 'cancelled')", name="trade_state"),
)

# What a party has said of a trade: "confirm", or "cancel" where the other has confirmed already.
trade_word = Table(
    "trade_word",
    metadata,
    Column("trade", String(40), ForeignKey("trade.id"), primary_key=True),
    Column("account", String(40), ForeignKey("account.id"), primary_key=True),
    Column("word", String(10), primary_key=True),
    Column("said_at", String(27), nullable=False),
)

# The frozen reason for a leg's value: the whole valuation (or the dated rate) as bytes, named by their hash.
fmv_record = Table(
    "fmv_record",
    metadata,
    Column("sha256", String(64), primary_key=True),
    Column("kind", String(20), nullable=False),
    Column("content", LargeBinary, nullable=False),
    Column("snapshot", Text),
    Column("frozen_at", String(27), nullable=False),
)

leg = Table(
    "leg",
    metadata,
    Column("trade", String(40), ForeignKey("trade.id"), primary_key=True),
    Column("position", Integer, primary_key=True),
    Column("giver", String(40), ForeignKey("account.id"), nullable=False),
    Column("receiver", String(40), ForeignKey("account.id"), nullable=False),
    Column("kind", String(10), nullable=False),
    Column("description", Text, nullable=False),
    Column("quantity", String(20), nullable=False),
    # Rails of a leg of K, minutes of a leg of time, null for goods and services.
    Column("amount", BigInteger),
    Column("fmv_sha256", String(64), ForeignKey("fmv_record.sha256"), nullable=False),
    # The record's value and interval for the whole quantity, in rails; null where the record says "unknown".
    Column("fair", BigInteger),
    Column("low", BigInteger),
    Column("high", BigInteger),
    Column("declared", BigInteger),
    Column("attestation", Text),
    Index("leg_fmv", "fmv_sha256"),
)

given_valuation = Table(
    "given_valuation",
    metadata,
    Column("id", String(32), primary_key=True),
    Column("request", Text, nullable=False),
    Column("content", LargeBinary, nullable=False),
    Column("sha256", String(64), nullable=False),
    Column("given_at", String(27), nullable=False),
)
