"""Which pages to look at when not all of them can be: those where a look buys the most freshness.

The mathematics is in `agent.freshness`; here the journal's memory of pages meets it.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from datetime import UTC, datetime, timedelta

from spiders.agent.freshness import Seen, due

# No page is looked at more often than this, and each at least this often, as far as the budget goes.
SHORTEST = timedelta(hours=6)
LONGEST = timedelta(days=30)

# What a page is worth that is not to be looked at now, whatever is left of the budget.
NOT_DUE = -1e300


def worths(
    keys: Sequence[str], pages: Sequence[tuple[str, int, int, float, float, float]], now: datetime
) -> Iterator[tuple[str, float]]:
    """What each waiting page is worth to look at: (key, worth), higher first; NOT_DUE for what was seen just now.

    `pages` are those of `Journal.pages`. A page never met comes before all others: nothing is known of it.
    """
    met = {key: rest for key, *rest in pages}
    items = [_seen(key, *met[key]) for key in keys if key in met]
    ranked = due(items, now, len(items), shortest=SHORTEST, longest=LONGEST) if items else []
    worth = {key: float(len(ranked) - place) for place, key in enumerate(ranked)}
    highest = float(len(items) + 1)
    for key in keys:
        yield key, worth.get(key, NOT_DUE) if key in met else highest


def _seen(key: str, visits: float, changes: float, days: float, changed_days: float, last: float) -> Seen:
    return Seen(
        key=key,
        visits=int(visits),
        changes=int(changes),
        observed_days=days,
        changed_days=changed_days,
        last_visit=datetime.fromtimestamp(last, UTC),
    )
