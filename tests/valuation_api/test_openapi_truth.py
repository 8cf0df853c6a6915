"""The OpenAPI document is true: what it allows is accepted, what it forbids is refused, every answer is described."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import pytest
import schemathesis
from fastapi.testclient import TestClient
from hypothesis import HealthCheck, given, settings
from schemathesis import GenerationMode
from schemathesis.specs.openapi.checks import positive_data_acceptance
from schemathesis.specs.openapi.schemas import OpenApiSchema


@pytest.fixture(scope="module")
def described(market: Any) -> Iterator[OpenApiSchema]:
    app = market.app()
    # The client keeps the app's lifespan running while Schemathesis calls the same app.
    with TestClient(app):
        yield schemathesis.openapi.from_asgi("/openapi.json", app)


@pytest.mark.parametrize("mode", [GenerationMode.POSITIVE, GenerationMode.NEGATIVE])
def test_what_the_document_allows_is_accepted_and_what_it_forbids_refused(
    described: OpenApiSchema, mode: GenerationMode
) -> None:
    tried = 0
    for found in described.get_all_operations():
        operation = found.ok()
        if mode is GenerationMode.NEGATIVE and not takes_input(operation):
            continue

        @settings(max_examples=6, deadline=None, suppress_health_check=list(HealthCheck), derandomize=True)
        @given(case=operation.as_strategy(generation_mode=mode))
        def every_answer_is_as_described(case: schemathesis.Case) -> None:
            # No schema can say which bytes are a picture.
            unsaid = [positive_data_acceptance] if case.operation.path.endswith("/photo") else []
            case.call_and_validate(excluded_checks=unsaid, timeout=60)

        every_answer_is_as_described()
        tried += 1
    assert tried >= 4


def takes_input(operation: Any) -> bool:
    return bool(operation.body or operation.query or operation.path_parameters or operation.headers)


def test_every_operation_describes_its_errors_as_problem_documents(client: TestClient) -> None:
    document = client.get("/openapi.json").json()

    assert "HTTPValidationError" not in document["components"]["schemas"]
    for path, operations in document["paths"].items():
        for method, operation in operations.items():
            for status, response in operation["responses"].items():
                if int(status) >= 400:
                    assert list(response["content"]) == ["application/problem+json"], (path, method, status)


def test_every_operation_can_be_found_and_says_what_it_does(client: TestClient) -> None:
    document = client.get("/openapi.json").json()

    assert {"/v1/valuations", "/v1/valuations/{id}", "/v1/products", "/v1/prices/{product}"} <= set(document["paths"])
    for operations in document["paths"].values():
        for operation in operations.values():
            assert operation["summary"]
            assert operation["tags"]
