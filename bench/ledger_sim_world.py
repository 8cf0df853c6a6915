"""The books under simulation beside their model: how a step is tried, failed, tried again and held against it."""

from __future__ import annotations

import gc
import hashlib
import random
from collections import Counter
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from typing import Any, TypeVar

from bench.ledger_sim_eyes import Broken, Eyes
from bench.ledger_sim_faults import Faults, InjectedError, collided
from bench.ledger_sim_model import Holder, Payment, Promise, Refusal, Row, rows
from ledger.books.store import Ledger

# Some days before a month ends: what is done once a month is done in short histories too.
START = datetime(2026, 3, 24, 9, tzinfo=UTC)
Outcome = tuple[Any, BaseException | None]
T = TypeVar("T")
SPENDING_BACK, ASKING_AGAIN = 0.25, 0.6
ENOUGH = 15_00  # rails: whoever has so much left for today pays what most payments come to


class SetClock:
    """A clock that stands until it is moved."""

    def __init__(self) -> None:
        self.now = START

    def __call__(self) -> datetime:
        return self.now

    def move(self, **by: float) -> None:
        self.now += timedelta(**by)

    @property
    def today(self) -> str:
        return self.now.date().isoformat()


@dataclass(frozen=True, slots=True)
class Sent:
    """A request that was answered, to be sent again."""

    call: Callable[..., Any]
    said: dict[str, Any]
    answer: Any


@dataclass
class Tally:
    """What has happened so far, and a hash of it in its order."""

    accepted: Counter[str] = field(default_factory=Counter)
    refused: Counter[str] = field(default_factory=Counter)
    refusals: Counter[str] = field(default_factory=Counter)
    failures: Counter[str] = field(default_factory=Counter)
    moved: Counter[str] = field(default_factory=Counter)  # runs of the community's rules that gave or took
    history: Any = field(default_factory=hashlib.sha256)

    def note(self, name: str, error: BaseException | None, failed: bool, when: datetime) -> None:
        word = "accepted" if error is None else type(error).__name__
        (self.refused if error else self.accepted)[name] += 1
        if error is not None:
            self.refusals[word] += 1
        self.history.update(f"{name} {word} {failed} {when}\n".encode())


@dataclass
class World:
    """The books, their model, and what has happened so far. `failing` is the share of steps that meet a failure."""

    ledger: Ledger
    clock: SetClock
    chance: random.Random
    faults: Faults
    eyes: Eyes
    failing: float
    holders: list[Holder] = field(default_factory=list)
    house: list[Holder] = field(default_factory=list)
    # Whose accounts were closed, and who is about to leave.
    former: list[Holder] = field(default_factory=list)
    leaving: Holder | None = None
    promises: list[Promise] = field(default_factory=list)
    payments: list[Payment] = field(default_factory=list)
    signers: dict[str, set[str]] = field(default_factory=dict)
    sent: list[Sent] = field(default_factory=list)
    tally: Tally = field(default_factory=Tally)
    usual_calls: dict[str, int] = field(default_factory=dict)
    rares: Counter[str] = field(default_factory=Counter)
    limits_of: str = ""  # the day for which everybody's limits are set
    # What the steps of trades and policies keep for themselves.
    notes: dict[str, Any] = field(default_factory=dict)
    keys: int = 0

    @property
    def today(self) -> str:
        return self.clock.today

    def two(self) -> tuple[Holder, Holder]:
        """Two different holders: who gives, and who gets. At times the one who has most gives to the one who has least,
        for K that lies is spent: else a long history ends with everybody at a limit."""
        there = [each for each in self.holders if each is not self.leaving]
        if self.chance.random() < SPENDING_BACK:
            by_wealth = sorted(there, key=lambda each: each["K"].posted)
            return by_wealth[-1], by_wealth[0]
        one = self.chance.randint(0, len(there) - 1)
        if not self._able(there[one]):
            # Who has little left mostly does not try. In a long history that is somebody at any time.
            able = [at for at, each in enumerate(there) if self._able(each)]
            if able and self.chance.random() < ASKING_AGAIN:
                one = self.one_of(able)
        other = self.chance.randint(0, len(there) - 2)
        return there[one], there[other + (other >= one)]

    def _able(self, who: Holder) -> bool:
        """Whether somebody has enough K left today for most payments."""
        return min(who["K"].spendable(), who["K"].left(self.today)) >= ENOUGH

    def pick(self, *shares: tuple[float, str]) -> str:
        """One of some words, by their shares."""
        left = self.chance.random() * sum(share for share, _ in shares)
        for share, word in shares:
            left -= share
            if left < 0:
                return word
        return shares[-1][1]

    def expected(self) -> dict[tuple[str, str], Row]:
        """What the balances must say."""
        return rows([*self.holders, *self.house, *self.former], self.today)

    def house_of(self, name: str) -> Holder:
        """An account of the house by its name in the policy."""
        return next(each for each in self.house if each.name == name)

    def one_of(self, of: Sequence[T]) -> T:
        """One of some, each as likely."""
        return of[self.chance.randint(0, len(of) - 1)]

    def rare(self, name: str, every: int) -> bool:
        """Whether there may be one more of what stays in the books for good: after n of them, from `every` · n²
        operations on. So long histories do not grow slow by them."""
        made = self.tally.accepted.total() + self.tally.refused.total()
        return made >= every * self.rares[name] ** 2

    def key(self) -> str:
        self.keys += 1
        return f"key-{self.keys}"

    def attempt(
        self,
        name: str,
        call: Callable[..., Any],
        said: dict[str, Any],
        refusal: Refusal | None,
        done: Callable[[Any], None],
        *,
        keyed: bool = True,
        once_done: Refusal | None = None,
    ) -> Any:
        """Do a step, perhaps through a failure and again with the same key. It must be refused as the model says, or
        change the books as `done` changes the model. Returns the answer; None where it was refused.

        `once_done` is what a step without a key is refused with that was done by the try that failed."""
        if keyed:
            said = {"key": self.key(), **said}
        failed, (answer, error) = self._tried(name, call, said)
        first = error  # held on to until the end: what an error keeps alive must not be in the way of the next try
        before, between = (self.expected(), self.stand()) if failed else ({}, {})
        if failed:
            answer, error = _outcome(call, self.ledger, said)
            # The commit may also have been that of a new connection, before anything was done.
            if type(error) is once_done and refusal is None and self.faults.where == "after a commit":
                error = None
        self.tally.note(name, error, failed, self.clock.now)
        if type(error) is not (refusal or type(None)):
            raise Broken(f"{name} {said}: answered {error!r} {answer!r}, the model says {refusal}") from error
        if error is None:
            done(answer)
            if keyed:
                self.sent.append(Sent(call, said, answer))
                del self.sent[:-200]
        after = self.expected()
        if failed and between not in (before, after):
            raise Broken(f"{name} {said}: a failure left the books half way: {_differences(before, between)}")
        now = self.stand()
        if now != after:
            raise Broken(f"{name} {said}: the books and the model differ: {_differences(after, now)}")
        if first is not None:
            # What the error kept alive is cleaned up now, and not at some later step: seeds replay.
            del first, error
            gc.collect(1)
        return answer

    def stand(self) -> dict[tuple[str, str], Row]:
        """What the balances say; `Broken` where a sum is not zero, a promise not counted or a limit passed."""
        limits = {
            (each.id, unit): of.limits
            for each in (*self.holders, *self.house, *self.former)
            for unit, of in each.units.items()
        }
        return self.eyes.look(self.today, limits)

    def _tried(self, name: str, call: Callable[..., Any], said: dict[str, Any]) -> tuple[bool, Outcome]:
        """Call, perhaps with a failure at a call to the database; whether the caller was told of one."""
        if self.chance.random() >= self.failing:
            calls = self.faults.calls
            told = _outcome(call, self.ledger, said)
            self.usual_calls[name] = self.faults.calls - calls
            return False, told
        number = self.chance.randint(1, max(1, self.usual_calls.get(name, 10)))
        again = self.ledger.engine.dialect.name == "postgresql" and self.chance.random() < 0.2
        after = self.chance.random() < 0.5 and not again
        self.faults.arm(number, after=after, error=collided if again else InjectedError)
        told = _outcome(call, self.ledger, said)
        if self.faults.disarm():
            self.tally.failures["came too late"] += 1
        elif isinstance(told[1], InjectedError) or (again and "put in on purpose" in str(told[1])):
            self.tally.failures[f"told to the caller: {self.faults.where}"] += 1
            return True, told
        else:
            self.tally.failures[f"mastered by the ledger: {self.faults.where}"] += 1
        return False, told


def _outcome(call: Callable[..., Any], ledger: Ledger, said: dict[str, Any]) -> Outcome:
    try:
        return call(ledger, **said), None
    except Exception as error:
        return None, error


def _differences(expected: dict[Any, Any], found: dict[Any, Any]) -> str:
    places = [place for place in expected.keys() | found.keys() if expected.get(place) != found.get(place)]
    return "; ".join(f"{place}: {found.get(place)} instead of {expected.get(place)}" for place in sorted(places))
