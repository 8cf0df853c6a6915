"""What each rule gives and takes, as plain arithmetic."""

from __future__ import annotations

from collections import deque
from datetime import date
from fractions import Fraction

from hypothesis import given
from hypothesis import strategies as st

from ledger.books.standings import Account, Standing
from ledger.community import demurrage, essentials, grants, jubilee, repair, work
from ledger.community.essentials import Credit
from ledger.community.plan import Share, fit, fitted
from ledger.community.repair import Repaired
from ledger.community.work import Done
from ledger.policy import dated
from ledger.policy.dated import Limits

SECTIONS = dated.read().on(date(2026, 11, 14)).sections
assert SECTIONS.grants is not None
assert SECTIONS.repair is not None
assert SECTIONS.essentials is not None
assert SECTIONS.jubilee is not None
GRANTS, REPAIR, ESSENTIALS, JUBILEE = SECTIONS.grants, SECTIONS.repair, SECTIONS.essentials, SECTIONS.jubilee
RAILS = st.integers(0, 10**7)
# Days and what came in (above zero) or went out on them, in their order.
HISTORY = st.lists(st.tuples(st.integers(0, 200), st.integers(-10_000, 10_000)), max_size=30).map(sorted)


def stands(
    posted: int, *, pending_out: int = 0, pending_in: int = 0, floor: int = -(10**9), ceiling: int | None = None
) -> Standing:
    return Standing(
        Account("acc_a", "Ada", "member", "basic", ""), "K", posted, pending_out, pending_in, Limits(floor, ceiling)
    )


def aged_by_lots(history: list[tuple[int, int]], today: int, from_day: int) -> int:
    """The same with a list of lots: what goes out takes from the oldest, what comes in fills a debt first."""
    lots: deque[list[int]] = deque()
    debt = 0
    for day, amount in history:
        if amount >= 0:
            fills = min(debt, amount)
            debt -= fills
            lots.append([day, amount - fills])
            continue
        out = -amount
        while out and lots:
            part = min(out, lots[0][1])
            lots[0][1] -= part
            out -= part
            if not lots[0][1]:
                lots.popleft()
        debt += out
    return sum(left for day, left in lots if today - day >= from_day)


@given(history=HISTORY, from_day=st.integers(0, 120))
def test_the_aged_part_is_what_a_list_of_lots_gives_with_the_oldest_spent_first(
    history: list[tuple[int, int]], from_day: int
) -> None:
    balance = sum(amount for _, amount in history)
    recent = sum(amount for day, amount in history if amount > 0 and 200 - day < from_day)

    assert demurrage.aged(balance, recent) == aged_by_lots(history, 200, from_day)


@given(balance=st.integers(-(10**7), 10**7), recent=RAILS, exempt=RAILS, percent=st.fractions(0, 1))
def test_demurrage_is_on_the_aged_part_above_the_exemption_and_never_makes_a_debt(
    balance: int, recent: int, exempt: int, percent: Fraction
) -> None:
    taken = demurrage.charge(percent, demurrage.aged(balance, recent), exempt)

    assert abs(taken - percent * max(0, balance - recent - exempt)) <= Fraction(1, 2)
    assert 0 <= taken <= max(0, balance - exempt)


def test_an_account_that_is_exempt_altogether_pays_nothing() -> None:
    assert demurrage.charge(Fraction(1, 50), 10**9, None) == 0


def test_the_exemption_counts_once_for_an_account_and_not_once_for_each_lot() -> None:
    # Four lots of 100 K, all of them old, and 100 K exempt: 2 % of 300 K.
    assert demurrage.charge(Fraction(1, 50), demurrage.aged(400_00, 0), 100_00) == 6_00


def test_what_is_promised_to_others_counts_as_spent() -> None:
    share = demurrage.share(stands(400_00, pending_out=100_00), 0, percent=Fraction(1, 50), exempt=100_00, into="pool")

    assert share is not None
    assert share.amount == -4_00


@given(st.dictionaries(st.sampled_from(["verified", "vouch", "skill", "listing"]), st.integers(0, 1000)))
def test_a_grant_is_5_to_20_k_and_never_less_for_more(counts: dict[str, int]) -> None:
    given_ = grants.grant(GRANTS, counts)

    assert 5_00 <= given_ <= 20_00
    for reason in counts:
        assert grants.grant(GRANTS, {**counts, reason: counts[reason] + 1}) >= given_


@given(
    waiting=st.lists(st.integers(1, 1000), max_size=12),
    volume=st.integers(0, 10**5),
    given_before=st.integers(0, 10**4),
)
def test_work_is_credited_in_its_order_and_within_a_tenth_of_trade(
    waiting: list[int], volume: int, given_before: int
) -> None:
    queue = [Done(f"{number}", "acc_a", worth, worth, "") for number, worth in enumerate(waiting)]
    carried = work.carried(queue, work.room(volume, Fraction(1, 10), given_before))

    assert carried == queue[: len(carried)]
    if carried:
        assert given_before + sum(each.worth for each in carried) <= Fraction(volume, 10)
    if len(carried) < len(queue):
        beyond = sum(each.worth for each in queue[: len(carried) + 1])
        assert given_before + beyond > volume // 10


def test_a_repair_is_a_service_or_time_whose_description_says_so() -> None:
    told = [
        ("service", "Repair of a bike", True),
        ("time", "MENDING socks", True),
        ("service", "repair-café", True),
        ("goods", "repair kit", False),
        ("service", "haircut with a fixed price", False),
    ]
    assert [repair.is_repair(REPAIR, kind, words) for kind, words, _ in told] == [said for *_, said in told]


@given(st.lists(st.tuples(st.sampled_from("abc"), st.sampled_from("def"), st.integers(0, 10**6)), max_size=12))
def test_both_sides_of_a_repair_get_a_quarter_within_their_caps(told: list[tuple[str, str, int]]) -> None:
    repairs = [Repaired(f"t{n}", 1, (one, two), "", value) for n, (one, two, value) in enumerate(told)]
    shares = repair.bonuses(REPAIR, repairs)

    for account in "abcdef":
        assert sum(share.amount for share in shares if share.account == account) <= REPAIR.most_a_month
    values = {f"{each.trade}:1": each.value for each in repairs}
    assert all(0 < share.amount <= min(values[share.part] / 4 + 0.5, REPAIR.most) for share in shares)


def test_the_bonus_on_a_repair_of_45_k_is_11_25_k_for_each() -> None:
    shares = repair.bonuses(REPAIR, [Repaired("t", 2, ("ada", "bob"), "bike", 45_00)])

    assert [(share.account, share.amount, share.part) for share in shares] == [
        ("ada", 11_25, "t:2"),
        ("bob", 11_25, "t:2"),
    ]


def test_essentials_go_by_need() -> None:
    told = {None: 0, "plain": 50_00, "single parent": 75_00, "unemployed": 70_00, "elderly": 65_00, "student": 60_00}

    assert {need: essentials.credit(ESSENTIALS, need) for need in told} == told


@given(
    credits=st.lists(st.tuples(st.integers(0, 1000), st.integers(0, 28)), max_size=4),
    amount=st.integers(1, 4000),
)
def test_a_spending_draws_on_what_ends_first_and_never_on_more_than_there_is(
    credits: list[tuple[int, int]], amount: int
) -> None:
    there = [Credit(f"{n}", "essentials", left, 0, f"2026-11-{day + 1:02d}") for n, (left, day) in enumerate(credits)]
    drawn = essentials.draw(there, amount)

    assert bool(drawn) == (amount <= sum(each.left for each in there))
    assert sum(part for _, part in drawn) in (0, amount)
    assert all(0 < part <= each.left for each, part in drawn)
    assert all(part == each.left for each, part in drawn[:-1])
    assert [each.last_day for each, _ in drawn] == sorted(each.last_day for each, _ in drawn)


@given(st.integers(-(10**7), 10**7))
def test_a_jubilee_forgives_at_most_100_k_and_takes_only_what_is_above_1000_k(balance: int) -> None:
    forgiven, taken = jubilee.forgiven(JUBILEE, balance), jubilee.taken(JUBILEE, balance)

    assert 0 <= forgiven <= min(100_00, max(0, -balance))
    assert 0 <= taken <= max(0, balance - 1_000_00)
    assert forgiven == 0 or taken == 0


def test_a_jubilee_in_figures() -> None:
    told = {-40_00: (10_00, 0), -900_00: (100_00, 0), 0: (0, 0), 1_000_00: (0, 0), 3_000_00: (0, 200_00)}

    assert {each: (jubilee.forgiven(JUBILEE, each), jubilee.taken(JUBILEE, each)) for each in told} == told


STANDINGS = st.builds(
    stands,
    st.integers(-5000, 5000),
    pending_out=st.integers(0, 3000),
    pending_in=st.integers(0, 3000),
    ceiling=st.none() | st.integers(0, 6000),
)


@given(STANDINGS, st.integers(-5000, 5000), st.booleans())
def test_a_share_is_fitted_to_what_its_account_can_take_or_pay(standing: Standing, amount: int, whole: bool) -> None:
    fits = fitted(Share("acc_a", amount, "pool", "", whole=whole), standing)

    assert min(0, amount) <= fits <= max(0, amount)
    if fits < 0:
        assert standing.posted - standing.pending_out + fits >= 0
    if fits > 0 and standing.room is not None:
        assert fits <= standing.room
    if whole:
        assert fits in (0, amount)


@given(STANDINGS, st.lists(st.integers(-3000, 3000), max_size=6))
def test_shares_of_one_account_are_fitted_one_after_the_other(standing: Standing, amounts: list[int]) -> None:
    shares = [Share("acc_a", amount, "pool", "", part=f"{n}") for n, amount in enumerate(amounts)]
    balance = standing.posted
    for share in fit(shares, {("acc_a", "K"): standing}, "2026-11-14"):
        balance += share.amount
        if share.amount < 0:
            assert balance - standing.pending_out >= 0
        elif standing.limits.ceiling is not None:
            assert balance + standing.pending_in <= standing.limits.ceiling
