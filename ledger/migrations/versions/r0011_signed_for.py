"""For which business something was signed: a signature for one party is none for the other."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "r0011"
down_revision = "r0010"
branch_labels = None
depends_on = None

ID = sa.String(40)
# The businesses that are asked for signatures on what was signed: payers of a hold, parties of an offer or a schedule.
_SIGNED = """
SELECT DISTINCT signature.subject, asked.account, signature.member, signature.signed_at
FROM signature
JOIN (
    SELECT hold AS subject, account FROM hold_line WHERE amount < 0
    UNION SELECT offer.terms_sha256, trade.proposer FROM offer JOIN trade ON trade.id = offer.trade
    UNION SELECT offer.terms_sha256, trade.counterparty FROM offer JOIN trade ON trade.id = offer.trade
    UNION SELECT terms_sha256, proposer FROM schedule
    UNION SELECT terms_sha256, counterparty FROM schedule
) AS asked ON asked.subject = signature.subject
JOIN account ON account.id = asked.account AND account.kind = 'business'
"""


def upgrade() -> None:
    """Signatures so far go on counting for each business that they count for today."""
    signed = [dict(row) for row in op.get_bind().execute(sa.text(_SIGNED)).mappings()]
    op.drop_table("signature")
    table = op.create_table(
        "signature",
        sa.Column("subject", sa.String(80), primary_key=True),
        sa.Column("account", ID, sa.ForeignKey("account.id"), primary_key=True),
        sa.Column("member", ID, sa.ForeignKey("account.id"), primary_key=True),
        sa.Column("signed_at", sa.String(27), nullable=False),
    )
    if signed:
        op.bulk_insert(table, signed)


def downgrade() -> None:
    """For whom somebody signed would be forgotten."""
    raise RuntimeError("revision r0011 of the books cannot be undone; go back to a copy that was made before it")
