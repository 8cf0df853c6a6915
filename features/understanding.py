"""What a thing in question is, by what a snapshot knows: its category where words name none, and its product.

As of an earlier day only what was known then is asked: category models by the day they hold from, and products by their
links of that day. A question in other words than any listing's is held against the products by the likeness of words
and what contradicts, not by the learned scorer: that would say of an earlier day what was learned after it.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Protocol

from features.completion import names_maker, unsaid_maker
from features.guessing import CategoryGuesses
from features.identity import product_of
from features.matching.book import ProductBook, fits
from features.matching.form import FormedProducts
from features.matching.item import Item
from features.matching.published import WordsScorer, open_book, save_products

# A question is taken for a product of other words only where that is likelier than all else by far.
SURE = 0.85
_CATEGORIES = "categories"
_WORDS = WordsScorer()


class Understands(Protocol):
    """Who says what a thing in question is."""

    def understand(self, row: Mapping[str, Any], named: Mapping[str, str], day: int) -> dict[str, Any]:
        """As `Understanding.understand`."""


@dataclass(frozen=True)
class Understanding:
    """A snapshot's category models and book of products."""

    guesses: CategoryGuesses
    book: ProductBook

    def understand(self, row: Mapping[str, Any], named: Mapping[str, str], day: int) -> dict[str, Any]:
        """Category, product and `product_why` of a question (`features.market.question`) as known on a day; where its
        title leaves out the maker that all others name, the `title` with it and that `unsaid_maker`.

        `named` are the fields that were said of the thing (brand, gtin, mpn, category …).
        """
        category, how = self.guesses.category(named.get("category"), str(row["title"]), day)
        item = _item(str(row["title"]), row, named, category)
        out: dict[str, Any] = {"category": category, "product_why": ""}
        if how == "model":
            out["category_how"] = "guessed"
        maker = self._unsaid_maker(item, day)
        if maker is not None:
            out |= {"title": f"{maker} {item.title}", "unsaid_maker": maker}
        fuller = item if maker is None else _item(f"{maker} {item.title}", row, named, category)
        for each in (item, fuller):
            if self.book.knows(each.key, day):
                return out | {"product": self.book.product_on(each.key, day)}
        found = self.book.resolve(fuller, day, _WORDS, top=1)
        if found and found[0].probability >= SURE:
            return out | {"product": found[0].product, "product_why": "; ".join(found[0].reasons[:1])}
        return out | {"product": item.key}

    def _unsaid_maker(self, item: Item, day: int) -> str | None:
        if names_maker(item):
            return None
        near = self.book.near(item, day)
        return unsaid_maker(item, near, fits(item, near))


def _item(title: str, row: Mapping[str, Any], named: Mapping[str, str], category: str) -> Item:
    gtin, mpn, brand = (named.get(name) or None for name in ("gtin", "mpn", "brand"))
    return Item(
        key=product_of(title, brand, gtin, mpn, category),
        title=title,
        brand=brand,
        category=category,
        gtin=gtin,
        mpn=mpn,
        attributes=tuple(sorted((name, str(text)) for name, text in row["attributes"].items())),
    )


def save_understanding(guesses: CategoryGuesses, formed: FormedProducts, snapshot: Path) -> None:
    """Write what a run understood into a snapshot's folder (which has none yet)."""
    guesses.save(snapshot / _CATEGORIES)
    save_products(formed, snapshot)


def open_understanding(snapshot: Path) -> Understanding | None:
    """What `save_understanding` wrote; None where the snapshot is from before there was any."""
    book = open_book(snapshot)
    if book is None or not (snapshot / _CATEGORIES).is_dir():
        return None
    return Understanding(CategoryGuesses.load(snapshot / _CATEGORIES), book)
