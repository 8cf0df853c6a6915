"""Tables of the tax papers. A profile is what holds now; everything else is appended and never changed or deleted."""

from __future__ import annotations

from sqlalchemy import (
    BigInteger,
    CheckConstraint,
    Column,
    ForeignKey,
    Index,
    Integer,
    LargeBinary,
    String,
    Table,
    Text,
    UniqueConstraint,
)

from ledger.tables.metadata import metadata

# What the community is in the eyes of the tax office, with the day (in its own time zone) from which it holds. Of two
# that hold from the same day the one with the higher number counts.
tax_community = Table(
    "tax_community",
    metadata,
    Column("number", Integer, primary_key=True, autoincrement=False),
    Column("holds_from", String(10), nullable=False),
    Column("set_at", String(27), nullable=False),
    Column("kind", String(20), nullable=False),
    Column("timezone", String(60), nullable=False),
    Column("name", String(80), nullable=False),
    Column("address", Text, nullable=False),
    Column("phone", String(40), nullable=False),
    # Its employer number stands whole on every payee's copy, so it is no secret.
    Column("ein", String(10)),
    CheckConstraint("kind IN ('barter_exchange', 'time_bank')", name="tax_community_kind"),
)

# What a member says of itself. The number is encrypted; `tin_shown` is what may be seen of it.
tax_profile = Table(
    "tax_profile",
    metadata,
    Column("account", String(40), ForeignKey("account.id"), primary_key=True),
    Column("legal_name", String(80), nullable=False),
    Column("address", Text, nullable=False),
    Column("recipient", String(20), nullable=False),
    Column("tin_kind", String(4)),
    Column("tin_box", LargeBinary),
    Column("tin_shown", String(11)),
    # The estimate of the year's tax is switched on by the member, who also says the marginal rate (per cent).
    Column("estimate", Integer, nullable=False),
    Column("marginal_rate", String(10)),
    Column("changed_at", String(27), nullable=False),
    CheckConstraint(
        "recipient IN ('individual', 'sole_proprietor', 'partnership', 'corporation', 'exempt_foreign')",
        name="tax_recipient",
    ),
)

# Every look at a whole number: whose, by whom, what for.
tax_tin_read = Table(
    "tax_tin_read",
    metadata,
    Column("id", String(40), primary_key=True),
    Column("account", String(40), ForeignKey("account.id"), nullable=False),
    Column("by", String(80), nullable=False),
    Column("purpose", Text, nullable=False),
    Column("read_at", String(27), nullable=False),
    Index("tax_tin_read_account", "account"),
)

# What a member notes on a leg: what the thing given had cost (basis), an expense, sales tax. In cents of the currency;
# the note of a member on a leg and kind with the highest number counts.
tax_note = Table(
    "tax_note",
    metadata,
    Column("id", String(40), primary_key=True),
    Column("account", String(40), ForeignKey("account.id"), nullable=False),
    Column("trade", String(40), ForeignKey("trade.id"), nullable=False),
    Column("position", Integer, nullable=False),
    Column("kind", String(10), nullable=False),
    Column("number", Integer, nullable=False),
    Column("cents", BigInteger, nullable=False),
    Column("text", Text, nullable=False),
    Column("noted_at", String(27), nullable=False),
    CheckConstraint("kind IN ('basis', 'expense', 'sales_tax')", name="tax_note_kind"),
    CheckConstraint("cents >= 0", name="tax_note_cents"),
    UniqueConstraint("account", "trade", "position", "kind", "number", name="tax_note_once"),
)

# One run of filing a year: the transmittal as it was, frozen. `number` counts the runs of a year.
tax_filing = Table(
    "tax_filing",
    metadata,
    Column("id", String(40), primary_key=True),
    Column("year", Integer, nullable=False),
    Column("number", Integer, nullable=False),
    Column("filed_at", String(27), nullable=False),
    Column("content", LargeBinary, nullable=False),
    Column("sha256", String(64), nullable=False),
    UniqueConstraint("year", "number", name="tax_filing_once"),
)

# One form of a run, frozen: its boxes as canonical JSON, and the payee's number (encrypted) as it was filed.
tax_form = Table(
    "tax_form",
    metadata,
    Column("filing", String(40), ForeignKey("tax_filing.id"), primary_key=True),
    Column("position", Integer, primary_key=True, autoincrement=False),
    Column("account", String(40), ForeignKey("account.id"), nullable=False),
    # The form's account number: the trade, or the year's aggregate. A correction carries that of what it corrects.
    Column("reference", String(60), nullable=False),
    Column("content", LargeBinary, nullable=False),
    Column("sha256", String(64), nullable=False),
    Column("tin_box", LargeBinary),
    Index("tax_form_account", "account"),
)
