"""A shop on loopback that answers as fast as Python can: pages of a real shop's size and make, a sitemap, robots.txt.

Run as `python -m bench.page_site PAGES`; it prints its address and ends when its input closes.
"""

from __future__ import annotations

import asyncio
import json
import os
import random
import sys
import threading

_PER_SITEMAP = 5_000
_WORDS = (
    "cordless drill driver brushless compact hammer impact circular saw jigsaw planer router sander grinder battery "
    "charger case kit bare tool only tested works great condition light wear original box manual included warranty"
).split()


def product_page(number: int) -> bytes:
    """One product page, about 30 KB: JSON-LD, OpenGraph, a shown price, related products, reviews, scripts, styles."""
    rng = random.Random(number)
    name = " ".join(rng.sample(_WORDS, 6)).title() + f" DX{number % 900:03d}"
    price = f"{rng.uniform(5, 900):.2f}"
    product = {
        "@context": "https://schema.org",
        "@type": "Product",
        "name": name,
        "sku": f"SKU{number}",
        "brand": {"@type": "Brand", "name": rng.choice(["Makita", "Bosch", "DeWalt", "Ryobi"])},
        "description": " ".join(rng.choices(_WORDS, k=60)),
        "image": [f"/img/{number}-{n}.jpg" for n in range(4)],
        "offers": {
            "@type": "Offer",
            "price": price,
            "priceCurrency": "USD",
            "itemCondition": "https://schema.org/UsedCondition",
            "availability": "https://schema.org/InStock",
            "seller": {"@type": "Person", "name": f"Seller {number % 977}"},
        },
    }
    related = "".join(
        f'<li class="card"><a href="/p/{rng.randrange(10**6)}"><img src="/img/{n}.jpg" alt="">'
        f'<span class="name">{" ".join(rng.sample(_WORDS, 4))}</span>'
        f'<span class="price">${rng.uniform(5, 900):.2f}</span></a></li>'
        for n in range(16)
    )
    reviews = "".join(
        f'<article class="review"><h3>{" ".join(rng.sample(_WORDS, 3))}</h3>'
        f"<p>{' '.join(rng.choices(_WORDS, k=50))}</p></article>"
        for _ in range(20)
    )
    style = "".join(f".c{n}{{margin:{n}px;padding:{n}px;color:#{n:06x}}}" for n in range(120))
    script = "".join(f'window.dataLayer.push({{"event":"e{n}","value":{n}}});' for n in range(80))
    return (
        f'<!doctype html><html lang="en"><head><title>{name} | Tool Shop</title><meta charset="utf-8">'
        f'<meta property="og:title" content="{name}"><meta property="og:type" content="product">'
        f"<style>{style}</style><script>{script}</script>"
        f'<script type="application/ld+json">{json.dumps(product)}</script></head><body>'
        f"<header><nav><ul>{''.join(f'<li><a href=/c/{w}>{w}</a></li>' for w in _WORDS)}</ul></nav></header>"
        f'<main><h1>{name}</h1><div class="product-price">${price}</div><p>{" ".join(rng.choices(_WORDS, k=80))}</p>'
        f"</main><section><ul>{related}</ul></section><section>{reviews}</section>"
        f"<footer>Tool Shop</footer></body></html>"
    ).encode()


class Shop(asyncio.Protocol):
    """HTTP/1.1 GET with keep-alive, and nothing more."""

    pages = 0
    base = ""
    cache: dict[int, bytes] = {}  # noqa: RUF012 - shared on purpose: pages are made once

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        self.transport = transport
        self.received = b""

    def data_received(self, data: bytes) -> None:
        self.received += data
        while b"\r\n\r\n" in self.received:
            head, self.received = self.received.split(b"\r\n\r\n", 1)
            status, kind, body = self.answer(head.split(b" ", 2)[1].decode())
            head = f"HTTP/1.1 {status}\r\nContent-Type: {kind}\r\nContent-Length: {len(body)}\r\n\r\n".encode()
            assert isinstance(self.transport, asyncio.WriteTransport)
            self.transport.write(head + body)

    def answer(self, path: str) -> tuple[str, str, bytes]:
        if path.startswith("/p/"):
            # A few hundred different pages, so that the server costs next to nothing beside the crawler.
            number = int(path[3:])
            page = self.cache.get(number % 500)
            if page is None:
                page = self.cache[number % 500] = product_page(number % 500)
            return "200 OK", "text/html; charset=utf-8", page
        if path == "/robots.txt":
            return "200 OK", "text/plain", f"User-agent: *\nAllow: /\nSitemap: {self.base}/sitemap.xml\n".encode()
        if path == "/sitemap.xml":
            count = -(-self.pages // _PER_SITEMAP)
            inner = "".join(f"<sitemap><loc>{self.base}/sitemap-{n}.xml</loc></sitemap>" for n in range(count))
            return "200 OK", "application/xml", f"<sitemapindex>{inner}</sitemapindex>".encode()
        if path.startswith("/sitemap-"):
            first = int(path[9:-4]) * _PER_SITEMAP
            last = min(self.pages, first + _PER_SITEMAP)
            inner = "".join(f"<url><loc>{self.base}/p/{n}</loc></url>" for n in range(first, last))
            return "200 OK", "application/xml", f"<urlset>{inner}</urlset>".encode()
        if path == "/":
            return "200 OK", "text/html", b"<h1>Tool Shop</h1>"
        return "404 Not Found", "text/plain", b"no such page"


async def serve(pages: int) -> None:
    loop = asyncio.get_running_loop()
    server = await loop.create_server(Shop, "127.0.0.1", 0)
    Shop.pages, Shop.base = pages, f"http://127.0.0.1:{server.sockets[0].getsockname()[1]}"
    print(Shop.base, flush=True)  # noqa: T201
    async with server:
        await server.serve_forever()


def _end_with_parent() -> None:
    sys.stdin.read()
    os._exit(0)


if __name__ == "__main__":
    threading.Thread(target=_end_with_parent, daemon=True).start()
    asyncio.run(serve(int(sys.argv[1])))
