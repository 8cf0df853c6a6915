"""The build: raw → core → mart, one SQL file for each table and view, in the order they lean on each other."""

from __future__ import annotations

import re

from duckdb import DuckDBPyConnection

from warehouse.database import script, transaction
from warehouse.errors import BadInput

RATES = ("anchor", "fx_per_eur", "fx_official", "fx_paid", "fx_trouble")
CORE = (*RATES, "fx_to_anchor", "observation", "identity", "product_link", "level", "level_now")
MART = (
    "observation",
    "listing",
    "product",
    "product_history",
    "price_history",
    "level",
    "fx_rate",
    "product_fact",
    "hazard",
    "weather",
    "fx_quote",
    "currency_trouble",
    "commodity_price",
    "price_series",
    "wage_rate",
    "list_price",
    "photo_look",
)
OPS = ("run_report", "quarantine", "agent", "alarm")


def build_core(connection: DuckDBPyConnection, anchor: str) -> None:
    """Make the core tables anew from raw, with prices in the `anchor` currency (ISO 4217). All of them, or none."""
    _core(connection, anchor, CORE)


def build_rates(connection: DuckDBPyConnection, anchor: str) -> None:
    """Make of the core tables only the official exchange rates: what is needed to say which currency is in trouble."""
    _core(connection, anchor, RATES)


def _core(connection: DuckDBPyConnection, anchor: str, names: tuple[str, ...]) -> None:
    if not re.fullmatch(r"[A-Z]{3}", anchor):
        raise BadInput(f'anchor currency "{anchor}" is not an ISO 4217 code such as USD')
    connection.execute("SET VARIABLE anchor = ?", [anchor])
    _run(connection, [("core", name) for name in names])


def build_mart(connection: DuckDBPyConnection) -> None:
    """Make the marts anew from core, raw and core.identity (made empty where the features step has not written it)."""
    steps = [("core", "identity"), ("core", "product_link"), ("core", "level"), ("core", "level_now")]
    steps += [("mart", name) for name in MART] + [("ops", name) for name in OPS]
    _run(connection, steps)


def _run(connection: DuckDBPyConnection, steps: list[tuple[str, str]]) -> None:
    with transaction(connection):
        for layer, name in steps:
            connection.execute(script(layer, name))
