"""Finds the comparables of one thing: sold ones and asking ones apart, each offer once, with its likeness and reasons.

Candidates are the most similar titles among those that carry such a price by the day, and the rows of the same barcode
or product. Only they are read more closely: what a thing is, and what it has in common with the one in question.
"""

from __future__ import annotations

import heapq
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from functools import lru_cache
from typing import Any, Literal

import numpy as np
import pandas as pd

from features.comparables.index import TitleIndex
from features.comparables.likeness import Told, ceiling, figures, likeness
from features.comparables.same_item import Candidate, Offer, offers
from features.comparables.search import Terms
from features.comparables.shelves import ByKey, OneKind
from features.comparables.wording import Wording, ago
from features.photo import Look
from features.taxonomy import OTHER
from features.text import neutral
from features.thing import Thing, read_thing

Side = Literal["sold", "asking"]
# A trade that was done is a price that was paid.
_SOLD = ("sold", "traded")

_TITLES = 80  # most similar titles looked at
_OF_A_TITLE = 12  # newest sellers of each
_OF_A_KEY = 40  # newest sellers with the same barcode, or of the same product
_OF_AN_OWNER = 12  # titles of one seller
_READ = 150  # offers read closely
_LEAST = 0.15
_TEXTS = (
    "listing source seller title product category grade region price currency brand gtin mpn condition kind image look"
)


@dataclass(frozen=True)
class Question:
    """The thing to compare: as `features.thing` reads it, and as a market row has it.

    `listing` names the listing that is asked about, if it is one, and `seller` whose that is: it and what is the same
    offer are left out.
    """

    thing: Thing
    title: str
    category: str
    product: str
    day: int
    listing: str | None = None
    seller: str | None = None


@dataclass(frozen=True)
class Alike:
    """A comparable: its market row, likeness (0–1), reasons, and the other listings it stands for, each with why."""

    row: int
    similarity: float
    reasons: tuple[str, ...]
    others: tuple[tuple[str, str], ...]


class Finder:
    """Finds comparables in a market table sorted by day. Asking changes nothing: many threads may ask."""

    def __init__(self, rows: pd.DataFrame, index: TitleIndex) -> None:
        self._index = index
        sold = rows["kind"].isin(_SOLD).to_numpy()
        self._kinds: dict[Side, OneKind] = {"sold": OneKind(index, sold), "asking": OneKind(index, ~sold)}
        self._keys = {name: ByKey(rows[name]) for name in ("gtin", "product", "listing") if name in rows}
        code, self._categories = pd.factorize(rows["category"])
        self._category_of_title = code[index.order[index.start[:-1]]]
        self._share = lru_cache(maxsize=16)(self._share_of)
        self._text = {name: rows[name].to_numpy(object) for name in _TEXTS.split() if name in rows}
        self._look_day = rows["look_day"].to_numpy(float) if "look_day" in rows else None
        self._attributes = rows["attributes"].to_numpy(object) if "attributes" in rows else None

    def find(self, asked: Question, idf: np.ndarray, sides: Sequence[Side], limit: int) -> dict[Side, list[Alike]]:
        """The best `limit` comparables of each side as known at the end of the question's day, best first.

        Likeness counts to a hundredth; of equally alike ones the newer come first.
        """
        (terms,) = self._index.terms([asked.title], idf, by_length=True)
        wording = Wording(asked.title, idf)
        return {side: self._of_kind(asked, terms, wording, idf, self._kinds[side], limit) for side in sides}

    def rows_by(self, name: Literal["gtin", "product", "listing"], key: str, day: int) -> np.ndarray:
        """Market rows that have this barcode, product or listing id, as known at the end of a day; oldest first."""
        rows = self._keys[name].rows_of(key)
        return rows[: np.searchsorted(self._index.day[rows], day, side="right")]

    def _of_kind(
        self, asked: Question, terms: Terms, wording: Wording, idf: np.ndarray, kind: OneKind, limit: int
    ) -> list[Alike]:
        row, alike = self._candidates(asked, terms, idf, kind)
        seen = [self._read(int(place), float(words), asked.day) for place, words in zip(row, alike, strict=True)]
        told = list(self._likest(asked, row, seen, wording, limit))
        told.sort(key=lambda each: (-round(each[1], 2), -seen[each[0].stands].day, seen[each[0].stands].listing))
        return [
            Alike(
                row=int(row[offer.stands]),
                similarity=round(similarity, 4),
                reasons=tuple(self._reasons(asked, int(row[offer.stands]), why, wording)),
                others=self._others(asked.day, row, seen, offer, kind),
            )
            for offer, similarity, why in told[:limit]
        ]

    def _candidates(
        self, asked: Question, terms: Terms, idf: np.ndarray, kind: OneKind
    ) -> tuple[np.ndarray, np.ndarray]:
        """Market rows, and how alike their words are, less for another category."""
        share = self._share(asked.category)
        titles, alike = self._index.search(
            terms, kind.first_day <= asked.day, idf, top=_TITLES, least=_LEAST, per_owner=_OF_AN_OWNER, share=share
        )
        newest = self._index.newest_of_sellers
        parts = [newest(kind.rows_of(int(title)), asked.day, _OF_A_TITLE) for title in titles]
        found = np.concatenate([*parts, np.zeros(0, int)]).astype(int)
        wanted = {"gtin": asked.thing.gtin, "product": asked.product}
        keyed = [self._keys[name].rows_of(key) for name, key in wanted.items() if name in self._keys]
        same = [rows[kind.mine[rows]] for rows in keyed]
        more = np.setdiff1d(np.concatenate([newest(rows, asked.day, _OF_A_KEY) for rows in same]), found)
        its = self._index.title_of_row[more]
        words = self._index.similarity(terms, its, idf) * (1.0 if share is None else share[its])
        return np.concatenate([found, more]), np.concatenate([np.repeat(alike, [len(part) for part in parts]), words])

    def _share_of(self, category: str) -> np.ndarray | None:
        """What the likeness of each title is multiplied with because of its category; None where all are alike in that.

        A title has the category of its first row, which never changes.
        """
        if category == OTHER:
            return None
        by_category = np.full(len(self._categories), figures().differs.category, np.float32)
        by_category[[place for place, name in enumerate(self._categories) if name in (category, OTHER)]] = 1.0
        out: np.ndarray = by_category[self._category_of_title]
        return out

    def _read(self, row: int, alike: float, day: int) -> Candidate:
        listing = self._said("listing", row) or ""
        return Candidate(
            listing=listing,
            source=self._said("source", row) or listing.partition("/")[0],
            seller=self._said("seller", row) or listing,
            words=neutral(self._said("title", row) or ""),
            product=self._said("product", row) or "",
            category=self._said("category", row) or "",
            grade=self._said("grade", row) or "",
            region=self._said("region", row) or "",
            price=f"{self._said('price', row)} {self._said('currency', row)}",
            day=int(self._index.day[row]),
            alike=alike,
            photo=self._said("image", row),
            look=self._look(row, day),
        )

    def _look(self, row: int, day: int) -> Look | None:
        """What a listing's photo looks like, where that was known on a day."""
        said = self._said("look", row)
        if said is None or self._look_day is None or self._look_day[row] > day:
            return None
        return Look(*said.split(":"))

    def _said(self, name: str, row: int) -> str | None:
        value: Any = self._text[name][row] if name in self._text else None
        return value.strip() or None if isinstance(value, str) else None

    def _likeness(
        self, asked: Question, row: np.ndarray, seen: Sequence[Candidate], offer: Offer
    ) -> tuple[float, list[Told]]:
        each, place = seen[offer.stands], int(row[offer.stands])
        other = read_thing(
            self._said("title", place) or "",
            brand=self._said("brand", place),
            gtin=self._said("gtin", place),
            mpn=self._said("mpn", place),
            condition=self._said("condition", place),
            attributes=self._attributes[place] if self._attributes is not None else None,
        )
        return likeness(asked.thing, other, each.alike, same_product=each.product == asked.product)

    def _likest(
        self, asked: Question, row: np.ndarray, seen: Sequence[Candidate], wording: Wording, limit: int
    ) -> Iterator[tuple[Offer, float, list[Told]]]:
        """Offers with their likeness; at least the `limit` most alike, and of equally alike ones all.

        A thing is read only as long as it may be among them.
        """
        best: list[float] = []
        for most, offer in _closest(asked, seen):
            if len(best) == limit and round(most, 2) < round(best[0], 2):
                return
            similarity, told = self._likeness(asked, row, seen, offer)
            found = offer, similarity, told
            if similarity >= figures().least and self._has_common(found, row, wording):
                (heapq.heappushpop if len(best) == limit else heapq.heappush)(best, similarity)
                yield found

    def _has_common(self, found: tuple[Offer, float, list[Told]], row: np.ndarray, wording: Wording) -> bool:
        """Whether there is a word or an identifier in common: hashed words collide now and then."""
        offer, _, told = found
        return any(each.pull for each in told) or wording.has_of(self._said("title", int(row[offer.stands])) or "")

    def _others(
        self, day: int, row: np.ndarray, seen: Sequence[Candidate], offer: Offer, kind: OneKind
    ) -> tuple[tuple[str, str], ...]:
        """The other listings of an offer: those among the candidates, and whatever else its seller has so worded."""
        stands = seen[offer.stands]
        why = {seen[place].listing: said for place, said in offer.others}
        for title in {
            int(self._index.title_of_row[row[place]]) for place in (offer.stands, *(p for p, _ in offer.others))
        }:
            rows = kind.rows_of(title)
            rows = rows[: np.searchsorted(self._index.day[rows], day, side="right")]
            its = rows[self._index.seller[rows] == self._index.seller[row[offer.stands]]]
            for listing in self._text["listing"][its]:
                why.setdefault(str(listing), "relisting")
        why.pop(stands.listing, None)
        return tuple(sorted(why.items()))

    def _reasons(self, asked: Question, row: int, told: Sequence[Told], wording: Wording) -> Iterator[str]:
        title = self._said("title", row) or ""
        yield from (each.words for each in told)
        if shared := wording.shared(title):
            yield f"same words: {' '.join(shared)}"
        if missing := wording.missing(title):
            yield f"does not say: {' '.join(missing)}"
        category = self._said("category", row) or OTHER
        if category != asked.category and OTHER not in (category, asked.category):
            yield f"other category: {category} for {asked.category}"
        when = ago(
            self._said("kind", row) or "", asked.day - int(self._index.day[row]), self._said("region", row) or ""
        )
        if asked.seller is None:
            yield when
        else:
            own = asked.seller == self._said("seller", row)
            yield f"{'the same' if own else 'another'} seller's, {when}"


def _closest(asked: Question, seen: Sequence[Candidate]) -> list[tuple[float, Offer]]:
    """The offers that may be the most alike first, each with the most it can be; without the one asked about."""
    out = []
    for offer in offers(seen):
        places = (offer.stands, *(place for place, _ in offer.others))
        if asked.listing is None or all(seen[place].listing != asked.listing for place in places):
            stands = seen[offer.stands]
            same = stands.product == asked.product
            out.append((ceiling(asked.thing, stands.alike, stands.words, same_product=same), offer))
    return sorted(out, key=lambda each: (-each[0], seen[each[1].stands].listing))[:_READ]
