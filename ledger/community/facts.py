"""What the treasurer records of a member: its need, its skills. Private: only what counts now is kept, and the log says
that something was recorded, and not what."""

from __future__ import annotations

from dataclasses import asdict, dataclass

from sqlalchemy import Connection, delete, insert, select

from ledger.books import accounts, audit_log
from ledger.books.store import Ledger, UnitOfWork
from ledger.books.transfers import checked_memo
from ledger.tables import account, member_fact
from warehouse.errors import BadInput

NEED, SKILL = "need", "skill"
NAMES = (NEED, SKILL)
NO_NEED = "none"
_MOST = 1000


@dataclass(frozen=True, slots=True)
class Fact:
    """One recorded fact of a member."""

    account: str
    name: str
    value: str
    note: str
    recorded_by: str
    recorded_at: str


def record(ledger: Ledger, *, by: str, account_id: str, name: str, value: str, note: str = "") -> Fact:
    """Record a fact; the same value again changes nothing. `value` is a need of the policy (or "none") or a count.

    Raises `BadInput` for a name or value that cannot be, `Unknown` for an account that is not there.
    """
    text = checked_memo(note)

    def work(unit: UnitOfWork) -> Fact:
        accounts.one(unit.connection, account_id)
        # Two that record at once queue here.
        unit.connection.execute(select(account.c.id).where(account.c.id == account_id).with_for_update(key_share=True))
        essentials = unit.policy.sections.essentials
        _check(name, value, tuple(essentials.needs) if essentials is not None else ())
        now = now_held(unit.connection, name, account_id).get(account_id)
        if now is not None and now.value == value:
            return now
        mine = (member_fact.c.account == account_id) & (member_fact.c.name == name)
        unit.connection.execute(delete(member_fact).where(mine))
        made = Fact(account_id, name, value, text, by, unit.now)
        unit.connection.execute(insert(member_fact).values(asdict(made)))
        audit_log.record(unit, actor=by, action="fact.recorded", subject=account_id, name=name)
        return made

    return ledger.transact(work)


def now_held(connection: Connection, name: str, account_id: str | None = None) -> dict[str, Fact]:
    """The facts of that name by account; of one account where it is named."""
    query = select(member_fact).where(member_fact.c.name == name)
    if account_id is not None:
        query = query.where(member_fact.c.account == account_id)
    return {row.account: Fact(**row._mapping) for row in connection.execute(query)}


def counts(connection: Connection, name: str) -> dict[str, int]:
    """The counts of that name by account."""
    return {account: int(fact.value) for account, fact in now_held(connection, name).items()}


def _check(name: str, value: str, needs: tuple[str, ...]) -> None:
    if name not in NAMES:
        raise BadInput(f'the treasurer records {", ".join(NAMES)}, not "{name}"')
    if name == NEED:
        if value != NO_NEED and value not in needs:
            raise BadInput(f'a need is {", ".join((*needs, NO_NEED))}, not "{value}"')
    elif not (value.isascii() and value.isdigit() and int(value) <= _MOST and value == str(int(value))):
        raise BadInput(f'"{value}" is not a count of {name}s: write a whole number up to {_MOST}')
