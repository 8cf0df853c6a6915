"""Filing a year: compute the forms, tie them to the books, freeze what is sent. What was sent is never changed.

A later run sends corrections for whatever differs by then, and nothing where nothing does. Copies of what was filed are
kept for at least three years from the due date, four where backup withholding was imposed (General Instructions for
Certain Information Returns, "Keeping copies"); Katy deletes nothing.
"""

from __future__ import annotations

import json
from collections.abc import Sequence
from datetime import UTC, date

from pydantic import BaseModel, ConfigDict
from sqlalchemy import Connection, insert, select

from ledger.books.canonical import canonical, new_id, sha256
from ledger.books.errors import Tampered
from ledger.books.store import Ledger, UnitOfWork, insert_new
from ledger.tables import tax_filing, tax_form
from ledger.tax import barter, corrections, kind, profile, reading, ties, tin
from ledger.tax.barter import Computed, Form
from ledger.tax.errors import NotFiled
from ledger.tax.kind import Community
from ledger.tax.reading import day_in
from ledger.tax.transmittal import Transmittal, summed
from warehouse.errors import Busy


class Filing(BaseModel):
    """A run of filing as it is frozen. `new` says whether this call made it."""

    model_config = ConfigDict(frozen=True)

    id: str
    year: int
    number: int
    filed_at: str
    sha256: str
    transmittal: Transmittal
    forms: tuple[Form, ...]
    new: bool = False


def draft(ledger: Ledger, year: int) -> tuple[Computed, Transmittal]:
    """What a run would file if nothing had been filed before; nothing is written and no number is read.

    Raises `DoesNotTie` or `NotFiled`.
    """
    computed, community, _, payments = _computed(ledger, year)
    return computed, summed(computed, computed.forms, community, payments)


def file(ledger: Ledger, year: int, *, tin_key: bytes, by: str) -> Filing:
    """File a year, or what has to be corrected in it; the last run again where nothing differs.

    Raises `DoesNotTie` where the forms are not what the books say, `NotFiled` where none are due or the year is not
    over yet. Every whole number that is read for it leaves a row.
    """
    computed, community, sealed, payments = _computed(ledger, year)
    today = day_in(ledger.clock().astimezone(UTC).isoformat(), community.timezone)
    if today <= date(year, 12, 31):
        raise NotFiled(f"{year} is not over: its forms can be filed from {year + 1}-01-01; until then there is a draft")
    with ledger.reading() as connection:
        before = of_year(connection, year)
        sent_before = _sealed_before(connection, before)
    if not before and not computed.forms:
        raise NotFiled(_why_none(computed, community))
    forms = _marked(ledger, computed.forms, sealed, tin_key, by=by, year=year)
    sent = corrections.outstanding(forms, [form for filing in before for form in filing.forms])
    if not sent:
        return before[-1]
    transmittal = summed(computed, sent, community, payments)
    # The first form of a correction of the second type repeats what was filed, the number too.
    boxes = [(sent_before.get(form.key) if form.error_type == 2 else sealed.get(form.account)) for form in sent]
    number = len(before) + 1
    made = ledger.transact(lambda unit: _freeze(unit, year, number, transmittal, sent, boxes))
    if made is None:
        raise Busy(f"another run has just filed {year}; look at it and run again")
    return made


def of_year(connection: Connection, year: int) -> list[Filing]:
    """Every run of a year, in their order. Raises `Tampered` where one is not as it was filed."""
    runs = connection.execute(select(tax_filing).where(tax_filing.c.year == year).order_by(tax_filing.c.number)).all()
    found = []
    for run in runs:
        content = bytes(run.content)
        if sha256(content) != run.sha256:
            raise Tampered(f"filing {run.id} of {year} is not as it was filed: its bytes do not give their hash")
        rows = connection.execute(select(tax_form).where(tax_form.c.filing == run.id).order_by(tax_form.c.position))
        said = json.loads(content)
        forms = []
        for row in rows:
            own = bytes(row.content)
            if sha256(own) != row.sha256 or said["forms"][row.position - 1] != row.sha256:
                raise Tampered(f"form {row.position} of filing {run.id} is not as it was filed")
            forms.append(Form.model_validate_json(own))
        if len(forms) != len(said["forms"]):
            raise Tampered(f"filing {run.id} of {year} has {len(forms)} forms, it was filed with {len(said['forms'])}")
        transmittal = Transmittal.model_validate(said["transmittal"])
        found.append(
            Filing(
                id=run.id,
                year=year,
                number=run.number,
                filed_at=run.filed_at,
                sha256=run.sha256,
                transmittal=transmittal,
                forms=tuple(forms),
            )
        )
    return found


def sealed_numbers(connection: Connection, filing: str) -> dict[int, bytes]:
    """The sealed numbers of a run's forms, by position, as they were filed."""
    query = select(tax_form.c.position, tax_form.c.tin_box).where(
        tax_form.c.filing == filing, tax_form.c.tin_box.is_not(None)
    )
    return {row.position: bytes(row.tin_box) for row in connection.execute(query)}


def _sealed_before(connection: Connection, filings: Sequence[Filing]) -> dict[tuple[str, str], bytes]:
    """The sealed number that was last filed for each form."""
    found: dict[tuple[str, str], bytes] = {}
    for filing in filings:
        boxes = sealed_numbers(connection, filing.id)
        found.update({form.key: boxes[at] for at, form in enumerate(filing.forms, start=1) if at in boxes})
    return found


def _computed(ledger: Ledger, year: int) -> tuple[Computed, Community, dict[str, bytes], tuple[int, int]]:
    with ledger.reading() as connection:
        kinds = kind.read(connection)
        community = kinds.of_year(year)
        trades = reading.done_in(connection, ledger.policies, year, community.timezone)
        profiles = profile.all_of(connection)
        sealed = profile.boxes(connection)
        payments = reading.payments_in(connection, year, community.timezone)
    ties.check(trades, ledger.policies)
    return barter.compute(year, trades, kinds, profiles), community, sealed, payments


def _why_none(computed: Computed, community: Community) -> str:
    if community.kind == "time_bank":
        return kind.NO_FORMS
    return computed.exempt or f"nobody received anything in {computed.year} that a Form 1099-B is due for"


def _marked(
    ledger: Ledger, forms: Sequence[Form], sealed: dict[str, bytes], tin_key: bytes, *, by: str, year: int
) -> list[Form]:
    """The forms with the marks of their numbers, by which a later run sees that one has changed."""
    owners = sorted({form.account for form in forms} & sealed.keys())
    ledger.transact(lambda unit: profile.note_reading(unit, owners, by=by, purpose=f"filing {year}"))
    marks = {owner: tin.mark(tin.unseal(sealed[owner], owner=owner, key=tin_key), tin_key) for owner in owners}
    return [form.model_copy(update={"tin_mark": marks.get(form.account)}) for form in forms]


def _freeze(
    unit: UnitOfWork,
    year: int,
    number: int,
    transmittal: Transmittal,
    forms: Sequence[Form],
    boxes: Sequence[bytes | None],
) -> Filing | None:
    contents = [canonical(form.model_dump()) for form in forms]
    content = canonical({"transmittal": transmittal.model_dump(), "forms": [sha256(each) for each in contents]})
    run = {
        "id": new_id("filing"),
        "year": year,
        "number": number,
        "filed_at": unit.now,
        "content": content,
        "sha256": sha256(content),
    }
    taken = unit.connection.execute(
        select(tax_filing.c.id).where(tax_filing.c.year == year, tax_filing.c.number == number)
    ).first()
    if taken is not None or not insert_new(unit.connection, tax_filing, [run]):
        return None
    rows = [
        {
            "filing": run["id"],
            "position": position,
            "account": form.account,
            "reference": form.reference,
            "content": own,
            "sha256": sha256(own),
            "tin_box": box,
        }
        for position, (form, own, box) in enumerate(zip(forms, contents, boxes, strict=True), start=1)
    ]
    unit.connection.execute(insert(tax_form), rows)
    return Filing(
        id=str(run["id"]),
        year=year,
        number=number,
        filed_at=unit.now,
        sha256=str(run["sha256"]),
        transmittal=transmittal,
        forms=tuple(forms),
        new=True,
    )
