"""The weather of the coming days at any place (Open-Meteo's forecast).

Traps: as in `open_meteo`; the first days of an answer may lie behind, and are what was observed; a forecast that was
kept is of its first day, not of today.
"""

from __future__ import annotations

from datetime import timedelta

from spiders.open_meteo import FIELDS, TARGET_NOTE, DailyReader, Place
from spiders.source import Source

SOURCE = Source(
    name="open_meteo_forecast",
    title="Open-Meteo: weather forecast by day",
    records=("weather_observation",),
    reader="spiders.open_meteo_forecast:ForecastReader",
    licence_note="CC BY 4.0 with Open-Meteo named; free of charge for non-commercial use, below 10,000 requests a day",
    follows="https://open-meteo.com/en/docs",
    cadence=timedelta(hours=12),
    base="https://api.open-meteo.com/v1/forecast",
    api=True,
    target_note=TARGET_NOTE,
    fields={
        **FIELDS,
        "kind": "forecast; observed for days before it was issued",
        "issued_on": "the day of the visit at the place; of a forecast that was kept, its first day",
    },
    needs_target=True,
)
_DAYS = 14


class ForecastReader(DailyReader):
    """What is expected, today among it."""

    kind = "forecast"

    def span(self, place: Place) -> dict[str, str]:
        """Two weeks; the place's own days, where it names some, are the archive's."""
        return {"forecast_days": str(_DAYS)}
