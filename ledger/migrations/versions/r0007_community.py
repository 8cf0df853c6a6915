"""What the community gives and takes: runs of its policy, recorded facts and work, credits for essentials, crises."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "r0007"
down_revision = "r0006"
branch_labels = None
depends_on = None

ID, MOMENT, HASH, DAY = sa.String(40), sa.String(27), sa.String(64), sa.String(10)
BY, UNIT = sa.String(80), sa.String(8)
APPEND_ONLY = ("community_work", "essentials_spending")


def _account(*, index: bool = False) -> sa.Column[str]:
    return sa.Column("account", ID, sa.ForeignKey("account.id"), nullable=False, index=index)


def upgrade() -> None:
    """Make the seven tables."""
    _runs()
    _records()
    _essentials()
    op.create_table(
        "crisis",
        sa.Column("id", ID, primary_key=True),
        sa.Column("kind", ID, nullable=False),
        sa.Column("note", sa.Text, nullable=False),
        sa.Column("declared_by", BY, nullable=False),
        sa.Column("declared_at", MOMENT, nullable=False),
        sa.Column("starts_on", DAY, nullable=False),
        sa.Column("ends_on", DAY, nullable=False),
        sa.Column("ended_on", DAY),
        sa.CheckConstraint("starts_on <= ends_on", name="crisis_order"),
    )
    _refuse_changes()


def downgrade() -> None:
    """What a run has moved stays in the books, and nothing could tell any more that it was done."""
    raise RuntimeError("revision r0007 of the books cannot be undone; go back to a copy that was made before it")


def _runs() -> None:
    op.create_table(
        "policy_run",
        sa.Column("rule", sa.String(20), primary_key=True),
        sa.Column("period", sa.String(40), primary_key=True),
        sa.Column("made_by", BY, nullable=False),
        sa.Column("policy_from", DAY, nullable=False),
        sa.Column("plan_sha256", HASH, nullable=False),
        sa.Column("opened_at", MOMENT, nullable=False),
        sa.Column("done_at", MOMENT),
    )
    op.create_table(
        "policy_share",
        sa.Column("rule", sa.String(20), primary_key=True),
        sa.Column("period", sa.String(40), primary_key=True),
        sa.Column("number", sa.Integer, primary_key=True, autoincrement=False),
        _account(),
        sa.Column("part", sa.String(40), nullable=False),
        sa.Column("house", sa.String(40), nullable=False),
        sa.Column("unit", UNIT, nullable=False),
        sa.Column("planned", sa.BigInteger, nullable=False),
        sa.Column("whole", sa.Integer, nullable=False),
        sa.Column("why", sa.Text, nullable=False),
        sa.Column("moved", sa.BigInteger),
        sa.Column("transfer", ID, sa.ForeignKey("transfer.id")),
        sa.Column("settled_at", MOMENT),
        sa.ForeignKeyConstraint(["rule", "period"], ["policy_run.rule", "policy_run.period"]),
        sa.Index("policy_share_once", "rule", "period", "account", "part", unique=True),
        sa.Index("policy_share_account", "account", "rule"),
        sa.Index("policy_share_part", "rule", "part"),
    )


def _records() -> None:
    op.create_table(
        "member_fact",
        sa.Column("account", ID, sa.ForeignKey("account.id"), primary_key=True),
        sa.Column("name", sa.String(20), primary_key=True),
        sa.Column("value", sa.String(40), nullable=False),
        sa.Column("note", sa.Text, nullable=False),
        sa.Column("recorded_by", BY, nullable=False),
        sa.Column("recorded_at", MOMENT, nullable=False),
    )
    op.create_table(
        "community_work",
        sa.Column("id", ID, primary_key=True),
        _account(index=True),
        sa.Column("minutes", sa.Integer, nullable=False),
        sa.Column("done_on", DAY, nullable=False),
        sa.Column("note", sa.Text, nullable=False),
        sa.Column("recorded_by", BY, nullable=False),
        sa.Column("recorded_at", MOMENT, nullable=False),
        sa.CheckConstraint("minutes > 0", name="work_positive"),
    )


def _essentials() -> None:
    op.create_table(
        "essentials_credit",
        sa.Column("id", ID, primary_key=True),
        _account(),
        sa.Column("period", sa.String(40), nullable=False),
        sa.Column("house", sa.String(40), nullable=False),
        sa.Column("amount", sa.BigInteger, nullable=False),
        sa.Column("spent", sa.BigInteger, nullable=False),
        sa.Column("given_at", MOMENT, nullable=False),
        sa.Column("last_day", DAY, nullable=False),
        sa.CheckConstraint("spent >= 0 AND spent <= amount", name="credit_not_overspent"),
        sa.Index("essentials_once", "account", "period", unique=True),
        sa.Index("essentials_open", "house", "last_day"),
    )
    op.create_table(
        "essentials_spending",
        sa.Column("transfer", ID, sa.ForeignKey("transfer.id"), primary_key=True),
        sa.Column("credit", ID, sa.ForeignKey("essentials_credit.id"), primary_key=True),
        sa.Column("category", sa.String(40), nullable=False),
        sa.Column("amount", sa.BigInteger, nullable=False),
        sa.CheckConstraint("amount > 0", name="spending_positive"),
    )


def _refuse_changes() -> None:
    # The function that refuses is there since the first revision.
    postgresql = op.get_bind().dialect.name == "postgresql"
    for table in APPEND_ONLY:
        if postgresql:
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
