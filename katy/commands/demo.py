"""`katy demo`: the whole job on a small simulated town, from its files and sites to values, a trade and the page."""

from __future__ import annotations

import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from katy.context import console, notes, say, settings

if TYPE_CHECKING:
    from katy.demo_summary import Compared
    from katy.settings import Settings
    from warehouse.home import Home


def demo(
    days: Annotated[int | None, typer.Option(min=1, max=60, help="Live days on the town's sites [default: 7]")] = None,
    seed: Annotated[int | None, typer.Option(min=0, help="Which town [default: 7]")] = None,
    once: Annotated[bool, typer.Option("--once", help="End after the summary instead of serving the page")] = False,
) -> None:
    """Import two years of a simulated town, read its three sites day by day, publish, compare with the truth, trade."""
    from demo.town import simulate
    from katy import demo_home, demo_run, demo_summary
    from warehouse import snapshot

    began = time.monotonic()
    chosen = settings()
    home, noted = demo_home.choose(chosen, seed=seed, days=days, below=Path.cwd(), say=say)
    demo_home.keep(home, noted)
    # The demo's home and the demo's ledger, whatever the person's own settings name.
    chosen = chosen.model_copy(update={"home": home.root, "ledger_url": None})
    town = simulate(noted.seed, noted.days, end=noted.end)
    console.print(
        f"The town of seed {noted.seed}, {town.start} to {town.end}; its data is in {home.root}", markup=False
    )
    with demo_run.open_sites(town, home, noted) as sites:
        with _step("Two years of history, as files"):
            demo_run.import_history(town, home, clock=chosen.clock, console=console, say=say)
        with _step(f"{noted.days} live days, read by agents on three sites"):
            demo_run.read_sites(town, sites, home, noted, chosen, console=console, say=say)
        with _step("Storm warnings"):
            demo_run.read_warnings(town, home, noted, chosen, console=console, say=say)
        with _step("Exchange rates"):
            demo_run.read_rates(home, noted, chosen, console=console, say=say)
        with _step("Load, learn, publish"):
            _publish(chosen)
        with _step("What was published, and what is true"):
            compared = demo_summary.compare(town, snapshot.current(home))
            demo_summary.show(console, compared)
        sites.today = town.end
        _trade_and_serve(home, chosen, compared, serve=not once and sys.stdout.isatty(), began=began)


@contextmanager
def _step(name: str) -> Iterator[None]:
    """Name a step when it begins, and say how long it took."""
    console.print(f"\n{name}", style="bold", markup=False)
    start = time.monotonic()
    yield
    notes.print(f"  {time.monotonic() - start:.1f} s", style="dim", markup=False)


def _publish(chosen: Settings) -> None:
    from flows.prefect_run import run_in_prefect
    from katy.commands.market import print_table
    from katy.wiring import pipeline_run

    result = run_in_prefect(pipeline_run(chosen, say))
    print_table("Values replayed against the prices that followed", result.table)
    console.print(f"  published {result.snapshot.id}", markup=False)


def _trade_and_serve(home: Home, chosen: Settings, compared: list[Compared], *, serve: bool, began: float) -> None:
    """Make the trade on the running API; then go on serving, or end."""
    from katy import demo_trade
    from katy.demo_server import served
    from ledger.books.store import open_ledger

    listening = chosen if serve else chosen.model_copy(update={"port": 0})
    with served(listening, say) as page:
        deal = demo_trade.find_deal(compared)
        if deal is None:
            say("No two things with known values are near enough to be traded for one another; no trade was made")
        else:
            books = open_ledger(chosen.ledger_database, clock=chosen.clock, policy_file=chosen.policy_file)
            try:
                giver, taker = demo_trade.open_accounts(books)
            finally:
                books.close()
            demo_trade.show(console, demo_trade.trade(page, deal, giver, taker))
        console.print(f"\nDone in {time.monotonic() - began:.0f} s. Ask the town yourself:", markup=False)
        katy = _as_typed(Path(sys.argv[0]))
        console.print(
            f'  {katy} --home {_as_typed(home.root)} value "DeWalt DCD771 drill" --region US-MO', markup=False
        )
        if not serve:
            console.print(f"  {katy} --home {_as_typed(home.root)} serve", markup=False)
            return
        console.print(f"What's it worth? {page} shows it (Ctrl-C stops)", markup=False)
        _wait()


def _as_typed(path: Path) -> str:
    """A path as a person would type it here: relative where it is below the current folder."""
    return str(path.relative_to(Path.cwd())) if path.is_relative_to(Path.cwd()) else str(path)


def _wait() -> None:
    try:
        while True:
            time.sleep(3600)
    except KeyboardInterrupt:
        say("\nStopped.")


def register(app: typer.Typer) -> None:
    app.command("demo")(demo)
