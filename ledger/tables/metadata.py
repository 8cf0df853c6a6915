"""The one collection that all tables of the books belong to."""

from __future__ import annotations

from sqlalchemy import MetaData

metadata = MetaData()
