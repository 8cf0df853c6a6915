"""What pictures show and what that is worth: `POST /v1/valuations/photo`, a form with pictures of one thing.

Pictures are read in another process, answered from and forgotten: no picture, and nothing of its metadata, is kept.
The valuation in the answer is given out like any other, so that a trade can name it.
"""

from __future__ import annotations

import unicodedata
from collections.abc import Sequence
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path
from typing import Annotated, Any

from fastapi import APIRouter, Depends, Request, Response
from pydantic import ValidationError
from starlette.datastructures import UploadFile

from features.matching.scorer import PairScorer
from features.photo import DEFAULT, PictureRead, PictureRefused, read_pictures
from ledger.books.store import Ledger
from ledger.trading import given
from models.photos.answer import PhotoValuation, answer
from models.photos.catalogue import scorer_of
from valuation_api import problems
from valuation_api.leases import CurrentMarket
from valuation_api.live import Market
from valuation_api.problems import Problem
from warehouse.valuation import ValuationRequest

PATH = "/v1/valuations/photo"
MOST_BYTES = 60_000_000
_FIELDS = ("condition", "region", "currency")
_STATUS = {
    "not_a_picture": 415,
    "unsupported_format": 415,
    "too_many_bytes": 413,
    "too_many_pixels": 413,
}
_LONGEST_NAME = 80
# A form with more files than this is refused before they are counted; up to it the answer says how many are too many.
_MOST_FILES = 100
FORM = {
    "requestBody": {
        "required": True,
        "content": {
            "multipart/form-data": {
                "schema": {
                    "type": "object",
                    "required": ["pictures"],
                    "properties": {
                        "pictures": {
                            "type": "array",
                            "minItems": 1,
                            "maxItems": DEFAULT.pictures,
                            "items": {"type": "string", "format": "binary"},
                            "description": "Pictures of one thing: JPEG, PNG or WebP, 15 MB each",
                        },
                        "condition": {"type": "string", "maxLength": 200, "description": 'Such as "like new"'},
                        "region": {"type": "string", "maxLength": 200, "description": "Such as US-MO"},
                        "currency": {"type": "string", "pattern": r"^\s*([A-Za-z]{3}\s*)?$", "description": "ISO 4217"},
                    },
                }
            }
        },
    }
}


@dataclass(frozen=True, slots=True)
class Upload:
    """A form as it was sent: the pictures with the names of their files, and what is said of the thing."""

    names: tuple[str, ...]
    pictures: tuple[bytes, ...]
    condition: str | None
    region: str | None
    currency: str | None


async def upload(request: Request) -> Upload:
    """The form of a request. Problem where it is no form, has no picture, or a field that cannot be meant."""
    kind = request.headers.get("content-type", "").split(";")[0].strip().lower()
    if kind != "multipart/form-data":
        detail = f'The body is sent as "{kind}"; send multipart/form-data with the files as "pictures".'
        raise Problem(415, "not-a-form", "The body is no form with pictures", detail)
    async with request.form(max_files=_MOST_FILES, max_fields=20) as form:
        # A browser sends a part without name and content where nothing was chosen.
        files = [part for part in form.getlist("pictures") if isinstance(part, UploadFile) and part.filename]
        names = tuple(_shown(file.filename or "", number) for number, file in enumerate(files, start=1))
        pictures = tuple([await file.read() for file in files])
        said = {name: _text(form.get(name)) for name in _FIELDS}
    if not pictures:
        raise Problem(422, "no-picture", "There is no picture in the form", 'Send one to eight files as "pictures".')
    try:
        ValuationRequest.model_validate({"text": "a picture", **said})
    except ValidationError as error:
        places = [{"loc": ("query", *each["loc"]), "msg": each["msg"], "type": each["type"]} for each in error.errors()]
        raise problems.of_validation(places, "application/json") from None
    return Upload(names, pictures, **said)


def value(sent: Upload, market: Market, ledger: Ledger) -> PhotoValuation:
    """Read the pictures and answer; the valuation is kept. Problem names the file that cannot be read, and why."""
    return value_read(sent, reads_of(sent), market, ledger)


def value_read(sent: Upload, reads: Sequence[PictureRead], market: Market, ledger: Ledger) -> PhotoValuation:
    """Answer from what was read of the pictures; the valuation is kept."""
    told = answer(
        reads,
        market.shelf.catalogue(),
        _scorer(market.snapshot.path),
        market.valuer,
        condition=sent.condition,
        region=sent.region,
        currency=sent.currency,
    )
    if told.valuation is not None:
        given.keep(ledger, told.valuation, told.valuation.subject.asked)
    return told


def router(ledger: Ledger) -> APIRouter:
    """The route; `ledger` keeps the valuations that are given out."""
    routes = APIRouter(tags=["valuations"])

    @routes.post(
        PATH,
        summary="Value what pictures show",
        response_model=PhotoValuation,
        responses=problems.described(400, 413, 415, 422, 503),
        openapi_extra=FORM,
    )
    def photo(sent: Annotated[Upload, Depends(upload)], market: CurrentMarket) -> Response:
        """Barcodes, brand and model are read; `candidates` are what it may be, with probabilities.

        A value is named where one candidate is likelier than all else together. Otherwise `valuation` is null, `reason`
        says why, and `next_picture` what to take a picture of.
        """
        return Response(
            value(sent, market, ledger).model_dump_json(),
            media_type="application/json",
            headers={"Cache-Control": "no-store"},
        )

    return routes


def reads_of(sent: Upload) -> list[PictureRead]:
    """What is read of the pictures. Problem names the file that cannot be read, and why."""
    try:
        return read_pictures(sent.pictures)
    except PictureRefused as refused:
        named: dict[str, Any] = {"reason": refused.reason}
        if refused.number:
            named |= {"file": sent.names[refused.number - 1], "number": refused.number}
        start = f"{named['file']}: " if refused.number else ""
        status = _STATUS.get(refused.reason, 422)
        raise Problem(
            status, "picture-refused", "A picture cannot be read", f"{start}{refused.says}", **named
        ) from None


@lru_cache(maxsize=2)
def _scorer(snapshot: Path) -> PairScorer:
    return scorer_of(snapshot)


def _shown(name: str, number: int) -> str:
    """A file's name as it can be repeated: without folders and signs that are not seen, cut at a length."""
    last = name.replace("\\", "/").rsplit("/", 1)[-1]
    kept = "".join(sign for sign in last if not unicodedata.category(sign).startswith("C")).strip()
    return kept[:_LONGEST_NAME] or f"picture {number}"


def _text(part: object) -> str | None:
    return part.strip() or None if isinstance(part, str) else None
