"""The laws on prices in a disaster and the classes of goods they speak of, as data files with their legal source.

A file is a jurisdiction: what statute, who must have declared the emergency, and for which goods how many per cent over
the price before, for how many days. A statute without a percentage is kept too: it limits nothing, and says so.
"""

from __future__ import annotations

import tomllib
from collections.abc import Mapping
from datetime import date
from functools import cache
from importlib import resources
from typing import Literal

from pydantic import BaseModel, ConfigDict, Field, model_validator

from features.taxonomy import Tree, tree

ANY = "any"
Declarer = Literal["federal", "state", "local"]


class _File(BaseModel):
    model_config = ConfigDict(frozen=True, extra="forbid")


class GoodsClass(_File):
    """A class of goods: keys of the taxonomy's essentials, and categories with all below them."""

    means: str
    needed: bool
    essential: tuple[str, ...] = ()
    categories: tuple[str, ...] = ()

    def holds(self, category: str, known: Tree) -> bool:
        """Whether a category belongs to the class; one that the tree does not know belongs to none."""
        if category not in known:
            return False
        return bool(set(self.essential) & set(known[category].essential)) or any(
            known.under(category, group) for group in self.categories
        )


class Limit(_File):
    """Per cent over the price before (None: the statute names none), and how long.

    `days` count from the declaration; None is as long as the emergency. `days_after_end` go on after its end, where the
    end is known.
    """

    goods: tuple[str, ...]
    over: str
    percent: float | None = Field(default=None, ge=0)
    days: int | None = Field(default=None, gt=0)
    days_after_end: int | None = Field(default=None, ge=0)


class Statute(_File):
    """The law of one jurisdiction (ISO 3166-2). `read` says what was read on `looked_up` to fill the file."""

    jurisdiction: str = Field(pattern=r"^[A-Z]{2}(-[A-Z0-9]{1,3})?$")
    name: str
    citation: str
    source: str = Field(pattern="^https://")
    read: str
    looked_up: date
    declared_by: tuple[Declarer, ...]
    note: str
    limit: tuple[Limit, ...]

    @model_validator(mode="after")
    def _classes_are_known(self) -> Statute:
        strange = {name for each in self.limit for name in each.goods} - {*goods_classes(), ANY}
        if strange:
            raise ValueError(f"{self.name} limits {', '.join(sorted(strange))}, which goods.toml does not have")
        return self


@cache
def goods_classes() -> Mapping[str, GoodsClass]:
    """The classes of goods, by name."""
    return {name: GoodsClass.model_validate(said) for name, said in _toml("goods.toml").items()}


def classes_of(category: str) -> list[str]:
    """The classes a category belongs to, in the order of the file."""
    known = tree()
    return [name for name, each in goods_classes().items() if each.holds(category, known)]


@cache
def statutes() -> Mapping[str, Statute]:
    """The statutes Katy knows, by jurisdiction."""
    files = sorted(each.name for each in _folder().iterdir() if each.name.endswith(".toml"))
    read = [Statute.model_validate(_toml(name)) for name in files if name != "goods.toml"]
    found = {each.jurisdiction: each for each in read}
    assert len(found) == len(read), "two files for one jurisdiction"
    return found


def _folder() -> resources.abc.Traversable:
    return resources.files("models").joinpath("caps/data")


def _toml(name: str) -> dict[str, object]:
    return tomllib.loads(_folder().joinpath(name).read_text("utf-8"))
