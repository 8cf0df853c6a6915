"""A payee's own copies: the forms as they stand after all runs, or, before the first one, as they would be filed.

A statement to the recipient is due by mid-February (I.R.C. §6045(b)); its number is shortened.
"""

from __future__ import annotations

from dataclasses import dataclass

from ledger.books.store import Ledger
from ledger.tax import boxes, filing, paper
from ledger.tax.barter import Form
from ledger.tax.errors import NotFiled
from ledger.tax.transmittal import Transmittal


@dataclass(frozen=True, slots=True)
class Copies:
    """A payee's forms of a year; `draft` where nothing has been filed yet."""

    forms: tuple[Form, ...]
    transmittal: Transmittal
    made_at: str
    draft: bool

    def pdf(self) -> bytes:
        """As a PDF, a page for each form."""
        return paper.payee_copy(self.forms, self.transmittal, made_at=self.made_at, draft=self.draft)

    def csv(self) -> str:
        """As CSV by box number, with the shortened number."""
        return boxes.csv_text(self.forms, self.transmittal, numbers={})


def of_payee(ledger: Ledger, account: str, year: int) -> Copies:
    """The forms of one payee. Raises `NotFiled` where there are none, saying why."""
    with ledger.reading() as connection:
        runs = filing.of_year(connection, year)
    if runs:
        stands = {form.key: form for run in runs for form in run.forms if form.account == account}
        if not stands:
            raise NotFiled(f"no Form 1099-B of {year} was filed for this account")
        forms = tuple(stands[key] for key in sorted(stands))
        return Copies(forms, runs[-1].transmittal, runs[-1].filed_at, draft=False)
    computed, transmittal = filing.draft(ledger, year)
    forms = tuple(form for form in computed.forms if form.account == account)
    if not forms:
        why = " ".join(transmittal.warnings) or f"nothing of {year} is to be told on a Form 1099-B for this account"
        raise NotFiled(f"there is no Form 1099-B of {year} here: {why}")
    return Copies(forms, transmittal, f"{year}-12-31T00:00:00.000000Z", draft=True)
