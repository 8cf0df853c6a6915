"""Trades with counter-offers, steps of delivery and dispute, escrow and fee; schedules of deliveries."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "r0006"
down_revision = "r0005"
branch_labels = None
depends_on = None

ID, MOMENT, HASH, DAY = sa.String(40), sa.String(27), sa.String(64), sa.String(10)
APPEND_ONLY = ("offer", "trade_step", "schedule_leg")
STATES = "state IN ('proposed', 'accepted', 'done', 'cancelled')"
NOW = "state IN ('proposed', 'accepted', 'disputed', 'done', 'cancelled')"


def _account(name: str, *, null: bool = False, index: bool = False) -> sa.Column[str]:
    return sa.Column(name, ID, sa.ForeignKey("account.id"), nullable=null, index=index)


def upgrade() -> None:
    """Add what is new; what a trade was proposed with becomes its first offer."""
    _schedules()
    _trades()
    _may_be_disputed()
    _offers()
    _refuse_changes()


def downgrade() -> None:
    """Offers and schedules have no place in what was before."""
    raise RuntimeError("revision r0006 of the books cannot be undone; go back to a copy that was made before it")


def _trades() -> None:
    number = sa.BigInteger
    for column in (
        sa.Column("offer", sa.Integer, nullable=False, server_default="1"),
        _account("escrow", null=True),
        sa.Column("fee_proposer", number, nullable=False, server_default="0"),
        sa.Column("fee_counterparty", number, nullable=False, server_default="0"),
        _account("fee_to", null=True),
        sa.Column("share_percent", sa.Integer),
        sa.Column("cause", sa.String(12)),
        _account("at_fault", null=True),
        sa.Column("schedule", ID, sa.ForeignKey("schedule.id")),
    ):
        op.add_column("trade", column, inline_references=True)
    op.create_index("ix_trade_schedule", "trade", ["schedule"])
    op.add_column("leg", sa.Column("offer", sa.Integer, nullable=False, server_default="1"))


def _may_be_disputed() -> None:
    connection = op.get_bind()
    if connection.dialect.name == "postgresql":
        op.drop_constraint("trade_state", "trade", type_="check")
        op.create_check_constraint("trade_state", "trade", NOW)
        return
    # SQLite has no statement for it. Its manual (lang_altertable, section 7) changes the text of the table's definition
    # in this way; the rows stay where they are, and so do the triggers and everything that refers to them.
    version = connection.exec_driver_sql("PRAGMA schema_version").scalar_one()
    connection.exec_driver_sql("PRAGMA writable_schema = ON")
    changed = connection.exec_driver_sql(
        "UPDATE sqlite_master SET sql = replace(sql, ?, ?) WHERE type = 'table' AND name = 'trade'", (STATES, NOW)
    )
    assert changed.rowcount == 1
    connection.exec_driver_sql(f"PRAGMA schema_version = {version + 1}")
    connection.exec_driver_sql("PRAGMA writable_schema = OFF")
    told = connection.exec_driver_sql("SELECT sql FROM sqlite_master WHERE name = 'trade'").scalar_one()
    assert NOW in told, "the states of a trade are in its table's definition"


def _offers() -> None:
    op.create_table(
        "offer",
        sa.Column("trade", ID, sa.ForeignKey("trade.id"), primary_key=True),
        sa.Column("number", sa.Integer, primary_key=True, autoincrement=False),
        _account("made_by"),
        sa.Column("reason", sa.Text),
        sa.Column("terms_sha256", HASH, nullable=False),
        sa.Column("deliver_by", DAY),
        sa.Column("miles", sa.Integer),
        sa.Column("made_at", MOMENT, nullable=False),
    )
    op.execute(
        "INSERT INTO offer (trade, number, made_by, reason, terms_sha256, made_at)"
        " SELECT id, 1, proposer, reason, terms_sha256, proposed_at FROM trade"
    )
    op.create_table(
        "trade_step",
        sa.Column("trade", ID, sa.ForeignKey("trade.id"), primary_key=True),
        sa.Column("number", sa.Integer, primary_key=True, autoincrement=False),
        _account("account"),
        sa.Column("step", sa.String(12), nullable=False),
        sa.Column("note", sa.Text),
        sa.Column("percent", sa.Integer),
        sa.Column("photo_sha256", HASH),
        sa.Column("at", MOMENT, nullable=False),
    )


def _schedules() -> None:
    number = sa.BigInteger
    op.create_table(
        "schedule",
        sa.Column("id", ID, primary_key=True),
        _account("proposer", index=True),
        _account("counterparty", index=True),
        sa.Column("state", sa.String(10), nullable=False),
        sa.Column("reason", sa.Text),
        sa.Column("grace_days", sa.Integer, nullable=False),
        sa.Column("period_days", sa.Integer),
        sa.Column("terms_sha256", HASH, nullable=False),
        _account("cancel_asked_by", null=True),
        _account("at_fault", null=True),
        sa.Column("shortfall", number),
        sa.Column("proposed_at", MOMENT, nullable=False),
        sa.Column("accepted_at", MOMENT),
        sa.Column("ended_at", MOMENT),
        sa.CheckConstraint("proposer <> counterparty", name="schedule_two_parties"),
        sa.CheckConstraint("state IN ('proposed', 'running', 'done', 'defaulted', 'cancelled')", name="schedule_state"),
    )
    op.create_table(
        "schedule_leg",
        sa.Column("schedule", ID, sa.ForeignKey("schedule.id"), primary_key=True),
        sa.Column("position", sa.Integer, primary_key=True, autoincrement=False),
        _account("giver"),
        _account("receiver"),
        sa.Column("kind", sa.String(10), nullable=False),
        sa.Column("description", sa.Text, nullable=False),
        sa.Column("quantity", sa.String(20), nullable=False),
        sa.Column("amount", number),
        sa.Column("fmv_sha256", HASH, sa.ForeignKey("fmv_record.sha256"), nullable=False),
        *(sa.Column(name, number) for name in ("fair", "low", "high", "declared")),
        sa.Column("attestation", sa.Text),
        sa.Column("first_day", DAY, nullable=False),
        sa.Column("every_days", sa.Integer),
        sa.Column("times", sa.Integer, nullable=False),
    )
    op.create_table(
        "schedule_due",
        sa.Column("schedule", ID, sa.ForeignKey("schedule.id"), primary_key=True),
        sa.Column("position", sa.Integer, primary_key=True, autoincrement=False),
        sa.Column("occurrence", sa.Integer, primary_key=True, autoincrement=False),
        sa.Column("period", sa.Integer, nullable=False),
        sa.Column("day", DAY, nullable=False),
        sa.Column("received_at", MOMENT),
        sa.Column("trade", ID, sa.ForeignKey("trade.id")),
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
