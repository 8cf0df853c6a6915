"""Tables of trust: invitations, vouches, levels, consents, and the log of who did what to whom."""

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
    text,
)

from ledger.tables.metadata import metadata

# The code itself is never kept, only its hash.
invitation = Table(
    "invitation",
    metadata,
    Column("id", String(40), primary_key=True),
    Column("inviter", String(40), ForeignKey("account.id"), nullable=False, index=True),
    Column("code_sha256", String(64), nullable=False, unique=True),
    Column("made_at", String(27), nullable=False),
    Column("expires_at", String(27), nullable=False),
    Column("withdrawn_at", String(27)),
    Column("used_at", String(27)),
    # The account that was opened with it.
    Column("opened", String(40), ForeignKey("account.id"), unique=True),
    CheckConstraint("used_at IS NULL OR withdrawn_at IS NULL", name="invitation_one_end"),
)

_STANDS = text("withdrawn_at IS NULL")
vouch = Table(
    "vouch",
    metadata,
    Column("id", String(40), primary_key=True),
    Column("voucher", String(40), ForeignKey("account.id"), nullable=False, index=True),
    Column("subject", String(40), ForeignKey("account.id"), nullable=False, index=True),
    Column("note", Text),
    Column("made_at", String(27), nullable=False),
    Column("withdrawn_at", String(27)),
    CheckConstraint("voucher <> subject", name="no_self_vouching"),
    Index("vouch_once", "voucher", "subject", unique=True, sqlite_where=_STANDS, postgresql_where=_STANDS),
)

# What a member's tier follows from. `fixed` is a tier set by hand; null: the level's.
member_level = Table(
    "member_level",
    metadata,
    Column("account", String(40), ForeignKey("account.id"), primary_key=True),
    Column("level", String(40), nullable=False),
    Column("fixed", String(40)),
    # The kind of document that the treasurer has seen ("passport"), never its number or a copy.
    Column("document", String(40)),
    Column("document_at", String(27)),
    Column("expelled_at", String(27)),
    Column("closed_at", String(27)),
    Column("changed_at", String(27), nullable=False),
)

# That `viewer` may see something of `account`, until when.
consent = Table(
    "consent",
    metadata,
    Column("id", String(40), primary_key=True),
    Column("account", String(40), ForeignKey("account.id"), nullable=False),
    Column("viewer", String(40), ForeignKey("account.id"), nullable=False),
    Column("what", String(20), nullable=False),
    Column("granted_at", String(27), nullable=False),
    Column("until", String(27), nullable=False),
    Column("withdrawn_at", String(27)),
    CheckConstraint("account <> viewer", name="consent_to_another"),
    Index("consent_once", "account", "viewer", "what", unique=True, sqlite_where=_STANDS, postgresql_where=_STANDS),
    Index("consent_viewer", "viewer"),
)

# Who did what to whom. Appended, never changed, and chained: each row's hash covers the hash of the one before. It
# holds ids and Katy's own words, no text of a person, so that nothing in it has to be erased.
audit_entry = Table(
    "audit_entry",
    metadata,
    Column("seq", BigInteger().with_variant(Integer, "sqlite"), primary_key=True, autoincrement=False),
    Column("at", String(27), nullable=False),
    # An account's id, or "operator" at the command line.
    Column("actor", String(80), nullable=False),
    Column("action", String(40), nullable=False),
    Column("subject", String(40)),
    Column("details", Text, nullable=False),
    Column("previous", String(64), nullable=False),
    Column("hash", String(64), nullable=False),
    Index("audit_subject", "subject", "seq"),
    Index("audit_actor", "actor", "seq"),
)

# One row once there is an entry: the last one's number and hash.
audit_head = Table(
    "audit_head",
    metadata,
    Column("id", Integer, primary_key=True, autoincrement=False),
    Column("seq", BigInteger, nullable=False),
    Column("hash", String(64), nullable=False),
    CheckConstraint("id = 1", name="one_audit_head"),
)
