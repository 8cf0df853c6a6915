"""What kind of hazard a source's word means, in Katy's own words (`data/hazards.toml`)."""

from __future__ import annotations

import re
import tomllib
from collections import Counter
from collections.abc import Iterable
from functools import cache, lru_cache
from importlib import resources

OTHER = "other"
# Common Alerting Protocol 1.2, 3.2.2: severity, from the worst down.
SEVERITIES = ("extreme", "severe", "moderate", "minor", "unknown")
# How sure or how soon, which the National Weather Service says in the event's name: "Flood Watch" is about a flood.
_HOW_SURE = re.compile(r" (?:watch|warning|advisory|statement|outlook|emergency|message|alert|forecast)$")


@cache
def hazards() -> dict[str, str]:
    """Katy's words for hazards, each with its title."""
    return {name: str(said["title"]) for name, said in _table().items()}


@lru_cache(maxsize=4096)
def hazard_of(source_word: str) -> str:
    """The hazard that a source's word means: an event name, an incident type, a code; `OTHER` where it is not known.

    "Flash Flood Warning", "FL" and "Flooding" are all "flood". Of several ("HAIL/ICY ROADS") the first that is known.
    """
    return known_hazard(source_word) or OTHER


@lru_cache(maxsize=4096)
def known_hazard(source_word: str) -> str | None:
    """As `hazard_of`, but None for a word that stands nowhere, so that a reader can tell of it."""
    word = _plain(source_word)
    bare = _HOW_SURE.sub("", word)
    for one in (word, bare, *(_plain(part) for part in re.split(r"[/,;&]| and ", bare))):
        if one in _words():
            return _words()[one]
    return None


def told_unknown(words: Iterable[str]) -> str | None:
    """What to tell of source words that stand nowhere; None where there are none."""
    counted = Counter(words)
    if not counted:
        return None
    told = ", ".join(f'"{word}" ({count})' for word, count in counted.most_common(8))
    return f'no hazard is known for {told}: they stay "{OTHER}" until warehouse/data/hazards.toml says what they mean'


def severity_of_colour(colour: str) -> str | None:
    """A colour of alert as a CAP severity: green minor, yellow moderate, orange severe, red extreme; None for another.

    The order of EUMETNET's MeteoAlarm (CAP profile 1.2, `awareness_level`), whose colours GDACS and USGS PAGER use too.
    """
    return {"green": "minor", "yellow": "moderate", "orange": "severe", "red": "extreme"}.get(colour.strip().casefold())


def worst(severities: list[str | None]) -> str | None:
    """The worst of some severities; unknown is worse only than none."""
    said = [one for one in severities if one in SEVERITIES]
    return min(said, key=SEVERITIES.index) if said else None


def _plain(text: str) -> str:
    return " ".join(text.split()).casefold()


@cache
def _table() -> dict[str, dict[str, list[str] | str]]:
    text = resources.files("warehouse").joinpath("data/hazards.toml").read_text("utf-8")
    table: dict[str, dict[str, list[str] | str]] = tomllib.loads(text)["hazard"]
    return table


@cache
def _words() -> dict[str, str]:
    return {
        _plain(word): name
        for name, said in _table().items()
        for words in said.values()
        if isinstance(words, list)
        for word in words
    }
