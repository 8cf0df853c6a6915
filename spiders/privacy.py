"""What belongs to persons does not get past the door: sellers become pseudonyms, phones and e-mails are taken out."""

from __future__ import annotations

import re
from collections.abc import Callable, Container, Iterable, Mapping, Sequence
from typing import Protocol

from spiders.files.plan import FIELDS
from spiders.near import near, replaced, run_before
from warehouse.reading.words import fold_header

# Headers (without blanks, case and underscores) of columns that hold a person's name, phone or e-mail.
_WHOSE = r"(?:seller|user|owner|host|agent|contact|account|buyer|bidder|member|customer|advertiser|poster)(?:'?s)?"
_PERSONAL = re.compile(
    rf"(?:{_WHOSE}(?:full|first|last|user|display)?(?:name|nick|nickname|login|handle)|username|nickname|buyer|bidder"
    rf"|sellerid|userid|(?:{_WHOSE})?(?:e-?mail|phoneno|phonenumber|telephone|whatsapp|contactnumber|mobileno)(?:address)?"
    rf"|{_WHOSE}phone|mobilenumber|contact|contactperson|(?:listed|sold|posted|offered|advertised)by)"
)
# Columns where any run of digits is somebody's number, though "phone" may also say what a thing is.
_NUMBERS = re.compile(
    rf"(?:{_WHOSE})?(?:tele)?(?:phone|mobile|cell|cellphone|tel|fax|sms|hotline|call)(?:nr|no|number|#)?"
)
_SIGN = r"(?:@|%40|\uff20)"
# Every part is bounded, so that no text of a hostile page takes long. "photo@2x.png" is a file, "4@2.50" a price.
_EMAIL = re.compile(
    rf"[\w.+-]{{1,64}}{_SIGN}(?!\d+x\.(?:png|jpe?g|webp|gif|avif|svg))"
    r"(?:[\w-]{1,63}\.){1,8}(?:xn--[\w-]{2,59}|[^\W\d_]{2,24})(?![^\W_])"
)
_DISGUISED = re.compile(
    r"[\w.+-]{1,64}(?:\s{0,3}[\[({<]\s{0,3}(?:at|@|\u00e4t)\s{0,3}[\])}>]\s{0,3}[\w-]{1,63}"
    r"(?:\s{0,3}(?:\.|[\[({<]\s{0,3}(?:dot|\.|punkt)\s{0,3}[\])}>]|\sdot\s)\s{0,3}[\w-]{1,63}){1,4}"
    r"|\s(?:at|@)\s[\w-]{1,63}(?:\sdot\s[\w-]{1,63}){1,4}|\s@\s[\w-]{1,63}\.(?:com|net|org|edu|io|co|de|fr|uk|ca)\b)",
    re.IGNORECASE,
)
_BRACKETED = re.compile(r"[\[({<]\s{0,3}(?:[aA\u00e4\u00c4][tT]|@)\s{0,3}[\])}>]")
# Between the groups of a number: blanks, dots, and hyphens of all kinds.
_GAP = r"(?:[\s.\u00b7/]|\s?[\u2010-\u2015-]\s?)"
_MORE = r"(?:[\s.()/\u00b7\u2010-\u2015-]{0,3}\d)"
_PHONE = re.compile(
    rf"(?<![\w.,/-])(?:(?:(?:\+|00)?1{_GAP}?)?(?:\(\d{{3}}\){_GAP}?|\d{{3}}{_GAP})\d{{3}}{_GAP}\d{{4}}"
    rf"|(?:\+|00(?=[1-9]\d?[\s.-]))\d{_MORE}{{6,14}})(?:\s?(?:x|ext\.?)\s?\d{{1,5}})?(?![\w-]|[.,]\d)"
)
# A number that somebody is asked to call, however it is written.
_CALL = re.compile(
    r"\b(?:(?:call|text|txt|telephone|telefon|tel|t\u00e9l|whatsapp|sms|fax|dial|handy|ring|voicemail)"
    r"|(?:phone|mobile|cell|ph)(?=[\s]*(?:[:#+]|(?:number|no|nr|at|me|us)\b)|\s\(?0\d))"
    rf"(?:[\s/_-]{{1,2}}(?:me|us|or|and|text|call|at|on|now|today|anytime|number|no|nr|phone|cell|mobile)\b){{0,5}}"
    rf"[\s.:#_-]{{0,4}}[+(]{{0,2}}\d{_MORE}{{6,14}}(?!\w)",
    re.IGNORECASE,
)
_AT_SIGNS = run_before("@", "%40", "\uff20", signs="._+-", most=64)
# What every number has: soon searched for, and mostly not there.
_COULD_BE_PHONE = re.compile(r"\d\W{1,3}\d{4}|(?<![\w.,/-])(?:[+]\d|00[1-9]\d?[\s.-])")
# The same by shape: 0 for a digit, a for another letter, a blank for the rest.
_SHAPE = bytes(
    48 if chr(code).isdigit() and code < 128 else 97 if chr(code).isalnum() or code == 95 else 32 for code in range(256)
)
_ABROAD = (re.compile(r"\+\d"), re.compile(r"00[1-9]\d?[\s.-]"))
_PHONE_SHAPES = (b"0 0000", b"0  0000", b"0   0000")
_AT_CALLS = near(*"call text txt tel t\u00e9l whatsapp sms fax dial handy ring voicemail mobile cell ph".split())
# What stands before a number of a part, and behind one of a measure: neither can be called.
_PART = re.compile(
    r"(?:\b(?:parts?|p/n|pn|models?|sku|oem|mpn|isbn|upc|ean|serial|item|art|ref|type)[\s.:#]*(?:no|number|nr)?[\s.:#]*)$",
    re.I,
)
_MEASURE = re.compile(
    r"\s?(?:rpm|mm|cm|mah|ah|wh|kw|w|v|hz|psi|bar|lbs?|oz|ft|inch|in|lumens?|lm|px|k|kg|g|mg|ml|l|nm|pcs|pieces|count)\b",
    re.IGNORECASE,
)
_SHORTEST_NAME = 3
# Fields that say what a thing is: a word there is the maker's or the thing's, even where a seller has the same name.
_THINGS = frozenset(
    {"title", "brand", "category", "condition", "region", "unit", "kind", "currency", "series", "statistic"}
)
# Fields that are codes, numbers or addresses: what looks like a phone number there is none.
_CODES = frozenset(
    "id gtin mpn quantity url image observed_at ended_at released_on "
    "period days value volume base quote rate observed_on".split()
)


def scrub(text: str) -> str:
    """The text without e-mail addresses and phone numbers."""
    if "@" in text or "%40" in text or "\uff20" in text:
        text = replaced(_EMAIL, "[e-mail]", text, _AT_SIGNS)
    if len(text) < 10:
        return text
    if _may_be_disguised(text):
        text = _DISGUISED.sub("[e-mail]", text)
    text = _PHONE.sub(_unless_a_part, text) if may_hold_phone(text) else text
    return replaced(_CALL, "[phone]", text, _AT_CALLS)


def _may_be_disguised(text: str) -> bool:
    """Whether a text may hold an address written so that robots do not see it: "ann [at] shop dot org"."""
    low = text.lower()
    for word in ("dot", "@"):
        at = low.find(word)
        while at >= 0:
            if low[at - 1 : at].isspace() and low[at + len(word) : at + len(word) + 1].isspace():
                return True
            at = low.find(word, at + 1)
    return _BRACKETED.search(text) is not None


def may_hold_phone(text: str) -> bool:
    """Whether a text has digits as every phone number of `scrub` and of the archive has them: soon told, mostly no."""
    try:
        shape = text.encode("latin-1").translate(_SHAPE)
    except UnicodeEncodeError:
        return _COULD_BE_PHONE.search(text) is not None
    if any(part in shape for part in _PHONE_SHAPES):
        return True
    return any(pattern.search(text) for pattern in _ABROAD)


def _unless_a_part(found: re.Match[str]) -> str:
    """A number, unless the words around it say that it is a part's or a measure."""
    text = found.string
    part = _PART.search(text[max(0, found.start() - 24) : found.start()])
    return found[0] if part or _MEASURE.match(text, found.end()) else "[phone]"


def scrub_code(text: str) -> str:
    """A code or an address without e-mail addresses: digits in it are no phone's."""
    return _EMAIL.sub("[e-mail]", text) if "@" in text or "%40" in text else text


def scrub_address(url: str) -> str:
    """The address without e-mail addresses and numbers to call."""
    return _CALL.sub("[phone]", scrub_code(url).replace("[e-mail]", "e-mail"))


def shows_person(url: str) -> bool:
    """Whether an address has something in it that must not be kept."""
    return scrub_address(url) != url


def is_personal(header: str) -> bool:
    """Whether a column of this name holds what belongs to a person."""
    return _PERSONAL.fullmatch(fold_header(header)) is not None


def is_number(header: str) -> bool:
    """Whether digits in a column of this name are somebody's phone."""
    return _NUMBERS.fullmatch(fold_header(header)) is not None


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
        numbers = {place for name, place in plan.attributes.items() if is_number(name)}
        self._numbers = numbers - self._persons
        self._codes = sorted(codes - self._persons)
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
        for place in self._codes:
            if "@" in hidden[place] or "%40" in hidden[place]:
                hidden[place] = _EMAIL.sub(lambda found: self._pseudonym(found[0])[:12], hidden[place])
        for place in self._numbers:
            if sum(sign.isdigit() for sign in hidden[place]) >= 7:
                hidden[place] = "[phone]"
        names: dict[str, str] = {}
        for place in self._persons:
            name = hidden[place].strip()
            if name:
                names[name.casefold()] = hidden[place] = self._pseudonym(name)
        if names:
            for place in self._asides:
                hidden[place] = names.get(hidden[place].strip().casefold()) or _without(hidden[place], names)
        return hidden

    def hide_broken(self, text: str) -> str:
        """A broken row's text: where the table has persons, none of it can be told from them, and none is kept."""
        return "" if self._persons else scrub(text)


def _without(text: str, names: Iterable[str]) -> str:
    """A remark without the names (in lower case) that stand in it as words."""
    folded = text.casefold()
    for name in names:
        if len(name) >= _SHORTEST_NAME and name in folded:
            text = re.sub(rf"(?<!\w){re.escape(name)}(?!\w)", "[person]", text, flags=re.IGNORECASE)
    return text


def hide_fixed(
    fixed: Mapping[str, str], pseudonym: Callable[[str], str], fields: Container[str] = FIELDS
) -> dict[str, str]:
    """Values said for all rows, with the persons among them hidden. `fields` are no person's but for the seller."""
    return {
        name: pseudonym(value) if name == "seller" or is_personal(name) else value if name in fields else scrub(value)
        for name, value in fixed.items()
    }
