"""What the pictures say about which thing it is: barcodes first, then brand and model text, then the look of it.

Each candidate gets a probability of its own from every kind of evidence; they add up as independent hints do (noisy or,
Pearl 1988), and `models.photos.doubt.exclusive` then lets candidates exclude each other. Words alone are not enough:
a label that shares no model code and no maker with a product says little about it, whatever the pair model thinks.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Protocol

import numpy as np

from features.matching.item import Item
from features.matching.scorer import PairScorer
from features.photo.picture import Look, PictureRead
from features.search.product import Product
from models.photos.label import Label

# A check digit lets one misread barcode in ten pass, and scanners hardly ever misread; a box may hold another thing.
BARCODE = 0.97
# What a text that shares neither code nor most words with a product can make it at most.
UNFOUNDED = 0.10
# A code read whole, with its maker, is as good as a person's word for it; without the maker somewhat less.
CODE_AND_BRAND, CODE = 0.95, 0.85
MOST_CANDIDATES = 40


class Catalogue(Protocol):
    """What the warehouse holds, as the evidence needs it."""

    def by_gtin(self, gtin: str) -> list[Product]:
        """Products sold under this number (14 digits)."""
        ...

    def named(self, gtin: str) -> str | None:
        """The name of the article with this number, where only its name is known and no price."""
        ...

    def search(self, text: str, limit: int) -> list[Product]:
        """Products that answer these words, best first."""
        ...

    def item(self, product: Product) -> Item:
        """A product as one side of a pair."""
        ...

    def lookalikes(self, look: Look) -> list[tuple[Product, float]]:
        """Products of the listing photos that look like this picture, with the probability of being the same photo."""
        ...


@dataclass(slots=True)
class Evidence:
    """What speaks for one product. `codes` are the numbers in the pictures that do, `reasons` say it in words."""

    product: Product
    hints: list[float] = field(default_factory=list)
    codes: set[str] = field(default_factory=set)
    reasons: list[str] = field(default_factory=list)

    @property
    def alone(self) -> float:
        """The probability that this is the thing, whatever else may be."""
        return float(1.0 - np.prod([1.0 - hint for hint in self.hints])) if self.hints else 0.0


@dataclass(frozen=True, slots=True)
class Gathered:
    """All evidence, the likeliest first; the barcodes that nothing carries; whether more than one thing was seen."""

    evidence: list[Evidence]
    unknown_barcodes: tuple[str, ...]
    several: bool


def gather(reads: Sequence[PictureRead], label: Label, catalogue: Catalogue, scorer: PairScorer) -> Gathered:
    """Weigh every product that the pictures may show."""
    found: dict[str, Evidence] = {}
    unknown = _barcodes(reads, catalogue, found)
    _names(unknown, catalogue, scorer, found)
    _texts(label, catalogue, scorer, found)
    for read in reads:
        for product, probability in catalogue.lookalikes(read.look):
            evidence = found.setdefault(product.product, Evidence(product))
            evidence.hints.append(probability)
            evidence.reasons.append("looks like the photo of a listing of it")
    ranked = sorted(found.values(), key=lambda each: (-each.alone, each.product.product))
    return Gathered(ranked, tuple(unknown), _several(reads, ranked))


def _barcodes(reads: Sequence[PictureRead], catalogue: Catalogue, found: dict[str, Evidence]) -> list[str]:
    unknown = []
    for gtin in dict.fromkeys(code.gtin for read in reads for code in read.barcodes if code.gtin):
        carried = catalogue.by_gtin(gtin)
        if not carried:
            unknown.append(gtin)
        for product in carried:
            evidence = found.setdefault(product.product, Evidence(product))
            evidence.hints.append(BARCODE)
            evidence.codes.add(gtin)
            evidence.reasons.append(f"barcode {gtin.lstrip('0')}")
    return unknown


def _names(unknown: Sequence[str], catalogue: Catalogue, scorer: PairScorer, found: dict[str, Evidence]) -> None:
    """Products that an article may be of which only number and name are known."""
    for gtin in unknown:
        name = catalogue.named(gtin)
        products = catalogue.search(name, 12) if name else []
        if not name or not products:
            continue
        items = [catalogue.item(product) for product in products]
        paired = scorer.score([Item(key=gtin, title=name, gtin=gtin)] * len(items), items)
        for product, probability in zip(products, paired, strict=True):
            if probability >= UNFOUNDED:
                evidence = found.setdefault(product.product, Evidence(product))
                evidence.hints.append(BARCODE * float(probability))
                evidence.codes.add(gtin)
                evidence.reasons.append(f"barcode {gtin.lstrip('0')} is that of {name}")


def _texts(label: Label, catalogue: Catalogue, scorer: PairScorer, found: dict[str, Evidence]) -> None:
    """Products that the read words may name, judged by the pair model and by what of their names was read."""
    products: dict[str, Product] = {}
    for text in label.questions:
        for product in catalogue.search(text, 12):
            products.setdefault(product.product, product)
    chosen = list(products.values())[:MOST_CANDIDATES]
    if not chosen:
        return
    asked = Item(key="picture", title=label.title, brand=label.brand)
    items = [catalogue.item(product) for product in chosen]
    paired = scorer.score([asked] * len(items), items)
    for product, item, probability in zip(chosen, items, paired, strict=True):
        shared = label.shared_with(item)
        hint = _hint(float(probability), bool(shared.codes), shared.brand, shared.share)
        if hint < 0.01:
            continue
        evidence = found.setdefault(product.product, Evidence(product))
        evidence.hints.append(hint)
        evidence.codes |= shared.codes
        evidence.reasons += shared.said


def _hint(paired: float, code: bool, brand: bool, share: float) -> float:
    """The pair model's answer, held within what was really read.

    A label says less than a title does, so the model, which learned from titles, doubts a code that was read whole: it
    may lower what a code says to half of it. What no code and no name supports it cannot raise.
    """
    if code:
        most = CODE_AND_BRAND if brand else CODE
        return most * (0.5 + 0.5 * paired)
    if brand and share >= 0.6:
        return paired * min(1.0, share)
    return min(paired, UNFOUNDED) * share


def _several(reads: Sequence[PictureRead], ranked: Sequence[Evidence]) -> bool:
    """Whether two things were seen: two articles' barcodes in one picture, or two products by different codes."""
    for read in reads:
        articles = {code.gtin for code in read.barcodes if code.gtin}
        if len(articles) > 1 and not any(articles <= each.codes for each in ranked):
            return True
    likely = [each for each in ranked if each.alone >= 0.5 and each.codes]
    return any(not (first.codes & second.codes) for i, first in enumerate(likely) for second in likely[i + 1 :])
