"""The small town's market and world as files: listings as an export has them, the world as its services answer.

    asking.csv, sold.csv, wanted.csv    listings, with the day on which an offer ended
    weather-US-MO.json …                Open-Meteo's archive: days in columns
    alerts.json                         the National Weather Service's GeoJSON of CAP messages
    copper.xlsx                         the World Bank's Pink Sheet, one column of it

Equal towns give equal files, but for the moment of writing inside the workbook.
"""

from __future__ import annotations

import csv
import json
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from pathlib import Path
from typing import Any

from demo.alone import Ad, SmallTown
from demo.causes import World, settings
from demo.files import CENTRAL, HistoryFile
from demo.people import people
from demo.shocks import Climate, Storm

_COUNTIES = {"US-MO": ("MOC183", "029183"), "US-IL": ("ILC119", "017119")}
_MAPPING = {
    "id": "id",
    "title": "title",
    "price": "price",
    "condition": "condition",
    "category": "category",
    "seller": "seller",
    "region": "state",
    "place": "town",
    "observed_at": "at",
}


@dataclass(frozen=True, slots=True)
class WorldFile:
    """A service's answer as a file: the agent that reads it, and what it is told it was asked."""

    path: Path
    agent: str
    targets: tuple[str, ...] = ()


def write_listings(town: SmallTown, folder: Path) -> list[HistoryFile]:
    """What was asked, sold and looked for, each in a file; rows of days after the town's last are left out."""
    folder.mkdir(parents=True, exist_ok=True)
    last = town.world.end
    offers = [ad for ad in town.ads if ad.kind == "asking"]
    asking = [_row(ad, ad.first_day, ad.ask) | _ended(ad, last) for ad in offers]
    sold = [_row(ad, ad.last_day, ad.sold_for) for ad in offers if ad.sold_for is not None and ad.last_day <= last]
    wanted = [_row(ad, ad.first_day, ad.ask) for ad in town.ads if ad.kind == "wanted"]
    return [
        _file(folder, "asking", asking, _MAPPING | {"ended_at": "ended"}),
        _file(folder, "sold", sold, _MAPPING),
        _file(folder, "wanted", wanted, _MAPPING),
    ]


def _row(ad: Ad, day: date, price: float | None) -> dict[str, str]:
    return {
        "id": ad.id,
        "title": ad.title,
        "price": f"{price:.2f}",
        "condition": ad.condition,
        "category": ad.category,
        "seller": ad.seller,
        "state": ad.region,
        "town": ad.place,
        "at": f"{datetime.combine(day, time(10)).isoformat()}{CENTRAL}",
    }


def _ended(ad: Ad, last: date) -> dict[str, str]:
    return {"ended": f"{datetime.combine(ad.last_day, time(18)).isoformat()}{CENTRAL}" if ad.last_day <= last else ""}


def _file(folder: Path, kind: str, rows: list[dict[str, str]], mapping: dict[str, str]) -> HistoryFile:
    path = folder / f"{kind}.csv"
    with path.open("w", encoding="utf-8", newline="") as out:
        writer = csv.DictWriter(out, fieldnames=list(rows[0]), lineterminator="\n")
        writer.writeheader()
        writer.writerows(rows)
    return HistoryFile(path, "small_town", kind, mapping, {}, len(rows), 0)


def write_world(around: World, folder: Path) -> list[WorldFile]:
    """Weather and the price of copper, and warnings where there were any."""
    folder.mkdir(parents=True, exist_ok=True)
    out = [_weather(around, region, folder) for region in people().regions]
    out.append(_copper(around, folder))
    if "hazard" in around.traces:
        out.append(_alerts([_alert(storm, storm.region, severity) for storm, severity in around.storms], folder))
    return out


def write_warnings(climate: Climate, folder: Path) -> WorldFile:
    """The warnings of a town's storms: severe where it struck, moderate over the river, where less is felt."""
    folder.mkdir(parents=True, exist_ok=True)
    features = []
    for storm in climate.storms:
        for region in people().regions:
            features.append(_alert(storm, region, "Severe" if region == storm.region else "Moderate"))
    return _alerts(features, folder)


def _alerts(features: list[dict[str, Any]], folder: Path) -> WorldFile:
    path = folder / "alerts.json"
    path.write_text(json.dumps({"type": "FeatureCollection", "features": features}), "utf-8")
    return WorldFile(path, "nws")


def _weather(around: World, region: str, folder: Path) -> WorldFile:
    place = people().regions[region].places[0]
    days = around.weather[region]
    said = {
        "latitude": place.latitude,
        "longitude": place.longitude,
        "utc_offset_seconds": -21_600,
        "daily_units": {
            "time": "iso8601",
            "temperature_2m_max": "°C",
            "temperature_2m_min": "°C",
            "precipitation_sum": "mm",
            "snowfall_sum": "cm",
        },
        "daily": {
            "time": [each.day.isoformat() for each in days],
            "temperature_2m_max": [each.warmest for each in days],
            "temperature_2m_min": [each.coldest for each in days],
            "precipitation_sum": [each.rain for each in days],
            "snowfall_sum": [0.0 for _ in days],
        },
    }
    path = folder / f"weather-{region}.json"
    path.write_text(json.dumps(said), "utf-8")
    return WorldFile(path, "open_meteo", (f"{place.latitude},{place.longitude},{region},{place.name}",))


def _copper(around: World, folder: Path) -> WorldFile:
    from openpyxl import Workbook

    book = Workbook(write_only=True)
    page = book.create_sheet("Monthly Prices")
    page.append(["World Bank Commodity Price Data (The Pink Sheet)"])
    page.append([f"Updated on {around.end:%B %d, %Y}"])
    page.append([None, "Copper"])
    page.append([None, "($/mt)"])
    for month, price in around.copper.items():
        # The month that is not over has no price yet.
        if (month + timedelta(days=32)).replace(day=1) <= around.end:
            page.append([f"{month:%Y}M{month:%m}", price])
    path = folder / "copper.xlsx"
    book.save(path)
    return WorldFile(path, "world_bank")


def _alert(storm: Storm, region: str, severity: str) -> dict[str, Any]:
    """A warning sent the morning it began, as the service's feed has it."""
    ugc, same = _COUNTIES[region]
    sent = datetime.combine(storm.day, time(6))
    ends = sent + timedelta(days=settings()["hazard"]["lasts"])
    identity = f"urn:oid:2.49.0.1.840.0.{storm.name.replace(' ', '.')}.{region}.{storm.day:%Y%m%d}"
    return {
        "id": f"https://alerts.example/{identity}",
        "type": "Feature",
        "geometry": None,
        "properties": {
            "id": identity,
            "areaDesc": people().regions[region].places[0].name,
            "geocode": {"SAME": [same], "UGC": [ugc]},
            "references": [],
            "sent": f"{sent.isoformat()}{CENTRAL}",
            "effective": f"{sent.isoformat()}{CENTRAL}",
            "onset": f"{sent.isoformat()}{CENTRAL}",
            "expires": f"{ends.isoformat()}{CENTRAL}",
            "ends": f"{ends.isoformat()}{CENTRAL}",
            "status": "Actual",
            "messageType": "Alert",
            "category": "Met",
            "severity": severity,
            "certainty": "Observed",
            "urgency": "Immediate",
            "event": settings()["hazard"]["event"],
            "headline": f"{settings()['hazard']['event']}, {storm.name}",
        },
    }
