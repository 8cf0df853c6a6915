"""Books to take away: read by beancount and hledger themselves, and by a strict reader of IIF."""

from __future__ import annotations

import csv
import io
import re
import shutil
import subprocess
from collections.abc import Callable
from decimal import Decimal
from pathlib import Path

import pytest

from ledger.books import accounts, transfers
from ledger.books.store import Ledger
from ledger.tax import exports, journal
from ledger.tax.journal import Books
from ledger.trading.legs import LegDraft
from warehouse.errors import BadInput

ROOT = Path(__file__).parents[3]
pytestmark = pytest.mark.usefixtures("exchange")


def program(name: str) -> str:
    """A program that reads books, from the environment of its own or from the system."""
    own = ROOT / ".venv" / "checkers" / "bin" / name
    found = str(own) if own.exists() else shutil.which(name)
    if found is None:
        pytest.skip(f"{name} is not here; `make test` installs it where it can")
    return found


@pytest.fixture
def year(
    ledger: Ledger,
    bread_and_bike: str,
    deal: Callable[..., str],
    value: Callable[..., str],
    ada: str,
    bob: str,
    eve: str,
) -> str:
    """More than the story: a payment with an odd memo, time, cash, and a trade in which one side only paid."""
    transfers.pay(ledger, key="p", payer=ada, payee=bob, amount=1234, memo='for "the" band; (thanks) | 5\u20ac')
    soup = value('pot of "soup" | hot; (big)', "12.34")
    deal(
        ada,
        eve,
        LegDraft(giver="proposer", kind="goods", valuation=soup),
        LegDraft(giver="counterparty", kind="time", minutes=40),
    )
    deal(
        bob,
        ada,
        LegDraft(giver="proposer", kind="k", amount=1000),
        LegDraft(giver="proposer", kind="cash", cash=Decimal("2.50")),
        LegDraft(giver="counterparty", kind="goods", valuation=value("jar of honey", "12.00")),
    )
    deal(
        eve,
        bob,
        LegDraft(giver="proposer", kind="minutes", minutes=30),
        LegDraft(giver="counterparty", kind="service", valuation=value("tuning of a piano", "11.00")),
    )
    return ada


@pytest.fixture
def library(ledger: Ledger, year: str, bob: str, eve: str) -> dict[str, Books]:
    """The books of three members and of the community."""
    own = {"baker": year, "payer": bob, "helper": eve}
    of_members = {name: journal.of_member(ledger, account, 2026) for name, account in own.items()}
    return {**of_members, "community": journal.of_community(ledger, 2026)}


def test_beancount_and_hledger_take_the_books_and_find_every_balance(library: dict[str, Books], tmp_path: Path) -> None:
    readers = {"beancount": ["bean-check"], "hledger": ["hledger", "check", "--strict", "payees", "--file"]}
    for form, words in readers.items():
        command = [program(words[0]), *words[1:]]
        for name, books in library.items():
            file = tmp_path / f"{name}.{form}"
            file.write_text(exports.write(books, form), encoding="utf-8")

            checked = subprocess.run([*command, str(file)], capture_output=True, text=True, timeout=60)

            assert (checked.returncode, checked.stderr) == (0, ""), file.read_text(encoding="utf-8")


def test_beancount_would_see_a_balance_that_is_wrong(
    ledger: Ledger, bread_and_bike: str, ada: str, tmp_path: Path
) -> None:
    file = tmp_path / "books.beancount"
    said = exports.beancount(journal.of_member(ledger, ada, 2026))
    file.write_text(re.sub(r"(balance Assets:Katy:K  )\S+", r"\g<1>99.99", said), encoding="utf-8")

    checked = subprocess.run([program("bean-check"), str(file)], capture_output=True, text=True, timeout=60)

    assert checked.returncode != 0


def test_hledger_sums_barter_income_to_what_the_forms_would_say(ledger: Ledger, bread_and_bike: str, bob: str) -> None:
    told = exports.hledger(journal.of_member(ledger, bob, 2026))

    asked = [program("hledger"), "--file", "-", "balance", "Income:Barter", "--no-total", "--format", "%(total)"]
    summed = subprocess.run(asked, input=told, capture_output=True, text=True, timeout=60)

    assert summed.stdout.split() == ["-45.00", "USD"]


def test_iif_csv_and_the_communitys_books_say_the_same(ledger: Ledger, library: dict[str, Books], ada: str) -> None:
    for books in library.values():
        entries = read_iif(exports.iif(books))
        assert entries
        assert all(sum(amount for _, amount in entry) == 0 for entry in entries)

        rows = list(csv.DictReader(io.StringIO(exports.table(books))))
        assert len(rows) == sum(len(booking.postings) for booking in books.bookings)
        assert {row["currency"] for row in rows} == {"USD"}

    owed = {name: value for (name, unit), value in library["community"].closing.items() if unit == "K"}
    assert sum(owed.values()) == 0
    had = accounts.standing(ledger, ada).posted
    assert next(value for name, value in owed.items() if name.endswith(ada[-6:])) == -had


def test_there_is_no_other_kind_of_book(ledger: Ledger, ada: str) -> None:
    with pytest.raises(BadInput, match="beancount, hledger, iif, csv"):
        exports.write(journal.of_member(ledger, ada, 2026), "xlsx")


def read_iif(told: str) -> list[list[tuple[str, Decimal]]]:
    """The journal entries of an IIF file. Fails on anything that its layout does not allow."""
    told.encode("cp1252")
    rows = [line.split("\t") for line in told.split("\r\n")[:-1]]
    assert told.endswith("\r\n")
    assert "\n" not in told.replace("\r\n", "")
    headers: dict[str, list[str]] = {}
    known: set[str] = set()
    entries: list[list[tuple[str, Decimal]]] = []
    open_entry: list[tuple[str, Decimal]] | None = None
    for row in rows:
        assert not any('"' in cell for cell in row)
        name = row[0]
        if name.startswith("!"):
            assert open_entry is None
            headers[name[1:]] = row[1:]
            continue
        assert len(row) - 1 == len(headers[name]), "a row has the columns of its header"
        said = dict(zip(headers[name], row[1:], strict=True))
        if name == "ACCNT":
            assert said["ACCNTTYPE"] in {"OCASSET", "OCLIAB", "INC", "EXP", "EQUITY"}
            known.add(said["NAME"])
        elif name == "ENDTRNS":
            assert open_entry is not None
            assert len(open_entry) >= 2
            entries.append(open_entry)
            open_entry = None
        else:
            assert (name == "TRNS") == (open_entry is None), "an entry is one TRNS and then SPL rows"
            assert said["TRNSTYPE"] == "GENERAL JOURNAL"
            assert re.fullmatch(r"(0[1-9]|1[0-2])/([0-2]\d|3[01])/\d{4}", said["DATE"])
            assert said["ACCNT"] in known
            assert re.fullmatch(r"-?\d+\.\d{2}", said["AMOUNT"])
            assert len(said["DOCNUM"]) <= 11
            open_entry = [*(open_entry or []), (said["ACCNT"], Decimal(said["AMOUNT"]))]
    assert open_entry is None
    assert list(headers) == ["ACCNT", "TRNS", "SPL", "ENDTRNS"]
    assert headers["TRNS"] == headers["SPL"]
    return entries
