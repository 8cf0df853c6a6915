"""Who is signed in at the page to trade on. Sessions are this process's own: a restart signs everybody out.

The cookie holds 256 random bits and nothing else; of these only the hash is kept here. A session ends after hours of
rest, after a day's work, when its holder signs out, and when the key it was opened with is revoked. The key itself is
not kept.
"""

from __future__ import annotations

import hmac
import secrets
import threading
from collections import OrderedDict
from dataclasses import dataclass
from datetime import datetime, timedelta

from ledger.books import accounts, keys, seen
from ledger.books.canonical import sha256
from ledger.books.standings import Account
from ledger.books.store import Ledger

COOKIE = "katy_session"
IDLE = timedelta(hours=2)
LONGEST = timedelta(hours=12)
MOST = 20_000


@dataclass(slots=True)
class _Session:
    key_id: str
    csrf: str
    began: datetime
    used: datetime


@dataclass(frozen=True, slots=True)
class Visitor:
    """Who is signed in; `csrf` stands in every form that is shown to them."""

    account: Account
    csrf: str

    @property
    def id(self) -> str:
        return self.account.id

    def sent(self, csrf: str) -> bool:
        """Whether a form was shown to this visitor."""
        return hmac.compare_digest(self.csrf.encode(), csrf.encode())


class Sessions:
    """The sessions of all who are signed in; safe to share between threads."""

    def __init__(self, ledger: Ledger) -> None:
        self._ledger, self._lock = ledger, threading.Lock()
        # By the hash of the cookie; the one that was used longest ago first.
        self._open: OrderedDict[str, _Session] = OrderedDict()

    def begin(self, key: str) -> str | None:
        """Sign in with an account's key; the cookie's value, or None where the key is wrong or revoked."""
        parsed, known = keys.parse(key), accounts.authenticate(self._ledger, key)
        if parsed is None or known is None or known[0].kind not in accounts.KINDS:
            return None
        token, now = secrets.token_urlsafe(32), self._ledger.clock()
        with self._lock:
            self._open[sha256(token.encode())] = _Session(parsed.id, secrets.token_urlsafe(32), now, now)
            while len(self._open) > MOST:
                self._open.popitem(last=False)
        return token

    def of(self, token: str | None) -> Visitor | None:
        """Who a cookie stands for; None where nobody, or nobody any more."""
        if not token:
            return None
        name, now = sha256(token.encode()), self._ledger.clock()
        with self._lock:
            session = self._open.get(name)
            if session is None:
                return None
            if now - session.used > IDLE or now - session.began > LONGEST:
                del self._open[name]
                return None
            session.used = now
            self._open.move_to_end(name)
        holder = seen.key_holder(self._ledger, session.key_id)
        if holder is None:
            self.end(token)
            return None
        return Visitor(holder, session.csrf)

    def end(self, token: str | None) -> None:
        """Sign out."""
        with self._lock:
            self._open.pop(sha256((token or "").encode()), None)
