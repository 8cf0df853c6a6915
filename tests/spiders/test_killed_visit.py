"""A visit that is killed at any moment is taken up where it was: nothing lost, nothing twice, nothing read again."""

from __future__ import annotations

import signal
import subprocess
import sys
import time
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest

from warehouse.database import open_writer
from warehouse.home import Home
from warehouse.landing import landed
from warehouse.load import load

NOW = datetime(2026, 11, 20, 12, 0, tzinfo=UTC)
PAGES, PART = 24, 4
# Two pages of an earlier part make the same offer, one page is not believed, one is not there.
TWICE, UNBELIEVED, MISSING = 22, 17, 20

# Collects as `katy collect` does, in parts of a few pages, and with a fuse: what ends the process at once, and where.
SCRIPT = """
import os, signal, sys
from datetime import datetime
from pathlib import Path
from spiders.agent import collect as agent, crawl, part as parts
from spiders.agent.journal import Journal
from spiders.source import Limits
from warehouse import landing
from warehouse.home import Home

home, base, now, part, fuse = sys.argv[1:6]
parts.MOST_PAGES = int(part)

def dies(owner, name, nth=1, after=False):
    real, calls = getattr(owner, name), []
    def fused(*args, **more):
        calls.append(1)
        if len(calls) == nth and not after:
            os.kill(os.getpid(), signal.SIGKILL)
        result = real(*args, **more)
        if len(calls) == nth and after:
            os.kill(os.getpid(), signal.SIGKILL)
        return result
    setattr(owner, name, fused)

def dies_between_files():
    real = landing._LandingFile.publish
    def fused(self):
        if "quarantine" in str(self.path):
            os.kill(os.getpid(), signal.SIGKILL)
        real(self)
    landing._LandingFile.publish = fused

exec(fuse)
report = agent.collect(
    "schema_org", Home(Path(home)), base=base, name="test_site", user_agent="KatyBot/test", delay=0.001,
    clock=lambda: datetime.fromisoformat(now), say=print, limits=Limits(answer_seconds=5, retries=1, first_wait=0.05),
)
print(report.verdict, report.landed)
"""


@dataclass
class Shop:
    """A shop to be visited, and what an undisturbed visit of it lands."""

    site: Any
    rows: dict[str, list[tuple[Any, ...]]] = field(default_factory=dict)

    @property
    def base(self) -> str:
        return f"{self.site.base}/sitemap.xml"


@pytest.fixture(scope="module")
def shop(module_site: Any, reply: Any, product_page: Any, tmp_path_factory: pytest.TempPathFactory) -> Shop:
    site = module_site

    def page(body: str) -> Callable[[int], Any]:
        def slowly(times: int) -> Any:
            time.sleep(0.005)
            return reply(body, etag=f'"{hash(body)}"')

        return slowly

    site.routes = {f"/p/{at}": page(product_page(f"Thing {at}", 10 + at)) for at in range(PAGES)}
    site.routes[f"/p/{TWICE}"] = page(product_page("Thing 1", 11, url=f"{site.base}/p/1"))
    site.routes[f"/p/{UNBELIEVED}"] = page(product_page("Rug", "12,5O"))
    paths = "".join(f"<url><loc>{site.base}{path}</loc></url>" for path in site.routes)
    site.routes["/sitemap.xml"] = reply(f"<urlset>{paths}</urlset>", kind="application/xml")
    del site.routes[f"/p/{MISSING}"]
    one = Shop(site)
    home = Home(tmp_path_factory.mktemp("undisturbed"))
    assert started(home, one).wait(timeout=60) == 0
    one.rows = in_warehouse(home)
    assert len(one.rows["listing"]) == PAGES - 3
    assert len(one.rows["quarantine"]) == 1
    return one


@pytest.fixture(autouse=True)
def forgotten(shop: Shop) -> None:
    shop.site.asked.clear()


def started(home: Home, shop: Shop, fuse: str = "", hours: float = 0.0) -> subprocess.Popen[str]:
    now = (NOW + timedelta(hours=hours)).isoformat()
    said = [str(home.root), shop.base, now, str(PART), fuse]
    return subprocess.Popen(
        [sys.executable, "-c", SCRIPT, *said], stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True
    )


def in_warehouse(home: Home) -> dict[str, list[tuple[Any, ...]]]:
    """What a load makes of the landing: every listing and quarantined row, without its run."""
    with open_writer(home) as connection:
        results = load(connection, home, NOW)
        assert not [one.problem for one in results if one.problem]
        listings = connection.execute(
            "SELECT id, title, price, observed_at, found_at FROM raw.listing ORDER BY ALL"
        ).fetchall()
        held = connection.execute("SELECT id, reason, row_json FROM raw.quarantine ORDER BY ALL").fetchall()
        reports = connection.execute("SELECT rows_read, rows_landed, rows_quarantined FROM raw.run_report").fetchall()
    return {"listing": listings, "quarantine": held, "run_report": reports}


def children(process: subprocess.Popen[str]) -> list[int]:
    told = Path(f"/proc/{process.pid}/task/{process.pid}/children").read_text()
    return [int(one) for one in told.split()]


def alive(pid: int) -> bool:
    try:
        return Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()[0] != "Z"
    except OSError:
        return False


def landed_pages(home: Home) -> set[str]:
    """The paths of pages whose rows have landed."""
    import pyarrow.parquet as pq

    files = [*landed(home, "listing"), *landed(home, "quarantine")]
    found = [row for path in files for row in pq.read_table(path, partitioning=None, columns=["found_at"]).to_pylist()]
    return {"/" + row["found_at"].split("/", 3)[3] for row in found}


def taken_up(home: Home, shop: Shop) -> None:
    """Collect again: the visit goes on, and in the end all is as if nothing had happened."""
    before, had = landed_pages(home), list(shop.site.paths())
    again = started(home, shop)
    said = again.communicate(timeout=60)[0]
    assert again.returncode == 0, said
    asked_again = set(shop.site.paths()[len(had) :]) & set(had) - {"/robots.txt"}
    assert not asked_again & before, "what had landed was read again"
    assert not before or "/sitemap.xml" not in asked_again
    whole(home, shop)


def whole(home: Home, shop: Shop) -> None:
    """All that an undisturbed visit lands is in the warehouse once, and the report says so."""
    assert in_warehouse(home) == shop.rows
    assert {path for path in shop.site.paths() if path.startswith("/p/")} == {f"/p/{at}" for at in range(PAGES)}


@pytest.mark.parametrize("requests", [2, 14])
def test_killed_in_mid_crawl_it_goes_on_and_its_child_ends_by_itself(requests: int, shop: Shop, tmp_path: Path) -> None:
    home = Home(tmp_path)
    process = started(home, shop)
    end = time.monotonic() + 30
    while len(shop.site.asked) <= requests and process.poll() is None and time.monotonic() < end:
        time.sleep(0.002)
    own = children(process)
    process.send_signal(signal.SIGKILL)
    process.wait()
    end = time.monotonic() + 15
    while any(alive(child) for child in own) and time.monotonic() < end:
        time.sleep(0.05)
    assert own
    assert not any(alive(child) for child in own), "the spider's process outlived the one that asked"
    taken_up(home, shop)


# In the order in which one visit comes to them: each time it is taken up and killed again.
MOMENTS = {
    "before anything is asked": "dies(crawl.Crawl, 'run')",
    "before the first part is named": "dies(Journal, 'landing')",
    "the first part is named and nothing of it written": "dies(crawl, 'land')",
    "the first part is written and not done": "dies(Journal, 'landed')",
    "a part is named and nothing of it written": "dies(crawl, 'land')",
    "a part is done": "dies(Journal, 'landed', after=True)",
    "a part is written and not archived": "dies(crawl, 'archive')",
    "one file of a part is written and another is not": "dies_between_files()",
    "all is read and not reported": "dies(agent, '_conclude')",
}


@pytest.mark.slow
def test_killed_at_every_bad_moment_of_one_visit_nothing_is_lost_or_doubled(shop: Shop, tmp_path: Path) -> None:
    home = Home(tmp_path)
    for moment, fuse in MOMENTS.items():
        process = started(home, shop, fuse)
        said = process.communicate(timeout=60)[0]
        assert process.returncode == -signal.SIGKILL, f"{moment}: {said}"
    last = list(shop.site.paths())
    again = started(home, shop)
    assert again.wait(timeout=60) == 0
    assert set(shop.site.paths()[len(last) :]) <= {"/robots.txt"}, "all had landed, and was read again"
    whole(home, shop)


@pytest.mark.parametrize("fuse", ["dies(Journal, 'end')"])
def test_killed_after_its_report_the_next_visit_is_a_new_one(fuse: str, shop: Shop, tmp_path: Path) -> None:
    home = Home(tmp_path)
    process = started(home, shop, fuse)
    process.communicate(timeout=60)
    assert process.returncode == -signal.SIGKILL
    again = started(home, shop, hours=1)
    said = again.communicate(timeout=60)[0]
    assert again.returncode == 0, said
    rows = in_warehouse(home)
    assert len(rows["run_report"]) == 2
    assert len(rows["listing"]) == 2 * len(shop.rows["listing"])


def test_a_visit_that_was_killed_long_ago_is_told_and_a_new_one_begins(shop: Shop, tmp_path: Path, rows: Any) -> None:
    home = Home(tmp_path)
    started(home, shop, "dies(Journal, 'landed', 3)").communicate(timeout=60)
    again = started(home, shop, hours=13)
    said = again.communicate(timeout=60)[0]
    assert again.returncode == 0, said
    verdicts = [("interrupted" in one["detail_json"], one["rows_landed"]) for one in rows(home, "run_report")]
    assert verdicts == [(True, 3 * PART - 1), (False, PAGES - 3)]
