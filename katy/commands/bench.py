"""`katy bench NAME`: measurements beside peers and limits, each in one run on this machine."""

from __future__ import annotations

import importlib
import sys
from typing import Annotated

import typer

from katy.context import console
from warehouse.errors import BadInput

# Name → module and what it measures.
BENCHES = {
    "crawl": ("bench.crawl", "pages per second through extraction and landing, beside a bare Scrapy spider; memory"),
    "prices": ("bench.price_strings", "price strings per second, beside price-parser"),
    "titles": ("bench.titles", "titles read per second, and how many of a labelled corpus are read right"),
    "matching": ("bench.matching", "a pair model on a folder of labelled pairs: precision, recall, F1"),
    "search": ("bench.search", "product search over a million products: latency, size, time to build"),
    "comparables": ("bench.comparables", "comparables over a million listings: latency, memory"),
    "clustering": ("bench.clustering", "products from 100,000 listings: time, memory, stability"),
    "worth": ("bench.worth", "values of unseen things beside ridge, a stack and AutoML on the same rows"),
    "messy": ("bench.messy", "messy, unknown tables imported plainly and valued, beside the least error there can be"),
    "coverage": ("bench.coverage", "whether 90 % intervals hold 90 %, by category, price tier and evidence"),
    "photos": ("bench.photos", "pictures read: time, memory, what is still read of worse and worse ones"),
    "photo-answers": ("bench.photo_answers", "pictures answered: how often rightly, how surely, how often wrongly"),
    "freshness": ("bench.freshness", "share of current prices for a budget of looks, beside equal intervals"),
    "currency": ("bench.currency", "a currency in trouble: when it is told, and how near implied rates come"),
    "index": ("bench.index", "price indices beside the weekly level; a robust level beside a contaminated mean"),
    "forecast": ("bench.forecast", "forecasts beside the naive ones: scaled error, coverage; ways to learn a season"),
    "community": ("bench.community", "members' estimates with a clique that pushes, beside mean and median"),
    "manipulation": ("bench.manipulation", "how far attackers of several kinds and sizes move a value; breakdown"),
    "town": ("bench.town", "each factor of a value against the cause that moves it alone, in a simulated town"),
    "sales": (
        "bench.sales",
        "each sale of some months valued as of the day before, beside the last five sales' median",
    ),
    "scale": (
        "bench.scale",
        "learning and valuing from 10,000 to a million listings: time, memory, beside bare LightGBM",
    ),
    "ledger": (
        "bench.ledger",
        "transfers per second on both databases, beside pgbench on the same server; a town's year",
    ),
    "ledger-kills": ("bench.ledger_kills", "a writer of the books killed at random moments: what is lost or half"),
    "ledger-sim": ("bench.ledger_sim", "random histories of the books against a model, with failures on purpose"),
    "kills": ("bench.kill_drill", "runs killed at random moments: what is lost, doubled or left behind"),
    "crawl-kills": ("bench.crawl_drill", "visits killed at random moments: what is lost, doubled or read again"),
}


def register(app: typer.Typer) -> None:
    app.command(
        "bench", context_settings={"allow_extra_args": True, "ignore_unknown_options": True, "help_option_names": []}
    )(bench)


def bench(
    context: typer.Context,
    name: Annotated[str | None, typer.Argument(help=f"One of {', '.join(BENCHES)}; without, what there is")] = None,
) -> None:
    """Measure, beside a peer or a limit. What follows the name goes to the measurement (--help tells)."""
    if name is None or name.startswith("-"):
        for known, (_, what) in BENCHES.items():
            console.print(f"{known}: {what}", markup=False)
        return
    if name not in BENCHES:
        raise BadInput(f'there is no measurement "{name}"; there are: {", ".join(BENCHES)}')
    module = importlib.import_module(BENCHES[name][0])
    sys.argv = [f"katy bench {name}", *context.args]
    sys.exit(module.main())
