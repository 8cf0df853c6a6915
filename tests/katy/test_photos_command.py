"""`katy photos` as a person uses it: photos of a site, and photos in a folder."""

from __future__ import annotations

import io
import json
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, datetime
from decimal import Decimal
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import typer
from loopback import page, serving
from PIL import Image
from typer.testing import CliRunner, Result

from katy.commands import photos
from katy.context import fix
from warehouse import build, database, load, lock, snapshot
from warehouse.errors import BadInput, KatyError
from warehouse.home import Home
from warehouse.landing import land, new_run
from warehouse.records import Listing

NOW = datetime(2026, 11, 20, 12, 0, tzinfo=UTC)
URL = "https://bazaar.example.org/item/1234567"
NOBODY = "http://127.0.0.1:9"


def jpeg(seed: int) -> bytes:
    cells = np.random.default_rng(seed).integers(0, 256, (6, 8, 3)).astype(np.uint8)
    held = io.BytesIO()
    Image.fromarray(cells).resize((160, 120), Image.Resampling.BICUBIC).save(held, "JPEG")
    return held.getvalue()


@dataclass
class Shop:
    """A published listing, a folder of photos, and the command."""

    home: Home
    folder: Path

    def katy(self, *words: str) -> Result:
        app = typer.Typer()
        photos.register(app)
        app.command("nothing")(lambda: None)
        fix(now=NOW, home=self.home.root)
        return CliRunner().invoke(app, ["photos", *words])

    def offer(self, name: str, image: str, url: str | None = None) -> Listing:
        return Listing(
            source="bazaar", id=name, kind="asking", title="Drill", price=Decimal(9), currency="USD", observed_at=NOW,
            url=url, image=image, run=new_run(NOW), row=1, found_at="here", price_path="price",
        )  # fmt: skip

    def publish(self, *listings: Listing) -> None:
        with lock.writer(self.home, print):
            for listing in listings:
                land(self.home, [listing], source="bazaar", run=listing.run, now=NOW)
            connection = database.open_writer(self.home)
            load.load(connection, self.home, NOW)
            build.build_core(connection, "USD")
            build.build_mart(connection)
            snapshot.publish(self.home, connection, contents=None, manifest={}, now=NOW, code_version="test")
            connection.close()

    def table(self, *rows: str) -> Path:
        path = self.folder / "table.csv"
        path.write_text("\n".join(rows) + "\n", encoding="utf-8")
        return path

    def bring(self, *rows: str) -> Any:
        told = self.katy("import", str(self.table(*rows)), "--folder", str(self.folder), "--json")
        assert told.exit_code == 0, told.output
        return json.loads(told.stdout)

    def looks(self) -> list[tuple[Any, ...]]:
        with lock.writer(self.home, print):
            connection = database.open_writer(self.home)
            build.build_core(connection, "USD")
            build.build_mart(connection)
            rows = connection.execute(
                "SELECT source, id, image, width, observed_on::VARCHAR FROM mart.photo_look ORDER BY ALL"
            ).fetchall()
            connection.close()
        return rows


@pytest.fixture
def site() -> Iterator[str]:
    with serving(page("/2.jpg", "image/jpeg", jpeg(2))) as base:
        yield base


@pytest.fixture
def shop(tmp_path: Path) -> Iterator[Shop]:
    home, folder = Home(tmp_path / "home"), tmp_path / "photos"
    folder.mkdir()
    (folder / "a.jpg").write_bytes(jpeg(1))
    (folder / "b.jpg").write_bytes(jpeg(2))
    (folder / "text.jpg").write_text("no picture")
    (tmp_path / "outside.jpg").write_bytes(jpeg(3))
    shop = Shop(home, folder)
    shop.publish(shop.offer("1", f"{NOBODY}/1.jpg", url=URL))
    yield shop
    fix()


def test_photos_of_a_folder_are_looked_at_once(shop: Shop) -> None:
    rows = ("file,source,id,observed_at", "a.jpg,fair,7,2026-03-01", "b.jpg,fair,7,", "text.jpg,fair,8,")
    told = shop.bring(*rows)
    assert (told["rows"], told["loaded"], told["known"], told["quarantined"]) == (3, 2, 0, 1)
    assert told["reasons"] == {"not_a_picture": 1}
    assert shop.looks() == [("fair", "7", "a.jpg", 160, "2026-03-01"), ("fair", "7", "b.jpg", 160, "2026-11-20")]
    again = shop.bring(*rows)
    assert (again["loaded"], again["known"], again["quarantined"]) == (0, 2, 1)


def test_a_listing_is_told_by_its_address_too(shop: Shop) -> None:
    told = shop.bring("url,file", f"{URL}?ref=mail,a.jpg", "https://bazaar.example.org/item/7654321,b.jpg", ",b.jpg")
    assert told["reasons"] == {"unknown_listing": 1, "no_listing": 1}
    assert [look[:3] for look in shop.looks()] == [("bazaar", "1", "a.jpg")]


def test_only_files_of_the_folder_are_read(shop: Shop) -> None:
    names = ("../outside.jpg", f"{shop.folder.parent}/outside.jpg", "nothing.jpg", ".", "", "x" * 5_000)
    told = shop.bring("file,source,id", *(f'"{name}",fair,{place}' for place, name in enumerate(names)))
    assert told["reasons"] == {"no_file": len(names)}


def test_a_link_out_of_the_folder_is_not_followed(shop: Shop) -> None:
    (shop.folder / "link.jpg").symlink_to(shop.folder.parent / "outside.jpg")
    assert shop.bring("file,source,id", "link.jpg,fair,7")["reasons"] == {"no_file": 1}


def test_a_table_without_its_columns_is_refused_with_what_it_needs(shop: Shop) -> None:
    told = shop.katy("import", str(shop.table("photo,listing", "a.jpg,7")), "--folder", str(shop.folder))
    assert isinstance(told.exception, BadInput)
    assert "it needs file, and source and id of the listing or its url" in str(told.exception)


def test_a_folder_that_is_none_is_told(shop: Shop) -> None:
    told = shop.katy("import", str(shop.table("file,source,id", "a.jpg,f,7")), "--folder", "nowhere")
    assert isinstance(told.exception, BadInput)
    assert "nowhere is no folder" in str(told.exception)


def test_a_round_that_learns_nothing_ends_with_an_error_that_says_why(shop: Shop) -> None:
    told = shop.katy("collect", "--base", NOBODY, "--delay", "0.001")
    assert isinstance(told.exception, KatyError)
    assert str(told.exception).startswith("photos-127.0.0.1-9 unreachable: 127.0.0.1:9/robots.txt cannot be read")
    assert "photos-127.0.0.1-9: unreachable" in told.stdout


def test_where_no_photo_waits_it_says_so_and_names_the_site(shop: Shop) -> None:
    told = shop.katy("collect", "--base", "https://other.example.org")
    assert told.exit_code == 0
    assert "no photo of a published listing waits at https://other.example.org" in " ".join(told.stdout.split())


def test_photos_of_a_site_are_looked_at_loaded_and_told(shop: Shop, site: str) -> None:
    shop.publish(shop.offer("2", f"{site}/2.jpg"), shop.offer("3", f"{site}/gone.jpg"))
    told = shop.katy("collect", "--base", site, "--delay", "0.001")
    assert told.exit_code == 0, told.output
    name = f"photos-{site.removeprefix('http://').replace(':', '-')}"
    assert f"{name}: complete: 1 rows landed from 1 page" in told.stdout
    assert f"refused: 1 not_there (katy quarantine list --source {name})" in told.stdout
    assert [look[:3] for look in shop.looks()] == [("bazaar", "2", f"{site}/2.jpg")]
