"""What the services of a trade pay into the community's insurance, by their risk. Pure arithmetic.

Each service is a share of its own agreed value, rounded half-even to a rail. It is a move like the fee: what the
insurance gets, a party pays.
"""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Sequence

from ledger.books.units import rounded
from ledger.policy.dated import Policy
from ledger.policy.sections_insurance import Insurance, Risk
from ledger.trading.legs import Leg

# What a record says of a thing of which no category is known.
_NO_CATEGORY = ("", "other", "services")


def contributions(policy: Policy, legs: Sequence[Leg], payer: str) -> Counter[str]:
    """What each account pays for the services of a trade, in rails. `payer` is who pays the K, as for a fee."""
    rule, paid = policy.sections.insurance, Counter[str]()
    if rule is None:
        return paid
    for leg in legs:
        risk = risk_of(rule, leg)
        if risk is not None:
            paid[leg.giver if rule.paid_by == "giver" else payer] += rounded(risk.percent * leg.worth.agreed)
    return +paid


def risk_of(rule: Insurance, leg: Leg) -> Risk | None:
    """The risk of a leg; None where it is no service, or one for which nothing is paid.

    What its record says of the work counts; its words only where the record knows neither category nor occupation.
    """
    if leg.kind not in rule.kinds:
        return None
    if leg.record.kind != "valuation":
        return rule.risk(category=None, occupation=None, text=leg.description)
    subject = json.loads(leg.record.content)["subject"]
    category = str(subject["understood"].get("category") or "")
    return rule.risk(
        category=None if category in _NO_CATEGORY else category,
        occupation=subject["understood"].get("occupation") or None,
        text=f"{leg.description} {subject['asked']['text']}",
    )
