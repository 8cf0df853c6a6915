"""The page "What's it worth?" as its HTML: everything the valuation says, nothing a hostile listing wants."""

from __future__ import annotations

import re
from html import unescape
from html.parser import HTMLParser

import pytest
from fastapi.testclient import TestClient


class Page(HTMLParser):
    """The tags of a page with their attributes, and its text."""

    def __init__(self, html: str) -> None:
        super().__init__()
        self.tags: list[tuple[str, dict[str, str | None]]] = []
        self.text = ""
        self.feed(html)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.tags.append((tag, dict(attrs)))

    handle_startendtag = handle_starttag

    def handle_data(self, data: str) -> None:
        self.text += data

    def all(self, tag: str) -> list[dict[str, str | None]]:
        return [attributes for name, attributes in self.tags if name == tag]


def page(client: TestClient, status: int = 200, **query: str) -> Page:
    answer = client.get("/", params=query)
    assert answer.status_code == status
    assert answer.headers["content-type"] == "text/html; charset=utf-8"
    return Page(answer.text)


def test_the_page_says_what_the_valuation_says(client: TestClient) -> None:
    asked = {"text": "trek marlin", "condition": "fair", "region": "US-IL"}
    valuation = client.post("/v1/valuations", json=asked).json()

    shown = page(client, q="trek marlin", condition="fair", region="US-IL")

    for amount in ("fmv", "low", "high", "market_value"):
        assert f"${valuation[amount]}" in shown.text
    assert valuation["narrative"] in shown.text
    assert valuation["value_date"] in shown.text
    assert valuation["snapshot"] in shown.text
    assert "fairly sure" in shown.text
    for factor in ("Condition", "Region", "Market trend", "Season", "Hazard", "Exchange rate"):
        assert factor.replace("Hazard", "Disasters") in shown.text
    for comparable in valuation["comparables"]:
        assert comparable["observed_at"][:10] in shown.text
        assert comparable["price"] in shown.text


def test_the_value_shown_can_be_fetched_as_data(client: TestClient) -> None:
    links = [a["href"] for a in page(client, q="dewalt").all("a") if (a["href"] or "").startswith("/v1/valuations/")]

    assert links
    assert client.get(links[0] or "").json()["subject"]["asked"]["text"] == "dewalt"


def test_hostile_titles_and_addresses_stay_text(client: TestClient) -> None:
    shown = page(client, q='trek "><script>alert(1)</script>')
    assert shown.all("script") == []

    shown = page(client, q="trek")
    assert shown.all("script") == []
    assert '<script>alert("gotcha")</script>' in unescape(shown.text)
    for link in shown.all("a"):
        assert not (link["href"] or "").lower().startswith("javascript:")
    for _, attributes in shown.tags:
        assert not any(name.startswith("on") or name == "style" for name in attributes)


def test_links_to_the_market_give_nothing_away(client: TestClient) -> None:
    outward = [a for a in page(client, q="dewalt").all("a") if (a["href"] or "").startswith("http")]

    assert len(outward) >= 10
    assert all("noreferrer" in (a["rel"] or "") for a in outward)


def test_the_page_loads_nothing_from_other_hosts(client: TestClient) -> None:
    shown = page(client, q="dewalt")

    for tag, attribute in (("link", "href"), ("img", "src"), ("script", "src"), ("iframe", "src"), ("form", "action")):
        for attributes in shown.all(tag):
            assert re.match(r"/(?!/)", attributes[attribute] or ""), (tag, attributes)


def test_plots_have_words_and_a_table_beside_them(client: TestClient) -> None:
    shown = page(client, q="dewalt", condition="fair")

    figures = shown.all("figure")
    assert [figure["id"] for figure in figures] == ["plot-waterfall", "plot-history"]
    assert all(figure["role"] == "img" and len(figure["aria-label"] or "") > 40 for figure in figures)
    assert len(shown.all("table")) == 2
    assert all(svg.get("aria-hidden") == "true" for svg in shown.all("svg"))


def test_every_field_has_a_label_and_keeps_what_was_typed(client: TestClient) -> None:
    shown = page(client, q="dewalt", condition="slightly singed", region="US-MO", currency="gbp", as_of="2026-05-01")

    labelled = {label["for"] for label in shown.all("label")}
    fields = {field["id"]: field.get("value") for field in shown.all("input")}
    assert {*fields, "condition"} == labelled
    assert fields == {"q": "dewalt", "region": "US-MO", "currency": "gbp", "as_of": "2026-05-01"}
    assert "slightly singed" in shown.text
    assert "£" in shown.text


def test_unknown_is_said_kindly_with_what_would_help(client: TestClient) -> None:
    shown = page(client, q="dewallt dril flux")

    assert "does not know what this is worth" in shown.text
    assert "What would help" in shown.text
    assert "DeWalt DCD771 cordless drill 20V" in shown.text

    shown = page(client, q="drill", currency="XYZ")
    assert "Known currencies: EUR, GBP, USD" in shown.text


@pytest.mark.parametrize(
    ("query", "field"),
    [
        ({"q": "drill", "currency": "dollars"}, "currency"),
        ({"q": "drill", "as_of": "31/12/2026"}, "as_of"),
        ({"q": "x" * 2001}, "q"),
    ],
)
def test_a_wrong_field_is_told_at_the_field(client: TestClient, query: dict[str, str], field: str) -> None:
    shown = page(client, 422, **query)

    wrong = [a for name, a in shown.tags if name in ("input", "select") and a.get("aria-invalid") == "true"]
    assert [a["id"] for a in wrong] == [field]
    assert f"{field}-error" in [p.get("id") for p in shown.all("p")]


def test_without_a_question_the_page_offers_what_is_often_traded(client: TestClient) -> None:
    shown = page(client)

    assert "Often traded here" in shown.text
    assert "/?q=Trek+Marlin+5+mountain+bike" in [a["href"] for a in shown.all("a")]
