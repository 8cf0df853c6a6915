"""Tables of what members own."""

from __future__ import annotations

from sqlalchemy import Column, ForeignKey, Index, String, Table, Text, UniqueConstraint

from ledger.tables.metadata import metadata

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
