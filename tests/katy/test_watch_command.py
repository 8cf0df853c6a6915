"""`katy watch …`, `katy notices …`, `katy notify`, and what `katy run` does with them."""

from __future__ import annotations

import json
from datetime import UTC, datetime, timedelta
from decimal import Decimal
from pathlib import Path

import pytest
from typer.testing import CliRunner, Result

from flows import rates
from flows import watches as looking
from katy.cli import app
from katy.settings import Settings
from ledger.books.errors import Unknown
from warehouse import landing
from warehouse.errors import BadInput
from warehouse.home import Home
from warehouse.records import Listing

FIRST = datetime(2026, 1, 5, 12, tzinfo=UTC)


@pytest.fixture
def home(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Home:
    monkeypatch.setenv("KATY_HOME", str(tmp_path))
    # Nothing outside this machine is asked for exchange rates.
    monkeypatch.setattr(rates, "bring_rates", lambda *_, **__: None)
    return Home(tmp_path)


def katy(*words: str) -> Result:
    return CliRunner().invoke(app, list(words), catch_exceptions=True)


def well(*words: str) -> str:
    result = katy(*words)
    assert result.exit_code == 0, result.output + repr(result.exception)
    return result.stdout


def see(home: Home, *prices: int, first: int = 0) -> None:
    now = FIRST + timedelta(days=400, seconds=first)
    run = landing.new_run(now)
    rows = [
        Listing(
            source="street", id=f"drill {number}", kind="asking", title="Makita DHP453 cordless drill 18V",
            price=Decimal(price), currency="USD", observed_at=FIRST + timedelta(days=number), run=run, row=number + 1,
            found_at="street.csv", price_path="column price",
        )
        for number, price in enumerate(prices, first)
    ]  # fmt: skip
    landing.land(home, rows, source="street", run=run, now=now)


def test_from_watching_to_dismissing_with_a_run_in_between(home: Home) -> None:
    well("account", "add", "Ada")
    added = katy("watch", "add", "makita drill", "--change", "10", "--direction", "down")
    assert added.exit_code == 0
    assert "nothing has been published yet" in added.stderr
    assert "not looked at yet" in well("watch", "list")
    assert well("notices") == ""

    see(home, 100, 97, 94, 91, 88)
    run = katy("run", "--plain")
    assert run.exit_code == 0
    assert "price watches looked at: 1; notices: 1" in run.stderr
    shown = well("notices")
    assert '"makita drill"' in shown
    assert "On 2026-01-05 it was 100.00 USD: -12.0 % in 4 days." in shown
    assert "88.00 USD on 2026-01-09" in well("watch", "list", "--account", "ada")
    assert '"makita drill" down 12.0 %' in (home.root / "logs" / "notices.log").read_text()

    (told,) = json.loads(well("notices", "--json"))
    assert katy("notices", "dismiss", told["id"], "--account", "Ada").exit_code == 0
    assert json.loads(well("notices", "--json")) == []
    (gone,) = json.loads(well("notices", "--json", "--all"))
    assert gone["dismissed_at"] is not None

    preview = katy("watch", "add", "makita", "--below", "90", "--condition", "used")
    assert "no listing with a price fits it yet" in preview.stderr
    found = katy("watch", "add", "makita", "--below", "90")
    assert "prices on 5 days, the last 88.00 USD on 2026-01-09 (1 listings)" in found.stderr
    watch = added.stdout.strip()
    well("watch", "remove", watch)
    assert watch not in well("watch", "list")


def test_a_watch_that_fails_leaves_the_run_green(home: Home, monkeypatch: pytest.MonkeyPatch) -> None:
    well("account", "add", "Ada")
    well("watch", "add", "makita", "--below", "90")
    see(home, 80, 80)
    with monkeypatch.context() as patch:
        patch.setattr(looking, "evaluate_watches", lambda *_, **__: 1 / 0)
        run = katy("run", "--plain")
    assert run.exit_code == 0
    assert "published" in run.stdout
    assert "price watches and notices were not looked after" in run.stderr


def test_a_run_without_books_opens_none(home: Home) -> None:
    see(home, 80, 80)
    well("run", "--plain")
    assert not home.ledger.exists()


def test_notify_tells_what_failed_and_exits_with_1(home: Home, monkeypatch: pytest.MonkeyPatch) -> None:
    well("account", "add", "Ada")
    well("watch", "add", "makita", "--below", "90")
    see(home, 80, 80)
    well("run", "--plain")
    monkeypatch.setenv("KATY_NOTIFY_URLS", "json://127.0.0.1:9/secretpath")
    result = katy("notify", "--json")

    assert result.exit_code == 1
    assert list(json.loads(result.stdout)["failed"]) == ["notifier 1 (json://…)"]
    assert "secretpath" not in result.output


def test_what_cannot_be_is_refused_with_the_way_out(home: Home) -> None:
    well("account", "add", "Ada")
    well("account", "add", "Bob")
    for words, kind, told in (
        (("watch", "add", "drill", "--change", "10"), BadInput, "--account NAME"),
        (("watch", "add", "drill", "--account", "Ada"), BadInput, "one of --below"),
        (("watch", "add", "drill", "--below", "1", "--above", "2"), BadInput, "one of --below"),
        (("watch", "add", "drill", "--change", "10", "--window", "8", "--account", "Ada"), BadInput, "7, 30, 90"),
        (("watch", "add", "drill", "--change", "10", "--kind", "lent", "--account", "Ada"), BadInput, "--kind"),
        (("watch", "add", "drill", "--change", "x", "--account", "Ada"), BadInput, "not a percentage"),
        (("watch", "add", "drill", "--below", "9", "--condition", "shiny"), BadInput, "no condition known"),
        (("watch", "remove", "watch_0"), Unknown, "katy watch list"),
        (("notices", "dismiss", "notice_0"), Unknown, "katy notices"),
    ):
        refused = katy(*words)
        assert refused.exit_code == 1, words
        assert isinstance(refused.exception, kind)
        assert told in str(refused.exception)


def test_the_operator_sees_all_and_one_account_its_own(home: Home) -> None:
    well("account", "add", "Ada")
    well("account", "add", "Bob")
    well("watch", "add", "drill", "--change", "10", "--account", "Ada")
    well("watch", "add", "saw", "--change", "10", "--account", "Bob", "--currency", "usd")

    assert len(json.loads(well("watch", "list", "--json"))) == 2
    (bobs,) = json.loads(well("watch", "list", "--account", "bob", "--json"))
    assert (bobs["terms"]["words"], bobs["terms"]["currency"]) == ("saw", "USD")
    assert isinstance(katy("watch", "remove", bobs["id"], "--account", "Ada").exception, Unknown)


def test_notifier_urls_are_separated_before_a_scheme_and_not_inside(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("KATY_NOTIFY_URLS", "mailto://a:b@x.example?to=one,two, json://host/x ,slack://t/k")
    urls = Settings().notify_urls
    assert urls == ("mailto://a:b@x.example?to=one,two", "json://host/x", "slack://t/k")
    assert "slack" not in repr(Settings())
    monkeypatch.setenv("KATY_NOTIFY_URLS", "")
    assert Settings().notify_urls == ()
