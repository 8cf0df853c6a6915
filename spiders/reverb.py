"""Used and new musical gear on Reverb, through its API: searches in HAL, page by page.

Only what is live is an offer. What is sold stands with the last price it was asked for, which is a sale's price unless
an offer was taken: `offers_enabled` says whether that can be. What ended unsold, is a draft or was suspended is offered
by nobody, and is counted.

Traps: `amount` missing beside `amount_cents`, and currencies without cents; drafts, ended and suspended listings;
auctions; a next link on another host, or one that leads back; errors as a message in the answer; shops named in three
ways.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Mapping
from datetime import timedelta
from decimal import Decimal
from typing import Any
from urllib.parse import parse_qs, urlsplit

from spiders.reader import Answer, Ask, Found, Item, Note, Reader, Unreadable, texts, with_headers
from spiders.source import Source
from warehouse.reading.urls import canonical
from warehouse.reading.words import clean_text

SOURCE = Source(
    name="reverb",
    title="Reverb: musical gear (API)",
    records=("listing",),
    reader="spiders.reverb:ReverbReader",
    licence_note="Reverb API terms of service; a personal token widens the limits and is not needed to search",
    follows="https://www.reverb-api.com/docs/searching-listings",
    cadence=timedelta(hours=12),
    fields={
        "id": "listings[].id",
        "kind": "state.slug: live is asking, sold is sold",
        "title": "title",
        "price": "price.amount; price.amount_cents where it is missing",
        "currency": "price.currency",
        "condition": "condition.display_name",
        "brand": "make",
        "category": "categories[0].full_name",
        "seller": "shop_name or shop.name, as a pseudonym",
        "region, place": "shop.address or location: country_code, region; locality",
        "url": "_links.web.href",
        "image": "photos[0]._links.large_crop.href",
        "attributes": "model, finish, year, shipping, offers_enabled",
    },
    base="https://api.reverb.com",
    api=True,
    optional_keys=("reverb_token",),
    personal=("shop_name", "shop_slug", "username", "user_name", "first_name", "last_name"),
    targets=("electric guitar", "synthesizer", "trumpet"),
    target_note="search words",
    search=True,
    needs_target=True,
)
_PER_PAGE = 50
# Reverb shows no more of any search.
_MOST_PAGES = 400
_KINDS = {"live": "asking", "sold": "sold"}
# Currencies without a smaller unit (ISO 4217): their "cents" are whole.
_WHOLE = frozenset({"JPY", "KRW", "CLP", "VND", "ISK"})


class ReverbReader(Reader):
    """One search for each target; `_links.next` says whether there is more."""

    def start(self) -> Iterator[Ask]:
        if self.visit.saved or "/listings" in urlsplit(self.visit.base).path:
            yield Ask(self.visit.base)
            return
        for words in dict.fromkeys(one.strip() for one in self.visit.targets if one.strip()):
            yield self._page(words, 1, "")

    def sign(self, ask: Ask) -> Ask:
        ask = with_headers(ask, Accept="application/hal+json", Accept_Version="3.0")
        token = self.visit.keys.get("reverb_token")
        return with_headers(ask, Authorization=f"Bearer {token}") if token else ask

    def _page(self, words: str, page: int, last: str) -> Ask:
        path = "listings/all" if urlsplit(self.visit.base).path.rstrip("/").endswith("/api") else "api/listings/all"
        told = {"query": words, "page": page, "last": last}
        return Ask(self.at(path, query=words, page=page, per_page=_PER_PAGE), told=told, worth=-float(page))

    def parse(self, answer: Answer) -> Iterator[Item]:
        said = answer.json()
        listings = said.get("listings") if isinstance(said, dict) else None
        if not isinstance(listings, list):
            problem = said.get("message") or said.get("error") if isinstance(said, dict) else None
            raise Unreadable(f"Reverb answers: {problem}" if problem else "it has no listings")
        left: Counter[str] = Counter()
        for one in listings:
            reason = _no_offer(one)
            if reason:
                left[reason] += 1
            else:
                yield self._found(one)
        for reason, number in left.items():
            yield Note(f"{number} left out: {reason}")
        yield from self._following(said, listings, answer.ask.told)

    def _following(self, said: Mapping[str, Any], listings: list[Any], told: Mapping[str, Any]) -> Iterator[Item]:
        href = _link(said, "next")
        if self.visit.saved or "page" not in told:
            return
        if not listings and told["page"] == 1:
            yield Note(f'Reverb has nothing for "{told["query"]}"')
        if not href or not listings:
            return
        page = int(told["page"])
        first = ",".join(str(one.get("id")) for one in listings[:3] if isinstance(one, dict))
        # The link may name another host than the base; only its page number is taken.
        following = parse_qs(urlsplit(href).query).get("page", [""])[0]
        if first == told["last"] or (following.isdigit() and int(following) <= page):
            yield Note(f"page {page} leads back; no more are asked for")
        elif page >= _MOST_PAGES:
            yield Note(f"{_MOST_PAGES} pages were read; Reverb shows no more. Narrow the search")
        else:
            yield self._page(str(told["query"]), page + 1, first)

    def _found(self, said: dict[str, Any]) -> Found:
        price = said.get("price")
        amount, path = _amount(price)
        condition, state = said.get("condition"), _slug(said)
        region, place = _where(said)
        row = texts(
            id=said.get("id"),
            kind=_KINDS[state],
            title=said.get("title") or " ".join(str(said.get(n) or "") for n in ("make", "model", "finish")).strip(),
            price=amount,
            currency=price.get("currency") if isinstance(price, dict) else said.get("listing_currency"),
            condition=condition.get("display_name") if isinstance(condition, dict) else condition,
            brand=said.get("make"),
            category=next((c.get("full_name") for c in _several(said.get("categories")) if isinstance(c, dict)), None),
            seller=_seller(said),
            region=region,
            place=place,
            url=_link(said, "web"),
            image=_photo(said),
            description=clean_text(str(said.get("description") or "")),
            model=said.get("model"),
            finish=said.get("finish"),
            year=said.get("year"),
            shipping=_shipping(said.get("shipping")),
            offers_enabled=said.get("offers_enabled"),
            created_at=said.get("created_at"),
        )
        return Found("listing", row, path, found_at=canonical(row.get("url", "")))


def _slug(said: Mapping[str, Any]) -> str:
    state = said.get("state")
    return str((state.get("slug") if isinstance(state, dict) else state) or "live").casefold()


def _no_offer(said: Any) -> str | None:
    """Why a listing is no offer and no sale; None where it is one."""
    if not isinstance(said, dict):
        return "no listing at all"
    if _slug(said) not in _KINDS:
        return f"the state is {_slug(said)}, so nobody offers it"
    return "a bid in an auction is no asking price" if said.get("auction") is True and _slug(said) == "live" else None


def _amount(price: Any) -> tuple[Any, str]:
    """The price as text and its path; cents only where the amount itself is missing."""
    if not isinstance(price, dict):
        return None, "price.amount"
    if price.get("amount") not in (None, ""):
        return price["amount"], "price.amount"
    cents = str(price.get("amount_cents") or "")
    if not cents.isdigit():
        return None, "price.amount"
    scale = 0 if price.get("currency") in _WHOLE else -2
    return str(Decimal(cents).scaleb(scale)), "price.amount_cents"


def _seller(said: Mapping[str, Any]) -> Any:
    shop = said.get("shop")
    return said.get("shop_name") or (shop.get("name") or shop.get("slug") if isinstance(shop, dict) else shop)


def _where(said: Mapping[str, Any]) -> tuple[str | None, str | None]:
    """Region and place as far as a town: "US-MO" and "St. Louis"."""
    shop = said.get("shop")
    where = said.get("location") or (shop.get("address") if isinstance(shop, dict) else None)
    if not isinstance(where, dict):
        return None, None
    country, region, town = (str(where.get(name) or "").strip() for name in ("country_code", "region", "locality"))
    if country and len(region) in (2, 3) and region.isupper():
        return f"{country}-{region}", town or None
    return country or None, ", ".join(filter(None, (town, region))) or None


def _shipping(said: Any) -> str | None:
    """The first rate: "25.00 USD to US_CON"; "local pickup" where that is all."""
    if not isinstance(said, dict):
        return None
    for one in _several(said.get("rates")):
        rate = one.get("rate") if isinstance(one, dict) else None
        if isinstance(rate, dict) and rate.get("amount"):
            return f"{rate['amount']} {rate.get('currency') or ''} to {one.get('region_code') or 'anywhere'}"
    return "local pickup" if said.get("local") is True else None


def _photo(said: Mapping[str, Any]) -> str | None:
    for one in _several(said.get("photos")):
        for name in ("large_crop", "full", "small_crop", "thumbnail"):
            if isinstance(one, dict) and (href := _link(one, name)):
                return href
    return None


def _link(said: Mapping[str, Any], name: str) -> str | None:
    """`_links.{name}.href` of HAL."""
    links = said.get("_links")
    link = links.get(name) if isinstance(links, dict) else None
    href = link.get("href") if isinstance(link, dict) else None
    return href if isinstance(href, str) else None


def _several(said: Any) -> list[Any]:
    return said if isinstance(said, list) else []
