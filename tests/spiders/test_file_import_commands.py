"""`katy import` and `katy quarantine` as a person and a program use them."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
from typer.testing import CliRunner, Result

from katy.cli import app
from warehouse.errors import BadInput

RUNNER = CliRunner()


@pytest.fixture(autouse=True)
def _home(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("KATY_HOME", str(tmp_path / "home"))
    monkeypatch.setenv("KATY_NOW", "2026-06-01T12:00:00Z")
    monkeypatch.chdir(tmp_path)
    Path("deals.csv").write_text("name,price,when\nDrill,$5,2026-05-01\nSaw,12;5O,2026-05-01\nDrill,$5.00,2026-05-01\n")


def katy(*words: str) -> Result:
    return RUNNER.invoke(app, list(words))


def bring_in(*more: str) -> Result:
    return katy(
        "import", "listings", "deals.csv", "--source", "shop", "--map", "title=name", "--map", "observed_at=when", *more
    )


def test_an_import_prints_its_account() -> None:
    result = bring_in()
    assert result.exit_code == 0
    assert "3 rows read = 1 loaded + 1 already known + 1 quarantined" in result.stdout
    assert "bad_price: 1" in result.stdout


def test_an_import_is_told_to_programs_as_json() -> None:
    report = json.loads(bring_in("--json", "--kind", "asking", "--set", "region=US-MO", "--currency", "USD").stdout)
    assert report["rows"] == report["loaded"] + report["known"] + report["quarantined"] == 3
    assert report["reasons"] == {"bad_price": 1}


def test_a_quarantined_row_is_listed_shown_and_released() -> None:
    bring_in()
    for words in (("quarantine",), ("quarantine", "list"), ("quarantine", "--reason", "bad_price")):
        listed = katy(*words)
        assert listed.exit_code == 0
        assert "deals.csv line 3" in listed.stdout
    (row,) = json.loads(katy("quarantine", "list", "--json").stdout)
    assert row["row"] == {"name": "Saw", "price": "12;5O", "when": "2026-05-01"}
    assert "price: 12;5O" in katy("quarantine", "show", row["id"][:8]).stdout
    released = katy("quarantine", "release", row["id"][:8], "--set", "price=12.50", "--json")
    assert json.loads(released.stdout)["price"] == "12.50"
    assert "nothing is in the quarantine" in katy("quarantine").stdout
    assert "released" in katy("quarantine", "list", "--all").stdout


@pytest.mark.parametrize(
    ("words", "message"),
    [
        (("--map", "title"), "FIELD=VALUE"),
        (("--map", "price=price", "--map", "price=name"), "twice"),
        (("--map", "price=cost"), "did you mean|Its columns are"),
        (("--kind", "lent"), "asking, sold"),
    ],
)
def test_a_wrong_option_is_explained(words: tuple[str, ...], message: str) -> None:
    result = bring_in(*words)
    assert isinstance(result.exception, BadInput)
    assert result.exit_code == 1
    with pytest.raises(BadInput, match=message):
        raise result.exception


def test_a_missing_option_is_wrong_usage() -> None:
    assert katy("import", "listings", "deals.csv").exit_code == 2
