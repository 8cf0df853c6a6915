"""Trust: invitations, vouches, levels, consents, and the log of who did what to whom."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "r0008"
down_revision = "r0007"
branch_labels = None
depends_on = None

ID, MOMENT, HASH = sa.String(40), sa.String(27), sa.String(64)
STANDS = sa.text("withdrawn_at IS NULL")


def _account(name: str, *, index: bool = False, key: bool = False) -> sa.Column[str]:
    return sa.Column(name, ID, sa.ForeignKey("account.id"), nullable=False, index=index, primary_key=key)


def upgrade() -> None:
    """Make the tables, and the triggers that keep the log as it was written."""
    _invitations()
    _members()
    _log()
    _refuse_changes()


def downgrade() -> None:
    """Who was let in by whom, and who did what, is not thrown away by a command."""
    raise RuntimeError("revision r0008 of the books cannot be undone; go back to a copy that was made before it")


def _invitations() -> None:
    op.create_table(
        "invitation",
        sa.Column("id", ID, primary_key=True),
        _account("inviter", index=True),
        sa.Column("code_sha256", HASH, nullable=False, unique=True),
        sa.Column("made_at", MOMENT, nullable=False),
        sa.Column("expires_at", MOMENT, nullable=False),
        sa.Column("withdrawn_at", MOMENT),
        sa.Column("used_at", MOMENT),
        sa.Column("opened", ID, sa.ForeignKey("account.id"), unique=True),
        sa.CheckConstraint("used_at IS NULL OR withdrawn_at IS NULL", name="invitation_one_end"),
    )
    op.create_table(
        "vouch",
        sa.Column("id", ID, primary_key=True),
        _account("voucher", index=True),
        _account("subject", index=True),
        sa.Column("note", sa.Text),
        sa.Column("made_at", MOMENT, nullable=False),
        sa.Column("withdrawn_at", MOMENT),
        sa.CheckConstraint("voucher <> subject", name="no_self_vouching"),
        sa.Index("vouch_once", "voucher", "subject", unique=True, sqlite_where=STANDS, postgresql_where=STANDS),
    )


def _members() -> None:
    op.create_table(
        "member_level",
        _account("account", key=True),
        sa.Column("level", ID, nullable=False),
        sa.Column("fixed", ID),
        sa.Column("document", ID),
        sa.Column("document_at", MOMENT),
        sa.Column("expelled_at", MOMENT),
        sa.Column("closed_at", MOMENT),
        sa.Column("changed_at", MOMENT, nullable=False),
    )
    op.create_table(
        "consent",
        sa.Column("id", ID, primary_key=True),
        _account("account"),
        _account("viewer"),
        sa.Column("what", sa.String(20), nullable=False),
        sa.Column("granted_at", MOMENT, nullable=False),
        sa.Column("until", MOMENT, nullable=False),
        sa.Column("withdrawn_at", MOMENT),
        sa.CheckConstraint("account <> viewer", name="consent_to_another"),
        sa.Index(
            "consent_once", "account", "viewer", "what", unique=True, sqlite_where=STANDS, postgresql_where=STANDS
        ),
        sa.Index("consent_viewer", "viewer"),
    )


def _log() -> None:
    op.create_table(
        "audit_entry",
        sa.Column("seq", sa.BigInteger().with_variant(sa.Integer, "sqlite"), primary_key=True, autoincrement=False),
        sa.Column("at", MOMENT, nullable=False),
        sa.Column("actor", sa.String(80), nullable=False),
        sa.Column("action", ID, nullable=False),
        sa.Column("subject", ID),
        sa.Column("details", sa.Text, nullable=False),
        sa.Column("previous", HASH, nullable=False),
        sa.Column("hash", HASH, nullable=False),
        sa.Index("audit_subject", "subject", "seq"),
        sa.Index("audit_actor", "actor", "seq"),
    )
    op.create_table(
        "audit_head",
        sa.Column("id", sa.Integer, primary_key=True, autoincrement=False),
        sa.Column("seq", sa.BigInteger, nullable=False),
        sa.Column("hash", HASH, nullable=False),
        sa.CheckConstraint("id = 1", name="one_audit_head"),
    )


def _refuse_changes() -> None:
    # The function of PostgreSQL is the first revision's.
    if op.get_bind().dialect.name == "postgresql":
        op.execute(
            "CREATE TRIGGER audit_entry_is_append_only BEFORE UPDATE OR DELETE OR TRUNCATE ON audit_entry "
            "FOR EACH STATEMENT EXECUTE FUNCTION refuse_change()"
        )
        return
    for change in ("UPDATE", "DELETE"):
        op.execute(
            f"CREATE TRIGGER audit_entry_refuses_{change.lower()} BEFORE {change} ON audit_entry "
            "BEGIN SELECT RAISE(ABORT, 'rows of audit_entry are appended, never changed'); END"
        )
