"""Which column of an unknown table is the price, and which the list price: by what headers mean and what cells hold.

Of several prices the one that is asked or paid now is the price, and the one of the new thing or before a discount the
list price. Where headers leave that open, the table is refused with the lines that would settle it.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass, field
from statistics import median

from warehouse.reading.price import read_price
from warehouse.reading.words import clean_text, is_no_price

_MONEY = frozenset(
    "price prices pricing preis kaufpreis prix precio preco preço prezzo prijs cena pris cost amount value msrp mrp "
    "rrp srp uvp neupreis asking rent miete fare fares tariff harga fiyat hinta цена ціна 价格 価格".split()
)
_WEAK = frozenset({"cost", "amount", "value", "rent", "miete", "fare", "fares", "tariff"})
# Columns that say how large a thing is: where there is one, a price may be that of a unit of it.
_AREA = frozenset("area sqft sqm sqft² m2 feet sq sqyd acres carpet builtup".split())
_NOW = frozenset(
    "selling sell sale sold asking ask offer offered current now deal discount discounted final special listing listed "
    "used resale hammer paid transaction promo promotional reduced today after".split()
)
# The clearest first.
_LIST = (
    *("msrp", "mrp", "rrp", "srp", "uvp", "neupreis", "list", "retail", "showroom", "original", "new", "present"),
    *("regular", "sticker", "catalogue", "catalog", "manufacturer", "launch", "old", "was", "before", "actual", "full"),
)
_NOT_A_PRICE = frozenset(
    "per psf log percent percentage pct shipping delivery tax vat fee fees min max minimum maximum avg average mean "
    "median range change tier currency type drop negotiable history rating ratings index bucket level id date time "
    "band class label unit units count rank segment status predicted ratio maintenance running deposit emi increase "
    "installation insurance category number note notes source sqft normalized normalised scaled".split()
)
# "Price excl. VAT" is a price, though "VAT" is none.
_WITH_OR_WITHOUT = frozenset(
    "excl excluding ex exclusive without incl including inclusive inc with plus net gross before zzgl inkl exkl".split()
)
_ADDED = frozenset("tax taxes vat gst shipping delivery fee fees installation".split())
_MEANS, _UNIT = frozenset({"avg", "average", "mean", "median"}), frozenset({"unit"})
# Says the price in another form, so that it would tell a model what it is to find out.
_SAME_SAID_AGAIN = frozenset({"per", "psf", "log", "emi", "normalized", "normalised", "predicted"})
_GLUED = re.compile(r"^([a-z]{3,})(price|cost|amount)s?$")
_PART = re.compile(r"[A-Z]+(?![a-z])|[A-Z]?[^\W\d_A-Z]+|[$€£¥₹%]")
_SIGNED = re.compile(
    r"[$€£¥₹₽₩₺₪₫₴₦₱฿]|\b(?:rs|inr|usd|eur|gbp|aud|cad|chf)\b|(?<=\d)\s*(?:lakhs?|lacs?|crores?|cr)\b", re.I
)
_RATE = re.compile(r"(?:[$€£₹]|rs\.?|inr)\s*[\d.,]+\s*(?:/|per)\s*(?:sq|m²|m2|ft|yd|acre)", re.I)
_SCALED = re.compile(r"(?<=\d)\s*(?:lakhs?|lacs?|crores?|cr)\b", re.I)
_SCALE_WORDS = frozenset("l lac lakh cr crore k thousand mn million m".split())
_UNIT_OF_WHOLE = 100
_ALIKE = 1000  # medians of a price and its list price that are further apart are not in one unit


@dataclass
class Money:
    """The columns of money: `price` and `list_price`, columns that only say the price again, and what to tell.

    `unclear` are the columns among which a person must choose; `scale` is the power of ten that the list price's cells
    say for the whole table ("8.61 Lakh" beside a price of 6.2).
    """

    price: int | None = None
    list_price: int | None = None
    again: list[int] = field(default_factory=list)
    unclear: list[int] = field(default_factory=list)
    scale: int | None = None


def header_words(header: str) -> list[str]:
    """A header's words, folded: "Selling_Price(₹)" is selling, price, ₹; "sellingprice" is selling, price."""
    words: list[str] = []
    for part in _PART.findall(clean_text(header)):
        word = part.casefold()
        glued = _GLUED.match(word)
        words += glued.groups() if glued else [word]
    return words


def means_money(header: str) -> bool:
    """Whether a header has a word for money, whatever else it says ("median_house_value")."""
    return bool(_MONEY & set(header_words(header)))


def is_of_a_unit(header: str) -> bool:
    """Whether a header names the price of one of several ("UnitPrice"), so that a quantity beside it is not priced."""
    words = set(header_words(header))
    return bool(_MONEY & words and _UNIT & words)


def find_money(
    columns: Sequence[str], sample: Sequence[Sequence[str]], free: Sequence[int], hint: str, given: int | None = None
) -> Money:
    """The columns of money among `free` ones. `hint` is the currency of a shared sign such as "$".

    `given` is the column that is known to be the price.
    """
    if given is not None:
        return _beside(given, columns, sample, free, hint)
    named = [(at, header_words(columns[at])) for at in free]
    priced = [(at, words) for at, words in named if _MONEY & set(words)]
    money = Money(again=[at for at, words in priced if _SAME_SAID_AGAIN & set(words)])
    money.again += [at for at in free if at not in money.again and _is_rate(sample, at)]
    found = [(at, words) for at, words in priced if _may_be_price(words) and _amounts(sample, at, hint) is not None]
    found = found or _of_one(priced, sample, hint, _UNIT) or _of_one(priced, sample, hint, _MEANS)
    if not found:
        signed = [at for at in free if _is_signed(sample, at) and not _NOT_A_PRICE & set(header_words(columns[at]))]
        money.price, money.unclear = (signed[0], []) if len(signed) == 1 else (None, signed)
        return money
    unit = _of_a_unit(found, columns, sample, hint)
    money.again += unit
    found = [(at, words) for at, words in found if at not in unit]
    ranks = _ranks(found)
    best = _best(ranks, sample)
    money.price = best[0] if len(best) == 1 or _one_price(best, columns, sample) else _in_hint(best, sample, hint)
    if money.price is None:
        money.unclear = best
        return money
    money.list_price = _list_price(found, ranks, money.price)
    others = [at for at, _ in found if at not in (money.price, money.list_price)]
    again = {*_proportional(money.price, others, sample, hint), *(at for at in best if at != money.price)}
    money.again += sorted(again)
    if money.list_price is not None:
        _compare(money, columns, sample, hint)
    return money


def _of_one(
    priced: list[tuple[int, list[str]]], sample: Sequence[Sequence[str]], hint: str, said: frozenset[str]
) -> list[tuple[int, list[str]]]:
    """The only price of a unit ("UnitPrice"), or average ("median_house_value"), where a table has no other price."""
    words_of = [(at, [word for word in words if word not in said]) for at, words in priced if said & set(words)]
    found = [(at, words) for at, words in words_of if not _NOT_A_PRICE & set(words) and _amounts(sample, at, hint)]
    return found if len(found) == 1 else []


def _beside(
    price: int, columns: Sequence[str], sample: Sequence[Sequence[str]], free: Sequence[int], hint: str
) -> Money:
    """The list price beside a known price."""
    named = [(at, header_words(columns[at])) for at in free if at != price]
    found = [(at, words) for at, words in named if _MONEY & set(words) and _may_be_price(words)]
    found = [(at, words) for at, words in found if _amounts(sample, at, hint) is not None]
    money = Money(price=price, list_price=_list_price(found, {price: 1} | _ranks(found), price))
    money.again = [at for at, words in named if _MONEY & set(words) and _SAME_SAID_AGAIN & set(words)]
    money.again += [at for at, _ in named if at not in money.again and _is_rate(sample, at)]
    money.again += _proportional(price, [at for at, _ in found if at != money.list_price], sample, hint)
    if money.list_price is not None:
        _compare(money, columns, sample, hint)
    return money


def _may_be_price(words: list[str]) -> bool:
    said = set(words)
    said -= _ADDED if said & _WITH_OR_WITHOUT else set()
    if _NOT_A_PRICE & said or {"discount", "amount"} <= said:
        return False
    # "Value" is a price where it stands alone.
    return "value" not in said or len(_MONEY & said) > 1 or len(words) == 1


def _ranks(found: list[tuple[int, list[str]]]) -> dict[int, int]:
    """3 is asked or paid now, 2 a price, 1 a cost or an amount, 0 a list price."""
    earlier = any({"old", "was", "before", "original"} & set(words) for _, words in found)
    ranks = {}
    for at, words in found:
        said = set(words)
        if "new" in said and earlier and not {"showroom", "car"} & said:
            said = said - {"new"} | {"now"}
        is_list = bool(said & set(_LIST))
        ranks[at] = 0 if is_list else 3 if said & _NOW else 1 if _MONEY & said <= _WEAK else 2
    return ranks


def _of_a_unit(
    found: list[tuple[int, list[str]]], columns: Sequence[str], sample: Sequence[Sequence[str]], hint: str
) -> list[int]:
    """Prices of a unit of area beside one of the whole that is a hundred times as much and more.

    "Price (in rupees)" is 6,000 and "Amount(in rupees)" 42 lakh, in a table that has an area.
    """
    if len(found) < 2 or not any(_AREA & set(header_words(column)) for column in columns):
        return []
    said = header_scales_of([columns[at] for at, _ in found])
    sizes = [(_amounts(sample, at, hint) or [], at) for at, _ in found]
    middle = {at: median(amounts) * 10.0 ** said[columns[at]] for amounts, at in sizes if amounts}
    return [at for at, size in middle.items() if _UNIT_OF_WHOLE * size <= max(middle.values())]


def header_scales_of(headers: Sequence[str]) -> dict[str, int]:
    """The power of ten that each header of a price names, 0 where it names none."""
    from spiders.files.headers import header_scales

    return {header: header_scales({"price": (at,)}, headers).get("price", 0) for at, header in enumerate(headers)}


def _best(ranks: dict[int, int], sample: Sequence[Sequence[str]]) -> list[int]:
    """The columns of the clearest rank. One that is mostly blank gives way to one that is not."""
    filled = {at: rank for at, rank in ranks.items() if 2 * len(_said(sample, at)) >= len(sample)} or ranks
    top = max(filled.values())
    return [at for at, rank in filled.items() if rank == top]


def _one_price(places: list[int], columns: Sequence[str], sample: Sequence[Sequence[str]]) -> bool:
    """Whether columns say one price several times: in several currencies, or in the same cells."""
    from spiders.files.headers import header_currency

    currencies = [header_currency([columns[at]]) for at in places]
    if all(currencies) and len(set(currencies)) == len(places):
        return True
    return bool(sample) and all(len({row[at].strip() for at in places}) == 1 for row in sample)


def _in_hint(places: list[int], sample: Sequence[Sequence[str]], hint: str) -> int | None:
    """Of columns that say one price in several currencies, each its own in its cells, the one of the `hint`'s."""
    named = {at: {price.currency for cell in _said(sample, at) if (price := read_price(cell, hint))} for at in places}
    currencies = [next(iter(found)) for found in named.values() if len(found) == 1]
    if len(set(currencies)) < len(places) or None in currencies:
        return None
    return next((at for at in places if named[at] == {hint}), places[0])


def scale_column(price: int, columns: Sequence[str], sample: Sequence[Sequence[str]]) -> int | None:
    """The column that says in which unit a price is counted: `price_unit` with "Cr" and "L" in its cells."""
    for at, column in enumerate(columns):
        cells = {row[at].strip().casefold().rstrip("s.") for row in sample if row[at].strip()}
        if at != price and cells and cells <= _SCALE_WORDS and {"unit", "scale", "price"} & set(header_words(column)):
            return at
    return None


def _list_price(found: list[tuple[int, list[str]]], ranks: dict[int, int], price: int) -> int | None:
    """The clearest list price; a plain price beside one that is asked now is what it was before."""
    lists = [(_LIST.index(next(w for w in _LIST if w in words)), at) for at, words in found if ranks[at] == 0]
    lists = [one for one in lists if one[1] != price]
    if lists:
        return min(lists)[1]
    plain = [at for at, rank in ranks.items() if rank == 2 and at != price]
    return plain[0] if ranks[price] == 3 and len(plain) == 1 else None


def _proportional(price: int, others: list[int], sample: Sequence[Sequence[str]], hint: str) -> list[int]:
    """Columns that are the price times one number: in another currency, or before a fixed fee."""
    out = []
    for at in others:
        pairs = [(read_price(clean_text(row[at]), hint), read_price(clean_text(row[price]), hint)) for row in sample]
        ratios = [float(one.amount / two.amount) for one, two in pairs if one and two and one.amount and two.amount]
        if len(ratios) > 4 and max(ratios) <= 1.02 * min(ratios):
            out.append(at)
    return out


def _compare(money: Money, columns: Sequence[str], sample: Sequence[Sequence[str]], hint: str) -> None:
    """A list price is in the price's unit, or its cells say in which, or it is none."""
    from spiders.files.headers import header_scales

    if money.price is None or money.list_price is None:
        return
    price, listed = _amounts(sample, money.price, hint), _amounts(sample, money.list_price, hint)
    if not price or not listed:
        return
    said = header_scales({"price": (money.price,), "list_price": (money.list_price,)}, columns)
    ratio = median(listed) / median(price) * 10.0 ** (said.get("list_price", 0) - said.get("price", 0))
    bare = not any(_SIGNED.search(cell) for cell in _said(sample, money.price))
    scaled = [cell for cell in _said(sample, money.list_price) if _SCALED.search(cell)]
    if ratio > _ALIKE and bare and "price" not in said and 2 * len(scaled) > len(listed):
        money.scale = 5
        ratio /= 10.0**5
    if not 0.2 <= ratio <= _ALIKE:
        money.list_price = None


def _said(sample: Sequence[Sequence[str]], at: int) -> list[str]:
    return [text for row in sample if not is_no_price(text := clean_text(row[at])) and text != "0"]


def _amounts(sample: Sequence[Sequence[str]], at: int, hint: str) -> list[float] | None:
    """What a column's cells amount to; None where most of them are no prices, [] where nothing is in the sample."""
    cells = _said(sample, at)
    read = [price for cell in cells if (price := read_price(cell, hint)) is not None]
    return [float(price.amount) for price in read if price.amount > 0] if 2 * len(read) >= len(cells) else None


def _is_rate(sample: Sequence[Sequence[str]], at: int) -> bool:
    """Whether a column's cells are amounts for a unit of area ("₹ 5,000/sq.ft."): the price in another form."""
    cells = _said(sample, at)
    return bool(cells) and sum(_RATE.search(cell) is not None for cell in cells) >= 0.8 * len(cells)


def _is_signed(sample: Sequence[Sequence[str]], at: int) -> bool:
    """Whether most cells of a column are amounts with a currency's sign."""
    cells = _said(sample, at)
    return (
        bool(cells)
        and sum(bool(_SIGNED.search(cell)) for cell in cells) * 10 >= 8 * len(cells)
        and bool(_amounts(sample, at, "USD"))
    )
