"""Many payments in one request: one transaction, one look at every account, one place in the chain.

Each payment has its own key and its own answer, as if it had come alone; they are carried out in their order, and one
that is refused leaves the others as they are. The same key twice in a batch is done once.
"""

from __future__ import annotations

import json
from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Any, Literal

from pydantic import BaseModel, ConfigDict
from sqlalchemy import select, text
from sqlalchemy.exc import IntegrityError

from ledger.books import accounts, links, signing, standings
from ledger.books.canonical import exact, sha256
from ledger.books.errors import KeyReused, LedgerError, WrongState
from ledger.books.idempotency import check_key
from ledger.books.lines import Line, Place, net
from ledger.books.standings import Move, Standing
from ledger.books.store import Ledger, UnitOfWork, insert_rows
from ledger.books.transfers import Transfer, check_amount, checked_memo, payment_request, row_of
from ledger.books.units import K
from ledger.tables import account, idempotency, transfer
from warehouse.errors import BadInput, KatyError

MOST = 10_000
_AT_ONCE = 5_000
_AGAIN = 5
_TRANSFER = tuple(column.name for column in transfer.c)
_KEPT = tuple(column.name for column in idempotency.c)
_ANSWERED = """
WITH asked(account, key) AS ({})
SELECT kept.account, kept.key, kept.request_sha256, kept.answer
FROM asked JOIN idempotency AS kept ON kept.account = asked.account AND kept.key = asked.key
"""
_ASKED_OF_POSTGRESQL = "SELECT * FROM unnest(CAST(:accounts AS text[]), CAST(:keys AS text[]))"
_ASKED_OF_SQLITE = "SELECT json_extract(value, '$[0]'), json_extract(value, '$[1]') FROM json_each(:asked)"


class Payment(BaseModel):
    """One payment of a batch: `amount` in rails or minutes to `payee` (an id or a name)."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    key: str
    payee: str
    amount: int
    unit: str = K
    memo: str = ""


@dataclass(frozen=True, slots=True)
class Outcome:
    """What became of a payment: `transfer` is its id, `refused` the kind of refusal and `why` its sentence."""

    key: str
    state: Literal["posted", "refused"]
    transfer: str | None = None
    refused: str | None = None
    why: str | None = None
    warnings: tuple[str, ...] = ()


def pay_many(ledger: Ledger, *, payer: str, payments: Sequence[Payment]) -> list[Outcome]:
    """Carry out payments of one payer, in their order; an outcome for each. Sent again, the same outcomes come again.

    Raises `BadInput` for more than 10,000 at once, `LedgerError` where others write the same keys all the time.
    """
    return post_many(ledger, [(payer, each) for each in payments])


def post_many(ledger: Ledger, payments: Sequence[tuple[str, Payment]]) -> list[Outcome]:
    """The same for payments of several payers, each named by its account's id: for the house's own programs."""
    if len(payments) > MOST:
        raise BadInput(f"{len(payments)} payments are too many for one request: send at most {MOST}")
    for _ in range(_AGAIN):
        try:
            return ledger.transact(lambda unit: _Batch(unit).carry_out(payments))
        except IntegrityError:
            # Somebody else has used one of the keys since we looked; now its answer is there.
            continue
    raise LedgerError("others use the keys of this batch at the same moment; send it again")


@dataclass
class _Batch:
    """The work of one batch inside its unit of work."""

    unit: UnitOfWork
    found: dict[Place, Standing] = field(default_factory=dict)
    names: dict[str, str] = field(default_factory=dict)
    known: dict[tuple[str, str], tuple[str, str]] = field(default_factory=dict)
    posted: list[tuple[dict[str, Any], tuple[Line, Line]]] = field(default_factory=list)
    kept: list[tuple[Any, ...]] = field(default_factory=list)
    claimed: dict[tuple[str, str], str] = field(default_factory=dict)
    several: bool = False

    def carry_out(self, payments: Sequence[tuple[str, Payment]]) -> list[Outcome]:
        self._look(payments)
        outcomes = [self._one(payer, each) for payer, each in payments]
        connection, today = self.unit.connection, self.unit.today
        insert_rows(connection, transfer, _TRANSFER, [[said[name] for name in _TRANSFER] for said, _ in self.posted])
        # Whoever moved in this batch moved today.
        standings.write_many(self.unit, {place: each for place, each in self.found.items() if each.day == today})
        insert_rows(connection, idempotency, _KEPT, self.kept)
        if self.posted:
            links.append(self.unit, self.posted)
        return outcomes

    def _look(self, payments: Sequence[tuple[str, Payment]]) -> None:
        """Read, and lock, everything that the batch touches."""
        connection = self.unit.connection
        told = sorted({accounts.folded(each.payee) for _, each in payments if not _is_id(each.payee)})
        for low in range(0, len(told), _AT_ONCE):
            query = select(account.c.name_key, account.c.id).where(account.c.name_key.in_(told[low : low + _AT_ONCE]))
            self.names |= {row.name_key: row.id for row in connection.execute(query)}
        wanted = {payer for payer, _ in payments} | set(self.names.values())
        wanted |= {each.payee for _, each in payments if _is_id(each.payee)}
        units = {each.unit for _, each in payments}
        self.found = standings.locked_if_there(self.unit, wanted, units)
        pairs = sorted({(payer, each.key) for payer, each in payments})
        for low in range(0, len(pairs), _AT_ONCE):
            statement, asked = _answered(connection.dialect.name, pairs[low : low + _AT_ONCE])
            rows = connection.execute(text(statement), asked)
            self.known |= {(row.account, row.key): (row.request_sha256, row.answer) for row in rows}
        self.several = any(tier.signatures > 1 for tier in self.unit.policy.tiers.values())

    def _one(self, payer: str, asked: Payment) -> Outcome:
        try:
            return self._paid(payer, asked)
        except KatyError as refusal:
            kind = type(refusal).__name__
            return Outcome(key=asked.key, state="refused", refused=kind, why=str(refusal))

    def _paid(self, payer: str, asked: Payment) -> Outcome:
        check_key(asked.key)
        memo = checked_memo(asked.memo)
        check_amount(asked.amount, asked.unit)
        fingerprint = sha256(exact(payment_request(payer, asked.payee, asked.amount, asked.unit, memo)))
        before = self.known.get((payer, asked.key))
        if before is not None:
            return _again(asked.key, fingerprint, before)
        # In one batch a key stands for what came first with it, refused or not: a batch that is sent again after its
        # answer was lost is then answered the same.
        if self.claimed.setdefault((payer, asked.key), fingerprint) != fingerprint:
            raise KeyReused.of(asked.key)
        payee = self._payee(asked.payee)
        if payee == payer:
            raise BadInput("an account cannot pay itself")
        lines = (
            Line(account=payer, amount=-asked.amount, unit=asked.unit),
            Line(account=payee, amount=asked.amount, unit=asked.unit),
        )
        after = self._moved(payer, lines)
        said = row_of(self.unit.now, "payment", payer, memo=memo)
        warned = standings.warnings(after, payer, self.unit.policy)
        told = [{"account": each.account, "amount": each.amount, "unit": each.unit} for each in lines]
        answer = exact({**said, "lines": told, "state": "posted", "warnings": warned}).decode()
        self.posted.append((said, lines))
        self.kept.append((payer, asked.key, fingerprint, answer, self.unit.now))
        self.known[payer, asked.key] = (fingerprint, answer)
        return Outcome(key=asked.key, state="posted", transfer=said["id"], warnings=warned)

    def _moved(self, payer: str, lines: tuple[Line, Line]) -> list[Standing]:
        changes = net(lines)
        if self.several and signing.needed(self.unit, changes):
            raise BadInput("this payment needs several signatures: send it alone")
        moves = {place: Move.direct(change, daily=True) for place, change in changes.items()}
        for place, move in moves.items():
            if place not in self.found:
                raise accounts.unknown(place[0])
            standings.check_one(self.found[place], move, today=self.unit.today, asked_by=payer)
        after = {place: self.found[place].after(move, self.unit.today) for place, move in moves.items()}
        self.found |= after
        return list(after.values())

    def _payee(self, told: str) -> str:
        if _is_id(told):
            return told
        found = self.names.get(accounts.folded(told))
        if found is None:
            raise accounts.unknown(told)
        return found


def _again(key: str, fingerprint: str, before: tuple[str, str]) -> Outcome:
    if before[0] != fingerprint:
        raise KeyReused.of(key)
    answer = Transfer.model_validate_json(before[1])
    if answer.state != "posted":
        raise WrongState(f"this payment was asked for alone, and waits for signatures as {answer.id}")
    return Outcome(key=key, state="posted", transfer=answer.id, warnings=answer.warnings)


def _is_id(text: str) -> bool:
    return text.startswith(f"{accounts.PREFIX}_")


def _answered(dialect: str, pairs: Sequence[tuple[str, str]]) -> tuple[str, dict[str, Any]]:
    """What was answered to payers' keys before: a statement and its parameters.

    Joined to the pairs as rows, each is one look into the index; either database reads the whole table for a long list
    of pairs, or looks for every key at every account. The pairs are one parameter or two: to compile and plan a
    statement of ten thousand costs as much as all else of a batch."""
    if dialect == "postgresql":
        accounts_of, keys = zip(*pairs, strict=True)
        return _ANSWERED.format(_ASKED_OF_POSTGRESQL), {"accounts": list(accounts_of), "keys": list(keys)}
    return _ANSWERED.format(_ASKED_OF_SQLITE), {"asked": json.dumps(pairs)}
