from __future__ import annotations

import threading
from collections.abc import Callable
from pathlib import Path

import pytest
from alembic.autogenerate import compare_metadata
from alembic.migration import MigrationContext
from alembic.script import ScriptDirectory
from sqlalchemy import create_engine, func, select, text

from ledger.books import accounts, migrate
from ledger.books.errors import LedgerError, Tampered
from ledger.books.store import Ledger, open_ledger
from ledger.tables import given_valuation, metadata
from ledger.trading import given
from warehouse.errors import BadInput
from warehouse.valuation import Valuation

Make = Callable[..., Valuation]


def test_what_is_given_out_is_kept_byte_for_byte(ledger: Ledger, make_valuation: Make) -> None:
    made = make_valuation("drill", "45.00")
    given.keep(ledger, made, made.subject.asked)

    assert given.fetch(ledger, made.id) == made.canonical_json()
    assert given.fetch(ledger, "0" * 32) is None


def test_keeping_it_again_writes_nothing(ledger: Ledger, make_valuation: Make) -> None:
    batch = [make_valuation(f"drill {number}", "45.00") for number in range(1200)]
    given.keep_many(ledger, [(made, made.subject.asked) for made in batch[:700] + batch[:10]])
    given.keep_many(ledger, [(made, made.subject.asked) for made in batch])

    with ledger.reading() as connection:
        assert connection.execute(select(func.count()).select_from(given_valuation)).scalar_one() == 1200


def test_equal_ids_with_other_bytes_are_refused(ledger: Ledger, make_valuation: Make) -> None:
    made = make_valuation("drill", "45.00")
    given.keep(ledger, made, made.subject.asked)

    with pytest.raises(Tampered, match="other bytes"):
        given.keep(ledger, make_valuation("drill", "46.00"), made.subject.asked)


def test_the_migrations_make_the_tables_the_code_knows(ledger: Ledger) -> None:
    with ledger.engine.connect() as connection:
        assert compare_metadata(MigrationContext.configure(connection), metadata) == []
    assert ScriptDirectory(str(migrate.MIGRATIONS)).get_current_head() == migrate.HEAD


def test_books_of_a_newer_katy_are_left_alone(tmp_path: Path, clock: object) -> None:
    url = f"sqlite:///{tmp_path}/ledger.sqlite"
    open_ledger(url, clock=clock).close()  # type: ignore[arg-type]
    with create_engine(url).begin() as connection:
        connection.execute(text("UPDATE alembic_version SET version_num = 'r9999'"))

    with pytest.raises(LedgerError, match=r"r9999.*newer"):
        open_ledger(url, clock=clock)  # type: ignore[arg-type]


def test_many_may_open_new_books_at_once(tmp_path: Path, clock: object) -> None:
    url = f"sqlite:///{tmp_path}/new/folder/ledger.sqlite"
    errors: list[BaseException] = []

    def open_them() -> None:
        try:
            open_ledger(url, clock=clock).close()  # type: ignore[arg-type]
        except BaseException as error:
            errors.append(error)

    threads = [threading.Thread(target=open_them) for _ in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert errors == []


def test_the_books_are_nobody_elses_business(tmp_path: Path, clock: object) -> None:
    ledger = open_ledger(f"sqlite:///{tmp_path}/ledger.sqlite", clock=clock)  # type: ignore[arg-type]
    accounts.create(ledger, "Ada")

    modes = {path.name: path.stat().st_mode & 0o077 for path in tmp_path.iterdir()}
    ledger.close()
    assert len(modes) == 3
    assert set(modes.values()) == {0}


@pytest.mark.parametrize(
    ("url", "told"),
    [
        ("nonsense", "cannot be read"),
        ("sqlite://", "names no file"),
        ("mysql://root@localhost/x", "not in mysql"),
        ("sqlite:////proc/none/ledger.sqlite", "cannot be made"),
        ("postgresql://ada:secret@/x?host=/nonexistent", "cannot be opened"),
    ],
)
def test_a_url_that_cannot_be_used_is_told_without_its_password(url: str, told: str, clock: object) -> None:
    with pytest.raises(BadInput, match=told) as refused:
        open_ledger(url, clock=clock)  # type: ignore[arg-type]
    assert "secret" not in str(refused.value)


def test_a_file_that_is_no_database_is_told_and_left_as_it_is(tmp_path: Path, clock: object) -> None:
    path = tmp_path / "notes.txt"
    path.write_text("my diary, not a database at all\n" * 50)

    with pytest.raises(BadInput, match="cannot be opened"):
        open_ledger(f"sqlite:///{path}", clock=clock)  # type: ignore[arg-type]
    assert path.read_text().startswith("my diary")
