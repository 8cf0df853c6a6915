"""Every rule over random towns: sums of zero, caps and floors kept, dry runs that tell the truth, nothing twice."""

from __future__ import annotations

from collections.abc import Callable
from contextlib import suppress
from datetime import UTC, date, datetime
from typing import Any

from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from ledger.books import accounts, holds
from ledger.books.errors import LimitReached, WrongState
from ledger.books.lines import Line, Place
from ledger.books.standings import Standing
from ledger.community import declaring, essentials, facts, overview, runs, work
from ledger.community.rules import RULES
from warehouse.errors import KatyError

TIERS = (("basic", "member"), ("verified", "member"), ("business", "business"), ("community", "business"))
WHO = st.integers(0, 5)
LIFE = st.fixed_dictionaries(
    {
        "members": st.lists(st.sampled_from(TIERS), min_size=2, max_size=6),
        "paid": st.lists(st.tuples(WHO, WHO, st.integers(1, 500_00), st.integers(0, 60)), min_size=2, max_size=10),
        "promised": st.lists(st.tuples(WHO, WHO, st.integers(1, 300_00)), max_size=2),
        "traded": st.lists(
            st.tuples(WHO, WHO, st.integers(1, 600), st.sampled_from(["repair", "care"])), min_size=1, max_size=3
        ),
        "worked": st.lists(st.tuples(WHO, st.integers(1, 60)), max_size=4),
        "needs": st.lists(st.tuples(WHO, st.sampled_from(["single parent", "student", "none"])), max_size=3),
        "crisis": st.booleans(),
        "cap": st.sampled_from(["50000", "120"]),
    }
)


def lived(town: Any, life: dict[str, Any]) -> list[str]:
    """Members with a past; what a limit refuses did not happen."""
    town.clock.now = datetime(2027, 12, 1, 12, tzinfo=UTC)
    there: list[str] = [town.member(f"m{n}", tier, kind) for n, (tier, kind) in enumerate(life["members"])]

    def who(number: int) -> str:
        return there[number % len(there)]

    def tried(deed: Callable[..., object], *told: Any) -> None:
        with suppress(KatyError):
            deed(*told)

    for payer, payee, amount, days in life["paid"]:
        tried(town.pay, who(payer), who(payee), amount)
        town.clock.move(days=days)
    for one, other, minutes, description in life["traded"]:
        tried(town.trade, who(one), who(other), minutes, description)
    town.clock.now = datetime(2028, 11, 25, 12, tzinfo=UTC)
    for one, other, minutes, description in life["traded"]:
        tried(town.trade, who(one), who(other), minutes, description)
    town.clock.now = datetime(2028, 12, 22, 12, tzinfo=UTC)
    for number, (payer, payee, amount) in enumerate(life["promised"]):
        tried(promise, town, who(payer), who(payee), amount, f"p{number}")
    for number, (account, minutes) in enumerate(life["worked"]):
        told: dict[str, Any] = {"minutes": minutes, "done_on": date(2028, 12, 1), "note": "park"}
        work.record(town.ledger, key=f"w{number}", by="operator", account_id=who(account), **told)
    for account, need in life["needs"]:
        facts.record(town.ledger, by="operator", account_id=who(account), name="need", value=need)
    if life["crisis"]:
        ends = date(2028, 12, 31)
        declaring.declare(town.ledger, key="c", by="o", kind="natural_disaster", ends_on=ends, note="the river rose")
    return there


def promise(town: Any, payer: str, payee: str, amount: int, reference: str) -> None:
    with town.ledger.unit_of_work() as unit:
        lines = (Line(account=payer, amount=-amount), Line(account=payee, amount=amount))
        holds.reserve(unit, kind="test", made_by=payer, lines=lines, reference=reference)
        unit.commit()


def stands(town: Any) -> dict[Place, Standing]:
    return {(each.account.id, unit): each for unit in ("K", "min") for each in accounts.listing(town.ledger, unit)}


def governed(town: Any, rule: str) -> None:
    """Run a rule if there is something to run, and hold it to its dry run."""
    before, marks = stands(town), town.marks()
    try:
        plan = runs.preview(town.ledger, rule)
    except WrongState:
        return
    assert town.marks() == marks, "a dry run writes nothing"
    if plan.refusal is not None:
        try:
            town.run(rule)
        except LimitReached:
            assert town.marks() == marks, "a run that is refused does nothing"
            return
        raise AssertionError("a run that breaks a cap is refused")
    run = town.run(rule)
    assert [(share.account, share.part, share.house, share.amount) for share in plan.shares] == [
        (each.account, each.part, each.house, each.moved) for each in run.moved
    ]
    after = stands(town)
    for place, now in after.items():
        was = before.get(place)
        low = now.posted - now.pending_out
        if was is None or now.posted < was.posted:
            floor = now.limits.floor if now.account.tier.startswith("house.") else 0
            assert floor is None or low >= floor, "caps are kept, and what is taken makes no debt"
        elif now.posted > was.posted and now.limits.ceiling is not None:
            assert now.posted + now.pending_in <= now.limits.ceiling
    if plan.shares:
        assert town.run(rule).again
        assert stands(town) == after, "what is done is done once"
    for house in overview.houses(town.ledger):
        assert house.floor is None or house.posted - house.promised >= house.floor


def spends_one_rail(town: Any, account: str, payee: str) -> None:
    """A member with a credit for essentials spends one rail of it, which its payee has then and the credit no more."""
    left, had = credit_of(town, account), town.balances()
    if not left:
        return
    essentials.spend(town.ledger, key="e", by=account, payee=payee, amount=1, category="food")
    assert credit_of(town, account) == left - 1
    moved = {each: now - had[each] for each, now in town.balances().items() if now != had[each]}
    assert moved.pop(payee) == 1
    assert list(moved.values()) == [-1], "an issuance account pays it, and nobody else"
    assert account not in moved


def credit_of(town: Any, account: str) -> int:
    return sum(each.left for each in essentials.credits(town.ledger, account))


@settings(
    max_examples=6, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow]
)
@given(life=LIFE)
def test_whatever_a_town_has_lived_through_its_rules_keep_the_books(
    open_town: Callable[..., Any], life: dict[str, Any]
) -> None:
    most = {"grants": "50000", "essentials": "50000", "jubilee": "100000"}
    houses = {name: f'[policy.house.{name}]\nkind = "issuance"\nfloor = "-{cap}.00"' for name, cap in most.items()}
    caps = [(told, told.replace(most[name], life["cap"])) for name, told in houses.items()]
    easier = [('exempt = "100.00"', 'exempt = "5.00"'), ('exempt = "500.00"', 'exempt = "10.00"')]
    town = open_town(*easier, *caps)
    there = lived(town, life)
    for rule in RULES:
        governed(town, rule)
    for account in there:
        spends_one_rail(town, account, next(each for each in there if each != account))
    town.sound()
