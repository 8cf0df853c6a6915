"""What the pictures say about which thing it is: barcodes first, then brand and model text, then the look of it.

Each candidate gets a probability of its own from every kind of evidence; they add up as independent hints do (noisy or,
Pearl 1988), and `models.photos.doubt.exclusive` then lets candidates exclude each other. Words alone are not enough:
a label that shares no model code and no maker with a product says little about it, whatever the pair model thinks.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from typing import Protocol

import numpy as np

from features.matching.conflict import conflict, facts_of, thing_of
from features.matching.editions import editions
from features.matching.item import Item
from features.matching.scorer import PairScorer
from features.photo.picture import Look, PictureRead
from features.search.product import Product
from features.title import measures, plain
from models.photos.label import Label, Shared

# The constants below were set on pictures drawn of 25 products among 684 (bench/photo_answers.py, 117 pictures). Of
# first candidates said to be 60 % sure 13 of 13 were right, at 84 % 15 of 15, at 97 % 27 of 27: they are careful. With
# the product taken out of the warehouse no value was named in 351 answers, and none for 27 pictures of nothing.
# A check digit lets one misread barcode in ten pass, and scanners hardly ever misread; a box may hold another thing.
BARCODE = 0.97
# What a text that shares neither code nor most words with a product can make it at most.
UNFOUNDED = 0.10
# A code read whole, with its maker, is as good as a person's word for it; without the maker somewhat less.
CODE_AND_BRAND, CODE = 0.95, 0.85
# Another maker's name was read, or a model number that the product does not have.
OTHER_MAKER, OTHER_CODE = 0.3, 0.4
# Where no code was read: what a name can make it at most, and the share of the words read that must be in it. "Apple
# MacBook" names nothing yet.
NAME, COVERED = 0.85, 0.75
_LEAST_WORDS = 3
# What of a product's name was not read and tells it from its sisters: a storage size, or a word such as "Pro".
SIZE_UNREAD, EDITION_UNREAD = 0.6, 0.4
_CHOICE = frozenset({"a choice of sizes"})
MOST_CANDIDATES = 40
# Candidates that are held against each other, and how sure the pair model must be that two are one thing.
_HELD_AGAINST, _ONE_THING = 12, 0.8
# Ratings of the mains and the charger stand on every type plate beside the thing's own.
_RATINGS = frozenset({"v", "hz", "w", "amp", "ah", "mah", "wh"})


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
    """What speaks for one product.

    `barcodes` are those in the pictures that do, `codes` the model numbers, which stand on the labels `places`;
    `reasons` say it in words.
    """

    product: Product
    hints: list[float] = field(default_factory=list)
    barcodes: set[str] = field(default_factory=set)
    codes: set[str] = field(default_factory=set)
    places: set[tuple[int, int]] = field(default_factory=set)
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
    ranked = sorted(found.values(), key=lambda each: (-each.alone, -each.product.listings, each.product.product))
    ranked = _one_wording_each(ranked, catalogue, scorer)
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
            evidence.barcodes.add(gtin)
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
                evidence.barcodes.add(gtin)
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
        hint = 0.0 if _contradicts(label, item, shared) else _hint(float(probability), shared, label, item)
        if hint < 0.01:
            continue
        evidence = found.setdefault(product.product, Evidence(product))
        evidence.hints.append(hint)
        evidence.codes |= shared.codes
        evidence.places |= shared.places
        evidence.reasons += shared.said


def _contradicts(label: Label, item: Item, shared: Shared) -> bool:
    """Whether what was read cannot stand on this product: another size, another model, an accessory for it."""
    if shared.codes & label.made_for:
        return True
    facts, beside = facts_of(thing_of(Item(key="picture", title=label.text))), facts_of(thing_of(item))
    # A label leaves out what a title says of the edition; that makes it doubtful, not another thing.
    facts = replace(facts, said=beside.said, sizes=tuple(size for size in facts.sizes if size[0] not in _RATINGS))
    if shared.codes:
        # Beside the right model number others stand: of parts, of approvals, of the factory.
        facts = replace(facts, codes=(), shapes=frozenset(), numbers=())
    return conflict(facts, beside) is not None


def _hint(paired: float, shared: Shared, label: Label, item: Item) -> float:
    """The pair model's answer, held within what was really read.

    A label says less than a title does, so the model, which learned from titles, doubts a code that was read whole: it
    may lower what a code says to half of it. What no code and no name supports it cannot raise.
    """
    other_maker = label.brand is not None and item.brand is not None and not shared.brand
    if shared.codes:
        most = CODE_AND_BRAND if shared.brand else CODE
        most *= OTHER_MAKER if other_maker else 1.0
        return most * (0.6 + 0.4 * paired) * (SIZE_UNREAD if _size_unread(label, item) else 1.0)
    if shared.brand and shared.covered >= COVERED and len(label.words) >= _LEAST_WORDS:
        most = NAME * shared.covered * (OTHER_CODE if label.codes else 1.0)
        own, read = (editions(plain(text)).editions - _CHOICE for text in (item.title, label.text))
        return most * (0.6 + 0.4 * paired) * (EDITION_UNREAD if own ^ read else 1.0)
    return min(paired, UNFOUNDED) * max(shared.share, shared.covered)


def _size_unread(label: Label, item: Item) -> bool:
    """Whether a product has a storage size, by which one model number is sold at many prices, and none was read."""
    own, read = (any(unit == "gb" for _, unit in measures(plain(text))) for text in (item.title, label.text))
    return own and not read


def _one_wording_each(ranked: list[Evidence], catalogue: Catalogue, scorer: PairScorer) -> list[Evidence]:
    """One candidate for each thing: products that are another wording of a likelier one are that one."""
    held, rest = ranked[:_HELD_AGAINST], ranked[_HELD_AGAINST:]
    items = [catalogue.item(each.product) for each in held]
    pairs = [(first, second) for second in range(len(held)) for first in range(second)]
    if not pairs:
        return ranked
    paired = scorer.score([items[first] for first, _ in pairs], [items[second] for _, second in pairs])
    alike = {pair for pair, probability in zip(pairs, paired, strict=True) if probability >= _ONE_THING}
    facts = [facts_of(thing_of(item)) for item in items]
    kept: list[int] = []
    for place, evidence in enumerate(held):
        same = [one for one in kept if (one, place) in alike and conflict(facts[one], facts[place]) is None]
        if not same:
            kept.append(place)
            continue
        held[same[0]].barcodes |= evidence.barcodes
        held[same[0]].codes |= evidence.codes
    return [held[place] for place in kept] + rest


def _several(reads: Sequence[PictureRead], ranked: Sequence[Evidence]) -> bool:
    """Whether two things were seen: two articles' barcodes in one picture, or two products by codes on two labels."""
    for read in reads:
        articles = {code.gtin for code in read.barcodes if code.gtin}
        # A case of an article has its number, but for the first digit (GS1 General Specifications, section 2.1.6).
        if len({gtin[1:13] for gtin in articles}) > 1 and not any(articles <= each.barcodes for each in ranked):
            return True
    likely = [each for each in ranked if each.alone >= 0.5]
    return any(_apart(first, second) for at, first in enumerate(likely) for second in likely[at + 1 :])


def _apart(first: Evidence, second: Evidence) -> bool:
    by_bars = first.barcodes and second.barcodes and not first.barcodes & second.barcodes
    by_labels = first.places and second.places and not first.places & second.places
    return bool(by_bars or (by_labels and not first.codes & second.codes))
