"""What eBay's search interfaces have in common: leave to ask, the marketplace, targets, pages and errors."""

from __future__ import annotations

import base64
import hashlib
from collections.abc import Iterator, Mapping
from typing import Any
from urllib.parse import quote, urlencode, urlsplit

from spiders.reader import Answer, Ask, Item, Note, Reader, Unreadable, Visit, with_headers

PERSONAL = (
    *("username", "userId", "feedbackScore", "feedbackPercentage", "legalContactFirstName", "legalContactLastName"),
    *("addressLine1", "addressLine2", "fax", "imprint", "registrationNumber", "vatId", "termsOfService"),
)
TARGET_NOTE = (
    'search words; or "category:9394 words", "gtin:0885909950805"; "details:" before any of them reads every article '
    'found by itself; "item:v1|110587654321|0" is one article'
)
SCOPE = "https://api.ebay.com/oauth/api_scope"
_PAGE = 200
# eBay shows no more of any search: error 12023, "offset must be less than 10,000".
_END = 10_000
_SITES = frozenset("AT AU BE CA CH DE ES FR GB HK IE IT MY NL PH PL SG TH TW US VN".split())


class EbayReader(Reader):
    """What eBay's searches have in common: leave, marketplace, paging. Subclasses say what a row is."""

    search = "buy/browse/v1/item_summary/search"
    scope = SCOPE
    listed = "itemSummaries"

    def __init__(self, visit: Visit) -> None:
        super().__init__(visit)
        country = (visit.region or "US").partition("-")[0].upper()
        self.site = country if country in _SITES else "US"
        self._token: str | None = None

    def grant(self) -> Ask | None:
        """The client credentials grant of OAuth 2 (RFC 6749, section 4.4)."""
        own, secret = (self.visit.keys.get(name, "") for name in ("ebay_client_id", "ebay_client_secret"))
        if self.visit.saved or not (own and secret):
            return None
        credentials = base64.b64encode(f"{own}:{secret}".encode()).decode()
        return Ask(
            self._below("identity/v1/oauth2/token"),
            method="POST",
            headers={"Authorization": f"Basic {credentials}", "Content-Type": "application/x-www-form-urlencoded"},
            body=urlencode({"grant_type": "client_credentials", "scope": self.scope}),
        )

    def granted(self, answer: Answer) -> None:
        try:
            said = answer.json()
        except Unreadable:
            # What it says may hold the token: it is not repeated.
            raise Unreadable("the answer is not JSON") from None
        token = said.get("access_token") if isinstance(said, dict) else None
        if not token:
            problem = said.get("error_description") or said.get("error") if isinstance(said, dict) else None
            raise Unreadable(f"{problem or 'it holds no access_token'}; check ebay_client_id and ebay_client_secret")
        self._token = str(token)

    def sign(self, ask: Ask) -> Ask:
        ask = with_headers(ask, X_EBAY_C_MARKETPLACE_ID=f"EBAY_{self.site}", Accept="application/json")
        return with_headers(ask, Authorization=f"Bearer {self._token}") if self._token else ask

    def start(self) -> Iterator[Ask]:
        if self.visit.saved or "/buy/" in self.visit.base or urlsplit(self.visit.base).path.endswith(".json"):
            yield Ask(self.visit.base)
            return
        for target in dict.fromkeys(one.strip() for one in self.visit.targets if one.strip()):
            query, _ = asked(target)
            if "item" in query:
                yield self._item(query["item"])
            else:
                yield self._page(target, 0, "")

    def _below(self, path: str, **query: str | int) -> str:
        """An address of eBay's; a base that is a whole address of it ("…/buy/browse/…") counts up to there."""
        root = self.visit.base.partition("/buy/")[0].rstrip("/")
        return f"{root}/{path}" + (f"?{urlencode(query)}" if query else "")

    def _page(self, target: str, offset: int, last: str) -> Ask:
        query, _ = asked(target)
        told = {"target": target, "offset": offset, "last": last}
        return Ask(self._below(self.search, **query, limit=_PAGE, offset=offset), told=told, worth=-float(offset))

    def _item(self, own: str, worth: float = 0.0) -> Ask:
        return Ask(self._below(f"buy/browse/v1/item/{quote(own, safe='')}"), step="item", told={"id": own}, worth=worth)

    def parse(self, answer: Answer) -> Iterator[Item]:
        said = checked(answer.json())
        if self.listed not in said and "itemId" in said:
            yield from self.item(answer)
            return
        found = said.get(self.listed, [] if {"total", "href"} & set(said) else None)
        if not isinstance(found, list):
            raise Unreadable(f"it has no {self.listed}; its fields are {', '.join(list(said)[:8]) or 'none'}")
        for warning in several(said.get("warnings")):
            yield Note(f"eBay warns: {warning.get('message', '') if isinstance(warning, dict) else warning}")
        articles = [one for one in found if isinstance(one, dict)]
        if len(articles) < len(found):
            yield Note(f"{len(found) - len(articles)} entries that are no articles")
        yield from self.rows(articles, answer)
        yield from self._following(said, articles, answer.ask.told)

    def _following(self, said: Mapping[str, Any], articles: list[Any], told: Mapping[str, Any]) -> Iterator[Item]:
        if self.visit.saved:
            return
        if "target" not in told:
            if said.get("next"):
                yield Note("only this page was read; give the search words as targets to have them all")
            return
        total, offset = whole(said.get("total")), int(told["offset"])
        if not articles:
            if offset == 0:
                yield Note(f'eBay has nothing for "{told["target"]}"')
            return
        page = hashlib.sha256("\n".join(str(one.get("itemId")) for one in articles).encode()).hexdigest()[:16]
        if page == told["last"]:
            yield Note(f'"{told["target"]}": offset {offset} repeats the page before it; no more are asked for')
        elif not said.get("next") and offset + _PAGE >= total:
            return
        elif offset + _PAGE >= _END:
            yield Note(f'eBay shows the first {_END} of {total} for "{told["target"]}"; narrow the search')
        else:
            yield self._page(str(told["target"]), offset + _PAGE, page)

    def rows(self, articles: list[dict[str, Any]], answer: Answer) -> Iterator[Item]:
        """The rows of a page."""
        raise NotImplementedError

    def item(self, answer: Answer) -> Iterator[Item]:
        """One article by itself."""
        raise NotImplementedError


def asked(target: str) -> tuple[dict[str, str], bool]:
    """What a target asks for, as eBay's parameters, and whether each article is to be read by itself."""
    query: dict[str, str] = {}
    rest, details = target.strip(), False
    while ":" in rest:
        name, _, tail = rest.partition(":")
        name, tail = name.strip().casefold(), tail.strip()
        if name == "details":
            details, rest = True, tail
        elif name == "category":
            query["category_ids"], _, rest = tail.partition(" ")
        elif name in {"gtin", "item"}:
            query[name], rest = tail, ""
        else:
            break
    return ({"q": rest.strip()} if rest.strip() else {}) | query, details


def checked(said: Any) -> dict[str, Any]:
    """An answer that is an object and no list of errors; Unreadable otherwise."""
    if not isinstance(said, dict):
        raise Unreadable("it is no JSON object")
    errors = said.get("errors")
    if errors:
        first = errors[0] if isinstance(errors, list) and isinstance(errors[0], dict) else {"message": errors}
        raise Unreadable(f"eBay answers: {first.get('longMessage') or first.get('message')} ({first.get('errorId')})")
    return said


def whole(text: Any) -> int:
    """A whole number as the answer writes it; 0 where it is none."""
    return int(str(text)) if str(text).isdigit() and str(text).isascii() else 0


def several(said: Any) -> list[Any]:
    """A list, or an empty one where something else stands."""
    return said if isinstance(said, list) else []
