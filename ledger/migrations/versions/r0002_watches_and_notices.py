"""Price watches, the outbox of notices, and what has been told to which notifier."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "r0002"
down_revision = "r0001"
branch_labels = None
depends_on = None

ID, MOMENT, HASH = sa.String(40), sa.String(27), sa.String(64)
ACTIVE, OPEN = sa.text("cancelled_at IS NULL"), sa.text("dismissed_at IS NULL")


def upgrade() -> None:
    """Make the three tables."""
    _watches()
    _outbox()


def downgrade() -> None:
    """Drop the three tables; the books themselves do not lean on them."""
    for table in ("telling", "notice", "watch"):
        op.drop_table(table)


def _watches() -> None:
    op.create_table(
        "watch",
        sa.Column("id", ID, primary_key=True),
        sa.Column("account", ID, sa.ForeignKey("account.id"), nullable=False),
        sa.Column("terms", sa.Text, nullable=False),
        sa.Column("terms_sha256", HASH, nullable=False),
        sa.Column("created_at", MOMENT, nullable=False),
        sa.Column("cancelled_at", MOMENT),
        sa.Column("checked", sa.Text),
        sa.Index("watch_account", "account", "created_at"),
        sa.Index("watch_active", "account", "terms_sha256", unique=True, sqlite_where=ACTIVE, postgresql_where=ACTIVE),
    )


def _outbox() -> None:
    op.create_table(
        "notice",
        sa.Column("id", ID, primary_key=True),
        sa.Column("account", ID, sa.ForeignKey("account.id"), nullable=False),
        sa.Column("kind", sa.String(20), nullable=False),
        sa.Column("cause", sa.String(80), nullable=False),
        sa.Column("watch", ID, sa.ForeignKey("watch.id")),
        sa.Column("subject", sa.Text, nullable=False),
        sa.Column("body", sa.Text, nullable=False),
        sa.Column("data", sa.Text, nullable=False),
        sa.Column("evidence", sa.String(80), nullable=False),
        sa.Column("created_at", MOMENT, nullable=False),
        sa.Column("put_at", MOMENT, nullable=False),
        sa.Column("repeated", sa.Integer, nullable=False),
        sa.Column("last_told_at", MOMENT),
        sa.Column("dismissed_at", MOMENT),
        sa.CheckConstraint("repeated >= 0", name="repeated_not_negative"),
        sa.Index("notice_account", "account", "put_at"),
        sa.Index("notice_watch", "watch"),
        sa.Index("notice_open", "account", "cause", unique=True, sqlite_where=OPEN, postgresql_where=OPEN),
    )
    op.create_table(
        "telling",
        sa.Column("thing", sa.String(80), primary_key=True),
        sa.Column("target", sa.String(40), primary_key=True),
        sa.Column("number", sa.Integer, nullable=False),
        sa.Column("told_at", MOMENT, nullable=False),
    )
