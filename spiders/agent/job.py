"""What one visit's process is told: plain values, one line of JSON."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import asdict, dataclass, field

from spiders.source import Limits


@dataclass(frozen=True, slots=True, kw_only=True)
class Job:
    """`fresh` visits begin with what the reader begins with; a resumed one only answers its parent's asks.

    `typed` is whether an operator said the base, which alone may be a private address. `now` is the visit's moment
    (ISO 8601). `keys` are secrets: they go through a pipe and are kept nowhere.
    """

    source: str
    base: str
    typed: bool
    fresh: bool
    now: str
    user_agent: str
    delay: float
    largest: int
    robots: bool = True
    browser: str | None = None
    region: str | None = None
    currency: str | None = None
    targets: tuple[str, ...] = ()
    keys: Mapping[str, str] = field(default_factory=dict, repr=False)
    limits: Limits = field(default_factory=Limits)

    def line(self) -> str:
        return json.dumps(asdict(self)) + "\n"

    @classmethod
    def from_line(cls, line: str) -> Job:
        values = json.loads(line)
        return cls(**{**values, "limits": Limits(**values["limits"]), "targets": tuple(values["targets"])})
