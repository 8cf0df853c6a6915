"""A trade's receipt: the data of a page, and the same as a PDF with a QR code. Pure: a trade in, bytes out.

The QR code holds `katy:trade:<id>?terms=<hash>`: whoever has the trade can see that the paper is of these very terms.
"""

from __future__ import annotations

import io
from dataclasses import dataclass
from datetime import datetime
from typing import TYPE_CHECKING

from ledger import lettering
from ledger.books.units import k_text
from ledger.trading.trade_view import LegView, Trade

if TYPE_CHECKING:
    from fpdf import FPDF

_WHAT = {
    "proposed": "Offer",
    "accepted": "Accepted trade",
    "disputed": "Disputed trade",
    "done": "Receipt",
    "cancelled": "Cancelled trade",
}
_WIDTH = 190  # millimetres between the margins of an A4 page


@dataclass(frozen=True, slots=True)
class Line:
    """One leg in words, with its value in K and where that comes from."""

    what: str
    worth: str
    source: str


@dataclass(frozen=True, slots=True)
class Receipt:
    """What a receipt says, in the order of the page."""

    title: str
    trade: str
    terms: str
    proposer: str
    counterparty: str
    by_proposer: tuple[Line, ...]
    by_counterparty: tuple[Line, ...]
    facts: tuple[tuple[str, str], ...]
    notices: tuple[str, ...]
    code: str
    on: str


def of(trade: Trade) -> Receipt:
    """What the receipt of a trade says. Everything is from the trade: equal trades give equal receipts."""
    return Receipt(
        title=_WHAT[trade.state],
        trade=trade.id,
        terms=trade.terms_sha256,
        proposer=trade.proposer.name,
        counterparty=trade.counterparty.name,
        by_proposer=tuple(_line(leg) for leg in trade.legs if leg.giver == "proposer"),
        by_counterparty=tuple(_line(leg) for leg in trade.legs if leg.giver == "counterparty"),
        facts=_facts(trade),
        notices=trade.fairness.notices,
        code=f"katy:trade:{trade.id}?terms={trade.terms_sha256}",
        on=trade.done_at or trade.cancelled_at or trade.accepted_at or trade.offers[-1].made_at,
    )


def pdf(receipt: Receipt) -> bytes:
    """The receipt as a PDF of one page or a few; equal receipts give equal bytes."""
    from fpdf import FPDF

    page = FPDF(format="A4")
    page.set_creation_date(datetime.fromisoformat(receipt.on))
    page.set_title(f"{receipt.title} {receipt.trade}")
    page.set_lang("en")
    lettering.use(page)
    page.add_page()
    page.image(io.BytesIO(_code(receipt.code)), x=160, y=10, w=40, h=40, alt_text=receipt.code)
    _text(page, receipt.title, size=18, bold=True, width=145)
    _text(page, f"{receipt.proposer} and {receipt.counterparty}", size=12, width=145)
    _text(page, f"{receipt.trade}, {receipt.on[:10]} (UTC)", width=145)
    page.set_y(max(page.get_y() + 4, 54))
    for name, lines in ((receipt.proposer, receipt.by_proposer), (receipt.counterparty, receipt.by_counterparty)):
        _side(page, name, lines)
    for name, said in receipt.facts:
        _text(page, f"{name}: {said}")
    for notice in receipt.notices:
        _text(page, f"Both were told: {notice}")
    page.ln(2)
    _text(page, f"Terms (SHA-256): {receipt.terms}", size=8)
    _text(
        page, "The QR code holds the trade's id and the hash of its terms. Values are fair market values in K.", size=8
    )
    return bytes(page.output())


def _side(page: FPDF, name: str, lines: tuple[Line, ...]) -> None:
    _text(page, f"{name} gives", size=12, bold=True)
    for line in lines:
        _text(page, f"{line.what}: {line.worth}")
        _text(page, line.source, size=8)
    page.ln(3)


def _text(page: FPDF, text: str, *, size: int = 10, bold: bool = False, width: float = _WIDTH) -> None:
    page.set_font(lettering.FACE, "B" if bold else "", size)
    page.multi_cell(width, size * 0.5, lettering.printable(text), new_x="LMARGIN", new_y="NEXT")


def _code(content: str) -> bytes:
    import segno

    out = io.BytesIO()
    segno.make(content, error="m", micro=False).save(out, kind="png", scale=8, border=2)
    return out.getvalue()


def _line(leg: LegView) -> Line:
    what = leg.description if leg.quantity == "1" else f"{leg.quantity} × {leg.description}"
    if leg.fair is None:
        worth = f"{k_text(leg.agreed)} K, declared; no fair market value is known"
    elif leg.declared is not None:
        worth = f"{k_text(leg.declared)} K, declared; fair market value {k_text(leg.fair)} K"
    else:
        worth = f"{k_text(leg.fair)} K"
    said = f"value of {leg.value_date}, " if leg.value_date else ""
    attested = f'; attested: "{leg.attestation}"' if leg.attestation else ""
    return Line(what, worth, f"{said}FMV record {leg.fmv_sha256[:16]}{attested}")


def _facts(trade: Trade) -> tuple[tuple[str, str], ...]:
    fairness = trade.fairness
    names = {trade.proposer.id: trade.proposer.name, trade.counterparty.id: trade.counterparty.name}
    facts = [
        ("Fairness", f"ratio {fairness.ratio}, {fairness.gap_percent} % apart by fair market value"),
        *([("Reason", trade.reason)] if trade.reason else []),
        *([("Deliver by", trade.deliver_by)] if trade.deliver_by else []),
    ]
    for what, fee in (("Community fee", trade.fee), ("Community insurance", trade.insurance)):
        foreseen = " (foreseen)" if fee.foreseen else ""
        for name, paid in ((trade.proposer.name, fee.proposer), (trade.counterparty.name, fee.counterparty)):
            if paid:
                facts.append((what, f"{k_text(paid)} K, paid by {name}{foreseen}"))
    if trade.confirmed_by:
        facts.append(("Confirmed by", ", ".join(names[each] for each in trade.confirmed_by)))
    if trade.share_percent is not None:
        facts.append(("Settled", f"{trade.share_percent} % of what the legs move"))
    if trade.cause is not None:
        fault = f" by {names[trade.at_fault]}" if trade.at_fault in names else ""
        facts.append(("Ended by", trade.cause.replace("_", "-") + fault))
    if trade.transfer is not None:
        facts.append(("Transfer", trade.transfer))
    return tuple(facts)
