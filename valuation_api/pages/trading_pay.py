"""Paying another member, without a trade: what was typed is shown once more, and paid when that is sent.

GET  /my/pay          to whom, how much
POST /my/pay          look at it; pay
GET  /my/paid/{id}    what was paid, or waits for signatures
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from typing import Annotated

from fastapi import APIRouter, Depends, Path, Response

from ledger.books import accounts, promises, seen, transfers
from ledger.books.canonical import new_id
from ledger.books.errors import KeyInFlight, KeyReused
from ledger.books.standings import Account
from ledger.books.store import Ledger
from ledger.books.units import MINUTES, K, rails
from ledger.trading import trades
from valuation_api.accounts import shown as account_told
from valuation_api.pages.trading_desk import HOME, Desk, Sent, go, refusal, show
from valuation_api.pages.trading_forms import minutes_of
from valuation_api.pages.trading_sessions import Visitor
from warehouse.errors import BadInput, KatyError

PaidId = Annotated[str, Path(pattern="^(transfer|hold)_[0-9a-f]{20}$")]
UNITS = {K: "K", MINUTES: "hours of time credit"}
_AGAIN = "This form has paid something already. Your history shows it; to pay once more, begin here anew."


@dataclass(frozen=True, slots=True)
class PayForm:
    """What was typed. `payee` is the account that was shown beside the amount, `key` the payment's own."""

    to: str = ""
    amount: str = ""
    unit: str = K
    memo: str = ""
    payee: str = ""
    key: str = ""

    @classmethod
    def read(cls, said: Mapping[str, str], key: str) -> PayForm:
        fields = {name: said.get(name, "").strip() for name in ("to", "amount", "unit", "memo", "payee")}
        return cls(**{**fields, "unit": fields["unit"] if fields["unit"] in UNITS else K}, key=key)


@dataclass(frozen=True, slots=True)
class Payment:
    """A payment that could be made: to whom, how much, in rails or minutes, and where the payer would stand."""

    payee: Account
    amount: int
    stands: int

    @property
    def after(self) -> int:
        return self.stands - self.amount


def add_to(routes: APIRouter, desk: Desk) -> None:
    """Add the pages that pay."""
    signed_in, form = Depends(desk.visitor()), Depends(desk.sent())
    ledger = desk.ledger

    @routes.get("/pay")
    def ask(by: Visitor = signed_in, to: str = "") -> Response:
        return _page(ledger, by, PayForm(to=to[:80], key=new_id("form")))

    @routes.post("/pay")
    def pay(sent: Sent = form) -> Response:
        said = PayForm.read(sent.fields, sent.key)
        if sent.text("do") == "change":
            return _page(ledger, sent.by, said)
        payment, errors = _looked(ledger, sent.by, said)
        if payment is None or sent.text("do") != "send" or said.payee != payment.payee.id:
            return _page(ledger, sent.by, said, 422 if errors else 200, errors=errors, payment=payment)
        return _pay(ledger, sent.by, said, payment)

    @routes.get("/paid/{id}")
    def paid(id: PaidId, by: Visitor = signed_in) -> Response:
        held = promises.view(ledger, by=by.id, hold_id=id) if id.startswith("hold_") else None
        made = held or seen.transfer(ledger, by=by.id, transfer_id=id).transfer
        gets = max(made.lines, key=lambda line: line.amount)
        name = accounts.find(ledger, gets.account).name
        waits = held is not None and held.state == "open"
        warnings = account_told(ledger, by.account).warnings
        return show("paid", by, payment=made, line=gets, name=name, waits=waits, warnings=warnings)


def _looked(ledger: Ledger, by: Visitor, said: PayForm) -> tuple[Payment | None, dict[str, str]]:
    """The payment that was typed, or what is wrong with it by the names of its fields."""
    errors: dict[str, str] = {}
    payee, amount = None, 0
    try:
        payee = _payee(ledger, by, said.to)
    except KatyError as error:
        errors["to"] = str(error)
    try:
        amount = rails(said.amount) if said.unit == K else minutes_of(said.amount)
        transfers.check_amount(amount, said.unit)
    except BadInput as error:
        errors["amount"] = str(error)
    try:
        transfers.checked_memo(said.memo)
    except BadInput as error:
        errors["memo"] = str(error)
    if errors or payee is None:
        return None, errors
    return Payment(payee, amount, accounts.standing(ledger, by.id, said.unit).posted), errors


def _payee(ledger: Ledger, by: Visitor, to: str) -> Account:
    if not to:
        raise BadInput("Say to whom: the name of the other member.")
    found = accounts.find(ledger, to)
    if found.id == by.id:
        raise BadInput("That is you: a payment goes to somebody else.")
    if found.kind not in accounts.KINDS:
        raise BadInput(f"{found.name} is an account of the community; payments go to members and businesses.")
    return found


def _pay(ledger: Ledger, by: Visitor, said: PayForm, payment: Payment) -> Response:
    asked = {"payee": payment.payee.id, "amount": payment.amount, "unit": said.unit, "memo": said.memo}
    try:
        made = transfers.pay(ledger, key=said.key, payer=by.id, **asked)  # type: ignore[arg-type]
    except KeyInFlight:
        return go(HOME)  # a double click: the first one is being done
    except KeyReused:
        return _page(ledger, by, replace(said, payee="", key=new_id("form")), 422, _AGAIN)
    except KatyError as error:
        problem = refusal(error)
        return _page(ledger, by, said, problem.status, problem.detail)
    return go(f"/my/paid/{made.id}")


def _page(
    ledger: Ledger,
    by: Visitor,
    form: PayForm,
    status: int = 200,
    message: str | None = None,
    *,
    errors: Mapping[str, str] | None = None,
    payment: Payment | None = None,
) -> Response:
    known = trades.listing(ledger, by=by.id, limit=50).trades
    return show(
        "pay",
        by,
        status,
        message=message,
        form=form,
        errors=errors or {},
        payment=payment,
        partners=sorted({each.other.name for each in known}),
        units=UNITS,
    )
