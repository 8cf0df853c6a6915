"""Nothing that belongs to a person stays: not in what lands, is archived, is remembered, is logged or is loaded.

Pages and payloads are full of one person: her names, her addresses, her numbers, written in every way that pages have.
They are read as they would be, and then every byte of the data folder is searched.
"""

# ruff: noqa: E501 - payloads
from __future__ import annotations

import html
import json
import re
import sqlite3
import time
import zlib
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path
from typing import Any
from urllib.parse import quote

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from spiders.agent.archive import archived
from spiders.agent.redact import redact
from spiders.privacy import scrub, scrub_address
from warehouse.database import open_writer
from warehouse.home import Home
from warehouse.load import load

NAME, ACCENTED, USER, REVIEWER = "Wilhelmina Quackenbush", "Zoë O'Brannigan", "quackbush_77", "Theodora Fizzlewick"
MAIL = "wq.private@quack-mail.example.org"
CODED = "".join(f"&#{ord(sign)};" for sign in MAIL)
MAILS = [
    MAIL, MAIL.replace("@", "%40"), MAIL.replace("@", "&#64;"), MAIL.replace("@", "&#x40;"), MAIL.upper(), CODED,
    f"mailto:{MAIL}", f"mailto:{quote(MAIL)}?subject=Hi", "wq.private [at] quack-mail.example.org",
    "wq.private (at) quack-mail (dot) example (dot) org", "wq.private at quack-mail dot example dot org",
]  # fmt: skip
PHONES = [
    "573-555-0142", "(573) 555-0142", "(573)555-0142", "573.555.0142", "573 555 0142", "573–555–0142", "573‑555‑0142",
    "1-573-555-0142", "+1 573 555 0142", "+1 (573) 555-0142", "+15735550142", "001 573 555 0142", "573/555-0142",
    "call 5735550142", "Tel. 5735550142", "text me at 5735550142", "WhatsApp: 5735550142", "phone: 5735550142",
    "+49 171 5550142", "+49 (0)171 555 01 42", "0049 171 5550142", "Tel: 0171 5550142", "mobile 0171 5550142",
    "tel:+15735550142", "sms:5735550142", "573-555-0142 x12",
]  # fmt: skip
# What must not be found: words in lower case, and numbers without what stands between their digits.
WORDS = [
    *("quackenbush", "brannigan", "quackbush_77", "fizzlewick", "wq.private", "quack-mail", "wq%2eprivate"),
    *(json.dumps(ACCENTED)[1:-1].lower(), MAIL.encode().hex(), CODED),
]
NUMBERS = ["5735550142", "1715550142"]


def text_of(value: Any) -> str:
    return value.decode("utf-8", "replace") if isinstance(value, bytes) else str(value)


def traces(text: str) -> list[str]:
    folded = text.lower()
    bare = re.sub(r"[\s.()/‐-―-]|\(0\)", "", folded.replace("(0)", ""))
    return [word for word in WORDS if word in folded] + [number for number in NUMBERS if number in bare]


def everything(home: Home) -> Iterator[tuple[str, str]]:
    """All that a data folder holds, as text: raw bytes, and what is packed in them."""
    import pyarrow.parquet as pq

    for path in sorted(path for path in home.root.rglob("*") if path.is_file()):
        where = str(path.relative_to(home.root))
        yield where, text_of(path.read_bytes())
        if path.suffix == ".parquet":
            for row in pq.read_table(path, partitioning=None).to_pylist():
                yield where, " ".join(text_of(value) for value in row.values())
        if path.suffix == ".sqlite":
            yield from _sqlite(path, where)
    for source in home.archive.glob("*"):
        for kept, body in archived(home, source.name):
            yield f"archive of {kept.url}", text_of(body)
    with open_writer(home) as connection:
        tables = connection.execute("SELECT table_schema, table_name FROM information_schema.tables").fetchall()
        for schema, name in tables:
            for row in connection.execute(f'SELECT * FROM "{schema}"."{name}"').fetchall():
                yield f"{schema}.{name}", " ".join(map(text_of, row))


def _sqlite(path: Path, where: str) -> Iterator[tuple[str, str]]:
    database = sqlite3.connect(path)
    for (name,) in database.execute("SELECT name FROM sqlite_master WHERE type = 'table'").fetchall():
        for row in database.execute(f'SELECT * FROM "{name}"'):
            for value in row:
                packed = isinstance(value, bytes) and value[:1] == b"\x78"
                yield f"{where} {name}", text_of(zlib.decompress(value) if packed else value)
    database.close()


# --- pages that are full of her ---------------------------------------------------------------------------------------


def product(title: str, **more: Any) -> dict[str, Any]:
    offer = {"@type": "Offer", "price": 45, "priceCurrency": "USD", **more.pop("offer", {})}
    return {"@context": "https://schema.org", "@type": "Product", "name": title, "offers": offer, **more}


def jsonld(node: Any, escaped: bool = False) -> str:
    return f'<script type="application/ld+json">{json.dumps(node, ensure_ascii=escaped)}</script>'


def page(*parts: str) -> str:
    return f"<html><head><title>Saw</title></head><body><h1>Saw</h1>{''.join(parts)}</body></html>"


SELLER = {"@type": "Person", "name": NAME, "telephone": "5735550142", "email": MAIL, "url": f"/u/{USER}"}
REVIEW = {"@type": "Review", "author": {"@type": "Person", "name": REVIEWER}, "reviewBody": f"{REVIEWER} likes it"}


def shop_pages() -> dict[str, str]:
    pages = {
        "seller": page(jsonld(product("Saw", offer={"seller": SELLER})), f"<p>Sold by {NAME}, {NAME.upper()}</p>"),
        "accents": page(jsonld(product("Saw", offer={"seller": {"name": ACCENTED}}), escaped=True),
                        f"<p>{html.escape(ACCENTED)} {ACCENTED.replace('ë', '&euml;').replace('ë', '&#235;')}</p>".replace("&euml;", "&#235;")),
        "described": page(jsonld(product("Saw", description=f"Ask {NAME} at {MAIL} or 573-555-0142", offer={"seller": SELLER}))),
        "review": page(jsonld(product("Saw", review=[REVIEW])), f'<meta name="author" content="{REVIEWER}">'),
        "author": page(jsonld(product("Saw", review={"author": REVIEWER}))),
        "unbelieved": page(jsonld(product("Saw", offer={"price": "call 573-555-0142", "seller": SELLER}))),
        "asked": page(jsonld(product("Saw", offer={"price": f"ask {MAIL}"}))),
        "unread": page(jsonld({"@type": "Organization", "founder": SELLER, "member": [SELLER]})),
        "attributes": page(
            jsonld(product("Saw", additionalProperty=[
                {"name": name, "value": value} for name, value in
                [("Contact", NAME), ("Sold by", NAME), ("Phone", "5735550142"), ("Mobile", "(573)5550142"), ("E-mail", MAIL),
                 ("Seller name", NAME), ("Remark", f"{MAIL} 573-555-0142"), ("username", USER)]
            ])),
            f'<div data-seller="{NAME}" data-phone="5735550142" data-user-name=\'{USER}\' data-email="{MAIL}"></div>',
        ),
        "micro": page(
            '<div itemscope itemtype="https://schema.org/Product"><span itemprop="name">Saw</span>'
            '<div itemprop="offers" itemscope itemtype="https://schema.org/Offer"><meta itemprop="priceCurrency" content="USD">'
            '<b itemprop="price" content="45">45</b><span itemprop="seller" itemscope itemtype="https://schema.org/Person">'
            f'<b itemprop="name">{NAME}</b><i itemprop="telephone">5735550142</i><a itemprop="email" href="mailto:{MAIL}">'
            f'{MAIL}</a></span></div><div itemprop="review" itemscope><span itemprop="author" itemscope>'
            f'<meta itemprop="name" content="{REVIEWER}"></span></div></div>'
        ),
        "scripted": page(
            jsonld(product("Saw")),
            "<script>window.state = " + json.dumps({"seller": {"id": 7, "name": NAME, "phone": "5735550142", "email": MAIL}}),
            "; push(" + json.dumps(json.dumps({"owner": {"name": NAME, "telephone": "573 555 0142"}})) + ")</script>",
            f'<div data-props="{html.escape(json.dumps({"seller": {"name": NAME, "email": MAIL, "phone": 5735550142}}))}"></div>',
            f'<a class="__cf_email__" data-cfemail="{MAIL.encode().hex()}">[email protected]</a>',
        ),
        "mails": page(jsonld(product("Saw", description=" | ".join(html.unescape(one) for one in MAILS))), "<br>".join(MAILS)),
        "phones": page(jsonld(product("Saw", description=" | ".join(PHONES))), "<br>".join(PHONES),
                       '<a href="tel:5735550142">call</a><a href="https://wa.me/15735550142">w</a>'),
        "images": page(jsonld(product("Saw", image=f"https://cdn.example/{MAIL}/1.jpg", url=f"/p/images?by={MAIL}"))),
        "wall": f"<title>Access denied</title><p>Access denied. Write to {MAIL} or call 573-555-0142.</p>",
        "broken": page(jsonld(product("Saw", offer={"seller": SELLER}))[:-40]),
    }  # fmt: skip
    return {f"/p/{name}": text for name, text in pages.items()}


def reverb() -> dict[str, Any]:
    price = {"amount": "1250.00", "amount_cents": 125000, "currency": "USD"}
    one = {
        "id": 89000011, "make": "Fender", "model": "Stratocaster", "title": "Fender Stratocaster", "price": price,
        "shop_name": NAME, "shop": {"name": NAME, "slug": USER, "user_name": USER}, "condition": {"display_name": "Good"},
        "description": f"<p>Ask {NAME}: {MAIL}, {PHONES[1]}</p>", "seller": {"first_name": "Wilhelmina", "last_name": "Quackenbush"},
        "_links": {"web": {"href": "https://reverb.com/item/89000011-fender"}},
    }  # fmt: skip
    return {"listings": [one], "_links": {}}


def ebay() -> dict[str, Any]:
    one = {
        "itemId": "v1|256232862651|0", "title": "DeWalt DCD771 drill", "price": {"value": "45.00", "currency": "USD"},
        "condition": "Used", "seller": {"username": USER, "feedbackScore": 412}, "buyingOptions": ["FIXED_PRICE"],
        "shortDescription": f"from {USER}, {MAIL}", "itemWebUrl": "https://www.ebay.com/itm/256232862651",
        "sellerLegalInfo": {"legalContactFirstName": "Wilhelmina", "legalContactLastName": "Quackenbush", "email": MAIL},
    }  # fmt: skip
    return {"total": 1, "itemSummaries": [one]}


def nws() -> dict[str, Any]:
    said = {
        "id": "urn:oid:2.49.0.1.840.0.aa1.001.1", "areaDesc": "St. Louis, MO", "geocode": {"SAME": ["029510"], "UGC": ["MOC510"]},
        "sent": "2026-11-20T05:00:00-06:00", "effective": "2026-11-20T05:00:00-06:00", "onset": "2026-11-20T06:00:00-06:00",
        "expires": "2026-11-21T18:00:00-06:00", "ends": None, "status": "Actual", "messageType": "Alert", "category": "Met",
        "severity": "Severe", "certainty": "Likely", "urgency": "Expected", "event": "Flood Warning", "sender": MAIL,
        "senderName": "NWS St Louis MO", "headline": "Flood Warning, call 573-555-0142",
        "description": f"Report to 1-573-555-0142 or {MAIL}.", "instruction": "Call (573) 555-0142.", "parameters": {},
    }  # fmt: skip
    return {
        "type": "FeatureCollection",
        "features": [{"id": "x", "type": "Feature", "geometry": None, "properties": said}],
    }


class Anywhere(dict[str, Any]):
    """Routes that answer whatever query a path is asked with."""

    def get(self, path: str, default: Any = None) -> Any:
        return super().get(path) or super().get(path.partition("?")[0], default)


@pytest.fixture(scope="module")
def read(module_site: Any, reply: Any, visit: Any, quick_limits: Any, tmp_path_factory: pytest.TempPathFactory) -> Any:
    """All of it read, some of it twice; the home and what was landed by source."""
    site, home = module_site, Home(tmp_path_factory.mktemp("home"))
    pages = shop_pages()
    site.routes = Anywhere({path: reply(text, etag=f'"{path}"') for path, text in pages.items()})
    links = [f"{site.base}{path}" for path in pages] + [
        f"{site.base}/p/gone?by={MAIL}",
        f"{site.base}/p/call-5735550142",
    ]
    places = "".join(f"<url><loc>{html.escape(link)}</loc></url>" for link in links)
    site.routes["/sitemap.xml"] = reply(f"<urlset>{places}</urlset>", kind="application/xml", etag='"map"')
    for path, payload in (("/listings/reverb.json", reverb()), ("/ebay.json", ebay()), ("/nws.json", nws())):
        site.routes[path] = reply(json.dumps(payload), kind="application/json")
    site.routes["/listings/cut.json"] = reply(json.dumps(reverb())[:330], kind="application/json")
    landed = {}
    for name, source, path in (
        ("shop", "schema_org", "/sitemap.xml"), ("shop", "schema_org", "/sitemap.xml"), ("one", "schema_org", "/p/wall"),
        ("reverb", "reverb", "/listings/reverb.json"), ("ebay", "ebay_browse", "/ebay.json"), ("nws", "nws", "/nws.json"),
        ("cut", "reverb", "/listings/cut.json"),
    ):  # fmt: skip
        landed[name] = visit(home, source, site.base + path, name=name, limits=replace(quick_limits, bytes=500_000))
    with open_writer(home) as connection:
        assert not [one.problem for one in load(connection, home, landed["shop"].started_at) if one.problem]
    return home, landed


def test_the_pages_were_read_and_are_kept(read: Any) -> None:
    home, landed = read
    assert landed["shop"].unchanged >= 5
    assert landed["shop"].landed >= 10, landed["shop"].notes
    assert {name: landed[name].landed for name in ("reverb", "ebay", "nws")} == {"reverb": 1, "ebay": 1, "nws": 1}
    assert len(list(archived(home, "shop"))) >= 15
    assert sum(body is not None for _, body in archived(home, "reverb")) == 1


def test_no_byte_of_the_data_folder_names_her(read: Any) -> None:
    home, _ = read
    found = {(where, trace) for where, text in everything(home) for trace in traces(text)}
    assert found == set()


def test_what_is_no_persons_is_still_there(read: Any) -> None:
    home, _ = read
    bodies = {kept.url.rpartition("/")[2]: text_of(body) for kept, body in archived(home, "shop") if body}
    assert '"price": 45' in bodies["seller"]
    assert '"name": "Saw"' in bodies["seller"]
    assert (
        json.loads(next(text_of(body) for _, body in archived(home, "ebay")))["itemSummaries"][0]["price"]["value"]
        == "45.00"
    )


# --- in general -------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("phone", PHONES)
def test_a_phone_goes_however_it_is_written(phone: str) -> None:
    assert traces(scrub(f"Nice saw, {phone}. Thanks")) == []
    assert traces(redact(f"<p>Nice saw, {phone}. Thanks</p>", (), [])) == []


@pytest.mark.parametrize("mail", MAILS)
def test_an_e_mail_address_goes_however_it_is_written(mail: str) -> None:
    assert traces(scrub(f"Nice saw, {html.unescape(mail)}. Thanks")) == []
    assert traces(redact(f"<p>Nice saw, {mail}. Thanks</p>", (), [])) == []


THINGS = """
800-1200-2400 rpm | 12.5-13.5-14.5 | OEM 123-456-7890 | part # 123-456-7890 | P/N: 415-555-2671 | iPhone 12 Pro 128 GB | 4@2.50
img_1200@2x.jpg | 1,234,567.00 | $2,879.20 | 2026-11-20 12:00:00 | 18650 2600 3000mAh | 100 200 3000 lumens | 3-1/4 x 5 1/2
ISBN 978-3-16-148410-0 | 0885911475129 | 978-0-306-40615-7 | 1920x1080 | +1.00 +1.50 +2.00 | DCD771C2 | 12-24-36-48V
10/100/1000 Mbps | 2 @ 10.50 each | Call of Duty 4 | Ring 585 gold | 1 TB | 1234567890 | +5 to +35 C | 300-500-1000 W | 38.627,-90.1994
""".replace("\n", "|")


@pytest.mark.parametrize("text", [one.strip() for one in THINGS.split("|") if one.strip()])
def test_what_says_what_a_thing_is_stays(text: str) -> None:
    assert scrub(f"Saw {text} as new") == f"Saw {text} as new"


def test_an_address_keeps_its_numbers_and_loses_its_persons() -> None:
    assert (
        scrub_address("https://a.example/p/123-456-7890?id=5735550142")
        == "https://a.example/p/123-456-7890?id=5735550142"
    )
    assert traces(scrub_address(f"https://a.example/{MAIL}/call-5735550142")) == []


@settings(max_examples=60, deadline=None)
@given(
    st.text(alphabet="ab \n\"'<>&{}:,;\\/()0123456789.-+@", max_size=40), st.sampled_from([*MAILS, *PHONES]),
    st.text(alphabet=" \n\"'<>&{}:;\\|", min_size=1, max_size=3),
)  # fmt: skip
def test_whatever_stands_around_it_the_archive_has_no_e_mail_address(before: str, what: str, between: str) -> None:
    mails = [word for word in WORDS if word in redact(f"{before}{between}{what}{between}", (), []).lower()]
    assert mails == []


@settings(max_examples=50, deadline=None)
@given(st.text(alphabet="1+a@. -(", min_size=1, max_size=4), st.integers(1, 20_000))
def test_no_text_takes_long(piece: str, times: int) -> None:
    """A page may be made to take for ever: no pattern goes back and forth over it."""
    text, began = piece * times, time.thread_time()  # what this thread worked, however busy the machine is
    scrub(text)
    redact(text, (), [])
    assert time.thread_time() - began < 1.0
