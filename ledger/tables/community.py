"""Tables of what the community gives and takes: the runs of its policy, recorded facts and work, credits, crises."""

from __future__ import annotations

from sqlalchemy import (
    BigInteger,
    CheckConstraint,
    Column,
    ForeignKey,
    ForeignKeyConstraint,
    Index,
    Integer,
    String,
    Table,
    Text,
)

from ledger.tables.metadata import metadata

# One run of a rule for one period. It is planned as a whole, and `plan_sha256` is the hash of that plan.
policy_run = Table(
    "policy_run",
    metadata,
    Column("rule", String(20), primary_key=True),
    Column("period", String(40), primary_key=True),
    Column("made_by", String(80), nullable=False),
    Column("policy_from", String(10), nullable=False),
    Column("plan_sha256", String(64), nullable=False),
    Column("opened_at", String(27), nullable=False),
    Column("done_at", String(27)),
)

# What a run gives (above zero) or takes from one account: as planned, and as it was moved.
policy_share = Table(
    "policy_share",
    metadata,
    Column("rule", String(20), primary_key=True),
    Column("period", String(40), primary_key=True),
    Column("number", Integer, primary_key=True, autoincrement=False),
    Column("account", String(40), ForeignKey("account.id"), nullable=False),
    Column("part", String(40), nullable=False),
    # The house's account, by its name in the policy.
    Column("house", String(40), nullable=False),
    Column("unit", String(8), nullable=False),
    Column("planned", BigInteger, nullable=False),
    # 1: it is moved in full or not at all.
    Column("whole", Integer, nullable=False),
    Column("why", Text, nullable=False),
    Column("moved", BigInteger),
    Column("transfer", String(40), ForeignKey("transfer.id")),
    Column("settled_at", String(27)),
    ForeignKeyConstraint(["rule", "period"], ["policy_run.rule", "policy_run.period"]),
    Index("policy_share_once", "rule", "period", "account", "part", unique=True),
    Index("policy_share_account", "account", "rule"),
    Index("policy_share_part", "rule", "part"),
)

# What the treasurer has recorded of a member ("need", "skill"). Private: only what counts now is kept.
member_fact = Table(
    "member_fact",
    metadata,
    Column("account", String(40), ForeignKey("account.id"), primary_key=True),
    Column("name", String(20), primary_key=True),
    Column("value", String(40), nullable=False),
    Column("note", Text, nullable=False),
    Column("recorded_by", String(80), nullable=False),
    Column("recorded_at", String(27), nullable=False),
)

community_work = Table(
    "community_work",
    metadata,
    Column("id", String(40), primary_key=True),
    Column("account", String(40), ForeignKey("account.id"), nullable=False, index=True),
    Column("minutes", Integer, nullable=False),
    Column("done_on", String(10), nullable=False),
    Column("note", Text, nullable=False),
    Column("recorded_by", String(80), nullable=False),
    Column("recorded_at", String(27), nullable=False),
    CheckConstraint("minutes > 0", name="work_positive"),
)

# What a member may spend on essentials, and until when. Nothing is issued before it is spent.
essentials_credit = Table(
    "essentials_credit",
    metadata,
    Column("id", String(40), primary_key=True),
    Column("account", String(40), ForeignKey("account.id"), nullable=False),
    Column("period", String(40), nullable=False),
    Column("house", String(40), nullable=False),
    Column("amount", BigInteger, nullable=False),
    Column("spent", BigInteger, nullable=False),
    Column("given_at", String(27), nullable=False),
    # The last day (UTC) on which it may be spent.
    Column("last_day", String(10), nullable=False),
    CheckConstraint("spent >= 0 AND spent <= amount", name="credit_not_overspent"),
    Index("essentials_once", "account", "period", unique=True),
    Index("essentials_open", "house", "last_day"),
)

essentials_spending = Table(
    "essentials_spending",
    metadata,
    Column("transfer", String(40), ForeignKey("transfer.id"), primary_key=True),
    Column("credit", String(40), ForeignKey("essentials_credit.id"), primary_key=True),
    Column("category", String(40), nullable=False),
    Column("amount", BigInteger, nullable=False),
    CheckConstraint("amount > 0", name="spending_positive"),
)

crisis = Table(
    "crisis",
    metadata,
    Column("id", String(40), primary_key=True),
    Column("kind", String(40), nullable=False),
    Column("note", Text, nullable=False),
    Column("declared_by", String(80), nullable=False),
    Column("declared_at", String(27), nullable=False),
    # The first and the last day (UTC); and the first day on which it holds no longer, where it was ended before.
    Column("starts_on", String(10), nullable=False),
    Column("ends_on", String(10), nullable=False),
    Column("ended_on", String(10)),
    CheckConstraint("starts_on <= ends_on", name="crisis_order"),
)
