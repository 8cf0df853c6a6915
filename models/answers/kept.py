"""What is the same for many questions, reckoned once and kept: a vintage's market and intervals, products' prices."""

from __future__ import annotations

from collections.abc import Sequence

from models.base.reference import Reference
from models.interval import Calibration, scores_on
from models.level.products import ProductNow, products_on
from models.level.state import Learned

_REFERENCES = 40  # kept at a time: each holds columns of the whole market
_CALIBRATIONS = 200
_PRODUCTS = 200_000


class Kept:
    """What questions of a day are answered with."""

    def __init__(self, learned: Learned) -> None:
        self.learned = learned
        self._references: dict[int, Reference] = {}
        self._calibrations: dict[tuple[int, int], Calibration] = {}
        self._products: dict[tuple[str, int], ProductNow | None] = {}

    def forget(self) -> None:
        """Let go of what holds much memory."""
        self._references.clear()
        self._products.clear()

    def reference(self, day: int) -> Reference:
        """The market at the reference of the vintage of a day."""
        learned = self.learned
        vintage = learned.vintage(day)
        cutoff = vintage.cutoff if vintage is not None else -1
        if cutoff not in self._references:
            later = [each.cutoff for each in learned.vintages if each.cutoff > cutoff]
            until = min(later) - 1 if later else int(learned.levels.days[-1])
            if len(self._references) > _REFERENCES:
                self._references.clear()
            self._references[cutoff] = Reference(learned.market, vintage, until)
        return self._references[cutoff]

    def calibration(self, day: int) -> Calibration | None:
        """The intervals of the vintage of a day, with the cases known by then; None before the first vintage."""
        learned, knobs = self.learned, self.learned.knobs.interval
        vintage = learned.vintage(day)
        if vintage is None:
            return None
        following = [each.scores for each in learned.vintages if each.cutoff > vintage.cutoff]
        place = (vintage.cutoff, day if following else vintage.cutoff)
        if place not in self._calibrations:
            if len(self._calibrations) > _CALIBRATIONS:
                self._calibrations.clear()
            scores = scores_on(vintage.scores, following[0], *place, knobs) if following else vintage.scores
            self._calibrations[place] = Calibration(scores, knobs)
        return self._calibrations[place]

    def products(self, asked: Sequence[tuple[str, str]], day: int) -> dict[str, ProductNow | None]:
        """The reference prices on a day of products (with their categories), None where one has none from an earlier
        period; all that are new are reckoned at once."""
        learned = self.learned
        if len(self._products) > _PRODUCTS:
            self._products.clear()
        new = {product: category for product, category in asked if (product, day) not in self._products}
        of_day = [(product, category, day) for product, category in new.items()]
        found = products_on(learned.market, learned.levels, self.reference(day), of_day, learned.knobs)
        self._products |= {(product, day): each for product, each in zip(new, found, strict=True)}
        return {product: self._products[product, day] for product, _ in asked}
