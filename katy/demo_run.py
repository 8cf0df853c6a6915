"""The demo's way through the house: the town's files imported, its sites read day by day, exchange rates.

Nothing here knows what things in the town are worth; only the summary reads that.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import UTC, date, datetime, time
from typing import TYPE_CHECKING
from urllib.parse import urlsplit

from rich.console import Console

from katy import browser, demo_home
from katy.clock import Clock, fixed_clock
from katy.demo_home import Notes
from katy.settings import Settings
from warehouse.home import Home

if TYPE_CHECKING:
    from demo.sites.server import RunningSites
    from demo.town import Town

Say = Callable[[str], None]
# When the agents make their round, by the town's day (UTC).
_ROUND = time(21, 0, tzinfo=UTC)


@dataclass(frozen=True, slots=True)
class Site:
    """One site of the town: the agent that can read it, and the name its listings carry, as in the files."""

    name: str
    agent: str
    source: str
    needs_browser: bool = False


SITES = (
    Site("shop", "schema_org", "second_turn"),
    Site("classifieds", "craigslist", "river_ads"),
    Site("market", "javascript_market", "trail_market", needs_browser=True),
)


def import_history(town: Town, home: Home, *, clock: Clock, console: Console, say: Say) -> None:
    """Write the files of the town's past into the demo's folder and import each, as `katy import listings` does."""
    from demo.files import write_history
    from spiders.files.importer import ImportOptions, import_listings

    for file in write_history(town, home.root / "files"):
        options = ImportOptions(file.source, file.kind, file.mapping, file.fixed, "USD")
        with _bar(console, file.path.name) as progress:
            report = import_listings(home, [file.path], options, clock=clock, say=say, progress=progress)
        reasons = ", ".join(f"{count} {reason}" for reason, count in report.reasons.items())
        console.print(
            f"  {file.path.name}: {report.rows:,} rows read = {report.loaded:,} loaded "
            f"+ {report.known:,} already known + {report.quarantined:,} quarantined"
            + (f" ({reasons})" if reasons else ""),
            markup=False,
        )


@dataclass(slots=True)
class OpenSites:
    """The town's sites while they are served, and the day they show."""

    running: RunningSites
    today: date


@contextmanager
def open_sites(town: Town, home: Home, notes: Notes) -> Iterator[OpenSites]:
    """Serve the town's sites on loopback, on the ports of the last demo where they are free: links stay good."""
    from demo.sites.server import serve

    shown: list[OpenSites] = []
    with serve(town, lambda: shown[0].today, notes.ports) as running:
        shown.append(OpenSites(running, town.end))
        notes.ports = {name: urlsplit(url).port or 0 for name, url in running.starts.items()}
        demo_home.keep(home, notes)
        yield shown[0]


def read_sites(
    town: Town, sites: OpenSites, home: Home, notes: Notes, settings: Settings, *, console: Console, say: Say
) -> None:
    """Let the agents read the sites on each live day that they have not read yet; without a browser, two of them."""
    wanted = list(SITES)
    if any(not notes.has_read(site.name, day) for day in town.days for site in wanted if site.needs_browser):
        found = browser.find(settings.browser)
        if found is None:
            left_out = "No browser: the market that needs JavaScript is left out, the demo goes on with two sites"
            say(f"{left_out}. {browser.HOW_TO_GET_ONE}")
            wanted = [site for site in wanted if not site.needs_browser]
        else:
            settings = settings.model_copy(update={"browser": found.path})
    todo = {day: [site for site in wanted if not notes.has_read(site.name, day)] for day in town.days}
    if not any(todo.values()):
        console.print(f"  all {len(town.days)} days were read before")
        return
    for day, left in todo.items():
        if left:
            sites.today = day
            told = _round(day, left, sites.running, home, notes, settings, say)
            console.print(f"  {day}: {told}", markup=False)


def _round(
    day: date, sites: list[Site], running: RunningSites, home: Home, notes: Notes, settings: Settings, say: Say
) -> str:
    """One day's round of the agents; what each brought, in a few words."""
    from flows.collect import Errand, go_round

    errands = [
        # The town's sites are this machine's own: nobody is troubled by requests without a pause.
        Errand(agent=site.agent, base=running.starts[site.name], source=site.source, delay=0.0)
        for site in sites
    ]
    outcomes = go_round(
        home,
        errands,
        user_agent=settings.user_agent,
        # The agents live in the town's time: what they read is dated by its day.
        clock=fixed_clock(datetime.combine(day, _ROUND)),
        say=say,
        browser=settings.browser,
    )
    told = []
    for site, outcome in zip(sites, outcomes, strict=True):
        if outcome.good:
            notes.note_read(site.name, day)
        else:
            say(f"{site.name} on {day}: {outcome.why}; it will be read again by the next demo")
        report = outcome.report
        refused = sum(report.quarantined.values()) if report else 0
        told.append(
            f"{site.name} {report.landed if report else 0} listings" + (f" ({refused} quarantined)" if refused else "")
        )
    demo_home.keep(home, notes)
    return ", ".join(told)


def read_warnings(town: Town, home: Home, notes: Notes, settings: Settings, *, console: Console, say: Say) -> None:
    """The warnings of the town's storms, as the weather service's feed has them, once."""
    from demo.traces import write_warnings
    from spiders.agent import collect as agent

    if notes.warnings:
        console.print("  warnings were read before")
        return
    answer = write_warnings(town.climate, home.root / "files")
    clock = fixed_clock(datetime.combine(town.end, _ROUND))
    report = agent.collect(
        answer.agent, home, user_agent=settings.user_agent, clock=clock, say=say, base=str(answer.path)
    )
    notes.warnings = report.landed
    demo_home.keep(home, notes)
    console.print(f"  {report.landed} warnings of {len(town.climate.storms)} storms, {answer.path.name}", markup=False)


def read_rates(home: Home, notes: Notes, settings: Settings, *, console: Console, say: Say) -> None:
    """The ECB's reference rates, once a day."""
    from spiders.agent import collect as agent

    today = settings.at().date().isoformat()
    if notes.rates_on == today:
        console.print("  exchange rates were read today before")
        return
    report = agent.collect("ecb", home, user_agent=settings.user_agent, clock=settings.clock, say=say)
    notes.rates_on = today
    demo_home.keep(home, notes)
    console.print(f"  {report.landed:,} exchange rates, {report.base}", markup=False)


@contextmanager
def _bar(console: Console, name: str) -> Iterator[Callable[[str, int, int], None]]:
    """A progress bar on a terminal; nothing in a pipe."""
    from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn

    columns = (TextColumn("  {task.description}"), BarColumn(), MofNCompleteColumn())
    with Progress(*columns, console=console, transient=True, disable=not console.is_terminal) as bar:
        task = bar.add_task(name, total=None)

        def progress(_name: str, done: int, total: int) -> None:
            bar.update(task, completed=done, total=total)

        yield progress
