"""What headers say beside a column's name: a title's parts, a currency, a scale, or that a column only counts rows."""

from __future__ import annotations

import itertools
import re
from collections.abc import Iterable, Mapping, Sequence

from warehouse.reading.currency import ISO_4217, meanings
from warehouse.reading.words import fold_header, is_blank

_BRANDS = (
    *(
        "brand",
        "brandname",
        "make",
        "manufacturer",
        "maker",
        "company",
        "companyname",
        "marke",
        "marca",
        "marque",
        "mark",
    ),
    *(
        "manufacturername",
        "makename",
        "carmake",
        "carbrand",
        "devicebrand",
        "brands",
        "hersteller",
        "fabricante",
        "companynames",
        "brandnames",
    ),
)
_MODELS = (
    *(
        "model",
        "modelname",
        "modell",
        "modelo",
        "modele",
        "modèle",
        "modello",
        "carmodel",
        "vehiclemodel",
        "devicemodel",
    ),
    *("series", "modelseries", "variant", "trim", "version", "edition"),
)
# Headers that say "this is what the thing is called", the clearest first.
_TITLES = re.compile(
    r"(?:product|item|listing|ad|advert|offer|article|goods)?(?:title|name)|headline|heading|product|item|listing|advert|"
    r"(?:produkt|artikel|angebots?|anzeigen)?(?:titel|bezeichnung|name)|produkt|artikel|angebot|anzeige|inserat|annonce|"
    r"titre|intitulé|désignation|produit|libellé|titolo|prodotto|annuncio|nome|título|producto|anuncio|nombre|naam|nazwa"
)
_HEADER_SCALES = {
    **{"lakh": 5, "lakhs": 5, "lac": 5, "lacs": 5, "crore": 7, "crores": 7, "thousand": 3, "thousands": 3},
    **{"million": 6, "millions": 6},
}
# Columns that are called as the things in them are ("Laptop", "Wine"), where their cells are names.
_THINGS = re.compile(
    r"(?:laptop|notebook|smartphone|mobile|phone|car|vehicle|bike|wine|book|game|watch|camera|shoe|toy)s?"
)
_LONGEST_NAME = 60
# Columns that number rows, as data frames and sheets write them.
_COUNTER = re.compile(
    r"(?:column|unnamed:?)\d+(?:\(\d+\))?|rownames?|index|#|no\.?|s\.?no\.?|sr\.?no\.?|rownumber|rowid"
)
_OTHER_NAMES = re.compile(
    r"(?:brand|seller|user|shop|store|category|model|file|host|first|last|owner|buyer|customer|company|dealer|vendor|"
    r"type|city|state|region|country|location|area|street|society|project|building|fuel|author|artist|category|"
    r"clean|salvage|vehicleti|sub).*"
)
_SAYS_WHAT = re.compile(r"type|kind|variety|style|model|series|designation|winery|maker|material|breed|genre|shape|cut")
_YES_OR_NO = frozenset({"yes", "no", "true", "false", "y", "n"})
_DESCRIPTIONS = ("description", "details", "text", "about", "aboutproduct")
# Words of file names that say nothing of what a table holds.
_FILE_WORDS = frozenset(
    "data dataset datasets train test valid validation file export csv tsv xlsx json jsonl price prices list listing "
    "listings clean cleaned raw final output table sheet copy new old all full sample kaggle v the of and for scraped "
    "database db".split()
)
# What people write for a currency in a header beside its code and its sign.
_CURRENCY_WORDS = {
    **{"euro": "EUR", "euros": "EUR", "rupee": "INR", "rupees": "INR", "rs": "INR", "lakh": "INR", "lakhs": "INR"},
    **{"lac": "INR", "lacs": "INR", "crore": "INR", "crores": "INR", "dollar": "USD", "dollars": "USD"},
    **{"pounds": "GBP", "sterling": "GBP", "yen": "JPY", "yuan": "CNY", "rmb": "CNY"},
}
# Codes that are no English words, so that they count in lower case too ("price_all", "top_price").
_SAFE = frozenset(
    {"usd", "eur", "gbp", "inr", "cad", "aud", "jpy", "chf", "cny", "sek", "nok", "dkk", "pln", "brl", "mxn"}
)


def title_columns(
    places: Mapping[str, tuple[int, ...]], attributes: Mapping[str, int], sample: list[Sequence[str]]
) -> tuple[int, ...]:
    """The columns a title is made of where none is called so; () where nothing could be one.

    A column called a name or title; else brand and model; else the brand and what words the other columns hold; else a
    description.
    """
    folded = {fold_header(column): place for column, place in attributes.items()}
    named = [name for name in folded if _TITLES.fullmatch(name)] or [
        name for name in folded if name.endswith(("name", "names", "title")) and not _OTHER_NAMES.fullmatch(name)
    ]
    named = [name for name in named if _names_things(folded[name], sample)] or [
        name for name in folded if _THINGS.fullmatch(name) and _tell_apart(folded[name], sample)
    ]
    if named:
        return (folded[named[0]],)
    brand = places.get("brand") or tuple(folded[name] for name in _BRANDS if name in folded)[:1]
    model = tuple(folded[name] for name in _MODELS if name in folded) or places.get("mpn", ())
    words = () if model else tuple(_wordy(attributes, brand, sample))[:3]
    if brand or model:
        return (*brand, *model, *words)
    described = [folded[name] for name in _DESCRIPTIONS if name in folded]
    # What is called a description may be a name ("WHITE METAL LANTERN").
    described = described or [at for at in places.get("description", ()) if _is_short(at, sample)]
    return tuple(described[:1])


def _is_short(place: int, sample: list[Sequence[str]]) -> bool:
    cells = [row[place] for row in sample if not is_blank(row[place])]
    return bool(cells) and sum(len(cell) <= _LONGEST_NAME for cell in cells) >= 0.9 * len(cells)


def _tell_apart(place: int, sample: list[Sequence[str]]) -> bool:
    """Whether a column's cells are names, and many of them."""
    cells = [row[place].strip() for row in sample if not is_blank(row[place])]
    worded = sum(any(sign.isalpha() for sign in cell) for cell in cells)
    return len(cells) > 1 and worded >= 0.9 * len(cells) and 3 * len(set(cells)) >= len(cells)


def described_by(attributes: Mapping[str, int], sample: list[Sequence[str]]) -> tuple[int, ...]:
    """The columns whose words describe a thing that has no name: at most five, those that say what it is first."""
    from spiders.privacy import is_personal

    names = {place: column for column, place in attributes.items()}
    cells = {place: tuple(row[place].strip().casefold() for row in sample) for place in _wordy(attributes, (), sample)}
    telling = [place for place, said in cells.items() if len(set(said)) > 1 and not is_personal(names[place])]
    # Two columns that say the same count once.
    telling = [at for at in telling if at == next(one for one in telling if _agree(cells[one], cells[at]))]
    return tuple(sorted(telling, key=lambda at: not _SAYS_WHAT.search(fold_header(names[at])))[:5])


def _agree(one: Sequence[str], other: Sequence[str]) -> bool:
    return sum(a == b for a, b in zip(one, other, strict=True)) >= 0.9 * len(one)


def models_alone(named: Sequence[int], columns: Sequence[str]) -> bool:
    """Whether a title is nothing but models, whose make the table does not say."""
    return bool(named) and all(fold_header(columns[at]) in _MODELS for at in named)


def words_of_file(name: str) -> str:
    """What a file's name says its rows are: "used_bikes_2021 (1).csv" is "used bikes"."""
    words = re.findall(r"[^\W\d_]+", re.sub(r"(?<=[a-z])(?=[A-Z])", " ", name.split(".")[0]))
    return " ".join([word.casefold() for word in words if word.casefold() not in _FILE_WORDS and len(word) > 1][:4])


def _names_things(place: int, sample: list[Sequence[str]]) -> bool:
    """Whether a column's cells could be names: most of them hold a letter, and not all are yes (a "clean title")."""
    cells = [row[place].strip().casefold() for row in sample if not is_blank(row[place])]
    if len(cells) > 1 and _YES_OR_NO.issuperset(cells):
        return False
    return not cells or 2 * sum(any(sign.isalpha() for sign in cell) for cell in cells) >= len(cells)


def with_brand(title: int, brand: tuple[int, ...], sample: list[Sequence[str]]) -> tuple[int, ...]:
    """A title's column, with the brand's before it where most titles do not hold their brand."""
    both = [row for row in sample if brand and not is_blank(row[brand[0]]) and not is_blank(row[title])]
    named = sum(row[brand[0]].strip().casefold() in row[title].casefold() for row in both)
    return (brand[0], title) if both and 2 * named < len(both) and brand[0] != title else (title,)


def _wordy(attributes: Mapping[str, int], but: tuple[int, ...], sample: list[Sequence[str]]) -> Iterable[int]:
    """Columns that hold words, not numbers or yes and no."""
    for place in attributes.values():
        cells = [row[place].strip().casefold() for row in sample if not is_blank(row[place])]
        words = [cell for cell in cells if _is_wordy(cell)]
        if place not in but and 0 < 0.9 * len(cells) <= len(words) and not _YES_OR_NO.issuperset(cells):
            yield place


def _is_wordy(cell: str) -> bool:
    """Words, or a name that begins with a number ("1st Phase JP Nagar"), but no quantity and no text."""
    letters = sum(sign.isalpha() for sign in cell)
    return letters > 0 and len(cell) < 40 and (not cell[0].isdigit() or letters >= 10)


def header_currency(headers: list[str]) -> str | None:
    """The currency that a price's header names: "price_usd", "Price (EUR)", "Preis €", "Price_euros", "₹"."""
    for header in headers:
        words = re.findall(r"[A-Za-z]+|[$€£¥₹]", header)
        for place, word in enumerate(words):
            if place == 0 and len(words) == 1 and word.isalpha() and word.upper() not in ISO_4217:
                continue
            if place == 0 and word.casefold() in ("price", "prices", "pounds"):
                continue
            safe = (word.isupper() and (place > 0 or len(words) == 1)) or word.lower() in _SAFE
            code = word.upper() if word.upper() in ISO_4217 and safe else None
            sign = None if word.isalpha() or word == "$" else next(iter(meanings(word)), None)
            if code or sign or word.casefold() in _CURRENCY_WORDS:
                return code or sign or _CURRENCY_WORDS[word.casefold()]
    return None


def header_scales(places: Mapping[str, tuple[int, ...]], columns: Sequence[str]) -> dict[str, int]:
    """The powers of ten that the headers of prices name: "Price (lakh)", "price in thousands"."""
    scales: dict[str, int] = {}
    for name in ("price", "list_price"):
        for place in places.get(name, ()):
            for word in re.findall(r"[a-z]+", columns[place].casefold()):
                if word in _HEADER_SCALES:
                    scales[name] = _HEADER_SCALES[word]
    return scales


def row_numbers(columns: Sequence[str], sample: list[Sequence[str]]) -> Iterable[int]:
    """Columns that only count the rows: an unnamed or so named one, with one more in each row."""
    for place, column in enumerate(columns):
        if _COUNTER.fullmatch(fold_header(column)) and len(sample) > 1:
            cells = [row[place].strip().removesuffix(".0") for row in sample]
            if all(cell.isdecimal() for cell in cells):
                steps = [int(after) - int(before) for before, after in itertools.pairwise(cells)]
                # A row that was written twice has its number twice.
                if set(steps) <= {0, 1} and sum(steps) >= 0.8 * len(steps):
                    yield place
