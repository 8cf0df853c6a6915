"""The steps of `katy trade …` after the offers: accept, deliver, confirm, witness, dispute, and how they end."""

from __future__ import annotations

import sys
from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any
from uuid import uuid4

import typer

from katy.books import books, whose
from katy.context import console, say

if TYPE_CHECKING:
    from ledger.trading.trade_view import Trade

As = Annotated[str, typer.Option("--as", help="For whom: an account's name or id")]
Id = Annotated[str, typer.Argument(metavar="TRADE", help="A trade's id")]
Key = Annotated[str | None, typer.Option(help="An idempotency key: the same one does it once")]
AsJson = Annotated[bool, typer.Option("--json", help="As JSON, for a program")]
Percent = Annotated[int, typer.Argument(min=0, max=100, help="100: as agreed, 0: off, between: that share moves")]
Note = Annotated[str | None, typer.Option(help="In words")]


def accept(
    trade: Id,
    by: As,
    terms: Annotated[str | None, typer.Option(help="The hash of the terms that are meant")] = None,
    key: Key = None,
    as_json: AsJson = False,
) -> None:
    """Accept the newest offer. What it moves, and the community's fee, is held from now on."""
    from ledger.trading import trades

    _step(trades.accept, trade, by, key, as_json, terms=terms)


def deliver(
    trade: Id,
    by: As,
    note: Note = None,
    photo: Annotated[Path | None, typer.Option(exists=True, dir_okay=False, help="A photo; its hash is kept")] = None,
    key: Key = None,
    as_json: AsJson = False,
) -> None:
    """Mark what this party gives as delivered."""
    from ledger.books.canonical import sha256
    from ledger.trading import delivering

    taken = None if photo is None else sha256(photo.read_bytes())
    _step(delivering.deliver, trade, by, key, as_json, note=note, photo_sha256=taken)


def confirm(trade: Id, by: As, key: Key = None, as_json: AsJson = False) -> None:
    """Confirm that everything was received. With the second word everything moves."""
    from ledger.trading import trades

    _step(trades.confirm, trade, by, key, as_json)


def cancel(trade: Id, by: As, key: Key = None, as_json: AsJson = False) -> None:
    """Call a trade off; after a confirmation both must."""
    from ledger.trading import trades

    _step(trades.cancel, trade, by, key, as_json)


def no_show(trade: Id, by: As, note: Note = None, key: Key = None, as_json: AsJson = False) -> None:
    """The day of delivery is over and the other delivered nothing: the trade is off, and held against them."""
    from ledger.trading import delivering

    _step(delivering.no_show, trade, by, key, as_json, note=note)


def attest(
    trade: Id,
    by: As,
    said: Annotated[str, typer.Argument(help="What the witness saw, in words")],
    key: Key = None,
) -> None:
    """Witness a trade of others."""
    from ledger.trading import delivering

    with books() as ledger:
        done = delivering.attest(ledger, key=key or uuid4().hex, by=whose(ledger, by), trade_id=trade, said=said)
    say(f"{done.trade} is attested")


def sign(
    trade: Id, by: As, terms: Annotated[str, typer.Argument(help="The hash of its terms")], key: Key = None
) -> None:
    """Sign a trade as a signer of a business that is a party."""
    from ledger.trading import delivering

    with books() as ledger:
        done = delivering.sign(ledger, key=key or uuid4().hex, by=whose(ledger, by), trade_id=trade, terms=terms)
    say(f"{done.trade} is signed")


def dispute(
    trade: Id,
    by: As,
    reason: Annotated[str, typer.Argument(help="Why, in words")],
    key: Key = None,
    as_json: AsJson = False,
) -> None:
    """Freeze an accepted trade until both agree on an end or a treasurer decides."""
    from ledger.trading import disputes

    _step(disputes.dispute, trade, by, key, as_json, reason=reason)


def suggest(trade: Id, percent: Percent, by: As, note: Note = None, key: Key = None, as_json: AsJson = False) -> None:
    """Suggest how a dispute ends."""
    from ledger.trading import disputes

    _step(disputes.suggest, trade, by, key, as_json, percent=percent, note=note)


def agree(trade: Id, percent: Percent, by: As, key: Key = None, as_json: AsJson = False) -> None:
    """Agree to what the other party suggested last."""
    from ledger.trading import disputes

    _step(disputes.agree, trade, by, key, as_json, percent=percent)


def decide(
    trade: Id,
    percent: Percent,
    by: As,
    note: Annotated[str, typer.Option(help="Why")],
    key: Key = None,
    as_json: AsJson = False,
) -> None:
    """Decide a dispute as a treasurer who is none of its parties."""
    from ledger.trading import disputes

    _step(disputes.decide, trade, by, key, as_json, percent=percent, note=note, as_treasurer=True)


def _step(take: Callable[..., Trade], trade: str, by: str, key: str | None, as_json: bool, **said: Any) -> None:
    with books() as ledger:
        done = take(ledger, key=key or uuid4().hex, by=whose(ledger, by), trade_id=trade, **said)
    tell(done, as_json)


def tell(trade: Trade, as_json: bool) -> None:
    """A trade on standard output."""
    from katy.trade_words import told

    if as_json:
        sys.stdout.write(trade.model_dump_json() + "\n")
        return
    for line in told(trade):
        console.print(line, markup=False, soft_wrap=True)


COMMANDS: tuple[tuple[str, Callable[..., None]], ...] = (
    ("accept", accept),
    ("deliver", deliver),
    ("confirm", confirm),
    ("cancel", cancel),
    ("no-show", no_show),
    ("attest", attest),
    ("sign", sign),
    ("dispute", dispute),
    ("suggest", suggest),
    ("agree", agree),
    ("decide", decide),
)
