"""The hall's board: bread and work with a true price each, so that loaves can be held against a repair in the demo."""

from __future__ import annotations

from datetime import UTC, date, datetime
from pathlib import Path
from typing import Any

import pytest

from demo import noticeboard
from flows.pipeline import Run
from models.answers.value import open_valuer
from models.exchange.answers import trade_ratio
from spiders.files.importer import ImportOptions, import_listings
from warehouse.home import Home
from warehouse.snapshot import current

END = date(2026, 11, 14)
NOW = datetime(2026, 11, 21, tzinfo=UTC)


def test_the_same_town_has_the_same_board() -> None:
    assert noticeboard.board(7, END) == noticeboard.board(7, END)
    assert noticeboard.board(7, END) != noticeboard.board(8, END)


def test_prices_lie_around_the_true_ones_and_days_before_the_end() -> None:
    rows = noticeboard.board(7, END)
    ratios = []
    for row in rows:
        assert date.fromisoformat(row["On"]) < END
        ware = next(name for name, each in noticeboard.WARES.items() if row["Given"] in each.titles)
        if row["USD"] not in noticeboard.BAD_PRICES:
            true = noticeboard.true_price(ware, date.fromisoformat(row["On"]), END)
            ratios.append(float(row["USD"]) / true)
    assert len(rows) - len(ratios) == len(noticeboard.BAD_PRICES)
    assert sum(ratios) / len(ratios) == pytest.approx(1.0, abs=0.02)
    assert all(0.7 < ratio < 1.4 for ratio in ratios)


def test_seven_loaves_are_held_against_a_bike_repair(tmp_path: Path, quick_knobs: Any) -> None:
    path = noticeboard.write(noticeboard.board(7, END), tmp_path)
    mapping = {"id": "No", "title": "Given", "price": "USD", "observed_at": "On", "seller": "By"}
    home = Home(tmp_path / "home")
    options = ImportOptions("town_hall", "sold", mapping, {"region": "US-MO"}, "USD")
    report = import_listings(home, [path], options, clock=lambda: NOW, say=lambda _: None)
    with Run(home, anchor="USD", clock=lambda: NOW, say=lambda _: None, code_version="test", knobs=quick_knobs) as run:
        for step in run.steps.values():
            step()
    valuer = open_valuer(current(home))

    answer = trade_ratio(valuer, "7 loaves of sourdough bread", "bike repair")

    assert report.quarantined == len(noticeboard.BAD_PRICES)
    true = noticeboard.WARES["bike repair"].price / noticeboard.WARES["sourdough"].price
    assert float(answer["ratio"]["first_for_one_second"]) == pytest.approx(true, rel=0.15)
    assert float(answer["ratio"]["low"]) < true < float(answer["ratio"]["high"])
    # Seven neighbours whose prices lie within a tenth of each other leave no doubt by a factor.
    assert float(answer["ratio"]["high"]) / float(answer["ratio"]["low"]) < 3
