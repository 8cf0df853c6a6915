"""FMV records: the frozen reason for a leg's value, complete enough to be checked when everything else is gone.

    valuation   the whole valuation as it was given out (goods and services), the unknown ones too
    k_rate      an amount of K at the dated rate of the community's policy
    time_rate   minutes at the dated hour of the community's policy
    cash_rate   money at its face value, in rails at the policy's rate

A record is bytes (canonical JSON) named by their SHA-256. Its arithmetic is done again when it is frozen and
whenever the books are verified.
"""

from __future__ import annotations

import json
from dataclasses import dataclass
from decimal import Decimal
from fractions import Fraction
from typing import Any

from pydantic import ValidationError

from ledger.books.canonical import canonical, sha256
from ledger.books.errors import Tampered
from ledger.books.units import RAILS_PER_K, k_text, rounded
from ledger.policy.dated import Policy
from warehouse.errors import BadInput
from warehouse.valuation import Valuation, minor_unit, recompute


@dataclass(frozen=True, slots=True)
class FmvRecord:
    """One frozen record; `snapshot` is what a valuation was computed from."""

    kind: str
    content: bytes
    snapshot: str | None = None

    @property
    def sha256(self) -> str:
        return sha256(self.content)


@dataclass(frozen=True, slots=True)
class Fair:
    """A record's value for a whole leg, in rails, with its interval; all None where the value is unknown."""

    value: int | None
    low: int | None
    high: int | None


def of_valuation(content: bytes, policy: Policy) -> tuple[FmvRecord, Valuation]:
    """Freeze a valuation. Raises `BadInput` for another currency than the policy's, `Tampered` for wrong arithmetic."""
    valuation = read_valuation(content)
    if valuation.fmv is not None and valuation.currency != policy.currency:
        raise BadInput(
            f"valuation {valuation.id} is in {valuation.currency}, and this community counts K in {policy.currency}: "
            f"ask for the valuation in {policy.currency}"
        )
    return FmvRecord("valuation", content, valuation.snapshot), valuation


def of_k(amount: int, policy: Policy) -> FmvRecord:
    """The record of a leg of K: `amount` rails at the policy's rate."""
    said = {
        "amount": amount,
        "fmv": str(policy.in_money(amount)),
        **_rate(policy),
    }
    return FmvRecord("k_rate", canonical(said))


def of_time(minutes: int, policy: Policy) -> FmvRecord:
    """The record of a leg of time: `minutes` at the policy's hour, in rails, at its rate."""
    amount = policy.hours_in_rails(minutes)
    said = {
        "minutes": minutes,
        "hour": k_text(policy.hour),
        "amount": amount,
        "fmv": str(policy.in_money(amount)),
        **_rate(policy),
    }
    return FmvRecord("time_rate", canonical(said))


def of_cash(cash: Decimal, policy: Policy) -> FmvRecord:
    """The record of a leg of cash: its face value in the policy's currency."""
    said = {
        "amount": policy.in_rails(Fraction(cash)),
        "cash": f"{cash:f}",
        "fmv": f"{cash:f}",
        **_rate(policy),
    }
    return FmvRecord("cash_rate", canonical(said))


def times(record: FmvRecord, number: int) -> FmvRecord:
    """The record of `number` times an amount, at the very rates that the record froze."""
    said: dict[str, Any] = json.loads(record.content)
    place, rate = minor_unit(said["currency"]), Fraction(said["currency_per_k"])
    if record.kind == "cash_rate":
        cash = Decimal(said["cash"]) * number
        return FmvRecord(record.kind, canonical({**said, "amount": rounded(Fraction(cash) * RAILS_PER_K / rate),
                                                 "cash": f"{cash:f}", "fmv": f"{cash:f}"}))  # fmt: skip
    if record.kind == "time_rate":
        minutes = int(said["minutes"]) * number
        said |= {"minutes": minutes, "amount": rounded(Fraction(said["hour"]) * RAILS_PER_K * minutes / 60)}
    else:
        said["amount"] = int(said["amount"]) * number
    money = (rounded(Fraction(said["amount"], RAILS_PER_K) * rate / Fraction(place)) * place).quantize(place)
    return FmvRecord(record.kind, canonical({**said, "fmv": str(money)}))


def fair(record: FmvRecord, quantity: Decimal, policy: Policy) -> Fair:
    """What the record says a leg of `quantity` is worth, each figure rounded once to a rail."""
    if record.kind != "valuation":
        amount = int(json.loads(record.content)["amount"])
        return Fair(amount, amount, amount)
    valuation = read_valuation(record.content)
    if valuation.fmv is None:
        return Fair(None, None, None)
    value, low, high = (
        policy.in_rails(Fraction(figure) * Fraction(quantity)) if figure is not None else None
        for figure in (valuation.fmv, valuation.low, valuation.high)
    )
    return Fair(value, low, high)


def read_valuation(content: bytes) -> Valuation:
    """A valuation from its frozen bytes, its arithmetic done again. Raises `Tampered`, naming what does not hold."""
    try:
        valuation = Valuation.model_validate_json(content)
    except ValidationError as error:
        raise Tampered(f"an FMV record is not a valuation: {error.errors()[0]['msg']}") from error
    place = f"the FMV record of valuation {valuation.id}"
    if valuation.canonical_json() != content:
        raise Tampered(f"{place} is not in its canonical form")
    if valuation.fmv is None:
        if valuation.reason is None:
            raise Tampered(f"{place} has neither a value nor a reason for having none")
        return valuation
    if valuation.base is None:
        raise Tampered(f"{place} has a value without a base")
    try:
        told = recompute(valuation.base, valuation.factors, valuation.currency)
        fmv = Decimal(valuation.fmv)
        low, high = Decimal(valuation.low or valuation.fmv), Decimal(valuation.high or valuation.fmv)
    except ArithmeticError as error:
        raise Tampered(f"{place} holds something that is not a number") from error
    if told != fmv:
        raise Tampered(f"{place} says {fmv} {valuation.currency}, but its base and factors give {told}")
    if not 0 <= low <= fmv <= high:
        raise Tampered(f"{place} has an interval of {low} to {high} that does not hold its value of {fmv}")
    return valuation


def check(kind: str, content: bytes) -> None:
    """Do a record's arithmetic again. Raises `Tampered`, naming what does not hold."""
    if kind == "valuation":
        read_valuation(content)
        return
    said: dict[str, Any] = json.loads(content)
    amount = int(said["amount"])
    if kind == "time_rate":
        again = rounded(Fraction(said["hour"]) * RAILS_PER_K * int(said["minutes"]) / 60)
        if amount != again:
            raise Tampered(f"an FMV record says {said['minutes']} minutes are {amount} rails, they are {again}")
    elif kind == "cash_rate":
        _check_cash(said)
        return
    elif kind != "k_rate":
        raise Tampered(f'there is no FMV record of the kind "{kind}"')
    place = minor_unit(said["currency"])
    exact = Fraction(amount, RAILS_PER_K) * Fraction(said["currency_per_k"]) / Fraction(place)
    if Decimal(said["fmv"]) != rounded(exact) * place:
        raise Tampered(
            f"an FMV record says {amount} rails are {said['fmv']} {said['currency']}; its own rate disagrees"
        )


def _check_cash(said: dict[str, Any]) -> None:
    again = rounded(Fraction(said["cash"]) * RAILS_PER_K / Fraction(said["currency_per_k"]))
    if said["fmv"] != said["cash"] or int(said["amount"]) != again:
        raise Tampered(
            f"an FMV record says {said['cash']} {said['currency']} are {said['fmv']} and {said['amount']} rails; "
            f"its own rate gives {again}"
        )


def _rate(policy: Policy) -> dict[str, str]:
    return {
        "currency": policy.currency,
        "currency_per_k": str(policy.currency_per_k),
        "policy_from": policy.holds_from.isoformat(),
    }
