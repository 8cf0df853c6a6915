"""The pages for analysts: the data dictionary, SQL on the snapshot, published levels and the runs' quality as plots.

SQL runs in a process of its own with little time and memory; one query at a time for each client.
"""

from __future__ import annotations

from typing import Any

from fastapi import APIRouter, Request, Response
from fastapi.responses import PlainTextResponse

from valuation_api.exports import views_of
from valuation_api.leases import Live
from valuation_api.live import Market
from valuation_api.pages import levels, runs
from valuation_api.pages.worth import render, vintage_of
from valuation_api.turns import Turns, client_of
from warehouse.errors import KatyError, NothingPublished
from warehouse.home import Home
from warehouse.query_apart import Shown, run_apart
from warehouse.shown import csv_text

SECONDS = 5.0
MOST_ROWS = 500
MOST_CSV_ROWS = 10_000
LONGEST_SQL = 10_000
AT_ONCE = 4
EXAMPLE = """\
SELECT category, kind, count(*) AS n, median(price_anchor) AS median
FROM mart.listing
GROUP BY ALL
ORDER BY n DESC"""


def router(home: Home) -> APIRouter:
    """The pages' routes, on the snapshots of a data folder."""
    routes = APIRouter(prefix="/data", include_in_schema=False)
    turns = Turns(AT_ONCE)

    @routes.get("")
    def views(live: Live) -> Response:
        return _page(live, "data.html", lambda market: {"views": views_of(market.snapshot)})

    @routes.get("/sql")
    def sql(request: Request, live: Live, sql: str = "") -> Response:
        if not sql.strip():
            return _page(live, "data_sql.html", lambda market: {"sql": "", "result": None, "message": None})
        with turns.of(client_of(request)):
            return _page(live, "data_sql.html", lambda market: _answer(market, sql))

    @routes.get("/sql.csv")
    def sql_csv(request: Request, live: Live, sql: str = "") -> Response:
        with turns.of(client_of(request)), live.lease() as market:
            found = _ask(market, sql, MOST_CSV_ROWS)
        headers = {"Content-Disposition": 'attachment; filename="katy.csv"', "Cache-Control": "no-store"}
        return PlainTextResponse(csv_text(found.columns, found.rows), headers=headers, media_type="text/csv")

    @routes.get("/levels")
    def level_page(live: Live, unit: str = "") -> Response:
        return _page(live, "data_levels.html", lambda market: levels.shown(market.snapshot, unit))

    @routes.get("/runs")
    def run_page(live: Live, category: str = "all") -> Response:
        return _page(live, "data_runs.html", lambda market: runs.shown(home, category))

    return routes


def _page(live: Any, template: str, make: Any) -> Response:
    try:
        with live.lease() as market:
            shown = {"status": 200, **make(market)}
            return render(template, shown.pop("status"), vintage=vintage_of(market), example=EXAMPLE, **shown)
    except NothingPublished as error:
        return render("data_empty.html", 503, message=str(error))


def _ask(market: Market, sql: str, rows: int) -> Shown:
    if len(sql) > LONGEST_SQL:
        raise KatyError(f"the query has {len(sql):,} characters; at most {LONGEST_SQL:,} are read")
    return run_apart(market.snapshot, sql, seconds=SECONDS, max_rows=rows)


def _answer(market: Market, sql: str) -> dict[str, Any]:
    try:
        return {"sql": sql, "result": _ask(market, sql, MOST_ROWS), "message": None}
    except KatyError as error:
        return {"sql": sql, "result": None, "message": str(error), "status": 422}
