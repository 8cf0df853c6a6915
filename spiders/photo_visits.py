"""Which photos of listings have not been looked at, and the visits that look at them: one host after the other.

What has landed counts as looked at, also before it is loaded, and what was refused is not asked for again. No host can
hold up the others: photos are taken from each in turn.
"""

from __future__ import annotations

import itertools
import json
import re
import time
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field, replace
from datetime import datetime
from typing import Any

import pyarrow as pa
import pyarrow.parquet as pq
from duckdb import DuckDBPyConnection

from spiders.agent.begin import site_name
from spiders.agent.collect import collect
from spiders.agent.report import CollectReport
from spiders.photos import SOURCE, Shown
from spiders.source import Limits
from warehouse.errors import BadInput, KatyError
from warehouse.home import Home
from warehouse.landing import landed
from warehouse.records import PhotoLook, Quarantined

# Scheme and host; whoever has a user name in it is not asked.
_SITE = re.compile(r"(https?://[^/?#@\s\\]+)(?:[/?#]\S*)?", re.IGNORECASE)
_BATCH = 10_000
_PHOTOS = """
    SELECT source, id, image FROM mart.listing
    WHERE image ILIKE 'http%://%'
    ORDER BY last_seen DESC, source, id
"""
# The name of a source has at most 64 signs.
_LONGEST_NAME = 64


@dataclass(slots=True)
class Visits:
    """What became of a round of visits: a report for each host, and the hosts that were not asked and why."""

    reports: list[CollectReport] = field(default_factory=list)
    not_asked: dict[str, str] = field(default_factory=dict)


def collect_photos(
    home: Home,
    connection: DuckDBPyConnection,
    *,
    most: int,
    user_agent: str,
    clock: Callable[[], datetime],
    say: Callable[[str], None],
    base: str | None = None,
    delay: float | None = None,
    again: bool = False,
    limits: Limits | None = None,
) -> Visits:
    """Look at up to `most` photos of a snapshot's listings that have not been looked at, and land their looks.

    `base` asks that site alone, which may then be a private one; `again` asks also for what was refused before.
    `limits.seconds` is for all visits together. BadInput where the base is no web address.
    """
    limits = limits or Limits()
    until = time.monotonic() + limits.seconds
    only = None if base is None else site_of(base)
    if base is not None and only is None:
        raise BadInput(f'"{base}" is no web address: --base https://img.example.org')
    done = Visits()
    for site, photos in waiting(home, connection, most=most, only=only, again=again).items():
        left = until - time.monotonic()
        if left <= 0:
            done.not_asked[site] = "the time was up"
            continue
        report = collect(
            SOURCE.name,
            home,
            base=f"{site}/",
            # An address in a listing is no operator's word.
            typed=base is not None,
            name=f"{SOURCE.name}-{site_name(site)}"[:_LONGEST_NAME],
            targets=tuple(itertools.chain.from_iterable(photo.targets() for photo in photos)),
            user_agent=user_agent,
            clock=clock,
            say=say,
            delay=delay,
            limits=replace(limits, seconds=left),
        )
        done.reports.append(report)
    return done


def waiting(
    home: Home, connection: DuckDBPyConnection, *, most: int, only: str | None = None, again: bool = False
) -> dict[str, list[Shown]]:
    """The photos to look at next, by site: those of the listings seen last, each site's in turn, `most` in all."""
    known = set(_looked_at(home)) | (set() if again else set(_refused(home)))
    sites: dict[str, dict[str, list[tuple[str, str]]]] = {}
    for source, name, image in _in_batches(connection.execute(_PHOTOS)):
        site = site_of(image)
        if site is None or (only is not None and site != only) or (source, name, image) in known:
            continue
        photos = sites.setdefault(site, {})
        if image in photos or len(photos) < most:
            photos.setdefault(image, []).append((source, name))
    turns = itertools.zip_longest(*([(site, url) for url in photos] for site, photos in sites.items()))
    taken = itertools.islice(filter(None, itertools.chain.from_iterable(turns)), most)
    found: dict[str, list[Shown]] = {}
    for site, url in taken:
        found.setdefault(site, []).append(Shown(url, tuple(sites[site][url])))
    return found


def site_of(url: str) -> str | None:
    """Scheme, host and port of a web address, in lower case; None where it is none that may be asked."""
    found = _SITE.fullmatch(url.strip())
    return found[1].lower() if found else None


def _in_batches(cursor: Any) -> Iterator[tuple[str, str, str]]:
    while rows := cursor.fetchmany(_BATCH):
        yield from rows


def _looked_at(home: Home) -> Iterator[tuple[str, str, str]]:
    for row in _landed(home, PhotoLook.record, PhotoLook.key):
        yield row["of_source"], row["id"], row["image"]


def _refused(home: Home) -> Iterator[tuple[str, str, str]]:
    for row in _landed(home, Quarantined.record, ("of_record", "row_json")):
        if row["of_record"] == PhotoLook.record:
            said: Mapping[str, str] = json.loads(row["row_json"])
            yield said.get("of_source", ""), said.get("id", ""), said.get("image", "")


def _landed(home: Home, record: str, columns: tuple[str, ...]) -> Iterator[dict[str, Any]]:
    for path in landed(home, record):
        try:
            yield from pq.read_table(path, columns=list(columns), partitioning=None).to_pylist()
        except (pa.ArrowException, OSError) as error:
            raise KatyError(f"{path} cannot be read ({error}); the next `katy run` sets it aside") from error
