"""What pictures of things are answered: how often rightly, how surely, how often with what is not there.

    katy bench photo-answers HOME… [--products 40] [--nothing 40] [--photos FOLDER] [--seed 1] [--json FILE]

For products of each home's published snapshot labels and barcodes are drawn, turned, blurred and dimmed by a fixed seed
(bench/photo_drawing.py), and each picture is answered four times: as the warehouse is, then without the product and all
other wordings of it, without its brand, and without its category. In the first case a value should be named for that
product; in the others naming any value is false. Products without a barcode get a made-up one. Then there are pictures
with nothing in them that is sold: walls, notices, and photos of a folder whose things the home does not have.

"Right" is a first candidate that is the product, or another wording of it: one that contradicts it in nothing and
shares a model code or all words, or has its maker and like words, or is rather the same for the pair model. Calibration
holds the first candidate's probability against the share that is right.
"""

from __future__ import annotations

import argparse
import itertools
import json
import random
import sys
from collections import defaultdict
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from rich.console import Console
from rich.table import Table

from bench.photo_drawing import Conditions, made_up_gtin, picture
from bench.photo_judge import Judge, Without
from features.matching.conflict import thing_of
from features.matching.published import open_products
from features.matching.scorer import PairScorer
from features.matching.scorers import Scorers
from features.photo import PictureRead, read_pictures
from features.search.opening import open_search
from features.search.product import Product
from features.text import neutral
from models.answers.value import open_valuer
from models.photos.answer import PhotoValuation, Values, answer
from models.photos.catalogue import SnapshotCatalogue
from models.photos.evidence import Catalogue
from warehouse import query, snapshot
from warehouse.home import Home

KINDS = ("barcode", "whole label", "brand and model", "model alone", "part of the name", "brand alone")
LEVELS = ("there", "without it", "without its brand", "without its category")
_ON_LABELS = ("MADE IN CHINA", "INPUT 120V 60HZ", "SERIAL NO 00418823", "READ MANUAL BEFORE USE", "CE UL FCC")
_NOTICES = (
    ("GARAGE SALE", "SATURDAY 9 AM"),
    ("PLEASE RING", "THE BELL TWICE"),
    ("200 G FLOUR", "2 EGGS", "100 ML MILK"),
    ("ROOM 214", "QUIET PLEASE"),
    ("KEEP OUT", "PRIVATE PROPERTY"),
    ("TOTAL 48.20", "THANK YOU", "VISA 4417"),
)
_BINS = (0.0, 0.1, 0.3, 0.5, 0.7, 0.9, 1.01)
console = Console(highlight=False, width=None if sys.stdout.isatty() else 120)
Reader = Callable[[bytes], PictureRead]


@dataclass(frozen=True, slots=True)
class Case:
    """A picture: what is in it, and what was read of it. Without a product it shows nothing that is sold."""

    kind: str
    product: Product | None
    gtin: str | None
    read: PictureRead


@dataclass(frozen=True, slots=True)
class Outcome:
    """An answer: at which level, whether its first candidate is right, whether it names a value, how probable it is."""

    kind: str
    level: str
    right: bool
    named: bool
    probability: float
    shown: str


def cases_of(
    catalogue: Catalogue, products: Sequence[Product], dice: random.Random, read: Reader, numbers: dict[str, Product]
) -> list[Case]:
    """A picture of each kind that a product can have, for each; its barcode is noted in `numbers`."""
    cases = []
    for product in products:
        gtin = made_up_gtin(dice)
        numbers[gtin.zfill(14)] = product
        for kind, lines in _labels(catalogue, product, dice).items():
            drawn = picture(lines, gtin if kind == "barcode" else None, Conditions.drawn_from(dice), dice)
            cases.append(Case(kind, product, gtin, read(drawn)))
    return cases


def _labels(catalogue: Catalogue, product: Product, dice: random.Random) -> dict[str, list[str]]:
    """What stands on a label of each kind; kinds that a product cannot have are left out."""
    thing = thing_of(catalogue.item(product))
    brand = (thing.brand or "").upper()
    codes = [code.upper() for code in thing.codes]
    named = [word.upper() for word in neutral(product.title).split() if word.upper() not in {brand, *codes}]
    clutter = dice.sample(_ON_LABELS, 3)
    labels: dict[str, list[str]] = {"barcode": []}
    if brand:
        labels["whole label"] = [brand, " ".join(named[:4]), *([f"MODEL {codes[0]}"] if codes else []), *clutter]
        labels["brand alone"] = [brand, *clutter[:1]]
    if brand and codes:
        labels["brand and model"] = [brand, codes[0], *clutter[:1]]
    if codes:
        labels["model alone"] = [f"MODEL NO. {codes[0]}", *clutter[:2]]
    if len(named) >= 3:
        labels["part of the name"] = [f"{brand} {named[0]}".strip(), " ".join(named[1:3])]
    return labels


def nothing_of(count: int, dice: random.Random, read: Reader, photos: Path | None) -> list[Case]:
    """Pictures with nothing in them that is sold here."""
    cases = [
        Case("a notice", None, None, read(picture(lines, None, Conditions.drawn_from(dice), dice)))
        for lines in _NOTICES[:count]
    ]
    cases.append(Case("a wall", None, None, read(picture([], None, Conditions(), dice))))
    if photos is not None:
        files = sorted(path for path in photos.rglob("*") if path.suffix.lower() in {".jpg", ".jpeg", ".png"})
        for path in dice.sample(files, min(count, len(files))):
            cases.append(Case("a photo of something else", None, None, read(path.read_bytes())))
    return cases


def judge(
    cases: Sequence[Case], catalogue: Catalogue, scorer: PairScorer, valuer: Values, numbers: dict[str, Product]
) -> list[Outcome]:
    """Answer every picture at every level."""
    outcomes, judged = [], Judge(catalogue, scorer)
    for case in cases:
        for level in LEVELS if case.product else LEVELS[:1]:
            seen = Without(catalogue, _hidden(judged, case.product, level), numbers)
            told = answer([case.read], seen, scorer, valuer)
            outcomes.append(_outcome(case, level, told, judged))
    return outcomes


def _hidden(judged: Judge, truth: Product | None, level: str) -> Callable[[Product], bool]:
    if truth is None or level == "there":
        return lambda product: False
    brand = thing_of(judged.catalogue.item(truth)).brand

    def hidden(product: Product) -> bool:
        if judged.same(truth, product):
            return True
        if level == "without its brand":
            return brand is not None and thing_of(judged.catalogue.item(product)).brand == brand
        return level == "without its category" and product.category == truth.category

    return hidden


def _outcome(case: Case, level: str, told: PhotoValuation, judged: Judge) -> Outcome:
    first = told.candidates[0] if told.candidates else None
    right = False
    if first is not None and case.product is not None and level == "there":
        shown = Product(first.product, first.title, first.category, first.brand, 0, 0, None, None, None, None)
        right = judged.same(case.product, shown)
    probability = first.probability if first else 0.0
    return Outcome(case.kind, level, right, told.valuation is not None, probability, first.title if first else "")


def summary(outcomes: Sequence[Outcome]) -> dict[str, Any]:
    """Shares by kind, false answers by level, and calibration."""
    there = [each for each in outcomes if each.level == "there" and each.kind in KINDS]
    by_kind = {}
    for kind in KINDS:
        of_kind = [each for each in there if each.kind == kind]
        if of_kind:
            by_kind[kind] = {
                "n": len(of_kind),
                "right in first place": _share([each.right for each in of_kind]),
                "with a value": _share([each.named for each in of_kind]),
                "with a wrong value": _share([each.named and not each.right for each in of_kind]),
            }
    false: dict[str, list[bool]] = defaultdict(list)
    for each in outcomes:
        if each.level != "there" or each.kind not in KINDS:
            false[each.level if each.kind in KINDS else each.kind].append(each.named)
    calibration = []
    for low, high in itertools.pairwise(_BINS):
        inside = [each for each in there if low <= each.probability < high and each.shown]
        if inside:
            mean = sum(each.probability for each in inside) / len(inside)
            calibration.append(
                {"n": len(inside), "said": round(mean, 3), "right": _share([each.right for each in inside])}
            )
    everything = [named for named_of in false.values() for named in named_of]
    return {
        "known": by_kind,
        "false values": {name: {"n": len(named), "share": _share(named)} for name, named in false.items()},
        "false values in all": {"n": len(everything), "share": _share(everything)},
        "calibration": calibration,
    }


def _share(facts: Sequence[bool]) -> float:
    return round(sum(facts) / len(facts), 4) if facts else 0.0


def measure(
    home: Path, products: int, nothing: int, photos: Path | None, seed: int, read: Reader
) -> tuple[dict[str, Any], list[Outcome]]:
    """The figures of one home, and every outcome."""
    published = snapshot.current(Home(home))
    connection = query.read_only(published.database)
    try:
        catalogue = SnapshotCatalogue(connection, open_search(published))
        dice = random.Random(seed)
        known = [Product(*row) for row in connection.execute(_PRODUCTS).fetchall()]
        numbers: dict[str, Product] = {}
        chosen = dice.sample(known, min(products, len(known)))
        cases = cases_of(catalogue, chosen, dice, read, numbers) + nothing_of(nothing, dice, read, photos)
        outcomes = judge(cases, catalogue, _scorer(published.path), open_valuer(published), numbers)
        return {"products": len(known), **summary(outcomes)}, outcomes
    finally:
        connection.close()


_PRODUCTS = """
    SELECT product, title, category, brand, listings, sellers, NULL, NULL, NULL, NULL FROM mart.product ORDER BY product
"""


def _scorer(folder: Path) -> PairScorer:
    """The snapshot's pair scorer; where it has none, one that learned from the prior alone."""
    opened = open_products(folder)
    return opened[1] if opened is not None else Scorers([], []).scorer_on(0)


def main() -> int:
    """Measure each home, show the figures, and write them where they are asked for."""
    parser = argparse.ArgumentParser(prog="katy bench photo-answers", description=__doc__.splitlines()[0])
    parser.add_argument("homes", nargs="+", type=Path, metavar="HOME", help="a data folder with a published snapshot")
    parser.add_argument("--products", type=int, default=40, help="products to take pictures of, in each home")
    parser.add_argument("--nothing", type=int, default=40, help="photos to take from --photos, in each home")
    parser.add_argument("--photos", type=Path, help="a folder with photos of things that the homes do not have")
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--json", type=Path, help="write the figures here too")
    asked = parser.parse_args()
    figures = {}
    for home in asked.homes:
        told, _ = measure(
            home, asked.products, asked.nothing, asked.photos, asked.seed, lambda data: read_pictures([data])[0]
        )
        figures[str(home)] = told
        _show(home, told)
    if asked.json:
        asked.json.write_text(json.dumps(figures, indent=1) + "\n", encoding="utf-8")
    return 0


def _show(home: Path, told: dict[str, Any]) -> None:
    rows = [{"picture": kind, **figures} for kind, figures in told["known"].items()]
    _table(f"{home.name}: {told['products']} products, pictures of what is there", rows)
    false = {**told["false values"], "all of these": told["false values in all"]}
    _table("A value named for what is not there", [{"picture": name, **figures} for name, figures in false.items()])
    _table("Calibration of the first candidate", told["calibration"])


def _table(title: str, rows: Sequence[dict[str, Any]]) -> None:
    table = Table(title=title, title_justify="left")
    for name in rows[0] if rows else ():
        table.add_column(name)
    for row in rows:
        table.add_row(*map(str, row.values()))
    console.print(table)


if __name__ == "__main__":
    sys.exit(main())
