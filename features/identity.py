"""Which product a listing is one of: a key made from identifiers, model codes and sizes, or the title's words.

Only the listing's own first observation decides, so a product never changes because of what others list later.
Learned matching across differing titles comes on top of these exact keys.
"""

from __future__ import annotations

import hashlib
import re
from functools import lru_cache

from features.condition import without_condition
from features.thing import kinds_of
from features.title import measures, model_codes, plain, words
from features.words.codes import item_number

_FILLER = frozenset(
    "a an and the with w of for in on to by or from free shipping fast ship read see description obo only still great "
    "nice deal wow look sale selling must go now cheap price firm pickup local condition cond box works tested wtb iso "
    "wanted looking".split()
)


@lru_cache(maxsize=500_000)
def product_of(title: str, brand: str | None, gtin: str | None, mpn: str | None, category: str) -> str:
    """A readable, stable product id such as "drill-dcd771-20v" for what is known of a listing.

    A case for a phone, a lot of five of it, its empty box, a copy of it or one sold for parts is another product than
    the phone, also where the seller gives the phone's own number: what it is sold as stands at the end ("…-lot5").
    """
    kinds, size = kinds_of(title)
    sold_as = [f"{kind}{size or ''}" if kind == "lot" else kind for kind in kinds]
    number = item_number(gtin)
    if number:
        return "-".join([f"gtin-{number}", *(kind.replace("_", "") for kind in sold_as)])
    maker, part = words(plain(brand or "")), "".join(words(plain(mpn or "")))
    # A part number has a digit in it; "does not apply" and "unbranded" would make one product of many.
    if maker and any(sign.isdigit() for sign in part):
        return _slug([*maker, part, *sold_as])
    text = without_condition(plain(title))
    sizes = sorted({f"{number:g}{unit}" for number, unit in measures(text)})
    codes = sorted(set(model_codes(text)))
    if codes:
        return _slug([*words(category), *codes, *sizes, *sold_as])
    kept = sorted({word for word in words(text) if word not in _FILLER})
    return _slug([*kept, *(size for size in sizes if size not in kept), *sold_as] or ["unnamed"])


def _slug(parts: list[str]) -> str:
    whole = "-".join(re.sub(r"[\W_]+", "", part) for part in parts if part)
    if len(whole) <= 64:
        return whole
    return f"{whole[:52].rstrip('-')}-{hashlib.sha256(whole.encode()).hexdigest()[:10]}"
