"""What goes over the wire for the policy's runs: plans before they are carried out, runs, and shares."""

from __future__ import annotations

from typing import Annotated

from pydantic import BaseModel, Field

from ledger.community.listing import RunLine, ShareLine
from ledger.community.plan import HouseEffect, Plan, Share, plan_hash
from valuation_api.accounts_shapes import Asked, Unit, told

Period = Annotated[
    str,
    Field(
        pattern="^[A-Za-z0-9_-]{1,40}$",
        description="The month, day or crisis; the one that is due where none is named",
        examples=["2026-11"],
    ),
]


class RunAsked(Asked):
    """Which period a rule is run for."""

    period: Period | None = None


class PlannedShare(BaseModel):
    """What an account would get (above zero) or pay, from or into the community's account `house`, and why. `number` is
    its place in the plan."""

    number: int
    account: str
    name: str
    unit: Unit
    amount: str
    house: str
    why: str

    @classmethod
    def of(cls, number: int, share: Share, names: dict[str, str]) -> PlannedShare:
        return cls.model_validate(
            {
                "number": number,
                "account": share.account,
                "name": names.get(share.account, ""),
                "unit": share.unit,
                "amount": told(share.amount, share.unit),
                "house": share.house,
                "why": share.why,
            }
        )


class HousePlanned(BaseModel):
    """What a plan does to an account of the community: where it stands, what is promised from it besides, what would go
    out and come in, where it would stand `after` all of that, its cap, and by how much the plan is over it."""

    name: str
    unit: Unit
    balance: str
    promised: str
    out: str
    coming: str
    after: str
    cap: str | None
    short: str

    @classmethod
    def of(cls, effect: HouseEffect) -> HousePlanned:
        amounts = {
            "balance": effect.posted,
            "promised": effect.promised,
            "out": effect.out,
            "coming": effect.coming,
            "after": effect.after,
            "short": effect.short,
        }
        cap = None if effect.floor is None else told(effect.floor, effect.unit)
        said = {name: told(amount, effect.unit) for name, amount in amounts.items()}
        return cls.model_validate({"name": effect.name, "unit": effect.unit, "cap": cap, **said})


class PlanTold(BaseModel):
    """What a run would do now. Nothing was written. A plan is made anew for each page: where `plan_sha256` is another
    than on the page before, begin at the top. `refusal` says why the run would be refused as a whole."""

    rule: str
    period: str
    policy_from: str
    plan_sha256: str
    count: int = Field(description="How many shares the plan has")
    shares: list[PlannedShare]
    accounts: list[HousePlanned]
    notes: list[str]
    refusal: str | None
    next: str | None = Field(description="The `after` of the page behind this one; null at the end")

    @classmethod
    def of(cls, plan: Plan, page: list[PlannedShare], following: str | None) -> PlanTold:
        return cls(
            rule=plan.rule,
            period=plan.period,
            policy_from=plan.policy_from.isoformat(),
            plan_sha256=plan_hash(
                (each.account, each.part, each.house, each.unit, each.amount) for each in plan.shares
            ),
            count=len(plan.shares),
            shares=page,
            accounts=[HousePlanned.of(each) for each in plan.houses],
            notes=list(plan.notes),
            refusal=plan.refusal,
            next=following,
        )


class TotalTold(BaseModel):
    """What a run has moved so far: `given` out of the community's account, `taken` into it."""

    house: str
    unit: Unit
    given: str
    taken: str


class RunTold(BaseModel):
    """A run of a rule. `done_at` is null while some of it is left: run the same period again, and it goes on."""

    rule: str
    period: str
    made_by: str
    policy_from: str
    plan_sha256: str
    opened_at: str
    done_at: str | None
    shares: int
    totals: list[TotalTold]

    @classmethod
    def of(cls, line: RunLine) -> RunTold:
        totals = [
            {
                "house": each.house,
                "unit": each.unit,
                "given": told(each.given, each.unit),
                "taken": told(each.taken, each.unit),
            }
            for each in line.totals
        ]
        said = {name: getattr(line, name) for name in cls.model_fields if name != "totals"}
        return cls.model_validate({**said, "totals": totals})


class RanTold(BaseModel):
    """What a request to run a rule came to. `run` is null where there was nothing to do, and then nothing was written;
    `again`: it was done before, and nothing was done now."""

    rule: str
    period: str
    again: bool
    run: RunTold | None


class RunsTold(BaseModel):
    """Runs, the newest first."""

    runs: list[RunTold]
    next: str | None = Field(description="The `after` of the page behind this one; null at the end")


class ShareTold(BaseModel):
    """What a run gives an account (above zero) or takes from it. `moved` is null until it was done, and other than
    `planned` where the account could not take or pay all of it by then."""

    rule: str
    period: str
    number: int
    account: str
    name: str
    house: str
    unit: Unit
    planned: str
    moved: str | None
    why: str
    transfer: str | None
    settled_at: str | None

    @classmethod
    def of(cls, line: ShareLine) -> ShareTold:
        said = {name: getattr(line, name) for name in cls.model_fields}
        amounts = {
            "planned": told(line.planned, line.unit),
            "moved": None if line.moved is None else told(line.moved, line.unit),
        }
        return cls.model_validate({**said, **amounts})


class SharesTold(BaseModel):
    """Shares of runs."""

    shares: list[ShareTold]
    next: str | None = Field(description="The `after` of the page behind this one; null at the end")
