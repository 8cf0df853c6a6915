"""`katy tax …` at the command line, where the operator acts for an account and is the treasurer."""

from __future__ import annotations

import csv
import json
import stat
from collections.abc import Callable
from datetime import UTC, datetime
from decimal import Decimal
from pathlib import Path

import pytest
from typer.testing import CliRunner, Result

from katy.cli import app
from ledger.books import accounts
from ledger.books.errors import Tampered
from ledger.books.store import Ledger, open_ledger
from ledger.tax import barter
from ledger.tax.errors import NotFiled
from ledger.trading import trades
from ledger.trading.legs import LegDraft
from warehouse.errors import BadInput

IN_2026 = datetime(2026, 11, 14, 12, tzinfo=UTC)
Katy = Callable[..., Result]


@pytest.fixture
def home(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.setenv("KATY_HOME", str(tmp_path / "home"))
    monkeypatch.delenv("KATY_TAX_KEY", raising=False)
    monkeypatch.setattr(barter, "FEWEST_EXCHANGES", 1)
    return tmp_path / "home"


@pytest.fixture
def katy(home: Path) -> Katy:
    def run(*words: str, said: str | None = None, now: str = "2027-01-20T12:00:00") -> Result:
        return CliRunner().invoke(app, ["--now", now, "tax", *words], input=said)

    return run


@pytest.fixture
def story(home: Path) -> str:
    """An hour of Ada's work for an hour of Bob's and 0.50 K."""
    ledger = open_ledger(f"sqlite:///{home}/ledger/ledger.sqlite", clock=lambda: IN_2026)
    ada, bob = (accounts.create(ledger, name)[0].id for name in ("Ada", "Bob"))
    made = _trade(ledger, ada, bob)
    ledger.close()
    return made


def _trade(ledger: Ledger, ada: str, bob: str) -> str:
    legs = (
        LegDraft(giver="proposer", kind="time", minutes=60, description="weeding", quantity=Decimal(1)),
        LegDraft(giver="counterparty", kind="time", minutes=60, description="painting"),
        LegDraft(giver="counterparty", kind="k", amount=50),
    )
    made = trades.propose(ledger, key="p", proposer=ada, counterparty=bob, legs=legs)
    trades.accept(ledger, key="a", by=bob, trade_id=made.id)
    for party in (ada, bob):
        trades.confirm(ledger, key="c", by=party, trade_id=made.id)
    return made.id


def test_a_year_from_the_kind_to_the_filing(katy: Katy, story: str, tmp_path: Path) -> None:
    missing = katy("file", "2026", "--draft")
    assert isinstance(missing.exception, NotFiled)
    said = katy("kind", "barter_exchange", "--since", "2026-01-01", "--name", "Trail", "--tin", said="91-1144442\n")
    assert "2026-01-01  barter_exchange  Trail, no address, 91-1144442, UTC" in said.stdout
    katy("profile", "--account", "Ada", "--name", "Ada Baker", "--address", "2 Main Street")
    assert "XXX-XX-4399" in katy("tin", "--account", "Ada", said="536-90-4399\n").stdout

    assert "box 13, bartering   40.00 USD" in katy("file", "2026", "--draft").stdout
    early = katy("file", "2026", now="2026-12-01T12:00:00")
    assert isinstance(early.exception, NotFiled)
    filed = katy("file", "2026", "--into", str(tmp_path))

    assert "forms               2, of which corrected 0" in filed.stdout
    sent = tmp_path / "1099b-2026-1.csv"
    assert stat.S_IMODE(sent.stat().st_mode) == 0o600
    rows = {row["recipient_name"]: row for row in csv.DictReader(sent.open(newline=""))}
    assert (rows["Ada Baker"]["recipient_tin"], rows["Ada Baker"]["box_13"]) == ("536-90-4399", "20.50")
    assert (rows["Bob"]["recipient_tin"], rows["Bob"]["box_13"]) == ("", "19.50")
    assert rows["Bob"]["payer_tin"] == "91-1144442"
    assert "nothing of 2026 differs" in katy("file", "2026", "--into", str(tmp_path)).stderr
    assert "transmittal of filing" in katy("tin", "--log").stdout


def test_a_members_copies_are_private_files(katy: Katy, story: str, tmp_path: Path) -> None:
    katy("kind", "barter_exchange", "--since", "2026-01-01", "--name", "Trail")

    copied = katy("copy", "2026", "--account", "Bob", "--into", str(tmp_path))

    assert copied.exit_code == 0
    (pdf,) = tmp_path.glob("1099b-2026-acc_*.pdf")
    assert stat.S_IMODE(pdf.stat().st_mode) == 0o600
    assert pdf.read_bytes().startswith(b"%PDF-")


def test_a_record_with_a_note_and_an_estimate(katy: Katy, story: str) -> None:
    assert "the estimate is off" in katy("estimate", "2026", "--account", "Ada").stderr
    assert katy("note", story, "1", "expense", "4.50", "gloves", "--account", "Ada").exit_code == 0
    shown = katy("estimate", "2026", "--account", "Ada", "--rate", "12")

    assert "net 16.00 USD = received 20.50 - noted costs 4.50" in shown.stdout
    told = json.loads(katy("record", "2026", "--account", "Ada", "--json").stdout)
    assert (told["barter"], told["expenses"], told["estimate"]["income_tax"]) == ("20.50", "4.50", "1.92")
    assert "20.50" in katy("record", "2026", "--account", "Ada").stdout
    katy("estimate", "2026", "--account", "Ada", "--off")
    assert "the estimate is off" in katy("estimate", "2026", "--account", "Ada").stderr


def test_books_go_to_standard_output(katy: Katy, story: str) -> None:
    own = katy("export", "2026", "--as", "beancount", "--account", "Bob")
    everybody = katy("export", "2026", "--as", "hledger", "--community")

    assert "Income:Barter  -19.50 USD" in own.stdout
    assert "Liabilities:Members:Ada-" in everybody.stdout
    assert isinstance(katy("export", "2026", "--as", "xlsx", "--account", "Bob").exception, BadInput)


def test_the_key_of_the_numbers_is_a_private_file_and_nothing_works_without_it(
    katy: Katy, story: str, home: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    katy("tin", "--account", "Ada", said="536-90-4399\n")
    file = home / "ledger" / "tax.key"
    assert stat.S_IMODE(file.stat().st_mode) == 0o600
    assert "536-90-4399" in katy("tin", "--account", "Ada", "--show").stdout

    file.chmod(0o644)
    assert "others may read" in str(katy("tin", "--account", "Ada", "--show").exception)
    monkeypatch.setenv("KATY_TAX_KEY", "A" * 43 + "=")
    assert isinstance(katy("tin", "--account", "Ada", "--show").exception, Tampered)
    monkeypatch.setenv("KATY_TAX_KEY", "short")
    assert "32 bytes in base64" in str(katy("tin", "--account", "Ada", "--show").exception)
