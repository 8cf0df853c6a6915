"""Skill: what a person has shown moves them along the wages of their own occupation, from its 10th to 90th percentile.

The rule is that of the US Department of Labor for wages owed by skill (`data/services/hour.toml` has the source):
points for experience, certificates and proven work, each number of points a percentile. No multiplier is invented: how
much a percentile is worth is what the occupation's published wages say.
"""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from models.services.jobs import service_data
from models.services.rules import along

_NUMBER = r"(\d+(?:[.,]\d+)?)"
_YEARS = re.compile(rf"{_NUMBER}\s*\+?\s*(?:years?|yrs?|y\b)", re.I)
_SCORE = re.compile(rf"\s*{_NUMBER}\s*(?:(?:/|of|out of)\s*{_NUMBER})?\s*%?\s*", re.I)
_SCALE = re.compile(rf"\s*{_NUMBER}\s*(?:-|to|–)\s*{_NUMBER}\s*")
_NO = frozenset({"", "no", "none", "false", "0", "n"})
_EXPERIENCE = ("experience", "years", "years_of_experience", "years of experience")
_CERTIFIED = ("certification", "certified", "certificate", "license", "licence", "licensed")
_PROVEN = ("portfolio", "references")


@dataclass(frozen=True, slots=True)
class Skill:
    """What is stated of a person's skill. `score` runs from 0 to 1 on its own scale."""

    years: float | None = None
    certified: bool = False
    portfolio: bool = False
    score: float | None = None
    said: tuple[str, ...] = ()

    @property
    def stated(self) -> bool:
        return self.years is not None or self.certified or self.portfolio or self.score is not None


def points(skill: Skill, rule: Mapping[str, Any] | None = None) -> float:
    """Points of a skill, 0 to 5: more years, a certificate, a portfolio or a better score never make fewer."""
    known = rule or service_data("hour")
    ladder = known["skill"]
    total = float(ladder["unstated"]) if skill.years is None else along(skill.years, ladder["years"])
    total += float(ladder["certification"]) * skill.certified + float(ladder["portfolio"]) * skill.portfolio
    if skill.score is not None:
        total += float(known["scores"]["points"]) * (min(max(skill.score, 0.0), 1.0) - 0.5)
    return min(max(total, 0.0), 5.0)


def percentile(skill: Skill, rule: Mapping[str, Any] | None = None) -> float:
    """Where a skill stands among those who do this work, 10 to 90; 50 for one of whom nothing is known."""
    known = rule or service_data("hour")
    steps = known["skill"]["percentiles"]
    place = along(points(skill, known), list(enumerate(steps)))
    return min(max(place, 10.0), 90.0)


def read_skill(attributes: Mapping[str, str], rule: Mapping[str, Any] | None = None) -> Skill:
    """The skill that attributes state: experience ("8 years"), certified, portfolio, and a score such as xdmiq."""
    known = rule or service_data("hour")
    given = {name.strip().casefold(): value.strip() for name, value in attributes.items()}
    said: list[str] = []
    years = _years(next((given[name] for name in _EXPERIENCE if name in given), ""))
    if years is not None:
        said.append(f"{years:g} years of experience")
    certified = any(given.get(name, "").casefold() not in _NO for name in _CERTIFIED)
    proven = any(given.get(name, "").casefold() not in _NO for name in _PROVEN)
    said += ["certified"] * certified + ["work that can be looked at"] * proven
    score = None
    for name, scale in known["scores"]["scales"].items():
        if name in given and score is None:
            score = _score(given[name], given.get(f"{name}_scale"), scale)
            said += [f"{name} {given[name]}"] * (score is not None)
    return Skill(years, certified, proven, score, tuple(said))


def _years(text: str) -> float | None:
    found = _YEARS.search(text) or re.fullmatch(_NUMBER, text)
    return float(found[1].replace(",", ".")) if found else None


def _score(text: str, own: str | None, scale: Sequence[float]) -> float | None:
    """A score as a share of its scale: its own ("72/80", or a scale that is stated), else the one in the data file."""
    found = _SCORE.fullmatch(text)
    if not found:
        return None
    low, high = float(scale[0]), float(scale[1])
    ends = _SCALE.fullmatch(own) if own else None
    if ends:
        low, high = (float(each.replace(",", ".")) for each in ends.groups())
    if found[2]:
        low, high = 0.0, float(found[2].replace(",", "."))
    if high <= low:
        return None
    return min(max((float(found[1].replace(",", ".")) - low) / (high - low), 0.0), 1.0)
