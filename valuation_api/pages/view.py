"""A `Valuation` turned into what the page shows: steps of the waterfall, rows of the table, comparables, plain words.

Pure functions; every number shown is computed from the valuation's own decimals.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from urllib.parse import urlsplit

from models.answers.explain import SEVERAL
from models.explanation.shapes import Alternative, Contributions, Explanation
from models.explanation.shown import FACTOR_LABELS, GROUP_LABELS, SIGNS, change, factor_label, money, multiplier
from models.explanation.waterfall import Step, StepKind, running, steps, sum_steps
from models.photos.answer import PhotoRead, PhotoReason
from valuation_api.shelf import PricePoint
from warehouse.valuation import Comparable, Reason, Valuation

__all__ = ["FACTOR_LABELS", "SIGNS", "Step", "StepKind", "change", "money", "multiplier", "steps"]

CONFIDENCE_WORDS = {
    "A": "well supported",
    "B": "fairly sure",
    "C": "a rough estimate",
    "D": "little evidence",
}
UNKNOWN: dict[Reason, tuple[str, list[str]]] = {
    "no_data": (
        "Katy has not seen any prices yet.",
        ["Whoever runs this installation can import price lists or let the agents read a market."],
    ),
    "nothing_comparable": (
        "Katy has not seen anything like this change hands, so it will not guess.",
        [
            "Add the brand and the model number, if there is one.",
            "Try the plain word for it: “cordless drill” rather than “power tool thing”.",
            "If nothing like it is ever traded here, agree on a value between you and write down why.",
        ],
    ),
    "no_exchange_rate": (
        "Katy knows no exchange rate for this currency on that day.",
        ["Ask in one of the currencies below.", "Leave the date empty to use the newest rates."],
    ),
    "before_data": (
        "That day lies before the first price Katy has seen.",
        ["Choose a later date, or leave it empty for today's value."],
    ),
    "too_vague": (
        "These words could mean very different things.",
        ["Say what it is, the brand and the model.", "A size, a year or a capacity often decides the price."],
    ),
}
_SEVERAL = (
    "Katy has not seen several of these change hands together, so it will not guess.",
    ["Ask for one of them.", "Many together often bring less than as many single ones: agree on it between you."],
)
PICTURE_REASONS: dict[PhotoReason, str] = {
    "nothing_read": "There is nothing to read in the picture",
    "not_known": "Katy has not seen this thing change hands",
    "several_things": "There is more than one thing in the picture",
    "too_doubtful": "It could be one of several things",
    "no_value": "Katy knows what it is, but not what it is worth",
}
FACT_LABELS = {
    "read_as": "read as",
    "unsaid_maker": "maker",
    "category": "category",
    "brand": "brand",
    "grade": "condition",
    "region": "region",
}
MOST_FACTS = 10
LONGEST_FACT = 60
LONGEST_READ = 300
KIND_WORDS = {"asking": "asked", "sold": "sold", "wanted": "wanted", "traded": "traded"}


@dataclass(frozen=True, slots=True)
class FactorRow:
    """One row of the factor table: the multiplier, what it changes in money, and where it comes from."""

    label: str
    multiplier: str
    change: str
    evidence: list[str]
    origin: str
    neutral: bool


@dataclass(frozen=True, slots=True)
class ComparableRow:
    """A comparable as the page lists it; `url` is None unless it is a plain web address."""

    title: str
    url: str | None
    host: str | None
    price: str
    verb: str
    day: str
    adjusted: str
    details: str
    found_at: str
    weight: str


def web_link(url: str | None) -> str | None:
    """`url` if a browser may be sent there (http or https, with a host), else None: it is whatever a seller wrote."""
    if url is None or any(ord(letter) < 33 for letter in url):
        return None
    try:
        parts = urlsplit(url)
        host = parts.hostname
    except ValueError:
        return None
    return url if parts.scheme in ("http", "https") and host else None


def factor_rows(valuation: Valuation) -> list[FactorRow]:
    """Every factor in the order of the computation, also those that change nothing."""
    changes = {factor.name: after - before for factor, before, after in running(valuation)}
    rows = []
    for factor in valuation.factors:
        neutral = Decimal(factor.value) == 1
        change = changes.get(factor.name, Decimal(0))
        text = "" if neutral or factor.name == "currency" else money(change, valuation.currency)
        origin = " · ".join(part for part in (factor.source, factor.date) if part)
        rows.append(
            FactorRow(
                factor_label(factor),
                multiplier(factor.value),
                f"+{text}" if text and change > 0 else text,
                list(factor.evidence),
                origin,
                neutral,
            )
        )
    return rows


def comparable_row(comparable: Comparable, currency: str) -> ComparableRow:
    """A comparable in words; `adjusted` is in the valuation's currency."""
    url = web_link(comparable.url)
    details = [text.replace("_", " ") for text in (comparable.condition, comparable.region) if text]
    return ComparableRow(
        title=comparable.title,
        url=url,
        host=urlsplit(url).hostname if url else None,
        price=money(comparable.price, comparable.currency),
        verb=KIND_WORDS.get(comparable.kind, comparable.kind),
        day=comparable.observed_at[:10],
        adjusted=money(comparable.adjusted, currency),
        details=" · ".join(details),
        found_at=comparable.found_at,
        weight=f"{comparable.weight:.0%}",
    )


@dataclass(frozen=True, slots=True)
class Range:
    """The interval as a line: positions of low, value and high in percent of its width."""

    low: float
    value: float
    high: float


def interval(valuation: Valuation) -> Range | None:
    """Where low, value and high stand on a line from zero to a little over high; None without an interval."""
    if valuation.fmv is None or valuation.low is None or valuation.high is None:
        return None
    low, value, high = (float(amount) for amount in (valuation.low, valuation.fmv, valuation.high))
    if high <= 0:
        return None
    scale = 100 / (high * 1.08)
    return Range(round(low * scale, 2), round(value * scale, 2), round(high * scale, 2))


def band(valuation: Valuation, currency: str) -> tuple[float, float, float] | None:
    """(low, fmv, high) for a plot in `currency`; None where the valuation is in another money or has no interval."""
    if valuation.currency != currency or None in (valuation.low, valuation.fmv, valuation.high):
        return None
    return float(valuation.low or 0), float(valuation.fmv or 0), float(valuation.high or 0)


def comparable_points(valuation: Valuation) -> list[PricePoint]:
    """The comparables' adjusted prices as points of a plot, oldest first."""
    points = [
        PricePoint(
            date.fromisoformat(comparable.observed_at[:10]),
            comparable.kind,
            *(comparable.adjusted,) * 3,
            1,
            valuation.currency,
        )
        for comparable in valuation.comparables
    ]
    return sorted(points, key=lambda point: (point.day, point.kind, point.median))


def unknown(valuation: Valuation) -> tuple[str, list[str]]:
    """Why a value is not known, and what would help."""
    return _SEVERAL if valuation.narrative.endswith(SEVERAL) else UNKNOWN[valuation.reason or "no_data"]


def facts(valuation: Valuation) -> list[tuple[str, str]]:
    """What was understood, as short label and text pairs: the thing's own fields first, then its attributes."""
    understood = valuation.subject.understood
    named = [(label, understood.get(name)) for name, label in FACT_LABELS.items()]
    attributes = understood.get("attributes")
    if isinstance(attributes, dict):
        named += [(str(name).replace("_", " "), value) for name, value in attributes.items()]
    shown = [(label, str(value).replace("_", " ")) for label, value in named if value not in (None, "")]
    return [(label, text) for label, text in shown if len(text) <= LONGEST_FACT][:MOST_FACTS]


def percent(share: float) -> str:
    """A probability in whole percent; certain is only what is."""
    if 0 < share < 0.01:
        return "under 1 %"
    return "over 99 %" if 0.99 < share < 1 else f"{share:.0%}".replace("%", " %")


def picture_facts(read: PhotoRead) -> list[tuple[str, str]]:
    """What was read in pictures, as short label and text pairs."""
    listed = {
        "barcode": ", ".join(code.lstrip("0") or code for code in read.barcodes),
        "brand": read.brand or "",
        "model": ", ".join(code.upper() for code in read.codes),
        "words": " ".join(read.words),
    }
    return [(name, text[:LONGEST_READ]) for name, text in listed.items() if text]


@dataclass(frozen=True, slots=True)
class ContributionRow:
    """One line of the sum inside the base: what it is, and what it adds."""

    label: str
    change: str


MOST_CONTRIBUTIONS = 8
LONGEST_PART = 40


def contribution_rows(inside: Contributions) -> list[ContributionRow]:
    """Every contribution, largest first."""
    return [ContributionRow(label, change(amount, inside.currency)) for label, amount in _changes(inside)]


def contribution_steps(inside: Contributions) -> list[Step]:
    """The sum inside the base as a waterfall, the small ones pooled."""
    changes = _changes(inside)
    if len(changes) > MOST_CONTRIBUTIONS:
        rest = sum((amount for _, amount in changes[MOST_CONTRIBUTIONS - 1 :]), Decimal(0))
        changes = [*changes[: MOST_CONTRIBUTIONS - 1], ("All others", rest)]
    first = "Usual price"
    return sum_steps(first, Decimal(inside.start), changes, "Typical price", inside.currency)


def _changes(inside: Contributions) -> list[tuple[str, Decimal]]:
    """Labels, each only once, with their amounts."""
    out: list[tuple[str, Decimal]] = []
    for part in inside.parts:
        group = GROUP_LABELS[part.group]
        name = part.name.replace("_", " ")[:LONGEST_PART]
        label = f"Other {group.lower()}" if name == "others" else name.capitalize() if name else group
        while label in {known for known, _ in out}:
            label += " ·"
        out.append((label, Decimal(part.amount)))
    return out


def alternatives(explained: Explanation) -> list[tuple[str, list[AlternativeRow]]]:
    """What would change the value, by what is changed."""
    currency = explained.valuation.currency
    titles = {"condition": "In another condition", "season": "At another time", "region": "Sold elsewhere"}
    found: list[tuple[str, list[AlternativeRow]]] = []
    for name, title in titles.items():
        rows = [_alternative(each, currency) for each in explained.what_if if each.change == name]
        if rows:
            found.append((title, rows))
    return found


@dataclass(frozen=True, slots=True)
class AlternativeRow:
    """One alternative: what, its value, and how far that is from the value as asked."""

    to: str
    value: str
    change: str
    note: str


def _alternative(each: Alternative, currency: str) -> AlternativeRow:
    to = each.to.replace("_", " ")
    return AlternativeRow(to, money(each.fmv, currency), change(each.difference, currency), each.note or "")
