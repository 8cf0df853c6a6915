"""`katy things …`, and what `katy run` does with what people own."""

from __future__ import annotations

import json
from datetime import UTC, datetime, timedelta
from decimal import Decimal
from pathlib import Path

import pytest
from typer.testing import CliRunner, Result

from flows import rates
from flows import things as valuing
from katy.cli import app
from ledger.books.errors import Unknown
from warehouse import landing
from warehouse.errors import BadInput, NothingPublished
from warehouse.home import Home
from warehouse.records import Listing

FIRST = datetime(2026, 1, 5, 12, tzinfo=UTC)
TITLE = "Makita DHP453 cordless drill 18V"


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


def see(home: Home, *prices: int) -> None:
    now = FIRST + timedelta(days=400)
    run = landing.new_run(now)
    rows = [
        Listing(
            source="street", id=f"drill {number}", kind="sold", title=TITLE, price=Decimal(price), currency="USD",
            observed_at=FIRST + timedelta(days=number), run=run, row=number + 1, found_at="street.csv",
            price_path="column price", seller=f"seller {number}",
        )
        for number, price in enumerate(prices)
    ]  # fmt: skip
    landing.land(home, rows, source="street", run=run, now=now)


def test_from_registering_to_being_told_with_a_run_in_between(home: Home) -> None:
    well("account", "add", "Ada")
    added = katy("things", "add", TITLE, "--paid", "10", "--paid-on", "2025-05-01", "--set", "brand=Makita")
    assert added.exit_code == 0
    assert "valued at the next" in added.stderr
    thing = added.stdout.strip()
    assert "not valued yet" in well("things", "list")
    assert isinstance(katy("things", "value").exception, NothingPublished)

    see(home, *(95 + day % 7 for day in range(14)))
    run = katy("run", "--plain")
    assert run.exit_code == 0
    assert "things valued: 1; notices: 1" in run.stderr
    (told,) = json.loads(well("things", "notices", "--json"))
    assert told["data"]["thing"] == thing
    assert "You paid 10 USD on 2025-05-01." in well("things", "notices")
    assert "worth more than you think" in (home.root / "logs" / "notices.log").read_text()
    assert [each["id"] for each in json.loads(well("notices", "--json"))] == [told["id"]]

    value = told["data"]["value"]["fmv"]
    assert f"{value} USD" in well("things", "list", "--account", "ada")
    shown = json.loads(well("things", "show", thing, "--json"))
    assert (shown["checked"]["fmv"], [each["fmv"] for each in shown["values"]]) == (value, [value])
    assert shown["owned"]["brand"] == "Makita"
    assert value in well("things", "show", thing)
    assert json.loads(well("things", "value", "--json"))["notices"] == [], "the same snapshot again"

    well("things", "change", thing, "--worth", "100", "--set", "colour=teal")
    changed = json.loads(well("things", "list", "--json"))[0]
    assert (changed["owned"]["worth"], changed["owned"]["attributes"]) == ("100", {"colour": "teal"})
    well("things", "remove", thing)
    assert json.loads(well("things", "list", "--json")) == json.loads(well("notices", "--all", "--json")) == []


def test_an_inventory_is_tried_and_then_taken(home: Home, tmp_path: Path) -> None:
    well("account", "add", "Ada")
    file = tmp_path / "stock.csv"
    file.write_text("SKU,Name,Cost,Where\nA-1,Chair,5,attic\nA-2,Lamp,x,\n", encoding="utf-8")
    tried = katy("things", "import", str(file), "--dry-run", "--map", "place=Where")
    assert "would be added 1, changed 0, known 0, parts of others 0, left out 1" in tried.stdout
    assert 'stock.csv line 3: bad_amount: paid "x"' in tried.stderr
    assert json.loads(well("things", "list", "--json")) == []

    taken = json.loads(well("things", "import", str(file), "--map", "place=Where", "--json"))
    assert (taken["added"], [each["reason"] for each in taken["left_out"]]) == (1, ["bad_amount"])
    (chair,) = json.loads(well("things", "list", "--json"))
    assert (chair["owned"]["paid"], chair["owned"]["currency"]) == ("5", "USD")
    assert chair["owned"]["attributes"] == {"place": "attic"}
    assert "known 1" in well("things", "import", str(file), "--map", "place=Where")


def test_valuing_that_fails_leaves_the_run_green_and_notices_are_delivered(
    home: Home, monkeypatch: pytest.MonkeyPatch
) -> None:
    well("account", "add", "Ada")
    well("things", "add", TITLE, "--paid", "10")
    well("watch", "add", "makita", "--below", "90", "--kind", "sold")
    see(home, 80, 80)
    with monkeypatch.context() as patch:
        patch.setattr(valuing, "value_things", lambda *_, **__: 1 / 0)
        run = katy("run", "--plain")
    assert run.exit_code == 0
    assert "what people own was not valued: division by zero; `katy things value` tries it again" in run.stderr
    assert "makita" in (home.root / "logs" / "notices.log").read_text()


def test_the_operator_acts_for_the_account_that_is_named(home: Home) -> None:
    for name in ("Ada", "Bob"):
        well("account", "add", name)
    assert "--account NAME" in str(katy("things", "add", TITLE).exception)
    hers = well("things", "add", TITLE, "--account", "Ada").strip()
    assert json.loads(well("things", "list", "--account", "Bob", "--json")) == []
    for command in ("show", "remove"):
        assert isinstance(katy("things", command, hers, "--account", "Bob").exception, Unknown)
    assert isinstance(katy("things", "change", hers, "--worth", "1", "--account", "Bob").exception, Unknown)
    assert json.loads(well("things", "show", hers, "--json"))["owned"]["worth"] is None


def test_what_cannot_be_is_refused_with_the_way_out(home: Home) -> None:
    well("account", "add", "Ada")
    for words, kind, told in (
        (("things", "add", "?!"), BadInput, "no word"),
        (("things", "add", TITLE, "--paid", "ten"), BadInput, "49.90"),
        (("things", "add", TITLE, "--currency", "dollars"), BadInput, "ISO 4217"),
        (("things", "show", "thing_0"), Unknown, "katy things list"),
        (("things", "import", "absent.csv"), BadInput, "not there"),
    ):
        refused = katy(*words)
        assert refused.exit_code == 1, words
        assert isinstance(refused.exception, kind)
        assert told in str(refused.exception)
    assert katy("things", "change", "thing_0").exit_code == 2


@pytest.mark.parametrize(
    ("said", "way"), [("title=Saw", "--title"), ("paid=5", "--paid"), ("quantity=2", "--quantity")]
)
def test_a_field_with_a_place_of_its_own_does_not_become_an_attribute(home: Home, said: str, way: str) -> None:
    well("account", "add", "Ada")

    refused = katy("things", "add", TITLE, "--set", said).exception

    assert isinstance(refused, BadInput)
    assert said in str(refused)
    assert way in str(refused)
    assert json.loads(well("things", "list", "--json")) == []
