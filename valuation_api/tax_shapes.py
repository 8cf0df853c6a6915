"""What goes over the wire for the tax papers. Money is decimal text; numbers of taxpayers go in whole and come out
shortened."""

from __future__ import annotations

from typing import Annotated, Any

from pydantic import BaseModel, ConfigDict, Field

from ledger.tax import money, notes, profile, tin
from ledger.tax.money import text
from ledger.tax.notes import Note
from ledger.tax.profile import Profile, Recipient
from ledger.tax.transmittal import Transmittal

Money = Annotated[str, Field(pattern=r"^[0-9]{1,10}(\.[0-9]{1,2})?$", examples=["12.50"])]
_Line = Annotated[str, Field(min_length=1, pattern=r"^[^\x00-\x1f]*\S[^\x00-\x1f]*$")]


class _Asked(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True)


class _Told(BaseModel):
    model_config = ConfigDict(frozen=True)


class TinAsked(_Asked):
    """A taxpayer number; it is kept encrypted."""

    kind: Annotated[str, Field(pattern="^(ssn|ein|itin|atin)$")]
    number: Annotated[str, Field(pattern=r"^[0-9-]{9,11}$", examples=["123-45-6789"])]


class ProfileAsked(_Asked):
    """What a member says of itself. `tin` left out: the one that is known stays."""

    legal_name: Annotated[_Line, Field(max_length=profile.LONGEST_NAME)]
    address: Annotated[_Line, Field(max_length=profile.LONGEST_ADDRESS)]
    recipient: Recipient = "individual"
    tin: TinAsked | None = None
    estimate: bool = Field(default=False, description="Whether the yearly record has an estimate of the tax")
    marginal_rate: Annotated[str, Field(pattern=r"^([0-9]{1,2}(\.[0-9]{1,2})?|100)$")] | None = Field(
        default=None, description="The flat income tax rate to estimate with, in per cent"
    )

    def asked(self) -> profile.Asked:
        """The same for the ledger. Raises `BadInput` for a number that is none."""
        return profile.Asked(
            legal_name=self.legal_name,
            address=self.address,
            recipient=self.recipient,
            number=tin.read(self.tin.number, self.tin.kind) if self.tin else None,
            estimate=self.estimate,
            marginal_rate=self.marginal_rate,
        )


class ProfileTold(_Told):
    """A profile; the number is shortened."""

    legal_name: str
    address: str
    recipient: Recipient
    tin_kind: str | None
    tin: str | None
    estimate: bool
    marginal_rate: str | None
    given: bool
    warning: str | None

    @classmethod
    def of(cls, known: Profile) -> ProfileTold:
        return cls(
            legal_name=known.legal_name,
            address=known.address,
            recipient=known.recipient,
            tin_kind=known.tin_kind,
            tin=known.tin_shown,
            estimate=known.estimate,
            marginal_rate=known.marginal_rate,
            given=known.given,
            warning=known.warning,
        )


class NoteAsked(_Asked):
    """A note on a leg of one's own trade; `amount` in the community's currency."""

    trade: Annotated[str, Field(pattern="^trade_[0-9a-f]{20}$")]
    position: Annotated[int, Field(ge=1, le=10_000)]
    kind: notes.Kind
    amount: Money
    text: Annotated[str, Field(max_length=notes.LONGEST_TEXT, pattern=r"^[^\x00]*$")] = ""

    def cents(self, currency: str) -> int:
        return money.entered(self.amount, currency)


class NoteTold(_Told):
    """A note as it is kept."""

    id: str
    trade: str
    position: int
    kind: notes.Kind
    amount: str
    text: str
    noted_at: str

    @classmethod
    def of(cls, made: Note, currency: str) -> NoteTold:
        said = made.model_dump(exclude={"cents"})
        return cls(**said, amount=text(made.cents, currency))


class TransmittalTold(_Told):
    """The year's summary for the treasurer: what a run of filing would send, or has sent."""

    year: int
    filed: bool
    forms: int
    corrected: int
    box_4: str
    box_13: str
    year_box_13: str
    left: dict[str, str]
    received: str
    exchanges: int
    without_number: tuple[str, ...]
    backup_withholding: str
    statements_due: str
    paper_due: str
    electronic_due: str
    electronic: bool
    instructions_year: int
    warnings: tuple[str, ...]

    @classmethod
    def of(cls, told: Transmittal, *, filed: bool) -> TransmittalTold:
        moneys = ("box_4", "box_13", "year_box_13", "received", "backup_withholding")
        said: dict[str, Any] = told.model_dump(include=set(cls.model_fields) - {*moneys, "left", "filed"})
        said |= {name: text(getattr(told, name), "USD") for name in moneys}
        return cls(
            **said,
            filed=filed,
            left={why: text(cents, "USD") for why, cents in told.left.items()},
        )
