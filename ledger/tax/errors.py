"""What the tax papers refuse, beside the ledger's own refusals.

Tampered
└── DoesNotTie    what would be filed is not what the books say; the message has the exact difference
WrongState
└── NotFiled      there is nothing to file or to show here, and why
"""

from __future__ import annotations

from ledger.books.errors import Tampered, WrongState


class DoesNotTie(Tampered):
    """What would be filed is not what the books say."""


class NotFiled(WrongState):
    """There is nothing to file or to show here; the message says why."""
