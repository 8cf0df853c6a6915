"""What a community gives and takes by its policy: each a table of its own in the policy file, all of them optional."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, fields
from typing import Any, Protocol, TypeVar

from ledger.policy import sections_giving as giving
from ledger.policy import sections_insurance as insuring
from ledger.policy import sections_taking as taking
from ledger.policy import trading
from ledger.policy import verification as trust
from ledger.policy.sections_crises import CrisisRule, crises


class OfHouse(Protocol):
    """What is needed to know of an account of the house."""

    @property
    def kind(self) -> str: ...


@dataclass(frozen=True, slots=True)
class Sections:
    """The sections that a policy has; None: the community has no such rule."""

    fee: taking.Fee | None = None
    insurance: insuring.Insurance | None = None
    demurrage: taking.Demurrage | None = None
    grants: giving.Grants | None = None
    work: giving.Work | None = None
    repair: giving.Repair | None = None
    essentials: giving.Essentials | None = None
    jubilee: giving.Jubilee | None = None
    crises: Mapping[str, CrisisRule] | None = None
    escrow: trading.Escrow | None = None
    witnesses: trading.Witnesses | None = None
    local: trading.Local | None = None
    verification: trust.Verification | None = None
    reputation: trust.Reputation | None = None
    privacy: trust.Privacy | None = None

    def check_accounts(self, house: Mapping[str, OfHouse]) -> None:
        """Raise `ValueError` where a section names an account of the house that the policy does not have, or that of
        the insurance is of another kind."""
        named = [
            (name, account)
            for name in ("fee", "insurance", "demurrage", "grants", "work", "repair", "essentials", "jubilee")
            for account in (getattr(getattr(self, name), field, None) for field in ("source", "into"))
        ]
        named += [(f"crises.{name}", each.source) for name, each in (self.crises or {}).items() if each.relief]
        for section, account in named:
            if account is not None and account not in house:
                raise ValueError(
                    f'[policy.{section}] names the house account "{account}"; add [policy.house.{account}]'
                )
        into = self.insurance.into if self.insurance is not None else None
        if into is not None and house[into].kind != insuring.KIND:
            raise ValueError(f'[policy.insurance] pays into "{into}", which is not of the kind "{insuring.KIND}"')


SECTIONS: tuple[str, ...] = tuple(field.name for field in fields(Sections))
Section = TypeVar("Section")


def read(tables: Mapping[str, Any]) -> Sections:
    """Read the sections. Raises `ValueError` or `BadInput`, naming the section and the field that is wrong."""

    def of(name: str, reader: Callable[[Any], Section]) -> Section | None:
        if name not in tables:
            return None
        if not isinstance(tables[name], dict):
            raise ValueError(f"[policy.{name}] is a table of fields, not {tables[name]!r}")
        return reader(tables[name])

    return Sections(
        fee=of("fee", taking.fee),
        insurance=of("insurance", insuring.insurance),
        demurrage=of("demurrage", taking.demurrage),
        grants=of("grants", giving.grants),
        work=of("work", giving.work),
        repair=of("repair", giving.repair),
        essentials=of("essentials", giving.essentials),
        jubilee=of("jubilee", giving.jubilee),
        crises=of("crises", crises),
        escrow=of("escrow", trading.escrow),
        witnesses=of("witnesses", trading.witnesses),
        local=of("local", trading.local),
        verification=of("verification", trust.verification),
        reputation=of("reputation", trust.reputation),
        privacy=of("privacy", trust.privacy),
    )
