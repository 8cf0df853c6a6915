"""The tables of the books. The migrations make them; a test holds both to be the same.

Amounts are integers in the smallest part of their unit (rails). Times are UTC as text of a fixed width, so that they
sort, hash and read the same in every database. `entry`, `transfer`, `leg`, `fmv_record` and `given_valuation` are
appended and never changed: triggers refuse it.
"""

from __future__ import annotations

from sqlalchemy import (
    BigInteger,
    CheckConstraint,
    Column,
    ForeignKey,
    Index,
    Integer,
    LargeBinary,
    MetaData,
    String,
    Table,
    Text,
    UniqueConstraint,
    text,
)

metadata = MetaData()

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

given_valuation = Table(
    "given_valuation",
    metadata,
    Column("id", String(32), primary_key=True),
    Column("request", Text, nullable=False),
    Column("content", LargeBinary, nullable=False),
    Column("sha256", String(64), nullable=False),
    Column("given_at", String(27), nullable=False),
)

# What somebody wants to be told of. `terms` is what is watched and the rule, as JSON; its hash keeps an account from
# having the same watch twice. `checked` is what was found when it was last looked at.
_ACTIVE = text("cancelled_at IS NULL")
watch = Table(
    "watch",
    metadata,
    Column("id", String(40), primary_key=True),
    Column("account", String(40), ForeignKey("account.id"), nullable=False),
    Column("terms", Text, nullable=False),
    Column("terms_sha256", String(64), nullable=False),
    Column("created_at", String(27), nullable=False),
    Column("cancelled_at", String(27)),
    Column("checked", Text),
    Index("watch_account", "account", "created_at"),
    Index("watch_active", "account", "terms_sha256", unique=True, sqlite_where=_ACTIVE, postgresql_where=_ACTIVE),
)

# The outbox. One open notice for each account and cause: the same thing said again repeats it. `evidence` is what it
# was last put for, so that the same evidence does not repeat it.
_OPEN = text("dismissed_at IS NULL")
notice = Table(
    "notice",
    metadata,
    Column("id", String(40), primary_key=True),
    Column("account", String(40), ForeignKey("account.id"), nullable=False),
    Column("kind", String(20), nullable=False),
    Column("cause", String(80), nullable=False),
    Column("watch", String(40), ForeignKey("watch.id")),
    Column("subject", Text, nullable=False),
    Column("body", Text, nullable=False),
    Column("data", Text, nullable=False),
    Column("evidence", String(80), nullable=False),
    Column("created_at", String(27), nullable=False),
    Column("put_at", String(27), nullable=False),
    Column("repeated", Integer, nullable=False),
    Column("last_told_at", String(27)),
    Column("dismissed_at", String(27)),
    CheckConstraint("repeated >= 0", name="repeated_not_negative"),
    Index("notice_account", "account", "put_at"),
    Index("notice_watch", "watch"),
    Index("notice_open", "account", "cause", unique=True, sqlite_where=_OPEN, postgresql_where=_OPEN),
)

# How often a thing (a notice, an alarm) has been told to a target (a notifier, the log). A notice put n times is told
# there when the number is n.
telling = Table(
    "telling",
    metadata,
    Column("thing", String(80), primary_key=True),
    Column("target", String(40), primary_key=True),
    Column("number", Integer, nullable=False),
    Column("told_at", String(27), nullable=False),
)

# What somebody owns. `said` is what its owner says of it, as JSON; `own_key` is what makes the same row of an import
# the same thing again; `question` is the hash of what a valuation is asked with. `checked` is the newest value.
thing = Table(
    "thing",
    metadata,
    Column("id", String(40), primary_key=True),
    Column("account", String(40), ForeignKey("account.id"), nullable=False),
    Column("own_key", String(160), nullable=False),
    Column("said", Text, nullable=False),
    Column("question", String(64), nullable=False),
    Column("created_at", String(27), nullable=False),
    Column("changed_at", String(27), nullable=False),
    Column("checked", Text),
    UniqueConstraint("account", "own_key", name="thing_own_key"),
    Index("thing_account", "account", "created_at", "id"),
)

# What a thing was worth in the newest snapshots, amounts as decimal text. Gone with the thing.
thing_value = Table(
    "thing_value",
    metadata,
    Column("thing", String(40), ForeignKey("thing.id"), primary_key=True),
    Column("snapshot", String(80), primary_key=True),
    Column("value_date", String(10), nullable=False),
    Column("currency", String(3), nullable=False),
    Column("fmv", Text),
    Column("low", Text),
    Column("high", Text),
    Column("confidence", String(1)),
    Column("reason", String(40)),
)

# What members are asked to value: a registered thing that its owner put up, a product or listing of the market, or a
# thing in somebody's words. `about` names it; one round about a thing is open at a time. `said` is how it is shown.
_UNDECIDED = text("closed_at IS NULL")
estimate_subject = Table(
    "estimate_subject",
    metadata,
    Column("id", String(40), primary_key=True),
    Column("about", String(340), nullable=False),
    Column("opened_by", String(40), ForeignKey("account.id")),
    Column("said", Text, nullable=False),
    Column("category", String(200), nullable=False),
    Column("currency", String(3), nullable=False),
    Column("created_at", String(27), nullable=False),
    Column("closed_at", String(27)),
    Index("estimate_about", "about", "created_at"),
    Index("estimate_open", "about", unique=True, sqlite_where=_UNDECIDED, postgresql_where=_UNDECIDED),
)

# One person's estimates of one subject; a revision is a further row. `own`: of one's own thing, which does not count.
estimate = Table(
    "estimate",
    metadata,
    Column("subject", String(40), ForeignKey("estimate_subject.id"), primary_key=True),
    Column("account", String(40), ForeignKey("account.id"), primary_key=True),
    Column("number", Integer, primary_key=True, autoincrement=False),
    Column("amount", Text, nullable=False),
    Column("own", Integer, nullable=False),
    Column("given_at", String(27), nullable=False),
    Index("estimate_account", "account", "given_at"),
)

# Who was shown the others' estimates, and after which revision first: what they say later is not independent.
estimate_shown = Table(
    "estimate_shown",
    metadata,
    Column("subject", String(40), ForeignKey("estimate_subject.id"), primary_key=True),
    Column("account", String(40), ForeignKey("account.id"), primary_key=True),
    Column("after", Integer, nullable=False),
    Column("shown_at", String(27), nullable=False),
)

# The price that followed. `parties` (JSON) are accounts whose own trade it was; `model` and `community` (JSON: value,
# low, high) are what was known before it, filled in by the flow that settles.
estimate_price = Table(
    "estimate_price",
    metadata,
    Column("subject", String(40), ForeignKey("estimate_subject.id"), primary_key=True),
    Column("amount", Text, nullable=False),
    Column("source", String(80), nullable=False),
    Column("parties", Text, nullable=False),
    Column("priced_at", String(27), nullable=False),
    Column("model", Text),
    Column("community", Text),
)
