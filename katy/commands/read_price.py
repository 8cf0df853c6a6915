"""`katy read-price`: what a price text says, and why."""

from __future__ import annotations

import json
import re
import sys
from collections.abc import Iterable, Iterator
from typing import TYPE_CHECKING, Annotated, Any

import typer

from katy.context import KatyError, console

if TYPE_CHECKING:
    from warehouse.reading.price import PriceRead

_DECIMAL = {".": ".", ",": ",", "dot": ".", "point": ".", "comma": ","}


def register(app: typer.Typer) -> None:
    # "-$5.00" is a text, not an option.
    app.command("read-price", context_settings={"ignore_unknown_options": True})(read_price)


def read_price(
    text: Annotated[list[str] | None, typer.Argument(help='The text, such as "2 pairs from $349"')] = None,
    currency: Annotated[
        str | None,
        typer.Option("--currency-hint", "--currency", help="Chooses what a shared sign means, or a bare number is in"),
    ] = None,
    locale: Annotated[
        str | None, typer.Option("--locale-hint", "--locale", help='Decides what "1.234" means: de_DE, en_US')
    ] = None,
    decimal: Annotated[
        str | None, typer.Option("--decimal-hint", "--decimal", help='The decimal mark, "." or ","')
    ] = None,
    as_json: Annotated[bool, typer.Option("--json", help="The reading as one JSON object, with its why")] = False,
    jsonl: Annotated[
        bool, typer.Option("--jsonl", help='Read lines {"text": …, "currency_hint": …} from standard input')
    ] = False,
) -> None:
    """Read a price text as well as it can be read, and say why it is read so.

    With --jsonl each line of standard input is answered, in order, with {"amount", "currency", "per", "upper"}: the
    amounts are decimal texts as money is everywhere in Katy, all four are null where there is no price, "per" is null
    for the whole, "upper" is the other end of a range. A line may also carry "decimal_hint" and "locale_hint". A line
    that cannot be read is answered {"error": …}, the others all the same, and the exit status is then 1.
    """
    hints = {"currency_hint": currency, "locale_hint": locale, "decimal_hint": decimal}
    if jsonl:
        if text:
            raise typer.BadParameter("--jsonl reads its texts from standard input; leave TEXT out")
        answer_lines(sys.stdin.buffer, hints)
        return
    if not text:
        raise typer.BadParameter('say what to read: katy read-price "2 pairs from $349"')
    if re.match(r"--[a-z]", text[0]):
        raise typer.BadParameter(f"there is no option {text[0]}; see katy read-price --help")
    _show(" ".join(text), hints, as_json)


def answer_lines(lines: Iterable[bytes], hints: dict[str, str | None]) -> None:
    """Answer each line that is not blank with one line; raise at the end where some were no requests."""
    bad = total = 0
    for answer in answers(lines, hints):
        total, bad = total + 1, bad + ("error" in answer)
        typer.echo(json.dumps(answer))
    if bad:
        raise KatyError(f"{bad} of {total} lines could not be read; their answers say why")


def answers(lines: Iterable[bytes], hints: dict[str, str | None]) -> Iterator[dict[str, Any]]:
    """One answer for each line that is not blank, in order."""
    for number, line in enumerate(lines, 1):
        if line.strip(b"\xef\xbb\xbf \t\r\n"):
            try:
                yield _answer(_request(line), hints)
            except ValueError as error:
                yield {"error": f"line {number} {error}"}


def _request(line: bytes) -> dict[str, Any]:
    """What a line asks; a bare JSON string is a text without hints. Numbers stay as they are written."""
    try:
        request = json.loads(line.decode("utf-8-sig"), parse_float=str, parse_int=str)
    except (ValueError, RecursionError) as error:
        raise ValueError(f"is not JSON: {error}") from error
    if isinstance(request, str):
        return {"text": request}
    if not isinstance(request, dict) or "text" not in request:
        raise ValueError('is not of the form {"text": …, "currency_hint": …}')
    for name in ("text", "currency_hint", "locale_hint", "decimal_hint"):
        if not isinstance(request.get(name), str | None):
            raise ValueError(f'has a "{name}" that is no text')
    return request


def _answer(request: dict[str, Any], hints: dict[str, str | None]) -> dict[str, str | None]:
    asked = {name: request.get(name) or said for name, said in hints.items()}
    return answer_of(_found(request["text"] or "", asked)[0])


def _found(text: str, hints: dict[str, str | None]) -> tuple[PriceRead | None, list[str]]:
    from warehouse.reading.price_find import explain_price

    mark = hints["decimal_hint"]
    if mark and mark not in _DECIMAL:
        raise ValueError(f'has a decimal mark "{mark}"; it is "." or ","')
    decimal: Any = _DECIMAL[mark] if mark else None
    return explain_price(text, hints["currency_hint"], decimal, hints["locale_hint"])


def answer_of(read: PriceRead | None) -> dict[str, str | None]:
    """A reading as JSON has it: plain decimals without an exponent, null for what there is not."""
    if read is None:
        return dict.fromkeys(("amount", "currency", "per", "upper"))
    upper = None if read.upper is None else format(read.upper, "f")
    return {"amount": format(read.amount, "f"), "currency": read.currency, "per": read.per, "upper": upper}


def _show(text: str, hints: dict[str, str | None], as_json: bool) -> None:
    from warehouse.reading.price import read_price as read_strictly

    try:
        read, steps = _found(text, hints)
    except ValueError as error:
        raise typer.BadParameter(f"--decimal-hint {error}") from error
    doubts = read.why if read else "no price in it"
    if as_json:
        typer.echo(json.dumps({**answer_of(read), "why": doubts, "steps": steps}))
        return
    if read is None:
        console.print("no price: nothing in this text is an amount to pay", style="bold", markup=False)
    else:
        for name, value in answer_of(read).items():
            console.print(f"{name:9} {'–' if value is None else value}", markup=False)
    for step in [*steps, *([doubts] if doubts and read else [])]:
        console.print(f"{'why':9} {step}", markup=False)
    strict = read_strictly(text, None)
    held = "it is not wholly a price" if strict is None else strict.why
    said = f"would hold it back: {held}" if held else "reads a price too"
    console.print(f"{'strictly':9} the reader of imports {said}", style="dim", markup=False)
