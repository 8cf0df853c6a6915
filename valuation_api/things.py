"""Things that people own, behind a key; each account sees its own.

POST   /v1/things               register a thing
GET    /v1/things               one's things
POST   /v1/things/import        an inventory, or an export of a Shopify shop
POST   /v1/things/photo         what pictures show (thing_photos.py)
GET    /v1/things/{id}          one of them
PATCH  /v1/things/{id}          say something new of it
DELETE /v1/things/{id}          remove it for good
GET    /v1/things/{id}/values   what it was worth
"""

from __future__ import annotations

import tempfile
from pathlib import Path as FilePath
from typing import Annotated, Any

from fastapi import APIRouter, Depends, Path, Query, Request, Response
from starlette.datastructures import UploadFile

from ledger.books.standings import Account
from ledger.books.store import Ledger
from ledger.owned import thing_imports, things
from valuation_api import problems
from valuation_api.auth import PERSONAL, LedgerRoute, idempotency_key, party
from valuation_api.problems import Problem
from valuation_api.thing_shapes import (
    ThingAsked,
    ThingChanged,
    ThingList,
    ThingRemoved,
    ThingsBrought,
    ThingTold,
    ThingValues,
)

_ID = "^thing_[0-9a-f]{20}$"
ThingId = Annotated[str, Path(pattern=_ID, description="A thing's id")]
Key = Annotated[str, Depends(idempotency_key)]
_READS = problems.described(401, 404, 422, 503)
_WRITES = problems.described(400, 401, 404, 409, 422, 503)
_FILE = {"text/csv", "multipart/form-data"}
_BODY = {
    "requestBody": {
        "required": True,
        "content": {
            "text/csv": {"schema": {"type": "string", "minLength": 1}},
            "multipart/form-data": {
                "schema": {
                    "type": "object",
                    "required": ["file"],
                    "properties": {"file": {"type": "string", "format": "binary", "description": "A CSV file"}},
                }
            },
        },
    }
}
# What belongs to a person is kept by no cache.


def router(ledger: Ledger) -> APIRouter:
    """The routes on `ledger`."""
    routes = APIRouter(prefix="/v1/things", tags=["things"], route_class=LedgerRoute, dependencies=PERSONAL)
    _add_all(routes, ledger)
    _add_import(routes, ledger)
    _add_one(routes, ledger)
    return routes


def _add_all(routes: APIRouter, ledger: Ledger) -> None:
    asking = Depends(party(ledger))

    @routes.post("", status_code=201, summary="Register a thing", responses=_WRITES)
    def add(*, by: Account = asking, key: Key, asked: ThingAsked, response: Response) -> ThingTold:
        """Register a thing that one owns. It is valued, and its owner told, whenever new values are published."""
        made = things.add(ledger, key=key, by=by.id, said=asked.said())
        response.headers["Location"] = f"/v1/things/{made.id}"
        return ThingTold.of(made)

    @routes.get("", summary="My things", responses=_READS)
    def all_of_mine(
        by: Account = asking,
        after: Annotated[str | None, Query(pattern=_ID, description="Things after this one")] = None,
        limit: Annotated[int, Query(ge=1, le=500)] = 100,
    ) -> ThingList:
        """The things of the account whose key was sent, with what each is worth; `next_after` leads to the rest."""
        found = things.listing(ledger, by.id, after=after, limit=limit + 1)
        return ThingList.of(found[:limit], more=len(found) > limit)


def _add_one(routes: APIRouter, ledger: Ledger) -> None:
    asking = Depends(party(ledger))

    @routes.get("/{id}", summary="Read a thing of one's own", responses=_READS)
    def read(*, by: Account = asking, id: ThingId) -> ThingTold:
        """The thing, for its account; to everybody else it does not exist."""
        return ThingTold.of(things.view(ledger, by=by.id, thing_id=id))

    @routes.patch("/{id}", summary="Say something new of a thing", responses=_WRITES)
    def change(*, by: Account = asking, key: Key, id: ThingId, asked: ThingChanged) -> ThingTold:
        """Change what is said of it. Where that asks another question of the market, its earlier values are dropped."""
        return ThingTold.of(things.change(ledger, key=key, by=by.id, thing_id=id, said=asked.said()))

    @routes.delete("/{id}", summary="Remove a thing", responses=_WRITES)
    def remove(*, by: Account = asking, key: Key, id: ThingId) -> ThingRemoved:
        """The thing is removed for good, with its values and notices; nothing that was said of it is kept."""
        return ThingRemoved(id=things.remove(ledger, key=key, by=by.id, thing_id=id).id)

    @routes.get("/{id}/values", summary="What a thing was worth", responses=_READS)
    def worth(*, by: Account = asking, id: ThingId) -> ThingValues:
        """Its values in the newest snapshots, the newest first, for one piece."""
        return ThingValues(items=things.values(ledger, by=by.id, thing_id=id))


def _add_import(routes: APIRouter, ledger: Ledger) -> None:
    asking = Depends(party(ledger))

    @routes.post(
        "/import",
        summary="Bring in an inventory",
        responses=problems.described(400, 401, 409, 413, 415, 422, 503),
        openapi_extra=_BODY,
    )
    def bring(
        *,
        by: Account = asking,
        key: Key,
        content: Annotated[bytes, Depends(_file)],
        currency: Annotated[
            str | None, Query(pattern="^[A-Z]{3}$", description="ISO 4217, of amounts that name none")
        ] = None,
        region: Annotated[str | None, Query(min_length=1, max_length=80, description="Of rows that name none")] = None,
        dry_run: Annotated[bool, Query(description="Say what would become of it, and change nothing")] = False,
    ) -> ThingsBrought:
        """A CSV file, as the body or as the part `file`: any table with a title, or an export of a Shopify shop.

        Each row is added, changes what is known, is known already, is part of another, or is left out with the reason.
        The same file again adds nothing.
        """
        from spiders.files.inventory import InventoryOptions, read_inventory

        options = InventoryOptions(fixed={"region": region} if region else {}, currency=currency)
        with tempfile.TemporaryDirectory(prefix="katy-") as folder:
            path = FilePath(folder) / "inventory.csv"
            path.write_bytes(content)
            found = read_inventory(path, options)
        brought = thing_imports.bring(ledger, key=key, by=by.id, arrivals=found.arrivals, dry_run=dry_run)
        return ThingsBrought.of(
            brought,
            form=found.form,
            rows=found.rows,
            parts=found.parts,
            unread=found.left_out,
            notes=found.notes,
            dry_run=dry_run,
        )


async def _file(request: Request) -> bytes:
    """The file that was sent, as the body or as a part of a form."""
    kind = request.headers.get("content-type", "").split(";")[0].strip().lower()
    if kind not in _FILE:
        raise Problem(
            415,
            "not-csv",
            "The body is no CSV file",
            f'The body is sent as "{kind}"; send text/csv, or multipart/form-data with a part "file". Workbooks are '
            "read at the command line: katy things import FILE.",
        )
    if kind == "text/csv":
        return await request.body()
    form: Any = await request.form(max_files=1, max_fields=10)
    part = form.get("file")
    if not isinstance(part, UploadFile):
        raise Problem(422, "no-file", "There is no file in the form", 'Send the CSV file as the part "file".')
    return await part.read()
