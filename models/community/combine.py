"""Model and community together, by how far each was off in past cases. Offered only where the model is in doubt.

Each side states its own deviation. Past cases say how true that is: rho = mean of (error / stated deviation)^2, shrunk
to 1 by `pull_cases` cases; its variance is then stated^2 · rho, and the combination weighs by 1 / variance (Bates and
Granger 1969, Oper. Res. Q. 20, 451, without their covariance). Errors of the two do go together, so the interval is
widened by what past combinations missed, and is never narrower than that of the better side.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass

from models.community.shapes import Band, Case
from models.knobs import CommunityKnobs


@dataclass(frozen=True, slots=True)
class Combined:
    """The combined value, the community's share in it, and the number of past cases that decided it."""

    band: Band
    share: float
    cases: int


def in_doubt(confidence: str | None, category: str | None, comparables: int, known: bool) -> str | None:
    """Why people's judgement is asked beside the model's; None where the model stands on its own."""
    if not known:
        return "the model knows no value"
    if confidence == "D":
        return "the model's interval is wide"
    if comparables == 0:
        return "nothing comparable was seen"
    return "the thing is of no known category" if category in (None, "other") else None


def combined(model: Band | None, community: Band, cases: Sequence[Case], knobs: CommunityKnobs) -> Combined:
    """Both in one value. Without a model's value it is the community's, its width corrected by its own past."""
    of_community = _ratio([(each.community, each.price) for each in cases], knobs)
    own = community.sd**2 * of_community
    if model is None:
        return Combined(Band(community.log, math.sqrt(own)), 1.0, len(cases))
    of_model = _ratio([(each.model, each.price) for each in cases], knobs)
    band, share = _weighed(model, community, of_model, of_community)
    past = [(_weighed(each.model, each.community, of_model, of_community)[0], each.price) for each in cases]
    wide = band.sd * math.sqrt(max(1.0, _ratio(past, knobs)))
    return Combined(Band(band.log, wide), share, len(cases))


def _weighed(model: Band, community: Band, of_model: float, of_community: float) -> tuple[Band, float]:
    theirs, ours = community.sd**2 * of_community, model.sd**2 * of_model
    share = ours / (ours + theirs)
    # Not sqrt(ours * theirs / (ours + theirs)): the two look at the same thing and err together.
    return Band(share * community.log + (1 - share) * model.log, math.sqrt(min(ours, theirs))), share


def _ratio(past: Sequence[tuple[Band, float]], knobs: CommunityKnobs) -> float:
    # A single case far out says no more than three deviations do.
    squares = sum(min(((band.log - price) / band.sd) ** 2, 9.0) for band, price in past)
    return (squares + knobs.pull_cases) / (len(past) + knobs.pull_cases)
