"""What a visit's process tells Scrapy."""

from __future__ import annotations

from scrapy.settings.default_settings import DOWNLOADER_MIDDLEWARES_BASE, EXTENSIONS_BASE

from spiders.agent import run


def test_a_visit_imports_no_component_that_it_switches_off() -> None:
    left = set(EXTENSIONS_BASE) - set(run.used(EXTENSIONS_BASE))
    left |= set(DOWNLOADER_MIDDLEWARES_BASE) - set(run.used(DOWNLOADER_MIDDLEWARES_BASE))
    assert left == {
        "scrapy.extensions.remote_control.RemoteControl",
        "scrapy.downloadermiddlewares.cookies.CookiesMiddleware",
    }
