"""What members take things to be worth, and the prices that followed."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "r0004"
down_revision = "r0003"
branch_labels = None
depends_on = None

ID, MOMENT = sa.String(40), sa.String(27)
OPEN = sa.text("closed_at IS NULL")


def _subject() -> sa.Column[str]:
    return sa.Column("subject", ID, sa.ForeignKey("estimate_subject.id"), primary_key=True)


def _account() -> sa.Column[str]:
    return sa.Column("account", ID, sa.ForeignKey("account.id"), primary_key=True)


def upgrade() -> None:
    """Make the four tables."""
    op.create_table(
        "estimate_subject",
        sa.Column("id", ID, primary_key=True),
        sa.Column("about", sa.String(340), nullable=False),
        sa.Column("opened_by", ID, sa.ForeignKey("account.id")),
        sa.Column("said", sa.Text, nullable=False),
        sa.Column("category", sa.String(200), nullable=False),
        sa.Column("currency", sa.String(3), nullable=False),
        sa.Column("created_at", MOMENT, nullable=False),
        sa.Column("closed_at", MOMENT),
        sa.Index("estimate_about", "about", "created_at"),
        sa.Index("estimate_open", "about", unique=True, sqlite_where=OPEN, postgresql_where=OPEN),
    )
    op.create_table(
        "estimate",
        _subject(),
        _account(),
        sa.Column("number", sa.Integer, primary_key=True, autoincrement=False),
        sa.Column("amount", sa.Text, nullable=False),
        sa.Column("own", sa.Integer, nullable=False),
        sa.Column("given_at", MOMENT, nullable=False),
        sa.Index("estimate_account", "account", "given_at"),
    )
    op.create_table(
        "estimate_shown",
        _subject(),
        _account(),
        sa.Column("after", sa.Integer, nullable=False),
        sa.Column("shown_at", MOMENT, nullable=False),
    )
    op.create_table(
        "estimate_price",
        _subject(),
        sa.Column("amount", sa.Text, nullable=False),
        sa.Column("source", sa.String(80), nullable=False),
        sa.Column("parties", sa.Text, nullable=False),
        sa.Column("priced_at", MOMENT, nullable=False),
        sa.Column("model", sa.Text),
        sa.Column("community", sa.Text),
    )


def downgrade() -> None:
    """Drop the four tables; the books themselves do not lean on them."""
    for table in ("estimate_price", "estimate_shown", "estimate", "estimate_subject"):
        op.drop_table(table)
