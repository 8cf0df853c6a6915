"""Whether a trade is fair: what each side gives, by its FMV records, and how far that is apart. Pure arithmetic.

Fairness goes by the fair market values; a declared value counts only where the record says "unknown". Whoever
declares another value is told how far it is from the fair one.
"""

from __future__ import annotations

from collections.abc import Sequence
from fractions import Fraction

from pydantic import BaseModel, ConfigDict

from ledger.books.units import k_text


class _Frozen(BaseModel):
    model_config = ConfigDict(frozen=True)


class Worth(_Frozen):
    """A leg's values in rails: the record's (with its interval) and the declared one. At least one is known."""

    description: str
    fair: int | None
    low: int | None
    high: int | None
    declared: int | None

    @property
    def agreed(self) -> int:
        """What the parties trade it for: the declared value where there is one, else the fair one."""
        value = self.declared if self.declared is not None else self.fair
        assert value is not None, "a leg without a known value needs a declared one"
        return value

    @property
    def counted(self) -> int:
        """What fairness goes by: the fair value where it is known, else the declared one."""
        return self.fair if self.fair is not None else self.agreed


class Side(_Frozen):
    """Everything one party gives, in rails. The interval is known where each leg's is."""

    value: int
    agreed: int
    low: int | None
    high: int | None


class Fairness(_Frozen):
    """Both sides beside each other.

    `ratio` is the smaller side over the larger one (four places), `gap_percent` how much the smaller one falls short
    of the larger (one place). `overlap`: whether the intervals touch; None where one is unknown. `notices` is what
    both parties are told; a trade with `asks_reason` must state one.
    """

    proposer: Side
    counterparty: Side
    ratio: str
    gap_percent: str
    overlap: bool | None
    asks_reason: bool
    notices: tuple[str, ...]


def side(legs: Sequence[Worth]) -> Side:
    """The sum of what a party gives. The bounds are summed too: a hull, wider than a 90 % interval of the sum."""
    lows, highs = [leg.low for leg in legs], [leg.high for leg in legs]
    return Side(
        value=sum(leg.counted for leg in legs),
        agreed=sum(leg.agreed for leg in legs),
        low=None if None in lows else sum(low for low in lows if low is not None),
        high=None if None in highs else sum(high for high in highs if high is not None),
    )


def weigh(by_proposer: Sequence[Worth], by_counterparty: Sequence[Worth], above_percent: int) -> Fairness:
    """Compare both sides. A gap, or a declared value, further than `above_percent` off asks for a reason."""
    one, other = side(by_proposer), side(by_counterparty)
    smaller, larger = sorted((one.value, other.value))
    gap = Fraction(larger - smaller, larger) if larger else Fraction(0)
    notices = []
    if gap * 100 > above_percent:
        notices.append(
            f"One side gives {k_text(one.value)} K and the other {k_text(other.value)} K by fair market value: "
            f"{_places(gap * 100, 1)} % apart."
        )
    notices += [told for leg in (*by_proposer, *by_counterparty) if (told := _far_off(leg, above_percent))]
    asks_reason = bool(notices)
    notices += [
        f"{leg.description}: no fair market value is known; the declared {k_text(leg.agreed)} K stands alone."
        for leg in (*by_proposer, *by_counterparty)
        if leg.fair is None
    ]
    return Fairness(
        proposer=one,
        counterparty=other,
        ratio=_places(Fraction(1) - gap, 4),
        gap_percent=_places(gap * 100, 1),
        overlap=_overlap(one, other),
        asks_reason=asks_reason,
        notices=tuple(notices),
    )


def _far_off(leg: Worth, above_percent: int) -> str | None:
    if leg.declared is None or leg.fair is None:
        return None
    apart = abs(leg.declared - leg.fair)
    if apart * 100 <= above_percent * leg.fair:
        return None
    where = "above" if leg.declared > leg.fair else "below"
    share = f"{_places(Fraction(apart * 100, leg.fair), 1)} % " if leg.fair else ""
    return (
        f"{leg.description}: the declared {k_text(leg.declared)} K is {share}{where} the fair market value of "
        f"{k_text(leg.fair)} K; the record keeps both."
    )


def _overlap(one: Side, other: Side) -> bool | None:
    if one.low is None or one.high is None or other.low is None or other.high is None:
        return None
    return one.low <= other.high and other.low <= one.high


def _places(number: Fraction, places: int) -> str:
    scaled = round(number * 10**places)
    whole, rest = divmod(scaled, 10**places)
    return f"{whole}.{rest:0{places}d}"
