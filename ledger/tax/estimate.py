"""An estimate of what a year's barter may cost in federal tax. Pure, rough on purpose, shown to whoever asked for it.

Self-employment tax is 15.3 % (12.4 + 2.9) of 92.35 % of the net earnings (I.R.C. §§1401, 1402(a)(12)), from $400 of
such earnings on (§1402(b)(2)); the 12.4 % end at the year's contribution and benefit base. Half of it is deducted
(§164(f)). Income tax is the flat marginal rate that the member names. Not in
it: other income, deductions, credits, state and local tax.
"""

from __future__ import annotations

from decimal import Decimal
from fractions import Fraction

from pydantic import BaseModel, ConfigDict

from ledger.books.units import rounded
from ledger.tax.days import quarterly
from ledger.tax.money import text

SHARE = Fraction(9235, 10000)
SOCIAL_SECURITY = Fraction(124, 1000)
MEDICARE = Fraction(29, 1000)
LEAST_EARNINGS = 400_00
# Contribution and benefit base by year, in dollars (Social Security Administration).
BASE = {2023: 160_200, 2024: 168_600, 2025: 176_100, 2026: 184_500}
CAVEAT = (
    "This is an estimate, not advice and not a return: it knows the trades in these books and nothing else. "
    "Whether barter is business income is for you and your adviser to decide."
)


class Instalment(BaseModel):
    """A quarter of the estimate and the day until which it is paid."""

    model_config = ConfigDict(frozen=True)

    due: str
    amount: str


class Estimate(BaseModel):
    """Dollars as decimal text."""

    model_config = ConfigDict(frozen=True)

    received: str
    costs: str
    net: str
    self_employment: str
    marginal_rate: str
    income_tax: str
    total: str
    quarterly: tuple[Instalment, ...]
    notes: tuple[str, ...]


def estimate(year: int, *, received: int, costs: int, marginal_rate: str) -> Estimate:
    """What `received` cents for property and services, less `costs` cents that the member noted, may come to."""
    net = max(0, received - costs)
    base_year = min(max(year, min(BASE)), max(BASE))
    social = self_employment(net, BASE[base_year] * 100)
    taxable = max(Fraction(0), Fraction(net) - Fraction(social, 2))
    income = rounded(taxable * Fraction(Decimal(marginal_rate)) / 100)
    total = social + income
    notes = [CAVEAT]
    if base_year != year:
        notes.append(f"The contribution base of {year} is not known here; that of {base_year} was used.")
    quarters = [total // 4 + (1 if number < total % 4 else 0) for number in range(4)]
    return Estimate(
        received=text(received, "USD"),
        costs=text(costs, "USD"),
        net=text(net, "USD"),
        self_employment=text(social, "USD"),
        marginal_rate=marginal_rate,
        income_tax=text(income, "USD"),
        total=text(total, "USD"),
        quarterly=tuple(
            Instalment(due=day.isoformat(), amount=text(part, "USD"))
            for day, part in zip(quarterly(year), quarters, strict=True)
        ),
        notes=tuple(notes),
    )


def self_employment(net: int, base: int) -> int:
    """Self-employment tax in cents on `net` cents of earnings, where nothing else counts towards `base` (cents)."""
    earnings = Fraction(net) * SHARE
    if earnings < LEAST_EARNINGS:
        return 0
    return rounded(min(earnings, Fraction(base)) * SOCIAL_SECURITY + earnings * MEDICARE)
