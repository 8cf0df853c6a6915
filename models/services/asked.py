"""What a text asks of work: which job, how many hours of how many people, or how often.

"3 hours of tutoring", "haircut", "5 sessions of personal training", "moving help, 2 men with van", "plumber per hour".
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache, lru_cache

from features.taxonomy import OTHER, read_category, tree
from features.title import plain
from features.words.phrases import NUMBER_WORDS
from models.services.jobs import Job, catalogue, word_forms

SERVICES = "services"
_WORDS = {"one": 1, **NUMBER_WORDS}
_NUMBER = r"(\d{1,4}(?:[.,]\d{1,2})?|" + "|".join(sorted(_WORDS, key=len, reverse=True)) + r"|half an?|an?)"
_HOURS = re.compile(rf"(?<![\w.]){_NUMBER}[\s-]*(hours?|hrs?|h|minutes?|mins?|min)(?!\w)")
_OF_WORK = re.compile(rf"(?:{_NUMBER}[\s-]*)?(?:hours?|hrs?|minutes?|mins?)\s+of(?!\w)")
_HALF = re.compile(r"(?<!\w)half[\s-]day")
_DAYS = re.compile(rf"(?<![\w.]){_NUMBER}\s+(?:full\s+|whole\s+|work(?:ing)?\s+)?days?\s+of(?!\w)")
_COUNT = re.compile(rf"(?<![\w.]){_NUMBER}\s+((?:[^\W\d]+\s+){{0,3}}?)([^\W\d]+)")
_MOST = 10_000.0


@dataclass(frozen=True, slots=True)
class Asked:
    """Work as it was asked for.

    `hours` (low, typical, high) of all workers together; `stated` says that the hours were said, or meant to be one.
    """

    job: Job
    hours: tuple[float, float, float]
    stated: bool
    count: float
    people: int


@lru_cache(maxsize=100_000)
def read_work(text: str, stated: str | None = None, hours: str | None = None, unit: str | None = None) -> Asked | None:
    """The work that a text asks for or offers; None where it is no work that the catalogue knows.

    `stated` is a category as a source says it, `hours` and `unit` are attributes of those names. A thing used for the
    work ("haircut scissors") is no work, unless hours are said.
    """
    said = plain(text)
    category = read_category(stated, text).category
    service = tree().under(category, SERVICES)
    if not service and category != OTHER and not (" of " in said and _OF_WORK.match(said)):
        return None
    job, long = catalogue().find(said), _hours(said, hours, unit)
    if job is None or not (service or long is not None):
        return None
    if (long is None or not service) and _things() & set(word_forms(said)):
        return None
    people = _people(said) or job.people
    if long is not None:
        total = long * people * (_times(said, job, sessions_only=True) or 1.0)
        return Asked(job, (total, total, total), True, 1.0, people)
    count = _times(said, job) or 1.0
    low, typical, high = (each * people * count for each in job.hours)
    return Asked(job, (low, typical, high), job.hourly, count, people)


def work_of(text: str, attributes: Mapping[str, str]) -> Asked | None:
    """The same of a text with attributes, as a request or a listing carries them."""
    return read_work(text, attributes.get("category"), attributes.get("hours"), attributes.get("unit"))


def _hours(said: str, hours: str | None, unit: str | None) -> float | None:
    """Hours of one worker, as attribute or text says them; None where neither does."""
    found = re.search(r"\d+(?:[.,]\d+)?", hours) if hours else None
    if found:
        return _clipped(float(found[0].replace(",", ".")))
    total = sum(_number(number) / (60 if word.startswith("m") else 1) for number, word in _HOURS.findall(said))
    read = catalogue().read
    if _HALF.search(said):
        total += float(read["half_day"])
    total += sum(_number(number) * float(read["day"]) for number in _DAYS.findall(said))
    if total > 0:
        return _clipped(total)
    padded = f" {said} "
    by_hour = (unit or "").casefold().strip() in ("hour", "hours", "hr", "h", "per hour")
    by_hour = by_hour or re.match(r"(?:hours?|hrs?) of ", said) is not None
    return 1.0 if by_hour or any(_as_words(each) in padded for each in read["hour"]) else None


def _as_words(each: str) -> str:
    return f"{each} " if each.startswith("/") else f" {each} "


def _times(said: str, job: Job, *, sessions_only: bool = False) -> float | None:
    """How often the job is meant: "5 sessions", "two rooms", "3 haircuts"."""
    sessions = set(catalogue().read["sessions"])
    own = set() if sessions_only else {word for phrase, name in catalogue().phrases.items() if name == job.name
                                       for word in phrase[-1:]}  # fmt: skip
    for number, between, last in _COUNT.findall(said):
        words = [*word_forms(between), *word_forms(last)]
        if number in ("a", "an") or number.startswith("half"):
            continue
        if words[0] in sessions or words[-1] in sessions or (set(words) & own and last.endswith("s")):
            return _clipped(_number(number))
    return None


def _people(said: str) -> int | None:
    words = {form for each in catalogue().read["people"] for form in word_forms(each)}
    for number, between, last in _COUNT.findall(said):
        if not between.strip() and word_forms(last)[0] in words and not number.startswith("half"):
            return max(1, min(20, round(_number(number))))
    return None


def _number(text: str) -> float:
    if text.startswith("half"):
        return 0.5
    if text in ("a", "an"):
        return 1.0
    return float(_WORDS[text]) if text in _WORDS else float(text.replace(",", "."))


def _clipped(number: float) -> float:
    return min(max(number, 0.05), _MOST)


@cache
def _things() -> frozenset[str]:
    return frozenset(form for each in catalogue().read["things"] for form in word_forms(each))
