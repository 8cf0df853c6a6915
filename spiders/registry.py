"""All sources there are. A new one is a new module with a `SOURCE`; nothing else has to be told."""

from __future__ import annotations

import functools
import importlib
import pkgutil

import spiders
from spiders.reader import Reader, Visit
from spiders.source import Source
from warehouse.errors import BadInput
from warehouse.reading.words import nearest


@functools.cache
def sources() -> dict[str, Source]:
    """Every declared source by its name, in the order of names."""
    found: dict[str, Source] = {}
    for module in pkgutil.iter_modules(spiders.__path__):
        if module.ispkg:
            continue
        source = getattr(importlib.import_module(f"spiders.{module.name}"), "SOURCE", None)
        if isinstance(source, Source):
            found[source.name] = source
    return dict(sorted(found.items()))


def source_named(name: str) -> Source:
    """The source of that name; BadInput names the ones there are."""
    known = sources()
    if name not in known:
        near = nearest(name, known)
        meant = f'; did you mean "{near}"?' if near else ""
        raise BadInput(f'there is no source "{name}"{meant} There are: {", ".join(known)} (`katy sources` tells more)')
    return known[name]


def reader_of(source: Source, visit: Visit) -> Reader:
    """The source's reader, made for a visit."""
    module, _, name = source.reader.partition(":")
    reader: Reader = getattr(importlib.import_module(module), name)(visit)
    return reader
