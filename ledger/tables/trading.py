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
    # The newest offer; `reason` and `terms_sha256` are its own.
    Column("offer", Integer, nullable=False, server_default="1"),
    # The account that keeps the K and the minutes of the trade until it ends, where one does.
    Column("escrow", String(40), ForeignKey("account.id")),
    # The community's fee in rails, as it was held when the trade was accepted, and who gets it.
    Column("fee_proposer", BigInteger, nullable=False, server_default="0"),
    Column("fee_counterparty", BigInteger, nullable=False, server_default="0"),
    Column("fee_to", String(40), ForeignKey("account.id")),
    # What each side pays into the community's insurance for its services, held and moved as the fee is.
    Column("insurance_proposer", BigInteger, nullable=False, server_default="0"),
    Column("insurance_counterparty", BigInteger, nullable=False, server_default="0"),
    Column("insurance_to", String(40), ForeignKey("account.id")),
    # How much of what the legs move was moved, where a dispute ended with a part of it.
    Column("share_percent", Integer),
    # Why a trade ended otherwise than by both confirming or cancelling, and through whom.
    Column("cause", String(12)),
    Column("at_fault", String(40), ForeignKey("account.id")),
    Column("schedule", String(40), ForeignKey("schedule.id"), index=True),
    CheckConstraint("proposer <> counterparty", name="two_parties"),
    CheckConstraint("state IN ('proposed', 'accepted', 'disputed', 'done', 'cancelled')", name="trade_state"),
)

# Every offer that was made in a trade: the proposal is the first one, each counter-offer the next.
offer = Table(
    "offer",
    metadata,
    Column("trade", String(40), ForeignKey("trade.id"), primary_key=True),
    Column("number", Integer, primary_key=True, autoincrement=False),
    Column("made_by", String(40), ForeignKey("account.id"), nullable=False),
    Column("reason", Text),
    Column("terms_sha256", String(64), nullable=False),
    # The day (UTC) by which both sides deliver; hundredths of a mile between them, where they say so.
    Column("deliver_by", String(10)),
    Column("miles", Integer),
    Column("made_at", String(27), nullable=False),
)

# What happened in a trade besides offers: deliveries, witnesses' words, disputes and how they ended.
trade_step = Table(
    "trade_step",
    metadata,
    Column("trade", String(40), ForeignKey("trade.id"), primary_key=True),
    Column("number", Integer, primary_key=True, autoincrement=False),
    Column("account", String(40), ForeignKey("account.id"), nullable=False),
    Column("step", String(12), nullable=False),
    Column("note", Text),
    # The share of what the legs move that a resolution gives to their receivers.
    Column("percent", Integer),
    # The hash of a photo of what was delivered; whoever took it keeps it.
    Column("photo_sha256", String(64)),
    Column("at", String(27), nullable=False),
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
    # The offer it belongs to. Positions go on counting from offer to offer.
    Column("offer", Integer, nullable=False, server_default="1"),
    Index("leg_fmv", "fmv_sha256"),
)

# Deliveries that repeat, or of which one comes much later than the other: agreed once, done in many trades.
schedule = Table(
    "schedule",
    metadata,
    Column("id", String(40), primary_key=True),
    Column("proposer", String(40), ForeignKey("account.id"), nullable=False, index=True),
    Column("counterparty", String(40), ForeignKey("account.id"), nullable=False, index=True),
    Column("state", String(10), nullable=False),
    Column("reason", Text),
    Column("grace_days", Integer, nullable=False),
    # Days between one settlement and the next; null: everything is settled together, when the last is there.
    Column("period_days", Integer),
    Column("terms_sha256", String(64), nullable=False),
    Column("cancel_asked_by", String(40), ForeignKey("account.id")),
    Column("at_fault", String(40), ForeignKey("account.id")),
    # What was owed at a default and could not be paid within the limits, in rails.
    Column("shortfall", BigInteger),
    Column("proposed_at", String(27), nullable=False),
    Column("accepted_at", String(27)),
    Column("ended_at", String(27)),
    CheckConstraint("proposer <> counterparty", name="schedule_two_parties"),
    CheckConstraint("state IN ('proposed', 'running', 'done', 'defaulted', 'cancelled')", name="schedule_state"),
)

schedule_leg = Table(
    "schedule_leg",
    metadata,
    Column("schedule", String(40), ForeignKey("schedule.id"), primary_key=True),
    Column("position", Integer, primary_key=True, autoincrement=False),
    Column("giver", String(40), ForeignKey("account.id"), nullable=False),
    Column("receiver", String(40), ForeignKey("account.id"), nullable=False),
    Column("kind", String(10), nullable=False),
    Column("description", Text, nullable=False),
    Column("quantity", String(20), nullable=False),
    Column("amount", BigInteger),
    Column("fmv_sha256", String(64), ForeignKey("fmv_record.sha256"), nullable=False),
    Column("fair", BigInteger),
    Column("low", BigInteger),
    Column("high", BigInteger),
    Column("declared", BigInteger),
    Column("attestation", Text),
    Column("first_day", String(10), nullable=False),
    Column("every_days", Integer),
    Column("times", Integer, nullable=False),
)

# Each time that a leg of a schedule falls due; `trade` is the trade that settled it.
schedule_due = Table(
    "schedule_due",
    metadata,
    Column("schedule", String(40), ForeignKey("schedule.id"), primary_key=True),
    Column("position", Integer, primary_key=True, autoincrement=False),
    Column("occurrence", Integer, primary_key=True, autoincrement=False),
    Column("period", Integer, nullable=False),
    Column("day", String(10), nullable=False),
    Column("received_at", String(27)),
    Column("trade", String(40), ForeignKey("trade.id")),
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
