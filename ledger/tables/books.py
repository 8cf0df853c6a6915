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
    text,
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
    # What the key may do beside what everybody may: words with blanks between (ledger.books.scopes).
    Column("scopes", Text, nullable=False, server_default="member"),
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
    # What went out, or was promised, on the day (UTC) that `day` names.
    Column("day", String(10)),
    Column("out_today", BigInteger, nullable=False, server_default="0"),
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
    # The transfer that this one takes back; each is taken back once.
    Column("reverses", String(40), ForeignKey("transfer.id")),
    Index("transfer_reference", "reference"),
    Index("transfer_reverses", "reverses", unique=True),
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

# What is promised and not moved yet. It counts against the limits of all its accounts from the moment it is held.
_IS_OPEN = text("state = 'open'")
hold = Table(
    "hold",
    metadata,
    Column("id", String(40), primary_key=True),
    Column("kind", String(20), nullable=False),
    Column("made_by", String(40), ForeignKey("account.id"), nullable=False),
    Column("memo", Text, nullable=False),
    Column("reference", String(40)),
    Column("state", String(10), nullable=False),
    Column("created_at", String(27), nullable=False),
    Column("expires_at", String(27)),
    Column("settled_at", String(27)),
    Column("transfer", String(40), ForeignKey("transfer.id")),
    CheckConstraint("state IN ('open', 'posted', 'void', 'expired')", name="hold_state"),
    Index("hold_open", "reference", unique=True, sqlite_where=_IS_OPEN, postgresql_where=_IS_OPEN),
    Index("hold_reference", "reference"),
)

hold_line = Table(
    "hold_line",
    metadata,
    Column("hold", String(40), ForeignKey("hold.id"), primary_key=True),
    Column("line", Integer, primary_key=True, autoincrement=False),
    Column("account", String(40), ForeignKey("account.id"), nullable=False),
    Column("unit", String(8), nullable=False),
    Column("amount", BigInteger, nullable=False),
    Index("hold_line_account", "account"),
)

# Who may sign for a business, and what was signed for it: a held payment's id, or the hash of a trade's terms.
signer = Table(
    "signer",
    metadata,
    Column("account", String(40), ForeignKey("account.id"), primary_key=True),
    Column("member", String(40), ForeignKey("account.id"), primary_key=True),
    Column("added_at", String(27), nullable=False),
)

signature = Table(
    "signature",
    metadata,
    Column("subject", String(80), primary_key=True),
    Column("account", String(40), ForeignKey("account.id"), primary_key=True),
    Column("member", String(40), ForeignKey("account.id"), primary_key=True),
    Column("signed_at", String(27), nullable=False),
)

# The Merkle root over the entries of a day, made when the day is over.
day_root = Table(
    "day_root",
    metadata,
    Column("day", String(10), primary_key=True),
    Column("first_seq", BigInteger, nullable=False),
    Column("last_seq", BigInteger, nullable=False),
    Column("root", String(64), nullable=False),
    Column("made_at", String(27), nullable=False),
    CheckConstraint("first_seq <= last_seq", name="day_has_entries"),
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
