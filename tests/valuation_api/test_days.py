"""A day that comes over HTTP is the text of a date."""

from __future__ import annotations

from typing import Any

import pytest
from fastapi.testclient import TestClient
from pydantic import ValidationError

from valuation_api.policy_crises import CrisisAsked
from valuation_api.trade_schedules import ScheduledLegAsked
from valuation_api.trade_shapes import OfferAsked
from valuation_api.trust_shapes import Consenting

NO_DAYS = ["0", "-2.2250738585072014e-308", "1774915200", "2026-3-1", "20260301", "2026-03-31T00:00"]


@pytest.mark.parametrize("said", NO_DAYS)
@pytest.mark.parametrize(
    "asked", ["/v1/exchange?amount=1&unit=USD&in=EUR", "/v1/forecasts/drill?", "/v1/selling?text=drill"]
)
def test_a_number_is_no_day_in_an_address(client: TestClient, asked: str, said: str) -> None:
    answer = client.get(f"{asked}&as_of={said}")

    assert answer.status_code == 422
    assert "as_of" in answer.text


@pytest.mark.parametrize(
    ("shape", "name"),
    [(CrisisAsked, "ends_on"), (ScheduledLegAsked, "first_day"), (OfferAsked, "deliver_by"), (Consenting, "until")],
)
@pytest.mark.parametrize("said", [*NO_DAYS, 0, 1774915200, 1.5, True])
def test_a_number_is_no_day_in_a_body(shape: Any, name: str, said: object) -> None:
    with pytest.raises(ValidationError) as refused:
        shape.model_validate({name: said})
    assert [each["msg"] for each in refused.value.errors() if each["loc"] == (name,)] == [
        "Value error, a day is written as a date such as 2026-03-31"
    ]
