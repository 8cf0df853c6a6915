"""What belongs to persons does not get past the door: sellers become pseudonyms, phones and e-mails are taken out."""

from __future__ import annotations

import re
from collections.abc import Callable, Container, Mapping, Sequence
from typing import Protocol

from spiders.files.plan import FIELDS
from warehouse.reading.words import fold_header

# Headers (without blanks, case and underscores) of columns that hold a person's name, phone or e-mail.
_WHOSE = r"(?:seller|user|owner|contact|account|buyer|bidder|member|customer|advertiser|poster)(?:'?s)?"
_PERSONAL = re.compile(
    rf"(?:{_WHOSE}(?:full|first|last|user|display)?(?:name|nick|nickname|login|handle)|username|nickname|buyer|bidder"
    rf"|sellerid|userid|(?:{_WHOSE})?(?:e-?mail|phoneno|phonenumber|telephone|whatsapp|contactnumber|mobileno)(?:address)?"
    rf"|{_WHOSE}phone|mobilenumber)"
)
_EMAIL = re.compile(r"[\w.+-]+@[\w-]+(?:\.[\w-]+)+")
_PHONE = re.compile(
    r"(?<![\w.,/-])(?:(?:\+?1[\s.-]?)?(?:\(\d{3}\)\s?|\d{3}[\s.-])\d{3}[\s.-]\d{4}|\+\d{1,3}[\s.-]?(?:\(?\d+\)?[\s.-]?){2,6}\d{2,})"
    r"(?![\w-])"
)
# Fields that say what a thing is: a word there is the maker's or the thing's, even where a seller has the same name.
_THINGS = frozenset(
    {"title", "brand", "category", "condition", "region", "unit", "kind", "currency", "series", "statistic"}
)
# Fields that are codes, numbers or addresses: what looks like a phone number there is none.
_CODES = frozenset(
    "id gtin mpn price list_price quantity url image observed_at ended_at released_on "
    "period days value volume base quote rate observed_on".split()
)


def scrub(text: str) -> str:
    """The text without e-mail addresses and phone numbers."""
    if "@" in text:
        text = _EMAIL.sub("[e-mail]", text)
    return _PHONE.sub("[phone]", text) if len(text) >= 10 else text


def is_personal(header: str) -> bool:
    """Whether a column of this name holds what belongs to a person."""
    return _PERSONAL.fullmatch(fold_header(header)) is not None


class Placed(Protocol):
    """A table's columns, and which of them are which field or attribute."""

    @property
    def columns(self) -> list[str]: ...
    @property
    def places(self) -> Mapping[str, tuple[int, ...]]: ...
    @property
    def attributes(self) -> Mapping[str, int]: ...


class Veil:
    """Takes out of a table's rows what belongs to persons. `pseudonym` turns a name into its keyed hash."""

    def __init__(self, plan: Placed, pseudonym: Callable[[str], str]) -> None:
        self._pseudonym = pseudonym
        sellers = set(plan.places.get("seller", ()))
        named = {place for name, place in plan.attributes.items() if is_personal(name) or name == "seller"}
        self._persons = sellers | named | {place for place, column in enumerate(plan.columns) if is_personal(column)}
        codes = {place for name in _CODES & set(plan.places) for place in plan.places[name]}
        things = {place for name in _THINGS & set(plan.places) for place in plan.places[name]}
        self._texts = [place for place in range(len(plan.columns)) if place not in codes | self._persons]
        self._asides = [place for place in self._texts if place not in things]

    @property
    def persons(self) -> bool:
        """Whether the table has a column that belongs to persons."""
        return bool(self._persons)

    def hide(self, cells: Sequence[str]) -> list[str]:
        """The cells of a row, persons hidden. A remark that only repeats a name goes with it."""
        hidden = list(cells)
        for place in self._texts:
            text = hidden[place]
            if len(text) >= 6:
                hidden[place] = scrub(text)
        names = {}
        for place in self._persons:
            name = hidden[place].strip()
            if name:
                names[name.casefold()] = hidden[place] = self._pseudonym(name)
        if names:
            for place in self._asides:
                hidden[place] = names.get(hidden[place].strip().casefold(), hidden[place])
        return hidden

    def hide_broken(self, text: str) -> str:
        """A broken row's text: where the table has persons, none of it can be told from them, and none is kept."""
        return "" if self._persons else scrub(text)


def hide_fixed(
    fixed: Mapping[str, str], pseudonym: Callable[[str], str], fields: Container[str] = FIELDS
) -> dict[str, str]:
    """Values said for all rows, with the persons among them hidden. `fields` are no person's but for the seller."""
    return {
        name: pseudonym(value) if name == "seller" or is_personal(name) else value if name in fields else scrub(value)
        for name, value in fixed.items()
    }
