"""The rule files: every rule's own examples, and what is said of a file that cannot be used."""

from __future__ import annotations

import pytest

from features.condition import grade, read_scale, scale
from features.identity import product_of
from features.thing import read_thing
from features.words.accessories import fittings, read_fittings
from features.words.brands import read_brands
from features.words.colours import read_colours
from features.words.files import RuleFile
from features.words.phrases import PhraseBook, Tokens
from features.words.quantities import counting, read_counting
from features.words.roles import read_roles, role_book
from warehouse.errors import BadInput


def cases(examples: dict[str, tuple[str, ...]]) -> list[tuple[str, str]]:
    return [(name, title) for name, titles in examples.items() for title in titles]


@pytest.mark.parametrize(("role", "title"), cases(role_book().examples))
def test_an_example_has_its_role(role: str, title: str) -> None:
    assert role in read_thing(title).roles


@pytest.mark.parametrize(("role", "title"), cases(role_book().counterexamples))
def test_a_counterexample_has_not_the_role(role: str, title: str) -> None:
    assert role not in read_thing(title).roles


@pytest.mark.parametrize("title", fittings().examples)
def test_an_example_is_an_accessory_of_something(title: str) -> None:
    thing = read_thing(title)
    assert "accessory" in thing.roles
    assert thing.accessory_for


@pytest.mark.parametrize("title", fittings().counterexamples)
def test_a_counterexample_is_no_accessory(title: str) -> None:
    assert "accessory" not in read_thing(title).roles


@pytest.mark.parametrize(("name", "title"), cases(scale().examples))
def test_an_example_has_its_grade(name: str, title: str) -> None:
    assert grade(None, title) == name


@pytest.mark.parametrize(("name", "title"), cases(scale().counterexamples))
def test_a_counterexample_has_another_grade(name: str, title: str) -> None:
    assert grade(None, title) != name


@pytest.mark.parametrize(("unit", "title"), cases(counting().examples))
def test_an_example_is_counted_in_its_unit(unit: str, title: str) -> None:
    assert read_thing(title).unit == unit


def test_every_role_and_grade_has_examples_and_a_meaning() -> None:
    book = role_book()
    assert all(book.meaning[name] and book.examples[name] and book.counterexamples[name] for name in book.meaning)
    known = scale()
    assert all(known.meaning[name] and known.examples[name] and known.counterexamples[name] for name in known.grades)


@pytest.mark.parametrize(
    ("read", "text", "said"),
    [
        (read_roles, "[[role]]\nname =", "is no TOML"),
        (read_roles, '[[role]]\nmeans = "x"', "has no name"),
        (read_roles, '[[role]]\nname = "gift"', "is none that Katy knows"),
        (read_roles, '[[role]]\nname = "lot"\nphrase = ["x"]', "unknown 'phrase'"),
        (read_roles, '[[role]]\nname = "lot"\nphrases = "lot of #"', "no list of texts"),
        (read_roles, '[[role]]\nname = "lot"\nphrases = [" - "]', "without a word"),
        (read_roles, '[[role]]\nname = "lot"\nphrases = ["*lot"]', "put * only at the end"),
        (read_roles, '[[role]]\nname = "lot"\ndescribed = "maybe"', "unclear described"),
        (read_roles, '[[role]]\nname = "lot"\n[[role]]\nname = "lot"', "is there twice"),
        (read_roles, '[[rule]]\nname = "lot"', "unknown 'rule'"),
        (read_roles, 'role = "lot"', "is no list of entries"),
        (read_roles, '[[role]]\nname = "lot"\nmeans = 5', "no text"),
        (
            read_scale,
            '[[grade]]\nname = "new"\nphrases = ["nib"]\n[[grade]]\nname = "good"\nalone = ["nib"]',
            "belongs to",
        ),
        (
            read_colours,
            '[[colour]]\nname = "red"\nwords = ["rot"]\n[[colour]]\nname = "rust"\nwords = ["rot"]',
            "belongs to",
        ),
        (read_counting, '[[count]]\nname = "pair"\nphrases = [5]', "no list of texts"),
        (read_brands, "[names]\ntools = [7]", "no list of texts"),
        (read_brands, "[aliases]\nx = 7", "alias"),
        (read_fittings, "", "names no words"),
        (read_fittings, 'noun = ["case"]', "unknown 'noun'"),
    ],
)
def test_a_file_that_cannot_be_used_is_named_with_the_entry_and_the_way_out(read, text: str, said: str) -> None:  # type: ignore[no-untyped-def]
    with pytest.raises(BadInput) as told:
        read(RuleFile.read("rules.toml", text))

    assert said in str(told.value)
    assert "features/data/rules.toml" in str(told.value)
    assert ";" in str(told.value)


def test_the_longest_phrase_at_a_place_is_heard_and_may_mean_nothing() -> None:
    book = PhraseBook(
        [("new", "new"), ("new balance", None), ("lot of #", "lot"), ("galaxy s*", "galaxy"), ("#pcs", "lot")]
    )

    def found(text: str) -> list[tuple[str | None, int | None]]:
        return [(hit.meaning, hit.number) for hit in book.find(Tokens(text))]

    assert found("new balance shoes") == [(None, None)]
    assert found("brand new shoes") == [("new", None)]
    assert found("lot-of 12 galaxy-s21") == [("lot", 12), ("galaxy", None)]
    assert found("lot of three") == [("lot", 3)]
    assert found("5pcs, 0pcs") == [("lot", 5)]
    assert found("lot of pens") == []


PHONE = "iPhone 13 128GB"


@pytest.mark.parametrize(
    "identifier", [{}, {"gtin": "0194252707326"}, {"mpn": "MLPF3LL/A"}], ids=["words", "gtin", "mpn"]
)
@pytest.mark.parametrize(
    "title",
    [
        f"case for {PHONE}",
        f"{PHONE} box only",
        f"{PHONE} replica",
        f"{PHONE} bundle with watch",
        f"lot of 5 {PHONE}",
        f"{PHONE} for parts",
        f"{PHONE} for rent",
        f"{PHONE} screen repair service",
    ],
)
def test_what_is_sold_as_something_else_is_another_product(title: str, identifier: dict[str, str]) -> None:
    def product(title: str) -> str:
        return product_of(title, "Apple", identifier.get("gtin"), identifier.get("mpn"), "phone")

    assert product(title) != product(PHONE)


def test_a_lot_of_five_is_another_product_than_a_lot_of_ten() -> None:
    five, ten = (product_of(f"Makita DHP453 lot of {n}", None, None, None, "drill") for n in (5, 10))
    assert (five, ten) == ("drill-dhp453-lot5", "drill-dhp453-lot10")
    assert product_of("lot of 5 drills", None, "4006381333931", None, "drill") == "gtin-04006381333931-lot5"


@pytest.mark.parametrize("title", ["lot of 1 drill", "drill, lot of 2019 stock", "drill lot 4711"])
def test_one_is_no_lot_and_a_year_no_number_of_things(title: str) -> None:
    assert read_thing(title).lot_size is None


def test_condition_makes_no_product_and_who_looks_for_a_thing_means_the_thing() -> None:
    for title in (
        f"{PHONE} cracked",
        f"{PHONE} like new",
        f"{PHONE} refurbished",
        f"{PHONE}, open box",
        f"WTB {PHONE}",
    ):
        assert product_of(title, None, None, None, "phone") == product_of(PHONE, None, None, None, "phone")


def test_a_number_with_a_wrong_check_digit_makes_no_product() -> None:
    assert product_of("Makita DHP453", None, "4006381333932", None, "drill") == "drill-dhp453"
