"""What the books refuse, each told in one sentence with the way out.

LedgerError               anything the ledger refuses
├── Unknown               no such account, trade or valuation, or not one this account may see
├── NotAllowed            this account may not do this
├── LimitReached          an account would go below its floor or above its ceiling
├── WrongState            a trade is past the point where this can be done
├── KeyReused             an idempotency key was used before, for something else
├── KeyInFlight           the first call with this idempotency key is still being worked on
└── Tampered              what is stored is not what was frozen
"""

from __future__ import annotations

from warehouse.errors import KatyError


class LedgerError(KatyError):
    """Anything the ledger refuses."""


class Unknown(LedgerError):
    """No such thing, or not one this account may see: the answer is the same, so that nothing is given away."""


class NotAllowed(LedgerError):
    """This account may not do this."""


class LimitReached(LedgerError):
    """An account would go below its floor or above its ceiling. Pending amounts count."""


class WrongState(LedgerError):
    """A trade is past the point where this can be done."""


class KeyReused(LedgerError):
    """An idempotency key was used before, for something else."""

    @classmethod
    def of(cls, key: str) -> KeyReused:
        return cls(f'the idempotency key "{key}" was used before for another request; use a new key for a new one')


class KeyInFlight(LedgerError):
    """The first call with this idempotency key is still being worked on."""


class Tampered(LedgerError):
    """What is stored is not what was frozen."""
