"""An unknown table's columns, told as a careful person would tell them, with an account of what was taken for what.

What a person says (--map, --set) stands, and so does a header that is a field's own name; the rest is found by meaning
(`roles`, `money_columns`).
"""

from __future__ import annotations

import heapq
import re
from collections import Counter
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, field

from spiders.files.headers import described_by, models_alone, title_columns, with_brand, words_of_file
from spiders.files.money_columns import Money, find_money, scale_column
from spiders.files.roles import STAY, are_kinds_of_sellers, find_roles
from warehouse.reading.price import read_price
from warehouse.reading.words import fold_header, is_blank

_LOOKED_AT = 5000
# Grouped by two digits before the last three, or counted in lakhs and crores.
_INDIAN = re.compile(r"\d,\d\d,\d{3}(?!\d)|(?<=\d)\s*(?:lakhs?|lacs?|crores?|cr)\b", re.I)
_WESTERN = re.compile(r"\d,\d{3},\d{3}(?!\d)")


@dataclass
class Guesses:
    """Fields and their columns; `again` are columns that only say the price another time, `scales` what is found out
    about units, `unclear` the columns among which a person must choose a price.
    """

    places: dict[str, tuple[int, ...]] = field(default_factory=dict)
    again: list[int] = field(default_factory=list)
    scales: dict[str, int] = field(default_factory=dict)
    unclear: list[int] = field(default_factory=list)

    def taken(self) -> set[int]:
        """Columns that are no attributes any more."""
        kept = {place for name, at in self.places.items() if name not in STAY for place in at}
        return kept | set(self.again)


def guess_columns(
    columns: Sequence[str],
    sample: Sequence[Sequence[str]],
    free: Sequence[int],
    places: Mapping[str, tuple[int, ...]],
    fixed: Collection[str],
    hint: str,
) -> Guesses:
    """The fields of the `free` columns beside those in `places` and `fixed`."""
    out = Guesses()
    given = places.get("price")
    money = (
        Money() if given and len(given) > 1 else find_money(columns, sample, free, hint, given[0] if given else None)
    )
    _own_price(money, columns, sample, places, fixed, free, hint)
    if money.price is not None and given is None:
        if "price" in fixed:
            # A price is said for all rows: what the column holds says it another time.
            out.again.append(money.price)
        else:
            out.places["price"] = (money.price,)
    elif given is not None and money.price is not None and (money.price,) != given:
        out.places["price"] = (money.price,)
    counted = scale_column(money.price, columns, sample) if money.price is not None and "price" not in fixed else None
    if counted is not None and money.price is not None:
        out.places["price"] = (money.price, counted)
        out.again.append(counted)
    if money.list_price is not None and "list_price" not in places and "list_price" not in fixed:
        out.places["list_price"] = (money.list_price,)
    if money.scale is not None:
        out.scales["price"] = money.scale
    out.again += [at for at in money.again if at != money.price]
    out.unclear = money.unclear if given is None and "price" not in fixed else []
    left = [at for at in free if at not in out.taken()]
    found = find_roles(columns, sample, left, {*places, *fixed, *out.places})
    out.places.update({name: (at,) for name, at in found.items()})
    return out


def _own_price(
    money: Money,
    columns: Sequence[str],
    sample: Sequence[Sequence[str]],
    places: Mapping[str, tuple[int, ...]],
    fixed: Collection[str],
    free: Sequence[int],
    hint: str,
) -> None:
    """A column that is just called "price" beside one that is sold for now is the price before: the list price."""
    given = places.get("price", ())
    if len(given) != 1 or "list_price" in places or "list_price" in fixed or money.list_price is not None:
        return
    if fold_header(columns[given[0]]) != "price":
        return
    others = find_money(columns, sample, [*free, given[0]], hint)
    if others.price not in (None, given[0]) and others.list_price == given[0]:
        money.price, money.list_price, money.again = others.price, others.list_price, others.again


def generic_sellers(columns: Sequence[str], sample: Sequence[Sequence[str]]) -> dict[str, int]:
    """Columns called "seller" whose cells name kinds of sellers only: attributes, for they tell nobody from another."""
    called = next((at for at, column in enumerate(columns) if fold_header(column) == "seller"), None)
    if called is None or not are_kinds_of_sellers([row[called] for row in sample]):
        return {}
    return {"seller type": called}


def title_of(
    places: Mapping[str, tuple[int, ...]],
    attributes: Mapping[str, int],
    sample: list[Sequence[str]],
    table: str,
    source: str,
    columns: Sequence[str],
) -> tuple[tuple[int, ...], str]:
    """The columns of a title, and the words before them for all rows: none where a column names the things."""
    named = title_columns(places, attributes, sample)
    if models_alone(named, columns) and not places.get("brand"):
        # One make's table: its file says whose models they are ("audi.csv").
        return named, words_of_file(table)
    if len(named) == 1:
        return with_brand(named[0], places.get("brand", ()), sample), ""
    if named:
        return named, ""
    return described_by(attributes, sample), words_of_file(table) or words_of_file(source) or source


class Telling:
    """Whether a column tells one row from another: no value twice, but for the same thing at another time."""

    def __init__(self, place: int, moment: tuple[int, ...]) -> None:
        self._place, self._moment = place, moment
        self._seen: set[tuple[str, ...]] = set()
        self._rows = 0

    def see(self, cells: Sequence[str]) -> None:
        """Count a row."""
        if not is_blank(cells[self._place]):
            self._rows += 1
            self._seen.add((cells[self._place], *(cells[at] for at in self._moment)))

    def tells(self) -> bool:
        """A few rows that were written twice are borne."""
        return len(self._seen) >= 0.95 * self._rows


def cells_currency(texts: Collection[str], hint: str) -> tuple[str | None, str]:
    """The currency that most cells with one name, and why; Indian numbering says rupees; else (None, "")."""
    some = heapq.nsmallest(_LOOKED_AT, texts)
    named = Counter(price.currency for text in some if (price := read_price(text, hint)) and price.currency)
    if named:
        code, times = named.most_common(1)[0]
        return (code, "as most cells say") if 2 * times > named.total() and code else (None, "")
    indian = sum(bool(_INDIAN.search(text)) for text in some)
    western = sum(bool(_WESTERN.search(text)) for text in some)
    return ("INR", "for its Indian numbering") if indian > western else (None, "")


def account(places: Mapping[str, tuple[int, ...]], columns: Sequence[str]) -> str:
    """What was taken for what: "price: Selling_Price; list price: Present_Price"."""
    return "; ".join(
        f"{name.replace('_', ' ')}: {' + '.join(columns[at] for at in found)}"
        for name, found in places.items()
        if found and [fold_header(columns[at]) for at in found] != [fold_header(name)]
    )
