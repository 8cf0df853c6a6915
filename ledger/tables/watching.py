"""Tables of price watches and the outbox of notices."""

from __future__ import annotations

from sqlalchemy import CheckConstraint, Column, ForeignKey, Index, Integer, String, Table, Text, text

from ledger.tables.metadata import metadata

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
