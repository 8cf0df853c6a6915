"""Forms as CSV by box number, and the transmittal as text.

The columns are the form's own boxes; what Katy leaves empty stays an empty column, so that nothing looks forgotten. It
is not the upload template of the IRIS Taxpayer Portal (Publication 5717), whose columns have names of their own. A
member's own CSV has the shortened number; the one for filing has whole ones.
"""

from __future__ import annotations

import csv
import io
from collections.abc import Iterable, Mapping

from ledger.books.store import Ledger
from ledger.tax import filing, profile, tin
from ledger.tax.barter import CURRENCY, Form
from ledger.tax.filing import Filing
from ledger.tax.money import text
from ledger.tax.tin import Tin
from ledger.tax.transmittal import Transmittal

BOXES = (
    "1a", "1b", "1c", "1d", "1e", "1f", "1g", "2", "3", "4", "5", "6", "7",
    "8", "9", "10", "11", "12", "13", "14", "15", "16",
)  # fmt: skip
_HEAD = (
    "form",
    "tax_year",
    "corrected",
    "payer_name",
    "payer_address",
    "payer_phone",
    "payer_tin",
    "recipient_name",
    "recipient_address",
    "recipient_tin_type",
    "recipient_tin",
    "account_number",
    "fatca",
)
COLUMNS = (*_HEAD, *(f"box_{box}" for box in BOXES))


def csv_text(forms: Iterable[Form], transmittal: Transmittal, *, numbers: Mapping[int, Tin]) -> str:
    """Forms as CSV; `numbers` are whole numbers by the forms' positions, the others are shown shortened."""
    out = io.StringIO()
    writer = csv.DictWriter(out, COLUMNS, restval="", lineterminator="\r\n")
    writer.writeheader()
    for position, form in enumerate(forms, start=1):
        whole = numbers.get(position)
        writer.writerow(
            {
                "form": "1099-B",
                "tax_year": form.year,
                "corrected": "X" if form.corrected else "",
                "payer_name": _cell(transmittal.filer),
                "payer_address": _cell(transmittal.filer_address),
                "payer_phone": _cell(transmittal.filer_phone),
                "payer_tin": transmittal.filer_ein or "",
                "recipient_name": _cell(form.name),
                "recipient_address": _cell(form.address),
                "recipient_tin_type": (whole.kind if whole else form.tin_kind or "").upper(),
                "recipient_tin": whole.whole if whole else form.tin_shown or "",
                "account_number": form.reference,
                "box_1a": _cell(form.box_1a),
                "box_1c": form.box_1c or "",
                "box_13": text(form.box_13, CURRENCY),
            }
        )
    return out.getvalue()


def for_filing(ledger: Ledger, made: Filing, *, tin_key: bytes, by: str) -> str:
    """A run as CSV with whole numbers, for whoever files it. Each number that is read leaves a row."""
    with ledger.reading() as connection:
        sealed = filing.sealed_numbers(connection, made.id)
    owners = [made.forms[at - 1].account for at in sealed]
    purpose = f"transmittal of filing {made.id} ({made.year})"
    ledger.transact(lambda unit: profile.note_reading(unit, owners, by=by, purpose=purpose))
    numbers = {at: tin.unseal(box, owner=made.forms[at - 1].account, key=tin_key) for at, box in sealed.items()}
    return csv_text(made.forms, made.transmittal, numbers=numbers)


def summary(told: Transmittal) -> str:
    """The transmittal as text: what Form 1096 asks for on paper, and what its filer should know."""
    how = (
        f"electronically (IRIS) until {told.electronic_due}: ten returns or more of all kinds are not filed on paper"
        if told.electronic
        else f"electronically until {told.electronic_due}, or on paper with Form 1096 until {told.paper_due}"
    )
    lines = [
        f"Form 1099-B, tax year {told.year}: transmittal",
        f"filer               {told.filer}, {told.filer_address or 'no address'}, {told.filer_ein or 'no EIN'}",
        f"forms               {told.forms}, of which corrected {told.corrected}",
        f"box 4, withheld     {text(told.box_4, CURRENCY)} {CURRENCY}",
        f"box 13, bartering   {text(told.box_13, CURRENCY)} {CURRENCY}",
        f"exchanges           {told.exchanges}",
        "",
        f"the year's forms    {text(told.year_box_13, CURRENCY)} {CURRENCY}",
        *(f"on no form          {text(cents, CURRENCY)} {CURRENCY}: {why}" for why, cents in sorted(told.left.items())),
        f"received in trades  {text(told.received, CURRENCY)} {CURRENCY}",
        "",
        f"statements to members until {told.statements_due}; to the IRS {how}",
        f"boxes as of Form 1099-B for {told.instructions_year}; look up the instructions of the year",
        *(f"warning: {warning}" for warning in told.warnings),
    ]
    return "\n".join(lines) + "\n"


def _cell(said: str) -> str:
    # A spreadsheet takes a text that begins so for a formula.
    return f"'{said}" if said.startswith(("=", "+", "-", "@", "\t", "\r")) else said
