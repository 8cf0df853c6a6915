"""The declaration of a source: what it is, what it gives, how it is read, and on which terms."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import timedelta


@dataclass(frozen=True, slots=True, kw_only=True)
class Source:
    """One way in. A module of `spiders` declares it as `SOURCE`, and `registry.sources` finds it there.

    `record` names the records it lands. `base` is where it is read by default; None means that it reads any site of its
    format and must be told which. `spider` is the Scrapy spider ("module:Class"), `region` and `currency` what holds
    where a page says nothing. `delay` is the time between two requests to one domain, in seconds. `cadence` is how
    often it changes enough to be read again.
    """

    name: str
    title: str
    record: str
    spider: str
    licence_note: str
    cadence: timedelta
    base: str | None = None
    region: str | None = None
    currency: str | None = None
    delay: float = 1.0
    browser: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class Limits:
    """What one run may cost: requests, seconds in all and for one answer, bytes of one answer, and how long to wait."""

    requests: int = 2_000
    seconds: float = 3_600.0
    answer_seconds: float = 30.0
    bytes: int = 8 * 1024 * 1024
    retries: int = 2
    longest_wait: float = 120.0
    first_wait: float = 2.0
