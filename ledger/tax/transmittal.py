"""The transmittal: what goes with a run of forms in sum, and what its filer should know."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Sequence

from pydantic import BaseModel, ConfigDict

from ledger.books.units import k_text
from ledger.tax import barter, days, kind
from ledger.tax.barter import Computed, Form
from ledger.tax.kind import Community
from ledger.tax.profile import BACKUP_PERCENT

# From so many returns on, of all kinds together, they are filed electronically (Treas. Reg. §301.6011-2).
ELECTRONIC_FROM = 10


class Transmittal(BaseModel):
    """The summary that goes with a run of forms: counts and sums in cents, and everything its filer should know.

    `left` are the amounts that are on no form, by reason; `received` is the sum of both, which is what the trades say.
    """

    model_config = ConfigDict(frozen=True)

    year: int
    filer: str
    filer_address: str
    filer_phone: str
    filer_ein: str | None
    forms: int
    corrected: int
    box_4: int
    box_13: int
    year_box_13: int
    left: dict[str, int]
    received: int
    exchanges: int
    without_number: tuple[str, ...]
    backup_withholding: int
    statements_due: str
    paper_due: str
    electronic_due: str
    electronic: bool
    instructions_year: int
    warnings: tuple[str, ...]


def summed(computed: Computed, forms: Sequence[Form], community: Community, payments: tuple[int, int]) -> Transmittal:
    """The summary of the `forms` of one run, out of everything `computed` for the year. `payments` are those outside
    trades: how many, and their rails."""
    left: defaultdict[str, int] = defaultdict(int)
    for each in computed.left:
        left[each.why] += each.cents
    without = [form for form in computed.forms if form.tin_kind is None]
    year = computed.year
    return Transmittal(
        year=year,
        filer=community.name,
        filer_address=community.address,
        filer_phone=community.phone,
        filer_ein=community.ein,
        forms=len(forms),
        corrected=sum(form.corrected for form in forms),
        box_4=0,
        box_13=sum(form.box_13 for form in forms),
        year_box_13=sum(form.box_13 for form in computed.forms),
        left=dict(left),
        received=sum(computed.received.values()),
        exchanges=computed.exchanges,
        without_number=tuple(sorted({form.name for form in without})),
        backup_withholding=sum((form.box_13 * BACKUP_PERCENT + 50) // 100 for form in without),
        statements_due=days.statements(year).isoformat(),
        paper_due=days.on_paper(year).isoformat(),
        electronic_due=days.electronically(year).isoformat(),
        electronic=len(forms) >= ELECTRONIC_FROM,
        instructions_year=barter.INSTRUCTIONS_YEAR,
        warnings=_warnings(computed, community, payments),
    )


def _warnings(computed: Computed, community: Community, payments: tuple[int, int]) -> tuple[str, ...]:
    told = []
    if community.kind == "time_bank":
        told.append(kind.NO_FORMS)
    elif computed.exempt:
        told.append(computed.exempt)
    number, rails = payments
    if number and community.kind == "barter_exchange":
        told.append(
            f"payments outside trades: {number}, of {k_text(rails)} K in all. No record says what they were for, and "
            "they are on no form; where they paid for property or services, a trade should have been recorded"
        )
    if computed.forms and community.ein is None:
        told.append("the filer's own number (EIN) is not known: `katy tax kind … --tin` says it")
    nameless = sorted({form.name for form in computed.forms if not form.address})
    if nameless:
        told.append(f"no address is known for {', '.join(nameless)}")
    numberless = sorted({form.name for form in computed.forms if form.tin_kind is None})
    if numberless:
        told.append(
            f"no taxpayer number is known for {', '.join(numberless)}: ask for it on Form W-9; without it, backup "
            f"withholding of {BACKUP_PERCENT} % applies (I.R.C. §3406), which Katy does not take"
        )
    return tuple(told)
