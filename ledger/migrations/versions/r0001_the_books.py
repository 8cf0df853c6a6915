"""The books: accounts, keys, entries and their chain, holds, trades with frozen values, what was given out."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "r0001"
down_revision = None
branch_labels = None
depends_on = None

ID, MOMENT, HASH, UNIT = sa.String(40), sa.String(27), sa.String(64), sa.String(8)
NO_HASH = "0" * 64
APPEND_ONLY = ("entry", "transfer", "leg", "fmv_record", "given_valuation")


def _account(name: str, *, index: bool = False, key: bool = False) -> sa.Column[str]:
    return sa.Column(name, ID, sa.ForeignKey("account.id"), nullable=False, index=index, primary_key=key)


def upgrade() -> None:
    """Make every table, the chain's first head, and the triggers that keep written rows as they are."""
    _accounts()
    _entries()
    _trades()
    _requests()
    _refuse_changes()


def downgrade() -> None:
    """There is nothing below the first revision but an empty database, and books are not thrown away by a command."""
    raise RuntimeError("the first revision of the books cannot be undone; to start anew, name another database")


def _accounts() -> None:
    op.create_table(
        "account",
        sa.Column("id", ID, primary_key=True),
        sa.Column("name", sa.String(80), nullable=False),
        sa.Column("name_key", sa.String(240), nullable=False, unique=True),
        sa.Column("kind", sa.String(20), nullable=False),
        sa.Column("tier", sa.String(40), nullable=False),
        sa.Column("created_at", MOMENT, nullable=False),
    )
    op.create_table(
        "api_key",
        sa.Column("id", ID, primary_key=True),
        _account("account", index=True),
        sa.Column("secret_sha256", HASH, nullable=False),
        sa.Column("created_at", MOMENT, nullable=False),
        sa.Column("revoked_at", MOMENT),
    )
    op.create_table(
        "balance",
        _account("account", key=True),
        sa.Column("unit", UNIT, primary_key=True),
        sa.Column("posted", sa.BigInteger, nullable=False),
        sa.Column("pending_out", sa.BigInteger, nullable=False),
        sa.Column("pending_in", sa.BigInteger, nullable=False),
        sa.CheckConstraint("pending_out >= 0 AND pending_in >= 0", name="pending_not_negative"),
    )


def _entries() -> None:
    op.create_table(
        "transfer",
        sa.Column("id", ID, primary_key=True),
        sa.Column("kind", sa.String(20), nullable=False),
        _account("made_by"),
        sa.Column("memo", sa.Text, nullable=False),
        sa.Column("reference", ID),
        sa.Column("terms_sha256", HASH),
        sa.Column("created_at", MOMENT, nullable=False),
        sa.Index("transfer_reference", "reference"),
    )
    op.create_table(
        "entry",
        sa.Column("seq", sa.BigInteger().with_variant(sa.Integer, "sqlite"), primary_key=True, autoincrement=False),
        sa.Column("transfer", ID, sa.ForeignKey("transfer.id"), nullable=False),
        sa.Column("line", sa.Integer, nullable=False),
        _account("account"),
        sa.Column("unit", UNIT, nullable=False),
        sa.Column("amount", sa.BigInteger, nullable=False),
        sa.Column("previous", HASH, nullable=False),
        sa.Column("hash", HASH, nullable=False),
        sa.UniqueConstraint("transfer", "line", name="entry_line"),
        sa.Index("entry_account", "account", "seq"),
    )
    head = op.create_table(
        "chain_head",
        sa.Column("id", sa.Integer, primary_key=True, autoincrement=False),
        sa.Column("seq", sa.BigInteger, nullable=False),
        sa.Column("hash", HASH, nullable=False),
        sa.CheckConstraint("id = 1", name="one_head"),
    )
    op.bulk_insert(head, [{"id": 1, "seq": 0, "hash": NO_HASH}])
    op.create_table(
        "hold",
        sa.Column("id", ID, primary_key=True),
        sa.Column("reference", ID, nullable=False, unique=True),
        _account("payer"),
        _account("payee"),
        sa.Column("unit", UNIT, nullable=False),
        sa.Column("amount", sa.BigInteger, nullable=False),
        sa.Column("state", sa.String(10), nullable=False),
        sa.Column("created_at", MOMENT, nullable=False),
        sa.Column("settled_at", MOMENT),
        sa.CheckConstraint("amount > 0", name="hold_positive"),
        sa.CheckConstraint("state IN ('open', 'posted', 'void')", name="hold_state"),
    )


def _trades() -> None:
    op.create_table(
        "trade",
        sa.Column("id", ID, primary_key=True),
        _account("proposer", index=True),
        _account("counterparty", index=True),
        sa.Column("state", sa.String(10), nullable=False),
        sa.Column("reason", sa.Text),
        sa.Column("terms_sha256", HASH, nullable=False),
        sa.Column("transfer", ID, sa.ForeignKey("transfer.id")),
        sa.Column("proposed_at", MOMENT, nullable=False),
        sa.Column("accepted_at", MOMENT),
        sa.Column("done_at", MOMENT),
        sa.Column("cancelled_at", MOMENT),
        sa.CheckConstraint("proposer <> counterparty", name="two_parties"),
        sa.CheckConstraint("state IN ('proposed', 'accepted', 'done', 'cancelled')", name="trade_state"),
    )
    op.create_table(
        "trade_word",
        sa.Column("trade", ID, sa.ForeignKey("trade.id"), primary_key=True),
        _account("account", key=True),
        sa.Column("word", sa.String(10), primary_key=True),
        sa.Column("said_at", MOMENT, nullable=False),
    )
    op.create_table(
        "fmv_record",
        sa.Column("sha256", HASH, primary_key=True),
        sa.Column("kind", sa.String(20), nullable=False),
        sa.Column("content", sa.LargeBinary, nullable=False),
        sa.Column("snapshot", sa.Text),
        sa.Column("frozen_at", MOMENT, nullable=False),
    )
    op.create_table(
        "leg",
        sa.Column("trade", ID, sa.ForeignKey("trade.id"), primary_key=True),
        sa.Column("position", sa.Integer, primary_key=True),
        _account("giver"),
        _account("receiver"),
        sa.Column("kind", sa.String(10), nullable=False),
        sa.Column("description", sa.Text, nullable=False),
        sa.Column("quantity", sa.String(20), nullable=False),
        sa.Column("amount", sa.BigInteger),
        sa.Column("fmv_sha256", HASH, sa.ForeignKey("fmv_record.sha256"), nullable=False),
        sa.Column("fair", sa.BigInteger),
        sa.Column("low", sa.BigInteger),
        sa.Column("high", sa.BigInteger),
        sa.Column("declared", sa.BigInteger),
        sa.Column("attestation", sa.Text),
        sa.Index("leg_fmv", "fmv_sha256"),
    )


def _requests() -> None:
    op.create_table(
        "idempotency",
        _account("account", key=True),
        sa.Column("key", sa.String(255), primary_key=True),
        sa.Column("request_sha256", HASH, nullable=False),
        sa.Column("answer", sa.Text),
        sa.Column("created_at", MOMENT, nullable=False),
    )
    op.create_table(
        "given_valuation",
        sa.Column("id", sa.String(32), primary_key=True),
        sa.Column("request", sa.Text, nullable=False),
        sa.Column("content", sa.LargeBinary, nullable=False),
        sa.Column("sha256", HASH, nullable=False),
        sa.Column("given_at", MOMENT, nullable=False),
    )


def _refuse_changes() -> None:
    postgresql = op.get_bind().dialect.name == "postgresql"
    if postgresql:
        op.execute(
            "CREATE FUNCTION refuse_change() RETURNS trigger LANGUAGE plpgsql AS "
            "$$ BEGIN RAISE EXCEPTION 'rows of % are appended, never changed', TG_TABLE_NAME; END $$"
        )
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
