"""What belongs to persons is taken out of a payload before it is archived: declared fields, sellers, e-mails, phones.

The archive is for reading a source again and for showing where a price came from; neither needs a name. Redaction would
rather take too much than too little: a number that merely looks like a phone goes too, and a name goes wherever it
stands, in every way a page can write it.
"""

from __future__ import annotations

import functools
import html
import json
import re
from collections.abc import Iterable, Iterator
from html.entities import codepoint2name
from urllib.parse import quote

from spiders.near import Starts, brace_before, matches, near, replaced, run_before
from spiders.privacy import is_number, is_personal, may_hold_phone, scrub

# Keys that hold a person wherever they stand, in JSON-LD, microdata and APIs alike.
_ALWAYS = (
    "telephone phone phoneNumber mobile faxNumber email e-mail emailAddress contactPhone contactEmail givenName "
    "familyName sellerName seller_name sellerUsername userName user_name username screenName nickname"
)
# Keys and properties whose object is a person, or whose text is one's name.
_ROLES = "seller|author|creator|reviewer|offeredBy|contactPoint|owner|user|sellerInfo|postedBy|listedBy|shop"
# A quotation mark: plain, inside a text of JSON, inside an attribute.
_QUOTE = r'(?:\\{0,3}"|&quot;|&#0*34;|&#x0*22;)'
_SPACE = r"(?:\s|\\n|\\t){0,40}"
# One sign of a text: a quotation mark behind a backslash, or of a text inside this one, does not end it.
_SIGN = r'(?:\\\\\\"|\\.|[^\\])'
# A text ends with the mark that it began with.
_VALUE = rf"(?P<mark>{_QUOTE})(?P<said>(?:(?!(?P=mark)){_SIGN}){{0,4000}})(?:(?P=mark)|$)"
_AT = r"(?:@|%40|&#0*64;|&#x0*40;|&commat;|\\+u0040|\\x40|\uff20)"
_DOT = r"(?:\.|%2e|&#0*46;|&#x0*2e;|&period;|\\+u002e|\\x2e)"
_EMAIL = re.compile(
    rf"[\w.+%-]{{1,64}}{_AT}(?!\d+x\.(?:png|jpe?g|webp|gif|avif|svg))[\w-]{{1,63}}(?:{_DOT}[\w-]{{1,63}}){{1,8}}",
    re.IGNORECASE,
)
# Pages hide addresses from simple robots: every letter an entity, or a key and bytes (Cloudflare).
_ENTITIES = re.compile(r"(?:&#(?:\d{2,7}|x[0-9a-f]{2,6});|[\w.+-]){6,400}", re.IGNORECASE)
_CLOUDFLARE = re.compile(r"(data-cfemail=[\"']|email-protection#)[0-9a-f]+", re.IGNORECASE)
_LINK = re.compile(
    r"\b(tel|callto|sms|smsto|mailto|whatsapp|skype)(:|%3a)[^\"'<>\s\\]+|(wa\.me/|whatsapp\.com/send\?phone=)\+?\d+",
    re.I,
)
_BARE_PHONE = re.compile(r"(?<![\w.,/#=-])\(?\d{3}\)?[ .-]?\d{3}[ .-]\d{4}(?![\w-])")
_ATTRIBUTE = re.compile(
    r"(\b(?:data-)?(?:seller|user|owner|author|contact|phone|telephone|tel|mobile|e?mail)(?:-?(?:name|full-?name|phone|number"
    r"|e?mail|nick|nickname|login))?\s*=\s*)(?:\"[^\"]{0,4000}\"|'[^']{0,4000}')",
    re.IGNORECASE,
)
_META = re.compile(
    r"(<meta\b[^>]{0,200}\b(?:name|property)=[\"'](?:author|article:author|profile:\w+)[\"'][^>]{0,200}content=[\"'])[^\"']+",
    re.I,
)
_MICRODATA = re.compile(
    rf"itemprop=[\"'](?:{_ROLES})[\"'].{{0,600}}?itemprop=[\"']name[\"'][^>]{{0,200}}?(?:content=[\"']([^\"']{{1,200}})|>\s*([^<>]{{1,200}}))",
    re.IGNORECASE | re.DOTALL,
)
_NAMED_BY_TEXT = re.compile(rf"{_QUOTE}(?:{_ROLES}){_QUOTE}{_SPACE}:{_SPACE}{_VALUE}", re.IGNORECASE)
_NAMED_BY_OBJECT = re.compile(
    rf"{_QUOTE}(?:{_ROLES}){_QUOTE}{_SPACE}:{_SPACE}\[?{_SPACE}\{{[^{{}}]{{0,4000}}?{_QUOTE}name{_QUOTE}{_SPACE}:{_SPACE}{_VALUE}",
    re.I,
)
_PERSON = re.compile(rf"{_QUOTE}Person{_QUOTE}[^{{}}]{{0,2000}}?{_QUOTE}name{_QUOTE}{_SPACE}:{_SPACE}{_VALUE}")
# What leads to a person, in a person's object; and a property that is given by its name.
_THEIRS = re.compile(
    rf"{_QUOTE}(?:{_ROLES}){_QUOTE}{_SPACE}:{_SPACE}\[?{_SPACE}\{{[^{{}}]{{0,4000}}|\{{[^{{}}]{{0,2000}}?{_QUOTE}Person{_QUOTE}[^{{}}]{{0,2000}}",
    re.I,
)
_LINKS = re.compile(
    rf"({_QUOTE}(?:@id|url|sameAs|image|logo|href|slug|login|handle){_QUOTE}{_SPACE}:{_SPACE})({_QUOTE})(?:(?!{_QUOTE}).){{0,2000}}{_QUOTE}",
    re.I,
)
_PROPERTY = re.compile(
    rf"({_QUOTE}name{_QUOTE}{_SPACE}:{_SPACE}{_QUOTE}([\w \'#-]{{1,40}}){_QUOTE}{_SPACE},{_SPACE}"
    rf"{_QUOTE}value{_QUOTE}{_SPACE}:{_SPACE})"
    rf"({_QUOTE}(?:(?!{_QUOTE}).){{0,2000}}{_QUOTE}|\d+)",
    re.I,
)
_PLAIN = re.compile(r"[A-Za-z0-9]+")
_SHORTEST_NAME = 3
# Where each of these can begin: a quotation mark has up to so many letters, an address so many before its sign.
_QUOTED, _MARKS = 10, '"\\&'
_AT_ROLES = near(*_ROLES.lower().split("|"), back=_QUOTED, first=_MARKS)
_AT_PERSONS = near("person", back=_QUOTED, first=_MARKS)
_AT_ATTRIBUTES = near(
    "seller", "user", "owner", "author", "contact", "phone", "tel", "mobile", "mail", back=6, first="de"
)
_SCHEMES = "tel callto sms smsto mailto whatsapp skype".split()
_AT_LINKS = (
    near(*(f"{scheme}:" for scheme in _SCHEMES)),
    near(*(f"{scheme}%3a" for scheme in _SCHEMES), only_with="%3a"),
    near("wa.me/", "whatsapp.com/send?phone="),
)
_AT_SIGNS = (
    run_before("@", "%40", "\uff20", signs="._+%-", most=64),
    run_before(
        "&#64;", "&#064;", "&#0064;", "&#x40;", "&#x040;", "&#x0040;", "&commat;", signs="._+%-", most=64, only_with="&"
    ),
    run_before("\\u0040", "\\x40", "\\\\u0040", signs="._+%-", most=64, only_with="\\"),
)


def redact(text: str, personal: tuple[str, ...], persons: Iterable[str]) -> str:
    """The text without the values of `personal` keys, without the names of `persons` and of those that the text itself
    calls a seller or an author, without e-mail addresses and phones."""
    # What is a key of the payload too, or has no letter, is part of its form and no name.
    named = {name for name in _named(text) if f'"{name}"' not in text or f'"{name}":' not in text.replace('" :', '":')}
    names = {name for name in (*persons, *named) if any(map(str.isalpha, name))}
    text = replaced(_keys(personal), _person_instead, text, _at_keys(personal))
    text = replaced(
        _THEIRS, lambda found: _LINKS.sub(r"\1\2[person]\2", found[0]), text, _AT_ROLES, brace_before("person")
    )
    text = replaced(_PROPERTY, _unless_a_thing, text, near("name", back=_QUOTED, first=_MARKS))
    text = replaced(_items(personal), r"\1[person]", text, near("itemprop"))
    text = replaced(_ATTRIBUTE, r'\1"[person]"', text, _AT_ATTRIBUTES)
    text = replaced(_META, r"\1[person]", text, near("<meta"))
    text = replaced(_CLOUDFLARE, r"\1", text, near("data-cfemail", "email-protection#"))
    if "&#" in text:
        text = _ENTITIES.sub(_unless_an_address, text)
    ways = sorted(
        {name.strip() for name in names if len(name.strip()) >= _SHORTEST_NAME and "://" not in name}, key=len
    )
    if ways:
        text = _without_names(text, ways[::-1])
    text = replaced(
        _LINK, lambda found: f"{found[1]}:[person]" if found[1] else f"{found[3]}[person]", text, *_AT_LINKS
    )
    text = replaced(_EMAIL, "[e-mail]", text, *_AT_SIGNS)
    return scrub(_BARE_PHONE.sub("[phone]", text) if may_hold_phone(text) else text)


def _without_names(text: str, names: list[str]) -> str:
    """The text without names, the longest first."""
    pattern = re.compile("|".join(map(_as_words, names)), re.IGNORECASE)
    plain = [_PLAIN.match(name) for name in names]
    if None in plain:
        # One that begins with a sign may be written in many ways, from its first letter on.
        return pattern.sub("[person]", text)
    return replaced(pattern, "[person]", text, near(*{found[0].lower() for found in plain if found}))


def _named(text: str) -> Iterator[str]:
    """The names that a page gives to sellers, authors and persons, as they are meant."""
    for pattern, places in ((_NAMED_BY_TEXT, _AT_ROLES), (_NAMED_BY_OBJECT, _AT_ROLES), (_PERSON, _AT_PERSONS)):
        for found in matches(pattern, text, places):
            yield _meant(found["said"])
    for found in matches(_MICRODATA, text, near("itemprop")):
        yield html.unescape(found[1] or found[2])


def _meant(written: str) -> str:
    """What a text of JSON means, also one inside an attribute or inside another text of JSON."""
    meant = html.unescape(written)
    for _ in range(2):
        if "\\" in meant:
            try:
                meant = json.loads(f'"{meant}"')
            except ValueError:
                break
    return str(meant)


def _as_words(name: str) -> str:
    """A pattern for a name that is no part of another word, in whatever way its signs are written."""
    before = r"(?<!\w)" if name[:1].isalnum() else ""
    after = r"(?!\w)" if name[-1:].isalnum() else ""
    return f"{before}{''.join(map(_sign, name))}{after}"


@functools.cache
def _sign(sign: str) -> str:
    """A sign as it is, or escaped for JSON, HTML or an address; blanks also as in a link."""
    if sign.isascii() and sign.isalnum():
        return sign
    code = ord(sign)
    ways = [
        re.escape(sign),
        rf"&#0*{code};",
        rf"&#x0*{code:x};",
        rf"\\{{1,2}}u{code:04x}",
        re.escape(quote(sign, safe="")),
    ]
    if code in codepoint2name:
        ways.append(f"&{codepoint2name[code]};")
    if sign in '"/\\':
        ways.append(rf"\\{{1,3}}{re.escape(sign)}")
    if sign == "'":
        ways += ["&apos;", "\u2019", r"\\{1,2}'"]
    if sign.isspace():
        ways += [r"\s", "&nbsp;", r"\+", "[-_]"]
    return f"(?:{'|'.join(dict.fromkeys(ways))})"


def _person_instead(found: re.Match[str]) -> str:
    mark = found[2] or '"'
    return f"{found[1]}{mark}[person]{mark}"


def _unless_a_thing(found: re.Match[str]) -> str:
    """A property's name and value, the value only where the name is not a person's."""
    theirs = is_personal(found[2]) or is_number(found[2]) or found[2].lower() == "seller"
    return (
        f'{found[1]}"[person]"'
        if theirs and found[3][0] in '"0123456789'
        else f"{found[1]}[person]"
        if theirs
        else found[0]
    )


def _unless_an_address(found: re.Match[str]) -> str:
    """A run of letters and entities, unless it spells an e-mail address."""
    meant = html.unescape(found[0]) if "&#" in found[0] else ""
    return "[e-mail]" if "@" in meant and "." in meant.partition("@")[2] else found[0]


@functools.cache
def _names(personal: tuple[str, ...]) -> str:
    return "|".join(re.escape(name) for name in dict.fromkeys((*_ALWAYS.split(), *personal)))


@functools.cache
def _at_keys(personal: tuple[str, ...]) -> Starts:
    # What is in all of them, rather than all of them.
    stems = [name.lower() for name in personal]
    return near("phone", "mobile", "faxnumber", "mail", "name", *stems, back=_QUOTED + 10, first=_MARKS)


@functools.cache
def _keys(personal: tuple[str, ...]) -> re.Pattern[str]:
    """`"key": "value"` and `"key": 12` of JSON, also inside a page's script or attribute; the value is what goes."""
    return re.compile(
        rf"({_QUOTE}(?:{_names(personal)}){_QUOTE}{_SPACE}:{_SPACE})"
        rf"(?:({_QUOTE})(?:(?!\2){_SIGN}){{0,100000}}(?:\2|$)|-?\d[\d.]*|\[[^\[\]{{}}]*\])",
        re.IGNORECASE | re.DOTALL,
    )


@functools.cache
def _items(personal: tuple[str, ...]) -> re.Pattern[str]:
    """`<x itemprop="telephone">value` and `itemprop="email" content="value"` of microdata."""
    return re.compile(rf"(itemprop=[\"'](?:{_names(personal)})[\"'][^>]*?(?:content=[\"']|>))[^\"'<]+", re.IGNORECASE)
