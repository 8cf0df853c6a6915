"""What a community is in the eyes of the tax office, as dated data.

A barter exchange is an organization whose members contract with it or with each other to trade or barter property or
services; it files Form 1099-B (I.R.C. §6045(c)(1)(B) and (c)(3); Treas. Reg. §1.6045-1(a)(4)). An arrangement solely
for the informal exchange of similar services on a noncommercial basis, such as a plain time bank, is not one. Which of
both a community is it says itself; Katy does not decide it.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from typing import Any
from zoneinfo import ZoneInfo

from sqlalchemy import Connection, Row, func, select

from ledger.books.store import Ledger, UnitOfWork, insert_new
from ledger.tables import tax_community
from ledger.tax.errors import NotFiled
from ledger.tax.tin import Tin
from warehouse.errors import BadInput, Busy

KINDS = ("barter_exchange", "time_bank")
LONGEST_ADDRESS = 200
NO_FORMS = (
    "this community is a time bank: an informal exchange of similar services on a noncommercial basis, which is no "
    "barter exchange (Treas. Reg. §1.6045-1(a)(4)); it files no Form 1099-B. Members may owe tax all the same"
)


@dataclass(frozen=True, slots=True)
class Community:
    """What holds from one day on: the kind, the time zone whose calendar years count, and who files."""

    holds_from: date
    kind: str
    timezone: str
    name: str
    address: str
    phone: str
    ein: str | None


@dataclass(frozen=True, slots=True)
class Kinds:
    """All that a community has said of itself, the earliest first."""

    dated: tuple[Community, ...]

    def on(self, day: date) -> Community | None:
        """What holds on a day; None before the first."""
        held = [each for each in self.dated if each.holds_from <= day]
        return held[-1] if held else None

    def of_year(self, year: int) -> Community:
        """What holds at the end of a year, with the year's time zone and filer. Raises `NotFiled` before the first."""
        held = self.on(date(year, 12, 31))
        if held is None:
            raise NotFiled(
                f"nothing says what this community is in {year}: say it with `katy tax kind barter_exchange` or "
                "`katy tax kind time_bank`, and from which day"
            )
        return held

    def timezone(self, year: int) -> str:
        """The time zone of a year; UTC where nothing is said."""
        held = self.on(date(year, 12, 31))
        return held.timezone if held else "UTC"


def put(
    ledger: Ledger,
    *,
    kind: str,
    holds_from: date,
    name: str,
    address: str = "",
    phone: str = "",
    timezone: str = "UTC",
    ein: Tin | None = None,
) -> Community:
    """Say what the community is from a day on. Its employer number stays what it was where none is given; it is kept
    as it is, for it stands whole on every payee's copy (General Instructions for Certain Information Returns, part J).

    Saying the same again changes nothing. Raises `BadInput` for a kind or a time zone that there is not.
    """
    said = {
        "holds_from": holds_from.isoformat(),
        "kind": _kind(kind),
        "timezone": _zone(timezone),
        "name": _line(name, 80, "a name"),
        "address": _line(address, LONGEST_ADDRESS, "an address", empty=True),
        "phone": _line(phone, 40, "a telephone number", empty=True),
    }

    def work(unit: UnitOfWork) -> Community:
        before = read(unit.connection).on(holds_from)
        number = ein.whole if ein is not None else (before.ein if before else None)
        made = Community(holds_from, kind, timezone, said["name"], said["address"], said["phone"], number)
        if made == before:
            return made
        number_of = select(func.coalesce(func.max(tax_community.c.number), 0) + 1)
        said_before = {"number": unit.connection.execute(number_of).scalar_one(), "set_at": unit.now}
        if not insert_new(unit.connection, tax_community, [{**said_before, **said, "ein": number}]):
            raise Busy("somebody else is saying what the community is; look and say it again")
        return made

    return ledger.transact(work)


def read(connection: Connection) -> Kinds:
    """Everything that holds from some day on; of two from the same day the later said."""
    rows = connection.execute(select(tax_community).order_by(tax_community.c.number))
    latest = {row.holds_from: _community(row) for row in rows}
    return Kinds(tuple(latest[day] for day in sorted(latest)))


def _community(row: Row[Any]) -> Community:
    return Community(
        date.fromisoformat(row.holds_from),
        row.kind,
        row.timezone,
        row.name,
        row.address,
        row.phone,
        row.ein,
    )


def _kind(kind: str) -> str:
    if kind not in KINDS:
        raise BadInput(f'a community is {" or ".join(KINDS)}, not "{kind}"')
    return kind


def _zone(timezone: str) -> str:
    try:
        ZoneInfo(timezone)
    except (KeyError, ValueError, OSError) as error:
        raise BadInput(f'there is no time zone "{timezone}"; one is written such as America/Chicago') from error
    return timezone


def _line(text: str, longest: int, what: str, *, empty: bool = False) -> str:
    plain = " ".join(text.split())
    if len(plain) > longest or (not plain and not empty) or not plain.isprintable():
        raise BadInput(f"{what} is {'at most' if empty else '1 to'} {longest} printable characters")
    return plain
