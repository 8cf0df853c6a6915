"""The tree of categories: goods and services, what each is called, how it is taxed, how long it lasts.

It is data: `data/taxonomy.toml` holds the vocabularies (tax categories, essentials, sources of lives, connecting
words), `data/categories/*.toml` the categories. A file that does not hold together is refused with the file, the
entry and the way out.
"""

from __future__ import annotations

import re
import tomllib
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field, fields, replace
from functools import cache
from importlib import resources
from importlib.resources.abc import Traversable
from typing import Any

from features.taxonomy.words import phrase
from warehouse.errors import BadInput

OTHER = "other"

_ID = re.compile(r"^[a-z][a-z0-9_]*$")
# The Standard Occupational Classification of 2018 (US Bureau of Labor Statistics): major group and detail.
_OCCUPATION = re.compile(r"^\d\d-\d{4}$")
_INHERITED = ("tax", "essential", "life", "life_source", "attributes")
_CONNECTING = ("for", "for_if_named", "with", "and", "included", "holding", "not_fitted", "not_joining", "describing")
_SCHEMES = ("ebay", "google", "craigslist", "facebook", "names")


@dataclass(frozen=True, slots=True)
class Category:
    """One category.

    `words` name the thing itself ("drill"), `names` are makes and models that imply it ("iphone"), `weak` words count
    only where nothing else is said ("light"). `signs` are words that show that the whole device is offered ("unlocked",
    "gb"). `life` is years of use, by `life_source`. `accessory_of` is what an accessory is used with; `default` marks
    the accessory that a thing is when only "for X" is known of it. `aliases`: marketplace → its ids and names.
    """

    id: str
    label: str
    parent: str | None = None
    words: tuple[str, ...] = ()
    names: tuple[str, ...] = ()
    weak: tuple[str, ...] = ()
    signs: tuple[str, ...] = ()
    tax: str = ""
    essential: tuple[str, ...] = ()
    life: float | None = None
    life_source: str = ""
    attributes: tuple[str, ...] = ()
    accessory_of: tuple[str, ...] = ()
    default: bool = False
    occupation: str | None = None
    aliases: Mapping[str, tuple[str, ...]] = field(default_factory=dict)
    examples: tuple[str, ...] = ()


_FIELDS = frozenset(each.name for each in fields(Category)) - {"id"}


@dataclass(frozen=True)
class Tree:
    """All categories by id, in the order of the files, with the vocabularies they use.

    `tax`, `essential` and `lives` map each key to what it means; `connecting` has the words that join the parts of a
    title.
    """

    categories: Mapping[str, Category]
    tax: Mapping[str, str]
    essential: Mapping[str, str]
    lives: Mapping[str, str]
    connecting: Mapping[str, frozenset[str]]

    def __getitem__(self, name: str) -> Category:
        if name not in self.categories:
            raise BadInput(f'"{name}" is not a category; `features/data/categories` lists them')
        return self.categories[name]

    def __contains__(self, name: object) -> bool:
        return name in self.categories

    def path(self, name: str) -> list[str]:
        """A category and all above it, the root last."""
        out = [name]
        while (above := self[out[-1]].parent) is not None:
            out.append(above)
        return out

    def under(self, name: str, group: str) -> bool:
        """Whether a category is `group` or lies below it; a name the tree does not know lies nowhere."""
        return name in self.categories and group in self.path(name)

    def children(self, name: str) -> list[str]:
        return [each.id for each in self.categories.values() if each.parent == name]

    def leaves(self) -> list[str]:
        """The categories without children, in order."""
        parents = {each.parent for each in self.categories.values()}
        return [name for name in self.categories if name not in parents]

    def fits(self, accessory: str, thing: str) -> bool:
        """Whether the first is an accessory of the second, or of a group the second lies in."""
        above = self.path(thing) if thing in self else []
        return accessory in self and any(target in above for target in self[accessory].accessory_of)


@cache
def tree() -> Tree:
    """The tree that Katy comes with."""
    return read_tree(resources.files("features").joinpath("data"))


def read_tree(folder: Traversable) -> Tree:
    """Read `taxonomy.toml` and `categories/*.toml` of a folder.

    Raises:
        BadInput: a file is no TOML, or an entry names what there is not; the message says which and what to do.
    """
    said = _toml(folder.joinpath("taxonomy.toml"))
    vocabularies = {name: _texts(said, name) for name in ("tax", "essential", "life_source")}
    joining = said.get("connecting", {})
    for name in _CONNECTING:
        _check_list(f"taxonomy.toml: [connecting] {name}", joining.get(name))
    connecting = {name: frozenset(phrase(word) for word in joining[name]) for name in _CONNECTING}
    raw: dict[str, tuple[str, dict[str, Any]]] = {}
    files = [file for file in folder.joinpath("categories").iterdir() if file.name.endswith(".toml")]
    for file in sorted(files, key=lambda each: each.name):
        for name, entry in _toml(file).items():
            if name in raw:
                raise BadInput(f"{file.name}: category [{name}] is also in {raw[name][0]}; keep one of the two")
            raw[name] = (file.name, entry)
    categories = {name: _category(name, where, entry, vocabularies) for name, (where, entry) in raw.items()}
    places = {name: where for name, (where, _) in raw.items()}
    _check_links(categories, places)
    whole = {name: _inherit(categories, {key: entry for key, (_, entry) in raw.items()}, name) for name in categories}
    _check_whole(whole, places)
    return Tree(whole, vocabularies["tax"], vocabularies["essential"], vocabularies["life_source"], connecting)


def _toml(file: Traversable) -> dict[str, Any]:
    try:
        return tomllib.loads(file.read_text("utf-8"))
    except tomllib.TOMLDecodeError as wrong:
        raise BadInput(f"{file.name} is not TOML: {wrong}") from None


def _texts(said: Mapping[str, Any], name: str) -> dict[str, str]:
    found = said.get(name)
    if not isinstance(found, dict) or not all(isinstance(text, str) for text in found.values()):
        raise BadInput(f'taxonomy.toml: [{name}] is a table of key = "what it means"')
    return found


def _category(name: str, where: str, entry: Any, known: Mapping[str, Mapping[str, str]]) -> Category:
    """One entry of a file, each field of the right type and each key of a vocabulary known."""
    place = f"{where}: category [{name}]"
    if not _ID.match(name) or not isinstance(entry, dict):
        raise BadInput(f'{place} is a table whose name has small letters, digits and "_"')
    if unknown := sorted(set(entry) - _FIELDS):
        raise BadInput(f'{place} has a field "{unknown[0]}"; the fields are {", ".join(sorted(_FIELDS))}')
    if not isinstance(entry.get("label"), str):
        raise BadInput(f'{place} has no label; add label = "what people read"')
    lists = ("words", "names", "weak", "signs", "essential", "attributes", "accessory_of", "examples")
    for each in lists:
        _check_list(f"{place}, {each}", entry.get(each, []))
    aliases = entry.get("aliases", {})
    if not isinstance(aliases, dict) or not set(aliases) <= set(_SCHEMES):
        raise BadInput(f"{place}, aliases: a table of lists with the keys {', '.join(_SCHEMES)}")
    for scheme, ids in aliases.items():
        _check_list(f"{place}, aliases.{scheme}", ids)
    for each, vocabulary in (("tax", "tax"), ("life_source", "life_source")):
        if each in entry and entry[each] not in known[vocabulary]:
            raise _unknown(place, each, entry[each], known[vocabulary])
    for flag in entry.get("essential", []):
        if flag not in known["essential"]:
            raise _unknown(place, "essential", flag, known["essential"])
    if "occupation" in entry and not _OCCUPATION.match(str(entry["occupation"])):
        raise BadInput(f'{place}, occupation "{entry["occupation"]}": a SOC 2018 code is written 39-5011')
    life = entry.get("life")
    if life is not None and (isinstance(life, bool) or not isinstance(life, int | float) or life <= 0):
        raise BadInput(f"{place}, life {life!r}: years of use, a number above 0")
    made = {**entry, **{each: tuple(entry[each]) for each in lists if each in entry}}
    return Category(id=name, **{**made, "aliases": {scheme: tuple(ids) for scheme, ids in aliases.items()}})


def _check_list(place: str, value: Any) -> None:
    if not isinstance(value, list) or not all(isinstance(each, str) and each.strip() for each in value):
        raise BadInput(f'{place} is a list of texts: ["one", "two"]')


def _unknown(place: str, name: str, value: Any, known: Iterable[str]) -> BadInput:
    return BadInput(
        f'{place}, {name} "{value}" is not in taxonomy.toml; use one of {", ".join(known)}, or add it there'
    )


def _check_links(categories: Mapping[str, Category], places: Mapping[str, str]) -> None:
    """Parents and accessories exist, and nothing lies below itself."""
    for each in categories.values():
        place = f"{places[each.id]}: category [{each.id}]"
        links = [("parent", each.parent)] if each.parent else []
        for name, target in [*links, *(("accessory_of", target) for target in each.accessory_of)]:
            if target not in categories:
                raise BadInput(f'{place}, {name} "{target}" is not a category; add [{target}] or name another')
        seen, above = [each.id], each.parent
        while above is not None:
            if above in seen:
                raise BadInput(f"{place} lies below itself ({' < '.join([*seen, above])}); change one parent")
            seen.append(above)
            above = categories[above].parent


def _inherit(categories: Mapping[str, Category], raw: Mapping[str, Mapping[str, Any]], name: str) -> Category:
    """A category with what it leaves unsaid taken from the nearest above that says it; an empty list is said."""
    said, above = set(raw[name]), categories[name].parent
    values: dict[str, Any] = {}
    while above is not None:
        for inherited in _INHERITED:
            if inherited in raw[above] and inherited not in said:
                said.add(inherited)
                values[inherited] = getattr(categories[above], inherited)
        above = categories[above].parent
    return replace(categories[name], **values)


def phrases(category: Category) -> Iterator[tuple[str, str]]:
    """(kind, phrase as looked up) of all words of a category."""
    return ((kind, phrase(text)) for kind in ("words", "names", "weak") for text in getattr(category, kind))


def alias_keys(category: Category) -> Iterator[str]:
    """What a source may call a category, as it is looked up: its id, its names, eBay's ids bare, others with scheme."""
    yield category.id
    yield phrase(category.id.replace("_", " "))
    for scheme, ids in category.aliases.items():
        for one in ids:
            if scheme == "ebay":
                yield one
            yield phrase(one) if scheme == "names" else f"{scheme}:{one}"


def _check_whole(categories: Mapping[str, Category], places: Mapping[str, str]) -> None:
    """Every category is taxed, every life has a source, and no word or alias means two things."""
    words: dict[str, str] = {}
    aliases: dict[str, str] = {}
    for each in categories.values():
        place = f"{places[each.id]}: category [{each.id}]"
        if not each.tax:
            raise BadInput(f"{place} has no tax category, nor has one above it; add tax")
        if each.life is not None and not each.life_source:
            raise BadInput(f'{place} has a life without life_source; add one, "estimate" for a plain guess')
        own: set[str] = set()
        for kind, text in phrases(each):
            if text in own:
                raise BadInput(f'{place}, {kind}: "{text}" stands there twice; keep one')
            own.add(text)
            if not text or words.setdefault(text, each.id) != each.id:
                raise BadInput(f'{place}, {kind}: "{text}" already means [{words[text]}]; keep it in one of the two')
        for key in alias_keys(each):
            if aliases.setdefault(key, each.id) != each.id:
                raise BadInput(f'{place}, aliases: "{key}" already means [{aliases[key]}]; keep it in one of the two')
