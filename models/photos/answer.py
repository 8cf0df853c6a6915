"""The answer to "what is this in the picture worth": what was read, what it may be, and a value as sure as that is.

A value is given where one candidate is likelier than all else together; its interval is that of the mixture over all
candidates. Otherwise the answer says which picture would tell more. Nothing of the pictures is kept.
"""

from __future__ import annotations

from collections.abc import Sequence
from decimal import ROUND_CEILING, ROUND_FLOOR, Decimal
from typing import Literal, Protocol

from pydantic import BaseModel, ConfigDict, Field

from features.matching.scorer import PairScorer
from features.photo.picture import NOTES, PictureRead
from models.photos.advice import Seen, best, next_picture
from models.photos.doubt import Priced, exclusive, widened
from models.photos.evidence import Catalogue, Evidence, Gathered, gather
from models.photos.label import Label, label_of
from warehouse.valuation import Valuation, ValuationRequest, minor_unit

# Likelier than all else together: below this no value is named.
LEAST_PROBABILITY = 0.5
_SHOWN = 5
_LEAST_SHOWN = 0.01
PhotoReason = Literal["nothing_read", "not_known", "several_things", "too_doubtful", "no_value"]


class _Frozen(BaseModel):
    model_config = ConfigDict(frozen=True, extra="forbid")


class PictureSeen(_Frozen):
    """One picture as it was seen: its size in pixels, upright, and what was wrong with it."""

    width: int
    height: int
    notes: list[str]


class PhotoRead(_Frozen):
    """What was read in the pictures. `barcodes` are GTINs of 14 digits, or what other codes say."""

    pictures: list[PictureSeen]
    barcodes: list[str]
    brand: str | None
    codes: list[str]
    words: list[str]


class PhotoCandidate(_Frozen):
    """A thing it may be, its probability among all that it may be, and what speaks for it."""

    product: str
    title: str
    brand: str | None
    category: str | None
    probability: float = Field(ge=0, le=1)
    reasons: list[str]
    fmv: str | None


class PhotoValuation(_Frozen):
    """What the pictures show and what that is worth.

    `valuation` is that of the first candidate; `low` and `high` are its interval widened by the doubt about which thing
    it is. Without a value `reason` says why, and `next_picture` what to take to know more.
    """

    read: PhotoRead
    candidates: list[PhotoCandidate]
    none_of_them: float = Field(ge=0, le=1)
    valuation: Valuation | None
    low: str | None
    high: str | None
    currency: str | None
    reason: PhotoReason | None
    next_picture: str | None
    snapshot: str


def thing_shown(told: PhotoValuation, reads: Sequence[PictureRead]) -> dict[str, str] | None:
    """What the pictures show as the fields of a thing that somebody owns, with the first picture's perceptual hash.

    None where no one thing was recognised; `next_picture` then says what would help.
    """
    if told.reason not in (None, "no_value") or not told.candidates:
        return None
    first = told.candidates[0]
    fields = {"title": first.title, "brand": first.brand, "category": first.category}
    return {name: text for name, text in fields.items() if text} | {"picture_hash": reads[0].look.phash}


class Values(Protocol):
    """What values things; `models.answers.value.Valuer` does."""

    @property
    def snapshot_id(self) -> str: ...

    def value_many(self, requests: Sequence[ValuationRequest]) -> list[Valuation]: ...


def answer(
    reads: Sequence[PictureRead],
    catalogue: Catalogue,
    scorer: PairScorer,
    valuer: Values,
    *,
    condition: str | None = None,
    region: str | None = None,
    currency: str | None = None,
) -> PhotoValuation:
    """Say what the pictures of one thing show and what it is worth. `reads` must not be empty."""
    label = label_of(reads)
    gathered = gather(reads, label, catalogue, scorer)
    probabilities, none = exclusive([each.alone for each in gathered.evidence])
    shown = [
        (evidence, probability)
        for evidence, probability in zip(gathered.evidence, probabilities, strict=True)
        if probability >= _LEAST_SHOWN
    ][:_SHOWN]
    asked = [_request(evidence, condition, region, currency) for evidence, _ in shown]
    values = valuer.value_many(asked) if asked else []
    reason = _reason(reads, label, gathered, shown, values)
    first = values[0] if reason is None else None
    low, high = _interval(values, [p for _, p in shown]) if first is not None else (None, None)
    return PhotoValuation(
        read=_read(reads, label),
        candidates=[
            _candidate(evidence, probability, value)
            for (evidence, probability), value in zip(shown, values, strict=True)
        ],
        none_of_them=round(none, 4),
        valuation=first,
        low=low,
        high=high,
        currency=values[0].currency if values else (currency and currency.strip().upper()),
        reason=reason,
        next_picture=next_picture(_seen(reads, label, gathered)) if reason or _unsure(shown) else None,
        snapshot=valuer.snapshot_id,
    )


def _unsure(shown: Sequence[tuple[Evidence, float]]) -> bool:
    return not shown or shown[0][1] < 0.9


def _request(evidence: Evidence, condition: str | None, region: str | None, currency: str | None) -> ValuationRequest:
    product = evidence.product
    named = {"brand": product.brand, "category": product.category}
    return ValuationRequest(
        text=product.title[:2000],
        attributes={name: text for name, text in named.items() if text},
        condition=condition,
        region=region,
        currency=currency,
    )


def _reason(
    reads: Sequence[PictureRead],
    label: Label,
    gathered: Gathered,
    shown: Sequence[tuple[Evidence, float]],
    values: Sequence[Valuation],
) -> PhotoReason | None:
    """Why there is no value, where there is none."""
    if gathered.several:
        return "several_things"
    if not shown:
        read = bool(label.words) or any(each.barcodes for each in reads)
        return "not_known" if read else "nothing_read"
    if shown[0][1] < LEAST_PROBABILITY:
        return "too_doubtful" if shown[0][0].alone >= LEAST_PROBABILITY else "not_known"
    return None if values[0].fmv is not None else "no_value"


def _interval(values: Sequence[Valuation], probabilities: Sequence[float]) -> tuple[str, str]:
    """The widened interval, rounded outwards to the currency's minor unit."""
    priced = [
        Priced(probability, *(float(str(amount)) for amount in (value.fmv, value.low, value.high)))
        for value, probability in zip(values, probabilities, strict=True)
        if value.fmv is not None and value.low is not None and value.high is not None and float(value.low) > 0
    ]
    low, high = widened(priced, max(0.0, 1.0 - sum(each.probability for each in priced)))
    unit = minor_unit(values[0].currency)
    return (
        str(Decimal(repr(low)).quantize(unit, rounding=ROUND_FLOOR)),
        str(Decimal(repr(high)).quantize(unit, rounding=ROUND_CEILING)),
    )


def _read(reads: Sequence[PictureRead], label: Label) -> PhotoRead:
    codes = (code.gtin or code.text for read in reads for code in read.barcodes)
    return PhotoRead(
        pictures=[
            PictureSeen(width=each.width, height=each.height, notes=[NOTES[note] for note in each.notes])
            for each in reads
        ],
        barcodes=list(dict.fromkeys(codes)),
        brand=label.brand,
        codes=list(label.codes),
        words=list(label.words),
    )


def _candidate(evidence: Evidence, probability: float, value: Valuation) -> PhotoCandidate:
    product = evidence.product
    return PhotoCandidate(
        product=product.product,
        title=product.title,
        brand=product.brand,
        category=product.category,
        probability=round(probability, 4),
        reasons=list(dict.fromkeys(evidence.reasons)),
        fmv=value.fmv,
    )


def _seen(reads: Sequence[PictureRead], label: Label, gathered: Gathered) -> Seen:
    barcodes = {code.gtin for read in reads for code in read.barcodes if code.gtin}
    return Seen(
        barcode=bool(barcodes),
        known_barcode=bool(barcodes - set(gathered.unknown_barcodes)),
        brand=label.brand is not None,
        code=bool(label.codes),
        words=len(label.words),
        sharpness=best([each.sharpness for each in reads]),
        brightness=best([each.brightness for each in reads]),
        things=2 if gathered.several else min(1, len(gathered.evidence)),
    )
