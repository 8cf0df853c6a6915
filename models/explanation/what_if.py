"""What would change a value: another condition, another time of year, another place; each valued, not guessed."""

from __future__ import annotations

import calendar
import math
from collections.abc import Callable, Sequence
from datetime import date
from decimal import Decimal

from features.condition import UNSTATED, scale
from features.market import day_number
from models.answers.answer import Point
from models.answers.factors import NO_DATA, six
from models.explanation.shapes import Alternative
from warehouse.valuation import Factor, Valuation, ValuationRequest, recompute

ValueMany = Callable[[Sequence[ValuationRequest]], list[Valuation]]
# The market knows more places than anybody would carry a thing to; those with most listings are asked about.
_MOST_ASKED = 20


def what_if(valuation: Valuation, point: Point, value_many: ValueMany, places: int) -> list[Alternative]:
    """Alternatives whose value differs, as the valuer itself gives them: conditions, seasons, places (best first)."""
    grades = [grade for grade in scale().grades if grade not in (point.row["grade"], UNSTATED)]
    regions = [region for region in _regions(point) if region != point.row["region"]]
    asked = [point.request.model_copy(update={"condition": grade.replace("_", " ")}) for grade in grades]
    asked += [point.request.model_copy(update={"region": region}) for region in regions]
    answers = value_many(asked)
    conditions = [
        _alternative(valuation, "condition", grade, answer.fmv)
        for grade, answer in zip(grades, answers, strict=False)
        if answer.subject.understood.get("grade") == grade and _has_data(answer, "condition")
    ]
    elsewhere = [
        _alternative(valuation, "region", region, answer.fmv)
        for region, answer in zip(regions, answers[len(grades) :], strict=True)
    ]
    ranked = sorted(_told(elsewhere), key=lambda each: (-Decimal(each.fmv), each.to))
    return [*_told(conditions), *_told(_seasons(valuation, point)), *ranked[:places]]


def _has_data(answer: Valuation, name: str) -> bool:
    """Whether a factor was learned: one that says "no data" says nothing of another condition either."""
    return any(factor.name == name and factor.evidence != [NO_DATA] for factor in answer.factors)


def _told(found: Sequence[Alternative | None]) -> list[Alternative]:
    """Those that there are and that differ."""
    return [each for each in found if each is not None and Decimal(each.difference) != 0]


def _alternative(
    valuation: Valuation, change: str, to: str, fmv: str | None, note: str | None = None
) -> Alternative | None:
    if fmv is None or valuation.fmv is None:
        return None
    difference = str(Decimal(fmv) - Decimal(valuation.fmv))
    return Alternative.model_validate({"change": change, "to": to, "fmv": fmv, "difference": difference, "note": note})


def _regions(point: Point) -> list[str]:
    """The places the model knows an effect of, those with most listings behind it."""
    if point.vintage is None:
        return []
    effects = point.vintage.effects
    by_rows = sorted(effects.region, key=lambda region: (-effects.region_rows.get(region, 0), region))
    return [region for region in by_rows if region][:_MOST_ASKED]


def _seasons(valuation: Valuation, point: Point) -> list[Alternative | None]:
    """The best and the worst of the next twelve months, by the season's course alone."""
    season = next((factor for factor in valuation.factors if factor.name == "season"), None)
    if point.vintage is None or season is None:
        return []
    category, effects = str(point.row["category"]), point.vintage.effects
    if six(math.exp(float(effects.of_season(category, point.day)))) != season.value or season.source is None:
        return []  # the season's factor comes from elsewhere: nothing can be said of other months
    months = _next_months(date.fromisoformat(valuation.value_date))
    logs = {month: float(effects.of_season(category, day_number(month))) for month in months}
    best, worst = max(months, key=lambda month: logs[month]), min(months, key=lambda month: logs[month])
    out: list[Alternative | None] = []
    for month, word in ((best, "best"), (worst, "lowest")):
        fmv = recompute(valuation.base or "0", _with_season(valuation.factors, logs[month]), valuation.currency)
        name = f"{calendar.month_name[month.month]} {month.year}"
        note = f"the {word} month of the next twelve, as far as season goes"
        out.append(_alternative(valuation, "season", name, str(fmv), note))
    return out


def _with_season(factors: Sequence[Factor], log: float) -> list[Factor]:
    value = six(math.exp(log))
    return [each.model_copy(update={"value": value}) if each.name == "season" else each for each in factors]


def _next_months(day: date) -> list[date]:
    """The middle of each of the twelve months that follow a day's own."""
    return [date(day.year + (day.month + ahead) // 12, (day.month + ahead) % 12 + 1, 15) for ahead in range(12)]
