"""What the services of a trade pay into the community's insurance."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "r0010"
down_revision = "r0009"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Add who pays how much, and into which account; the trades there are paid nothing."""
    for column in (
        sa.Column("insurance_proposer", sa.BigInteger, nullable=False, server_default="0"),
        sa.Column("insurance_counterparty", sa.BigInteger, nullable=False, server_default="0"),
        sa.Column("insurance_to", sa.String(40), sa.ForeignKey("account.id")),
    ):
        op.add_column("trade", column, inline_references=True)


def downgrade() -> None:
    """What was paid is in the chain, and would have no reason any more."""
    raise RuntimeError("revision r0010 of the books cannot be undone; go back to a copy that was made before it")
