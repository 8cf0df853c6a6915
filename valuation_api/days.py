"""Days as they come over HTTP: the text of a date, and nothing else that could be read as one."""

from __future__ import annotations

from datetime import date
from typing import Annotated

from fastapi import Query
from pydantic import BeforeValidator

from warehouse.valuation import iso_day

IsoDay = Annotated[date, BeforeValidator(iso_day)]
MaybeDay = Annotated[date | None, BeforeValidator(iso_day)]
AsOf = Annotated[
    MaybeDay, Query(description="With what was known at the end of this day", json_schema_extra={"format": "date"})
]
