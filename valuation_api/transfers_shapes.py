"""What goes over the wire for transfers and promises."""

from __future__ import annotations

from typing import Annotated, Literal

from pydantic import BaseModel, Field

from ledger.books.batch import MOST, Outcome, Payment
from ledger.books.holds import Hold
from ledger.books.idempotency import LONGEST_KEY
from ledger.books.lines import Line
from ledger.books.seen import SeenTransfer, Waiting
from ledger.books.transfers import Transfer
from valuation_api import auth
from valuation_api.accounts_shapes import Amount, Asked, Memo, Paid, Unit, told

OwnKey = Annotated[
    str,
    Field(
        min_length=1,
        max_length=LONGEST_KEY,
        pattern=r"^[!-~]+$",
        description="This payment's own idempotency key: sent again, alone or in a batch, it is not paid twice",
    ),
]


class PaymentAsked(Paid):
    """One payment of a batch."""

    key: OwnKey

    def payment(self) -> Payment:
        return Payment(key=self.key, payee=self.to, amount=self.parts, unit=self.unit, memo=self.memo)


class BatchAsked(Asked):
    """Payments from the asking account, carried out in their order."""

    payments: list[PaymentAsked] = Field(min_length=1, max_length=MOST)


class ReversalAsked(Asked):
    """Why a payment is taken back."""

    memo: Memo = ""


class PromiseAsked(Paid):
    """A payment that is promised for so many days."""

    days: Annotated[int, Field(ge=1, le=366, description="After so many days it binds nobody")] = 7


class LineTold(BaseModel):
    """What changes at one account."""

    account: str
    unit: Unit
    amount: str

    @classmethod
    def of(cls, line: Line) -> LineTold:
        return cls.model_validate({"account": line.account, "unit": line.unit, "amount": told(line.amount, line.unit)})


class _Between(BaseModel):
    """A payment between two: who pays whom how much. All null where more than two accounts are touched."""

    payer: str | None
    payee: str | None
    amount: Amount | None
    unit: Unit | None


def _between(lines: tuple[Line, ...]) -> dict[str, str | None]:
    if len(lines) != 2:
        return dict.fromkeys(("payer", "payee", "amount", "unit"))
    gives, gets = sorted(lines, key=lambda line: line.amount)
    return {
        "payer": gives.account,
        "payee": gets.account,
        "amount": told(gets.amount, gets.unit),
        "unit": gets.unit,
    }


class TransferTold(_Between):
    """A transfer as it stands in the books, or the promise that it is while signatures are missing (its id begins with
    "hold_" then). `reverses` is what it took back, `reversed_by` what took it back."""

    id: str
    kind: str
    state: Literal["posted", "awaiting_signatures"]
    memo: str
    reference: str | None
    created_at: str
    lines: list[LineTold]
    reverses: str | None
    reversed_by: str | None = None
    warnings: tuple[str, ...]

    @classmethod
    def of(cls, transfer: Transfer, reversed_by: str | None = None) -> TransferTold:
        said = transfer.model_dump(exclude={"lines", "made_by", "terms_sha256"})
        lines = [LineTold.of(line) for line in transfer.lines]
        return cls.model_validate({**said, **_between(transfer.lines), "lines": lines, "reversed_by": reversed_by})

    @classmethod
    def seen(cls, found: SeenTransfer) -> TransferTold:
        return cls.of(found.transfer, found.reversed_by)


class Refused(BaseModel):
    """Why a payment of a batch was refused: what a problem document says, without its path."""

    type: str
    title: str
    status: int
    detail: str


class OutcomeTold(BaseModel):
    """What became of one payment of a batch."""

    key: str
    state: Literal["posted", "refused"]
    transfer: str | None
    problem: Refused | None
    warnings: tuple[str, ...]

    @classmethod
    def of(cls, outcome: Outcome) -> OutcomeTold:
        problem = None
        if outcome.refused is not None:
            status, slug, title = auth.refusal(outcome.refused)
            problem = Refused(type=f"urn:katy:problem:{slug}", title=title, status=status, detail=outcome.why or "")
        return cls(
            key=outcome.key,
            state=outcome.state,
            transfer=outcome.transfer,
            problem=problem,
            warnings=outcome.warnings,
        )


class BatchTold(BaseModel):
    """The outcomes of a batch, in the order of its payments."""

    posted: int
    refused: int
    outcomes: list[OutcomeTold]

    @classmethod
    def of(cls, outcomes: list[Outcome]) -> BatchTold:
        posted = sum(each.state == "posted" for each in outcomes)
        told_all = [OutcomeTold.of(each) for each in outcomes]
        return cls(posted=posted, refused=len(outcomes) - posted, outcomes=told_all)


class PromiseTold(_Between):
    """A promise: `transfer` is what it became, `signatures` of those that are `needed` are there."""

    id: str
    kind: str
    state: Literal["open", "posted", "void", "expired"]
    memo: str
    reference: str | None
    created_at: str
    expires_at: str | None
    settled_at: str | None
    transfer: str | None
    lines: list[LineTold]
    needed: int = Field(description="How many signatures it needs; 0 where the payer's word is enough")
    signatures: int
    asks_me: bool = Field(description="The asking account may sign, and has not")

    @classmethod
    def of(cls, held: Hold, waiting: Waiting | None = None) -> PromiseTold:
        said = held.model_dump(exclude={"lines", "made_by"})
        counted = {
            "needed": waiting.needed if waiting else 0,
            "signatures": waiting.signatures if waiting else 0,
            "asks_me": waiting.asks_me if waiting else False,
        }
        lines = [LineTold.of(line) for line in held.lines]
        return cls.model_validate({**said, **_between(held.lines), "lines": lines, **counted})


class PromisesTold(BaseModel):
    """A page of open promises, the oldest first."""

    promises: list[PromiseTold]
    next: str | None = Field(description="The `after` of the page behind this one; null at the end")
