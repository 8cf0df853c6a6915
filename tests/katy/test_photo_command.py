"""`katy photo` on a published market, with pictures drawn for the test."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest
import typer
from PIL import Image, ImageDraw, ImageFont
from typer.testing import CliRunner, Result

from katy.commands import photo
from katy.context import fix
from warehouse import snapshot
from warehouse.errors import BadInput
from warehouse.home import Home


def katy(home: Home, *words: str) -> Result:
    app = typer.Typer()
    app.callback()(lambda: fix(home=home.root))
    photo.register(app)
    return CliRunner().invoke(app, ["photo", *words])


@pytest.fixture(scope="module")
def home(published: Any) -> Home:
    folder: Home = published.town.home
    return folder


@pytest.fixture(scope="module")
def drill(tmp_path_factory: pytest.TempPathFactory) -> str:
    """A picture of a drill's label."""
    image = Image.new("RGB", (900, 500), (235, 235, 230))
    for top, text in ((60, "DEWALT"), (180, "DCD771 20V MAX")):
        ImageDraw.Draw(image).text((60, top), text, fill="black", font=ImageFont.load_default(80))
    path = tmp_path_factory.mktemp("pictures") / "drill.jpg"
    image.save(path)
    return str(path)


def test_a_program_gets_the_whole_answer(home: Home, drill: str) -> None:
    told = json.loads(katy(home, drill, "--condition", "fair", "--currency", "EUR", "--json").stdout)

    assert told["snapshot"] == snapshot.current(home).id
    assert told["candidates"][0]["title"] == "DeWalt DCD771 cordless drill 20V"
    assert told["valuation"]["subject"]["asked"]["condition"] == "fair"
    assert told["currency"] == "EUR"


def test_a_person_reads_the_value_and_what_it_leans_on(home: Home, drill: str) -> None:
    shown = katy(home, drill).stdout

    assert shown.startswith("DeWalt DCD771 cordless drill 20V\n")
    assert " USD  (90 %: " in shown
    assert "model number dcd771 was read" in shown
    assert "read: dewalt dcd771" in shown


def test_a_file_that_is_no_picture_is_named(home: Home, drill: str, tmp_path: Path) -> None:
    text = tmp_path / "notes.jpg"
    text.write_text("no picture at all")

    refused = katy(home, drill, str(text)).exception

    assert isinstance(refused, BadInput)
    assert str(refused).startswith(f"{text}: this is not a picture")


@pytest.mark.parametrize("name", ["missing.jpg", "."])
def test_what_cannot_be_opened_is_named(home: Home, tmp_path: Path, name: str) -> None:
    refused = katy(home, str(tmp_path / name)).exception

    assert isinstance(refused, BadInput)
    assert "cannot be read" in str(refused)


def test_too_many_pictures_and_unknown_money_are_refused(home: Home, drill: str) -> None:
    assert "at most 8" in str(katy(home, *[drill] * 9).exception)
    assert "dollars" in str(katy(home, drill, "--currency", "dollars").exception)


def test_a_picture_registers_the_thing_it_shows_and_one_of_nothing_says_what_to_take(
    home: Home, drill: str, tmp_path: Path
) -> None:
    from contextlib import closing

    from katy.commands import things as commands
    from katy.context import settings
    from ledger.books import accounts
    from ledger.books.store import open_ledger
    from ledger.owned import things

    app = typer.Typer()
    app.callback()(lambda: fix(home=home.root))
    commands.register(app)
    run = CliRunner().invoke
    run(app, ["things", "list"])
    with closing(open_ledger(settings().ledger_database, clock=settings().clock)) as ledger:
        owner = accounts.create(ledger, "Photographer")[0].id

    added = run(app, ["things", "add", "--photo", drill, "--account", "Photographer", "--paid", "40"])
    assert added.exit_code == 0, added.output
    with closing(open_ledger(settings().ledger_database, clock=settings().clock)) as ledger:
        (mine,) = things.listing(ledger, owner)
    assert mine.owned.title == "DeWalt DCD771 cordless drill 20V"
    assert mine.owned.picture_hash
    assert str(mine.owned.paid) in ("40", "40.00")

    Image.new("RGB", (600, 400), (200, 200, 200)).save(tmp_path / "wall.jpg")
    refused = run(app, ["things", "add", "--photo", str(tmp_path / "wall.jpg"), "--account", "Photographer"])
    assert isinstance(refused.exception, BadInput)
    assert "wall.jpg: no one thing was recognised. Take" in str(refused.exception)
    assert run(app, ["things", "add"]).exit_code == 2
