"""The catalogue of jobs: words → occupation and usual hours, from `data/services/jobs.toml`."""

from __future__ import annotations

import re
import tomllib
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import cache
from importlib import resources
from typing import Any

from features.title import plain
from warehouse.errors import BadInput

_OCCUPATION = re.compile(r"\d\d-\d{4}")
_WORD = re.compile(r"[^\W_]+(?:'[^\W_]+)*|/")


@dataclass(frozen=True, slots=True)
class Job:
    """A job: `hours` (low, typical, high) of one worker for one `unit` of it, by `people` workers.

    `hourly`: where no hours are said, one hour is meant.
    """

    name: str
    occupation: str
    hours: tuple[float, float, float]
    unit: str
    people: int
    hourly: bool
    source: str

    @property
    def label(self) -> str:
        return self.name.replace("_", " ")


@dataclass(frozen=True)
class Catalogue:
    """All jobs by name, the phrases that mean them, and the words that reading leans on."""

    jobs: Mapping[str, Job]
    phrases: Mapping[tuple[str, ...], str]
    longest: int
    sources: Mapping[str, str]
    read: Mapping[str, Any]

    def find(self, text: str) -> Job | None:
        """The job that a text names by the longest of its phrases, the first of equally long ones."""
        tokens = word_forms(text)
        for length in range(min(self.longest, len(tokens)), 0, -1):
            for start in range(len(tokens) - length + 1):
                name = self.phrases.get(tuple(tokens[start : start + length]))
                if name is not None:
                    return self.jobs[name]
        return None


def word_forms(text: str) -> list[str]:
    """The words of a text in small letters, plurals as one."""
    return [_one(word) for word in _WORD.findall(plain(text))]


def _one(word: str) -> str:
    if word.endswith("'s"):
        return word[:-2]
    keep = len(word) < 4 or word.endswith(("ss", "us", "is")) or not word.endswith("s")
    return word if keep else word[:-3] + "y" if word.endswith("ies") else word[:-1]


@cache
def service_data(name: str) -> dict[str, Any]:
    """One of the files of `models/data/services`, read."""
    return tomllib.loads(resources.files("models").joinpath(f"data/services/{name}.toml").read_text("utf-8"))


@cache
def catalogue() -> Catalogue:
    """The jobs that Katy comes with."""
    return read_catalogue(service_data("jobs"))


def read_catalogue(said: Mapping[str, Any]) -> Catalogue:
    """A catalogue from a parsed file.

    Raises:
        BadInput: a job's occupation is no code, its hours do not rise, or a phrase means two jobs.
    """
    jobs: dict[str, Job] = {}
    phrases: dict[tuple[str, ...], str] = {}
    for name, entry in said["jobs"].items():
        jobs[name] = _job(name, entry, said["sources"])
        for phrase in entry["words"]:
            form = tuple(word_forms(phrase))
            if phrases.setdefault(form, name) != name:
                raise BadInput(f'jobs.toml: "{phrase}" means both {phrases[form]} and {name}; keep it with one')
    longest = max(map(len, phrases), default=0)
    return Catalogue(jobs, phrases, longest, said["sources"], said["read"])


def _job(name: str, entry: Mapping[str, Any], sources: Mapping[str, str]) -> Job:
    hours: Sequence[float] = [float(each) for each in entry["hours"]]
    source = entry.get("source", "estimate")
    if not _OCCUPATION.fullmatch(entry["occupation"]):
        raise BadInput(f'jobs.toml: {name}: occupation "{entry["occupation"]}" is no SOC code such as 47-2152')
    if len(hours) != 3 or not 0 < hours[0] <= hours[1] <= hours[2]:
        raise BadInput(f"jobs.toml: {name}: hours are low, typical and high, above 0 and in this order")
    if source not in sources:
        raise BadInput(f'jobs.toml: {name}: source "{source}" is not in [sources]; use {", ".join(sources)}')
    return Job(
        name,
        entry["occupation"],
        (hours[0], hours[1], hours[2]),
        entry.get("unit", "job"),
        int(entry.get("people", 1)),
        entry.get("per") == "hour",
        source,
    )
