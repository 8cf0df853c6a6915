"""The parts of a base value in logs: what each thing that is known of a thing adds to it or takes from it.

The hedonic model is a sum of additive pieces, in logs: linear guesses, each with its weight, and trees, whose answer
TreeSHAP divides among their columns exactly (Lundberg et al., Nature Machine Intelligence 2, 2020). Each part is taken
against its own mean over listings of the same category, so that together they say how this thing differs from a usual
one: φ_j(x) − mean φ_j, which for the linear pieces is coefficient × (x − mean). What comparables correct is a part of
its own. Nothing is left over: that is asserted.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, Literal, cast, get_args

import numpy as np
import pandas as pd

from models.base.hedonic import Hedonic
from models.base.views import GUESSES

Group = Literal["words", "brand", "category", "attributes", "list price", "measures", "product", "comparables"]
# More than the rounding of a long sum is a fault.
_TOLERANCE = 1e-6


@dataclass(frozen=True, slots=True)
class Part:
    """One addend of ln(base / usual), in natural logs."""

    group: Group
    name: str
    phi: float


@dataclass(frozen=True)
class Pieces:
    """Additive pieces of a model's answers: `values` has a row for each thing and a column for each of `names`."""

    names: Sequence[tuple[Group, str]]
    values: np.ndarray


@dataclass(frozen=True)
class Usual:
    """The listings that a thing is held against: the mean of each piece, and of the model's answer, over them.

    `of` is their category, "" for all of the market.
    """

    of: str
    listings: int
    pieces: np.ndarray
    log: float


def usual_of(hedonic: Hedonic, rows: pd.DataFrame, category: str) -> Usual:
    """What is usual among listings (`usual_rows`)."""
    return Usual(category, len(rows), pieces_of(hedonic, rows).values.mean(axis=0), float(hedonic.predict(rows).mean()))


def parts_of(hedonic: Hedonic, row: pd.DataFrame, usual: Usual, ln_base: float) -> list[Part]:
    """The parts of one thing's log base above the usual one's, largest first; `row` is a table of one row."""
    pieces, own = pieces_of(hedonic, row), float(hedonic.predict(row)[0])
    parts = [
        Part(group, name, float(value - mean))
        for (group, name), value, mean in zip(pieces.names, pieces.values[0], usual.pieces, strict=True)
    ]
    parts.append(Part("comparables", "", ln_base - own))
    rest = ln_base - usual.log - sum(part.phi for part in parts)
    assert abs(rest) < _TOLERANCE, f"the parts of a base leave {rest} over"
    return sorted(parts, key=lambda part: -abs(part.phi))


def pieces_of(hedonic: Hedonic, rows: pd.DataFrame) -> Pieces:
    """The additive pieces of the hedonic model's answers; a constant is left out, the same for every row.

    What linear guesses know of the category and of the very product is taken out of them and named.
    """
    names, values = hedonic.pieces(rows)
    strange = {group for group, _ in names} - set(get_args(Group))
    assert not strange, f"the model has pieces of {strange}, which no explanation knows"
    views, weight = hedonic.views, _weights(hedonic, rows)
    around = np.zeros(len(rows))
    values = values.copy()
    for guess, means in (
        ("words", views.ridge.categories),
        ("words by category", views.crossed.categories),
        ("attributes", views.described.categories),
    ):
        place = GUESSES.index(guess)
        said = weight[:, place] * rows["category"].map(means).fillna(0.0).to_numpy(float)
        around += said
        values[:, place] -= said
    place = GUESSES.index("words")
    product = weight[:, place] * rows["product"].map(views.ridge.products).fillna(0.0).to_numpy(float)
    values[:, place] -= product
    known = [(cast("Group", group), _plain(group, name)) for group, name in names]
    return Pieces([*known, ("category", ""), ("product", "")], np.column_stack([values, around, product]))


def _weights(hedonic: Hedonic, rows: pd.DataFrame) -> np.ndarray:
    """The weight of each guess in each row's line: shape (rows, guesses)."""
    described = np.isfinite(hedonic.reader.transform(list(rows["attributes"]))).any(axis=1)
    out: np.ndarray = np.where(described[:, np.newaxis], np.array(hedonic.line.all), [*hedonic.line.words, 0.0])
    return out


def _plain(group: str, name: str) -> str:
    """The names people know: attributes and units of measure; how the model reads a title is its own affair."""
    return name if group == "measures" or (group == "attributes" and name != "attributes") else ""


def usual_rows(rows: pd.DataFrame, day: int, category: str, most: int) -> tuple[pd.DataFrame, str]:
    """At most `most` listings seen by the end of a day that a thing is held against, and what they are of.

    They are of its category where it has twenty or more, else of all ("").
    """
    known = rows.iloc[: int(np.searchsorted(rows["day"].to_numpy(), day, side="right"))]
    own = known[(known["category"] == category).to_numpy()].drop_duplicates("listing", keep="last")
    chosen, name = (own, category) if len(own) >= 20 else (known.drop_duplicates("listing", keep="last"), "")
    rank: Any = pd.util.hash_array(chosen["listing"].to_numpy(object).astype(str))
    return chosen.iloc[np.sort(np.argsort(rank, kind="stable")[:most])], name
