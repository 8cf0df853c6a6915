"""Things that people own, and what they were worth."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "r0003"
down_revision = "r0002"
branch_labels = None
depends_on = None

ID, MOMENT, HASH = sa.String(40), sa.String(27), sa.String(64)


def upgrade() -> None:
    """Make the two tables."""
    op.create_table(
        "thing",
        sa.Column("id", ID, primary_key=True),
        sa.Column("account", ID, sa.ForeignKey("account.id"), nullable=False),
        sa.Column("own_key", sa.String(160), nullable=False),
        sa.Column("said", sa.Text, nullable=False),
        sa.Column("question", HASH, nullable=False),
        sa.Column("created_at", MOMENT, nullable=False),
        sa.Column("changed_at", MOMENT, nullable=False),
        sa.Column("checked", sa.Text),
        sa.UniqueConstraint("account", "own_key", name="thing_own_key"),
        sa.Index("thing_account", "account", "created_at", "id"),
    )
    op.create_table(
        "thing_value",
        sa.Column("thing", ID, sa.ForeignKey("thing.id"), primary_key=True),
        sa.Column("snapshot", sa.String(80), primary_key=True),
        sa.Column("value_date", sa.String(10), nullable=False),
        sa.Column("currency", sa.String(3), nullable=False),
        sa.Column("fmv", sa.Text),
        sa.Column("low", sa.Text),
        sa.Column("high", sa.Text),
        sa.Column("confidence", sa.String(1)),
        sa.Column("reason", sa.String(40)),
    )


def downgrade() -> None:
    """Drop the two tables; the books themselves do not lean on them."""
    for table in ("thing_value", "thing"):
        op.drop_table(table)
