"""Assigning keys to products: each once, at its first day, by what was seen before it.

All keys are walked in their order (day by day; within a day those decided by earlier runs first, then by name). Earlier
runs' links and people's decisions are replayed at their days, so that a listing that comes late meets the products as
they were then. Pairs are scored many at a time; since a score depends on its pair alone, how many makes no difference.
"""

from __future__ import annotations

import itertools
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, field

import numpy as np

from features.matching.blocking import Blocks, pieces
from features.matching.clusters import RULES, Clusters, Link, Rules, Unit
from features.matching.conflict import Facts, conflict, facts_of, thing_of
from features.matching.decisions import Decision, standing
from features.matching.explain import why_same
from features.matching.scorer import PairScorer

ScorerOn = Callable[[int], PairScorer]
_CHUNK = 2_000
# A product is held against another by so many keys of each.
_MERGE_SIDE = 3


@dataclass(slots=True)
class Count:
    """What an assignment cost: keys decided, candidate pairs from blocking, pairs scored."""

    keys: int = 0
    candidates: int = 0
    scored: int = 0


@dataclass(frozen=True, slots=True)
class _Fit:
    """How well a key fits a product: mean and least probability over its representatives, and the nearest of them."""

    product: int
    mean: float
    least: float
    nearest: int


@dataclass(slots=True)
class _Chunk:
    """Keys decided by one scorer: their candidates, and the scores known so far."""

    scorer: PairScorer
    candidates: dict[int, list[int]] = field(default_factory=dict)
    scores: dict[tuple[int, int], float] = field(default_factory=dict)


class _FactsOf:
    """The facts of keys by position, read when they are asked for: most known keys are never compared again."""

    def __init__(self, units: Sequence[Unit]) -> None:
        self._units = units
        self._read: dict[int, Facts] = {}

    def __getitem__(self, position: int) -> Facts:
        if position not in self._read:
            self._read[position] = facts_of(thing_of(self._units[position].item))
        return self._read[position]


class Assigner:
    """Decides new keys. `units` are all keys, `links` what earlier runs decided, `decisions` what people did."""

    def __init__(
        self,
        units: Iterable[Unit],
        links: Sequence[Link],
        decisions: Sequence[Decision],
        scorer_on: ScorerOn,
        rules: Rules = RULES,
    ) -> None:
        first = {link.key: link.day for link in sorted(links, key=lambda link: link.day, reverse=True)}
        placed = sorted((first.get(unit.key, unit.day), unit.key not in first, unit.key, unit) for unit in units)
        self.units = [unit for *_, unit in placed]
        self.days = [day for day, *_ in placed]
        self.new = [position for position, (_, new, *_rest) in enumerate(placed) if new]
        self.rules, self.scorer_on, self.count = rules, scorer_on, Count(keys=len(self.new))
        self.facts = _FactsOf(self.units)
        self.blocks = Blocks.of([pieces(unit.item) for unit in self.units])
        self.clusters = Clusters([unit.key for unit in self.units])
        self.clusters.keep_apart((each.key, each.product) for each in standing(decisions) if not each.same)
        in_order = sorted(links, key=lambda link: link.day)
        self._links = {day: list(group) for day, group in itertools.groupby(in_order, key=lambda link: link.day)}
        self._decisions = {day: list(group) for day, group in itertools.groupby(decisions, key=lambda each: each.day)}
        self._coming = sorted({*self._links, *self._decisions}, reverse=True)
        self._by_maker: dict[tuple[str, str], list[int]] = {}
        self._fresh: list[int] = []

    def run(self) -> list[Link]:
        """Decide all new keys; returns the new links, in the order they were decided."""
        for position in range(len(self.units)):
            self._note_maker(position)
        for chunk in self._chunks():
            work = self._scored(chunk)
            for position in chunk:
                self._catch_up(self.days[position])
                self._decide(position, work)
                self._fresh.append(position)
        self._catch_up(None)
        return self.clusters.moves

    def _chunks(self) -> Iterable[list[int]]:
        """New keys in their order, those together that one scorer judges."""
        for _, group in itertools.groupby(self.new, key=lambda position: self.scorer_on(self.days[position]).key):
            positions = list(group)
            yield from (positions[start : start + _CHUNK] for start in range(0, len(positions), _CHUNK))

    def _note_maker(self, position: int) -> None:
        item = self.units[position].item
        if (item.mpn or item.attributes) and (maker := self.facts[position].maker):
            self._by_maker.setdefault(maker, []).append(position)

    # ---- what was decided before, and by people

    def _catch_up(self, day: int | None) -> None:
        """Replay links and decisions up to a day; those of the day itself are there before its new keys.

        Decisions of a day come after its keys, for they were made about what could be seen.
        """
        while self._coming and (day is None or self._coming[-1] <= day):
            at = self._coming[-1]
            for link in self._links.pop(at, []):
                self.clusters.quiet(link)
            self._follow(at)
            if day is not None and at == day:
                return
            for decision in self._decisions.pop(at, []):
                self._obey(decision, at)
            self._coming.pop()

    def _follow(self, day: int) -> None:
        """Keys that came late go where the product they joined has gone since."""
        for position in self._fresh:
            product = self.clusters.product[position]
            now = self.clusters.product[product]
            if now != product:
                why = f"its product {self.units[product].key} was joined to it"
                self.clusters.move([position], now, day, "merged", why)

    def _obey(self, decision: Decision, day: int) -> None:
        """Make a person's decision so, where it is not."""
        clusters = self.clusters
        one, other = clusters.place.get(decision.key), clusters.place.get(decision.product)
        if one is None or other is None or one not in clusters.product or other not in clusters.product:
            return
        together = clusters.product[one] == clusters.product[other]
        if decision.same and not together:
            clusters.move(clusters.party(one), clusters.product[other], day, "person", decision.why, 1.0)
        elif not decision.same and together:
            leaves = other if clusters.product[one] == one else one
            clusters.move(clusters.party(leaves), leaves, day, "person", decision.why, 0.0)

    # ---- scores

    def _scored(self, chunk: Sequence[int]) -> _Chunk:
        """A chunk's work: its scorer, and the scores of all but those that a maker's number will likely join."""
        work = _Chunk(self.scorer_on(self.days[chunk[0]]))
        self._compare(work, [position for position in chunk if not self._same_maker(position)])
        return work

    def _compare(self, work: _Chunk, positions: Sequence[int]) -> None:
        """The candidates of keys with their scores, and those against the products they may join."""
        rules = self.rules
        for position in positions:
            near, _ = self.blocks.candidates(position, top=rules.candidates, least=rules.alike)
            self.count.candidates += len(near)
            fitting = (int(p) for p in near if conflict(self.facts[position], self.facts[int(p)]) is None)
            work.candidates[position] = list(itertools.islice(fitting, rules.compared))
        self._score(work, [(position, near) for position in positions for near in work.candidates[position]])
        wanted = [
            (position, each)
            for position in positions
            for candidate in work.candidates[position]
            if work.scores[position, candidate] >= rules.each and candidate in self.clusters.product
            for each in self.clusters.representatives(self.clusters.product[candidate], rules.representatives)
        ]
        self._score(work, wanted)

    def _same_maker(self, position: int) -> list[int]:
        """Earlier keys with the same maker's number that contradict in nothing."""
        facts = self.facts[position]
        others = self._by_maker.get(facts.maker, []) if facts.maker else []
        return [each for each in others if each < position and conflict(facts, self.facts[each]) is None]

    def _score(self, work: _Chunk, pairs: Iterable[tuple[int, int]]) -> None:
        """Score pairs of positions that have no score yet. Four digits: what machines compute alike."""
        new = [pair for pair in dict.fromkeys(pairs) if pair not in work.scores]
        if not new:
            return
        scores = work.scorer.score([self.units[p].item for p, _ in new], [self.units[q].item for _, q in new])
        self.count.scored += len(new)
        work.scores.update(zip(new, np.round(scores, 4).tolist(), strict=True))

    def _fit(self, work: _Chunk, position: int, product: int, least: float) -> _Fit | None:
        """How a key fits a product; None where one of its representatives contradicts or speaks against it."""
        speakers = self.clusters.representatives(product, self.rules.representatives)
        if any(conflict(self.facts[position], self.facts[each]) for each in speakers):
            return None
        self._score(work, ((position, each) for each in speakers))
        scores = [work.scores[position, each] for each in speakers]
        fit = _Fit(product, float(np.mean(scores)), min(scores), speakers[int(np.argmax(scores))])
        return fit if fit.mean >= least and fit.least >= self.rules.each else None

    # ---- decisions

    def _decide(self, position: int, work: _Chunk) -> None:
        if self._joined_exactly(position):
            return
        if position not in work.candidates:
            self._compare(work, [position])
        day, clusters = self.days[position], self.clusters
        fits = self._fits(position, work)
        if not fits:
            clusters.move([position], position, day, "founded", "nothing known then was the same")
            return
        best, model = fits[0], work.scorer.key
        why = self._why(position, best.nearest)
        clusters.move([position], best.product, day, "matched", why, round(best.mean, 4), model)
        for rival in fits[1:]:
            if min(best.mean, rival.mean) >= self.rules.merge and clusters.product[position] == best.product:
                self._merge(position, best.product, rival.product, work)

    def _fits(self, position: int, work: _Chunk) -> list[_Fit]:
        """The products a key fits, the best first; the older of two that fit alike."""
        likely = [q for q in work.candidates[position] if work.scores[position, q] >= self.rules.each]
        products = dict.fromkeys(self.clusters.product[q] for q in likely)
        fits = [
            fit
            for product in products
            if not self.clusters.kept_apart([position], product)
            and (fit := self._fit(work, position, product, self.rules.join))
        ]
        return sorted(fits, key=lambda fit: (-fit.mean, fit.product))

    def _joined_exactly(self, position: int) -> bool:
        """Join the product of an earlier key with the same maker's number, where nothing contradicts."""
        facts, clusters, day = self.facts[position], self.clusters, self.days[position]
        for same in self._same_maker(position):
            product = clusters.product[same]
            if clusters.kept_apart([position], product):
                continue
            if self._contradicted(facts, product):
                if clusters.how[same] != "matched":
                    continue
                why = f"{self.units[same].item.title!r:.80} is article {facts.gtin}, its product another"
                clusters.move(clusters.party(same), same, day, "split", why, 0.0)
            clusters.move([position], clusters.product[same], day, "exact", self._why(position, same), 1.0)
            return True
        return False

    def _contradicted(self, facts: Facts, product: int) -> bool:
        """Whether a product's speakers have another article number."""
        speakers = self.clusters.representatives(product, self.rules.representatives)
        return any(
            facts.gtin and other.gtin and facts.gtin != other.gtin for other in (self.facts[s] for s in speakers)
        )

    def _merge(self, position: int, one: int, other: int, work: _Chunk) -> None:
        """Join two products that a key shows to be one, the younger to the older, where their own keys agree."""
        older, younger = min(one, other), max(one, other)
        clusters, facts = self.clusters, self.facts
        sides = [clusters.representatives(product, _MERGE_SIDE) for product in (older, younger)]
        pairs = [(max(pair), min(pair)) for pair in itertools.product(*sides) if position not in pair]
        if clusters.kept_apart(clusters.members[younger], older):
            return
        if any(conflict(facts[p], facts[q]) for p, q in pairs):
            return
        self._score(work, pairs)
        scores = [work.scores[pair] for pair in pairs]
        if scores and (np.mean(scores) < self.rules.join or min(scores) < self.rules.each):
            return
        why = f"{self.units[position].item.title!r:.80} is the same as both: {self._why(younger, older)}"
        mean = round(float(np.mean(scores)), 4) if scores else None
        clusters.move(clusters.members[younger], older, self.days[position], "merged", why, mean, work.scorer.key)

    def _why(self, position: int, other: int) -> str:
        return why_same(thing_of(self.units[position].item), thing_of(self.units[other].item))
