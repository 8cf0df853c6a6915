"""How the columns of a table become the fields of a list price, a rate or a published price.

As for listings (`spiders.files.plan`), with more help from the headers, for such files come from statisticians and not
from shops: a column of dates and one of numbers are found by what they hold, where no name says it.
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import timedelta
from itertools import pairwise

from spiders.files.headers import header_currency, header_scales
from spiders.files.placing import Placing
from spiders.files.plan import canonical_text
from spiders.files.shapes import Shape, shape_of
from warehouse.errors import BadInput
from warehouse.reading.currency import read_code
from warehouse.reading.dates import Order, date_order, read_day
from warehouse.reading.numbers import Mark, decimal_mark
from warehouse.reading.words import is_blank, is_no_price

_SAYS_CURRENCY = re.compile(r"[^\W\d_]|[$€£¥₹₽₩₺₪₫₴₦₱฿]")
_STATISTICS = {"mean": "mean", "average": "mean", "avg": "mean", "median": "median", "index": "index"}
# Price indices of the US Bureau of Labor Statistics say so by how their names begin (bls.gov/help/hlpforma.htm).
_INDEX = re.compile(r"(?:CPI|CUUR|CUSR|CUUS|CWUR|CWSR|PCU|WPU|PPI)[A-Z0-9]*|.*\b[Ii]ndex\b.*")
_PERIODS = (1, 7, 30, 91, 365)


@dataclass(frozen=True, slots=True)
class RecordOptions:
    """What a person says about files of one record, as in `plan.ImportOptions`.

    `wide` is "dates" where columns are dates and rows are series, "series" where columns are series and rows are dates.
    """

    source: str
    record: str
    mapping: Mapping[str, str] = field(default_factory=dict)
    fixed: Mapping[str, str] = field(default_factory=dict)
    currency: str | None = None
    fallback_currency: str = "USD"
    wide: str | None = None

    def checked(self) -> RecordOptions:
        """These options, where they make sense; BadInput otherwise."""
        shape = shape_of(self.record)
        currency = None if self.currency is None else read_code(self.currency)
        if self.currency is not None and currency is None:
            raise BadInput(f'currency "{self.currency}" is no ISO 4217 code such as USD')
        for what, pairs in (("--map", self.mapping), ("--set", self.fixed)):
            if not all(name.strip() for name in pairs):
                raise BadInput(f"{what} needs a field before the equals sign: one of {', '.join(shape.fields)}")
        if self.wide and shape.key is None:
            raise BadInput(f"a table of {shape.record} cannot be wide: it has a row for each price")
        mapping = {shape.field_named(name): column for name, column in self.mapping.items()}
        fixed = {shape.field_named(name): value for name, value in self.fixed.items()}
        return replace(self, currency=currency, mapping=mapping, fixed=fixed)

    def canonical_json(self) -> str:
        """The same options as the same text: part of what makes a file the same file again."""
        said = {name: getattr(self, name) for name in ("source", "record", "currency", "fallback_currency", "wide")}
        return canonical_text(said | {"mapping": dict(self.mapping), "fixed": dict(self.fixed)})


@dataclass(frozen=True, slots=True)
class RecordPlan:
    """How to read the rows of one table; `columns`, `places`, `attributes`, `fixed` and so on as in `plan.Plan`.

    `assumed` are values that nobody said, field → text: they hold where a row says nothing. `guessed` are fields whose
    column is called otherwise. Notes tell both.
    """

    shape: Shape
    source: str
    columns: list[str]
    places: dict[str, tuple[int, ...]]
    attributes: dict[str, int]
    fixed: dict[str, str]
    currency: str
    currency_assumed: bool
    assumed: dict[str, str] = field(default_factory=dict)
    marks: dict[str, Mark] = field(default_factory=dict)
    order: Order | None = None
    scales: dict[str, int] = field(default_factory=dict)
    guessed: tuple[str, ...] = ()

    @property
    def dated(self) -> bool:
        return self.shape.moment in self.places or self.shape.moment in self.fixed

    def column_of(self, name: str) -> str:
        """The columns of a field as a person knows them."""
        return " + ".join(self.columns[place] for place in self.places.get(name, ()))


def resolve(options: RecordOptions, name: str, columns: Sequence[str], sample: list[Sequence[str]]) -> RecordPlan:
    """The plan of a long table. BadInput where a column of the mapping, or of the number or its time, is missing."""
    shape = shape_of(options.record)
    placing = Placing(shape, name, columns, sample, options.mapping, options.fixed)
    placing.by_name()
    placing.by_content()
    placing.names()
    for needed in (shape.amount, *((shape.moment,) if shape.key else ())):
        if needed not in placing.places and needed not in placing.fixed:
            raise BadInput(placing.finder.missing(needed, needed))
    if shape.key and shape.key not in placing.places and shape.key not in placing.fixed:
        raise BadInput(f"{placing.finder.missing(shape.key, shape.key)}; or --set {shape.key}=… for the whole file")
    currency = options.currency or header_currency([columns[at] for at in placing.places.get(shape.amount, ())])
    scales = header_scales({"price": placing.places.get(shape.amount, ())}, columns)
    return RecordPlan(
        shape=shape,
        source=options.source,
        columns=list(columns),
        places=placing.places,
        attributes=placing.attributes(),
        fixed=placing.fixed,
        currency=currency or options.fallback_currency,
        currency_assumed=currency is None and "currency" not in placing.places and "currency" not in options.fixed,
        scales={shape.amount: scales["price"]} if scales else {},
        guessed=tuple(placing.guessed),
    )


def learn(plan: RecordPlan, rows: Iterable[Sequence[str]]) -> RecordPlan:
    """The plan with what only whole columns can say: decimal marks, the order of dates, how long a period is."""
    shape = plan.shape
    texts: dict[str, set[str]] = {name: set() for name in (*shape.numbers, *shape.dates) if name in plan.places}
    watched = [(seen, plan.places[name][0]) for name, seen in texts.items()]
    for cells in rows:
        for seen, place in watched:
            seen.add(cells[place])
    found = {name: decimal_mark(texts[name]) for name in shape.numbers if name in texts}
    order = date_order(text for name in shape.dates for text in texts.get(name, ()))
    amounts = texts.get(shape.amount, {"0"})
    bare = any(not is_no_price(text) and not _SAYS_CURRENCY.search(text) for text in amounts)
    plan = replace(
        plan,
        marks={name: mark for name, mark in found.items() if mark is not None},
        order=order,
        currency_assumed=plan.currency_assumed and bare and "currency" in shape.fields,
    )
    return replace(plan, assumed=_assumed(plan, texts.get(shape.moment, set())))


def _assumed(plan: RecordPlan, moments: set[str]) -> dict[str, str]:
    """What nobody said of the whole table and what is most likely: how long a period is, what kind a rate is of."""
    said = plan.places.keys() | plan.fixed.keys()
    assumed = {}
    if "days" in plan.shape.fields and "days" not in said:
        assumed["days"] = str(period_days(moments, plan.order))
    if "statistic" in plan.shape.fields and "statistic" not in said:
        words = re.findall(r"[a-z]+", plan.column_of(plan.shape.amount).casefold().replace("_", " "))
        assumed["statistic"] = next((_STATISTICS[word] for word in words if word in _STATISTICS), "mean")
    if plan.shape.key == "quote" and "kind" not in said:
        assumed["kind"] = "official"
    return assumed


def period_days(texts: Iterable[str], order: Order | None) -> int:
    """How long a series' periods are, about: the commonest step between its dates, as 1, 7, 30, 91 or 365 days."""
    written = {text.strip() for text in texts if not is_blank(text)}
    days = sorted({day for day in (read_day(text, order) for text in written) if day is not None})
    steps = Counter(later - earlier for earlier, later in pairwise(days))
    if steps:
        most = max(steps.values())
        step = min(step for step, count in steps.items() if count == most)
        return min(_PERIODS, key=lambda one: _ratio(step, one))
    only = next(iter(written), "")
    return 365 if re.fullmatch(r"\d{4}", only) else 30 if re.fullmatch(r"\d{4}[-/M]\d{1,2}", only) else 1


def _ratio(step: timedelta, days: int) -> float:
    return max(step.days / days, days / step.days)


def is_index(series: str) -> bool:
    """Whether a series' name says that it is an index and no price."""
    return _INDEX.fullmatch(series) is not None
