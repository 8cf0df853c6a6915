"""What a community says of the risk of services: [policy.insurance], and what is paid for each into its insurance.

[policy.insurance]              into, paid_by, otherwise, kinds
[policy.insurance.risks.NAME]   percent, categories, occupations, words
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from fractions import Fraction
from typing import Any

from ledger.policy.sections_fields import Fields

KIND = "insurance"
PAID_BY = ("giver", "payer")
KINDS = ("service", "time")
_WORD = re.compile(r"[^\W\d_]+")


@dataclass(frozen=True, slots=True)
class Risk:
    """A class of risk: its share of a service's agreed value, and what belongs to it.

    `categories` are Katy's categories, `occupations` codes of the Standard Occupational Classification of 2018, as FMV
    records of work name them; `words` are whole words of a description, in small letters.
    """

    name: str
    percent: Fraction
    categories: tuple[str, ...]
    occupations: tuple[str, ...]
    words: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Insurance:
    """[policy.insurance]: a share of the agreed value of each service, by its risk, into the house's insurance.

    `paid_by` is "giver" (of the service: the risk is theirs) or "payer" (as of a fee). `otherwise` is the risk of what
    belongs to no class (None: nothing is paid for it). `kinds` are the kinds of legs that are services.
    """

    risks: tuple[Risk, ...]
    otherwise: Risk | None
    paid_by: str
    into: str
    kinds: tuple[str, ...]

    @property
    def says(self) -> str:
        """Who pays how much for what, in a sentence."""
        shares = ", ".join(f"{float(each.percent * 100):g} % where the risk is {each.name}" for each in self.risks)
        others = f"; what is not named is {self.otherwise.name}" if self.otherwise is not None else ""
        return f"{shares}{others}; of a service's agreed value, with its trade, by its {self.paid_by} into {self.into}"

    def risk(self, *, category: str | None, occupation: str | None, text: str) -> Risk | None:
        """The risk of a service: by its category and occupation where they are known, else by the words of its text.

        Of several classes the dearest counts.
        """
        if category is not None or occupation is not None:
            found = [each for each in self.risks if category in each.categories or occupation in each.occupations]
        else:
            said = set(_WORD.findall(text.casefold()))
            found = [each for each in self.risks if not said.isdisjoint(each.words)]
        return max(found, key=lambda each: each.percent, default=self.otherwise)


def insurance(table: Any) -> Insurance:
    """Read [policy.insurance]. Raises `ValueError`, naming the field."""
    read = Fields("insurance", table)
    risks = {name: _risk(name, inner) for name, inner in read.tables("risks").items()}
    otherwise = read.choice("otherwise", tuple(risks)) if read.has("otherwise") else None
    made = Insurance(
        risks=tuple(risks.values()),
        otherwise=risks[otherwise] if otherwise is not None else None,
        paid_by=read.choice("paid_by", PAID_BY, "giver"),
        into=read.text("into", KIND),
        kinds=read.names("kinds", KINDS),
    )
    read.done()
    if not risks:
        raise ValueError("[policy.insurance] needs classes of risk: [policy.insurance.risks.high] and so on")
    if not set(made.kinds) <= set(KINDS):
        raise ValueError(f"[policy.insurance] kinds are of {', '.join(KINDS)}, not {list(made.kinds)}")
    _check_once(made.risks)
    return made


def _risk(name: str, read: Fields) -> Risk:
    made = Risk(
        name=name,
        percent=read.percent("percent"),
        categories=read.names("categories", ()),
        occupations=read.names("occupations", ()),
        words=tuple(each.casefold() for each in read.names("words", ())),
    )
    read.done()
    return made


def _check_once(risks: tuple[Risk, ...]) -> None:
    """Raise `ValueError` where two classes claim the same."""
    seen: dict[str, str] = {}
    for risk in risks:
        for each in (*risk.categories, *risk.occupations, *risk.words):
            if seen.setdefault(each, risk.name) != risk.name:
                raise ValueError(f'[policy.insurance] "{each}" is of the risk {seen[each]} and of {risk.name}: of one')
