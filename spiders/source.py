"""The declaration of a source: what it is, what it gives, how it is read, and on which terms."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import timedelta


@dataclass(frozen=True, slots=True, kw_only=True)
class Source:
    """One way in. A module of `spiders` declares it as `SOURCE`, and `registry.sources` finds it there.

    `records` names the kinds of record it lands, and `reader` the class that reads it ("module:Class", a
    `reader.Reader`). `base` is where it is read by default; None means that it reads any site of its format and must be
    told which. `region` (ISO 3166-2) and `currency` (ISO 4217) hold where an answer says nothing. `delay` is the time
    between two requests to one host, in seconds; `cadence` how often it changes enough to be read again.

    `licence_note` says on which terms it may be read, `follows` which public description of its format it is written
    for, and `fields` how its fields become a record's: record field → path in the payload, for people to read.
    `keys` are the secrets it needs, by name ("ebay_client_id"); without one of them it is skipped. `optional_keys` make
    it give more. `off` says why it is not read until the operator switches it on.
    `personal` names the fields of the payload that hold a person, wherever they stand in it: their values are taken out
    before the payload is archived; where `archived` is False no payload is kept at all.

    `api` means a documented interface for programs: robots.txt, which speaks to crawlers of pages, is not asked there.
    `browser` means that pages are rendered. `targets` are what it is asked for by default (search words, identifiers,
    places "lat,lon"), `target_note` says what a target is, and `search` that
    any words will do; one that `needs_target` has nothing to read without. `largest` is the most bytes of one answer.
    `hosts` are others than the base's own that it may lead to.
    """

    name: str
    title: str
    records: tuple[str, ...]
    reader: str
    licence_note: str
    follows: str
    cadence: timedelta
    fields: Mapping[str, str] = field(default_factory=dict)
    base: str | None = None
    region: str | None = None
    currency: str | None = None
    delay: float = 1.0
    api: bool = False
    browser: bool = False
    keys: tuple[str, ...] = ()
    optional_keys: tuple[str, ...] = ()
    off: str | None = None
    personal: tuple[str, ...] = ()
    archived: bool = True
    targets: tuple[str, ...] = ()
    target_note: str = ""
    search: bool = False
    needs_target: bool = False
    largest: int = 8 * 1024 * 1024
    hosts: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class Limits:
    """What one run may cost: requests, seconds in all and for one answer, bytes of one answer, and how long to wait.

    `bytes` overrules the source's own `largest` where it is given.
    """

    requests: int = 2_000
    seconds: float = 3_600.0
    answer_seconds: float = 30.0
    bytes: int | None = None
    retries: int = 2
    longest_wait: float = 120.0
    first_wait: float = 2.0
