"""Times to come over HTTP: forecasts of areas and series, and selling, each as of a day and honest about no data."""

from __future__ import annotations

from typing import Any

from fastapi.testclient import TestClient

from models.forecast.shapes import Forecast, Selling


def test_an_area_without_a_level_has_no_forecast_but_its_sales_are_looked_at(client: TestClient) -> None:
    answer = client.get("/v1/forecasts/drill", params={"weeks": 4})

    found = Forecast.model_validate_json(answer.content)
    assert answer.status_code == 200
    assert (found.reason, found.prices) == ("no_data", None)
    assert found.sales is not None
    assert len(found.sales.items) == 4
    assert all(float(each.low or 0) <= float(each.expected) for each in found.sales.items)
    assert found.sales.replayed > 0


def test_as_of_an_early_day_less_is_known(client: TestClient) -> None:
    found = client.get("/v1/forecasts/drill", params={"as_of": "2025-02-01"}).json()

    assert found["value_date"] == "2025-02-01"
    assert found["sales"] is None


def test_an_unknown_series_is_a_404_with_the_way_out(client: TestClient) -> None:
    answer = client.get("/v1/price-series/forecast", params={"series": "eggs"})

    assert (answer.status_code, answer.json()["type"]) == (404, "urn:katy:problem:unknown-series")
    assert "mart.price_series" in answer.json()["detail"]


def test_selling_says_no_data_where_offers_are_never_seen_to_end(client: TestClient) -> None:
    answer = client.get("/v1/selling", params={"text": "DeWalt DCD771", "within": 14})

    found = Selling.model_validate_json(answer.content)
    assert (found.reason, found.price, found.chance) == ("no_data", None, None)
    assert found.fmv is not None


def test_what_does_not_fit_is_refused(client: TestClient) -> None:
    for params in ({"text": "x", "within": 0}, {"text": ""}, {"text": "x", "price": -1}, {"text": "x", "chance": 2}):
        said: dict[str, Any] = params
        assert client.get("/v1/selling", params=said).status_code == 422
    assert client.get("/v1/forecasts/drill", params={"weeks": 99}).status_code == 422
