"""What pictures are answered on a published market: the thing that was read, its value, or why there is none."""

from __future__ import annotations

from typing import Any

import pytest

from features.matching.item import Item
from features.matching.published import WordsScorer
from features.photo.picture import Barcode, Line, Look, PictureRead
from features.search.opening import open_search
from features.search.product import Product
from models.photos.answer import PhotoValuation, answer
from models.photos.catalogue import SnapshotCatalogue, looks_of
from models.photos.evidence import BARCODE
from warehouse import query

LOOK = Look("943b6be69419c366", "0" * 64, "0" * 11)
GTIN = "04006381333931"
OTHER_GTIN = "04006381333948"


class Numbered(SnapshotCatalogue):
    """The market's catalogue, with barcodes that the bazaar's listings do not have."""

    numbers: dict[str, str]

    def by_gtin(self, gtin: str) -> list[Product]:
        found = self._search.product(self.numbers[gtin]) if gtin in self.numbers else None
        return [found] if found else super().by_gtin(gtin)


def read(*lines: str, barcodes: tuple[str, ...] = (), aside: tuple[str, ...] = (), **fields: Any) -> PictureRead:
    """A picture with a label, and another label beside it."""
    said = [Line(text, 0.95, 0.06, 0.25, 0.2 + 0.08 * at) for at, text in enumerate(lines)]
    said += [Line(text, 0.95, 0.06, 0.8, 0.2 + 0.08 * at) for at, text in enumerate(aside)]
    codes = tuple(Barcode(code[1:], "EAN-13", code) for code in barcodes)
    known = {"width": 1200, "height": 900, "sharpness": 300.0, "brightness": 0.6, "notes": (), **fields}
    return PictureRead(codes, tuple(said), LOOK, **known)


@pytest.fixture(scope="module")
def catalogue(published: Any) -> Any:
    connection = query.read_only(published.snapshot.database)
    made = Numbered(connection, open_search(published.snapshot), looks_of(connection))
    titles = dict(connection.execute("SELECT title, product FROM mart.product").fetchall())
    made.numbers = {
        GTIN: next(name for title, name in titles.items() if "DCD771" in title),
        OTHER_GTIN: next(name for title, name in titles.items() if "DHP453" in title),
    }
    yield made
    connection.close()


@pytest.fixture(scope="module")
def ask(published: Any, catalogue: Any) -> Any:
    def asked(*pictures: PictureRead, **said: str) -> PhotoValuation:
        return answer(pictures, catalogue, WordsScorer(), published.valuer, **said)

    return asked


def test_brand_and_model_are_the_thing_and_its_value(ask: Any, published: Any) -> None:
    told = ask(read("DEWALT", "DCD771 20V MAX", "MADE IN CHINA"), condition="fair", currency="EUR")

    first = told.candidates[0]
    assert first.title == "DeWalt DCD771 cordless drill 20V"
    assert first.probability > 0.6
    assert "model number dcd771 was read" in first.reasons
    assert told.valuation == published.valuer.value(told.valuation.subject.asked)
    assert told.valuation.subject.asked.condition == "fair"
    assert told.currency == told.valuation.currency == "EUR"
    assert float(told.low) <= float(told.valuation.low) < float(told.valuation.high) <= float(told.high)
    assert told.reason is None


def test_the_same_pictures_are_answered_with_the_same_bytes(ask: Any) -> None:
    picture = read("DEWALT", "DCD771")

    assert ask(picture).model_dump_json() == ask(picture).model_dump_json()


def test_a_barcode_is_nearly_sure(ask: Any) -> None:
    told = ask(read(barcodes=(GTIN,)))

    assert told.read.barcodes == [GTIN]
    assert told.candidates[0].title == "DeWalt DCD771 cordless drill 20V"
    assert told.candidates[0].probability == pytest.approx(BARCODE)
    assert told.valuation is not None
    assert told.next_picture is None


def test_two_pictures_of_one_thing_tell_more_than_each(ask: Any) -> None:
    front, back = read("DEWALT"), read("DCD771")

    together = ask(front, back).candidates[0]
    assert together.title == "DeWalt DCD771 cordless drill 20V"
    assert together.probability > ask(back).candidates[0].probability
    assert ask(front).valuation is None


def test_a_maker_alone_is_no_thing_and_the_model_is_asked_for(ask: Any) -> None:
    told = ask(read("DEWALT"))

    assert (told.valuation, told.low, told.reason) == (None, None, "not_known")
    assert "model number" in told.next_picture


@pytest.mark.parametrize(
    "two",
    [
        read(barcodes=(GTIN, OTHER_GTIN)),
        read("DEWALT", "DCD771", aside=("MAKITA", "DHP453")),
    ],
)
def test_two_things_in_one_picture_are_both_named_and_not_valued(ask: Any, two: PictureRead) -> None:
    told = ask(two)

    assert told.reason == "several_things"
    assert told.valuation is None
    assert {each.title for each in told.candidates} >= {
        "DeWalt DCD771 cordless drill 20V",
        "Makita DHP453 cordless drill 18V",
    }
    assert "one thing at a time" in told.next_picture


@pytest.mark.parametrize(
    ("lines", "reason"),
    [
        ((), "nothing_read"),
        (("GARAGE SALE", "SATURDAY 9 AM"), "not_known"),
        (("DEWALT", "DCF885 IMPACT DRIVER"), "not_known"),
        (("BATTERY CHARGER", "FOR MAKITA DHP453"), "not_known"),
        (("CARRYING CASE", "COMPATIBLE WITH DEWALT DCD771"), "not_known"),
        (("BOSCH", "PROFESSIONAL", "GSR 12V-15"), "not_known"),
        (("TREK", "MARLIN 7", "MOUNTAIN BIKE"), "not_known"),
        (("DELL", "LATITUDE 5400"), "not_known"),
    ],
)
def test_what_nobody_sells_here_gets_no_value(ask: Any, lines: tuple[str, ...], reason: str) -> None:
    told = ask(read(*lines))

    assert told.valuation is None
    assert told.reason == reason
    assert told.next_picture


def test_a_barcode_nobody_sells_under_asks_for_brand_and_model(ask: Any) -> None:
    told = ask(read(barcodes=("05901234123457",)))

    assert told.reason == "not_known"
    assert "nothing here carries that number" in told.next_picture


def test_a_case_has_the_number_of_what_is_in_it(ask: Any) -> None:
    case = "1" + GTIN[1:13] + "8"

    assert ask(read(barcodes=(GTIN, case))).reason != "several_things"


def test_a_name_without_a_model_number_is_enough_where_it_names_one_thing(ask: Any) -> None:
    told = ask(read("TREK", "MARLIN 5 MOUNTAIN BIKE"))

    assert told.candidates[0].title == "Trek Marlin 5 mountain bike"
    assert told.valuation is not None


def test_a_price_in_money_nobody_knows_is_no_value(ask: Any) -> None:
    told = ask(read("DEWALT", "DCD771"), currency="XAF")

    assert (told.reason, told.valuation) == ("no_value", None)
    assert told.candidates[0].fmv is None


def test_dark_pictures_are_asked_for_again_with_more_light(ask: Any) -> None:
    assert "light" in ask(read(brightness=0.05)).next_picture


def test_the_catalogue_knows_its_products_as_items(catalogue: Any) -> None:
    (drill,) = catalogue.by_gtin(GTIN)

    assert catalogue.item(drill) == Item(
        key=drill.product, title="DeWalt DCD771 cordless drill 20V", brand="dewalt", category="drill"
    )
    assert catalogue.named(GTIN) is None
    assert catalogue.by_gtin("05901234123457") == []
    assert catalogue.lookalikes(LOOK) == []
