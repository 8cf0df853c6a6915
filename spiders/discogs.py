"""What records are worth and cost on Discogs, by release: suggested prices for each grade, or the lowest asked.

Suggestions are given to sellers with a token. Where there are none (404, or an empty answer) the marketplace's own
figures stand in: the lowest price asked and how many copies are for sale.

Traps: 404, 401 or {} for who sells nothing; "17.099999999999998" for 17.1; a release without copies for sale, or
blocked from sale; a price without a currency is quarantined; a release whose name cannot be read still has prices;
grades never met are told.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from datetime import timedelta
from decimal import Decimal, InvalidOperation
from typing import Any
from urllib.parse import urlsplit

from spiders.reader import Answer, Ask, Found, Item, Note, Reader, Unreadable, texts, with_headers
from spiders.source import Source
from warehouse.reading.gtin import read_gtin
from warehouse.reading.words import clean_text

BASE = "https://api.discogs.com"
SOURCE = Source(
    name="discogs",
    title="Discogs: price suggestions and lowest prices of records",
    records=("price_series",),
    reader="spiders.discogs:DiscogsReader",
    licence_note="Discogs API terms of use: restricted data (prices) are not kept for others; 60 requests a minute "
    "with a token, 25 without",
    follows="https://www.discogs.com/developers/#page:marketplace,header:marketplace-price-suggestions",
    cadence=timedelta(days=7),
    fields={
        "period": "the day of the visit",
        "days": "1",
        "series": "the release and the grade, or “lowest”",
        "title": "releases: artists_sort, title, year",
        "value": "price_suggestions: {grade}.value; stats: lowest_price.value",
        "currency": "price_suggestions: {grade}.currency; stats: lowest_price.currency",
        "statistic": "guide for suggestions, min for the lowest price",
        "volume": "stats: num_for_sale",
        "gtin": "releases: identifiers[type=Barcode].value",
        "category": "releases: formats[0].name",
    },
    base=BASE,
    api=True,
    delay=2.4,
    optional_keys=("discogs_token",),
    targets=("249504",),
    target_note="a release's number on Discogs (249504)",
    needs_target=True,
)
_NUMBER = re.compile(r"\d{1,12}")
# The Goldmine standard, as Discogs writes it.
_GRADES = frozenset(
    (
        *("Mint (M)", "Near Mint (NM or M-)", "Very Good Plus (VG+)", "Very Good (VG)"),
        *("Good Plus (G+)", "Good (G)", "Fair (F)", "Poor (P)"),
    )
)


class DiscogsReader(Reader):
    """The release's name first, then its prices: a price alone names nothing."""

    def start(self) -> Iterator[Ask]:
        if self.visit.saved:
            yield Ask(self.visit.base)
            return
        for target in dict.fromkeys(one.strip() for one in self.visit.targets):
            found = _NUMBER.search(target)
            if found:
                yield Ask(self.at(f"releases/{found[0]}"), step="release", told={"release": found[0]})

    def sign(self, ask: Ask) -> Ask:
        token = self.visit.keys.get("discogs_token")
        return with_headers(ask, Authorization=f"Discogs token={token}") if token else ask

    def release(self, answer: Answer) -> Iterator[Item]:
        """The name of a release, and what it is on; then its prices."""
        said = _object(answer)
        formats, codes = _several(said.get("formats")), _several(said.get("identifiers"))
        barcodes = [read_gtin(str(one.get("value") or "")) for one in codes if one.get("type") == "Barcode"]
        name = " - ".join(str(said[part]) for part in ("artists_sort", "title") if said.get(part))
        told = texts(
            release=answer.ask.told["release"],
            title=clean_text(f"{name} ({said['year']})" if name and said.get("year") not in (None, "0") else name),
            category=formats[0].get("name") if formats else None,
            gtin=next(filter(None, barcodes), None),
        )
        yield self._prices(told)

    def _prices(self, told: Mapping[str, Any]) -> Ask:
        """Without a token Discogs suggests nothing; a base of one's own may have other rules."""
        if self.visit.keys.get("discogs_token") or self.visit.base != BASE:
            return Ask(self.at(f"marketplace/price_suggestions/{told['release']}"), step="suggestions", told=told)
        return self._stats(told)

    def _stats(self, told: Mapping[str, Any]) -> Ask:
        address = self.at(f"marketplace/stats/{told['release']}", curr_abbr=self.visit.currency)
        return Ask(address, step="stats", told=told)

    def failed(self, ask: Ask, why: str, status: int | None) -> Iterator[Item] | None:
        """No name is no reason to stop; 404 and 401 mean that this account is suggested nothing."""
        if ask.step == "release" and status is not None:
            return iter([self._prices(ask.told)])
        return iter([self._stats(ask.told)]) if ask.step == "suggestions" and status in {401, 403, 404} else None

    def parse(self, answer: Answer) -> Iterator[Item]:
        """A saved answer, of whichever of the two kinds."""
        said = _object(answer)
        return self.stats(answer) if "lowest_price" in said or "num_for_sale" in said else self.suggestions(answer)

    def suggestions(self, answer: Answer) -> Iterator[Item]:
        said = _object(answer)
        grades = {grade: one for grade, one in said.items() if isinstance(one, dict)}
        if not grades and said:
            raise Unreadable(f"it suggests no prices; its fields are {', '.join(list(said)[:5])}")
        if not grades and not self.visit.saved:
            yield self._stats(answer.ask.told)
            return
        holes = 0
        for grade, price in grades.items():
            if _nothing(price.get("value")):
                holes += 1
                continue
            yield self._found(answer, f"/{grade}", f", {grade}", price, statistic="guide", condition=grade)
        if holes:
            yield Note(f"{holes} grades without a suggestion")
        strange = sorted(set(grades) - _GRADES)
        if strange:
            yield Note(f"grades that were not known before: {', '.join(strange[:5])}", "drift")

    def stats(self, answer: Answer) -> Iterator[Item]:
        said = _object(answer)
        if "lowest_price" not in said and "num_for_sale" not in said:
            raise Unreadable(f"it has no lowest_price; its fields are {', '.join(list(said)[:5]) or 'none'}")
        price = said.get("lowest_price")
        if price is None or (isinstance(price, dict) and _nothing(price.get("value"))):
            why = "blocked from sale" if said.get("blocked_from_sale") is True else "no copy is for sale"
            yield Note(f"release {self._number(answer)}: {why}")
            return
        price = price if isinstance(price, dict) else {"value": price}
        yield self._found(
            answer, "/lowest", ", lowest price asked", price, statistic="min", volume=said.get("num_for_sale")
        )

    def _number(self, answer: Answer) -> str:
        """The release an answer is about: as asked, or the only target, or the number in a saved file's name."""
        told = answer.ask.told.get("release")
        if told:
            return str(told)
        names = [*self.visit.targets] if len(self.visit.targets) == 1 and self.visit.targets != SOURCE.targets else []
        found = [_NUMBER.search(name) for name in (*names, urlsplit(answer.url).path.rsplit("/", 1)[-1])]
        number = next((one[0] for one in found if one), None)
        if number is None:
            raise Unreadable("which release it is about is not said; name it as the target")
        return number

    def _found(self, answer: Answer, ending: str, words: str, price: Mapping[str, Any], **more: Any) -> Found:
        told, number = answer.ask.told, self._number(answer)
        currency = price.get("currency") or self.visit.currency
        row = texts(
            series=f"{number}{ending}",
            title=f"{told.get('title') or f'Discogs release {number}'}{words}",
            period=self.visit.now.date().isoformat(),
            days=1,
            value=_tidy(price.get("value")),
            currency=currency,
            category=told.get("category"),
            gtin=told.get("gtin"),
            release=number,
            **more,
        )
        at = f"https://www.discogs.com/release/{number}"
        if not currency:
            message = f"{price.get('value')} names no currency; collect again with --currency USD"
            return Found("price_series", row, reason="bad_currency", message=message, found_at=at)
        return Found("price_series", row, found_at=at)


def _object(answer: Answer) -> dict[str, Any]:
    said = answer.json()
    if not isinstance(said, dict):
        raise Unreadable("it is no JSON object")
    if set(said) == {"message"}:
        raise Unreadable(f"Discogs answers: {said['message']}")
    return said


def _tidy(value: Any) -> str:
    """A price without the noise of binary fractions, which Discogs sends on: "17.099999999999998" is 17.1."""
    text = str(value)
    try:
        return str(round(Decimal(text), 4).normalize()) if len(text.partition(".")[2]) > 6 else text
    except InvalidOperation:
        return text


def _nothing(value: Any) -> bool:
    """Whether there is no price: null, blank or 0. What is no number is not nothing."""
    try:
        return value is None or not str(value).strip() or Decimal(str(value)) == 0
    except InvalidOperation:
        return False


def _several(said: Any) -> list[dict[str, Any]]:
    return [one for one in said if isinstance(one, dict)] if isinstance(said, list) else []
