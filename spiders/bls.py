"""BLS Public Data API, version 2: series of prices and price indices (and any other series of theirs) by their id.

Traps: M13, Q05 and S03 are means of the year beside its parts and are left out; "-" is a hole; an error comes with
status 200 (REQUEST_NOT_PROCESSED); Results is an object where a list is documented; no footnotes are [{}]; a wrong
key is repeated in the message, and hidden here; 25 series of 10 years at once, 50 of 20 with a key; commas in
numbers.
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace
from datetime import timedelta
from typing import Any

from spiders.reader import Answer, Ask, Found, Item, Note, Reader, Unreadable, texts
from spiders.source import Source

SOURCE = Source(
    name="bls",
    title="BLS: consumer prices and average prices",
    records=("price_series",),
    reader="spiders.bls:Series",
    licence_note="Public domain; terms at bls.gov/developers/termsOfService.htm: name BLS.gov and the day of reading",
    follows="https://www.bls.gov/developers/api_signature_v2.htm",
    cadence=timedelta(days=7),
    base="https://api.bls.gov/publicAPI/v2/timeseries/data/",
    delay=2.0,
    api=True,
    optional_keys=("bls_api_key",),
    targets=(
        *("CUUR0000SA0", "CUUR0000SAD", "CUUR0000SETA01", "CUUR0000SETA02", "CUUR0000SEEE01", "CUUR0000SERA"),
        *(
            "CUUR0000SAA",
            "CUUR0000SEHJ",
            "CUUR0000SEHK",
            "CUUR0000SEHM",
            "CUUR0000SERC",
            "APU0000708111",
            "APU000074714",
            "APU000072610",
        ),
    ),
    target_note="the id of a series: CUUR0000SETA02",
    fields={
        "days": "by the period: 30, 91, 182, 365",
        "series": "Results.series[].seriesID",
        "title": "Results.series[].catalog.series_title, with a key; the id otherwise",
        "period": "data[].year and period (M01 to M12, Q01 to Q04, S01, S02, A01)",
        "value": "data[].value",
        "statistic": "index or mean, by the survey the id begins with",
        "attributes": "data[].footnotes, catalog",
    },
    needs_target=True,
)

# bls.gov/bls/api_features.htm: what may be asked for at once, with and without a key.
_WITH_KEY, _WITHOUT = (50, 20), (25, 10)
_ID = re.compile(r"[A-Z0-9_#-]{3,40}")
# Period codes: first month, days. M13, Q05 and S03 are means of the year beside its parts.
_MEANS = frozenset({"M13", "Q05", "S03"})
_PERIODS: dict[str, tuple[int, int]] = {
    **{f"M{month:02d}": (month, 30) for month in range(1, 13)},
    **{f"Q{quarter:02d}": (3 * quarter - 2, 91) for quarter in range(1, 5)},
    **{"S01": (1, 182), "S02": (7, 182), "A01": (1, 365)},
}
_CATALOG = ("survey_name", "seasonality", "area", "item", "base_period", "measure_data_type")


@dataclass(frozen=True, slots=True)
class Meaning:
    """What the numbers of a series are: its statistic, with currency and region where the id says them."""

    statistic: str
    currency: str | None = None
    region: str | None = None


def meaning_of(series: str) -> Meaning:
    """What a series of BLS is, from its id (bls.gov/help/hlpforma.htm): survey, seasonal code, area, item.

    AP are average prices in dollars, CU, CW, SU (consumers) and PC, WP, EI (producers, trade) are indices; the area
    0000 is the United States. "value" where the id does not tell.
    """
    series = series.upper()
    # FRED's own names for two of BLS's series.
    if series in {"CPIAUCSL", "CPIAUCNS"}:
        return Meaning("index", region="US")
    if re.fullmatch(r"AP[US][0-9A-Z]{9,11}", series):
        return Meaning("mean", currency="USD", region="US" if series[3:7] == "0000" else None)
    nation = "US" if series[4:8] == "0000" else None
    if re.fullmatch(r"(?:CU|CW)[US][RS][0-9A-Z]{5,12}", series) or re.fullmatch(r"SU[US]R[0-9A-Z]{5,12}", series):
        return Meaning("index", region=nation)
    if re.fullmatch(r"(?:PCU|WP[US]|EI[US])[0-9A-Z-]{2,30}", series):
        return Meaning("index")
    return Meaning("value")


class Series(Reader):
    """Asks for as many series at once as may be asked for, and for as many years."""

    def start(self) -> Iterator[Ask]:
        if self.visit.saved:
            yield Ask(self.visit.base)
            return
        most, years = _WITH_KEY if self._key else _WITHOUT
        last = self.visit.now.year
        wanted = [one.upper() for one in self.visit.targets]
        for start in range(0, len(wanted), most):
            asked = {"seriesid": wanted[start : start + most], "startyear": str(last - years + 1), "endyear": str(last)}
            yield Ask(
                self.at(),
                method="POST",
                headers={"Content-Type": "application/json"},
                body=json.dumps(asked),
                told=asked,
            )

    def sign(self, ask: Ask) -> Ask:
        """The key goes into the body; only with one may the description of the series be asked for."""
        if not self._key or ask.body is None:
            return ask
        return replace(ask, body=json.dumps({**json.loads(ask.body), "catalog": True, "registrationkey": self._key}))

    def parse(self, answer: Answer) -> Iterator[Item]:
        said = answer.json()
        if not isinstance(said, dict) or "status" not in said:
            raise Unreadable("it is no answer of the BLS API: it has no status")
        messages = [self._hidden(one) for one in _listed(said.get("message")) if str(one).strip()]
        if said["status"] != "REQUEST_SUCCEEDED":
            raise Unreadable(f"BLS says {said['status']}: {'; '.join(messages) or 'no more than that'}")
        for message in messages:
            yield Note(f"BLS says: {message}")
        results = said.get("Results")
        # Documented as a list of objects, given as one object.
        many = [one for result in _listed(results) for one in _listed(_field(result, "series"))]
        if not many:
            raise Unreadable("it holds no series (Results.series)")
        given = set()
        for one in many:
            given.add(str(_field(one, "seriesID")))
            yield from _series(one, shown=not self.visit.saved)
        missing = [name for name in answer.ask.told.get("seriesid", ()) if name not in given]
        if missing:
            yield Note(f"{len(missing)} series were asked for and not given: {', '.join(missing[:10])}", kind="drift")

    @property
    def _key(self) -> str:
        return self.visit.keys.get("bls_api_key", "")

    def _hidden(self, message: object) -> str:
        """A message without the key: BLS repeats a key that it does not know."""
        text = str(message)[:500]
        for key in self.visit.keys.values():
            text = text.replace(key, "…") if key else text
        return text


def _series(one: Any, *, shown: bool) -> Iterator[Item]:
    """The values of one series; `shown` where it is read from BLS, so that its own page can be named."""
    name = _field(one, "seriesID")
    if not isinstance(name, str) or not _ID.fullmatch(name.upper()):
        yield Note(f"a series has no id that could be one: {str(name)[:60]!r}", kind="drift")
        return
    catalog = _field(one, "catalog") or {}
    common = {"series": name, "title": _field(catalog, "series_title") or name, **_kept(catalog)}
    meaning = meaning_of(name)
    holes = means = 0
    for value in _listed(_field(one, "data")):
        period = str(_field(value, "period") or "")
        text = str(_field(value, "value") or "").strip()
        if period in _MEANS:
            means += 1
        elif text in {"", "-"}:
            holes += 1
        else:
            found = _found(value, period, text, common, meaning)
            yield replace(found, found_at=f"https://data.bls.gov/timeseries/{name}") if shown else found
    if not _listed(_field(one, "data")):
        yield Note(f"{name} has no data in these years")
    if holes or means:
        yield Note(f"{name}: {holes} values not available, {means} yearly means left out")


def _found(value: Any, period: str, text: str, common: Mapping[str, str], meaning: Meaning) -> Found:
    year = str(_field(value, "year") or "")
    month, days = _PERIODS.get(period, (0, 0))
    row = texts(
        **common,
        period=f"{year}-{month:02d}-01" if month else f"{year} {period}",
        days=days or None,
        value=text.replace(",", ""),
        statistic=meaning.statistic,
        currency=meaning.currency,
        region=meaning.region,
        footnotes=_footnotes(_field(value, "footnotes")),
    )
    if not month:
        return Found("price_series", row, reason="bad_date", message=f'period "{period}" of {year} is not known')
    return Found("price_series", row)


def _footnotes(notes: Any) -> str:
    """ "P: Preliminary.": an empty list is given as [{}]."""
    said = [(_field(note, "code"), _field(note, "text")) for note in _listed(notes)]
    return "; ".join(f"{code}: {text}" if code else str(text) for code, text in said if code or text)


def _kept(catalog: Any) -> dict[str, str]:
    return {name: str(_field(catalog, name)) for name in _CATALOG if _field(catalog, name)}


def _field(value: Any, name: str) -> Any:
    return value.get(name) if isinstance(value, dict) else None


def _listed(value: Any) -> list[Any]:
    if value is None:
        return []
    return value if isinstance(value, list) else [value]
