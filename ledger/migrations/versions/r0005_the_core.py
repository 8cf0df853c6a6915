"""Two units, holds of many lines that expire, daily limits, reversals, signatures, roots of days, scoped keys."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "r0005"
down_revision = "r0004"
branch_labels = None
depends_on = None

ID, MOMENT, HASH, UNIT, DAY = sa.String(40), sa.String(27), sa.String(64), sa.String(8), sa.String(10)
IS_OPEN = sa.text("state = 'open'")


def upgrade() -> None:
    """Add what is new; holds of one payer and one payee become holds of two lines."""
    op.add_column("balance", sa.Column("day", DAY))
    op.add_column("balance", sa.Column("out_today", sa.BigInteger, nullable=False, server_default="0"))
    op.execute(
        "INSERT INTO balance (account, unit, posted, pending_out, pending_in) SELECT id, 'min', 0, 0, 0 FROM account"
    )
    op.add_column("transfer", sa.Column("reverses", ID, sa.ForeignKey("transfer.id")), inline_references=True)
    op.create_index("transfer_reverses", "transfer", ["reverses"], unique=True)
    op.add_column("api_key", sa.Column("scopes", sa.Text, nullable=False, server_default="member"))
    _holds()
    _signatures()
    if op.get_bind().dialect.name == "postgresql":
        op.execute(APPEND)
    op.create_table(
        "day_root",
        sa.Column("day", DAY, primary_key=True),
        sa.Column("first_seq", sa.BigInteger, nullable=False),
        sa.Column("last_seq", sa.BigInteger, nullable=False),
        sa.Column("root", HASH, nullable=False),
        sa.Column("made_at", MOMENT, nullable=False),
        sa.CheckConstraint("first_seq <= last_seq", name="day_has_entries"),
    )


# The same hash as ledger.books.links.entry_hash: SHA-256 of the canonical JSON of eight values. Names hold nothing that
# JSON would escape; `links.append` sees to it.
APPEND = """
CREATE FUNCTION append_entries(digest text, of_transfer text, accounts text[], units text[], amounts bigint[])
RETURNS void LANGUAGE plpgsql AS $$
DECLARE
    at bigint;
    last text;
    own text;
BEGIN
    SELECT seq, hash INTO STRICT at, last FROM chain_head FOR UPDATE;
    FOR n IN 1 .. array_length(accounts, 1) LOOP
        at := at + 1;
        own := encode(sha256(convert_to(
            '["' || last || '",' || at || ',"' || digest || '","' || of_transfer || '",' || n || ',"' || accounts[n]
            || '","' || units[n] || '",' || amounts[n] || ']', 'UTF8')), 'hex');
        INSERT INTO entry (seq, transfer, line, account, unit, amount, previous, hash)
        VALUES (at, of_transfer, n, accounts[n], units[n], amounts[n], last, own);
        last := own;
    END LOOP;
    UPDATE chain_head SET seq = at, hash = last;
END $$
"""


def downgrade() -> None:
    """Promises of many lines have no place in what was before."""
    raise RuntimeError("revision r0005 of the books cannot be undone; go back to a copy that was made before it")


def _holds() -> None:
    connection = op.get_bind()
    old = connection.execute(
        sa.text(
            "SELECT hold.*, trade.accepted_at, trade.counterparty, trade.transfer AS posted_as"
            " FROM hold LEFT JOIN trade ON trade.id = hold.reference"
        )
    ).all()
    op.drop_table("hold")
    hold = op.create_table(
        "hold",
        sa.Column("id", ID, primary_key=True),
        sa.Column("kind", sa.String(20), nullable=False),
        sa.Column("made_by", ID, sa.ForeignKey("account.id"), nullable=False),
        sa.Column("memo", sa.Text, nullable=False),
        sa.Column("reference", ID),
        sa.Column("state", sa.String(10), nullable=False),
        sa.Column("created_at", MOMENT, nullable=False),
        sa.Column("expires_at", MOMENT),
        sa.Column("settled_at", MOMENT),
        sa.Column("transfer", ID, sa.ForeignKey("transfer.id")),
        sa.CheckConstraint("state IN ('open', 'posted', 'void', 'expired')", name="hold_state"),
    )
    op.create_index("hold_open", "hold", ["reference"], unique=True, sqlite_where=IS_OPEN, postgresql_where=IS_OPEN)
    op.create_index("hold_reference", "hold", ["reference"])
    line = op.create_table(
        "hold_line",
        sa.Column("hold", ID, sa.ForeignKey("hold.id"), primary_key=True),
        sa.Column("line", sa.Integer, primary_key=True, autoincrement=False),
        sa.Column("account", ID, sa.ForeignKey("account.id"), nullable=False),
        sa.Column("unit", UNIT, nullable=False),
        sa.Column("amount", sa.BigInteger, nullable=False),
    )
    op.create_index("hold_line_account", "hold_line", ["account"])
    rows = [dict(row._mapping) for row in old]
    if rows:
        same = ("id", "reference", "state", "created_at", "settled_at")
        op.bulk_insert(
            hold,
            [
                {name: row[name] for name in same}
                # A trade is accepted, and its K held, by the party it was proposed to.
                | {"kind": "trade", "memo": "", "made_by": row["counterparty"], "transfer": row["posted_as"]}
                for row in rows
            ],
        )
        op.bulk_insert(
            line,
            [
                {"hold": row["id"], "line": number, "account": row[side], "unit": row["unit"], "amount": amount}
                for row in rows
                for number, side, amount in ((1, "payer", -row["amount"]), (2, "payee", row["amount"]))
            ],
        )


def _signatures() -> None:
    op.create_table(
        "signer",
        sa.Column("account", ID, sa.ForeignKey("account.id"), primary_key=True),
        sa.Column("member", ID, sa.ForeignKey("account.id"), primary_key=True),
        sa.Column("added_at", MOMENT, nullable=False),
    )
    op.create_table(
        "signature",
        sa.Column("subject", sa.String(80), primary_key=True),
        sa.Column("member", ID, sa.ForeignKey("account.id"), primary_key=True),
        sa.Column("signed_at", MOMENT, nullable=False),
    )
