"""The tax papers over HTTP: one's own record, forms, notes and books; the year's summary for the treasurer.

GET  /v1/tax/years/{year}                          one's own record
GET  /v1/tax/years/{year}/1099b.pdf | 1099b.csv    one's own copies of Form 1099-B
GET  /v1/tax/years/{year}/books/{form}             one's own books: beancount, hledger, iif, csv
GET  /v1/tax/years/{year}/transmittal              the community's summary (treasurer)
GET  /v1/tax/years/{year}/community-books/{form}   the community's books (treasurer)
GET  /v1/tax/profile, PUT /v1/tax/profile          legal name, address, number, estimate
POST /v1/tax/notes                                 basis, expense, sales tax of a leg

Filing itself is done at the command line, by whoever holds the key of the numbers.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Annotated, Literal

from fastapi import APIRouter, Depends, Path, Response

from ledger.books.store import Ledger
from ledger.tax import copies, exports, filing, journal, notes, profile, record
from ledger.tax.record import Record
from valuation_api import problems
from valuation_api.auth import PERSONAL, PRIVATE, Asker, LedgerRoute, asker, idempotency_key
from valuation_api.tax_shapes import NoteAsked, NoteTold, ProfileAsked, ProfileTold, TransmittalTold

TaxKey = Callable[[], bytes]
Year = Annotated[int, Path(ge=2000, le=2100, description="A calendar year")]
Key = Annotated[str, Depends(idempotency_key)]
BookForm = Literal["beancount", "hledger", "iif", "csv"]
_READS = problems.described(401, 403, 404, 409, 503)
_WRITES = problems.described(400, 401, 403, 404, 409, 503)
_MEDIA = {"csv": "text/csv", "iif": "text/plain", "beancount": "text/plain", "hledger": "text/plain"}
_ENCODING = {"iif": "cp1252"}


def router(ledger: Ledger, tax_key: TaxKey | None = None) -> APIRouter:
    """The routes on `ledger`; `tax_key` gives the key that taxpayer numbers are sealed with."""
    routes = APIRouter(prefix="/v1/tax", route_class=LedgerRoute, dependencies=PERSONAL, tags=["tax"])
    _add_records(routes, ledger)
    _add_copies(routes, ledger)
    _add_books(routes, ledger)
    _add_treasurers(routes, ledger)
    _add_profile(routes, ledger, tax_key)
    return routes


def _add_records(routes: APIRouter, ledger: Ledger) -> None:
    asking = Depends(asker(ledger))

    @routes.get("/years/{year}", summary="My tax record of a year", responses=_READS)
    def read(*, by: Asker = asking, year: Year) -> Record:
        """Every finished trade of the year: what was received and given, with the record behind each value."""
        return record.of_year(ledger, by.id, year)

    @routes.post("/notes", status_code=201, summary="Note a basis, expense or sales tax", responses=_WRITES)
    def note(*, by: Asker = asking, key: Key, asked: NoteAsked) -> NoteTold:
        """A note on a leg of one's own trade. The latest of a kind counts; none is deleted."""
        currency = ledger.policy().currency
        made = notes.add(
            ledger,
            key=key,
            account=by.id,
            trade=asked.trade,
            position=asked.position,
            kind=asked.kind,
            cents=asked.cents(currency),
            text=asked.text,
        )
        return NoteTold.of(made, currency)


def _add_copies(routes: APIRouter, ledger: Ledger) -> None:
    asking = Depends(asker(ledger))

    def file(content: bytes | str, media: str, name: str) -> Response:
        said = {**PRIVATE, "Content-Disposition": f'attachment; filename="{name}"'}
        return Response(content, media_type=media, headers=said)

    @routes.get(
        "/years/{year}/1099b.pdf",
        summary="My copies of Form 1099-B",
        responses={**_READS, 200: {"content": {"application/pdf": {}}}},
        response_class=Response,
    )
    def pdf(*, by: Asker = asking, year: Year) -> Response:
        """Copy B of each form, as filed, or as a draft before; a 409 says why there is none."""
        return file(copies.of_payee(ledger, by.id, year).pdf(), "application/pdf", f"1099b-{year}.pdf")

    @routes.get(
        "/years/{year}/1099b.csv",
        summary="My Forms 1099-B by box number",
        responses={**_READS, 200: {"content": {"text/csv": {}}}},
        response_class=Response,
    )
    def table(*, by: Asker = asking, year: Year) -> Response:
        """The same as CSV, a column for each box."""
        return file(copies.of_payee(ledger, by.id, year).csv(), "text/csv", f"1099b-{year}.csv")


def _add_books(routes: APIRouter, ledger: Ledger) -> None:
    asking, treasurer = Depends(asker(ledger)), Depends(asker(ledger, "treasurer"))

    @routes.get(
        "/years/{year}/books/{form}",
        summary="My books of a year",
        responses={**_READS, 200: {"content": {"text/plain": {}, "text/csv": {}}}},
        response_class=Response,
    )
    def own(*, by: Asker = asking, year: Year, form: BookForm) -> Response:
        """One's own entries as bookings, for beancount, hledger, QuickBooks Desktop (IIF) or a spreadsheet."""
        return _written(exports.write(journal.of_member(ledger, by.id, year), form), form)

    @routes.get(
        "/years/{year}/community-books/{form}",
        summary="The community's books of a year (treasurer)",
        responses={**_READS, 200: {"content": {"text/plain": {}, "text/csv": {}}}},
        response_class=Response,
    )
    def all_(*, by: Asker = treasurer, year: Year, form: BookForm) -> Response:
        """Every entry of every account, as what the community owes and owns."""
        return _written(exports.write(journal.of_community(ledger, year), form), form)


def _add_treasurers(routes: APIRouter, ledger: Ledger) -> None:
    asking = Depends(asker(ledger, "treasurer"))

    @routes.get("/years/{year}/transmittal", summary="The year's Forms 1099-B in sum (treasurer)", responses=_READS)
    def transmittal(*, by: Asker = asking, year: Year) -> TransmittalTold:
        """What the last run of filing sent; before the first, what one would send, or why nothing is due."""
        with ledger.reading() as connection:
            runs = filing.of_year(connection, year)
        if runs:
            return TransmittalTold.of(runs[-1].transmittal, filed=True)
        return TransmittalTold.of(filing.draft(ledger, year)[1], filed=False)


def _add_profile(routes: APIRouter, ledger: Ledger, tax_key: TaxKey | None) -> None:
    asking = Depends(asker(ledger))

    @routes.get("/profile", summary="My tax profile", responses=problems.described(401, 403, 503))
    def show(*, by: Asker = asking) -> ProfileTold:
        """What the tax papers know of me; the number is shortened."""
        with ledger.reading() as connection:
            return ProfileTold.of(profile.of(connection, by.id))

    @routes.put("/profile", summary="Say what the tax papers should know of me", responses=_WRITES)
    def put(*, by: Asker = asking, key: Key, asked: ProfileAsked) -> ProfileTold:
        """Replaces what was said before; a number that is left out stays."""
        sealing = tax_key() if asked.tin is not None and tax_key is not None else None
        made = profile.put(ledger, key=key, account=by.id, asked=asked.asked(), tin_key=sealing)
        return ProfileTold.of(made)


def _written(content: str, form: str) -> Response:
    encoding = _ENCODING.get(form, "utf-8")
    return Response(
        content.encode(encoding),
        media_type=f"{_MEDIA[form]}; charset={'windows-1252' if form == 'iif' else 'utf-8'}",
        headers={**PRIVATE, "Content-Disposition": f'attachment; filename="katy.{form}"'},
    )
