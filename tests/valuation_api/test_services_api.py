"""Work and bundles over HTTP; their valuations can be named in a trade."""

from __future__ import annotations

from fastapi.testclient import TestClient


def test_a_bundle_is_the_sum_of_valuations_that_can_be_read_again(client: TestClient) -> None:
    answer = client.post("/v1/bundles", json={"parts": ["drill + bike"]})
    said = answer.json()

    assert answer.status_code == 200
    assert [part["asked"] for part in said["parts"]] == ["drill", "bike"]
    assert float(said["sum_of_parts"]) == sum(float(part["fmv"]) for part in said["parts"])
    for part in said["parts"]:
        assert client.get(f"/v1/valuations/{part['valuation']}").status_code == 200


def test_wrong_bundles_are_refused(client: TestClient) -> None:
    for wrong in (
        {"parts": []},
        {"parts": [" + "]},
        {"parts": ["drill"], "as_of": 5},
        {"parts": ["a"], "currency": "€"},
    ):
        assert client.post("/v1/bundles", json=wrong).status_code == 422, wrong


def test_work_answers_with_a_valuation_and_jobs_are_listed(client: TestClient) -> None:
    answer = client.post("/v1/services", json={"text": "drill"})
    jobs = client.get("/v1/jobs").json()

    assert answer.status_code == 200
    assert answer.json()["community"] is None
    assert {"job": "haircut", "occupation": "39-5011"}.items() <= next(
        each for each in jobs if each["job"] == "haircut"
    ).items()
