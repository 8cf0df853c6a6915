"""Looking at the books from outside, past everything of Katy's but the tables: after each step, and at more length."""

from __future__ import annotations

import sqlite3
from collections import Counter
from collections.abc import Iterator, Mapping
from contextlib import closing, contextmanager
from typing import Any

from bench.ledger_sim_model import Row
from ledger.books import links
from ledger.books.store import Ledger
from ledger.policy.dated import Limits
from ledger.tables import transfer

Place = tuple[str, str]  # account and unit

_BALANCES = """
SELECT account, unit, posted, pending_out, pending_in, CASE WHEN day = {today} THEN out_today ELSE 0 END FROM balance
"""
_PENDING = """
SELECT account, unit, sum(CASE WHEN net < 0 THEN -net ELSE 0 END), sum(CASE WHEN net > 0 THEN net ELSE 0 END)
FROM (SELECT account, unit, sum(amount) AS net FROM hold_line
      WHERE hold IN (SELECT id FROM hold WHERE state = 'open') GROUP BY hold, account, unit) AS open
GROUP BY account, unit HAVING sum(abs(net)) > 0
"""
_WITHOUT_RECORD = """
SELECT trade.id FROM trade JOIN leg ON leg.trade = trade.id LEFT JOIN fmv_record ON fmv_record.sha256 = leg.fmv_sha256
WHERE trade.state = 'done' AND trade.done_at > {since} AND fmv_record.sha256 IS NULL LIMIT 1
"""
_WITHOUT_LEGS = """
SELECT id FROM trade WHERE state = 'done' AND done_at > {since} AND id NOT IN (SELECT trade FROM leg) LIMIT 1
"""
_NEW = """
SELECT entry.seq, entry.transfer, entry.line, entry.account, entry.unit, entry.amount, entry.previous, entry.hash,
       {columns}
FROM entry JOIN transfer ON transfer.id = entry.transfer WHERE entry.seq > {seq} ORDER BY entry.seq
"""
_LAST_DONE = "SELECT max(done_at) FROM trade WHERE state = 'done'"
_HEAD = "SELECT seq, hash FROM chain_head"


class Broken(AssertionError):
    """The books are not what they must be."""


class Eyes:
    """A connection of its own that only reads, and a replay of the entries as far as they were seen."""

    def __init__(self, ledger: Ledger) -> None:
        self._sign = "%s" if ledger.engine.dialect.name == "postgresql" else "?"
        self._connection = _connect(ledger)
        self.seq, self.hash = 0, links.BEGINNING
        self._stood: dict[Place, Row] = {}
        self._since = ""
        self.replayed: Counter[Place] = Counter()
        of_one_moment = " ISOLATION LEVEL REPEATABLE READ" if self._sign == "%s" else ""
        self._begin = "BEGIN" + of_one_moment

    def close(self) -> None:
        self._connection.close()

    @contextmanager
    def one_moment(self) -> Iterator[None]:
        """What is looked at inside is one state of the books, whatever is written meanwhile."""
        with closing(self._connection.cursor()) as cursor:
            cursor.execute(self._begin)
            try:
                yield
            finally:
                cursor.execute("COMMIT")

    def look(self, today: str, limits: Mapping[Place, Limits]) -> dict[Place, Row]:
        """The balances. `Broken` where a unit does not sum to zero, an open promise is not counted, or somebody went
        beyond a limit with everything pending; or, where the limit has become stricter, farther beyond it."""
        found: dict[Place, Row] = {(row[0], row[1]): tuple(row[2:]) for row in self._rows(_BALANCES, today=today)}
        sums: Counter[str] = Counter()
        for (who, unit), (posted, out, coming, _) in found.items():
            sums[unit] += posted
            limit = limits.get((who, unit))
            if limit is None:
                continue
            before = self._stood.get((who, unit), (0, 0, 0, 0))
            if limit.floor is not None and posted - out < min(limit.floor, before[0] - before[1]):
                raise Broken(f"{who} stands at {posted} {unit} with {out} promised, below {limit.floor}")
            if limit.ceiling is not None and posted + coming > max(limit.ceiling, before[0] + before[2]):
                raise Broken(f"{who} stands at {posted} {unit} with {coming} to come, above {limit.ceiling}")
        if any(sums.values()):
            raise Broken(f"the balances sum to {dict(sums)}")
        pending = {(row[0], row[1]): (int(row[2]), int(row[3])) for row in self._rows(_PENDING)}
        counted = {place: (row[1], row[2]) for place, row in found.items() if row[1] or row[2]}
        if pending != counted:
            raise Broken(f"pending are {counted}, the open holds say {pending}")
        self._stood = found
        return found

    def replay(self) -> None:
        """Hash and add up the entries since the last time; `Broken` where the chain, a transfer, a balance or a
        completed trade is not whole."""
        columns = [column.name for column in transfer.c]
        sums: dict[str, Counter[str]] = {}
        shown = ", ".join(f"transfer.{name}" for name in columns)
        for row in self._rows(_NEW.replace("{columns}", shown), seq=self.seq):
            seq, of, line, account, unit, amount, previous, own = row[:8]
            if (seq, previous) != (self.seq + 1, self.hash):
                raise Broken(f"entry {seq} does not follow entry {self.seq}")
            said = dict(zip(columns, row[8:], strict=True))
            again = links.entry_hash(
                previous=previous,
                seq=seq,
                transfer_sha256=links.transfer_digest(said),
                transfer_id=of,
                line=line,
                account=account,
                unit=unit,
                amount=amount,
            )
            if own != again:
                raise Broken(f"entry {seq} does not give its hash")
            sums.setdefault(of, Counter())[unit] += amount
            self.replayed[account, unit] += amount
            self.seq, self.hash = seq, own
        self._compare(sums)

    def _compare(self, sums: Mapping[str, Counter[str]]) -> None:
        for of, units in sums.items():
            if any(units.values()):
                raise Broken(f"{of} sums to {dict(units)}")
        if (head := tuple(self._rows(_HEAD)[0])) != (self.seq, self.hash):
            raise Broken(f"the head of the chain is {head}, the last entry {self.seq}")
        posted = {(row[0], row[1]): row[2] for row in self._rows(_BALANCES, today="")}
        if any(self.replayed[place] != kept for place, kept in posted.items()):
            raise Broken("the entries do not replay to the balances")
        for query in (_WITHOUT_RECORD, _WITHOUT_LEGS):
            if without := self._rows(query, since=self._since):
                raise Broken(f"{without[0][0]} is done, and a leg of it has no FMV record")
        self._since = self._rows(_LAST_DONE)[0][0] or ""

    def _rows(self, query: str, **values: Any) -> list[Any]:
        names = [name for name in values if "{" + name + "}" in query]
        text = query.format(**dict.fromkeys(names, self._sign))
        with closing(self._connection.cursor()) as cursor:
            cursor.execute(text, [values[name] for name in names])
            return list(cursor.fetchall())


def _connect(ledger: Ledger) -> Any:
    if ledger.engine.dialect.name == "postgresql":
        import psycopg

        url = ledger.engine.url.set(drivername="postgresql").render_as_string(hide_password=False)
        return psycopg.connect(url, autocommit=True)
    return sqlite3.connect(str(ledger.engine.url.database), isolation_level=None)
