"""Settings, read from the environment (`KATY_…`) here and nowhere else."""

from __future__ import annotations

import os
import re
from datetime import UTC, datetime
from pathlib import Path
from typing import Annotated, Any

import platformdirs
from pydantic import Field, field_validator
from pydantic_settings import BaseSettings, NoDecode, SettingsConfigDict

from katy.clock import Clock, fixed_clock, system_clock
from warehouse.home import Home


class Settings(BaseSettings):
    """What an operator may set. Each field is an environment variable `KATY_<NAME>`."""

    model_config = SettingsConfigDict(env_prefix="KATY_", extra="ignore")

    home: Path = Field(default_factory=lambda: Path(platformdirs.user_data_dir("katy")), description="The data folder")
    now: datetime | None = Field(default=None, description="A fixed time to work at, instead of the system's clock")
    anchor: str = Field(default="USD", description="The currency values are formed in")
    knobs: Path | None = Field(
        default=None, description="The operator's file of models' knobs; knobs.toml in the data folder if unset"
    )
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
    requests_per_key: int = Field(
        default=300, ge=1, le=1_000_000, description="Requests a minute that one key may send to the ledger"
    )
    requests_per_address: int = Field(
        default=1200, ge=1, le=1_000_000, description="Requests a minute to the ledger from one address"
    )
    sign_ins_per_address: int = Field(
        default=20, ge=1, le=1_000_000, description="Tries a minute to sign in at /my from one address"
    )
    policy: Path | None = Field(default=None, description="The community's policy; policy.toml in the home if unset")
    tax_key: str | None = Field(
        default=None, repr=False, description="The key of the tax numbers; tax.key beside the ledger if unset"
    )
    area: Annotated[tuple[str, ...], NoDecode] = Field(
        default=(), description="The community's ISO 3166-2 regions, such as US-MO, with commas between them"
    )
    notify_urls: Annotated[tuple[str, ...], NoDecode] = Field(
        default=(), repr=False, description="Apprise URLs of the notifiers, with commas between them"
    )

    @field_validator("notify_urls", mode="before")
    @classmethod
    def _separate(cls, said: Any) -> Any:
        # A comma may also stand inside a URL: only one before the next scheme separates.
        return (
            tuple(filter(None, re.split(r"[,\s]+(?=[\w.+-]+://|$)", said.strip()))) if isinstance(said, str) else said
        )

    @field_validator("area", mode="before")
    @classmethod
    def _regions(cls, said: Any) -> Any:
        return tuple(filter(None, re.split(r"[,\s]+", said.strip().upper()))) if isinstance(said, str) else said

    @property
    def keys(self) -> dict[str, str]:
        """The secrets of sources: `KATY_KEY_EBAY_CLIENT_ID` is the key "ebay_client_id"."""
        prefix = "KATY_KEY_"
        return {
            name.removeprefix(prefix).lower(): text.strip()
            for name, text in os.environ.items()
            if name.startswith(prefix) and text.strip()
        }

    @property
    def folder(self) -> Home:
        return Home(self.home.expanduser().resolve())

    @property
    def clock(self) -> Clock:
        return system_clock if self.now is None else fixed_clock(self.now)

    @property
    def ledger_database(self) -> str:
        return self.ledger_url or f"sqlite:///{self.folder.ledger}"

    @property
    def policy_file(self) -> Path | None:
        """The community's own policy; None: the built-in one holds."""
        own = self.folder.root / "policy.toml"
        return self.policy or (own if own.is_file() else None)

    def at(self) -> datetime:
        """The time now, by this installation's clock, in UTC."""
        return self.clock().astimezone(UTC)
