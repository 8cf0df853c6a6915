"""The payee's copy of Form 1099-B as a PDF: a substitute statement in the sense of IRS Publication 1179, part 4.

It is a layout of its own with what such a statement has to have: the form's number, name and year together, payer and
payee, the boxes with their numbers and names, the notice that is required on Copy B (its words are the form's own),
what the payee should know of the boxes, and the number shortened (Treas. Reg. §301.6109-4). It is not Copy A and cannot
be filed.
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from typing import TYPE_CHECKING

from ledger import lettering
from ledger.tax.barter import CURRENCY, Form
from ledger.tax.money import text
from ledger.tax.transmittal import Transmittal

if TYPE_CHECKING:
    from fpdf import FPDF

OMB = "1545-0715"
NOTICE = (
    "This is important tax information and is being furnished to the IRS. If you are required to file a return, a "
    "negligence penalty or other sanction may be imposed on you if this income is taxable and the IRS determines that "
    "it has not been reported."
)
FOR_RECIPIENT = (
    "Your number may be shortened here; the IRS gets the whole one. Box 1a: the property or services you provided. "
    "Box 1c: the day on which you received what you provided them for. Box 4: tax that was withheld; count it as paid. "
    "Box 13: the fair market value of what you received for them: property, services, cash, and credits of this "
    "exchange at the value it gives them. What you bought with credits that you had, or with cash, is not in it. "
    "Barter is usually income (IRS Topic 420, Publication 525): of a business on Schedule C. All other boxes "
    "concern sales by brokers and are empty."
)
_DRAFT = "DRAFT: not filed"


def payee_copy(forms: Sequence[Form], transmittal: Transmittal, *, made_at: str, draft: bool = False) -> bytes:
    """Copy B of each form on a page of its own. The same forms give the same bytes."""
    from fpdf import FPDF

    pdf = FPDF(format="letter", unit="mm")
    pdf.set_creation_date(datetime.fromisoformat(made_at))
    pdf.set_title(f"Form 1099-B {transmittal.year}")
    pdf.set_creator("Katy")
    lettering.use(pdf)
    pdf.set_auto_page_break(True, margin=15)
    for form in forms:
        pdf.add_page()
        _heading(pdf, form, draft)
        _parties(pdf, form, transmittal)
        _boxes(pdf, form)
        _small(pdf, NOTICE, bold=True)
        _small(pdf, "Instructions for the recipient", bold=True)
        _small(pdf, FOR_RECIPIENT)
    return bytes(pdf.output())


def _heading(pdf: FPDF, form: Form, draft: bool) -> None:
    if form.corrected or draft:
        pdf.set_font(lettering.FACE, "B", 12)
        pdf.cell(0, 7, _DRAFT if draft else "[X] CORRECTED", new_x="LMARGIN", new_y="NEXT")
    pdf.set_font(lettering.FACE, "B", 14)
    pdf.cell(0, 8, f"Form 1099-B  {form.year}  Copy B, for recipient", new_x="LMARGIN", new_y="NEXT")
    pdf.set_font(lettering.FACE, "", 11)
    pdf.cell(0, 6, "Proceeds From Broker and Barter Exchange Transactions", new_x="LMARGIN", new_y="NEXT")
    pdf.set_font(lettering.FACE, "", 9)
    pdf.cell(0, 6, f"(substitute statement)  OMB No. {OMB}", new_x="LMARGIN", new_y="NEXT")
    pdf.ln(3)


def _parties(pdf: FPDF, form: Form, transmittal: Transmittal) -> None:
    rows = (
        ("PAYER'S name", transmittal.filer),
        ("PAYER'S address", transmittal.filer_address),
        ("PAYER'S telephone", transmittal.filer_phone),
        ("PAYER'S TIN", transmittal.filer_ein or ""),
        ("RECIPIENT'S name", form.name),
        ("RECIPIENT'S address", form.address),
        ("RECIPIENT'S TIN", form.tin_shown or "not given"),
        ("Account number", form.reference),
    )
    _table(pdf, rows)


def _boxes(pdf: FPDF, form: Form) -> None:
    rows = (
        ("1a Description of property", form.box_1a),
        ("1b Date acquired", ""),
        ("1c Date sold or disposed", form.box_1c or ""),
        ("1d Proceeds", ""),
        ("1e Cost or other basis", ""),
        ("4 Federal income tax withheld", ""),
        ("13 Bartering", f"{text(form.box_13, CURRENCY)} {CURRENCY}"),
        ("14-16 State", ""),
    )
    _table(pdf, rows)


def _table(pdf: FPDF, rows: Sequence[tuple[str, str]]) -> None:
    with pdf.table(first_row_as_headings=False, col_widths=(30, 70), line_height=6, text_align="LEFT") as table:
        for name, said in rows:
            row = table.row()
            pdf.set_font(lettering.FACE, "B", 9)
            row.cell(lettering.printable(name))
            pdf.set_font(lettering.FACE, "", 10)
            row.cell(lettering.printable(said))
    pdf.ln(4)


def _small(pdf: FPDF, said: str, *, bold: bool = False) -> None:
    pdf.set_font(lettering.FACE, "B" if bold else "", 9)
    pdf.multi_cell(0, 5, lettering.printable(said), new_x="LMARGIN", new_y="NEXT")
    pdf.ln(2)
