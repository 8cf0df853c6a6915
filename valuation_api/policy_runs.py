"""Running the rules of the policy over HTTP, for a key with the scope treasurer.

GET  /v1/policy/rules/{name}/preview          who would get or pay how much, and why; writes nothing in the books
POST /v1/policy/rules/{name}/run              do it, once for its period
GET  /v1/policy/runs                          what was run, the newest first
GET  /v1/policy/runs/{rule}/{period}          one run
GET  /v1/policy/runs/{rule}/{period}/shares   its shares, in the order of its plan

Whose shares are looked at is in the audit log before they are shown.
"""

from __future__ import annotations

from typing import Annotated

from fastapi import APIRouter, Body, Depends, Path, Query

from ledger.books import audit_log
from ledger.books.errors import Unknown
from ledger.books.standings import Account
from ledger.books.store import Ledger
from ledger.community import listing, runs
from ledger.community.rules import RULES
from valuation_api import cursors, problems
from valuation_api.auth import idempotency_key, party
from valuation_api.policy_run_shapes import (
    Period,
    PlannedShare,
    PlanTold,
    RanTold,
    RunAsked,
    RunsTold,
    RunTold,
    SharesTold,
    ShareTold,
)
from valuation_api.turns import Turns

Rule = Annotated[str, Path(pattern="^[a-z]{1,20}$", description="A rule's name, such as demurrage")]
OfRun = Annotated[Period, Path(description="The period of a run, such as 2026-11")]
Key = Annotated[str, Depends(idempotency_key)]
_READS = problems.described(401, 403, 404, 422, 429, 503)
_WRITES = problems.described(400, 401, 403, 404, 409, 422, 429, 503)


def add_to(routes: APIRouter, ledger: Ledger) -> None:
    """Add the routes of rules and runs."""
    _add_rules(routes, ledger)
    _add_runs(routes, ledger)


def _add_rules(routes: APIRouter, ledger: Ledger) -> None:
    treasurer, turns = Depends(party(ledger, "treasurer")), Turns(1)

    @routes.get(
        "/rules/{name}/preview", summary="What a rule would do", responses={**_READS, **problems.described(409)}
    )
    def preview(
        *,
        by: Account = treasurer,
        name: Rule,
        period: Annotated[Period | None, Query()] = None,
        after: cursors.After = None,
        limit: cursors.Limit = 50,
    ) -> PlanTold:
        """The plan that a run would carry out now: each share with its reason, and where the community's accounts would
        stand. It is made by the function that the run uses. A 409 says why the rule has nothing to run."""
        with turns.of(by.id):
            plan = runs.preview(ledger, _known(name), period)
        begin = cursors.number("planned", after) or 0
        page = list(enumerate(plan.shares, start=1))[begin : begin + limit]
        _look(ledger, by, plan.rule, plan.period, {share.account for _, share in page})
        names = listing.names(ledger, {share.account for _, share in page})
        more = len(plan.shares) > begin + limit
        following = cursors.of_number("planned", begin + limit) if more else None
        return PlanTold.of(plan, [PlannedShare.of(number, share, names) for number, share in page], following)

    @routes.post("/rules/{name}/run", summary="Run a rule", responses=_WRITES)
    def run(
        *,
        by: Account = treasurer,
        key: Key,
        name: Rule,
        asked: Annotated[RunAsked | None, Body()] = None,
    ) -> RanTold:
        """Carry a rule out for a period. Its plan is written down as a whole first; where that would break a cap,
        nothing is done (409). A run that was interrupted goes on by its plan, one that is done is done once. The key
        stands for one period: sent again in another month, it begins no other."""
        with turns.of(by.id):
            done = runs.run(ledger, _known(name), asked.period if asked else None, by=by.id, key=key)
        made = None if done.done_at is None else RunTold.of(listing.run(ledger, done.rule, done.period))
        return RanTold(rule=done.rule, period=done.period, again=done.again, run=made)


def _add_runs(routes: APIRouter, ledger: Ledger) -> None:
    treasurer = Depends(party(ledger, "treasurer"))

    @routes.get("/runs", summary="Runs of the policy", responses=problems.described(401, 403, 422, 429, 503))
    def all_runs(by: Account = treasurer, after: cursors.After = None, limit: cursors.Limit = 50) -> RunsTold:
        """What was run, the newest first, with what each has moved of the community's accounts."""
        found = listing.runs(ledger, after=_run_of(after), limit=limit + 1)
        last = found[limit - 1] if len(found) > limit else None
        return RunsTold(
            runs=[RunTold.of(each) for each in found[:limit]],
            next=None if last is None else cursors.of_text("run", f"{last.rule}:{last.period}"),
        )

    @routes.get("/runs/{rule}/{period}", summary="A run of the policy", responses=_READS)
    def one(*, by: Account = treasurer, rule: Rule, period: OfRun) -> RunTold:
        """One run: its plan's hash, and what was moved so far."""
        return RunTold.of(listing.run(ledger, rule, period))

    @routes.get("/runs/{rule}/{period}/shares", summary="The shares of a run", responses=_READS)
    def shares(
        *,
        by: Account = treasurer,
        rule: Rule,
        period: OfRun,
        after: cursors.After = None,
        limit: cursors.Limit = 50,
    ) -> SharesTold:
        """Who got and paid what by a run, in the order of its plan."""
        listing.run(ledger, rule, period)
        begin = cursors.number("share", after) or 0
        found = listing.shares_of_run(ledger, rule, period, after=begin, limit=limit + 1)
        page, more = found[:limit], len(found) > limit
        _look(ledger, by, rule, period, {each.account for each in page})
        return SharesTold(
            shares=[ShareTold.of(each) for each in page],
            next=cursors.of_number("share", page[-1].number) if more else None,
        )


def _known(name: str) -> str:
    """A rule's name. Raises `Unknown`."""
    if name not in RULES:
        raise Unknown(f'there is no rule "{name}"; there are {", ".join(RULES)}')
    return name


def _look(ledger: Ledger, by: Account, rule: str, period: str, whose: set[str]) -> None:
    """Write down that the treasurer looks at what others get and pay."""
    others = sorted(whose - {by.id})
    ledger.transact(
        lambda unit: audit_log.record_many(
            unit, actor=by.id, action="member.looked", subjects=others, what="shares", rule=rule, period=period
        )
    )


def _run_of(after: str | None) -> listing.RunKey | None:
    text = cursors.text("run", after)
    if text is None:
        return None
    rule, _, period = text.partition(":")
    return rule, period
