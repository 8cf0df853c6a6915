"""How good model and members were where both were known before the price: a check of both, from landed judgements."""

from __future__ import annotations

import json
import math
from collections import defaultdict
from dataclasses import dataclass
from statistics import median
from typing import Any

from models.community.combine import combined
from models.community.shapes import Z90, Band, Case, Evidence, evidence
from models.knobs import CommunityKnobs

SOURCE = "community"


@dataclass(frozen=True, slots=True)
class Checked:
    """Of one category, or of all: median absolute errors in logs, and how often the 90 % intervals held the price."""

    category: str
    cases: int
    model: float
    community: float
    combined: float
    model_held: float
    community_held: float
    combined_held: float


def landed(connection: Any) -> tuple[Evidence, dict[str, list[Case]]]:
    """What has landed, as evidence, and the cases by category (also under "all"). Reads raw.judgement."""
    rows: dict[str, list[dict[str, Any]]] = {"estimates": [], "prices": []}
    for verdict, detail in connection.execute(
        "SELECT verdict, detail_json FROM raw.judgement WHERE source = $source ORDER BY judged_at, id",
        {"source": SOURCE},
    ).fetchall():
        rows[f"{verdict}s"].append(json.loads(detail))
    categories = {each["about"]: each["category"] for each in rows["estimates"]}
    cases: defaultdict[str, list[Case]] = defaultdict(list)
    for price in sorted(rows["prices"], key=lambda each: each["at"]):
        for case in evidence({"prices": [price]}).cases:
            cases["all"].append(case)
            cases[categories.get(price["about"], "other")].append(case)
    return evidence(rows), dict(cases)


def check(cases: dict[str, list[Case]], knobs: CommunityKnobs) -> list[Checked]:
    """Each category's figures, all first. Each combination is weighed by the cases before it alone."""
    found = []
    for category, its in sorted(cases.items(), key=lambda each: (each[0] != "all", each[0])):
        both = [combined(one.model, one.community, its[:number], knobs).band for number, one in enumerate(its)]
        sides = ([one.model for one in its], [one.community for one in its], both)
        off = [[_off(band, one.price) for band, one in zip(side, its, strict=True)] for side in sides]
        held = [sum(inside for _, inside in each) / len(each) for each in off]
        errors = [median(size for size, _ in each) for each in off]
        found.append(Checked(category, len(its), errors[0], errors[1], errors[2], held[0], held[1], held[2]))
    return found


def _off(band: Band, price: float) -> tuple[float, bool]:
    size = math.fabs(band.log - price)
    return size, size <= Z90 * band.sd
