"""From the parts of a value to the `Valuation` handed out: factors with evidence, interval, comparables, words."""

from __future__ import annotations

import math
from dataclasses import dataclass, field, replace
from datetime import date
from decimal import Decimal
from typing import Any

from features.condition import UNSTATED
from features.level import nearest, product_unit, segment_unit
from features.market import day_date
from models.answers import factors as steps
from models.answers.beside import comparables
from models.answers.currency import Rate
from models.answers.explain import added, narrate, not_heard, unknown
from models.answers.factors import Computed, Effect
from models.answers.heading import Heading
from models.base.compose import Compared
from models.interval import ALL_BIN, Calibration, Interval, shape_of
from models.level.market_side import MarketSide, area_of
from models.level.products import ProductNow, lag
from models.level.state import Closed, Learned
from models.shocks.effects import FACTORS, NONE
from models.shocks.said import said
from models.training.vintage import Vintage
from warehouse.valuation import Confidence, Reason, Subject, Valuation, ValuationRequest, valuation_id

_WIDE = Interval(-1.5, 1.5, 0, ALL_BIN)


@dataclass(frozen=True)
class Answer:
    """What all answers of one valuer share."""

    learned: Learned
    snapshot_id: str
    code_version: str
    anchor: str


@dataclass(frozen=True)
class Point:
    """One question with everything that was found out about it; logs are in the anchor currency.

    `known` says whether the model has met such goods at all.
    """

    request: ValuationRequest
    row: dict[str, Any]
    day: int
    ln_base: float
    hedonic: float
    weight: float
    compared: Compared
    vintage: Vintage | None
    at: Closed
    product: ProductNow | None
    calibration: Calibration | None
    known: bool
    rate: Rate
    currency: str
    side: MarketSide = field(default_factory=MarketSide)
    heading: Heading | None = None

    @property
    def unit(self) -> str:
        return segment_unit(str(self.row["category"]), str(self.row["region"]))


def build(point: Point, shared: Answer) -> Valuation:
    """The valuation of one question that has an answer."""
    effects = _effects(point)
    computed = steps.compute(point.ln_base, effects, point.currency)
    if computed.fmv <= 0:
        return unknown_answer(
            point.request, point.row, day_date(point.day), "nothing_comparable", currency=point.currency,
            snapshot=shared.snapshot_id, code_version=shared.code_version, model=_model(point),
        )  # fmt: skip
    interval = _interval(point, effects)
    low, high = _bounds(computed, interval, effects["dampening"].log, point.currency)
    shift = point.hedonic + sum(effect.log for name, effect in effects.items() if name != "dampening")
    shown = comparables(point.compared, shift, shared.learned.market.rows, shared.learned.knobs.comparables.shown)
    value_date = day_date(point.day).isoformat()
    only_asking = bool(shown) and all(each.kind == "asking" for each in shown) and not _gap(point)
    return Valuation(
        id=valuation_id(shared.snapshot_id, shared.code_version, point.request),
        subject=Subject(asked=point.request, understood=_understood(point)),
        value_date=value_date,
        currency=point.currency,
        fmv=str(computed.fmv),
        market_value=str(computed.market_value),
        low=str(low),
        high=str(high),
        confidence=_confidence(low, high, interval, point),
        base=computed.base,
        factors=computed.factors,
        comparables=shown,
        dampening=computed.dampening,
        narrative=narrate(
            title=point.request.text,
            category=str(point.row["category"]),
            grade=str(point.row["grade"]),
            fmv=str(computed.fmv),
            low=str(low),
            high=str(high),
            currency=point.currency,
            value_date=value_date,
            base=computed.base,
            anchor=shared.anchor,
            factors=computed.factors,
            comparables=shown,
            only_asking=only_asking,
            coverage=shared.learned.knobs.interval.coverage,
            cases=interval.cases,
            asides=[
                *_read_as(point),
                *not_heard(point.request, str(point.row["grade"]), shared.learned.market.regions),
            ],
        ),
        snapshot=shared.snapshot_id,
        model=_model(point),
    )


def unknown_answer(
    request: ValuationRequest,
    row: dict[str, Any],
    when: date,
    reason: Reason,
    *,
    currency: str,
    snapshot: str,
    code_version: str,
    model: str,
    more: str = "",
) -> Valuation:
    """The honest answer where there is no value; `more` is what would help here beside the usual."""
    understood: dict[str, Any] = {name: row[name] for name in ("category", "product", "grade", "region") if name in row}
    return Valuation.unknown(
        request, understood=understood, when=when, reason=reason, narrative=unknown(reason, more), currency=currency,
        snapshot=snapshot, code_version=code_version, model=model,
    )  # fmt: skip


def _model(point: Point) -> str:
    return point.vintage.key if point.vintage is not None else "comparables"


def _read_as(point: Point) -> list[str]:
    if point.heading is not None:
        return [point.heading.said()]
    return added(str(point.row["title"]), point.row.get("unsaid_maker"))


def _understood(point: Point) -> dict[str, Any]:
    read = {name: point.row[name] for name in ("category", "product", "grade", "region", "brand")}
    # How it was understood, where it was not by its own words.
    read |= {name: point.row[name] for name in ("product_why", "category_how", "unsaid_maker") if point.row.get(name)}
    if point.heading is not None:
        read["read_as"] = point.heading.title
    read["attributes"] = dict(sorted(point.row["attributes"].items()))
    read["comparables_weight"] = round(point.weight, 6)
    read["evidence"] = round(point.compared.evidence, 6)
    return read


def _effects(point: Point) -> dict[str, Effect]:
    vintage, category, grade, region = (
        point.vintage,
        str(point.row["category"]),
        str(point.row["grade"]),
        str(point.row["region"]),
    )
    out: dict[str, Effect] = {"currency": _currency(point)}
    out["dampening"] = _dampening(point)
    if vintage is None:
        return out
    learned_on = day_date(vintage.cutoff).isoformat()
    log, rows = vintage.effects.of_condition(category, grade)
    if rows:
        said = "no condition stated" if grade == UNSTATED else f'"{grade.replace("_", " ")}"'
        out["condition"] = Effect(
            log, [f"{rows} listings with {said}, against the same things in good condition"], "listings", learned_on
        )
    log, rows = vintage.effects.of_region(region)
    if rows:
        out["region"] = Effect(
            log, [f"{rows} listings in {region}, against the same things anywhere"], "listings", learned_on
        )
    out |= _market_side(point)
    if category in vintage.effects.season:
        season = float(vintage.effects.of_season(category, point.day))
        out["season"] = Effect(season, [f"the yearly course of {category} prices"], "listings", learned_on)
    return out


def _market_side(point: Point) -> dict[str, Effect]:
    """Trend and what the drivers make of the level: together they are the raw level of the most specific area."""
    _, published = nearest(point.at.published, point.unit)
    if published is None:
        return {"trend": Effect(0.0, ["no level yet: too few sellers in any week so far"])}
    level, unit = nearest(point.at.raw, point.unit)
    shocks = point.at.shocks.get(unit or "", NONE)
    sellers = point.at.evidence.get(unit or "", 0)
    words = f"level of {unit} against its reference; {sellers} sellers so far in the week of {_day(point.at.period)}"
    if any(shocks):
        words += "; what demand, scarcity, raw materials, weather and hazards make of it stands apart"
    out = {"trend": Effect(level - sum(shocks), [words], "listings", day_date(point.day).isoformat())}
    known = area_of(unit or "")
    if known is None:
        return out
    model = point.side.on(point.day)
    for name, log in zip(FACTORS, shocks, strict=True):
        found = said(name, point.side.drivers, model, *known, point.day)
        if found is not None:
            out[name] = Effect(log, found.evidence, found.source, found.date)
        elif log:
            out[name] = Effect(
                log, [f"learned from the past of {known[0]}"], "listings", day_date(point.day).isoformat()
            )
    return out


def _dampening(point: Point) -> Effect:
    """Published over raw of the most specific unit: the product where it has a reference price, else its area."""
    log = lag(point.at, point.unit, point.product, point.compared.settled)
    if point.product is not None:
        name = product_unit(str(point.row["product"]))
        return Effect(
            log,
            [f"{name}: {point.product.sellers} sellers so far this week"],
            "published levels",
            _day(point.at.period),
        )
    _, unit = nearest(point.at.published, point.unit)
    if unit is None or point.vintage is None:
        return Effect(0.0, ["no level yet"])
    if point.compared.settled and log == 0.0:
        return Effect(0.0, ["what the thing itself sold for holds no level that could lag"])
    words = [f"{unit}: {point.at.evidence.get(unit, 0)} sellers so far this week"]
    if unit in point.at.since:
        words.append("while a hazard is active there, each day is a period and may move by a step")
    since = point.at.since.get(unit, point.at.period)
    return Effect(log, words, "published levels", _day(since))


def _currency(point: Point) -> Effect:
    if point.rate.value == 1.0 and point.rate.day == day_date(point.day):
        return Effect(0.0, [f"values are formed in {point.currency}"])
    day = point.rate.day.isoformat()
    return Effect(math.log(point.rate.value), [point.rate.said(point.currency)], point.rate.name, day)


def _interval(point: Point, effects: dict[str, Effect]) -> Interval:
    if point.calibration is None or not point.known:
        return _WIDE
    damped = abs(effects["dampening"].log) > 1e-9
    value = point.ln_base + sum(effect.log for name, effect in effects.items() if name != "currency")
    shape = shape_of(point.compared, -effects["dampening"].log)
    found = point.calibration.interval(str(point.row["category"]), value, point.compared.evidence, damped, shape)
    if point.heading is None:
        return found
    # What a heading stands for differs by more than one thing's price does.
    low, high = point.heading.low - point.ln_base, point.heading.high - point.ln_base
    return replace(found, low=min(found.low, low), high=max(found.high, high))


def _bounds(computed: Computed, interval: Interval, dampening: float, currency: str) -> tuple[Decimal, Decimal]:
    """The interval around the value; while a level is catching up, the hull around value and market value."""
    low = steps.bound(computed, min(interval.low, -dampening), currency)
    high = steps.bound(computed, max(interval.high, -dampening), currency)
    return min(low, computed.fmv), max(high, computed.fmv)


def _confidence(low: Decimal, high: Decimal, interval: Interval, point: Point) -> Confidence:
    """A: the interval's ends are within a factor 1.35 of each other, with comparables behind it; B: 1.8; C: 3."""
    ratio = float(high / low) if low > 0 else float("inf")
    if interval.cases == 0 or ratio >= 3:
        return "D"
    if ratio < 1.35 and point.compared.evidence >= 1:
        return "A"
    return "B" if ratio < 1.8 else "C"


def _gap(point: Point) -> bool:
    """Whether asking prices were lowered to what sold ones say."""
    return point.vintage is not None and point.vintage.effects.of_gap(str(point.row["category"])) != 0.0


def _day(number: int) -> str:
    return day_date(number).isoformat()
