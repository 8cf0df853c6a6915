"""The tax papers: what the community is, members' profiles, notes on legs, and what was filed."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "r0009"
down_revision = "r0008"
branch_labels = None
depends_on = None

ID, MOMENT, HASH = sa.String(40), sa.String(27), sa.String(64)
APPEND_ONLY = ("tax_community", "tax_tin_read", "tax_note", "tax_filing", "tax_form")


def upgrade() -> None:
    """Make the tables, and the triggers that keep what was noted and filed as it is."""
    _settings()
    _notes()
    _filed()
    _refuse_changes()


def downgrade() -> None:
    """Drop them; the books themselves do not lean on them."""
    for table in ("tax_form", "tax_filing", "tax_note", "tax_tin_read", "tax_profile", "tax_community"):
        op.drop_table(table)


def _settings() -> None:
    op.create_table(
        "tax_community",
        sa.Column("number", sa.Integer, primary_key=True, autoincrement=False),
        sa.Column("holds_from", sa.String(10), nullable=False),
        sa.Column("set_at", MOMENT, nullable=False),
        sa.Column("kind", sa.String(20), nullable=False),
        sa.Column("timezone", sa.String(60), nullable=False),
        sa.Column("name", sa.String(80), nullable=False),
        sa.Column("address", sa.Text, nullable=False),
        sa.Column("phone", sa.String(40), nullable=False),
        sa.Column("ein", sa.String(10)),
        sa.CheckConstraint("kind IN ('barter_exchange', 'time_bank')", name="tax_community_kind"),
    )
    op.create_table(
        "tax_profile",
        sa.Column("account", ID, sa.ForeignKey("account.id"), primary_key=True),
        sa.Column("legal_name", sa.String(80), nullable=False),
        sa.Column("address", sa.Text, nullable=False),
        sa.Column("recipient", sa.String(20), nullable=False),
        sa.Column("tin_kind", sa.String(4)),
        sa.Column("tin_box", sa.LargeBinary),
        sa.Column("tin_shown", sa.String(11)),
        sa.Column("estimate", sa.Integer, nullable=False),
        sa.Column("marginal_rate", sa.String(10)),
        sa.Column("changed_at", MOMENT, nullable=False),
        sa.CheckConstraint(
            "recipient IN ('individual', 'sole_proprietor', 'partnership', 'corporation', 'exempt_foreign')",
            name="tax_recipient",
        ),
    )
    op.create_table(
        "tax_tin_read",
        sa.Column("id", ID, primary_key=True),
        sa.Column("account", ID, sa.ForeignKey("account.id"), nullable=False),
        sa.Column("by", sa.String(80), nullable=False),
        sa.Column("purpose", sa.Text, nullable=False),
        sa.Column("read_at", MOMENT, nullable=False),
        sa.Index("tax_tin_read_account", "account"),
    )


def _notes() -> None:
    op.create_table(
        "tax_note",
        sa.Column("id", ID, primary_key=True),
        sa.Column("account", ID, sa.ForeignKey("account.id"), nullable=False),
        sa.Column("trade", ID, sa.ForeignKey("trade.id"), nullable=False),
        sa.Column("position", sa.Integer, nullable=False),
        sa.Column("kind", sa.String(10), nullable=False),
        sa.Column("number", sa.Integer, nullable=False),
        sa.Column("cents", sa.BigInteger, nullable=False),
        sa.Column("text", sa.Text, nullable=False),
        sa.Column("noted_at", MOMENT, nullable=False),
        sa.CheckConstraint("kind IN ('basis', 'expense', 'sales_tax')", name="tax_note_kind"),
        sa.CheckConstraint("cents >= 0", name="tax_note_cents"),
        sa.UniqueConstraint("account", "trade", "position", "kind", "number", name="tax_note_once"),
    )


def _filed() -> None:
    op.create_table(
        "tax_filing",
        sa.Column("id", ID, primary_key=True),
        sa.Column("year", sa.Integer, nullable=False),
        sa.Column("number", sa.Integer, nullable=False),
        sa.Column("filed_at", MOMENT, nullable=False),
        sa.Column("content", sa.LargeBinary, nullable=False),
        sa.Column("sha256", HASH, nullable=False),
        sa.UniqueConstraint("year", "number", name="tax_filing_once"),
    )
    op.create_table(
        "tax_form",
        sa.Column("filing", ID, sa.ForeignKey("tax_filing.id"), primary_key=True),
        sa.Column("position", sa.Integer, primary_key=True, autoincrement=False),
        sa.Column("account", ID, sa.ForeignKey("account.id"), nullable=False),
        sa.Column("reference", sa.String(60), nullable=False),
        sa.Column("content", sa.LargeBinary, nullable=False),
        sa.Column("sha256", HASH, nullable=False),
        sa.Column("tin_box", sa.LargeBinary),
        sa.Index("tax_form_account", "account"),
    )


def _refuse_changes() -> None:
    # The function of PostgreSQL is the first revision's.
    for table in APPEND_ONLY:
        if op.get_bind().dialect.name == "postgresql":
            op.execute(
                f"CREATE TRIGGER {table}_is_append_only BEFORE UPDATE OR DELETE OR TRUNCATE ON {table} "
                "FOR EACH STATEMENT EXECUTE FUNCTION refuse_change()"
            )
            continue
        for change in ("UPDATE", "DELETE"):
            op.execute(
                f"CREATE TRIGGER {table}_refuses_{change.lower()} BEFORE {change} ON {table} "
                f"BEGIN SELECT RAISE(ABORT, 'rows of {table} are appended, never changed'); END"
            )
