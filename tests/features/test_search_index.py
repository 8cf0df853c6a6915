"""Products are found by their words, also misspelt ones, and by their barcodes; narrowed, counted, paged, completed."""

from __future__ import annotations

import csv
import gzip
import os
import random
import shutil
import string
import time
from collections import Counter
from collections.abc import Iterable
from datetime import UTC, datetime
from decimal import Decimal
from pathlib import Path
from typing import Any

import duckdb
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from features.search.build import ABOUT, FOLDER, PRODUCTS, build, write_index
from features.search.index import DEEPEST, FACETS, Answer, Asked, ProductSearch
from features.search.opening import open_search
from features.search.words import singular, words
from warehouse.errors import KatyError
from warehouse.snapshot import Snapshot

BARCODE = "4006381333931"
SEEN = datetime(2026, 11, 1, tzinfo=UTC)
# Product: title, category, brand, sellers, price; its listings by region, kind, grade; GTIN, part number.
THINGS: dict[str, tuple[Any, ...]] = {
    "dewalt": ("DeWalt DCD771 cordless drill 20V", "drill", "DeWalt", 9, 110, "US-MO sold good", None, None),
    "dewalt-combo": ("DeWalt DCD778 hammer drill 20V", "drill", "DEWALT", 3, 130, "US-IL asking new", None, None),
    "makita": ("Makita XFD10 cordless drill 18V", "drill", "Makita", 5, 95, "US-IL asking fair", None, "XFD10Z-B"),
    "trek": ("Trek Marlin 5 mountain bike", "bike", "Trek", 4, 420, "US-MO sold good", BARCODE, None),
    "macbook": ("Apple MacBook Air 13", "laptop", "Apple", 30, 800, "US-CA asking good", None, None),
    "iphone13": ("Apple iPhone 13 128GB", "phone", "Apple", 40, 360, "US-MO sold fair", None, None),
    "iphone12": ("Apple iPhone 12 128GB", "phone", "Apple", 50, 260, "US-CA asking good", None, None),
    "headset": ("Sony WH-1000XM4 headphones", "headphones", "Sony", 7, 180, "US-MO sold good", None, None),
    "console": ("Sony PlayStation 5 console", "game_console", "Sony", 20, 400, "DE-BE sold good", None, None),
    "böhm": ("Böhm Gartenschere", "source's own words", "Böhm", 1, 12.5, "DE-BE asking good", "036000291452", None),
    "battery": ("Levi's 2 AA batteries", None, None, 0, None, "US-MO wanted good", None, None),
}


def market(things: dict[str, tuple[Any, ...]] = THINGS, file: str = ":memory:") -> duckdb.DuckDBPyConnection:
    """The columns of mart.product and mart.listing that the search reads, with these products."""
    connection = duckdb.connect(file)
    connection.execute(
        """CREATE SCHEMA mart;
        CREATE TABLE mart.product (product VARCHAR, title VARCHAR, category VARCHAR, brand VARCHAR, listings BIGINT,
            sellers BIGINT, first_seen TIMESTAMPTZ, last_seen TIMESTAMPTZ, median_price DECIMAL(18, 4),
            currency VARCHAR);
        CREATE TABLE mart.listing (product VARCHAR, title VARCHAR, region VARCHAR, kind VARCHAR, grade VARCHAR,
            gtin VARCHAR, mpn VARCHAR)"""
    )
    for name, (title, category, brand, sellers, price, listing, gtin, mpn) in things.items():
        region, kind, grade = listing.split()
        money = None if price is None else Decimal(str(price))
        product = [name, title, category, brand, sellers + 1, sellers, SEEN, SEEN, money, "USD"]
        connection.execute(f"INSERT INTO mart.product VALUES ({', '.join('?' * 10)})", product)
        connection.execute(
            "INSERT INTO mart.listing VALUES (?, ?, ?, ?, ?, ?, ?)", [name, title, region, kind, grade, gtin, mpn]
        )
    return connection


@pytest.fixture(scope="module")
def search() -> ProductSearch:
    return ProductSearch(build(market()))


def names(answer: Answer) -> list[str]:
    return [product.product for product, _ in answer.found]


@pytest.mark.parametrize(
    ("asked", "found"),
    [
        ("dewalt dcd771", "dewalt"),
        ("DEWALT  DCD771 dril!", "dewalt"),
        ("de walt cordless", "dewalt"),
        ("macita", "makita"),
        ("makita dirll", "makita"),
        ("drills makita", "makita"),
        ("montain bike", "trek"),
        ("mac book air", "macbook"),
        ("iphone 12", "iphone12"),
        ("iphone 13", "iphone13"),
        ("iphone13", "iphone13"),
        ("iphone 13 128 gb", "iphone13"),
        ("iph", "iphone12"),
        ("bohm", "böhm"),
        ("BÖHM GARTENSCHEREN", "böhm"),
        ("wh1000xm4", "headset"),
        ("sony wh 1000xm4", "headset"),
        ("playstation5", "console"),
        ("play station", "console"),
        ("xfd10zb", "makita"),
        ("levis battery", "battery"),
        ("the trek for a friend", "trek"),
    ],
)
def test_a_product_is_found_however_it_is_written(search: ProductSearch, asked: str, found: str) -> None:
    assert names(search.search(Asked(asked)))[0] == found


@pytest.mark.parametrize("asked", ["zzzzzz", "", "!!!", "grand piano", "12345678", "the"])
def test_what_is_not_there_is_not_found(search: ProductSearch, asked: str) -> None:
    assert search.search(Asked(asked, facets=FACETS)) == Answer()


def test_the_words_of_a_category_find_what_is_in_it(search: ProductSearch) -> None:
    assert {"iphone12", "iphone13"} <= set(names(search.search(Asked("phone"))))


@settings(deadline=None, max_examples=80)
@given(name=st.sampled_from(sorted(THINGS)), data=st.data())
def test_one_letter_lost_in_a_title_does_not_lose_the_product(
    search: ProductSearch, name: str, data: st.DataObject
) -> None:
    title = THINGS[name][0]
    place = data.draw(st.integers(0, len(title) - 1))

    assert name in names(search.search(Asked(title[:place] + title[place + 1 :])))[:3]


def test_a_model_one_digit_off_is_another_model(search: ProductSearch) -> None:
    exact = search.search(Asked("dcd771"))
    unknown = search.search(Asked("dcd772"))

    assert names(exact) == ["dewalt"]
    assert names(unknown)[0] in ("dewalt", "dewalt-combo")
    assert unknown.found[0][1] < exact.found[0][1] / 2


def test_a_rare_word_is_taken_for_the_frequent_one_it_is_near_to() -> None:
    things = {f"drill{n}": (f"Brand{n} drill", "drill", None, 1, 10, "US sold good", None, None) for n in range(30)}
    things["wrong"] = ("Brand99 dril", "drill", None, 1, 10, "US sold good", None, None)

    answer = ProductSearch(build(market(things))).search(Asked("dril", limit=50))

    assert names(answer)[0] == "wrong"
    assert answer.total == 31


@pytest.mark.parametrize("asked", [BARCODE, "4006381 333931", "4006381-333931", "ean: 4006381333931", "04006381333931"])
def test_a_barcode_finds_its_product_alone(search: ProductSearch, asked: str) -> None:
    answer = search.search(Asked(asked))

    assert (names(answer), answer.total) == (["trek"], 1)
    assert [one.product.product for one in search.suggest(asked)] == ["trek"]


def test_a_twelve_digit_code_is_found_by_its_thirteen(search: ProductSearch) -> None:
    assert names(search.search(Asked("0036000291452"))) == names(search.search(Asked("036000291452"))) == ["böhm"]
    assert names(search.search(Asked("036000291453"))) == []


HOSTILE = {
    "syntax": 'title:(drill AND *) OR +"a b"~2^9 {x TO y} -\\',
    "ten kilobytes": "dewalt drill " * 800,
    "one long word": "a" * 10_000,
    "control characters": "dewalt\x00\x1b[31m\u202edrill\ufeff\u200b",
    "half a character": "drill \udcff",
    "punctuation": "!?*(((()))" * 50,
    "pattern": "(a+)+$ .*.*.*.*[^a]{9999}",
    "combining marks": "drill" + "\u0301" * 3000,
    "a thousand words": " ".join(f"w{n}" for n in range(1000)),
    "markup": "<script>alert(1)</script>&amp;&#0;",
    "emoji": "🛠️📦 drill",
}


@pytest.mark.parametrize("kind", sorted(HOSTILE))
def test_a_hostile_text_gets_an_answer_at_once(search: ProductSearch, kind: str) -> None:
    text = HOSTILE[kind]
    started = time.perf_counter()
    answer = search.search(Asked(text, category=text, brand=text, region=text, grade=text, facets=FACETS))
    alone = search.search(Asked(text))
    completed = search.suggest(text)

    assert time.perf_counter() - started < 1
    assert answer.total == 0
    assert all("drill" in product.title for product, _ in alone.found)
    assert all("drill" in one.product.title for one in completed)


@settings(deadline=None, max_examples=100)
@given(st.text(max_size=60), st.integers(1, 5))
def test_any_text_gets_an_ordered_answer(search: ProductSearch, text: str, limit: int) -> None:
    answer = search.search(Asked(text, limit=limit))

    scores = [score for _, score in answer.found]
    assert scores == sorted(scores, reverse=True)
    assert len(scores) == min(limit, answer.total)
    assert all(0 < score <= 1 for score in scores)
    assert len({one.product.title for one in search.suggest(text)}) == len(search.suggest(text))


FILTERS = st.fixed_dictionaries(
    {},
    optional={
        "category": st.sampled_from(["drill", "phone", "DRILL ", "nothing"]),
        "brand": st.sampled_from(["dewalt", "DeWalt", "Sony", "apple"]),
        "region": st.sampled_from(["US-MO", "US", "DE"]),
        "kind": st.sampled_from(["sold", "asking"]),
        "grade": st.sampled_from(["good", "fair"]),
        "min_price": st.sampled_from([0.0, 94.99, 95.0, 110.01, 260.0]),
        "max_price": st.sampled_from([0.0, 94.99, 95.0, 130.0, 359.99]),
    },
)


def fits(name: str, filters: dict[str, Any]) -> bool:
    _, category, brand, _, price, listing, _, _ = THINGS[name]
    region, kind, grade = listing.split()
    return all(
        [
            filters.get("category", category or "").strip().lower() == (category or ""),
            filters.get("brand", brand or "").lower() == (brand or "").lower(),
            filters.get("region", region) in (region, region[:2]),
            filters.get("kind", kind) == kind,
            filters.get("grade", grade) == grade,
            "min_price" not in filters or (price is not None and price >= filters["min_price"]),
            "max_price" not in filters or (price is not None and price <= filters["max_price"]),
        ]
    )


@settings(deadline=None, max_examples=100)
@given(st.sampled_from(["drill", "apple", "sony", "dewalt cordless", "aple", "128gb", "bikes"]), FILTERS)
def test_filters_leave_what_fits_and_facets_count_it(search: ProductSearch, text: str, filters: dict[str, Any]) -> None:
    every = names(search.search(Asked(text)))
    answer = search.search(Asked(text, facets=FACETS, **filters))

    assert names(answer) == [name for name in every if fits(name, filters)]
    assert answer.total == len(answer.found)
    for facet, own in {"grade": lambda thing: thing[5].split()[2], "brand": lambda thing: thing[2]}.items():
        counted = Counter((own(THINGS[name]) or "").lower().replace("ö", "o") for name in names(answer))
        assert {value.value: value.products for value in answer.facets.get(facet, [])} == {
            k: n for k, n in counted.items() if k
        }
    bands = answer.facets.get("price", [])
    assert sum(value.products for value in bands) == sum(THINGS[name][4] is not None for name in names(answer))


def test_a_band_of_prices_says_where_it_begins_and_ends(search: ProductSearch) -> None:
    bands = search.search(Asked("iphone", facets=("price",))).facets["price"]

    assert [(band.value, band.products, band.min_price, band.max_price) for band in bands] == [("250-500", 2, 250, 500)]


def test_a_category_counts_with_those_above_it(search: ProductSearch) -> None:
    from features.taxonomy import tree

    path = tree().path("drill")
    answer = search.search(Asked("drill", category=path[-1], facets=("category",)))

    assert answer.total == 3
    assert {value.value: value.products for value in answer.facets["category"]} == dict.fromkeys(path, 3)


def test_pages_together_are_the_whole() -> None:
    things = {f"lamp{n:03}": (f"Lamp {n}", "lamp", None, n % 3, 10, "US sold good", None, None) for n in range(57)}
    search = ProductSearch(build(market(things)))

    whole = search.search(Asked("lamp", limit=100))
    pages = [search.search(Asked("lamp", limit=10, offset=offset)) for offset in range(0, 70, 10)]

    assert [name for page in pages for name in names(page)] == names(whole)
    assert {page.total for page in pages} == {whole.total} == {57}
    assert pages[-1].found == []
    assert search.search(Asked("lamp", offset=10**12)).found == []
    assert DEEPEST < 10**12


def test_of_equal_answers_the_better_known_product_comes_first(search: ProductSearch) -> None:
    assert names(search.search(Asked("apple 128gb")))[:2] == ["iphone12", "iphone13"]
    assert [product.product for product in search.best_known(3)] == ["iphone12", "iphone13", "macbook"]


def test_many_sellers_lift_a_product_and_never_over_a_better_answer() -> None:
    lamp = ("lamp", None)
    things = {
        "short": ("Brass lamp", *lamp, 0, 10, "US sold good", None, None),
        "sold by many": ("Lamp of polished brass with two small shades", *lamp, 900, 10, "US sold good", None, None),
        "other": ("Brass bell", *lamp, 5000, 10, "US sold good", None, None),
    }
    search = ProductSearch(build(market(things)))

    assert names(search.search(Asked("brass lamp"))) == ["sold by many", "short", "other"]


def test_two_builds_of_one_market_answer_alike(search: ProductSearch, tmp_path: Path) -> None:
    other = ProductSearch(build(market(dict(reversed(THINGS.items())))))

    for text in ("drill", "apple", "sony 5", "dewlat", "a"):
        assert other.search(Asked(text, facets=FACETS)) == search.search(Asked(text, facets=FACETS))
        assert other.suggest(text) == search.suggest(text)


@pytest.mark.parametrize(
    ("typed", "completion", "found"),
    [
        ("mak", "Makita", "makita"),
        ("makita co", "makita cordless", "makita"),
        ("Apple iph", "Apple iPhone", "iphone12"),
        ("sony w", "sony WH-1000XM4", "headset"),
        ("macita dri", "macita drill", "makita"),
        ("makta", "Makita", "makita"),
        ("trek ", "trek ", "trek"),
    ],
)
def test_what_is_typed_is_completed_as_titles_write_it(
    search: ProductSearch, typed: str, completion: str, found: str
) -> None:
    first = search.suggest(typed)[0]

    assert (first.completion, first.product.product) == (completion, found)


@pytest.mark.parametrize("typed", ["", "   ", "!", "zzzz", "makita zzzz"])
def test_nothing_is_suggested_where_nothing_begins_so(search: ProductSearch, typed: str) -> None:
    assert search.suggest(typed) == ()


def test_a_product_is_read_back_as_the_market_has_it(search: ProductSearch) -> None:
    product = search.product("böhm")

    assert product is not None
    assert (product.median_price, product.listings, product.first_seen) == ("12.50", 2, SEEN.date())
    assert search.product("battery").median_price is None  # type: ignore[union-attr]
    assert search.product("bohm") is None
    assert len(search) == len(THINGS)


@given(st.text(max_size=30))
def test_words_are_the_same_when_read_again(text: str) -> None:
    once = words(text)

    assert words(" ".join(once)) == [singular(word) for word in once]


# --- on disk ---


def published(folder: Path) -> Snapshot:
    return Snapshot("20261101T000000Z-00000000", folder, {})


def files(folder: Path) -> dict[str, bytes]:
    return {str(file.relative_to(folder)): file.read_bytes() for file in folder.rglob("*") if file.is_file()}


def test_a_written_index_is_read_without_a_trace_and_outlives_its_files(tmp_path: Path) -> None:
    assert write_index(market(), tmp_path / FOLDER) == len(THINGS)
    before = files(tmp_path)

    search = open_search(published(tmp_path))
    assert files(tmp_path) == before
    assert not [name for name in before if "lock" in name]
    shutil.rmtree(tmp_path / FOLDER)

    assert names(search.search(Asked("macita dril", facets=FACETS)))[0] == "makita"
    assert search.product("trek") is not None
    assert search.suggest("trek mount")


@pytest.mark.parametrize("about", [None, '{"version": 0}'])
def test_a_snapshot_without_an_index_of_this_version_gets_one_in_memory(tmp_path: Path, about: str | None) -> None:
    market(file=str(tmp_path / "warehouse.duckdb")).close()
    if about is not None:
        (tmp_path / FOLDER).mkdir()
        (tmp_path / FOLDER / ABOUT).write_text(about)
    before = files(tmp_path)

    assert names(open_search(published(tmp_path)).search(Asked("macbok")))[0] == "macbook"
    assert files(tmp_path) == before


@pytest.mark.parametrize("harm", ["meta.json is no JSON", "a file is missing", "about.json is no JSON"])
def test_a_damaged_index_is_named(tmp_path: Path, harm: str) -> None:
    write_index(market(), tmp_path / FOLDER)
    if "meta" in harm:
        (tmp_path / FOLDER / PRODUCTS / "meta.json").write_text("{")
    elif "about" in harm:
        (tmp_path / FOLDER / ABOUT).write_text("{")
    else:
        next((tmp_path / FOLDER / PRODUCTS).glob("*.term")).unlink()

    with pytest.raises(KatyError, match=r"search.*cannot be read.*katy run"):
        open_search(published(tmp_path))


# --- real titles ---


def misspelt(rng: random.Random, text: str) -> str:
    """The text with one sign of one of its longer words changed, added, lost or swapped with the next."""
    parts = text.split()
    place = rng.choice([number for number, word in enumerate(parts) if len(word) >= 4 and word.isalpha()])
    word = parts[place]
    at, sign = rng.randrange(len(word) - 1), rng.choice(string.ascii_lowercase)
    swapped = word[:at] + word[at + 1] + word[at] + word[at + 2 :]
    parts[place] = rng.choice([word[:at] + sign + word[at + 1 :], word[:at] + sign + word[at:], swapped])
    return " ".join(parts)


def known_items(titles: list[str], number: int) -> Iterable[tuple[int, str]]:
    """Questions of three to six words that only one of the titles has, in the order of the title."""
    rng = random.Random(7)
    own = [set(words(title)) for title in titles]
    while number:
        item = rng.randrange(len(titles))
        there = list(dict.fromkeys(words(titles[item])))
        for count in range(3, 7):
            chosen = set(rng.sample(there, min(count, len(there))))
            if sum(chosen <= other for other in own) == 1 and any(len(w) >= 4 and w.isalpha() for w in chosen):
                number -= 1
                yield item, misspelt(rng, " ".join(word for word in there if word in chosen))
                break


@pytest.mark.data
@pytest.mark.skipif(not os.environ.get("KATY_TEST_DATA"), reason="KATY_TEST_DATA names no folder of public data files")
def test_a_real_title_is_found_by_a_few_words_one_of_them_misspelt() -> None:
    path = Path(os.environ["KATY_TEST_DATA"]) / "listings/ebay_tech_deals_2026-03_2026-04.csv.gz"
    if not path.is_file():
        pytest.skip(f"{path} is not there")
    with gzip.open(path, "rt", encoding="utf-8") as file:
        titles = sorted({row["title"].strip() for row in csv.DictReader(file)} - {""})
    things = {f"t{n}": (title, None, None, 1, 10, "US sold good", None, None) for n, title in enumerate(titles)}
    search = ProductSearch(build(market(things)))

    asked = list(known_items(titles, 200))
    found = sum(f"t{item}" in names(search.search(Asked(text, limit=3))) for item, text in asked)

    assert found >= 0.97 * len(asked)
