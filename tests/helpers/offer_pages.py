"""Pages of a shop in a few words, and the offers that are read from them."""

from __future__ import annotations

import json
from typing import Any

from spiders.web.page_offers import read_page
from spiders.web.pages import parse
from spiders.web.products import Offer

URL = "https://shop.example/p/1"

MICRODATA = """<div itemscope itemtype="http://schema.org/Product"><h1 itemprop="name">Drill</h1>
<div itemprop="offers" itemscope itemtype="http://schema.org/Offer">{price}<meta itemprop="priceCurrency" content="USD">
<link itemprop="availability" href="http://schema.org/InStock"></div></div>"""


def read(html: str, url: str = URL) -> list[Offer]:
    return read_page(parse(html, url))


def ld(*products: Any) -> str:
    return "".join(f'<script type="application/ld+json">{json.dumps(product)}</script>' for product in products)


def one(html: str) -> Offer:
    offers = read(html)
    assert len(offers) == 1, offers
    return offers[0]
