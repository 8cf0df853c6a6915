"""What is taken out of a payload before it is kept."""

from __future__ import annotations

import json

import pytest
from hypothesis import given
from hypothesis import strategies as st

from spiders.agent.redact import redact


def test_declared_fields_of_a_person_go_and_the_json_stays_json() -> None:
    payload = {"seller": {"username": "bob_s", "feedbackScore": 4120, "feedbackPercentage": "99.8"}, "title": "Drill"}
    text = redact(json.dumps(payload), ("username", "feedbackScore", "feedbackPercentage"), [])
    assert json.loads(text) == {
        "seller": {"username": "[person]", "feedbackScore": "[person]", "feedbackPercentage": "[person]"},
        "title": "Drill",
    }


def test_a_sellers_name_goes_wherever_it_stands() -> None:
    page = '<b class="by">Ann Lee</b><script>{"offeredBy": "Ann Lee"}</script>'
    assert "Ann Lee" not in redact(page, (), ["Ann Lee"])


@pytest.mark.parametrize(
    "text",
    [
        "write to ann.lee+shop@mail.example.org",
        "mailto:ann.lee%40mail.example.org",
        "ann.lee&#64;mail.example.org",
        '"ann.lee\\u0040mail.example.org"',
        '<a href="mailto:ann.lee@mail.example.org?subject=x">write</a>',
        '"email": "ann.lee at mail dot example dot org"',
        '<meta itemprop="email" content="ann.lee at example">',
    ],
)
def test_no_e_mail_address_is_kept(text: str) -> None:
    assert "ann.lee" not in redact(text, (), [])


@pytest.mark.parametrize(
    "text",
    [
        "call 573-555-0100",
        "call (573) 555-0100",
        "+1 573 555 0100",
        "tel:5735550100",
        '"telephone": "5735550100"',
        '"phone":5735550100',
        '<span itemprop="telephone">573.555.0100</span>',
        "sms:+15735550100",
        "+49 573 5550100",
    ],
)
def test_no_phone_is_kept(text: str) -> None:
    assert "0100" not in redact(text, (), [])


def test_prices_and_numbers_of_things_stay() -> None:
    text = (
        '{"price": "2,879.20", "gtin13": "0885911475129", "mpn": "DCD771C2", "date": "2026-11-20", "sku": "12345-678"}'
    )
    assert redact(text, (), []) == text


@given(st.dictionaries(st.text(max_size=8), st.one_of(st.text(max_size=20), st.integers(), st.booleans()), max_size=5))
def test_redacted_json_is_json_and_says_all_else(payload: dict[str, object]) -> None:
    told = json.loads(redact(json.dumps({**payload, "username": "x"}), ("username",), []))

    assert told["username"] == "[person]"
    assert len(told) == len({*payload, "username"})
    flags = {key: value for key, value in payload.items() if isinstance(value, bool) and key != "username"}
    assert {key: told[key] for key in flags} == flags


@given(name=st.text(max_size=12), depth=st.integers(0, 1))
def test_a_name_goes_whole_whatever_signs_are_in_it(name: str, depth: int) -> None:
    kept = {"username": name, "price": 12}
    text = json.dumps(kept)
    for _ in range(depth):
        text = json.dumps({"state": text, "price": 12})

    told = json.loads(redact(text, ("username",), []))
    for _ in range(depth):
        assert told["price"] == 12
        told = json.loads(told["state"])
    assert told == {"username": "[person]", "price": 12}


@pytest.mark.parametrize("name", ['Ann "Bob" Lee', 'Ann \\"Bob', '"', "Ann \\"])
def test_a_sellers_name_with_quotation_marks_goes_from_text_too(name: str) -> None:
    text = json.dumps({"seller": {"name": f"{name} Lee", "url": "x"}, "title": f"Drill of {name} Lee"})

    assert "Lee" not in redact(text, (), [])
