"""Legs of a trade as they are written at the command line, and a trade as it is told there.

7 x loaf of rye bread        goods, valued by the current snapshot and frozen (the same with goods: in front)
service: bicycle repair      a service
goods: 3f6c…                 a valuation that was given out, by its id
time: 90                     minutes of labour, valued at the community's hour
minutes: 45                  time credits, which move
k: 0.50                      K
cash: 20.00                  money beside the books, in the community's currency
… = 150.00 because WORDS     another value for the whole leg, and why it holds
"""

from __future__ import annotations

import re
from decimal import Decimal, InvalidOperation
from typing import TYPE_CHECKING

from warehouse.errors import BadInput

if TYPE_CHECKING:
    from ledger.books.store import Ledger
    from ledger.trading.legs import Giver, LegDraft
    from ledger.trading.trade_view import Trade

_KIND = re.compile(r"(goods|service|time|minutes|k|cash)\s*:\s*", re.IGNORECASE)
_DECLARED = re.compile(r"\s*=\s*([0-9.]+)\s+because\s+(.+)$", re.IGNORECASE)
_COUNTED = re.compile(r"([0-9]+(?:\.[0-9]+)?)\s*[x×]\s+", re.IGNORECASE)
_ID = re.compile(r"[0-9a-f]{32}")


def legs(ledger: Ledger, gives: list[str], gets: list[str], *, giver: Giver, region: str | None) -> list[LegDraft]:
    """The legs of an offer: what the one who makes it gives, and what they get. Raises `BadInput`, naming the text."""
    other: Giver = "counterparty" if giver == "proposer" else "proposer"
    return [
        *(_leg(ledger, text, giver, region) for text in gives),
        *(_leg(ledger, text, other, region) for text in gets),
    ]


def _leg(ledger: Ledger, text: str, giver: Giver, region: str | None) -> LegDraft:
    from ledger.books.units import rails
    from ledger.trading.legs import LegDraft

    found = _KIND.match(text)
    kind, rest = (found[1].lower(), text[found.end() :]) if found else ("goods", text)
    said = _DECLARED.search(rest)
    rest = (rest[: said.start()] if said else rest).strip()
    if kind == "k":
        return LegDraft(giver=giver, kind="k", amount=rails(rest))
    if kind == "cash":
        return LegDraft(giver=giver, kind="cash", cash=_number(rest, text))
    if kind in {"time", "minutes"}:
        if not rest.isdecimal():
            raise BadInput(f'"{text}": time is written in whole minutes, such as "time: 90"')
        return LegDraft(giver=giver, kind="time" if kind == "time" else "minutes", minutes=int(rest))
    counted = _COUNTED.match(rest)
    words = (rest[counted.end() :] if counted else rest).strip()
    if not words:
        raise BadInput(f'"{text}" names nothing; write "7 x loaf of rye bread", "service: haircut" or "k: 0.50"')
    return LegDraft(
        giver=giver,
        kind="service" if kind == "service" else "goods",
        description="" if _ID.fullmatch(words) else words,
        quantity=Decimal(counted[1]) if counted else Decimal(1),
        valuation=words if _ID.fullmatch(words) else _valued(ledger, words, region),
        declared=rails(said[1]) if said else None,
        attestation=said[2].strip() if said else None,
    )


def _valued(ledger: Ledger, words: str, region: str | None) -> str:
    """The id of a valuation that is given out for this trade."""
    from katy.asking import build_request, valuer_of
    from katy.context import settings
    from ledger.trading import given

    request = build_request(words, {}, None, region, ledger.policy().currency, None)
    valuer = valuer_of(settings().folder)
    try:
        answer = valuer.value(request)
    finally:
        valuer.close()
    given.keep(ledger, answer, request)
    return answer.id


def _number(text: str, whole: str) -> Decimal:
    try:
        return Decimal(text)
    except InvalidOperation as error:
        raise BadInput(f'"{whole}" holds no amount; write one such as 20.00') from error


def told(trade: Trade) -> list[str]:
    """A trade in lines to read."""
    from ledger.books.units import k_text
    from ledger.trading.receipt import of

    paper = of(trade)
    names = {trade.proposer.id: trade.proposer.name, trade.counterparty.id: trade.counterparty.name}
    lines = [f"{paper.title}: {trade.id} ({trade.state})"]
    for name, given in ((paper.proposer, paper.by_proposer), (paper.counterparty, paper.by_counterparty)):
        lines += [f"  {name} gives {line.what}: {line.worth}" for line in given]
    lines += [f"  {name}: {said}" for name, said in paper.facts]
    lines += [f"  Both are told: {notice}" for notice in paper.notices]
    if trade.encouragement is not None:
        near = trade.encouragement
        lines.append(
            f"  Beside the trade: {near.percent:+} % ({k_text(near.amount)} K) for {near.miles / 100:.2f} miles"
        )
    if trade.escrow and trade.state in {"accepted", "disputed"}:
        lines.append("  What the legs move is in escrow until the trade ends")
    lines += [
        f"  {each.at[:16]} {each.step.replace('_', ' ')}" + (f" {each.percent} %" if each.percent is not None else "")
        + f" by {names.get(each.by, each.by)}" + (f": {each.note}" if each.note else "")
        for each in trade.steps
    ]  # fmt: skip
    lines += [f"  Needed: {each}" for each in trade.needs]
    if trade.turn is not None:
        lines.append(f"  It is {names[trade.turn]}'s turn; terms {trade.terms_sha256}")
    return lines
