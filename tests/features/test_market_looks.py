"""What a photo looks like stands in the market table with the day from which it is known."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from datetime import timedelta
from pathlib import Path
from typing import Any

import pandas as pd
import pytest

from features.market import day_number, read_market
from warehouse import build, database, load, lock
from warehouse.errors import BadInput
from warehouse.home import Home
from warehouse.landing import land, new_run
from warehouse.records import Listing, PhotoLook

OF_TWO = "ffff0000ffff0000"


@pytest.fixture
def seen(tmp_path: Path, bazaar: Any) -> Iterator[Any]:
    """Lands and reads the market table of listings and looks."""
    home = Home(tmp_path)

    def read(*rows: Listing | PhotoLook) -> pd.DataFrame:
        run = new_run(bazaar.noon(20))
        land(home, [replace(row, run=run) for row in rows], source="bazaar", run=run, now=bazaar.noon(20))
        connection = database.open_writer(home)
        try:
            load.load(connection, home, bazaar.noon(20))
            build.build_core(connection, "USD")
            connection.execute("INSERT INTO core.identity (source, id, product, category) SELECT DISTINCT source, id, "
                               "'drill', 'drill' FROM core.observation")  # fmt: skip
            return read_market(connection)
        finally:
            connection.close()

    with lock.writer(home, print):
        yield read


def look(bazaar: Any, name: str, day: int, *, image: str = "1.jpg", phash: str = "f" * 16) -> PhotoLook:
    return PhotoLook(
        source="bazaar", of_source="bazaar", id=name, image=image, phash=phash, dhash="0" * 64, colour="0" * 11,
        width=9, height=9, observed_at=bazaar.noon(day), run="", row=1, found_at="here",
    )  # fmt: skip


def test_a_listing_shows_the_photo_that_was_looked_at_first_and_since_when(bazaar: Any, seen: Any) -> None:
    rows = seen(
        bazaar.listing(id="1", observed_at=bazaar.noon(0)),
        bazaar.listing(id="1", observed_at=bazaar.noon(4)),
        bazaar.listing(id="2", observed_at=bazaar.noon(1)),
        look(bazaar, "1", 3, image="b.jpg"),
        look(bazaar, "1", 2, image="a.jpg", phash=OF_TWO),
    )
    day = day_number(bazaar.monday + timedelta(days=2))
    assert rows["listing"].tolist() == ["bazaar/1", "bazaar/2", "bazaar/1"]
    assert rows["look"].isna().tolist() == [False, True, False]
    assert rows["look"][0] == f"{OF_TWO}:{'0' * 64}:{'0' * 11}"
    assert rows["look_day"].dropna().tolist() == [day, day]


@pytest.mark.parametrize("wrong", [{"phash": "f" * 15}, {"dhash": "g" * 64}, {"colour": ""}, {"width": 0}])
def test_what_is_no_look_does_not_land(bazaar: Any, seen: Any, wrong: dict[str, Any]) -> None:
    with pytest.raises(BadInput):
        seen(replace(look(bazaar, "1", 0), **wrong))
