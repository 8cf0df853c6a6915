"""Suspicions of manipulation as findings for the alarms: what a person should look at."""

from __future__ import annotations

from features.integrity.trust import Trust
from features.market import day_date
from warehouse.alarms import Finding

_MOST = 50  # alarms of one run: the surest first


def findings(trust: Trust, day: int) -> list[Finding]:
    """The suspicions that stand at the end of a day, one for each kind and product.

    An alarm tells and changes nothing: the rows' weights are lowered whether or not anybody looks at it.
    """
    out = []
    for flag in sorted(trust.cases(day), key=lambda each: -each.score)[:_MOST]:
        told = flag.as_row(trust.histories.day)
        detail = {
            "sellers": told["sellers"][:20],
            "rows": told["rows"],
            "first_day": day_date(told["first_day"]).isoformat(),
            "last_day": day_date(told["last_day"]).isoformat(),
            "score": round(flag.score, 1),
            "weight": flag.factor,
        }
        out.append(Finding(flag.kind, flag.product, "warning", flag.message, detail))
    return out
