"""Guessed categories through time: each month's listings by a model of what was known at the month's start.

A new model is taken at the start of a month in which something must be guessed, once the known titles have grown by a
quarter. What it learns from are the listings seen before whose category their source states or their words firmly say.
"""

from __future__ import annotations

import hashlib
import json
import shutil
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from features.classifier import THRESHOLD, CategoryModel, understand_all
from features.market import day_date, day_number
from features.taxonomy import tree
from warehouse.errors import BadInput

GROWTH = 1.25
_STARTS = "starts.json"
_KEPT = 24
_FIRM = frozenset({"stated", "noun", "name"})
# A model that has seen hardly any titles is over-sure of what it has not seen.
_LEAST = 200


@dataclass
class CategoryGuesses:
    """Models by the first day they hold on, ascending; before the first nothing is guessed."""

    models: list[tuple[int, CategoryModel]]

    def on(self, day: int) -> CategoryModel | None:
        """The model in use on a day (days since 1970)."""
        return next((model for start, model in reversed(self.models) if start <= day), None)

    def category(self, stated: str | None, title: str, day: int) -> tuple[str, str]:
        """The category of one thing as understood on a day, and how it is known."""
        plain = understand_all([stated], [title])[0]
        if plain.how in _FIRM and plain.category in tree():
            return plain.category, plain.how
        read = understand_all([stated], [title], self.on(day))[0]
        return read.category, read.how

    def save(self, folder: Path) -> None:
        """Write the models below a new folder."""
        folder.mkdir(parents=True)
        for _, model in self.models:
            if not (folder / model.key).is_dir():
                model.save(folder / model.key)
        (folder / _STARTS).write_text(json.dumps([[start, model.key] for start, model in self.models]), "utf-8")

    @classmethod
    def load(cls, folder: Path) -> CategoryGuesses:
        """What `save` wrote."""
        starts = json.loads((folder / _STARTS).read_text("utf-8"))
        models = {key: CategoryModel.load(folder / key) for key in {key for _, key in starts}}
        return cls([(start, models[key]) for start, key in starts])


class Guesser:
    """Guesses the categories of listings that the rules leave open, month by month; `features.identify.Guess`."""

    def __init__(self, folder: Path | None = None) -> None:
        """`folder` keeps models between runs, by the hash of what they learned from."""
        self.guesses, self.folder = CategoryGuesses([]), folder

    def __call__(self, first: dict[str, list[Any]], categories: list[str], how: list[str]) -> list[float | None]:
        confidence: list[float | None] = [None] * len(categories)
        known = tree()
        firm = [how[place] in _FIRM and categories[place] in known for place in range(len(categories))]
        months: dict[int, list[int]] = {}
        for place, sure in enumerate(firm):
            if not sure:
                months.setdefault(_month(first["day"][place]), []).append(place)
        learned = 0
        for start in sorted(months):
            before = [place for place, sure in enumerate(firm) if sure and first["day"][place] < start]
            if len(before) >= max(_LEAST, GROWTH * learned):
                self.guesses.models.append((start, _model(first, categories, before, self.folder)))
                learned = len(before)
            self._guess(first, categories, how, confidence, months[start], self.guesses.on(start))
        return confidence

    def _guess(
        self,
        first: dict[str, list[Any]],
        categories: list[str],
        how: list[str],
        confidence: list[float | None],
        places: Sequence[int],
        model: CategoryModel | None,
    ) -> None:
        stated, titles = ([first[name][place] for place in places] for name in ("category", "title"))
        for place, read in zip(places, understand_all(stated, titles, model), strict=True):
            if read.how == "model" and read.confidence >= THRESHOLD:
                categories[place], how[place], confidence[place] = read.category, "guessed", round(read.confidence, 4)


def _model(
    first: dict[str, list[Any]], categories: Sequence[str], before: Sequence[int], folder: Path | None
) -> CategoryModel:
    """The model of the listings at some places, in an order that what came later does not change; kept or learned."""
    ordered = sorted(before, key=lambda place: (first["day"][place], first["source"][place], first["id"][place]))
    titles, known = [first["title"][place] for place in ordered], [categories[place] for place in ordered]
    groups = [f"{first['source'][place]}/{first['id'][place]}" for place in ordered]
    if folder is None:
        return CategoryModel.train(titles, known, groups=groups)
    said = json.dumps([titles, known, groups, tree().leaves()], ensure_ascii=False)
    kept = folder / hashlib.sha256(said.encode()).hexdigest()[:24]
    try:
        return CategoryModel.load(kept)
    except BadInput:
        # Not there, or of an earlier version.
        model = CategoryModel.train(titles, known, groups=groups)
        model.save(kept)
        _prune(folder)
        return model


def _prune(folder: Path) -> None:
    """Keep the newest few: the others can be learned again."""
    there = sorted((path for path in folder.iterdir() if path.is_dir()), key=lambda path: path.stat().st_mtime)
    for path in there[:-_KEPT]:
        shutil.rmtree(path, ignore_errors=True)


def _month(day: int) -> int:
    """The first day of a day's month."""
    return day_number(day_date(day).replace(day=1))
