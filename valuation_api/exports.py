"""The documented views of the current snapshot as files: GET /v1/data and GET /v1/data/{view}.parquet."""

from __future__ import annotations

import tempfile
from pathlib import Path
from typing import Annotated

from fastapi import APIRouter, Request, Response
from fastapi import Path as InPath
from fastapi.responses import FileResponse
from pydantic import BaseModel, Field
from starlette.background import BackgroundTask

from valuation_api import problems
from valuation_api.leases import CurrentMarket
from valuation_api.problems import Problem
from valuation_api.turns import Turns, client_of
from warehouse import query
from warehouse.dictionary import View, dictionary, view_named
from warehouse.errors import BadInput
from warehouse.snapshot import Snapshot

SECONDS = 60.0
AT_ONCE = 2
PARQUET = "application/vnd.apache.parquet"


class ColumnTold(BaseModel):
    """A column of a view."""

    name: str
    type: str = Field(description="In DuckDB's words")
    comment: str


class ViewTold(BaseModel):
    """A documented view of the snapshot."""

    view: str = Field(description="Its schema and name, such as mart.listing")
    comment: str
    columns: list[ColumnTold]


class DataDictionary(BaseModel):
    """What there is to ask and to take away."""

    snapshot: str
    items: list[ViewTold]


def views_of(snapshot: Snapshot) -> list[View]:
    """The documented views of a snapshot."""
    with query.reading(snapshot) as connection:
        return dictionary(connection)


def router() -> APIRouter:
    """The routes; files are written one at a time for each client."""
    routes = APIRouter(prefix="/v1/data", tags=["market data"])
    turns = Turns(AT_ONCE)

    @routes.get("", summary="The data dictionary", responses=problems.described(503))
    def all_views(market: CurrentMarket) -> DataDictionary:
        """Every documented view with what its columns say."""
        told = [
            ViewTold(
                view=one.path,
                comment=one.comment,
                columns=[ColumnTold(name=each.name, type=each.type, comment=each.comment) for each in one.columns],
            )
            for one in views_of(market.snapshot)
        ]
        return DataDictionary(snapshot=market.snapshot.id, items=told)

    @routes.get(
        "/{view}.parquet",
        summary="A view as a Parquet file",
        response_class=Response,
        responses={200: {"content": {PARQUET: {}}, "description": "The file"}, **problems.described(404, 429, 503)},
    )
    def parquet(
        request: Request,
        market: CurrentMarket,
        view: Annotated[str, InPath(description="Such as mart.listing", max_length=100)],
    ) -> Response:
        """All rows of a view. The file's metadata names the snapshot."""
        try:
            found = view_named(views_of(market.snapshot), view)
        except BadInput as error:
            raise Problem(404, "unknown-view", "There is no such view", str(error)) from None
        with turns.of(client_of(request)):
            folder = tempfile.TemporaryDirectory(prefix="katy-export-")
            file = Path(folder.name) / f"{found.path}.parquet"
            try:
                query.export_view(market.snapshot, found.path, file, seconds=SECONDS)
            except BaseException:
                folder.cleanup()
                raise
        return FileResponse(file, media_type=PARQUET, filename=file.name, background=BackgroundTask(folder.cleanup))

    return routes
