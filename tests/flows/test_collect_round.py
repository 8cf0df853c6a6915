"""A round of agents: one that cannot set out does not stop the others."""

from __future__ import annotations

from datetime import UTC, datetime
from pathlib import Path

from flows.collect import Errand, go_round
from warehouse import landing
from warehouse.home import Home

PAGE = """<html><head><title>A drill</title><script type="application/ld+json">
{"@context": "https://schema.org", "@type": "Product", "name": "DeWalt DCD771 drill", "url": "https://shop.example/p/1",
 "offers": {"@type": "Offer", "price": "65.00", "priceCurrency": "USD"}}
</script></head><body></body></html>"""


def test_one_bad_errand_does_not_stop_the_others(tmp_path: Path) -> None:
    page = tmp_path / "drill.html"
    page.write_text(PAGE, encoding="utf-8")
    home = Home(tmp_path / "home")
    errands = [Errand(agent="no_such_agent"), Errand(agent="schema_org", base=str(page), source="shop", delay=0.0)]
    outcomes = go_round(
        home, errands, user_agent="KatyBot/test", clock=lambda: datetime(2026, 11, 20, tzinfo=UTC), say=lambda _: None
    )
    assert [outcome.errand for outcome in outcomes] == errands
    assert not outcomes[0].good
    assert "no_such_agent" in outcomes[0].why
    assert outcomes[1].good, outcomes[1].why
    assert outcomes[1].report is not None
    assert outcomes[1].report.landed == 1
    assert len(landing.landed(home, "listing")) == 1


def test_no_errands_make_an_empty_round(tmp_path: Path) -> None:
    assert go_round(Home(tmp_path), [], user_agent="x", clock=lambda: datetime.now(UTC), say=print) == []
