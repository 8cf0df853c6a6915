"""Settings, read from the environment (`KATY_…`) here and nowhere else."""

from __future__ import annotations

from datetime import UTC, datetime
from pathlib import Path

import platformdirs
from pydantic import Field
from pydantic_settings import BaseSettings, SettingsConfigDict

from katy.clock import Clock, fixed_clock, system_clock
from warehouse.home import Home


class Settings(BaseSettings):
    """What an operator may set. Each field is an environment variable `KATY_<NAME>`."""

    model_config = SettingsConfigDict(env_prefix="KATY_", extra="ignore")

    home: Path = Field(default_factory=lambda: Path(platformdirs.user_data_dir("katy")), description="The data folder")
    now: datetime | None = Field(default=None, description="A fixed time to work at, instead of the system's clock")
    anchor: str = Field(default="USD", description="The currency values are formed in")
    ledger_url: str | None = Field(
        default=None, description="SQLAlchemy URL of the ledger; SQLite in the home if unset"
    )
    user_agent: str = Field(
        default="KatyBot/0.1 (market price research; contact: the operator of this installation)",
        description="What Katy's agents call themselves",
    )
    browser: Path | None = Field(default=None, description="Path of a Chromium to use for JavaScript pages")
    host: str = Field(default="127.0.0.1", description="Where `katy serve` listens")
    port: int = Field(default=8765, ge=0, le=65535, description="The port `katy serve` listens on; 0 takes a free one")

    @property
    def folder(self) -> Home:
        return Home(self.home.expanduser().resolve())

    @property
    def clock(self) -> Clock:
        return system_clock if self.now is None else fixed_clock(self.now)

    @property
    def ledger_database(self) -> str:
        return self.ledger_url or f"sqlite:///{self.folder.ledger}"

    def at(self) -> datetime:
        """The time now, by this installation's clock, in UTC."""
        return self.clock().astimezone(UTC)
