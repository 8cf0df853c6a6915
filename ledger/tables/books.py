"""Tables of accounts, their keys, and everything that moves."""

from __future__ import annotations

from sqlalchemy import (
    BigInteger,
    CheckConstraint,
    Column,
    ForeignKey,
    Index,
    Integer,
    String,
    Table,
    Text,
    UniqueConstraint,
)

from ledger.tables.metadata import metadata

account = Table(
    "account",
    metadata,
    Column("id", String(40), primary_key=True),
    Column("name", String(80), nullable=False),
    # The name as it is compared: case-folded, so that "Ada" and "ADA" are one.
    Column("name_key", String(240), nullable=False, unique=True),
    Column("kind", String(20), nullable=False),
    Column("tier", String(40), nullable=False),
    Column("created_at", String(27), nullable=False),
)

# The key itself is never kept: only its public half and the hash of its secret half.
api_key = Table(
    "api_key",
    metadata,
    Column("id", String(40), primary_key=True),
    Column("account", String(40), ForeignKey("account.id"), nullable=False, index=True),
    Column("secret_sha256", String(64), nullable=False),
    Column("created_at", String(27), nullable=False),
    Column("revoked_at", String(27)),
)

# What replaying the entries and the open holds gives, kept at hand: also the row that two writers queue for.
balance = Table(
    "balance",
    metadata,
    Column("account", String(40), ForeignKey("account.id"), primary_key=True),
    Column("unit", String(8), primary_key=True),
    Column("posted", BigInteger, nullable=False),
    Column("pending_out", BigInteger, nullable=False),
    Column("pending_in", BigInteger, nullable=False),
    CheckConstraint("pending_out >= 0 AND pending_in >= 0", name="pending_not_negative"),
)

transfer = Table(
    "transfer",
    metadata,
    Column("id", String(40), primary_key=True),
    Column("kind", String(20), nullable=False),
    Column("made_by", String(40), ForeignKey("account.id"), nullable=False),
    Column("memo", Text, nullable=False),
    # What it settles: a trade's id and the hash of its terms, or nothing.
    Column("reference", String(40)),
    Column("terms_sha256", String(64)),
    Column("created_at", String(27), nullable=False),
    Index("transfer_reference", "reference"),
)

entry = Table(
    "entry",
    metadata,
    Column("seq", BigInteger().with_variant(Integer, "sqlite"), primary_key=True, autoincrement=False),
    Column("transfer", String(40), ForeignKey("transfer.id"), nullable=False),
    Column("line", Integer, nullable=False),
    Column("account", String(40), ForeignKey("account.id"), nullable=False),
    Column("unit", String(8), nullable=False),
    Column("amount", BigInteger, nullable=False),
    Column("previous", String(64), nullable=False),
    Column("hash", String(64), nullable=False),
    UniqueConstraint("transfer", "line", name="entry_line"),
    Index("entry_account", "account", "seq"),
)

# One row: the last entry's number and hash.
chain_head = Table(
    "chain_head",
    metadata,
    Column("id", Integer, primary_key=True, autoincrement=False),
    Column("seq", BigInteger, nullable=False),
    Column("hash", String(64), nullable=False),
    CheckConstraint("id = 1", name="one_head"),
)

# K that is promised and not moved yet. It counts against both sides' limits from the moment it is held.
hold = Table(
    "hold",
    metadata,
    Column("id", String(40), primary_key=True),
    Column("reference", String(40), nullable=False, unique=True),
    Column("payer", String(40), ForeignKey("account.id"), nullable=False),
    Column("payee", String(40), ForeignKey("account.id"), nullable=False),
    Column("unit", String(8), nullable=False),
    Column("amount", BigInteger, nullable=False),
    Column("state", String(10), nullable=False),
    Column("created_at", String(27), nullable=False),
    Column("settled_at", String(27)),
    CheckConstraint("amount > 0", name="hold_positive"),
    CheckConstraint("state IN ('open', 'posted', 'void')", name="hold_state"),
)

idempotency = Table(
    "idempotency",
    metadata,
    Column("account", String(40), ForeignKey("account.id"), primary_key=True),
    Column("key", String(255), primary_key=True),
    Column("request_sha256", String(64), nullable=False),
    # Null only inside the transaction that is doing the work.
    Column("answer", Text),
    Column("created_at", String(27), nullable=False),
)
