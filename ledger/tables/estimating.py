"""Tables of members' estimates of unique things."""

from __future__ import annotations

from sqlalchemy import Column, ForeignKey, Index, Integer, String, Table, Text, text

from ledger.tables.metadata import metadata

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
