"""One trade of the demo, made as anybody would make it: over HTTP, with keys, goods on both sides, and K on top."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from decimal import ROUND_HALF_EVEN, Decimal
from typing import TYPE_CHECKING, Any
from uuid import uuid4

from warehouse.errors import KatyError

if TYPE_CHECKING:
    import httpx
    from rich.console import Console

    from katy.demo_summary import Compared
    from ledger.books.store import Ledger

PEOPLE = ("Ada", "Bo")
# What may have to be paid for the difference: more than nothing, and no more than needs no witness.
LEAST, MOST, IDEAL = Decimal(2), Decimal(40), Decimal(25)


@dataclass(frozen=True, slots=True)
class Party:
    """A demo account and its key."""

    name: str
    account: str
    key: str


@dataclass(frozen=True, slots=True)
class Deal:
    """What is traded: `dear` for `cheap` and K."""

    dear: Compared
    cheap: Compared

    @property
    def difference(self) -> Decimal:
        """In K, to the rail; the demo's policy has 1 K = 1 USD."""
        assert self.dear.said is not None
        assert self.cheap.said is not None
        return (self.dear.said - self.cheap.said).quantize(Decimal("0.01"), rounding=ROUND_HALF_EVEN)


def find_deal(compared: Sequence[Compared]) -> Deal | None:
    """Two things of different categories whose published values differ by what a neighbour would pay on top."""
    known = [one for one in compared if one.said is not None]
    deals = [
        Deal(dear, cheap)
        for dear in known
        for cheap in known
        if dear.question.category != cheap.question.category
        and LEAST <= Deal(dear, cheap).difference <= MOST
        # Twice the price is no neighbour's swap.
        and Deal(dear, cheap).difference * 2 <= (dear.said or Decimal(0))
    ]
    sure = {"A": 0, "B": 1, "C": 2, "D": 3}

    def unlikely(deal: Deal) -> tuple[int, Decimal, str]:
        doubt = max(sure.get(one.valuation.confidence or "D", 3) for one in (deal.dear, deal.cheap))
        return doubt, abs(deal.difference - IDEAL), deal.dear.question.text

    return min(deals, key=unlikely, default=None)


def open_accounts(ledger: Ledger) -> tuple[Party, Party]:
    """Two new accounts, as `katy account add` makes them: each demo's trade is between newcomers."""
    from ledger.books import accounts

    taken = {standing.account.name for standing in accounts.listing(ledger)}
    number = 1
    while any(_named(name, number) in taken for name in PEOPLE):
        number += 1
    made = [accounts.create(ledger, _named(name, number)) for name in PEOPLE]
    first, second = (Party(account.name, account.id, key) for account, key in made)
    return first, second


def _named(name: str, number: int) -> str:
    return name if number == 1 else f"{name} {number}"


def trade(api: str, deal: Deal, giver: Party, taker: Party) -> dict[str, Any]:
    """Value both things, propose, accept, confirm twice; returns the finished trade with both balances.

    Raises KatyError with the API's own words when a step is refused.
    """
    import httpx

    with httpx.Client(base_url=api, timeout=60, trust_env=False) as client:
        dear, cheap = _post(client, "/v1/valuations", {"items": [_asked(deal.dear), _asked(deal.cheap)]})["items"]
        legs: list[dict[str, Any]] = [
            {"giver": "proposer", "kind": "goods", "description": deal.dear.question.text, "valuation": dear["id"]},
            {"giver": "counterparty", "kind": "goods", "description": deal.cheap.question.text},
            {"giver": "counterparty", "kind": "k", "amount": f"{deal.difference}"},
        ]
        legs[1]["valuation"] = cheap["id"]
        proposed = _post(client, "/v1/trades", {"counterparty": taker.name, "legs": legs}, giver)
        step = f"/v1/trades/{proposed['id']}"
        _post(client, f"{step}/accept", None, taker)
        _post(client, f"{step}/confirm", None, giver)
        done = _post(client, f"{step}/confirm", None, taker)
        balances = {party.name: _balance(client, party) for party in (giver, taker)}
    return done | {"balances": balances}


def _asked(one: Compared) -> dict[str, Any]:
    return one.valuation.subject.asked.model_dump(mode="json", exclude_none=True)


def _post(client: httpx.Client, path: str, body: Any, by: Party | None = None) -> dict[str, Any]:
    headers = {} if by is None else {"Authorization": f"Bearer {by.key}", "Idempotency-Key": uuid4().hex}
    return _answer(client.post(path, json=body, headers=headers) if body else client.post(path, headers=headers))


def _balance(client: httpx.Client, party: Party) -> str:
    told = _answer(client.get("/v1/accounts/me", headers={"Authorization": f"Bearer {party.key}"}))
    return str(told["balances"]["K"]["balance"])


def _answer(response: httpx.Response) -> dict[str, Any]:
    if response.is_success:
        answer: dict[str, Any] = response.json()
        return answer
    try:
        why = response.json().get("detail") or response.text
    except ValueError:
        why = response.text
    raise KatyError(
        f"{response.request.method} {response.request.url.path} was refused ({response.status_code}): {why}"
    )


def show(console: Console, done: dict[str, Any]) -> None:
    """The trade in a few lines."""
    names = {"proposer": done["proposer"]["name"], "counterparty": done["counterparty"]["name"]}
    console.print(f"\nA trade, {done['state']}: {done['id']}", style="bold", markup=False)
    for leg in done["legs"]:
        if leg["kind"] == "k":
            gives = f"{leg['amount']} K"
        else:
            gives = f"{leg['description']}, worth {leg['fair']} K ({leg['low']} – {leg['high']})"
        console.print(f"  {names[leg['giver']]} gives {gives}", markup=False)
    moved = ", ".join(f"{name} {balance} K" for name, balance in done["balances"].items())
    fee = sum((Decimal(done["fee"][side]) for side in names), Decimal(0))
    total = sum((Decimal(balance) for balance in done["balances"].values()), fee)
    assert total == 0, f"the balances of a finished trade sum to {total} K"
    console.print(
        f"  Balances after both confirmed: {moved}, the community's pool {fee} K of fee; together they are zero.",
        markup=False,
    )
