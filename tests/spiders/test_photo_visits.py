"""Photos of listings are looked at once, politely, and nothing of a picture is kept but its look."""

from __future__ import annotations

import io
import json
import struct
import zlib
from collections.abc import Iterator
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from decimal import Decimal
from typing import Any

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from PIL import Image

from features.photo import SAME_PHOTO, Look, similar
from spiders.agent.archive import archived
from spiders.photo_visits import Visits, collect_photos, site_of, waiting
from spiders.photos import Shown, shown
from spiders.source import Limits
from warehouse import build, database, load, lock
from warehouse.errors import BadInput
from warehouse.home import Home
from warehouse.landed import rows_of
from warehouse.landing import land, landed, new_run
from warehouse.records import Listing, PhotoLook, Quarantined

NOW = datetime(2026, 11, 20, 12, 0, tzinfo=UTC)
QUICK = Limits(requests=50, seconds=120, answer_seconds=60, bytes=100_000, retries=0, longest_wait=1, first_wait=0.05)
REMARK = "taken by Ann Lee at 38.9517 N"


def photo(seed: int, kind: str = "JPEG", *, width: int = 240) -> bytes:
    """A picture of some coloured shapes, another for every seed, with a remark in its metadata."""
    cells = np.random.default_rng(seed).integers(0, 256, (6, 8, 3)).astype(np.uint8)
    image = Image.fromarray(cells).resize((width, width * 3 // 4), Image.Resampling.BICUBIC)
    exif = Image.Exif()
    exif[0x013B] = REMARK
    held = io.BytesIO()
    image.save(held, kind, exif=exif)
    return held.getvalue()


def bomb() -> bytes:
    """A PNG that says it is 60000 pixels wide and high."""

    def chunk(name: bytes, data: bytes) -> bytes:
        return struct.pack(">I", len(data)) + name + data + struct.pack(">I", zlib.crc32(name + data))

    header = struct.pack(">IIBBBBB", 60_000, 60_000, 8, 0, 0, 0, 0)
    body = zlib.compress(b"\0" * 10_000)
    return b"\x89PNG\r\n\x1a\n" + chunk(b"IHDR", header) + chunk(b"IDAT", body) + chunk(b"IEND", b"")


@dataclass
class Stall:
    """A data folder with listings that show photos."""

    home: Home
    connection: Any

    def offer(self, name: str, image: str | None, *, source: str = "bazaar", day: int = 1) -> Listing:
        return Listing(
            source=source, id=name, kind="asking", title="Makita DHP453 cordless drill", price=Decimal(90),
            currency="USD", observed_at=datetime(2026, 11, day, tzinfo=UTC), image=image, run="", row=1,
            found_at="here", price_path="column price",
        )  # fmt: skip

    def see(self, *rows: Listing) -> None:
        """Listings land, and the marts are made of them."""
        for source in sorted({row.source for row in rows}):
            run = new_run(NOW)
            mine = [replace(row, run=run) for row in rows if row.source == source]
            land(self.home, mine, source=source, run=run, now=NOW)
        self.load()

    def load(self) -> None:
        load.load(self.connection, self.home, NOW)
        build.build_core(self.connection, "USD")
        build.build_mart(self.connection)

    def collect(self, base: str | None, **more: Any) -> Visits:
        said: dict[str, Any] = {"most": 50, "delay": 0.001, "limits": QUICK} | more
        return collect_photos(
            self.home, self.connection, base=base, user_agent="KatyBot/test", clock=lambda: NOW, say=print, **said
        )

    def looks(self) -> dict[str, PhotoLook]:
        """What has landed, by the listing's id."""
        return {look.id: look for path in landed(self.home, "photo_look") for look in rows_of(path, PhotoLook)}

    def refused(self) -> dict[str, str]:
        """Why a listing's photo was refused, by the listing's id."""
        rows = [row for path in landed(self.home, "quarantine") for row in rows_of(path, Quarantined)]
        return {json.loads(row.row_json)["id"]: row.reason for row in rows}


def _stall(root: Any) -> Iterator[Stall]:
    home = Home(root)
    with lock.writer(home, print):
        connection = database.open_writer(home)
        yield Stall(home, connection)
        connection.close()


@pytest.fixture
def stall(tmp_path: Any) -> Iterator[Stall]:
    yield from _stall(tmp_path)


DRAWING = "<svg>" + "".join(f'<path d="M{n} {n * n}"/>' for n in range(60)) + "</svg>"
PHOTOS = {"/drill.jpg": photo(1), "/again.webp": photo(1, "WEBP", width=180), "/other.png": photo(2, "PNG")}
REFUSED = {
    "text": "not_a_picture", "bomb": "too_many_pixels", "gone": "not_there", "secret": "robots",
    "large": "too_many_bytes", "away": "elsewhere", "drawing": "unsupported_format",
}  # fmt: skip


@pytest.fixture(scope="module")
def visited(module_site: Any, other_site: Any, reply: Any, tmp_path_factory: Any) -> Iterator[Any]:
    """A site with good and bad photos, after one round of visits."""
    base, routes = module_site.base, module_site.routes
    routes["/robots.txt"] = reply("User-agent: *\nDisallow: /secret/\n", kind="text/plain")
    routes |= {path: reply(body, kind=f"image/{path.rpartition('.')[2]}") for path, body in PHOTOS.items()}
    routes["/text.jpg"] = reply("this is no picture", kind="image/jpeg")
    routes["/bomb.png"] = reply(bomb(), kind="image/png")
    routes["/secret/1.jpg"] = reply(photo(3), kind="image/jpeg")
    routes["/drawing.svg"] = reply(DRAWING, kind="image/svg+xml")
    routes["/large.jpg"] = reply(b"\xff\xd8\xff" + bytes(200_000), kind="image/jpeg")
    routes["/away.jpg"] = reply("", status=302, headers={"Location": "http://localhost:9/admin"})
    for stall in _stall(tmp_path_factory.mktemp("photos")):
        addresses = {"drill": "/drill.jpg", "same": "/drill.jpg", "again": "/again.webp", "other": "/other.png"}
        addresses |= {"text": "/text.jpg", "bomb": "/bomb.png", "gone": "/gone.jpg", "secret": "/secret/1.jpg"}
        addresses |= {"large": "/large.jpg", "away": "/away.jpg", "drawing": "/drawing.svg"}
        stall.see(*(stall.offer(name, f"{base}{path}") for name, path in addresses.items()), stall.offer("bare", None))
        done = stall.collect(base)
        first = list(module_site.paths())
        module_site.asked.clear()
        yield stall, module_site, done, first


def test_a_look_lands_for_each_listing_and_a_photo_that_two_show_is_asked_for_once(visited: Any) -> None:
    stall, _, done, asked = visited
    assert set(stall.looks()) == {"drill", "same", "again", "other"}
    assert asked.count("/drill.jpg") == 1
    assert [(report.verdict, report.landed) for report in done.reports] == [("complete", 4)]
    drill = stall.looks()["drill"]
    assert (drill.of_source, drill.width, drill.height, drill.observed_at) == ("bazaar", 240, 180, NOW)


def test_the_same_photo_saved_anew_looks_the_same_and_another_does_not(visited: Any) -> None:
    looks = {name: Look(one.phash, one.dhash, one.colour) for name, one in visited[0].looks().items()}
    assert similar(looks["drill"], looks["again"]) > SAME_PHOTO > similar(looks["drill"], looks["other"])


def test_what_cannot_be_looked_at_is_refused_with_its_reason(visited: Any) -> None:
    assert visited[0].refused() == REFUSED


def test_what_robots_txt_forbids_is_not_asked_for(visited: Any) -> None:
    asked = visited[3]
    assert asked[0] == "/robots.txt"
    assert "/secret/1.jpg" not in asked


def test_no_byte_of_a_picture_is_kept(visited: Any) -> None:
    stall = visited[0]
    for report in visited[2].reports:
        kept = list(archived(stall.home, report.source))
        assert len(kept) >= len(PHOTOS)
        assert all(body is None for _, body in kept)
    files = [path for path in stall.home.root.rglob("*") if path.is_file()]
    assert any(path.suffix == ".sqlite" for path in files)
    for path in files:
        held = path.read_bytes()
        assert REMARK.encode() not in held
        for body in (*PHOTOS.values(), DRAWING.encode()):
            assert not any(body[at : at + 48] in held for at in range(0, len(body) - 48, 200)), path


def test_a_second_round_asks_for_nothing_loaded_or_not(visited: Any) -> None:
    stall, site, _, _ = visited
    assert stall.collect(site.base).reports == []
    stall.load()
    assert stall.collect(site.base).reports == []
    assert site.paths() == []
    ((count,),) = stall.connection.execute("SELECT count(*) FROM mart.photo_look WHERE source = 'bazaar'").fetchall()
    assert count == 4


def test_what_was_refused_is_asked_for_again_where_somebody_says_so(visited: Any) -> None:
    stall, site, _, _ = visited
    wait = waiting(stall.home, stall.connection, most=50, again=True)
    assert {name for photo in wait[site.base] for _, name in photo.listings} == set(REFUSED)


def test_a_private_address_in_a_listing_is_not_asked(stall: Stall, site: Any) -> None:
    stall.see(stall.offer("trap", f"{site.base}/admin.jpg"))
    stall.collect(None)
    assert stall.refused() == {"trap": "private_address"}
    assert site.paths() == []


def test_a_site_that_is_down_is_asked_again_next_time(stall: Stall, site: Any, reply: Any) -> None:
    site.routes["/robots.txt"] = reply("", status=404)
    site.routes["/a.jpg"] = reply("", status=500)
    stall.see(stall.offer("a", f"{site.base}/a.jpg"))
    assert [report.verdict for report in stall.collect(site.base).reports] == ["unreachable"]
    assert stall.refused() == {}
    assert [photo.url for photo in waiting(stall.home, stall.connection, most=5)[site.base]] == [f"{site.base}/a.jpg"]


def test_no_site_holds_up_the_others_and_the_newest_come_first(stall: Stall) -> None:
    rows = [stall.offer(f"big{day}", f"https://big.example.org/{day}.jpg", day=day) for day in range(1, 8)]
    rows += [stall.offer(name, f"https://{name}.example.org/1.jpg", day=1) for name in ("one", "two")]
    stall.see(*rows)
    wait = waiting(stall.home, stall.connection, most=4)
    taken = {site: [photo.url.rpartition("/")[2] for photo in photos] for site, photos in wait.items()}
    assert taken == {
        "https://big.example.org": ["7.jpg", "6.jpg"],
        "https://one.example.org": ["1.jpg"],
        "https://two.example.org": ["1.jpg"],
    }
    only = waiting(stall.home, stall.connection, most=4, only="https://two.example.org")
    assert list(only) == ["https://two.example.org"]


def test_the_time_of_a_round_is_for_all_its_visits(stall: Stall) -> None:
    stall.see(stall.offer("late", "https://img.example.org/1.jpg"))
    done = stall.collect("https://img.example.org", limits=replace(QUICK, seconds=0))
    assert done.not_asked == {"https://img.example.org": "the time was up"}


@pytest.mark.parametrize("base", ["img.example.org", "ftp://img.example.org", "https://ann:secret@img.example.org/"])
def test_a_base_is_a_web_address(stall: Stall, base: str) -> None:
    with pytest.raises(BadInput, match="no web address"):
        stall.collect(base)


@pytest.mark.parametrize(
    ("url", "site"),
    [
        ("https://Img.example.org/a b.jpg", None),
        ("HTTPS://Img.Example.org:8443/a.jpg?x=1", "https://img.example.org:8443"),
        ("http://img.example.org", "http://img.example.org"),
        ("https://ann@img.example.org/a.jpg", None),
        ("data:image/png;base64,AAAA", None),
    ],
)
def test_the_site_of_a_photo(url: str, site: str | None) -> None:
    assert site_of(url) == site


names = st.text(st.characters(codec="ascii", categories=["L", "N", "P"]), min_size=1, max_size=8)
ids = st.lists(names, min_size=1, max_size=3).map(" ".join)


@given(st.lists(st.tuples(names, ids), min_size=1, max_size=5, unique=True))
def test_targets_say_what_they_were_made_of(listings: list[tuple[str, str]]) -> None:
    one = Shown("https://img.example.org/1.jpg", tuple(listings))
    assert shown(one.targets()) == [one]


@pytest.mark.parametrize(
    "target", ["https://img.example.org/1.jpg", "bazaar https://img.example.org/1.jpg", "bazaar 7 1.jpg"]
)
def test_what_names_no_listing_is_no_target(target: str) -> None:
    with pytest.raises(BadInput, match="no photo of a listing"):
        shown([target])
