"""A question as tantivy's query, built from terms: no syntax is ever read, so that nothing a person types can break it.

Every asked word is worth its rarity (inverse document frequency, Spärck Jones 1972); a product earns the worth of a
word times the likeness of the reading it has, and the best reading counts. Products that have all words come first.
Where those are few, words may be missing: a third of them, then half.
"""

from __future__ import annotations

import itertools
import math
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from features.search.spelling import OTHER_WRITING, Reading, Vocabulary
from features.search.words import joins

# What a word found among a product's other titles or in its category counts, beside its title, brand and codes.
ELSEWHERE = 0.7
# Words that a product has while others are missing must be worth this share of the needed ones.
ENOUGH = 0.45
# Of a long question the rarest words are needed; the others only add.
MOST_NEEDED = 7


@dataclass(frozen=True, slots=True)
class Meaning:
    """One asked word: what it may mean, the likeliest first, and what it is worth."""

    readings: tuple[Reading, ...]
    worth: float


@dataclass(frozen=True, slots=True)
class Question:
    """What is asked: the words that a product must have, and those that only add to its relevance."""

    needed: tuple[Meaning, ...]
    besides: tuple[Meaning, ...]

    @property
    def worth(self) -> float:
        """What a product earns that has every word as it was asked."""
        return sum(meaning.worth for meaning in (*self.needed, *self.besides))


def read(asked: Sequence[str], vocabulary: Vocabulary, products: int) -> Question:
    """What the asked words may mean: each alone, or joined with the one after or before it ("mac book").

    Words that join others ("for") are not needed, unless they are all there is.
    """
    joined = [left + right for left, right in itertools.pairwise(asked)]
    telling: list[Meaning] = []
    joining: list[Meaning] = []
    for place, word in enumerate(asked):
        around = joined[max(0, place - 1) : place + 1]
        readings = [Reading((text,), OTHER_WRITING) for text in around if vocabulary.count(text)]
        readings += vocabulary.readings(word)
        sure = [reading for reading in readings if reading.likeness >= OTHER_WRITING] or readings[:1]
        frequency = max((min(map(vocabulary.count, reading.text)) for reading in sure), default=1)
        meaning = Meaning(tuple(readings), math.log1p(products / max(1, frequency)))
        (joining if joins(word) else telling).append(meaning)
    if not telling:
        telling, joining = joining, []
    ranked = sorted(telling, key=lambda meaning: (not meaning.readings, -meaning.worth))
    known = [meaning for meaning in (*ranked[MOST_NEEDED:], *joining) if meaning.readings]
    return Question(tuple(ranked[:MOST_NEEDED]), tuple(known))


def tiers(question: Question) -> list[int]:
    """How many of the needed words a product must have, from strict to lenient."""
    number = len(question.needed)
    return sorted({number, number - number // 3, (number + 1) // 2}, reverse=True)


def at_least(schema: Any, question: Question, least: int) -> Any | None:
    """The query for products with `least` of the needed words; None where too few of them mean anything.

    Products are sought by every choice of so many words that are worth enough. The rarest word of a choice leads, so
    that frequent words cost little.
    """
    from tantivy import Occur, Query

    total = sum(meaning.worth for meaning in question.needed)
    choices = [
        choice
        for choice in itertools.combinations([meaning for meaning in question.needed if meaning.readings], least)
        if choice and sum(meaning.worth for meaning in choice) >= ENOUGH * total
    ]
    if not choices:
        return None
    answers = {id(meaning): _answers(schema, meaning) for meaning in (*question.needed, *question.besides)}
    besides = [(Occur.Should, answers[id(meaning)]) for meaning in question.besides]
    if least == len(question.needed):
        return Query.boolean_query([*((Occur.Must, answers[id(meaning)]) for meaning in question.needed), *besides])
    sought = [Query.boolean_query([(Occur.Must, answers[id(each)]) for each in choice]) for choice in choices]
    one = Query.const_score_query(Query.boolean_query([(Occur.Should, each) for each in sought]), 0.0)
    scored = [(Occur.Should, answers[id(meaning)]) for meaning in question.needed if meaning.readings]
    return Query.boolean_query([(Occur.Must, one), *scored, *besides])


def _answers(schema: Any, meaning: Meaning) -> Any:
    """The query for products that have the word in any of its readings."""
    from tantivy import Query

    parts = []
    for reading in meaning.readings:
        earned = meaning.worth * reading.likeness
        if len(reading.text) > 1:
            parts.append(Query.const_score_query(Query.phrase_query(schema, "words", list(reading.text)), earned))
            continue
        for field, share in (("words", 1.0), ("more", ELSEWHERE)):
            term = Query.term_query(schema, field, reading.text[0], index_option="basic")
            parts.append(Query.const_score_query(term, earned * share))
    return Query.disjunction_max_query(parts)
