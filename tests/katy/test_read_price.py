"""`katy read-price` answers one text for a person, and lines of texts for programs: one line out for each line in."""

from __future__ import annotations

import json
from decimal import Decimal
from typing import Any

import pytest
from typer.testing import CliRunner, Result

from katy.cli import app
from katy.context import KatyError


def ask(*arguments: str, lines: str | bytes | None = None) -> Result:
    return CliRunner().invoke(app, ["read-price", *arguments], input=lines)


def answered(*lines: str) -> list[dict[str, Any]]:
    result = ask("--jsonl", lines="\n".join(lines))
    return [json.loads(line) for line in result.stdout.splitlines()]


def test_a_text_is_read_and_explained() -> None:
    result = ask("2 pairs from $349")
    assert result.exit_code == 0
    assert "349" in result.stdout
    assert '"2" is no amount' in result.stdout
    assert "it is a bound" in result.stdout


def test_a_negative_amount_is_a_text_and_not_an_option() -> None:
    assert json.loads(ask("--json", "-$5.00").stdout)["amount"] == "-5.00"
    assert ask("--jsnl").exit_code == 2
    assert ask().exit_code == 2


def test_a_text_of_several_words_needs_no_quotes() -> None:
    answer = json.loads(ask("--json", "--currency", "CAD", "$5", "per", "kg").stdout)
    assert (answer["amount"], answer["currency"], answer["per"]) == ("5", "CAD", "kg")


def test_what_is_no_price_is_an_answer_too() -> None:
    result = ask("call 555-123-4567")
    assert result.exit_code == 0
    assert "no price" in result.stdout


def test_each_line_is_answered_by_one_line_of_four_fields() -> None:
    answers = answered(
        '{"text": "$10 - $20"}',
        '{"text": "call for price", "currency_hint": "USD"}',
        '{"text": "1.234,50", "currency_hint": "€"}',
        '{"text": "€3.50/kg"}',
    )
    assert answers == [
        {"amount": "10", "currency": "USD", "per": None, "upper": "20"},
        {"amount": None, "currency": None, "per": None, "upper": None},
        {"amount": "1234.50", "currency": "EUR", "per": None, "upper": None},
        {"amount": "3.50", "currency": "EUR", "per": "kg", "upper": None},
    ]


def test_amounts_are_plain_decimals() -> None:
    amounts = [
        one["amount"] for one in answered('{"text": "5.5 lakh"}', '{"text": "1e12"}', '{"text": "0.00000001 BTC"}')
    ]
    assert amounts == ["550000", "1000000000000", "0.00000001"]
    assert [Decimal(amount) for amount in amounts] == [Decimal("5.5e5"), Decimal("1e12"), Decimal("1e-8")]


def test_a_bad_line_is_answered_and_the_others_are_read() -> None:
    bad = ("nonsense", '{"txt": "$2"}', '{"text": ["$3"]}', '{"text": "4", "decimal_hint": "x"}')
    lines = "\n".join(['{"text": "$1"}', "", *bad, '{"text": "$5"}', ""])
    result = ask("--jsonl", lines=lines)
    answers = [json.loads(line) for line in result.stdout.splitlines()]
    assert [one.get("amount") for one in answers] == ["1", None, None, None, None, "5"]
    assert [one["error"].split()[1] for one in answers if "error" in one] == ["3", "4", "5", "6"]
    assert isinstance(result.exception, KatyError)
    assert result.exit_code == 1


@pytest.mark.parametrize(
    ("line", "amount"),
    [
        ('"$5"', "5"),
        ('{"text": 12.50}', "12.50"),
        ('{"text": null}', None),
        ('{"text": "1.234", "locale_hint": "en_US"}', "1.234"),
        ('{"text": "1,234", "decimal_hint": ","}', "1.234"),
        ('{"text": "5", "currency_hint": null}', "5"),
    ],
)
def test_a_line_may_be_written_in_other_ways(line: str, amount: str | None) -> None:
    assert answered(line)[0]["amount"] == amount


def test_lines_of_other_bytes_are_no_end() -> None:
    result = ask("--jsonl", lines=b'\xef\xbb\xbf{"text": "$1"}\n\xff\xfe\n' + '{"text": "5 €"}'.encode())
    answers = [json.loads(line) for line in result.stdout.splitlines()]
    assert [one.get("amount") for one in answers] == ["1", None, "5"]
    assert "line 2" in answers[1]["error"]


def test_options_are_the_hints_of_lines_that_have_none() -> None:
    result = ask(
        "--jsonl", "--currency-hint", "SEK", lines='{"text": "500 kr"}\n{"text": "500 kr", "currency_hint": "DKK"}'
    )
    assert [json.loads(line)["currency"] for line in result.stdout.splitlines()] == ["SEK", "DKK"]
