"""`katy tax …`: what the community is, members' records and numbers, Form 1099-B, books to take away.

At the command line the operator acts for an account, the one named or the only one there is, and is the treasurer.
"""

from __future__ import annotations

import sys
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from katy.books import books, whose
from katy.context import console, say, settings
from katy.tax_key import key_file, tax_key
from katy.tax_told import show_estimate, show_record, write
from warehouse.errors import BadInput

if TYPE_CHECKING:
    from ledger.books.store import Ledger

OPERATOR = "operator"
Year = Annotated[int, typer.Argument(min=2000, max=2100, help="A calendar year")]
Account = Annotated[str | None, typer.Option(help="Whose: an account's name or id")]
AsJson = Annotated[bool, typer.Option("--json", help="As JSON, for a program")]
Into = Annotated[Path, typer.Option(help="The folder to write into")]


def kind(
    what: Annotated[str | None, typer.Argument(help="barter_exchange or time_bank; nothing shows what is said")] = None,
    since: Annotated[str | None, typer.Option(help="From which day: 2026-01-01; this year's first if unset")] = None,
    name: Annotated[str | None, typer.Option(help="The community's legal name, as it files")] = None,
    address: Annotated[str | None, typer.Option(help="Its address")] = None,
    phone: Annotated[str | None, typer.Option(help="The telephone number of who answers for it")] = None,
    timezone: Annotated[str | None, typer.Option(help="Whose calendar years count: America/Chicago")] = None,
    ein: Annotated[
        bool, typer.Option("--tin", help="Ask for its employer number (EIN), or read it from a pipe")
    ] = False,
) -> None:
    """Say what the community is for the tax office: a barter exchange files Form 1099-B, a time bank does not."""
    from ledger.tax import kind as kinds
    from ledger.tax import tin

    with books() as ledger:
        if what is not None:
            day = _day(since) if since else settings().at().date().replace(month=1, day=1)
            with ledger.reading() as connection:
                before = kinds.read(connection).on(day)
            number = tin.read(_secret("EIN"), "ein") if ein else None
            kinds.put(
                ledger,
                kind=what,
                holds_from=day,
                name=name or (before.name if before else "the community"),
                address=address if address is not None else (before.address if before else ""),
                phone=phone if phone is not None else (before.phone if before else ""),
                timezone=timezone or (before.timezone if before else "UTC"),
                ein=number,
            )
        with ledger.reading() as connection:
            said = kinds.read(connection).dated
    for each in said:
        filer = ", ".join((each.name, each.address or "no address", each.ein or "no EIN"))
        line = f"{each.holds_from}  {each.kind}  {filer}, {each.timezone}"
        console.print(line, markup=False)
    if not said:
        say("nothing is said yet: `katy tax kind barter_exchange` or `katy tax kind time_bank`")


def record(year: Year, account: Account = None, as_json: AsJson = False) -> None:
    """Show a member's year: each finished trade, what was received and given, and what Form 1099-B would say."""
    from ledger.tax import record as records

    with books() as ledger:
        told = records.of_year(ledger, whose(ledger, account), year)
    if as_json:
        sys.stdout.write(told.model_dump_json() + "\n")
        return
    show_record(told)


def estimate(
    year: Year,
    account: Account = None,
    rate: Annotated[
        str | None, typer.Option(help="Switch it on with this marginal income tax rate, in per cent")
    ] = None,
    off: Annotated[bool, typer.Option("--off", help="Switch it off")] = False,
    as_json: AsJson = False,
) -> None:
    """Estimate what a member's barter of a year may come to in tax. Only for whoever has switched it on."""
    from ledger.tax import record as records

    with books() as ledger:
        own = whose(ledger, account)
        if rate is not None or off:
            _put(ledger, own, estimate=not off, **({"marginal_rate": rate} if rate is not None else {}))
        told = records.of_year(ledger, own, year).estimate
    if told is None:
        say("the estimate is off for this member: --rate 22 switches it on, with the member's marginal rate")
        return
    if as_json:
        sys.stdout.write(told.model_dump_json() + "\n")
        return
    show_estimate(told)


def profile(
    account: Account = None,
    name: Annotated[str | None, typer.Option(help="The member's legal name")] = None,
    address: Annotated[str | None, typer.Option(help="Its address")] = None,
    recipient: Annotated[
        str | None, typer.Option(help="individual, sole_proprietor, partnership, corporation, exempt_foreign")
    ] = None,
    as_json: AsJson = False,
) -> None:
    """Show or set a member's legal name, address and kind of recipient."""
    from ledger.tax import profile as profiles

    said = {"legal_name": name, "address": address, "recipient": recipient}
    given = {key: value for key, value in said.items() if value is not None}
    with books() as ledger:
        own = whose(ledger, account)
        if given:
            _put(ledger, own, **given)
        with ledger.reading() as connection:
            known = profiles.of(connection, own)
    if as_json:
        sys.stdout.write(known.model_dump_json() + "\n")
        return
    console.print(f"{known.legal_name}, {known.address or 'no address'}, {known.recipient}", markup=False)
    console.print(f"number {known.tin_shown or 'not given'}", markup=False)
    if known.warning:
        say(f"warning: {known.warning}")


def tin(
    account: Account = None,
    what: Annotated[str, typer.Option("--kind", help="ssn, ein, itin or atin")] = "ssn",
    show: Annotated[bool, typer.Option("--show", help="Show the whole number; the look is written down")] = False,
    purpose: Annotated[str, typer.Option(help="What it is looked at for")] = "asked for at the command line",
    log: Annotated[bool, typer.Option("--log", help="Who has read whole numbers, and what for")] = False,
) -> None:
    """Enter a member's taxpayer number (asked for, or from a pipe; never an argument). It is kept encrypted."""
    from ledger.tax import profile as profiles
    from ledger.tax import tin as tins

    with books() as ledger:
        if log:
            with ledger.reading() as connection:
                for each in profiles.readings(connection, whose(ledger, account) if account else None):
                    line = f"{each['read_at']}  {each['account']}  {each['by']}  {each['purpose']}"
                    console.print(line, markup=False)
            return
        own = whose(ledger, account)
        key = tax_key(settings())
        if show:
            found = profiles.show_tin(ledger, account=own, by=OPERATOR, purpose=purpose, tin_key=key)
            console.print(found.whole if found else "not given", markup=False)
            return
        made = _put(ledger, own, number=tins.read(_secret(what.upper()), what))
    console.print(f"{made.legal_name}: {made.tin_shown}", markup=False)


def note(
    trade: Annotated[str, typer.Argument(help="A trade's id")],
    position: Annotated[int, typer.Argument(min=1, help="The number of its leg")],
    what: Annotated[str, typer.Argument(help="basis, expense or sales_tax")],
    amount: Annotated[str, typer.Argument(help="How much, in the community's currency: 12.50")],
    text: Annotated[str, typer.Argument(help="In words")] = "",
    account: Account = None,
) -> None:
    """Note on a leg of a trade what the thing had cost, what was spent on it, or sales tax."""
    from ledger.books.canonical import new_id
    from ledger.tax import money, notes

    with books() as ledger:
        made = notes.add(
            ledger,
            key=new_id("cli"),
            account=whose(ledger, account),
            trade=trade,
            position=position,
            kind=what,  # type: ignore[arg-type]
            cents=money.entered(amount, ledger.policy().currency),
            text=text,
        )
    console.print(made.id, markup=False)


def file(
    year: Year,
    draft: Annotated[bool, typer.Option("--draft", help="Only show what would be filed")] = False,
    into: Into = Path(),
    as_json: AsJson = False,
) -> None:
    """File a year's Forms 1099-B, or what has to be corrected in them: CSV with whole numbers, and the transmittal.

    What was filed is frozen. The run refuses where the forms are not what the books say.
    """
    from ledger.tax import boxes, filing

    with books() as ledger:
        if draft:
            told = filing.draft(ledger, year)[1]
            sys.stdout.write(told.model_dump_json() + "\n" if as_json else boxes.summary(told))
            return
        key = tax_key(settings())
        made = filing.file(ledger, year, tin_key=key, by=OPERATOR)
        content = boxes.for_filing(ledger, made, tin_key=key, by=OPERATOR)
    name = f"1099b-{year}-{made.number}"
    write(into / f"{name}.csv", content.encode(), private=True)
    write(into / f"{name}.txt", boxes.summary(made.transmittal).encode())
    if not made.new:
        say(f"nothing of {year} differs from what was filed on {made.filed_at}")
    sys.stdout.write(made.model_dump_json() + "\n" if as_json else boxes.summary(made.transmittal))


def copy(year: Year, account: Account = None, into: Into = Path()) -> None:
    """Write a member's copies of Form 1099-B as a PDF and as CSV by box number."""
    from ledger.tax import copies

    with books() as ledger:
        own = whose(ledger, account)
        made = copies.of_payee(ledger, own, year)
    write(into / f"1099b-{year}-{own}.pdf", made.pdf(), private=True)
    write(into / f"1099b-{year}-{own}.csv", made.csv().encode(), private=True)


def export(
    year: Year,
    form: Annotated[str, typer.Option("--as", help="beancount, hledger, iif (QuickBooks Desktop) or csv")] = "csv",
    account: Account = None,
    community: Annotated[bool, typer.Option("--community", help="The whole community's books")] = False,
) -> None:
    """Write a member's books of a year, or the community's, to standard output."""
    from ledger.tax import exports, journal

    with books() as ledger:
        made = (
            journal.of_community(ledger, year) if community else journal.of_member(ledger, whose(ledger, account), year)
        )
    content = exports.write(made, form)
    sys.stdout.buffer.write(content.encode("cp1252" if form == "iif" else "utf-8"))
    sys.stdout.flush()


def key() -> None:
    """Make the key of the tax numbers where there is none, and say where it is."""
    tax_key(settings())
    where = "KATY_TAX_KEY" if settings().tax_key is not None else str(key_file(settings()))
    console.print(where, markup=False)
    say("without this key the numbers cannot be read again: keep a copy of it apart from the ledger")


def _put(ledger: Ledger, account: str, **changed: Any) -> Any:
    """Change some of a profile and leave the rest as it is."""
    from pydantic import ValidationError

    from ledger.books.canonical import new_id
    from ledger.tax import profile as profiles

    with ledger.reading() as connection:
        known = profiles.of(connection, account)
    kept = known.model_dump(include={"legal_name", "address", "recipient", "estimate", "marginal_rate"})
    try:
        asked = profiles.Asked(**{**kept, **changed})
    except ValidationError as error:
        wrong = error.errors()[0]
        raise BadInput(f'{wrong["loc"][0]} "{wrong["input"]}": {wrong["msg"]}') from error
    sealing = tax_key(settings()) if asked.number is not None else None
    return profiles.put(ledger, key=new_id("cli"), account=account, asked=asked, tin_key=sealing)


def _secret(what: str) -> str:
    if sys.stdin.isatty():
        return str(typer.prompt(what, hide_input=True))
    return sys.stdin.readline()


def _day(said: str) -> Any:
    from datetime import date

    try:
        return date.fromisoformat(said)
    except ValueError as error:
        raise BadInput(f'"{said}" is not a day; one is written such as 2026-01-01') from error


def register(app: typer.Typer) -> None:
    """Add `katy tax kind | record | estimate | profile | tin | note | file | copy | export | key`."""
    group = typer.Typer(help="Tax records, Form 1099-B for barter, and books to take away.", no_args_is_help=True)
    for command in (kind, record, estimate, profile, tin, note, file, copy, export, key):
        group.command(command.__name__)(command)
    app.add_typer(group, name="tax")
