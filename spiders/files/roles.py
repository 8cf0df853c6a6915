"""Which columns of an unknown table are which fields of a listing, by what headers mean and what cells hold.

A header alone is not believed: a link must look like one, a date must be one, a brand must be words. What says
something of the thing besides (brand, category, condition, place) stays an attribute too, for a model to read.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Collection, Sequence

from warehouse.reading.dates import read_instant
from warehouse.reading.gtin import read_gtin
from warehouse.reading.words import clean_text, fold_header, is_blank

_URL = re.compile(
    r"(?:(?:item|product|listing|ad|offer|page|web|detail|details|vehicle|car|source)?(?:url|link|href|permalink)|urls?|links?)"
)
_IMAGE = re.compile(r"(?:(?:main|product|item)?(?:image|img|photo|picture|thumbnail|pic)s?(?:url|link|src)?\d?)")
_MOMENT = re.compile(
    r"timestamp|date(?:time)?|day|(?:last)?scraped(?:at|on)?|crawl(?:ed)?(?:at|on|time|timestamp|date)?|observed(?:at|on)?|"
    r"(?:scrap(?:e|ing|ed)|crawl(?:ed)?|invoice|(?:offer)?publication|sold|sale|sales|order|transaction|purchase|post|posted|posting|listed|listing|ad|"
    r"snapshot|collection|collected|observation|published)(?:date|time|datetime|timestamp|at|on)|"
    r"date(?:scraped|crawled|sold|posted|listed|added|collected|observed|ofsale|published)|(?:created|added|seen)(?:at|on)|"
    r"saledate|datum"
)
_ID = re.compile(
    r"(?:item|listing|ad|offer|product|article|vehicle|car|laptop|stock|post|lot|sale|record)?(?:id|sku|number)|sku"
)
# A column that is an id of something, and whose cells tell every row from every other.
_ANY_ID = re.compile(r"(?!.*(?:bid|paid|hybrid|android|solid|valid)$)[a-z]{2,16}id")
_BRAND = re.compile(
    r"brands?|brandname|make|manufacturer|maker|company|companynames?|marke|marca|marque|mark|oem|carbrand|producer|"
    r"(?:manufacturer|make)name|(?:device|car|vehicle)(?:brand|make)|hersteller|fabricante"
)
_CATEGORY = re.compile(r"(?:product|item|main|sub)?(?:category|categories|categoryname)|department|kategorie")
# The narrower of two.
_SUBCATEGORY = re.compile(r"sub(?:category|categories|categoryname)|categorylevel[23]")
_CONDITION = re.compile(r"(?:item|product|vehicle|car)?condition(?:name|text)?|zustand")
_PLACE = re.compile(r"location|city|town|locality|place|ort|area|district|sellercity")
_SELLER = re.compile(r"(?:seller|dealer|vendor|shop|store|merchant|dealership)(?:name|id)?")
_GTIN = re.compile(r"gtin\d*|ean\d*|upc|barcode|isbn\d*|asin")
# Words for a kind of seller: such a column tells no seller from another.
_KINDS_OF_SELLERS = re.compile(
    r".*(?:dealer|individual|privat|owner|company|commercial|gewerblich|professional|shop|business|agent|builder)s?.*",
    re.I,
)

# Field → its headers (folded), what its cells must be, and whether the column stays an attribute too.
_Holds = Callable[[list[str]], bool]


def _most(cells: list[str], test: Callable[[str], object], share: float = 0.9) -> bool:
    return bool(cells) and sum(bool(test(cell)) for cell in cells) >= share * len(cells)


def _is_link(cells: list[str]) -> bool:
    return _most(cells, lambda cell: cell.startswith(("http://", "https://", "www.", "//")))


def _is_moment(cells: list[str]) -> bool:
    """Moments that say at least a day; a bare year or number is none."""
    return _most(cells, lambda cell: not cell.replace(".", "", 1).isdigit() and read_instant(cell) is not None, 0.97)


def _is_id(cells: list[str]) -> bool:
    return len(cells) > 1 and len(set(cells)) == len(cells) and _most(cells, lambda cell: " " not in cell, 1.0)


def _is_words(cells: list[str]) -> bool:
    return _most(cells, lambda cell: any(sign.isalpha() for sign in cell) and len(cell) <= 60)


def _is_category(cells: list[str]) -> bool:
    """Words that come again and again; a list of tags ("Multi-player;Co-op") is no category, nor is a name for each."""
    lists = sum(";" in cell for cell in cells)
    return (
        _most(cells, _has_letters) and 2 * lists < len(cells) and (len(cells) < 20 or 2 * len(set(cells)) <= len(cells))
    )


def _has_letters(cell: str) -> bool:
    return any(sign.isalpha() for sign in cell) and len(cell) <= 120


def _is_seller(cells: list[str]) -> bool:
    return bool(cells) and not are_kinds_of_sellers(cells)


def are_kinds_of_sellers(cells: Collection[str]) -> bool:
    """Whether cells name kinds of sellers ("Dealer", "Individual"), not sellers."""
    said = {cell.strip().casefold() for cell in cells if not is_blank(cell)}
    return 0 < len(said) <= 6 < len(cells) and all(_KINDS_OF_SELLERS.fullmatch(word) for word in said)


def _is_gtin(cells: list[str]) -> bool:
    return _most(cells, read_gtin)


_ROLES: tuple[tuple[str, re.Pattern[str], _Holds, bool], ...] = (
    ("url", _URL, _is_link, False),
    ("image", _IMAGE, _is_link, False),
    ("observed_at", _MOMENT, _is_moment, False),
    ("gtin", _GTIN, _is_gtin, False),
    ("brand", _BRAND, _is_words, True),
    ("category", _SUBCATEGORY, _is_category, True),
    ("category", _CATEGORY, _is_category, True),
    ("condition", _CONDITION, _is_words, True),
    ("place", _PLACE, _is_words, True),
    ("seller", _SELLER, _is_seller, False),
    ("id", _ID, _is_id, False),
    ("id", _ANY_ID, _is_id, False),
)
# Fields whose column remains an attribute.
STAY = frozenset(name for name, _, _, stays in _ROLES if stays)


def find_roles(
    columns: Sequence[str], sample: Sequence[Sequence[str]], free: Collection[int], known: Collection[str]
) -> dict[str, int]:
    """Field → column for those of `free` whose header and cells say so; fields in `known` are settled already."""
    from spiders.privacy import is_personal

    found: dict[str, int] = {}
    for name, headers, holds, _ in _ROLES:
        if name in known or name in found:
            continue
        for at in free:
            folded = re.sub(r"[^\w]", "", fold_header(columns[at]))
            if at in found.values() or not headers.fullmatch(folded) or (name == "id" and is_personal(folded)):
                continue
            cells = [clean_text(row[at]) for row in sample if not is_blank(row[at])]
            # A row without its moment is held back: a column that often has none is not what dates the rows.
            if name == "observed_at" and len(cells) < 0.95 * len(sample):
                continue
            if holds(cells):
                found[name] = at
                break
    return found
