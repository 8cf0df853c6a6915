"""What a listing says it is: brand, codes, sizes, year, colour, how many, in what role and in what condition.

Everything is read from the listing's own words, by rules that are data (`data/*.toml`); nothing is learned, so what a
thing is never depends on what was seen later.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from decimal import Decimal, InvalidOperation
from functools import lru_cache

from features.condition import UNSTATED, condition_hits, grade
from features.title import model_codes, plain
from features.words.accessories import Fitting, fitting
from features.words.brands import Maker, brand_name, brands, named_brand
from features.words.codes import item_number, labelled_item_number, part_number
from features.words.colours import named_colour
from features.words.phrases import Hit, Tokens
from features.words.quantities import Count, quantity
from features.words.roles import KIND_ROLES, ROLES, said_roles
from features.words.sizes import sizes
from features.words.years import model_year

__all__ = ["ROLES", "Thing", "kinds_of", "read_thing"]

Pairs = tuple[tuple[str, str], ...]


@dataclass(frozen=True, slots=True)
class Thing:
    """What one listing is, as its words say.

    `sizes` are in one unit for each dimension (features.words.sizes), `codes` as features.title.model_codes reads
    them, `gtin` has 14 digits with a valid check digit, `quantity` and `unit` are what is sold for the price (4 piece,
    1 pair, 50 lb). `roles` are of `ROLES`; `accessory_for` is what an accessory fits, `lot_size` how many things a lot
    has. `grade` is on the scale of features.condition. `reasons` are (field, the words that said it).
    """

    text: str
    brand: str | None
    codes: tuple[str, ...]
    gtin: str | None
    mpn: str | None
    sizes: tuple[tuple[float, str], ...]
    year: int | None
    colour: str | None
    quantity: Decimal | None
    unit: str | None
    roles: frozenset[str]
    accessory_for: str | None
    lot_size: int | None
    grade: str
    reasons: tuple[tuple[str, str], ...]


# Attributes that name a field, by the names that sources give them.
_FIELD_NAMES = {
    "brand": ("brand", "manufacturer", "maker", "make", "vendor", "publisher"),
    "gtin": (
        "gtin",
        "ean",
        "upc",
        "isbn",
        "barcode",
        "gtin13",
        "gtin14",
        "gtin12",
        "gtin8",
        "isbn13",
        "isbn10",
        "ean13",
    ),
    "mpn": ("mpn", "manufacturer part number", "part number", "model number", "modelno", "model no", "sku mpn"),
    "colour": ("color", "colour", "farbe", "manufacturer color"),
    "year": ("year", "model year", "release year", "year manufactured"),
    "quantity": ("quantity", "qty", "number in pack", "unit quantity", "pack size"),
    "unit": ("unit", "unit type", "unit of measure"),
    "condition": ("condition", "item condition"),
}
_SIZE_NAMES = frozenset(
    "capacity,storage,storage capacity,hard drive capacity,ssd capacity,ram,ram size,memory,screen size,display size,"
    "size,voltage,battery capacity,wattage,power,length,width,height,weight,volume,shoe size,us shoe size,"
    "eu shoe size,uk shoe size".split(",")
)
# What is read of a description and of a title, in characters: what says what a thing is stands at their beginning.
_DESCRIBED = 2_000
_TITLE = 600


def read_thing(
    title: str,
    *,
    brand: str | None = None,
    gtin: str | None = None,
    mpn: str | None = None,
    condition: str | None = None,
    attributes: Mapping[str, str] | Iterable[tuple[str, str]] | None = None,
    description: str | None = None,
) -> Thing:
    """What a listing is, from its title and what else is stated of it; what is stated comes before what is read.

    Never raises, whatever the texts are. The same texts give the same thing.
    """
    pairs: Pairs = ()
    if attributes:
        items = attributes.items() if isinstance(attributes, Mapping) else attributes
        pairs = tuple(sorted((str(name), str(value)) for name, value in items))
    if description:
        return _read(title, brand, gtin, mpn, condition, pairs, description[:_DESCRIBED])
    return _read_again(title, brand, gtin, mpn, condition, pairs)


def kinds_of(title: str) -> tuple[tuple[str, ...], int | None]:
    """The roles of a title that make it another thing than the one it names, in a fixed order, and a lot's size.

    Only what the title says it is sold as counts: a broken phone is a phone in bad condition, one "for parts" is parts.
    """
    return _kinds(plain(title)[:_TITLE])


@lru_cache(maxsize=200_000)
def _kinds(text: str) -> tuple[tuple[str, ...], int | None]:
    read = _Reading(text, None)
    return tuple(role for role in KIND_ROLES if role in read.said), read.lot_size


@lru_cache(maxsize=100_000)
def _read_again(
    title: str, brand: str | None, gtin: str | None, mpn: str | None, condition: str | None, pairs: Pairs
) -> Thing:
    return _read(title, brand, gtin, mpn, condition, pairs, "")


def _read(
    title: str,
    brand: str | None,
    gtin: str | None,
    mpn: str | None,
    condition: str | None,
    pairs: Pairs,
    description: str,
) -> Thing:
    text = plain(title)[:_TITLE]
    stated = _stated(pairs)
    condition = condition or stated.get("condition")
    read = _Reading(text, brand_name(brand) or brand_name(stated.get("brand")), plain(description))
    found = grade(condition, text)
    states = read.states(found, condition)
    colour, year, number, unit = read.colour(stated), read.year(stated), *read.amount(stated)
    return Thing(
        text=text,
        brand=read.brand,
        codes=tuple(sorted(set(model_codes(text)))),
        gtin=item_number(gtin) or item_number(stated.get("gtin")) or labelled_item_number(text, plain(description)),
        mpn=part_number(mpn) or part_number(stated.get("mpn")),
        sizes=_with_attributes(sizes(text), pairs),
        year=year,
        colour=colour,
        quantity=number,
        unit=unit,
        roles=states | read.said,
        accessory_for=read.fitting.fits if read.fitting else None,
        lot_size=read.lot_size,
        grade=found,
        reasons=tuple(read.reasons),
    )


class _Reading:
    """One title while it is read: its tokens, what was found in them, and the words that said so."""

    def __init__(self, text: str, stated_brand: str | None, described: str = "") -> None:
        self.reasons: list[tuple[str, str]] = []
        self.said: set[str] = set()
        self.lot_size: int | None = None
        self.tokens = Tokens(text)
        makers = brands().book.find(self.tokens)
        for hit in said_roles(self.tokens):
            self._say(str(hit.meaning.role), self.tokens.between(hit.first, hit.last))
            if hit.meaning.role == "lot":
                self.lot_size = self.lot_size or hit.number
        if described:
            behind = Tokens(described)
            for hit in said_roles(behind, described=True):
                self._say(str(hit.meaning.role), behind.between(hit.first, hit.last))
        self.count: Count | None = quantity(self.tokens)
        if self.count and self.count.lot:
            self._say("lot", self.count.words)
            if self.count.bundle:
                self._say("bundle", self.count.words)
        if "lot" in self.said and self.lot_size is None and self.count and self.count.unit == "piece":
            self.lot_size = int(self.count.number)
        self.fitting: Fitting | None = None if self.said & {"piece", "service"} else fitting(self.tokens, makers)
        if self.fitting:
            self._say("accessory", self.fitting.words)
        self.brand = stated_brand or self._named_brand(makers)

    def _say(self, role: str, words: str) -> None:
        self.said.add(role)
        self.reasons.append((role, words))

    def states(self, grade: str, condition: str | None) -> frozenset[str]:
        """Roles that the condition gives: opened, refurbished, parts; said in the title or stated."""
        if grade == UNSTATED:
            return frozenset()
        said = {hit.meaning.grade: self.tokens.between(hit.first, hit.last) for hit in condition_hits(self.tokens)}
        found = {role for role in ("open_box", "refurbished") if role in said or role == grade} | {grade} & {"parts"}
        self.reasons += [(role, said.get(role) or str(condition)) for role in sorted(found)]
        if grade not in found:
            self.reasons.append(("grade", said.get(grade) or str(condition)))
        return frozenset(found)

    def _named_brand(self, makers: list[Hit[Maker]]) -> str | None:
        before = len(self.tokens)
        if self.fitting and self.fitting.fits:
            place = self.tokens.text.find(self.fitting.fits)
            before = next((n for n, start in enumerate(self.tokens.start) if start >= place), before)
        hit = named_brand(self.tokens, makers, before, own=self.fitting is None and "service" not in self.said)
        if hit is None:
            return None
        self.reasons.append(("brand", self.tokens.between(hit.first, hit.last)))
        return hit.meaning.brand

    def colour(self, stated: Mapping[str, str]) -> str | None:
        """The colour, as an attribute states it or the title names it."""
        tokens = Tokens(plain(stated["colour"])) if stated.get("colour") else self.tokens
        found = named_colour(tokens)
        if found is None:
            return None
        self.reasons.append(("colour", found[1]))
        return found[0]

    def year(self, stated: Mapping[str, str]) -> int | None:
        """The model year, as an attribute states it or the title names it."""
        year = model_year(plain(stated["year"])) if stated.get("year") else None
        year = year or model_year(self.tokens.text)
        if year:
            self.reasons.append(("year", str(year)))
        return year

    def amount(self, stated: Mapping[str, str]) -> tuple[Decimal | None, str | None]:
        """How much is sold and in what unit: as the title says it, else as attributes with a unit do."""
        if self.count:
            self.reasons.append(("quantity", self.count.words))
            return self.count.number, self.count.unit
        if self.lot_size:
            return Decimal(self.lot_size), "piece"
        if stated.get("unit"):
            try:
                number = Decimal(stated.get("quantity", "1").strip())
            except InvalidOperation:
                return None, None
            return (number, plain(stated["unit"])) if number.is_finite() and number > 0 else (None, None)
        return None, None


def _stated(pairs: Pairs) -> dict[str, str]:
    """What attributes state of the named fields: field → text, the first of its names that is there."""
    if not pairs:
        return {}
    given = {re.sub(r"[\s_\-]+", " ", plain(name)).strip(): value for name, value in pairs if value.strip()}
    out = {}
    for field, names in _FIELD_NAMES.items():
        for name in names:
            if name in given:
                out[field] = given[name]
                break
    return out


def _with_attributes(read: tuple[tuple[float, str], ...], pairs: Pairs) -> tuple[tuple[float, str], ...]:
    found = set(read)
    for name, value in pairs:
        if re.sub(r"[\s_\-]+", " ", plain(name)).strip() in _SIZE_NAMES:
            found.update(sizes(plain(value)))
    return tuple(sorted(found))
