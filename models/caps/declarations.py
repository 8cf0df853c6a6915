"""Declarations of emergencies: the messages about hazards that say who declared one, when and where.

A weather alert is no declaration. What makes a message one is its field `declaration`: FEMA's DR (major disaster) and
EM (emergency), or "state" and "local" for those of a governor or a county that a person imported. FEMA's grants for
fighting fires (FM, FS) declare no emergency.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date, timedelta
from typing import Any, cast

from models.caps.rules import Declarer

_KINDS: dict[str, Declarer] = {
    "dr": "federal",
    "em": "federal",
    "federal": "federal",
    "state": "state",
    "governor": "state",
    "local": "local",
}
_SQL = """
WITH said AS (
    SELECT source, thread, region, hazard, severity, headline, url, message_type, sent::DATE AS day, ends::DATE AS ends,
        lower(attributes ->> 'declaration') AS kind, coalesce(geocodes ->> 'SAME', '') AS areas
    FROM raw.hazard_event
    WHERE status = 'actual' AND region IS NOT NULL AND attributes ->> 'declaration' IS NOT NULL
),
over AS (
    SELECT source, thread, min(CASE WHEN message_type = 'cancel' THEN day ELSE coalesce(ends, day) END) AS ended,
        min(day) AS told
    FROM said
    WHERE message_type = 'cancel' OR (message_type = 'update' AND ends IS NOT NULL)
    GROUP BY ALL
)
SELECT kind, region, day, any_value(hazard), min(severity), min(headline), min(url), source || ' ' || thread,
    list_sort(list_distinct(flatten(list(string_split(areas, ' '))))), any_value(ended), any_value(told)
FROM said LEFT JOIN over USING (source, thread)
WHERE message_type = 'alert'
GROUP BY kind, region, day, source, thread
ORDER BY day, region, 8
"""


@dataclass(frozen=True, slots=True)
class Declaration:
    """An emergency declared on a day for a region (ISO 3166-2).

    `areas` are the county codes (SAME) it names, none where it is for all of the region. `ended` is the day it was
    over, known since `told`; both None while it goes on.
    """

    id: str
    declarer: Declarer
    region: str
    declared: date
    hazard: str
    severity: str | None = None
    headline: str | None = None
    source: str | None = None
    areas: tuple[str, ...] = ()
    ended: date | None = None
    told: date | None = None

    def ends(self, day: date) -> date | None:
        """The day it was over, as far as that was known on `day`."""
        return self.ended if self.told is not None and self.told <= day else None

    def reaches(self, region: str, areas: frozenset[str] = frozenset()) -> bool:
        """Whether it is about a place: its region and, where both sides name counties, one of them."""
        return self.region == region and (not self.areas or not areas or bool(areas & set(self.areas)))


def last_day(declared: Declaration, days: int | None, after_end: int | None, window: int, day: date) -> date:
    """The last day on which a limit of so many days holds, as far as was known on `day`.

    Without `days` it holds to the emergency's end, and for `window` days where no end is known.
    """
    ended = declared.ends(day)
    last = declared.declared + timedelta(days=days if days is not None else window)
    if ended is None:
        return last
    if days is None:
        return ended
    return last if after_end is None else max(last, ended + timedelta(days=after_end))


def read_declarations(connection: Any) -> list[Declaration]:
    """The declarations a snapshot's database holds, oldest first."""
    return list(_of_rows(connection.execute(_SQL).fetchall()))


def _of_rows(rows: Iterable[tuple[Any, ...]]) -> Iterable[Declaration]:
    for kind, region, day, hazard, severity, headline, url, name, areas, ended, told in rows:
        if kind in _KINDS:
            codes = cast("list[str]", areas)
            yield Declaration(
                id=name,
                declarer=_KINDS[kind],
                region=region,
                declared=day,
                hazard=hazard,
                severity=severity,
                headline=headline,
                source=url,
                areas=tuple(code for code in codes if code),
                ended=ended,
                told=told,
            )
