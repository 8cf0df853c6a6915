"""What a policy says of trust: who may invite and vouch, what sets a member's tier, how reputation counts and fades,
and how much of a member others may see.

    [policy.verification]   invitations, vouches, and the levels that set tiers
    [policy.reputation]     weights, half-life, prior
    [policy.privacy]        from how many trades aggregates are told, how long a consent lasts

All percentages are fractions of one. Each is optional. Without `verification` nobody can be invited or vouched for and
tiers are set by hand; without `reputation` no figure is told; without `privacy` the defaults here hold.
"""

from __future__ import annotations

from collections.abc import Container
from dataclasses import dataclass
from fractions import Fraction
from typing import Any

from ledger.policy.sections_fields import Fields
from ledger.policy.sections_taking import EVERYBODY

OUTCOMES = ("completed", "no_show", "dispute_lost", "default", "vouch_failed")


@dataclass(frozen=True, slots=True)
class Level:
    """One level: the tier it gives, and what it takes: so many vouches, a checked document, one of these kinds."""

    name: str
    tier: str
    vouches: int
    document: bool
    kinds: tuple[str, ...]

    def holds(self, kind: str, vouches: int, documented: bool) -> bool:
        """Whether an account with so many vouches reaches this level."""
        return kind in self.kinds and vouches >= self.vouches and (documented or not self.document)


@dataclass(frozen=True, slots=True)
class Verification:
    """[policy.verification]: tiers whose members may invite and vouch, how many invitations may be open at once and
    made in 30 days, days until one expires, how many vouches a member may have given at once, and for how many days
    nobody vouches after one that failed. Of `levels` the last one that holds counts."""

    may_invite: tuple[str, ...]
    may_vouch: tuple[str, ...]
    open_invitations: int
    invitations_a_month: int
    invitation_days: int
    open_vouches: int
    rest_days: int
    levels: tuple[Level, ...]

    def level(self, kind: str, vouches: int, documented: bool) -> Level:
        """The last level whose conditions hold; the first one asks members and businesses for nothing."""
        return ([self.start] + [each for each in self.levels if each.holds(kind, vouches, documented)])[-1]

    @property
    def start(self) -> Level:
        """The level of whoever has just come."""
        return self.levels[0]


@dataclass(frozen=True, slots=True)
class Reputation:
    """[policy.reputation]: an outcome of `half_life_days` ago counts half; the next one with the same partner `again`
    times the one before; one with a partner who trades with nobody else `lone` times. The prior is worth `prior_weight`
    outcomes of which a share of `prior` is good. `interval` is the mass of the credible interval."""

    half_life_days: int
    again: Fraction
    lone: Fraction
    prior: Fraction
    prior_weight: Fraction
    interval: Fraction
    weights: dict[str, Fraction]


@dataclass(frozen=True, slots=True)
class Privacy:
    """[policy.privacy]: aggregates of a member are told from so many trades with so many partners on; those of the
    community by groups of at least `group` members, none of whom has more than `largest` of the group's value.
    A consent lasts `consent_days` where nothing is said, and at most `most_consent_days`."""

    trades: int = 5
    partners: int = 3
    group: int = 5
    largest: Fraction = Fraction(1, 2)
    consent_days: int = 90
    most_consent_days: int = 365


def verification(table: Any) -> Verification:
    """Read [policy.verification]. Raises `ValueError`, naming the field."""
    read = Fields("verification", table)
    levels = tuple(_level(name, inner) for name, inner in read.tables("levels").items())
    made = Verification(
        may_invite=read.names("may_invite"),
        may_vouch=read.names("may_vouch"),
        open_invitations=read.whole("open_invitations", 3),
        invitations_a_month=read.whole("invitations_a_month", 5),
        invitation_days=read.whole("invitation_days", 14, least=1, most=366),
        open_vouches=read.whole("open_vouches", 20),
        rest_days=read.whole("rest_days", 90),
        levels=levels,
    )
    read.done()
    first = levels[0] if levels else None
    if first is None or first.vouches or first.document or set(first.kinds) != set(EVERYBODY):
        raise ValueError("[policy.verification.levels] begin with one that everybody has: it asks for nothing")
    return made


def reputation(table: Any) -> Reputation:
    """Read [policy.reputation]. Raises `ValueError`, naming the field."""
    read = Fields("reputation", table)
    weights = read.inner("weights")
    made = Reputation(
        half_life_days=read.whole("half_life_days", 365, least=1),
        again=read.percent("again_percent", "50", most=99),
        lone=read.percent("lone_percent", "50"),
        prior=read.percent("prior_percent", "75"),
        prior_weight=read.number("prior_weight", "4"),
        interval=read.percent("interval_percent", "90", most=99),
        weights={name: weights.number(name, "1", most=100) for name in OUTCOMES},
    )
    weights.done()
    read.done()
    if not 0 < made.prior < 1 or made.prior_weight <= 0 or made.interval <= 0:
        raise ValueError("[policy.reputation] prior_percent is between 0 and 100, prior_weight and interval above zero")
    return made


def privacy(table: Any) -> Privacy:
    """Read [policy.privacy]. Raises `ValueError`, naming the field."""
    read = Fields("privacy", table)
    made = Privacy(
        trades=read.whole("trades", 5, least=2),
        partners=read.whole("partners", 3, least=2),
        group=read.whole("group", 5, least=2),
        largest=read.percent("largest_percent", "50"),
        consent_days=read.whole("consent_days", 90, least=1),
        most_consent_days=read.whole("most_consent_days", 365, least=1),
    )
    read.done()
    if made.consent_days > made.most_consent_days:
        raise ValueError("[policy.privacy] consent_days is not above most_consent_days")
    return made


def check_tiers(rule: Verification | None, tiers: Container[str]) -> None:
    """Raise `ValueError` where a tier is named that the policy does not have."""
    if rule is None:
        return
    for tier in (*rule.may_invite, *rule.may_vouch, *(each.tier for each in rule.levels)):
        if tier not in tiers:
            raise ValueError(f'[policy.verification] names the tier "{tier}"; add [policy.tiers.{tier}]')


def _level(name: str, read: Fields) -> Level:
    made = Level(
        name=name,
        tier=read.text("tier"),
        vouches=read.whole("vouches", 0),
        document=read.yes("document", False),
        kinds=read.names("kinds", EVERYBODY),
    )
    read.done()
    return made
