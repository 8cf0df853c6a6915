"""The valuer: answers what a thing is worth from one snapshot, the same question always with the same bytes."""

from __future__ import annotations

import threading
from collections.abc import Callable, Sequence
from datetime import date
from decimal import Decimal
from pathlib import Path
from typing import TYPE_CHECKING, Any, Protocol

import numpy as np
import pandas as pd

from features.market import day_date, day_number
from features.taxonomy import OTHER
from features.understanding import Understands, open_understanding
from models.answers.answer import Answer, Point, build
from models.answers.asked import row_of, unseen_lot
from models.answers.currency import Rates
from models.answers.explain import SEVERAL
from models.answers.heading import Heading, headings
from models.answers.kept import Kept
from models.base.compose import Compared, compare
from models.base.worth import Base, base_values
from models.caps.declarations import Declaration, read_declarations
from models.level.products import ProductNow
from models.level.state import Learned
from models.services.desk import Desk, open_desk
from warehouse.valuation import Reason, Valuation, ValuationRequest

if TYPE_CHECKING:
    from models.explanation.parts import Usual
    from models.explanation.shapes import Explanation

_BATCH = 2000


class Published(Protocol):
    """What a valuer needs of a snapshot."""

    @property
    def id(self) -> str: ...

    @property
    def path(self) -> Path: ...

    @property
    def manifest(self) -> dict[str, Any]: ...


class Valuer:
    """Values things from what one snapshot holds. Thread-safe: one question at a time passes through the models."""

    def __init__(
        self,
        learned: Learned | None,
        rates: Rates,
        *,
        snapshot_id: str,
        code_version: str,
        understanding: Understands | None = None,
        declarations: Sequence[Declaration] = (),
        desk: Desk | None = None,
    ) -> None:
        """Without an `understanding` words alone say what a thing is, as in snapshots from before there was one.

        `declarations` of emergencies bound what is suggested in a trade (`explain`); no value depends on them.
        """
        self.learned = learned
        self.rates = rates
        self.snapshot_id = snapshot_id
        self.code_version = code_version
        self.understanding = understanding
        self.declarations = declarations
        self.desk = desk
        self.usual: dict[tuple[int, str], Usual] = {}
        self._lock = threading.Lock()
        self.kept = Kept(learned) if learned is not None else None

    @property
    def model(self) -> str:
        """The newest vintage's key, or "none"."""
        if self.learned is None or not self.learned.vintages:
            return "none"
        return self.learned.vintages[-1].key

    @property
    def last_day(self) -> int:
        """The data cut-off, in days since 1970."""
        return int(self.learned.levels.days[-1]) if self.learned is not None else 0

    def value(self, request: ValuationRequest) -> Valuation:
        return self.value_many([request])[0]

    def value_many(self, requests: Sequence[ValuationRequest]) -> list[Valuation]:
        """Values in the order of the requests."""
        out: list[Valuation | None] = [None] * len(requests)
        by_day: dict[int, list[int]] = {}
        for place, request in enumerate(requests):
            out[place] = self._no_goods(request)
            if out[place] is None:
                by_day.setdefault(self._day_of(request), []).append(place)
        with self._lock:
            for day, places in sorted(by_day.items()):
                for start in range(0, len(places), _BATCH):
                    part = places[start : start + _BATCH]
                    answers = self._value_on(day, [requests[place] for place in part])
                    for place, answer in zip(part, answers, strict=True):
                        out[place] = answer
        return [answer for answer in out if answer is not None]

    def look(self, request: ValuationRequest) -> tuple[Valuation, Point | None]:
        """A value with everything that was found out about it; None where the value is unknown."""
        other = self._no_goods(request)
        return (other, None) if other is not None else self._goods(request)

    def _no_goods(self, request: ValuationRequest) -> Valuation | None:
        """The value of work, rental, tickets and the like (models.services); None of goods."""
        if self.desk is None or self.learned is None:
            return None
        return self.desk.value(request, self._day_of(request), lambda goods: self._goods(goods)[0])

    def _goods(self, request: ValuationRequest) -> tuple[Valuation, Point | None]:
        seen: list[Point] = []
        with self._lock:
            answer = self._value_on(self._day_of(request), [request], seen.append)[0]
        return answer, seen[0] if seen else None

    def explain(self, request: ValuationRequest) -> Explanation:
        """A value with its computation taken apart, what would change it, and the trade cap beside it."""
        from models.explanation.explain import explain

        return explain(self, request)

    def worth_before(self, request: ValuationRequest, day: date) -> Decimal | None:
        """What a thing was worth before `day`, in the season of the question; None where that is not known."""
        from models.caps.apply import worth_before

        valuation, point = self.look(request)
        return None if point is None or self.learned is None else worth_before(valuation, point, self.learned, day)

    def close(self) -> None:
        """Let go of what was loaded."""
        if self.kept is not None:
            self.kept.forget()
        self.usual.clear()

    def _day_of(self, request: ValuationRequest) -> int:
        """The day asked about; a day after the data's end is the data's end, for nothing later is known."""
        if self.learned is None:
            return 0
        return self.last_day if request.as_of is None else min(day_number(request.as_of), self.last_day)

    def _value_on(
        self, day: int, requests: list[ValuationRequest], tell: Callable[[Point], object] = lambda point: None
    ) -> list[Valuation]:
        """Values as of one day; `tell` is told of everything that was found out about each that is known."""
        learned, kept = self.learned, self.kept
        if learned is None or kept is None:
            return [self._unknown(request, request.as_of or date(1970, 1, 1), "no_data") for request in requests]
        when = day_date(day)
        if day < learned.levels.days[0]:
            return [self._unknown(request, when, "before_data") for request in requests]
        rows = [row_of(request, when, self.rates, self.understanding) for request in requests]
        questions = pd.DataFrame(rows).assign(day=day)
        vintage, reference = learned.vintage(day), kept.reference(day)
        compared = self._compared(questions, day)
        coverage = learned.knobs.interval.coverage
        heads = headings(requests, rows, compared, day, learned.market, reference, coverage)
        if heads:
            for place, head in heads.items():
                rows[place] |= {"title": head.title, "product": head.product}
            questions = pd.DataFrame(rows).assign(day=day)
            again = self._compared(questions.iloc[list(heads)].reset_index(drop=True), day)
            for place, found in zip(heads, again, strict=True):
                compared[place] = found
        base = base_values(questions, compared, vintage)
        products = kept.products([(str(row["product"]), str(row["category"])) for row in rows], day)
        known = np.zeros(len(questions), bool)
        if vintage is not None:
            # With nothing to compare it with, the model alone is heard only of goods that it has learned from.
            known = vintage.knows(questions) & vintage.met(questions)
        return [
            self._answer(
                request,
                row,
                day,
                base,
                place,
                bool(known[place]),
                products[str(row["product"])],
                heads.get(place),
                tell,
            )
            for place, (request, row) in enumerate(zip(requests, rows, strict=True))
        ]

    def _compared(self, questions: pd.DataFrame, day: int) -> list[Compared]:
        learned, kept = self.learned, self.kept
        assert learned is not None
        assert kept is not None
        days = np.full(len(questions), day)
        reference, knobs = kept.reference(day), learned.knobs.comparables
        return compare(questions, days, learned.market, reference, knobs, learned.levels)

    def _answer(
        self,
        request: ValuationRequest,
        row: dict[str, Any],
        day: int,
        base: Base,
        place: int,
        known: bool,
        product: ProductNow | None,
        heading: Heading | None,
        tell: Callable[[Point], object],
    ) -> Valuation:
        learned, kept = self.learned, self.kept
        assert learned is not None
        assert kept is not None
        when, compared = day_date(day), base.compared[place]
        reason: Reason | None = None
        if len(compared.row) == 0 and not known:
            reason = "nothing_comparable"
        elif len(compared.row) == 0 and row["category"] == OTHER:
            reason = "too_vague"
        elif unseen_lot(row, learned.market.rows, compared.row):
            return self._unknown(request, when, "nothing_comparable", row, SEVERAL)
        currency = request.currency or self.rates.anchor
        rate = self.rates.on(currency, when)
        if reason is None and rate is None:
            reason = "no_exchange_rate"
        if reason is not None or rate is None:
            return self._unknown(request, when, reason or "no_exchange_rate", row)
        point = Point(
            request=request,
            row=row,
            day=day,
            ln_base=float(base.value[place]),
            hedonic=float(base.hedonic[place]),
            weight=float(base.weight[place]),
            compared=compared,
            vintage=learned.vintage(day),
            at=learned.levels.at(day),
            product=product,
            calibration=kept.calibration(day),
            known=known,
            rate=rate,
            currency=currency,
            side=learned.levels.side,
            heading=heading,
        )
        tell(point)
        return build(point, Answer(learned, self.snapshot_id, self.code_version, self.rates.anchor))

    def _unknown(
        self, request: ValuationRequest, when: date, reason: Reason, row: dict[str, Any] | None = None, more: str = ""
    ) -> Valuation:
        from models.answers.answer import unknown_answer

        return unknown_answer(
            request,
            row or {},
            when,
            reason,
            currency=request.currency or self.rates.anchor,
            snapshot=self.snapshot_id,
            code_version=self.code_version,
            model=self.model,
            more=more,
        )


def open_valuer(snapshot: Published, code_version: str | None = None) -> Valuer:
    """The valuer of a published snapshot.

    `code_version` is that of the running code, which is part of every valuation's identity; where it is not given, the
    code that published is taken to be the code that answers.
    """
    from models.training import saved
    from warehouse.query import read_only

    learned = saved.load(snapshot.path)
    connection = read_only(snapshot.path / "warehouse.duckdb")
    try:
        rates = Rates.read(connection, learned.knobs.anchor)
        declarations = read_declarations(connection)
        version = code_version or str(snapshot.manifest["code_version"])
        desk = open_desk(connection, learned, rates, snapshot=snapshot.id, code_version=version)
    finally:
        connection.close()
    understanding = open_understanding(snapshot.path)
    return Valuer(
        learned,
        rates,
        snapshot_id=snapshot.id,
        code_version=version,
        understanding=understanding,
        declarations=declarations,
        desk=desk,
    )
