"""The nearest photos are those that `similar` says, however many there are; what was looked at later is not known."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date, timedelta
from typing import Any

import duckdb
import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from PIL import Image, ImageEnhance

from features.photo import SAME_PHOTO, Look, similar
from features.photo.look import look_of
from features.photo.neighbours import Neighbours, same_photo

DAY = date(2026, 3, 1)


def drawn(seed: int) -> Image.Image:
    """A picture of some coloured shapes, another for every seed."""
    random = np.random.default_rng(seed)
    cells = random.integers(0, 256, (6, 8, 3)).astype(np.uint8)
    return Image.fromarray(cells).resize((480, 360), Image.Resampling.BICUBIC)


def look(image: Image.Image) -> Look:
    return look_of(np.asarray(image.convert("RGB")))


def flipped(one: Look, phash: int, dhash: int, colour: int) -> Look:
    """A look that differs in so many bits of each hash."""
    changed = (
        f"{int(text, 16) ^ ((1 << bits) - 1):0{len(text)}x}"
        for text, bits in ((one.phash, phash), (one.dhash, dhash), (one.colour, colour))
    )
    return Look(*changed)


def digits(bits: int, length: int) -> st.SearchStrategy[str]:
    return st.integers(0, 2**bits - 1).map(lambda number: f"{number:0{length}x}")


hexes = st.builds(Look, digits(64, 16), digits(256, 64), digits(42, 11))
near_looks = st.builds(flipped, hexes, st.integers(0, 64), st.integers(0, 256), st.integers(0, 42))


def by_hand(looks: Sequence[Look], asked: Look, least: float) -> list[tuple[tuple[str, str], float]]:
    """Every look compared with `similar`, the first of equally alike ones first."""
    alike = [((str(place % 3), str(place % 5)), similar(asked, each)) for place, each in enumerate(looks)]
    best: dict[tuple[str, str], float] = {}
    for listing, found in sorted(alike, key=lambda each: -each[1]):
        if found >= least:
            best.setdefault(listing, found)
    return list(best.items())


@given(hexes, st.lists(st.tuples(st.integers(0, 64), st.integers(0, 256), st.integers(0, 42)), max_size=12),
       st.lists(near_looks, max_size=4), st.sampled_from([SAME_PHOTO, 0.05, 0.9]), st.integers(1, 12))  # fmt: skip
def test_the_nearest_are_those_that_comparing_all_finds(
    asked: Look, changes: list[tuple[int, int, int]], others: list[Look], least: float, top: int
) -> None:
    looks = [flipped(asked, *bits) for bits in changes] + others
    index = Neighbours([(str(place % 3), str(place % 5)) for place in range(len(looks))], looks)
    assert index.nearest(asked, top, least=least) == by_hand(looks, asked, least)[:top]


def test_looks_beyond_one_block_are_found_too() -> None:
    asked = look(drawn(0))
    others = [look(drawn(seed)) for seed in range(1, 4)]
    looks = [others[place % 3] for place in range(40_000)]
    looks[39_999] = flipped(asked, 2, 4, 0)
    looks[20_000] = asked
    index = Neighbours([("shop", str(place)) for place in range(40_000)], looks)
    assert index.nearest(asked, 5) == [(("shop", "20000"), 1.0), (("shop", "39999"), 1 - 3 / 60)]


def test_the_same_photo_made_smaller_and_brighter_is_found_among_others() -> None:
    photos = [drawn(seed) for seed in range(12)]
    index = Neighbours([("shop", str(seed)) for seed in range(12)], [look(photo) for photo in photos])
    again = ImageEnhance.Brightness(photos[7].resize((300, 225))).enhance(1.15)
    found = index.nearest(look(again), 3)
    assert [listing for listing, _ in found] == [("shop", "7")]
    assert found[0][1] > SAME_PHOTO


def test_a_photo_and_its_negative_are_not_the_same() -> None:
    photo = look(drawn(1))
    assert Neighbours([("shop", "1")], [flipped(photo, 64, 0, 0)]).nearest(photo, 1) == []


def test_a_blank_picture_is_like_none() -> None:
    blank, photo = look(Image.new("RGB", (300, 200), "white")), look(drawn(1))
    index = Neighbours([("shop", "wall"), ("shop", "thing")], [blank, photo])
    assert index.nearest(blank, 5) == []
    assert [listing for listing, _ in index.nearest(photo, 5, least=0.01)] == [("shop", "thing")]


def test_what_was_looked_at_after_a_day_is_not_known_on_it() -> None:
    photo = look(drawn(3))
    days = [(DAY + timedelta(days=later) - date(1970, 1, 1)).days for later in (0, 5)]
    index = Neighbours([("shop", "early"), ("shop", "late")], [photo, photo], days)
    assert [listing[1] for listing, _ in index.nearest(photo, 5, by=DAY)] == ["early"]
    assert index.nearest(photo, 5, by=DAY - timedelta(days=1)) == []
    assert len(index.nearest(photo, 5)) == 2


def test_an_index_without_looks_finds_nothing() -> None:
    assert Neighbours([], []).nearest(look(drawn(1)), 5) == []


def test_the_index_is_read_from_the_mart() -> None:
    photo = look(drawn(5))
    with duckdb.connect() as connection:
        connection.execute("CREATE SCHEMA mart")
        connection.execute(
            "CREATE TABLE mart.photo_look (source TEXT, id TEXT, image TEXT, phash TEXT, dhash TEXT, colour TEXT, "
            "observed_on DATE)"
        )
        for name in ("b", "a"):
            values = ["shop", name, "1.jpg", photo.phash, photo.dhash, photo.colour, DAY]
            connection.execute("INSERT INTO mart.photo_look VALUES (?, ?, ?, ?, ?, ?, ?)", values)
        index = Neighbours.read(connection)
    assert len(index) == 2
    assert index.nearest(photo, 5, by=DAY) == [(("shop", "a"), 1.0), (("shop", "b"), 1.0)]
    assert index.nearest(photo, 5, by=DAY - timedelta(days=1)) == []


@given(hexes, st.lists(st.tuples(st.integers(0, 64), st.integers(0, 256), st.integers(0, 42)), max_size=8))
def test_one_photo_is_what_hangs_together_by_likeness(one: Look, changes: list[tuple[int, int, int]]) -> None:
    looks = [one, *(flipped(one, *bits) for bits in changes)]
    heads = same_photo(looks)
    linked: Any = np.array([[similar(a, b) >= SAME_PHOTO for b in looks] for a in looks])
    reach = np.linalg.matrix_power(linked.astype(float) + np.eye(len(looks)), len(looks)) > 0
    assert heads == [int(np.flatnonzero(row)[0]) for row in reach]


@pytest.mark.parametrize("count", [0, 1])
def test_few_looks_are_told_apart_too(count: int) -> None:
    assert same_photo([look(drawn(1))] * count) == list(range(count))
