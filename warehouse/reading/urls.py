"""URLs: made equal where they lead to the same thing, checked before they are kept, and the item's number in them."""

from __future__ import annotations

import functools
import itertools
import re
from urllib.parse import parse_qsl, urlencode, urlsplit, urlunsplit

from w3lib.url import canonicalize_url

# Query parameters that name an item where the path is only a script ("/item.php?id=5").
_NAMING = frozenset(
    {
        "id",
        "item",
        "itemid",
        "item_id",
        "pid",
        "p",
        "product",
        "productid",
        "product_id",
        "sku",
        "listing",
        "ad",
        "adid",
        "asin",
    }
)
_SCRIPT = re.compile(r"(?:^|/)(?:[^/]+\.(?:php|aspx?|jsp|cgi|cfm|dll|do|pl)|index\.html?)?$", re.IGNORECASE)
# Path parts after which an item's number stands (/itm/256232862651, /dp/B0ABCDEF12).
_MARKERS = frozenset({"itm", "item", "items", "listing", "listings", "dp", "product", "products", "ad", "ads", "offer"})
_NUMBER = re.compile(r"(\d{6,})(?:\.html?)?")
_CODE = re.compile(r"(?=[^/]*\d)[A-Z0-9]{8,}")
_WWW = re.compile(r"^www\d?\.")
_UNPRINTABLE = re.compile(r"[\x00-\x20\x7f-\x9f\\<>\"]")
_SCHEMELESS = re.compile(r"(?://)?(?:[a-z0-9-]+\.)+[a-z]{2,}(?:[:/?#].*)?", re.IGNORECASE)


def is_safe(url: str) -> bool:
    """Whether a URL may be shown as a link: http or https, with a host, no user name, no control characters."""
    try:
        parts = urlsplit(url.strip())
        return (
            parts.scheme in {"http", "https"}
            and bool(parts.hostname)
            and parts.username is None
            and _UNPRINTABLE.search(url.strip()) is None
            and (parts.port is None or parts.port > 0)
        )
    except ValueError:
        return False


@functools.lru_cache(maxsize=1 << 14)
def canonical(url: str) -> str | None:
    """The URL without query and fragment, host in lower case; None where it is no safe URL.

    Only a parameter that names the item stays, and only where the path is a mere script. "www.shop.com/a" is given a
    scheme.
    """
    url = url.strip().replace(" ", "%20")
    if _SCHEMELESS.fullmatch(url):
        url = f"https://{url.lstrip('/')}"
    if not is_safe(url):
        return None
    parts = urlsplit(str(canonicalize_url(url)))
    naming = []
    if _SCRIPT.search(parts.path):
        naming = [(name, value) for name, value in parse_qsl(parts.query) if name.casefold() in _NAMING and value]
    default_port = {"http": ":80", "https": ":443"}[parts.scheme]
    return urlunsplit((parts.scheme, parts.netloc.removesuffix(default_port), parts.path, urlencode(naming), ""))


@functools.lru_cache(maxsize=1 << 14)
def item_number(url: str) -> str | None:
    """What identifies the item a URL leads to: its number (/itm/256232862651?x=y → "256232862651"), else host and path.

    The number is that of the last part of the path, or the one after a part such as "itm" or "dp". None where the URL
    is not safe.
    """
    plain = canonical(url)
    if plain is None:
        return None
    parts = urlsplit(plain)
    if parts.query:
        return f"{_WWW.sub('', parts.netloc)}{parts.path}?{parts.query}"
    path = [part for part in parts.path.split("/") if part]
    for marker, part in itertools.pairwise(path):
        if marker.casefold() in _MARKERS and (_NUMBER.fullmatch(part) or (marker == "dp" and _CODE.fullmatch(part))):
            return part.partition(".")[0]
    last = _NUMBER.fullmatch(path[-1]) if path else None
    return last[1] if last else f"{_WWW.sub('', parts.netloc)}/{'/'.join(path)}"
