"""`sources.toml` in the data folder: what the operator says of sources, and sources of his own.

[ebay_browse]
targets = ["dewalt drill", "iphone 13"]

[reverb]
on = true                      # its terms let it be off by default

[corner_shop]                  # a source of one's own: a known reader under another name
reader = "schema_org"
base = "https://shop.example.org/"
currency = "EUR"
"""

from __future__ import annotations

import tomllib
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from pydantic import BaseModel, ConfigDict, Field, ValidationError

from warehouse.errors import BadInput
from warehouse.home import Home

FILE = "sources.toml"


class Said(BaseModel):
    """What an operator may say of one source. Nothing of it has to be said."""

    model_config = ConfigDict(extra="forbid")

    reader: str | None = Field(default=None, description="The source whose reader reads it, for one of your own")
    on: bool = Field(default=False, description="Read it although its terms let it be off by default")
    off: bool = Field(default=False, description="Leave it out of the schedule")
    base: str | None = Field(default=None, description="Where to begin instead of its own address")
    targets: tuple[str, ...] = Field(default=(), description="What it is asked for")
    region: str | None = Field(default=None, description="ISO 3166-2 where it says none")
    currency: str | None = Field(default=None, description="ISO 4217 where it says none")
    delay: float | None = Field(default=None, ge=0, description="Seconds between two requests to one host")
    requests: int | None = Field(default=None, ge=1, description="The most requests of one visit")
    hours: float | None = Field(default=None, gt=0, description="How often it is read by `katy schedule`")


@dataclass(frozen=True, slots=True)
class Named:
    """A source as it is to be read here: the name rows land under, whose reader it has, and what was said of it."""

    name: str
    reader: str
    said: Said


def sources_here(home: Home) -> dict[str, Named]:
    """Every source by name: the declared ones and the operator's own. BadInput where the file cannot be used."""
    from spiders.registry import sources

    known = sources()
    here = {name: Named(name, name, Said()) for name in known}
    for name, values in _read(home.root / FILE).items():
        said = _said(home, name, values)
        reader = said.reader or name
        if reader not in known:
            raise BadInput(
                f"{home.root / FILE}: [{name}] is read like no source there is; say reader = one of {', '.join(known)}"
            )
        here[name] = Named(name, reader, said)
    return dict(sorted(here.items()))


def source_here(home: Home, name: str) -> Named:
    """One of them; BadInput names the ones there are."""
    from spiders.registry import source_named

    here = sources_here(home)
    return here[name] if name in here else Named(name, source_named(name).name, Said())


def _read(path: Path) -> dict[str, Any]:
    try:
        return tomllib.loads(path.read_text(encoding="utf-8"))
    except FileNotFoundError:
        return {}
    except (tomllib.TOMLDecodeError, UnicodeDecodeError, OSError) as error:
        raise BadInput(f"{path} cannot be read: {error}") from error


def _said(home: Home, name: str, values: Any) -> Said:
    try:
        return Said.model_validate(values)
    except ValidationError as error:
        first = error.errors()[0]
        at = ".".join(str(part) for part in first["loc"]) or "it"
        raise BadInput(
            f"{home.root / FILE}: [{name}] {at}: {first['msg']}. What can be said: {', '.join(Said.model_fields)}"
        ) from error
