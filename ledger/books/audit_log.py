"""The audit log: who did what to whom, written in the same transaction as the deed.

Each entry's hash covers the hash of the one before, and the last hash is kept beside the log; `katy ledger verify`
replays it. An entry holds ids, numbers and Katy's own words, never a text of a person, so that nothing in it has to be
erased when somebody leaves. The end of the log is one row that writers queue for: `record` comes last in a unit of
work, after the chain of the books.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from typing import Any

from pydantic import BaseModel, ConfigDict
from sqlalchemy import Connection, or_, select, update

from ledger.books.canonical import canonical, sha256
from ledger.books.store import Ledger, UnitOfWork, insert_new, insert_rows
from ledger.tables import audit_entry, audit_head
from warehouse.errors import BadInput

# Who acts at the command line; at every other door it is the account whose key was shown.
OPERATOR = "operator"
BEGINNING = "0" * 64
MOST_LISTED = 1000
Detail = str | int | bool | None
_COLUMNS = ("seq", "at", "actor", "action", "subject", "details", "previous", "hash")


class AuditEntry(BaseModel):
    """One entry of the log. `subject` is an account's id; `details` is canonical JSON."""

    model_config = ConfigDict(frozen=True)

    seq: int
    at: str
    actor: str
    action: str
    subject: str | None
    details: str
    hash: str


def record(unit: UnitOfWork, *, actor: str, action: str, subject: str | None = None, **details: Detail) -> None:
    """Write an entry. `details` are ids, numbers and words of Katy's own: no secret, no text of a person."""
    record_many(unit, actor=actor, action=action, subjects=[subject], **details)


def looked(ledger: Ledger, who: str, *, at: str, what: str) -> None:
    """Write down that `who` looks at what is another account's, before it is shown."""
    ledger.transact(lambda unit: record(unit, actor=who, action="member.looked", subject=at, what=what))


def record_many(
    unit: UnitOfWork, *, actor: str, action: str, subjects: Sequence[str | None], **details: Detail
) -> None:
    """The same for several subjects."""
    if not subjects:
        return
    told = canonical(details).decode()
    assert "katy_" not in told, "a key is never written down"
    insert_new(unit.connection, audit_head, [{"id": 1, "seq": 0, "hash": BEGINNING}])
    head = unit.connection.execute(select(audit_head).where(audit_head.c.id == 1).with_for_update()).one()
    seq, previous = head.seq, head.hash
    rows = []
    for subject in subjects:
        seq += 1
        content = (seq, unit.now, actor, action, subject, told)
        hash = _hash(previous, *content)
        rows.append((*content, previous, hash))
        previous = hash
    insert_rows(unit.connection, audit_entry, _COLUMNS, rows)
    unit.connection.execute(update(audit_head).where(audit_head.c.id == 1).values(seq=seq, hash=previous))


def listing(
    ledger: Ledger,
    *,
    subject: str | None = None,
    actor: str | None = None,
    action: str | None = None,
    before: int | None = None,
    limit: int = 50,
) -> list[AuditEntry]:
    """The entries, the newest first: about a subject, by an actor, of one action, below a number.

    Raises `BadInput` for a page that cannot be.
    """
    if not 1 <= limit <= MOST_LISTED:
        raise BadInput(f"a page of the log has 1 to {MOST_LISTED} entries")
    query = select(audit_entry).order_by(audit_entry.c.seq.desc()).limit(limit)
    for column, wanted in ((audit_entry.c.subject, subject), (audit_entry.c.actor, actor)):
        query = query if wanted is None else query.where(column == wanted)
    query = query if action is None else query.where(audit_entry.c.action == action)
    query = query if before is None else query.where(audit_entry.c.seq < before)
    with ledger.reading() as connection:
        return [_entry(row._mapping) for row in connection.execute(query)]


def about(connection: Connection, account: str) -> list[AuditEntry]:
    """Everything the log says of an account: what it did and what was done to it, the oldest first."""
    mine = or_(audit_entry.c.subject == account, audit_entry.c.actor == account)
    rows = connection.execute(select(audit_entry).where(mine).order_by(audit_entry.c.seq))
    return [_entry(row._mapping) for row in rows]


def broken(connection: Connection) -> Iterator[tuple[str, str]]:
    """Replay the log: the first entry that is not as it was written, and what is wrong; nothing where all is well."""
    seq, previous = 0, BEGINNING
    rows = connection.execution_options(yield_per=1000).execute(select(audit_entry).order_by(audit_entry.c.seq))
    for row in rows:
        seq += 1
        where = f"audit entry {row.seq}"
        if row.seq != seq:
            yield where, f"comes where number {seq} should be"
            return
        if row.previous != previous:
            yield where, "does not follow from the entry before it: that one was changed"
            return
        if row.hash != _hash(previous, row.seq, row.at, row.actor, row.action, row.subject, row.details):
            yield where, "its content does not give its hash"
            return
        previous = row.hash
    head = connection.execute(select(audit_head)).one_or_none()
    if (head.seq, head.hash) != (seq, previous) if head is not None else seq != 0:
        yield "the audit log", "its end is not where its head says: entries are missing, or the last one was changed"


def _hash(previous: str, *content: Any) -> str:
    return sha256(canonical([previous, *content]))


def _entry(row: Mapping[Any, Any]) -> AuditEntry:
    return AuditEntry.model_validate({name: row[name] for name in AuditEntry.model_fields})
