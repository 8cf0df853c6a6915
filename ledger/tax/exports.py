"""The books as files: beancount, hledger, QuickBooks IIF, CSV. Pure text; the programs are never imported.

beancount   directives and `balance` checks: https://beancount.github.io/docs/beancount_language_syntax.html
hledger     journal with balance assertions: https://hledger.org/hledger.html#journal
iif         Intuit Interchange Format of QuickBooks Desktop: tab-separated; the header rows !TRNS, !SPL and !ENDTRNS
            name the columns; a transaction is a TRNS row, SPL rows that bring it to zero, and ENDTRNS. It has no
            commodities, so K and minutes are in it at their worth
csv         one row for each posting
"""

from __future__ import annotations

import csv
import io
from collections import defaultdict
from collections.abc import Callable
from datetime import timedelta

from ledger.tax.journal import COMMODITY, Booking, Books, Posting
from ledger.tax.money import text
from warehouse.errors import BadInput

_IIF_COLUMNS = ("TRNSTYPE", "DATE", "ACCNT", "NAME", "AMOUNT", "DOCNUM", "MEMO")
# What QuickBooks calls the kinds of accounts.
_IIF_KIND = {"Assets": "OCASSET", "Liabilities": "OCLIAB", "Income": "INC", "Expenses": "EXP", "Equity": "EQUITY"}
_ROUNDING = "Expenses:Rounding"
_LONGEST_MEMO = 200


def write(books: Books, form: str) -> str:
    """The books in one of FORMATS. Raises `BadInput` for another."""
    if form not in FORMATS:
        raise BadInput(f'books are written as {", ".join(FORMATS)}, not as "{form}"')
    return FORMATS[form](books)


def amount(value: int, unit: str, currency: str) -> str:
    """An amount with its commodity: "0.50 K", "-30 MIN", "45.00 USD"."""
    if unit == currency:
        return f"{text(value, currency)} {currency}"
    name, places = COMMODITY[unit]
    digits = f"{abs(value):0{places + 1}d}"
    plain = f"{digits[:-places]}.{digits[-places:]}" if places else digits
    return f"{'-' if value < 0 else ''}{plain} {name}"


def beancount(books: Books) -> str:
    """For beancount. Every account's balance at the end is asserted as the ledger says it."""
    lines = [
        f'option "title" "Katy {books.start.year}: {_quoted(books.title)}"',
        f'option "operating_currency" "{books.currency}"',
        "",
        *(f"{books.start} commodity {name}" for name, _ in COMMODITY.values()),
        *(f"{books.start} open {name}" for name in books.accounts),
        "",
        *(f"{price.day} price {COMMODITY[price.unit][0]} {price.each:f} {books.currency}" for price in books.prices),
    ]
    for booking in books.bookings:
        lines += ["", f'{booking.day} * "{_quoted(booking.payee)}" "{_quoted(booking.memo)}"']
        lines.append(f'  katy-id: "{_quoted(booking.id)}"')
        lines += [f"  {posting.account}  {_priced(posting, books)}" for posting in booking.postings]
    lines.append("")
    for (name, unit), value in sorted(books.closing.items()):
        lines.append(f"{books.end + timedelta(days=1)} balance {name}  {amount(value, unit, books.currency)}")
    return "\n".join(lines) + "\n"


def hledger(books: Books) -> str:
    """For hledger (1.25 and later). Every account's balance at the end is asserted as the ledger says it."""
    lines = [
        f"; Katy {books.start.year}: {_plain(books.title)}",
        f"commodity 1000.00 {books.currency}",
        *(f"commodity 1000.{'0' * places} {name}" for name, places in COMMODITY.values()),
        *(f"account {name}" for name in books.accounts),
        *(f"payee {name}" for name in sorted({_plain(each.payee) for each in books.bookings} | {"closing"})),
        "",
        *(f"P {price.day} {COMMODITY[price.unit][0]} {price.each:f} {books.currency}" for price in books.prices),
    ]
    for booking in books.bookings:
        lines += ["", f"{booking.day} * ({_plain(booking.id)}) {_plain(booking.payee)} | {_plain(booking.memo)}"]
        lines += [f"    {posting.account}  {_priced(posting, books)}" for posting in booking.postings]
    if books.closing:
        lines += ["", f"{books.end} * closing | what the ledger says"]
    for (name, unit), value in sorted(books.closing.items()):
        zero, said = amount(0, unit, books.currency), amount(value, unit, books.currency)
        lines.append(f"    {name}  {zero} = {said}")
    return "\n".join(lines) + "\n"


def iif(books: Books) -> str:
    """For QuickBooks Desktop: the accounts, then a general journal entry for each booking, in money."""
    rows = [["!ACCNT", "NAME", "ACCNTTYPE"]]
    journal: list[list[str]] = [["!TRNS", *_IIF_COLUMNS], ["!SPL", *_IIF_COLUMNS], ["!ENDTRNS"]]
    used: set[str] = set()
    for booking in books.bookings:
        splits = _worths(booking)
        used |= splits.keys()
        for number, (name, worth) in enumerate(splits.items()):
            journal.append(_iif_row("TRNS" if number == 0 else "SPL", booking, name, worth, books.currency))
        if splits:
            journal.append(["ENDTRNS"])
    rows += [["ACCNT", name, _IIF_KIND[name.split(":")[0]]] for name in sorted(used)]
    return "".join("\t".join(row) + "\r\n" for row in [*rows, *journal])


def table(books: Books) -> str:
    """As CSV: one row for each posting."""
    out = io.StringIO()
    writer = csv.writer(out, lineterminator="\r\n")
    writer.writerow(("date", "id", "payee", "memo", "account", "amount", "commodity", "worth", "currency"))
    for booking in books.bookings:
        for each in booking.postings:
            value, commodity = amount(each.amount, each.unit, books.currency).split(" ")
            said = (_cell(booking.payee), _cell(booking.memo))
            worth = text(each.worth, books.currency)
            writer.writerow((booking.day, booking.id, *said, each.account, value, commodity, worth, books.currency))
    return out.getvalue()


FORMATS: dict[str, Callable[[Books], str]] = {"beancount": beancount, "hledger": hledger, "iif": iif, "csv": table}


def _priced(posting: Posting, books: Books) -> str:
    said = amount(posting.amount, posting.unit, books.currency)
    if posting.unit == books.currency or not posting.priced:
        return said
    return f"{said} @@ {text(abs(posting.worth), books.currency)} {books.currency}"


def _worths(booking: Booking) -> dict[str, int]:
    """A booking in money, by account; what rounding left is a posting of its own."""
    worths: defaultdict[str, int] = defaultdict(int)
    for posting in booking.postings:
        worths[posting.account] += posting.worth
    rest = -sum(worths.values())
    if rest:
        worths[_ROUNDING] += rest
    return {name: worth for name, worth in worths.items() if worth}


def _iif_row(kind: str, booking: Booking, name: str, worth: int, currency: str) -> list[str]:
    day = f"{booking.day:%m/%d/%Y}"
    said = (day, name, _iif_text(booking.payee), text(worth, currency), booking.id[-11:], _iif_text(booking.memo))
    return [kind, "GENERAL JOURNAL", *said]


def _iif_text(said: str) -> str:
    # Tabs and line ends part fields, quotation marks wrap them, and the file is read as Windows-1252.
    plain = " ".join(said.replace('"', "'").split())[:_LONGEST_MEMO]
    return plain.encode("cp1252", "replace").decode("cp1252")


def _quoted(said: str) -> str:
    return " ".join(said.split()).replace("\\", "\\\\").replace('"', '\\"')


def _plain(said: str) -> str:
    # In hledger a semicolon begins a comment, and a bar parts payee and note.
    return " ".join(said.split()).replace(";", ",").replace("|", "/").replace("(", "[").replace(")", "]")


def _cell(said: str) -> str:
    return f"'{said}" if said.startswith(("=", "+", "-", "@", "\t", "\r")) else said
